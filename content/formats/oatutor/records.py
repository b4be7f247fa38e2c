"""OATutor's records with their types checked: problem, step, hint.

See the content format of CAHLR/OATutor: ``content-pool/P/P.json``, ``P/steps/S/S.json`` and
``P/steps/S/tutoring/SDefaultPathway.json``. A record that is not what it should be keeps its id and carries a fault, so
that the report can still account for it.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TypeVar

from content.formats.oatutor.faults import UnusableError

LONGEST_TEXT = 20_000
"""Characters of one text; the longest in OATutor has about 1,500."""

MOST_PARTS = 200
"""Hints of a step, choices of a question, values of a variable."""

DEEPEST_HINT = 4
"""Hints within hints; OATutor has two levels."""

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")

Variables = Mapping[str, tuple[str, ...]]
Made = TypeVar("Made", "Problem", "Step", "Hint")


@dataclass(frozen=True, slots=True)
class Hint:
    """A hint (it tells) or a scaffold (it asks a smaller question), with the hints inside it."""

    id: str
    kind: str = "hint"
    title: str = ""
    text: str = ""
    needs: tuple[str, ...] = ()
    answers: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()
    variables: Variables | None = None
    oer: str = ""
    licence: str = ""
    inside: tuple["Hint", ...] = ()
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """One question of a problem."""

    id: str
    title: str = ""
    body: str = ""
    kind: str = ""
    answer_kind: str = ""
    answers: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()
    variables: Variables | None = None
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Problem:
    """A problem: what its steps have in common."""

    id: str
    title: str = ""
    body: str = ""
    oer: str = ""
    licence: str = ""
    lesson: str = ""
    course: str = ""
    variables: Variables | None = None
    fault: str = ""


def problem(raw: object, name: str) -> Problem:
    """Read a problem; `name` is its folder's, for when it does not say its own."""
    return _made(_problem, raw, Problem(_id(raw, name)))


def step(raw: object, name: str) -> Step:
    """Read a step."""
    return _made(_step, raw, Step(_id(raw, name)))


def hints(raw: object, name: str, depth: int = 0) -> tuple[Hint, ...]:
    """Read a pathway: a list of hints. Those without an id are named after the step and their place.

    Raises
    ------
    UnusableError
        If it is not a list at all, too long, or nested too deeply.
    """
    if not isinstance(raw, list):
        raise UnusableError("not a list of hints")
    if depth >= DEEPEST_HINT:
        raise UnusableError(f"hints nested too deeply: more than {DEEPEST_HINT} levels")
    if len(raw) > MOST_PARTS:
        raise UnusableError(f"too many hints: more than {MOST_PARTS}")
    return tuple(_hint_or_fault(one, f"{name}-h{place}", depth) for place, one in enumerate(raw, start=1))


def _hint_or_fault(raw: object, name: str, depth: int) -> Hint:
    blank = Hint(_id(raw, name))
    made = _made(_hint, raw, blank)
    try:
        inside = hints(raw.get("subHints", []), made.id, depth + 1) if isinstance(raw, dict) else ()
    except UnusableError as error:
        return replace(blank, fault=str(error))
    return replace(made, inside=inside)


def _made(make: Callable[[dict[str, object], Made], Made], raw: object, blank: Made) -> Made:
    """Read the record, or give the blank one with the fault that stopped the reading."""
    try:
        if not isinstance(raw, dict):
            raise UnusableError("not a record")
        return make(raw, blank)
    except UnusableError as error:
        return replace(blank, fault=str(error))


def _problem(raw: dict[str, object], blank: Problem) -> Problem:
    return replace(
        blank,
        title=_text(raw, "title"),
        body=_text(raw, "body"),
        oer=_text(raw, "oer"),
        licence=_text(raw, "license"),
        lesson=_text(raw, "lesson"),
        course=_text(raw, "courseName"),
        variables=_variables(raw),
    )


def _step(raw: dict[str, object], blank: Step) -> Step:
    return replace(
        blank,
        title=_text(raw, "stepTitle"),
        body=_text(raw, "stepBody"),
        kind=_text(raw, "problemType"),
        answer_kind=_text(raw, "answerType"),
        answers=_texts(raw, "stepAnswer"),
        choices=_texts(raw, "choices"),
        variables=_variables(raw),
    )


def _hint(raw: dict[str, object], blank: Hint) -> Hint:
    return replace(
        blank,
        kind=_text(raw, "type") or "hint",
        title=_text(raw, "title"),
        text=_text(raw, "text"),
        needs=_texts(raw, "dependencies"),
        answers=_texts(raw, "hintAnswer"),
        choices=_texts(raw, "choices"),
        variables=_variables(raw),
        oer=_text(raw, "oer"),
        licence=_text(raw, "license"),
    )


def _id(raw: object, name: str) -> str:
    """Take the record's own id where it has a sensible one."""
    own = raw.get("id") if isinstance(raw, dict) else None
    return own if isinstance(own, str) and 0 < len(own) <= 200 and own.isprintable() else name


def _text(raw: dict[str, object], key: str) -> str:
    value = raw.get(key, "")
    if not isinstance(value, str):
        raise UnusableError(f"wrong type: {key} is not text")
    if len(value) > LONGEST_TEXT:
        raise UnusableError(f"text too long: {key} has more than {LONGEST_TEXT:,} characters")
    _must_be_storable(value, key)
    return value


def _must_be_storable(text: str, key: str) -> None:
    """Refuse halves of surrogate pairs and the null character: no file and no database takes them."""
    if _UNSTORABLE.search(text):
        raise UnusableError(f"broken text: {key} holds characters that cannot be stored")


def _texts(raw: dict[str, object], key: str) -> tuple[str, ...]:
    values = raw.get(key, [])
    if not isinstance(values, list) or not all(isinstance(one, str) for one in values):
        raise UnusableError(f"wrong type: {key} is not a list of texts")
    if len(values) > MOST_PARTS or any(len(one) > LONGEST_TEXT for one in values):
        raise UnusableError(f"text too long: {key}")
    for one in values:
        _must_be_storable(one, key)
    return tuple(values)


def _variables(raw: dict[str, object]) -> Variables:
    table = raw.get("variabilization", {})
    if not isinstance(table, dict) or not all(isinstance(values, list) for values in table.values()):
        raise UnusableError("wrong type: variabilization is not a table of lists")
    return {name: tuple(_texts(table, name)) for name in table if table[name]}
