"""One step of the source as an item of the bank, or the reason why not."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from content.answers import key, mark
from content.formats.oatutor.choices import choice
from content.formats.oatutor.errata import erratum
from content.formats.oatutor.faults import UnusableError
from content.formats.oatutor.hints import Told, tell
from content.formats.oatutor.licences import Rights
from content.formats.oatutor.prose import line
from content.formats.oatutor.records import Hint, Problem, Step
from content.formats.oatutor.stems import shown, stem
from content.formats.oatutor.values import Typed, typed
from content.formats.oatutor.variables import Values, fill_hint, fill_problem, fill_step, variants
from content.placeholders import decimal
from content.schema import Choice, FractionAnswer, Item, Number

NO_TYPE = "needs answer type expression (comes later)"
SEVERAL = "needs an answer of several numbers (comes later)"

_SIMPLIFY = re.compile(r"simpl|lowest terms|\breduce", re.IGNORECASE)
_LIST = re.compile(r"[^,]*\d[^,]*(?:, ?[^,]*\d[^,]*)+")
_SEED = 0

_Answer = Choice | Number | FractionAnswer


@dataclass(frozen=True, slots=True)
class Source:
    """A step with all that its item needs from around it.

    Parameters
    ----------
    earlier : sequence of Step
        The steps of the problem before this one.
    skill : str
        Code of its skill.
    """

    problem: Problem
    step: Step
    earlier: Sequence[Step]
    hints: Sequence[Hint]
    skill: str
    rights: Rights


@dataclass(frozen=True, slots=True)
class Made:
    """The items of a step: one, or one for each set of values of its variables.

    Parameters
    ----------
    changes : tuple of str
        What the source says otherwise.
    remarks : tuple of str
        What a reader may want to know though nothing was changed.
    """

    items: tuple[Item, ...]
    told: Told
    changes: tuple[str, ...]
    remarks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Asked:
    """What is typed or picked, with the letter in front of it, if any."""

    answer: _Answer
    variable: str = ""
    changes: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()


def items_of(source: Source) -> Made:
    """Make the items of a step.

    Raises
    ------
    UnusableError
        If it cannot be taken; the message is the reason for the report.
    """
    problem, step = source.problem, source.step
    if fault := problem.fault or step.fault:
        raise UnusableError(fault)
    if fault := erratum(step.id, step.answers):
        raise UnusableError(f"wrong key in the source: {fault}")
    sets = variants(problem, step)
    if len(sets) == 1:
        return _made(source, sets[0], 0, step.id)
    made = [_made(source, values, turn, f"{step.id}-v{turn + 1}") for turn, values in enumerate(sets)]
    note = f"variables written in: {len(sets)} items of one family, one for each set of values"
    return replace(made[0], items=tuple(one.items[0] for one in made), changes=(note, *made[0].changes))


def _made(source: Source, values: Values, turn: int, name: str) -> Made:
    """Make one item, with one set of values written in."""
    problem, step = fill_problem(source.problem, values), fill_step(source.step, values)
    shared = {**(problem.variables or {}), **(step.variables or {})}
    asked = _asked(problem, step)
    question = stem(problem, step, [fill_step(one, values) for one in source.earlier], asked.variable)
    told = tell([fill_hint(hint, values, shared, turn) for hint in source.hints])
    item = Item(
        id=name,
        skill=source.skill,
        stem=question.text,
        answer=asked.answer,
        hints=told.hints,
        solution=_solution(told, asked.answer, asked.variable),
        family=step.id,
        source=source.rights.source,
        licence=source.rights.licence,
    )
    _mark_right(item)
    return Made((item,), told, (*asked.changes, *question.changes), asked.remarks)


def _asked(problem: Problem, step: Step) -> _Asked:
    if step.kind == "MultipleChoice":
        repaired = choice(step.answers, step.choices)
        return _Asked(repaired.answer, changes=repaired.changes)
    if step.kind != "TextBox":
        raise UnusableError(f"unknown problem type: {line(step.kind)[:60] or 'none'}")
    if not any(answer.strip() for answer in step.answers):
        raise UnusableError("no answer")
    readings = [typed(answer) for answer in step.answers]
    first = readings[0]
    if first is None or None in readings:
        raise UnusableError(_why_not_a_number(step.answers))
    if len({reading.value for reading in readings if reading}) > 1:
        raise UnusableError("several right answers: they differ in value")
    return _typed(problem, step, first)


def _why_not_a_number(answers: tuple[str, ...]) -> str:
    listed = all(_LIST.fullmatch(answer.replace("$", "")) for answer in answers)
    return f"{SEVERAL if listed else NO_TYPE}: {line(answers[0])[:120]}"


def _typed(problem: Problem, step: Step, reading: Typed) -> _Asked:
    answer: _Answer
    remarks: tuple[str, ...] = ()
    if reading.shape == "number" or reading.value.denominator == 1:
        answer = Number(reading.value, unit=reading.unit)
    elif any(_SIMPLIFY.search(text) for text in shown(problem, step)):
        answer = FractionAnswer(reading.value, "simplest", unit=reading.unit)
        remarks = ("lowest terms asked for, as the text says to simplify",)
    else:
        answer = FractionAnswer(reading.value, unit=reading.unit)
    several = ("one of several equal answers kept",) if len(step.answers) > 1 else ()
    return _Asked(answer, reading.variable, several, remarks)


def _solution(told: Told, answer: _Answer, variable: str) -> str:
    lead = f"${variable}=$ " if variable else ""
    return "\n\n".join([*([told.solution] if told.solution else []), f"**Answer:** {lead}{_written(answer)}"])


def _written(answer: _Answer) -> str:
    if isinstance(answer, Choice):
        return next(option.text for option in answer.options if option.correct)
    unit = f" {answer.unit}".replace(" %", "%").replace(" °", "°")
    return f"${_tex(answer)}${unit.rstrip()}"


def _tex(answer: Number | FractionAnswer) -> str:
    value = abs(answer.value)
    sign = "-" if answer.value < 0 else ""
    if value.denominator == 1:
        return f"{sign}{value.numerator}"
    if isinstance(answer, Number) and (digits := decimal(value)):
        return f"{sign}{digits}"
    return rf"{sign}\frac{{{value.numerator}}}{{{value.denominator}}}"


def _mark_right(item: Item) -> None:
    """Make sure that the key is what marking accepts."""
    if mark(item, key(item, seed=_SEED), seed=_SEED).status != "right":
        raise UnusableError("key not marked right")
