"""Whether one item, as a student would see it, makes sense: its key, its mistakes, its words."""

import re
from collections.abc import Collection, Iterator
from dataclasses import replace
from fractions import Fraction
from functools import lru_cache

from content.answers import algebra
from content.findings import Fault, suggestion
from content.partial import parts_faults, parts_texts
from content.render import TextFault, text_faults
from content.schema import (
    Algebra,
    Answer,
    Choice,
    FractionAnswer,
    Gaps,
    Item,
    Mistake,
    Number,
    NumberLine,
    Ordering,
    Plot,
    Several,
    Table,
    mistakes_of,
    options_of,
)

FEWEST_OPTIONS = 2
MOST_OPTIONS = 26
"""Each is called by a letter."""


def item_faults(item: Item, known: Collection[str]) -> Iterator[Fault]:
    """Find what is the matter with the answer and the words of an item.

    Parameters
    ----------
    item : Item
        Written, or realised from a seed.
    known : collection of str
        Ids of the bank's misconceptions.
    """
    answer = item.answer
    yield from tag_faults(answer, known)
    yield from _answer_faults(answer)
    yield from word_faults(item)


def _tags(answer: Answer) -> list[tuple[str, int, str]]:
    parts = [("option", index, option.misconception) for index, option in enumerate(options_of(answer))]
    parts += [("mistake", index, mistake.misconception) for index, mistake in enumerate(mistakes_of(answer))]
    return [(part, index, tag) for part, index, tag in parts if tag is not None]


def tag_faults(answer: Answer, known: Collection[str]) -> Iterator[Fault]:
    """Find misconceptions that the bank does not declare."""
    for part, index, tag in _tags(answer):
        if tag not in known:
            message = f"The misconception '{tag}' is not declared"
            yield Fault("unknown-misconception", message, suggestion(tag, known), part, index)


def _answer_faults(answer: Answer) -> Iterator[Fault]:
    if isinstance(answer, Choice | Several):
        yield from key_faults(answer)
        yield from _option_text_faults(answer)
    elif isinstance(answer, Ordering | Gaps | Table | Plot):
        yield from parts_faults(answer)
    elif isinstance(answer, Algebra):
        yield from _algebra_faults(answer)
    else:
        yield from _value_faults(answer)
        yield from _mistake_faults(answer)


def key_faults(answer: Choice | Several) -> Iterator[Fault]:
    """Find a choice without exactly one right option, and one of several without two of them."""
    right = [index for index, option in enumerate(answer.options) if option.correct]
    if not right:
        yield Fault("no-key", "No option is right", "Mark the right one with [x].", "answer")
    for index in right[1:] if isinstance(answer, Choice) else []:
        message = "A second option is marked as right"
        yield Fault("two-keys", message, "Leave one [x], or write 'answer: several'.", "option", index)
    if isinstance(answer, Several) and len(right) == 1:
        yield Fault("one-key", "Only one option is right", "Write 'answer: choice', or mark another.", "answer")
    if isinstance(answer, Several) and len(right) == len(answer.options):
        yield Fault("all-keys", "Every option is right", "Add one that is not.", "answer")
    for index in right:
        if answer.options[index].misconception:
            message = "The right option carries a misconception"
            yield Fault("key-with-misconception", message, "Delete the braces.", "option", index)
    if len(answer.options) < FEWEST_OPTIONS:
        yield Fault("too-few-options", "There is nothing to choose from", "Write two options or more.", "answer")
    if len(answer.options) > MOST_OPTIONS:
        message = f"There are {len(answer.options)} options, more than there are letters"
        yield Fault("too-many-options", message, f"Keep the best of them, {MOST_OPTIONS} at most.", "answer")


def _option_text_faults(answer: Choice | Several) -> Iterator[Fault]:
    seen: set[str] = set()
    for index, option in enumerate(answer.options):
        text = "".join(option.text.split())
        if not text:
            yield Fault("empty-option", "The option has no text", "Write what it says.", "option", index)
        elif text in seen:
            message = f"Two options read '{option.text}'"
            yield Fault("duplicate-option", message, "Change one of them.", "option", index)
        seen.add(text)


MOST_MARKS = 60
"""More marks than this cannot be told apart on a Chromebook's screen."""


def _line_faults(answer: NumberLine) -> Iterator[Fault]:
    """Find a line without length, with marks that miss its end, or with points that lie beyond it."""
    if answer.low >= answer.high or answer.step <= 0:
        message = f"A line from {answer.low} to {answer.high} with a mark every {answer.step} cannot be drawn"
        yield Fault("bad-line", message, "Let 'to' be above 'from', and 'step' above 0.", "answer")
        return
    marks = (answer.high - answer.low) / answer.step
    if marks.denominator != 1 or marks > MOST_MARKS:
        message = f"From {answer.low} to {answer.high} there are {marks} steps of {answer.step}"
        yield Fault("bad-line", message, f"Let it be a whole number of steps, at most {MOST_MARKS}.", "answer")
    for part, index, value in (("answer", 0, answer.value), *_points(answer)):
        if not answer.low <= value <= answer.high:
            message = f"{value} lies beyond the line from {answer.low} to {answer.high}"
            yield Fault("off-the-line", message, "Make the line longer, or change the value.", part, index)


def _points(answer: NumberLine) -> Iterator[tuple[str, int, Fraction]]:
    return (("mistake", index, mistake.value) for index, mistake in enumerate(answer.mistakes))


