"""Put things in order.

The parts are the pairs of neighbours: a pair is right when the second belongs right behind the first. Whoever has
moved one thing keeps credit for all that still follow each other, and a reversed order has none.
"""

from itertools import pairwise

from content.answers import parts
from content.answers.results import Given, Mark, Presentation
from content.schema import Ordering
from content.stream import Stream

FIELD = "place"
TWICE = "Use each place once."


def order(answer: Ordering, name: str, seed: int) -> list[int]:
    """List the right places of the things in the order in which they are shown: never the right order itself."""
    count = len(answer.things)
    stream = Stream(f"{name}/order", seed)
    shown = stream.order(count)
    return shown if shown != sorted(shown) else shown[::-1]


def mark(answer: Ordering, given: Given, shown: list[int]) -> Mark:
    """Mark the places, from 1, that the shown things were given."""
    count = len(answer.things)
    numbers = {str(place + 1): place for place in range(count)}
    given_places = [numbers.get(given.get(f"{FIELD}{at}", "").strip()) for at in range(count)]
    if None in given_places:
        return parts.missing(parts.count(answer))
    if len(set(given_places)) < count:
        return parts.missing(parts.count(answer), TWICE)
    order_given = [thing for _place, thing in sorted(zip(given_places, shown, strict=True))]
    right = sum(after == before + 1 for before, after in pairwise(order_given))
    return parts.verdict(right, parts.count(answer), order_given == sorted(order_given), parts.places(order_given))


def present(answer: Ordering, shown: list[int]) -> Presentation:
    """Show the things, each with a place to be given."""
    things = tuple((str(at), answer.things[index], False) for at, index in enumerate(shown))
    return Presentation("order", tuple(f"{FIELD}{at}" for at in range(len(shown))), things)


def key(answer: Ordering, shown: list[int]) -> dict[str, str]:
    """Give the form fields of the right order."""
    return {f"{FIELD}{at}": str(index + 1) for at, index in enumerate(shown)}


def wrong(answer: Ordering, shown: list[int], misconception: str | None) -> dict[str, str] | None:
    """Give the form fields of the reversed order."""
    if misconception is not None:
        return None
    count = len(answer.things)
    return {f"{FIELD}{at}": str(count - index) for at, index in enumerate(shown)}


def said(answer: Ordering, chosen: str) -> str:
    """The words of a stored answer."""
    return ", ".join(answer.things[index] for index in parts.read_places(chosen, len(answer.things)))
