"""Gathering faults: everything that is found is kept, sorted by line, and nothing stops the reading."""

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches

from content.schema import Finding


@dataclass(frozen=True, slots=True)
class Fault:
    """Something the matter with an item, before its line is known.

    Parameters
    ----------
    part : {"item", "stem", "translation", "answer", "option", "mistake", "row", "hint", "solution"}
        Where.
    index : int
        Which translation, option, mistake, row or hint, from 0.
    warning : bool
        Whether the item can be served all the same.
    """

    code: str
    message: str
    hint: str
    part: str = "item"
    index: int = 0
    warning: bool = False


class Faults:
    """Collects findings while a file is read or checked."""

    def __init__(self) -> None:
        self._found: dict[Finding, None] = {}

    def add(self, line: int, code: str, message: str, hint: str) -> None:
        """Note an error, which keeps the bank from being published."""
        self._found[Finding(line, code, message, hint)] = None

    def warn(self, line: int, code: str, message: str, hint: str) -> None:
        """Note a remark, with which the bank can still be published."""
        self._found[Finding(line, code, message, hint, "warning")] = None

    def __len__(self) -> int:
        return len(self._found)

    def sorted(self) -> tuple[Finding, ...]:
        """List each finding once, by line."""
        return in_order(self._found)


def in_order(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Sort findings by line; those of one line stay in the order in which they were found."""
    return tuple(sorted(findings, key=lambda finding: finding.line))


def suggestion(word: str, known: Iterable[str]) -> str:
    """Say which known word was probably meant, or which there are."""
    known = list(known)
    close = get_close_matches(word, known, n=1)
    if close:
        return f"Did you mean '{close[0]}'?"
    return f"Known: {', '.join(known)}." if known else "None is declared at the top of the file."
