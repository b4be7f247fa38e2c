r"""Typed answers of the source as exact numbers: ``$$\frac{-7}{12}$$``, ``6,400``, ``v=17``, ``40\%``.

Anything that is not one number is left alone: expressions, equations, points and intervals need answer types of their
own. A scientific notation is not read as a number either, since its form is what such a question asks for.
"""

import re
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

LONGEST_NUMBER = 60
"""Characters of a typed answer that is still looked at."""

_DIGITS = r"(?:\d{1,3}(?:,\d{3})+|\d+)?(?:\.\d+)?"
_DECIMAL = re.compile(rf"(-?)({_DIGITS})")
_FRACTION = re.compile(r"(-?)(\d*)(?:\\frac\{(-?\d+)\}\{(-?\d+)\})")
_PLAIN_FRACTION = re.compile(r"(-?)()(\d+)/(\d+)")
_VARIABLE = re.compile(r"([A-Za-z])=(.+)")
_UNIT_NAMES = "degrees?|cm|mm|km|m|ft|feet|in|inches|yd|miles|mph|kg|g|lb|pounds|l|ml|liters|hours?|minutes?|seconds?"
_UNIT = re.compile(
    rf"(.+?)(?:\s*(?P<sign>\\?%|°)|\s+(?P<word>{_UNIT_NAMES})|\\text\{{\s*(?P<set>{_UNIT_NAMES})\}})(\$\$)?"
)
"""A unit stands apart from its number: ``8m`` and ``$$8m$$`` are eight times m."""


@dataclass(frozen=True, slots=True)
class Typed:
    """One number that a student types.

    Parameters
    ----------
    value : Fraction
    shape : {"number", "fraction"}
        How the source writes it; a mixed number is a fraction.
    unit : str
        May be empty.
    variable : str
        The letter in ``v=17``; may be empty.
    """

    value: Fraction
    shape: Literal["number", "fraction"]
    unit: str = ""
    variable: str = ""


def typed(raw: str) -> Typed | None:
    r"""Read a typed answer, or None where it is not one number.

    Examples
    --------
    >>> typed(r"$$\frac{-7}{12}$$")
    Typed(value=Fraction(-7, 12), shape='fraction', unit='', variable='')
    >>> typed("$$4x+12$$") is None
    True
    """
    if len(raw) > LONGEST_NUMBER:
        return None
    unit = ""
    if measured := _UNIT.fullmatch(raw.strip()):
        raw, unit = measured[1], (measured["sign"] or measured["word"] or measured["set"]).lstrip("\\")
    text, variable = _bare(raw), ""
    if equation := _VARIABLE.fullmatch(text):
        variable, text = equation[1], equation[2]
    return _number(text, unit, variable)


def _bare(raw: str) -> str:
    """Strip dollars, spaces, sizes of brackets and a bracket around the whole."""
    text = re.sub(r"\$\$|\\left|\\right|\\,|\s", "", raw).replace("\\dfrac", "\\frac")
    while re.fullmatch(r"\(([^()]*)\)|\{([^{}]*)\}", text):
        text = text[1:-1]
    return text


def _number(text: str, unit: str, variable: str) -> Typed | None:
    if decimal := _DECIMAL.fullmatch(text):
        if not decimal[2]:
            return None
        value = Fraction(decimal[2].replace(",", ""))
        return Typed(-value if decimal[1] else value, "number", unit, variable)
    if fraction := _FRACTION.fullmatch(text) or _PLAIN_FRACTION.fullmatch(text):
        return _ratio(fraction, unit, variable)
    return None


def _ratio(match: re.Match[str], unit: str, variable: str) -> Typed | None:
    r"""Read ``-2\frac{1}{3}``: the sign in front belongs to the whole mixed number."""
    whole, top, bottom = int(match[2] or 0), int(match[3]), int(match[4])
    if bottom == 0 or (match[2] and (top < 0 or bottom < 0)):
        return None
    value = whole + Fraction(top, bottom)
    return Typed(-value if match[1] else value, "fraction", unit, variable)
