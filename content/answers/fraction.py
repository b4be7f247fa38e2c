"""Type a fraction, a mixed number or a whole number; the form can matter."""

from fractions import Fraction
from math import gcd

from content.answers.number import expected
from content.answers.reading import Reading, read, storable
from content.answers.results import Given, Mark, Presentation
from content.schema import FractionAnswer

FIELDS = ("whole", "top", "bottom")
TEXT = "text"

_AS_FRACTION = "Right value. Now write it as a fraction."
_SIMPLER = "Right value. Now make it simpler."
_OVER = "Right value. Now use {} as the bottom number."


def mark(answer: FractionAnswer, given: Given) -> Mark:
    """Mark three fields (whole, top, bottom) or one field of text."""
    text = _text(given)
    reading = read(text, answer.unit)
    if reading is None:
        return Mark("unreadable", chosen=storable(text))
    if reading.value != answer.value:
        return _mark_wrong(answer, reading)
    fault = _fault(answer, reading)
    return Mark("reform" if fault else "right", nudge=fault, chosen=str(reading))


def _mark_wrong(answer: FractionAnswer, reading: Reading) -> Mark:
    mistake = expected(answer.mistakes, reading.value, Fraction(0))
    if mistake is None:
        return Mark("wrong", chosen=str(reading))
    return Mark("wrong", mistake.misconception, mistake.nudge, str(reading))


def _text(given: Given) -> str:
    """Join the fields to what a child would type in one."""
    whole, top, bottom = (given.get(name, "").strip() for name in FIELDS)
    if not (top or bottom):
        return whole or given.get(TEXT, "")
    return f"{whole} {top}/{bottom}"


def _fault(answer: FractionAnswer, reading: Reading) -> str | None:
    """Say what is asked for when a right value has another form."""
    if reading.style == "decimal":
        return _AS_FRACTION
    if answer.denominator is not None and reading.bottom != answer.denominator:
        return _OVER.format(answer.denominator)
    if answer.form == "simplest" and not _is_simplest(reading):
        return _SIMPLER
    return None


def _is_simplest(reading: Reading) -> bool:
    if reading.style == "whole":
        return True
    proper = reading.style != "mixed" or 0 < reading.top < reading.bottom
    return proper and reading.bottom > 1 and gcd(reading.top, reading.bottom) == 1


def present(answer: FractionAnswer) -> Presentation:
    """Show the three inputs of a mixed number and the unit."""
    return Presentation("fraction", FIELDS, unit=answer.unit)


def key(answer: FractionAnswer) -> dict[str, str]:
    """Give the form fields of the right value in the form that is asked for."""
    return _fields(answer.value, answer.denominator)


def wrong(answer: FractionAnswer, misconception: str | None) -> dict[str, str] | None:
    """Give the form fields of an expected mistake, or of one more than the right value."""
    if misconception is None and not answer.mistakes:
        return _fields(answer.value + 1, answer.denominator)
    for mistake in answer.mistakes:
        fields = _fields(mistake.value, None)
        verdict = mark(answer, fields)
        if verdict.status == "wrong" and misconception in (None, verdict.misconception):
            return fields
    return None


def _fields(value: Fraction, denominator: int | None) -> dict[str, str]:
    bottom = denominator or value.denominator
    if bottom == 1:
        return {"whole": str(value.numerator), "top": "", "bottom": ""}
    return {"whole": "", "top": str(value.numerator * bottom // value.denominator), "bottom": str(bottom)}
