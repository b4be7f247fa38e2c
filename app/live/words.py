"""What the card for the next group says, in plain words.

`models.readiness` decides by student id and skill code; names and titles enter here, at the last
moment, so that they reach no log and no address.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from models.readiness import Readiness, StudentId

_WORDS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


def card_sentence(readiness: Readiness, names: Mapping[StudentId, str], skill_titles: Mapping[str, str]) -> str:
    """Say what is likely, and what the teacher should do first.

    Parameters
    ----------
    readiness : Readiness
        The decision about the group.
    names : mapping of student id to name
        Every student of the group.
    skill_titles : mapping of skill code to title
        A code without a title is shown as it is.

    Returns
    -------
    str
        Two to five short sentences.

    Raises
    ------
    KeyError
        If a student has no name.
    """
    if readiness.decision == "not_enough":
        return _not_enough(readiness, names)
    if readiness.decision == "go":
        return f"{_likely(readiness)} Go: start the lesson."
    if readiness.start_with is not None:
        return f"{_likely(readiness)} Start with {title_in_sentence(readiness.start_with, skill_titles)} for everyone."
    return _split(readiness, names, skill_titles)


def _not_enough(readiness: Readiness, names: Mapping[StudentId, str]) -> str:
    missing: dict[StudentId, int] = {}
    for need in readiness.needed:
        missing[need.student] = missing.get(need.student, 0) + need.answers
    known = readiness.size - len(missing)
    needs = [f"{names[student]} {_count(answers, 'more answer')}" for student, answers in missing.items()]
    return (
        f"Not enough evidence yet: we know {known} of {readiness.size} well enough. Needed: {', '.join(needs)}. "
        f"{_count(readiness.probes, 'question').capitalize()} each {_is_are(readiness.probes)} queued."
    )


def _split(readiness: Readiness, names: Mapping[StudentId, str], skill_titles: Mapping[str, str]) -> str:
    parts = [_likely(readiness)]
    if readiness.pull:
        focus = f": {title_in_sentence(readiness.focus, skill_titles)}" if readiness.focus else ""
        parts.append(f"Pull {_and(readiness.pull, names)}{focus}.")
    if readiness.check:
        parts.append(f"Check {_and(readiness.check, names)} with {_count(readiness.probes, 'question')}.")
    if readiness.skip:
        parts.append(f"{_and(readiness.skip, names)} can start.")
    return " ".join(parts)


def _likely(readiness: Readiness) -> str:
    low, high = readiness.low, readiness.high
    number, verb = (str(low), _is_are(low)) if low == high else (f"{low} to {high}", "are")
    return f"Likely {number} of {readiness.size} {verb} ready."


def _is_are(count: int) -> str:
    return "is" if count == 1 else "are"


def _and(students: Sequence[StudentId], names: Mapping[StudentId, str]) -> str:
    *first, last = [names[student] for student in students]
    return f"{', '.join(first)} and {last}" if first else last


def _count(number: int, noun: str) -> str:
    word = _WORDS[number] if number < len(_WORDS) else str(number)
    return f"{word} {noun}" if number == 1 else f"{word} {noun}s"


def title_in_sentence(skill: str, skill_titles: Mapping[str, str]) -> str:
    """Title of a skill inside a sentence: lower case first, unless it starts with an abbreviation."""
    if skill not in skill_titles:
        return skill
    title = skill_titles[skill]
    return title[:1].lower() + title[1:] if title[1:2].islower() else title
