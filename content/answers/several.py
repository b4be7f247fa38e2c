"""Tick every option that is right.

The parts are the right options. A tick on another option takes one away, so that ticking everything earns nothing.
"""

from content.answers import parts
from content.answers.choice import FEWEST
from content.answers.results import Given, Mark, Presentation
from content.schema import Option, Several
from content.stream import Stream

FIELD = "pick"
NOTHING = "Tick at least one box."


def order(answer: Several, name: str, seed: int) -> list[int]:
    """List the author's places of the options in the order in which they are shown."""
    count = len(answer.options)
    return Stream(f"{name}/order", seed).order(count) if answer.shuffle else list(range(count))


def mark(answer: Several, given: Given, shown: list[int]) -> Mark:
    """Mark the ticked places of the shown order."""
    ticked = {index for place, index in enumerate(shown) if given.get(f"{FIELD}{place}")}
    return _mark(answer, ticked)


def _mark(answer: Several, ticked: set[int]) -> Mark:
    key = {index for index, option in enumerate(answer.options) if option.correct}
    count = parts.count(answer)
    if not ticked:
        return parts.missing(count, NOTHING)
    hits = max(0, len(ticked & key) - len(ticked - key))
    astray = _astray(answer, ticked - key)
    found = parts.verdict(
        hits, count, ticked == key, parts.places(sorted(ticked)), astray.misconception if astray else None
    )
    if astray is None or astray.nudge is None:
        return found
    return Mark(found.status, found.misconception, astray.nudge, found.chosen, found.parts, found.right_parts)


def _astray(answer: Several, ticked: set[int]) -> Option | None:
    """The first ticked option that is not right and of which the author knows why."""
    options = (answer.options[index] for index in sorted(ticked))
    return next((option for option in options if option.misconception or option.nudge), None)


def present(answer: Several, shown: list[int]) -> Presentation:
    """Show the options, each with a box to tick."""
    options = tuple((str(place), answer.options[index].text, False) for place, index in enumerate(shown))
    return Presentation("several", tuple(f"{FIELD}{place}" for place in range(len(shown))), options)


def key(answer: Several, shown: list[int]) -> dict[str, str]:
    """Give the form fields of the right answer."""
    return {f"{FIELD}{place}": "1" for place, index in enumerate(shown) if answer.options[index].correct}


def wrong(answer: Several, shown: list[int], misconception: str | None) -> dict[str, str] | None:
    """Give the form fields with one option ticked that is not right, or with this misconception."""
    for place, index in enumerate(shown):
        option = answer.options[index]
        if not option.correct and misconception in (None, option.misconception):
            return {f"{FIELD}{place}": "1"}
    if misconception is None and len(key(answer, shown)) >= FEWEST:
        return dict(list(key(answer, shown).items())[:1])
    return None


def said(answer: Several, chosen: str) -> str:
    """The words of a stored answer."""
    found = parts.read_places(chosen, len(answer.options))
    return ", ".join(answer.options[index].text for index in found)
