"""Type a number: any way of writing it counts, within the tolerance."""

from fractions import Fraction

from content.answers.reading import read, storable
from content.answers.results import Given, Mark, Presentation
from content.placeholders import decimal
from content.schema import Mistake, Number

FIELD = "number"


def mark(answer: Number, given: Given) -> Mark:
    """Mark a typed number; an expected mistake carries its misconception."""
    text = given.get(FIELD, "")
    reading = read(text, answer.unit)
    if reading is None:
        return Mark("unreadable", chosen=storable(text))
    chosen = _write(reading.value)
    if abs(reading.value - answer.value) <= answer.tolerance:
        return Mark("right", chosen=chosen)
    mistake = expected(answer.mistakes, reading.value, answer.tolerance)
    if mistake is None:
        return Mark("wrong", chosen=chosen)
    return Mark("wrong", mistake.misconception, mistake.nudge, chosen)


def expected(mistakes: tuple[Mistake, ...], value: Fraction, tolerance: Fraction) -> Mistake | None:
    """Find the first mistake that gives this value."""
    return next((mistake for mistake in mistakes if abs(mistake.value - value) <= tolerance), None)


def present(answer: Number) -> Presentation:
    """Show one input and its unit."""
    return Presentation("number", (FIELD,), unit=answer.unit)


def key(answer: Number) -> dict[str, str]:
    """Give the form fields of the exact value."""
    return {FIELD: _write(answer.value)}


def wrong(answer: Number, misconception: str | None) -> dict[str, str] | None:
    """Give the form fields of an expected mistake, or of a number just outside the tolerance."""
    if misconception is None and not answer.mistakes:
        return {FIELD: _write(answer.value + answer.tolerance + 1)}
    candidates = ({FIELD: _write(mistake.value)} for mistake in answer.mistakes)
    return next((fields for fields in candidates if _carries(mark(answer, fields), misconception)), None)


def _carries(verdict: Mark, misconception: str | None) -> bool:
    return verdict.status == "wrong" and misconception in (None, verdict.misconception)


def _write(value: Fraction) -> str:
    return decimal(value) or str(value)
