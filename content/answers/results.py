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
    parts, right_parts : int
        Parts of the answer that are each right or not, and how many are right. Where there are several, no part
        earns credit by being claimed at random: see `content.answers.several` and `content.answers.ordering`.
    """

    status: Status
    misconception: str | None = None
    nudge: str | None = None
    chosen: str = ""
    parts: int = 1
    right_parts: int = 0

    @property
    def share(self) -> float:
        """How much of the answer is right, from 0 to 1."""
        return self.right_parts / self.parts if self.parts > 1 else float(self.status == "right")

    @property
    def scored(self) -> bool:
        """Whether the answer says anything about ability."""
        return self.status in ("right", "wrong")


@dataclass(frozen=True, slots=True)
class Slot:
    """A gap as a browser may see it.

    Parameters
    ----------
    name : str
        Of its form field.
    before : str
        Text in front of it (Markdown).
    options : tuple of (value, text)
        In the order of the seed.
    label : str
        What a screen reader calls it; empty until somebody has put the text in front of it into words.
    """

    name: str
    before: str
    options: tuple[tuple[str, str], ...]
    label: str = ""


@dataclass(frozen=True, slots=True)
class Presentation:
    """All that a browser may know of an answer before it is given: no key, no misconception, no tolerance.

    Parameters
    ----------
    kind : str
        As of the answer types.
    options : tuple of (value, text, tried)
        In the order of the seed. `value` is the place in that order ("0", "1", ...), so that it tells nothing;
        `text` is Markdown; `tried` options have been given before.
    unit : str
        To be printed behind the input.
    inputs : tuple of str
        Names of the form fields.
    marks : tuple of str
        Numbers at the marks of a number line, or of the axes of a grid, from left to right, such as "3/4".
    gaps : tuple of Slot
        Where one of several words is to be chosen.
    after : str
        Text behind the last gap (Markdown).
    rows : tuple of rows of cells
        A table, its head first; a cell is (text, name of its field), the name empty where nothing is to be typed.
    """

    kind: Kind
    inputs: tuple[str, ...]
    options: tuple[tuple[str, str, bool], ...] = ()
    unit: str = ""
    marks: tuple[str, ...] = ()
    gaps: tuple[Slot, ...] = ()
    after: str = ""
    rows: tuple[tuple[tuple[str, str], ...], ...] = ()
