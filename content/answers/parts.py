"""What answers of several parts have in common: a verdict over all parts, and what to say when some are missing."""

from collections.abc import Sequence

from content.answers.results import Mark
from content.schema import Answer, AnswerTemplate, Gaps, Ordering, Plot, Several, Table

MISSING = "Fill in every box."


def count(answer: Answer | AnswerTemplate) -> int:
    """How many parts of the answer are each right or not; 1 for an answer that is one whole.

    Examples
    --------
    >>> count(Ordering(("1/4", "1/2", "3/4")))
    2
    """
    if isinstance(answer, AnswerTemplate):
        return _of_template(answer)
    if isinstance(answer, Several):
        found = sum(option.correct for option in answer.options)
    elif isinstance(answer, Ordering):
        found = len(answer.things) - 1
    elif isinstance(answer, Gaps):
        found = len(answer.gaps)
    elif isinstance(answer, Table):
        found = sum(not isinstance(cell, str) for row in answer.rows for cell in row)
    else:
        found = len(answer.points) if isinstance(answer, Plot) else 1
    return max(1, found)


def _of_template(template: AnswerTemplate) -> int:
    """The same for every seed of a generator."""
    if template.kind == "several":
        found = sum(correct for _text, correct, _tag, _nudge in template.options)
    elif template.kind == "table":
        found = sum(cell.startswith("=") for row in template.rows for cell in row)
    else:
        found = len(template.rows) - (template.kind == "order")
    return max(1, found)


def verdict(right: int, parts: int, whole: bool, chosen: str, misconception: str | None = None) -> Mark:
    """Mark an answer of which so many parts are right.

    Parameters
    ----------
    whole : bool
        Whether the answer is right as a whole.
    """
    if whole:
        return Mark("right", chosen=chosen, parts=parts, right_parts=parts)
    # All parts can be right and the answer not, where something was ticked beside them.
    found = min(right, parts - 1)
    nudge = None if misconception or not found else f"{found} of {parts} are right so far."
    return Mark("wrong", misconception, nudge, chosen, parts, found)


def missing(parts: int, nudge: str = MISSING) -> Mark:
    """Give an answer back that is not complete."""
    return Mark("unreadable", nudge=nudge, parts=parts)


def places(text: Sequence[int]) -> str:
    """Write places as `Mark.chosen` keeps them.

    Examples
    --------
    >>> places([2, 0, 1])
    '2,0,1'
    """
    return ",".join(map(str, text))


def read_places(chosen: str, most: int) -> list[int]:
    """Read what `places` wrote; what is no place below `most` is left out."""
    return [int(part) for part in chosen.split(",") if part.isdecimal() and len(part) < 4 and int(part) < most]
