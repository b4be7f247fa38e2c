"""The question of an item: a problem's text and its step's text, joined so that each item stands alone."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from content.formats.oatutor.choices import same
from content.formats.oatutor.faults import UnusableError
from content.formats.oatutor.prose import Prose, prose, without_naming
from content.formats.oatutor.records import Problem, Step

NO_PICTURE = "(No picture is needed.)"
EARLIER = "Earlier in this problem:"
NOW = "Now:"

_REFERS_BACK = re.compile(r"\b(this|these|previous|earlier|above|original|your answers?)\b", re.IGNORECASE)
_RELATION = re.compile(r"\$[^$]*(?:=|<|>|\\leq|\\geq)[^$]*\$")


@dataclass(frozen=True, slots=True)
class Stem:
    """The question, and what had to be done to it."""

    text: str
    changes: tuple[str, ...] = ()


def stem(problem: Problem, step: Step, earlier: Sequence[Step], variable: str) -> Stem:
    """Join a problem and a step to one question.

    Parameters
    ----------
    earlier : sequence of Step
        The steps before this one. When this one refers back ("that makes this possible"), their questions, never
        their answers, are told first.
    variable : str
        The letter of an answer such as ``v=17``: the student types the number only. May be empty.

    Raises
    ------
    UnusableError
        If nothing is asked, or the text depends on a picture that the folder does not hold.
    """
    changes: list[str] = []
    lead, own = _lead(problem, variable, changes), _own(step, variable)
    if not any(part.text for part in (*lead, *own)):
        raise UnusableError("has no text")
    parts = [*lead, *_before(step, earlier, changes), *own]
    text = _joined(_without_repeats([part.text for part in parts if part.text]))
    if pictures := [name for part in parts for name in part.pictures]:
        _needs_no_picture(text, step, pictures)
        text = f"{text}\n\n{NO_PICTURE}"
        changes.append(f"without its picture: the folder does not hold {pictures[0]}, and the text gives what it shows")
    if variable:
        text = f"{text}\n\n${variable}=$ ?"
        changes.append(f"asks for the number only: the source wants it with {variable} = in front")
    return Stem(text, tuple(changes))


def title_not_shown(problem: Problem) -> str:
    """Give the title of a problem that has a text too; then only the text is shown."""
    return problem.title.strip() if problem.body.strip() else ""


def _lead(problem: Problem, variable: str, changes: list[str]) -> list[Prose]:
    """Give the problem's text, or its title where it has none."""
    raw = _lead_text(problem)
    if variable and (shorter := without_naming(raw)) != raw:
        changes.append("instruction left out: how to write the variable in front of the answer")
        raw = shorter
    return [prose(raw)]


def _own(step: Step, variable: str) -> list[Prose]:
    return [prose(without_naming(raw) if variable else raw) for raw in (step.title, step.body)]


def _before(step: Step, earlier: Sequence[Step], changes: list[str]) -> list[Prose]:
    """Tell the questions that the step builds on, between two signposts."""
    if not earlier or not _REFERS_BACK.search(f"{step.title} {step.body}"):
        return []
    changes.append("refers to an earlier step: the question of that step is told first")
    told = [part for one in earlier for part in _own(one, "")]
    return [Prose(EARLIER), *told, Prose(NOW)]


def _without_repeats(paragraphs: list[str]) -> list[str]:
    """Leave out a paragraph that only repeats the one before."""
    kept: list[str] = []
    for text in paragraphs:
        if not kept or not same(kept[-1].rstrip("."), text.rstrip(".")):
            kept.append(text)
    return kept


def _joined(paragraphs: list[str]) -> str:
    r"""Join to paragraphs, but finish a title that its step goes on with: "Multiply $5.63$" and "by $10$"."""
    text = ""
    for paragraph in paragraphs:
        goes_on = text and text[-1] not in ".:?!" and re.match(r"[a-z]+ ", paragraph)
        text = f"{text} {paragraph}" if goes_on else f"{text}\n\n{paragraph}" if text else paragraph
    return text


def _needs_no_picture(text: str, step: Step, pictures: list[str]) -> None:
    """Let a text pass that gives the relation its picture shows, unless the options are pictures too."""
    letters_only = bool(step.choices) and all(re.fullmatch(r"\s*[A-Z]\s*", one) for one in step.choices)
    if letters_only or not _RELATION.search(text):
        raise UnusableError(f"needs a picture that the folder does not hold: {pictures[0]}")


def shown(problem: Problem, step: Step) -> tuple[str, ...]:
    """Texts of the source that the question shows: the title only where the problem has no text."""
    return (_lead_text(problem), step.title, step.body)


def _lead_text(problem: Problem) -> str:
    return problem.body if problem.body.strip() else problem.title
