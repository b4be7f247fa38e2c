"""What marking says, and what a browser may see of an item before it is answered."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from content.schema import Kind

Given = Mapping[str, str]
Status = Literal["right", "wrong", "reform", "unreadable"]


@dataclass(frozen=True, slots=True)
class Mark:
    """The verdict on one answer.

    Parameters
    ----------
    status : {"right", "wrong", "reform", "unreadable"}
        ``reform``: the right value in a form that was not asked for, such as 2/4 where simplest form is wanted.
        ``unreadable``: nothing that could be an answer. With both the student tries again; neither is scored.
    misconception : str or None
        Id of the misconception that the answer carries.
    nudge : str or None
        The author's own nudge for this answer (Markdown). Where there is none, the caller shows the
        misconception's. With ``reform`` it says what is asked for.
    chosen : str
        What the student gave, in one normal form, safe to store: for a choice the option's place in the
        author's order, so that the same option has the same name on every seed; otherwise the number or the algebra.
    """

    status: Status
    misconception: str | None = None
    nudge: str | None = None
    chosen: str = ""

    @property
    def scored(self) -> bool:
        """Whether the answer says anything about ability."""
        return self.status in ("right", "wrong")


@dataclass(frozen=True, slots=True)
class Presentation:
    """All that a browser may know of an answer before it is given: no key, no misconception, no tolerance.

    Parameters
    ----------
    kind : {"choice", "number", "fraction", "line", "expression", "equation"}
    options : tuple of (value, text, tried)
        In the order of the seed. `value` is the place in that order ("0", "1", ...), so that it tells nothing;
        `text` is Markdown; `tried` options have been given before.
    unit : str
        To be printed behind the input.
    inputs : tuple of str
        Names of the form fields.
    marks : tuple of str
        Numbers at the marks of a number line from left to right, such as "3/4".
    """

    kind: Kind
    inputs: tuple[str, ...]
    options: tuple[tuple[str, str, bool], ...] = ()
    unit: str = ""
    marks: tuple[str, ...] = ()