def _value_faults(answer: Number | FractionAnswer | NumberLine) -> Iterator[Fault]:
    if not isinstance(answer, FractionAnswer):
        if answer.tolerance < 0:
            yield Fault("bad-tolerance", "The tolerance is below 0", "Write 0 or more.", "answer")
        if isinstance(answer, NumberLine):
            yield from _line_faults(answer)
        return
    bottom = answer.denominator
    if bottom is None:
        return
    if bottom < 1 or (answer.value * bottom).denominator != 1:
        message = f"The answer {answer.value} cannot be written over {bottom}"
        yield Fault("bad-denominator", message, "Change the denominator or the value.", "answer")
    elif answer.form == "simplest" and answer.value.denominator != bottom:
        message = f"Over {bottom} the answer {answer.value} is not in simplest form"
        yield Fault("bad-denominator", message, "Delete 'form: simplest' or 'denominator'.", "answer")


def _mistake_faults(answer: Number | FractionAnswer | NumberLine) -> Iterator[Fault]:
    tolerance = 0 if isinstance(answer, FractionAnswer) else answer.tolerance
    seen: list[Mistake] = []
    for index, mistake in enumerate(answer.mistakes):
        if abs(mistake.value - answer.value) <= tolerance:
            message = f"The expected mistake {mistake.value} is the right answer"
            hint = "Change it; in a generator add a 'where' line that keeps the two apart."
            yield Fault("mistake-is-key", message, hint, "mistake", index)
        twin = next((each for each in seen if abs(each.value - mistake.value) <= tolerance), None)
        if twin and twin.misconception != mistake.misconception:
            message = f"Two misconceptions lead to {mistake.value}; the first one is noted"
            hint = "In a generator a 'where' line can keep them apart."
            yield Fault("same-mistake", message, hint, "mistake", index, warning=True)
        seen.append(mistake)


def _algebra_faults(answer: Algebra) -> Iterator[Fault]:
    """Find algebra that cannot be read, a key without the form it asks for, and mistakes that are right."""
    hint = "Write it like 3(x + 2), with 'variables: x' under the heading."
    problem = algebra.problem(answer, answer.value, "")
    if problem:
        yield Fault("bad-algebra", f"The right answer '{answer.value}': {problem}", hint, "answer")
    else:
        yield from _algebra_key_faults(answer)
    for index, mistake in enumerate(answer.mistakes):
        fault = algebra.problem(answer, mistake.value, "")
        if fault:
            message = f"The expected mistake '{mistake.value}': {fault}"
            yield Fault("bad-algebra", message, hint, "mistake", index)
        elif not problem:
            yield from _algebra_mistake_faults(answer, index)


def _algebra_key_faults(answer: Algebra) -> Iterator[Fault]:
    verdict = algebra.mark(answer, algebra.key(answer), "", 0)
    if verdict.status != "right":
        message = f"The right answer '{answer.value}' has not the form that is asked for"
        yield Fault("bad-form", message, "Write it in that form, or ask for another.", "answer")


def _algebra_mistake_faults(answer: Algebra, index: int) -> Iterator[Fault]:
    """Find a mistake that is the right answer, or that an earlier mistake with another misconception has caught."""
    mistake = answer.mistakes[index]
    earlier = replace(answer, mistakes=answer.mistakes[:index])
    verdict = algebra.mark(earlier, {str(answer.kind): mistake.value}, "", 0)
    if verdict.status in ("right", "reform"):
        message = f"The expected mistake {mistake.value} is the right answer"
        hint = "Change it; in a generator add a 'where' line that keeps the two apart."
        yield Fault("mistake-is-key", message, hint, "mistake", index)
    elif verdict.misconception and verdict.misconception != mistake.misconception:
        message = f"Two misconceptions lead to {mistake.value}; the first one is noted"
        hint = "In a generator a 'where' line can keep them apart."
        yield Fault("same-mistake", message, hint, "mistake", index, warning=True)


_NUMBERED = ("hint", "option", "mistake", "translation", "row")


def _texts(item: Item) -> Iterator[tuple[str, int, str]]:
    yield "stem", 0, item.stem
    yield "solution", 0, item.solution
    yield from (("hint", index, hint) for index, hint in enumerate(item.hints))
    yield from (("translation", index, each.stem) for index, each in enumerate(item.translations))
    for index, option in enumerate(options_of(item.answer)):
        yield "option", index, option.text
        yield "option", index, option.nudge or ""
    for index, mistake in enumerate(mistakes_of(item.answer)):
        yield "mistake", index, mistake.nudge or ""
    yield from parts_texts(item.answer)


def word_faults(item: Item) -> Iterator[Fault]:
    """Find what a student could not read."""
    for part, index, text in _texts(item):
        for fault in _faults_of(text):
            place = part.capitalize() + (f" {index + 1}" if part in _NUMBERED else "")
            yield Fault(fault.code, f"{place}: {fault.message}", fault.hint, part, index)


_DIGIT = re.compile("[0-9]")


def _faults_of(text: str) -> tuple[TextFault, ...]:
    """List the faults of a text; texts that differ only in their digits are looked at once."""
    return text_faults(text) if _is_faulty(_DIGIT.sub("1", text)) else ()


@lru_cache(maxsize=16384)
def _is_faulty(pattern: str) -> bool:
    return bool(text_faults(pattern))
