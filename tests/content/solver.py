r"""Solving items as a student would: from the words and numbers that are shown, never from the author's key.

A bank's solvers register here by item id. A solver gets a `Question`, which holds the text of the stem and of the
options and nothing else, and gives one of three things: the exact value; what has to be typed; or a test that tells
whether an option is right.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from math import prod

from content.schema import Choice, Item

Test = Callable[[str], bool]
Solution = Fraction | str | Test

NUMBER = re.compile(r"(?P<whole>\d+)?\\frac\{(?P<top>\d+)\}\{(?P<bottom>\d+)\}|(?P<plain>\d+(?:\.\d+)?)")
_SUM = re.compile(r"([+-]?)([^+-]+)")
_PRODUCT = re.compile(rf"(\\div|:)?\s*({NUMBER.pattern})")
_CLAIM = re.compile(r"(?P<how>Less than|More than|Exactly|Between)")


@dataclass(frozen=True, slots=True)
class Question:
    """What a student sees of an item.

    Parameters
    ----------
    text : str
        The stem.
    options : tuple of str
        Texts of the options; empty where the answer is typed.
    """

    text: str
    options: tuple[str, ...] = ()

    @property
    def numbers(self) -> list[Fraction]:
        """The numbers of the stem, in order."""
        return numbers(self.text)

    @property
    def values(self) -> list[Fraction]:
        """What the options are worth, in the author's order."""
        return [evaluate(option) for option in self.options]

    def after(self, words: str) -> Fraction:
        """Find the first number behind some words of the stem."""
        return numbers(self.text.partition(words)[2])[0]

    def rows(self) -> list[list[str]]:
        """Give the cells of the table in the stem, without the names of its rows."""
        lines = [line for line in self.text.splitlines() if line.startswith("|") and "---" not in line]
        return [[cell.strip() for cell in line.strip("|").split("|")][1:] for line in lines]

    def best(self, worth: Callable[[str], Fraction]) -> Test:
        """Accept the option that is worth the most."""
        most = max(map(worth, self.options))
        return lambda option: worth(option) == most


def ask(item: Item) -> Question:
    """Show an item, but not its answer."""
    options = item.answer.options if isinstance(item.answer, Choice) else ()
    return Question(item.stem, tuple(option.text for option in options))


def numbers(text: str) -> list[Fraction]:
    r"""Read whole numbers, decimals, fractions and mixed numbers.

    Examples
    --------
    >>> numbers(r"Take $2\frac{1}{3}$ of 4, not $\frac{?}{5}$")
    [Fraction(7, 3), Fraction(4, 1), Fraction(5, 1)]
    """
    return [_number(match) for match in NUMBER.finditer(text)]


def _number(match: re.Match[str]) -> Fraction:
    if match["plain"]:
        return Fraction(match["plain"])
    return int(match["whole"] or 0) + Fraction(int(match["top"]), int(match["bottom"]))


def evaluate(text: str) -> Fraction:
    r"""Work out a row of sums, products, quotients; a ratio a : b counts as a quotient.

    Examples
    --------
    >>> evaluate(r"$2 \times \frac{1}{4} + 6 \div 4$"), evaluate("3 : 6")
    (Fraction(2, 1), Fraction(1, 2))
    """
    terms = [-_term(term) if sign == "-" else _term(term) for sign, term in _SUM.findall(text)]
    return sum(terms, Fraction(0))


def _term(text: str) -> Fraction:
    factors = _PRODUCT.finditer(text)
    return prod((1 / _number(each) if each[1] else _number(each) for each in factors), start=Fraction(1))


def claims(value: Fraction) -> Test:
    """Accept the option that speaks the truth about a value: "Less than 6", "Between 3 and 4"."""

    def holds(option: str) -> bool:
        bounds = numbers(option)
        truth = {
            "Less than": value < bounds[0],
            "More than": value > bounds[0],
            "Exactly": value == bounds[0],
            "Between": bounds[0] < value < bounds[-1],
        }
        found = _CLAIM.match(option)
        assert found, option
        return truth[found["how"]]

    return holds


def names_the_most(amounts: dict[str, Fraction]) -> Test:
    """Accept the option that names who has the most; where several have it, the one that says "same"."""
    most = max(amounts.values())
    leaders = [name for name, amount in amounts.items() if amount == most]
    words = leaders[0] if len(leaders) == 1 else "same"
    return lambda option: words in option


Solver = Callable[[Question], Solution]


class Solvers(dict[str, Solver]):
    """The solvers of one bank, by item id."""

    def solves(self, *ids: str) -> Callable[[Solver], Solver]:
        """Register a solver for some items; each item has one."""

        def register(solve: Solver) -> Solver:
            taken = self.keys() & set(ids)
            assert not taken, f"solved twice: {taken}"
            self.update(dict.fromkeys(ids, solve))
            return solve

        return register
