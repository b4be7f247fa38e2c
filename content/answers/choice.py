"""Pick one option: shown in an order drawn from the seed, known inside by the author's order."""

from collections.abc import Collection

from content.answers.results import Given, Mark, Presentation, Status
from content.schema import Choice, Option
from content.stream import Stream

FIELD = "option"


FEWEST = 2


def shown_count(count: int, most: int | None) -> int:
    """How many of so many options are shown where at most `most` are wanted.

    One is left out at least, or fewer options would be no help; two stay, or there would be nothing to choose.

    Examples
    --------
    >>> [shown_count(count, 3) for count in (2, 3, 4, 5)], shown_count(4, None)
    ([2, 2, 3, 3], 4)
    """
    return count if most is None else min(count, max(FEWEST, min(most, count - 1)))


def order(answer: Choice, name: str, seed: int, most: int | None = None) -> list[int]:
    """List the author's places of the options in the order in which they are shown.

    Parameters
    ----------
    name : str
        Id of the item.
    seed : int
        Any whole number; the same seed gives the same order for ever, and the same options where some are left out.
    most : int or None
        Show at most so many (see `shown_count`): the right one, then those with a misconception, which tell most.
    """
    count = len(answer.options)
    places = Stream(f"{name}/order", seed).order(count) if answer.shuffle else list(range(count))
    return places if most is None else _kept(answer, name, seed, places, shown_count(count, most))


def _kept(answer: Choice, name: str, seed: int, places: list[int], count: int) -> list[int]:
    """Keep so many of the places, in their order."""
    # Drawn apart from the order, so that the place on the page does not tell which ones stay.
    drawn = Stream(f"{name}/fewer", seed).order(len(answer.options))
    wanted = sorted(drawn, key=lambda place: _rank(answer.options[place]))
    kept = set(wanted[:count])
    return [place for place in places if place in kept]


def _rank(option: Option) -> int:
    if option.correct:
        return 0
    return 1 if option.misconception else 2


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
