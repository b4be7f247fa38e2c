"""Options of a multiple-choice question, with the repairs that are beyond doubt."""

import re
from dataclasses import dataclass

from content.formats.oatutor.faults import UnusableError
from content.formats.oatutor.prose import line
from content.schema import Choice, Option


@dataclass(frozen=True, slots=True)
class Repaired:
    """The options, and what had to be done to get them."""

    answer: Choice
    changes: tuple[str, ...] = ()


def choice(answers: tuple[str, ...], choices: tuple[str, ...]) -> Repaired:
    """Make the options of a question from its answer and choices.

    Raises
    ------
    UnusableError
        If the answer is not exactly one of the choices, or fewer than two are left.
    """
    key = _key(answers)
    parted = _parted(choices)
    distinct = _distinct(parted)
    right = [option for option in distinct if same(option, key)]
    if not right:
        raise UnusableError("key not among the choices")
    if len(distinct) < 2:
        raise UnusableError("too few choices: fewer than two differ")
    options = tuple(Option(line(option), same(option, key)) for option in distinct)
    if not all(option.text for option in options):
        raise UnusableError("empty choice")
    return Repaired(
        Choice(options, shuffle=not _numbered(options)), tuple(_changes(choices, parted, distinct, right[0], key))
    )


def _numbered(options: tuple[Option, ...]) -> bool:
    """Whether the options count up, as ``Step 1: ...``, ``Step 2: ...`` do; those keep their order."""
    starts = [re.match(r"([A-Za-z]+ \$?)(\d{1,3})\b", option.text) for option in options]
    if not all(starts) or len({start[1] for start in starts if start}) != 1:
        return False
    numbers = [int(start[2]) for start in starts if start]
    return numbers == sorted(numbers)


def same(one: str, other: str) -> bool:
    """Whether two texts of the source say the same, spacing and sizes of brackets aside."""
    return _normal(one) == _normal(other)


def _normal(text: str) -> str:
    return re.sub(r"\$\$|\\left|\\right|\\[,!;: ]|\s", "", text).replace("\\dfrac", "\\frac")


def _key(answers: tuple[str, ...]) -> str:
    if not answers:
        raise UnusableError("no answer")
    if any(not same(one, answers[0]) for one in answers):
        raise UnusableError("several right answers: a choice has exactly one")
    return answers[0]


def _parted(choices: tuple[str, ...]) -> tuple[str, ...]:
    r"""Part choices that were run together by a capital I, which the source used as a bar.

    ``$$(8,0)I(4,0)I(0,-3)$$`` beside ``$$(8,0)$$`` is three choices; a text is parted only when one of its parts is
    itself among the choices.
    """
    parted: list[str] = []
    for one in choices:
        parted.extend(_parts(one, [other for other in choices if other != one]))
    return tuple(parted)


def _parts(text: str, others: list[str]) -> list[str]:
    wrapped = re.fullmatch(r"\$\$([^$]*(?:\\\$[^$]*)*)\$\$", text)
    parts = (wrapped[1] if wrapped else text).split("I")
    known = any(same(part, other) for part in parts for other in others)
    if len(parts) < 2 or not all(part.strip() for part in parts) or not known:
        return [text]
    return [f"$${part}$$" for part in parts] if wrapped else parts


def _distinct(choices: tuple[str, ...]) -> tuple[str, ...]:
    seen: dict[str, str] = {}
    for one in choices:
        seen.setdefault(_normal(one), one)
    return tuple(seen.values())


def _changes(
    choices: tuple[str, ...], parted: tuple[str, ...], distinct: tuple[str, ...], right: str, key: str
) -> list[str]:
    changes = []
    if parted != choices:
        changes.append("choices run together were parted")
    if len(distinct) < len(parted) and (parted == choices or len(distinct) < len(parted) - 1):
        changes.append("repeated choices were dropped")
    if right != key:
        changes.append("key matched to its choice: they differ in spacing only")
    return changes
