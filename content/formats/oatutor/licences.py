"""Where each problem comes from and what it may be used for."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from content.formats.oatutor.records import Hint, Problem

FOLDER_SOURCE = "CAHLR/OATutor-Content"
FOLDER_LICENCE = "CC BY 4.0"
"""The licence of the published folder as a whole; a problem that names none falls under it."""

_LABELLED = re.compile(r"(?P<address>\S+)\s*<(?P<label>[^<>]+)>")
_CC_BY = re.compile(r"https?://creativecommons\.org/licenses/by/4\.0/?|CC[- ]?BY[- ]?4\.0", re.IGNORECASE)
LONGEST = 300
"""Characters kept of a source or a licence."""


@dataclass(frozen=True, slots=True)
class Rights:
    """Source and licence of an item, and what had to be filled in."""

    source: str
    licence: str
    note: str = ""


def rights(problem: Problem, hints: Iterable[Hint] = ()) -> Rights:
    """Read the source and the licence of a problem and the hints of one of its steps."""
    sources = dict.fromkeys(source for hint in _all(hints) if (source := credit(hint.oer)))
    own = credit(problem.oer) or FOLDER_SOURCE
    others = [source for source in sources if source != own]
    source = f"{own}; hints: {', '.join(others)}" if others else own
    licence, note = licence_of(problem.licence)
    return Rights(source[:LONGEST], licence, note)


def _all(hints: Iterable[Hint]) -> Iterable[Hint]:
    for hint in hints:
        yield hint
        yield from _all(hint.inside)


def credit(raw: str) -> str:
    """Write a source with its name first.

    >>> credit("https://OATutor.io <OATutor>")
    'OATutor (https://OATutor.io)'
    """
    text = " ".join(raw.split())
    if labelled := _LABELLED.fullmatch(text):
        return f"{labelled['label'].strip()} ({labelled['address']})"
    return text[:LONGEST]


def licence_of(raw: str) -> tuple[str, str]:
    """Read a licence; the note says what was filled in.

    >>> licence_of("https://creativecommons.org/licenses/by/4.0/ <CC BY 4.0>")
    ('CC BY 4.0', '')
    """
    text = " ".join(raw.split())
    if not text:
        return f"{FOLDER_LICENCE} ({FOLDER_SOURCE})", "licence left empty: the folder's own is used"
    if text.upper().replace(" ", "") == "CC4.0":
        return f"{FOLDER_LICENCE} ({FOLDER_SOURCE})", "licence unclear: CC4.0 is read as the folder's own"
    labelled = _LABELLED.fullmatch(text)
    if _CC_BY.fullmatch(labelled["address"] if labelled else text):
        return FOLDER_LICENCE, ""
    return text[:LONGEST], ""
