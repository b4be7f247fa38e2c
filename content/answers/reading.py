"""Numbers as children type them: ``1 1/2``, ``1.5``, ``1,000``, ``50 %``, a half as one character."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

MAX_LENGTH = 200
MAX_STORED = 60

_SLASHES = "\N{FRACTION SLASH}\N{DIVISION SLASH}\N{FULLWIDTH SOLIDUS}\N{DIVISION SIGN}"
_MINUSES = "\N{MINUS SIGN}\N{HYPHEN}\N{NON-BREAKING HYPHEN}\N{FIGURE DASH}\N{EN DASH}\N{EM DASH}"
_MINUSES += "\N{SMALL HYPHEN-MINUS}\N{FULLWIDTH HYPHEN-MINUS}\N{SUPERSCRIPT MINUS}"
_SAME = str.maketrans(dict.fromkeys(_SLASHES, "/") | dict.fromkeys(_MINUSES, "-"))

_WHOLE = r"(?:[0-9]{1,3}(?:[, ][0-9]{3})+|[0-9]+)"
_PLAIN_WHOLE = r"(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)"
_FORMS = re.compile(
    rf"(?P<sign>[-+]?) ?"
    rf"(?:(?P<decimal>(?:{_WHOLE})?\.[0-9]+|{_WHOLE}\.)"
    rf"|(?:(?P<whole>{_PLAIN_WHOLE})(?: | and ))?(?P<top>{_PLAIN_WHOLE}) ?/ ?(?P<bottom>{_PLAIN_WHOLE})"
    rf"|(?P<integer>{_WHOLE}))"
    rf" ?(?P<percent>%?)"
)

# What a child may type in front or behind when the unit says the same in another way.
_SYNONYMS = {
    "dollars": ("$", "dollar"),
    "$": ("dollars", "dollar"),
    "cents": ("¢", "cent"),
    "pounds": ("£", "pound"),
    "euros": ("€", "euro"),
    "%": ("percent", "per cent"),
    "percent": ("%", "per cent"),
}


_PERCENT = ("%", "percent")


@dataclass(frozen=True, slots=True)
class Reading:
    """A number as it was typed.

    Parameters
    ----------
    value : Fraction
    whole : int
        Whole part of a mixed number, or the whole number; 0 where there is none.
    top, bottom : int
        Numerator and denominator as typed; 0 and 1 for a whole number.
    style : {"whole", "fraction", "mixed", "decimal"}
    negative : bool
    """

    value: Fraction
    whole: int
    top: int
    bottom: int
    style: str
    negative: bool = False

    def __str__(self) -> str:
        """Write it the same way for everyone who typed the same: ``1 2/4``, ``0.5``, ``-3``."""
        sign = "-" if self.negative else ""
        fraction = f"{self.top}/{self.bottom}"
        forms = {"whole": str(self.whole), "fraction": fraction, "mixed": f"{self.whole} {fraction}"}
        return sign + forms.get(self.style, fraction)


def tidy(text: str) -> str:
    """Spell digits, signs and spaces of any script or width in ASCII, and drop what cannot be seen.

    Examples
    --------
    >>> tidy(" \N{MINUS SIGN}1\N{VULGAR FRACTION ONE HALF} ")
    '-1 1/2'
    """
    plain = "".join(_plain(character) for character in text[:MAX_LENGTH].translate(_SAME))
    return " ".join(plain.split())


def _plain(character: str) -> str:
    if character.isascii():
        return character if character.isprintable() else " "
    category = unicodedata.category(character)
    if category == "Nd":
        return str(unicodedata.decimal(character))
    if category.startswith("Z"):
        return " "
    if category.startswith("C"):  # invisible, or not storable: format marks, lone surrogates
        return ""
    return _compatible(character)


def _compatible(character: str) -> str:
    """Spell out one-character fractions and full-width signs; leave the rest, such as a superscript two."""
    spelt = unicodedata.normalize("NFKC", character)
    if "\N{FRACTION SLASH}" in spelt:
        return f" {spelt} ".replace("\N{FRACTION SLASH}", "/")
    return spelt if 0xFF01 <= ord(character) <= 0xFF5E else character


def storable(text: str) -> str:
    """Cut what could not be read to something that any database takes."""
    return tidy(text)[:MAX_STORED]


def read(text: str, unit: str = "") -> Reading | None:
    """Read a number as a child types it; None where it is none.

    Parameters
    ----------
    text : str
        Anything at all. More than `MAX_LENGTH` characters are no number.
    unit : str
        What is printed behind the input; typing it too is no mistake.

    Examples
    --------
    >>> read("= 1,000 1/2 cups", "cups").value
    Fraction(2001, 2)
    """
    if len(text) > MAX_LENGTH:
        return None
    plain = tidy(text).removeprefix("=").strip()
    for candidate in _without_unit(plain, tidy(unit)):
        if candidate != plain and candidate.endswith("%") and unit.strip() in _PERCENT:
            continue  # "25 %%" where per cent are asked for: a slip of the finger, not a hundredth of 25
        match = _FORMS.fullmatch(candidate)
        if match:
            return _reading(match)
    return None


def _without_unit(plain: str, unit: str) -> Iterable[str]:
    """Offer the text without its unit first, so that 50 % of a percentage is 50."""
    # A unit that starts with a digit would eat digits of the number.
    names = [name for name in (unit, *_SYNONYMS.get(unit.casefold(), ())) if name and not name[0].isdigit()]
    for name in names:
        yield from _trimmed(plain, name)
    yield plain


def _trimmed(plain: str, name: str) -> Iterable[str]:
    low, unit = plain.casefold(), name.casefold()
    for spelling in (unit, unit + "s", unit.removesuffix("s"), unit + "."):
        if spelling and low.endswith(spelling) and len(low) == len(plain):
            yield plain[: -len(spelling)].rstrip()
    if low.startswith(unit) and not unit.isalnum() and len(low) == len(plain):
        yield plain[len(unit) :].lstrip()


def _integer(digits: str | None) -> int:
    return int((digits or "0").replace(",", "").replace(" ", ""))


def _reading(match: re.Match[str]) -> Reading | None:
    negative, percent = match["sign"] == "-", bool(match["percent"])
    if match["decimal"] or percent:
        return _inexact(match, negative, percent)
    if not match["top"]:
        whole = _integer(match["integer"])
        return Reading(Fraction(-whole if negative else whole), whole, 0, 1, "whole", negative and whole != 0)
    return _over(match, negative)


def _over(match: re.Match[str], negative: bool) -> Reading | None:
    whole, top, bottom = (_integer(match[name]) for name in ("whole", "top", "bottom"))
    if bottom == 0:
        return None
    value = whole + Fraction(top, bottom)
    style = "mixed" if match["whole"] else "fraction"
    return Reading(-value if negative else value, whole, top, bottom, style, negative and value != 0)


def _inexact(match: re.Match[str], negative: bool, percent: bool) -> Reading | None:
    """Read decimals and percentages, which are values without a numerator and denominator of their own."""
    if match["top"]:
        fraction = _over(match, negative)
        value = fraction.value if fraction else None
    else:
        digits = (match["decimal"] or match["integer"]).replace(",", "").replace(" ", "")
        value = -Fraction(digits) if negative else Fraction(digits)
    if value is None:
        return None
    value = value / 100 if percent else value
    return Reading(value, 0, abs(value.numerator), value.denominator, "decimal", value < 0)
