r"""Numbers in texts: ``[[expression]]`` is replaced by its value.

Inside ``$...$`` a fraction becomes ``\frac{7}{12}``, outside ``7/12``. Three display functions may stand
outermost: ``frac(a, b)`` leaves a fraction as it is, ``mixed(x)`` writes a mixed number, ``dec(x)`` a decimal.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

from content.expressions import ExpressionError, Names, Shown, parse_shown

_PIECE = re.compile(r"\\.|\$\$?|\[\[([^\[\]]*)\]\]|\[\[", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Placeholder:
    """One ``[[expression]]`` of a text.

    Parameters
    ----------
    start, end : int
        Where it stands in the text.
    source : str or None
        What stands between the brackets; None where they are never closed.
    maths : bool
        Whether it stands between dollar signs.
    """

    start: int
    end: int
    source: str | None
    maths: bool


def find(text: str) -> Iterator[Placeholder]:
    """Find the placeholders of a text, in order."""
    inside = ""
    for piece in _PIECE.finditer(text):
        if piece[0].startswith("$"):
            inside = _past(piece[0], inside)
        elif piece[0].startswith("[["):
            yield Placeholder(piece.start(), piece.end(), piece[1], bool(inside))


def _past(dollars: str, inside: str) -> str:
    """Tell which dollars are open behind `dollars`; within ``$a$$b$`` two of them close and open again."""
    if not inside:
        return dollars
    return "" if dollars == inside else inside


@lru_cache(maxsize=8192)
def _pieces(text: str) -> tuple[tuple[str, Shown | None, bool], ...]:
    """Split a text into (plain text, what follows it, whether that is in maths)."""
    pieces: list[tuple[str, Shown | None, bool]] = []
    position = 0
    for each in find(text):
        if each.source is None:
            raise ExpressionError("[[ is not closed with ]]", each.start + 1, "open-brackets")
        pieces.append((text[position : each.start], parse_shown(each.source), each.maths))
        position = each.end
    return (*pieces, (text[position:], None, False))


def fill(text: str, names: Names) -> str:
    r"""Put the values into a text.

    Raises
    ------
    ExpressionError
        When an expression cannot be read or worked out, or ``dec`` meets a number such as 1/3.

    Examples
    --------
    >>> fill("$[[x]]$ is [[x]] or [[mixed(x)]] or [[dec(x)]]", {"x": Fraction(3, 2)})
    '$\\frac{3}{2}$ is 3/2 or 1 1/2 or 1.5'
    """
    if "[[" not in text:
        return text
    return "".join(plain + (show(shown, names, maths=maths) if shown else "") for plain, shown, maths in _pieces(text))


def show(shown: Shown, names: Names, *, maths: bool) -> str:
    """Write the value of one placeholder."""
    values = [part.number(names) for part in shown.parts]
    return _DISPLAYS[shown.how](values, maths)


def _over(top: int, bottom: int, maths: bool) -> str:
    sign = "-" if top < 0 else ""
    return f"{sign}\\frac{{{abs(top)}}}{{{bottom}}}" if maths else f"{sign}{abs(top)}/{bottom}"


def _plain(values: list[Fraction], maths: bool) -> str:
    value = values[0]
    return str(value) if value.denominator == 1 else _over(value.numerator, value.denominator, maths)


def _frac(values: list[Fraction], maths: bool) -> str:
    top, bottom = values
    if top.denominator != 1 or bottom.denominator != 1:
        raise ExpressionError(f"frac() needs two whole numbers, not {top} and {bottom}", 0, "not-whole")
    if bottom <= 0:
        raise ExpressionError(f"frac() needs a denominator above 0, not {bottom}", 0, "bad-denominator")
    return _over(top.numerator, bottom.numerator, maths)


def _mixed(values: list[Fraction], maths: bool) -> str:
    value = values[0]
    whole, rest = divmod(abs(value), 1)
    if not whole or not rest:
        return _plain(values, maths)
    sign, gap = "-" if value < 0 else "", "" if maths else " "
    return f"{sign}{whole}{gap}{_over(rest.numerator, rest.denominator, maths)}"


def decimal(value: Fraction) -> str | None:
    """Write a number as an exact decimal; None where its decimals never end.

    Examples
    --------
    >>> decimal(Fraction(3, 8)), decimal(Fraction(1, 3))
    ('0.375', None)
    """
    places = _places(value.denominator)
    if places is None:
        return None
    digits = str(abs(value.numerator) * 10**places // value.denominator).rjust(places + 1, "0")
    sign = "-" if value < 0 else ""
    return f"{sign}{digits[:-places]}.{digits[-places:]}" if places else sign + digits


def _places(denominator: int) -> int | None:
    """Count the decimals that a reduced fraction with this denominator needs."""
    places = {2: 0, 5: 0}
    for prime in places:
        while denominator % prime == 0:
            denominator //= prime
            places[prime] += 1
    return max(places.values()) if denominator == 1 else None


def _dec(values: list[Fraction], maths: bool) -> str:
    text = decimal(values[0])
    if text is None:
        raise ExpressionError(f"dec({values[0]}) never ends as a decimal", 0, "endless-decimal")
    return text


_DISPLAYS: dict[str, Callable[[list[Fraction], bool], str]] = {
    "": _plain,
    "frac": _frac,
    "mixed": _mixed,
    "dec": _dec,
}
