"""Solvers of the answers of several parts: each works from the shown words and numbers, never from the author's key.

A solver gets the stem and one part as it is shown, and says what belongs there: for ``several`` whether to tick it;
for ``order`` what to sort by; for ``match`` and ``sort`` which of the offered words goes with a thing; for ``cloze``
the word of each gap; for ``table`` the numbers of a row's empty cells, from its other cells and the first row; for
``plot`` the points.
"""

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

from tests.content.solver import evaluate, numbers

PARTS: dict[str, Callable[..., Any]] = {}


def solves(name: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    def register(solver: Callable[..., Any]) -> Callable[..., Any]:
        PARTS[name] = solver
        return solver

    return register


def plain(text: str) -> Fraction:
    """Work out a product of fractions in plain text."""
    product = Fraction(1)
    for factor in text.split("\u00d7"):
        product *= Fraction(factor.strip().replace(" ", ""))
    return product


@solves("equal-all-two-thirds")
@solves("like-all-sums-for-five-sixths")
def as_much_as_the_stem(stem: str, option: str) -> bool:
    return evaluate(option) == numbers(stem)[0]


@solves("scale-all-more-than-eight")
def more_than_the_stem(stem: str, option: str) -> bool:
    return evaluate(option) > numbers(stem)[0]


@solves("compare-order-four")
def by_size(stem: str, thing: str) -> Fraction:
    assert "smallest" in stem
    return evaluate(thing)


@solves("share-order-tables")
def by_share(stem: str, thing: str) -> Fraction:
    assert "least" in stem
    return numbers(stem)[0] / numbers(thing)[0]


@solves("pace-order-pencils")
def by_price(stem: str, thing: str) -> Fraction:
    assert "lowest" in stem
    pencils, cents = numbers(thing)
    return cents / pencils


@solves("times-partners")
@solves("divide-partners")
def of_the_same_value(stem: str, thing: str, offered: Sequence[str]) -> str:
    (found,) = [word for word in offered if plain(word) == evaluate(thing)]
    return found


@solves("rate-speed-partners")
def as_fast(stem: str, thing: str, offered: Sequence[str]) -> str:
    km, hours = numbers(thing)
    (found,) = [word for word in offered if numbers(word)[0] / numbers(word)[1] == km / hours]
    return found


@solves("scale-sort-by-size")
def larger_or_smaller(stem: str, thing: str, offered: Sequence[str]) -> str:
    before = numbers(stem)[0]
    after = before * evaluate(thing)
    word = "larger" if after > before else "smaller" if after < before else "same"
    (found,) = [one for one in offered if word in one]
    return found


@solves("ratio-sort-sentences")
def is_it_true(stem: str, thing: str, offered: Sequence[str]) -> str:
    count = dict(zip(("boats", "children"), numbers(stem), strict=True))
    words = thing.replace(".", "").split()
    first, second = (count[word] for word in words if word in count)
    return "true" if list(numbers(thing)) == [first, second] else "not true"


@solves("table-sort-mixes")
def same_mix(stem: str, thing: str, offered: Sequence[str]) -> str:
    nuts, raisins = numbers(stem)[0], numbers(stem)[1]
    own = numbers(thing)
    return "the same mix" if own[0] * raisins == own[1] * nuts else "another mix"


@solves("real-music-words")
def players(stem: str) -> list[str]:
    students, music, piano = numbers(stem)
    return [str(students * music), str(students * music * piano)]


@solves("unit-half-words")
def half_of_it(stem: str) -> list[str]:
    return ["half of it", str(evaluate(stem.split("?")[0]))]


@solves("rate-ticket-words")
def for_one_ticket(stem: str) -> list[str]:
    tickets, dollars = numbers(stem)
    return [str(dollars / tickets), f"{dollars / tickets} dollars per ticket"]


@solves("product-areas-filled")
def area(row: Sequence[Fraction | None], first: Sequence[Fraction]) -> list[Fraction]:
    assert row[2] is None
    return [row[0] * row[1]]


@solves("table-lemonade-filled")
@solves("table-beads-filled")
def in_proportion(row: Sequence[Fraction | None], first: Sequence[Fraction]) -> list[Fraction]:
    times = next(cell / one for cell, one in zip(row, first, strict=True) if cell is not None)
    return [one * times for cell, one in zip(row, first, strict=True) if cell is None]


@solves("ratio-plot-paint")
def yellow_and_blue(stem: str) -> set[tuple[Fraction, Fraction]]:
    yellow, blue, *asked = numbers(stem)
    return {(one, one / yellow * blue) for one in asked}


@solves("table-plot-rice")
def rice_and_water(stem: str) -> set[tuple[Fraction, Fraction]]:
    water, rice, *asked = numbers(stem)
    return {(one, one / rice * water) for one in asked}


@solves("pace-plot-runner")
def laps_and_km(stem: str) -> set[tuple[Fraction, Fraction]]:
    km, lap, *asked = numbers(stem)
    return {(one, one / lap * km) for one in asked}
