"""A step's hints, a graph of what builds on what, as three hints and a worked solution.

OATutor shows hints one at a time, up to twenty of them, and lets a scaffold ask a question of its own. Here a student
gets at most three hints, the last a worked step. So neighbours are merged, a scaffold's question is told as a sentence
(its answer only in the last hint), and the solution holds every hint with every answer, so that nothing is lost.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from content.formats.oatutor.faults import UnusableError
from content.formats.oatutor.prose import line, prose, without_naming, without_sentences
from content.formats.oatutor.records import Hint

MOST_HINTS = 3
"""What a student is shown."""

MOST_MERGED = 3
"""Hints of the source in one of ours; more would not be read. The rest stays in the solution."""

_ABOUT_PICTURE = re.compile(r"\b(?:images?|pictures?)\b", re.IGNORECASE)
_ONLY_PICTURE = re.compile(r"refer to\b", re.IGNORECASE)
_TITLE = re.compile(r"\*\*(.+?)\*\* ?")


@dataclass(frozen=True, slots=True)
class Told:
    """A step's hints in the bank's words.

    Parameters
    ----------
    hints : tuple of str
        At most three.
    solution : str
        Every hint in order, with the answers of its questions.
    fates : dict of id to notes
        What happened to each hint that is told; no notes when it was taken as it is.
    lost : dict of id to reason
        Hints that could not be told.
    """

    hints: tuple[str, ...]
    solution: str
    fates: dict[str, tuple[str, ...]]
    lost: dict[str, str]


@dataclass(slots=True)
class _Piece:
    """A hint with those inside it: its text, and the same with answers."""

    ids: list[str]
    text: str
    worked: str
    notes: dict[str, list[str]] = field(default_factory=dict)


def tell(hints: Sequence[Hint]) -> Told:
    """Turn a step's hints into at most three hints and a solution."""
    lost: dict[str, str] = {}
    moved: dict[int, str] = {}
    pieces = []
    for place in in_order(hints, moved):
        if piece := _piece(hints[place], lost):
            if place in moved:
                piece.notes[piece.ids[0]].append(moved[place])
            pieces.append(piece)
    groups = _groups(len(pieces))
    shown = tuple(_merged(pieces, group, last=group == groups[-1]) for group in groups)
    _note_groups(pieces, groups)
    fates = {id_: tuple(notes) for piece in pieces for id_, notes in piece.notes.items()}
    return Told(shown, _joined(piece.worked for piece in pieces), fates, lost)


def in_order(hints: Sequence[Hint], notes: dict[int, str]) -> list[int]:
    """Order hints so that each comes after those it needs; otherwise as in the file.

    Parameters
    ----------
    notes : dict
        Receives, by place, why a hint is not simply where it was: it moved, it names a hint that is not there, or it is
        part of a circle (which is broken at its first hint).
    """
    needs = _needs(hints, notes)
    order: list[int] = []
    while len(order) < len(hints):
        waiting = [place for place in range(len(hints)) if place not in order]
        ready = [place for place in waiting if needs[place] <= set(order)]
        if not ready:
            notes[waiting[0]] = "dependencies run in a circle: kept in the file's order"
        order.append(ready[0] if ready else waiting[0])
    for position, place in enumerate(order):
        if position > place:
            notes.setdefault(place, "moved: it builds on a hint that stood after it")
    return order


def _needs(hints: Sequence[Hint], notes: dict[int, str]) -> list[set[int]]:
    places = {hint.id: place for place, hint in reversed(list(enumerate(hints)))}
    needs = []
    for place, hint in enumerate(hints):
        if missing := [name for name in hint.needs if name not in places]:
            notes[place] = f"names a hint that is not there: {', '.join(missing)[:200]}"
        needs.append({places[name] for name in hint.needs if name in places})
    return needs


