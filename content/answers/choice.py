"""Pick one option: shown in an order drawn from the seed, known inside by the author's order."""

from collections.abc import Collection

from content.answers.results import Given, Mark, Presentation, Status
from content.schema import Choice
from content.stream import Stream

FIELD = "option"


def order(answer: Choice, name: str, seed: int) -> list[int]:
    """List the author's places of the options in the order in which they are shown.

    Parameters
    ----------
    name : str
        Id of the item.
    seed : int
        Any whole number; the same seed gives the same order for ever.
    """
    if not answer.shuffle:
        return list(range(len(answer.options)))
    return Stream(f"{name}/order", seed).order(len(answer.options))


def mark(answer: Choice, given: Given, shown: list[int]) -> Mark:
    """Mark the option at the given place of the shown order."""
    place = _place(given.get(FIELD, ""), len(shown))
    if place is None:
        return Mark("unreadable")
    option = answer.options[shown[place]]
    status: Status = "right" if option.correct else "wrong"
    return Mark(status, option.misconception, option.nudge, str(shown[place]))


def _place(text: str, count: int) -> int | None:
    places = {str(place): place for place in range(count)}
    return places.get(text)


def present(answer: Choice, shown: list[int], tried: Collection[str]) -> Presentation:
    """Show the options; `tried` holds the `Mark.chosen` of earlier answers."""
    options = tuple((str(place), answer.options[index].text, str(index) in tried) for place, index in enumerate(shown))
    return Presentation("choice", (FIELD,), options)


def key(answer: Choice, shown: list[int]) -> dict[str, str]:
    """Give the form fields of the right option."""
    return next(_fields(place) for place, index in enumerate(shown) if answer.options[index].correct)


def wrong(answer: Choice, shown: list[int], misconception: str | None) -> dict[str, str] | None:
    """Give the form fields of the first shown wrong option, or of the first with this misconception."""
    for place, index in enumerate(shown):
        option = answer.options[index]
        if not option.correct and misconception in (None, option.misconception):
            return _fields(place)
    return None


def _fields(place: int) -> dict[str, str]:
    return {FIELD: str(place)}
