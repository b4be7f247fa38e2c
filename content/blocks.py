"""The body of a bank file as blocks: a heading and the lines below it, without comments.

Headings inside fenced code are text. A comment that takes whole lines vanishes with them, so that it can stand
anywhere.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from content.findings import Faults

_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_HEADING = re.compile(r"(#{1,3})(?!#)(\s*)(.*?)\s*")


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the file that an author's reader can see."""

    number: int
    text: str
    fenced: bool = False

    @property
    def blank(self) -> bool:
        """Whether nothing but space stands here."""
        return not self.text.strip()


@dataclass(slots=True)
class Block:
    """A heading of level 1 to 3 and what stands below it; level 0 stands above the first heading."""

    level: int
    title: str
    line: int
    lines: list[Line] = field(default_factory=list)

    def text(self) -> str:
        """Join the lines, without empty ones at either end."""
        return join(self.lines)


def join(lines: list[Line]) -> str:
    """Join lines to a text."""
    return "\n".join(line.text for line in lines).strip()


def blocks(lines: list[str], first: int, faults: Faults) -> list[Block]:
    """Cut the body into blocks.

    Parameters
    ----------
    lines : list of str
        The whole file.
    first : int
        Index of the body's first line.
    """
    found = [Block(0, "", first + 1)]
    for line in _visible(lines, first, faults):
        heading = None if line.fenced else _heading(line, faults)
        if heading:
            found.append(heading)
        else:
            found[-1].lines.append(line)
    return found


def _heading(line: Line, faults: Faults) -> Block | None:
    match = _HEADING.fullmatch(line.text)
    if not match:
        return None
    marks, gap, title = match.groups()
    if title and not gap:
        if len(marks) == 1:
            return None  # "#3 is the largest" is text
        hint = f"Write '{marks} {title}'."
        faults.add(line.number, "heading-space", f"A space is missing behind {marks}", hint)
    return Block(len(marks), title, line.number)


def _visible(lines: list[str], first: int, faults: Faults) -> Iterator[Line]:
    """Leave comments out and mark what is inside fenced code."""
    fence, fence_line, comment_line = "", 0, 0
    for number, raw in enumerate(lines[first:], start=first + 1):
        if fence:
            fence = "" if _closes(raw, fence) else fence
            yield Line(number, raw, fenced=True)
            continue
        text, is_open = _uncommented(raw, is_open=bool(comment_line))
        comment_line = (comment_line or number) if is_open else 0
        if text != raw and not text.strip():
            continue
        opening = _FENCE.match(text)
        fence, fence_line = (opening[1], number) if opening else ("", 0)
        yield Line(number, text, fenced=bool(opening))
    if comment_line:
        faults.add(comment_line, "open-comment", "The comment is never closed", "Put --> behind it.")
    if fence:
        faults.add(fence_line, "open-fence", "The code block is never closed", f"Put a line {fence} behind it.")


def _closes(text: str, fence: str) -> bool:
    closing = _FENCE.match(text)
    return bool(closing and closing[1].startswith(fence) and text.strip() == closing[1])


def _uncommented(text: str, *, is_open: bool) -> tuple[str, bool]:
    """Take comments out of a line; say whether one is still open behind it."""
    kept = ""
    while text:
        mark = "-->" if is_open else "<!--"
        before, found, text = text.partition(mark)
        kept += "" if is_open else before
        if not found:
            break
        is_open = not is_open
    return kept, is_open