def _piece(hint: Hint, lost: dict[str, str]) -> _Piece | None:
    """Tell a hint and those inside it; None when nothing of it can be told."""
    inside = [piece for one in hint.inside if (piece := _piece(one, lost))]
    notes: dict[str, list[str]] = {id_: own for piece in inside for id_, own in piece.notes.items()}
    own: list[str] = []
    try:
        text, answer = _own_text(hint, own), _answer(hint, own)
    except UnusableError as error:
        lost[hint.id] = str(error)
        return _together(inside, notes) if inside else None
    notes[hint.id] = own
    for piece in inside:
        for id_ in piece.ids:
            notes[id_].append(f"told with the hint it belongs to: {hint.id}")
    plain = _joined([text, *(piece.text for piece in inside)])
    worked = _joined([text, *(piece.worked for piece in inside), *([answer] if answer else [])])
    return _Piece([hint.id, *(id_ for piece in inside for id_ in piece.ids)], plain, worked, notes)


def _together(inside: list[_Piece], notes: dict[str, list[str]]) -> _Piece:
    ids = [id_ for piece in inside for id_ in piece.ids]
    return _Piece(ids, _joined(piece.text for piece in inside), _joined(piece.worked for piece in inside), notes)


def _joined(texts: Iterable[str]) -> str:
    """Join to paragraphs; a title or an answer that only repeats the one before is left out."""
    kept: list[str] = []
    title = ""
    for paragraph in "\n\n".join(texts).split("\n\n"):
        titled = _TITLE.match(paragraph)
        again = titled is not None and titled[1] == title
        title = titled[1] if titled else title
        text = _TITLE.sub("", paragraph, count=1) if again else paragraph
        if text and not (kept and text == kept[-1]):
            kept.append(text)
    return "\n\n".join(kept)


def _own_text(hint: Hint, notes: list[str]) -> str:
    if hint.fault:
        raise UnusableError(hint.fault)
    title, body = prose(hint.title), prose(_without_naming(hint.text, notes))
    text, pictures = body.text, (*title.pictures, *body.pictures)
    if pictures:
        text = "" if _ONLY_PICTURE.match(text) else without_sentences(text, _ABOUT_PICTURE)
        if not text:
            raise UnusableError("needs a picture that the folder does not hold")
        notes.append(f"without its picture: the folder does not hold {', '.join(pictures)}")
    return _titled(" ".join(title.text.split()), text)


def _without_naming(raw: str, notes: list[str]) -> str:
    if "$$variable=answer$$" not in raw:
        return raw
    notes.append("instruction left out: how to write the variable in front of the answer")
    return without_naming(raw)


def _titled(title: str, text: str) -> str:
    if not (title or text):
        raise UnusableError("has no text")
    if not title or text.casefold().startswith(title.casefold()):
        return text
    stop = "" if title[-1] in ".:?!" else "."
    return f"**{title}{stop}** {text}".strip()


def _answer(hint: Hint, notes: list[str]) -> str:
    """Tell the answer of a scaffold's question; empty for a plain hint."""
    if hint.kind != "scaffold" and not hint.answers:
        return ""
    left_out = f" its {len(hint.choices)} choices are left out," if hint.choices else ""
    notes.append(f"question told as a sentence:{left_out} its answer stands in the solution")
    told = " or ".join(dict.fromkeys(line(answer) for answer in hint.answers if answer.strip()))
    return f"Answer: {told}" if told else ""


def _groups(count: int) -> list[list[int]]:
    """Part hints 0 to count - 1 into at most three runs, the longer ones last, none too long.

    >>> _groups(5)
    [[0], [1, 2], [3, 4]]
    """
    runs = min(count, MOST_HINTS)
    bounds = [count * turn // runs for turn in range(runs + 1)] if runs else [0]
    groups = [list(range(low, high)) for low, high in pairwise(bounds)]
    return [group[:MOST_MERGED] if group is not groups[-1] else group[-MOST_MERGED:] for group in groups]


def _merged(pieces: list[_Piece], group: list[int], *, last: bool) -> str:
    return _joined(pieces[place].worked if last else pieces[place].text for place in group)


def _note_groups(pieces: list[_Piece], groups: list[list[int]]) -> None:
    number_of = {place: number for number, group in enumerate(groups, start=1) for place in group}
    sizes = Counter(number_of.values())
    for place, piece in enumerate(pieces):
        number = number_of.get(place)
        if number is None:
            note = f"only in the solution: a student sees at most {MOST_HINTS} hints"
        elif sizes[number] > 1:
            note = f"merged with its neighbours: part of hint {number} of {len(groups)}"
        else:
            continue
        piece.notes[piece.ids[0]].append(note)
