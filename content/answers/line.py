"""Mark a point on a number line: with the slider, or by typing its number."""

from fractions import Fraction

from content.answers.number import expected
from content.answers.reading import read, storable
from content.answers.results import Given, Mark, Presentation
from content.schema import NumberLine

FIELD = "point"
TOO_FAR = "Stay on the line."


def mark(answer: NumberLine, given: Given) -> Mark:
    """Mark the number of the point; one beyond the ends of the line is given back."""
    text = given.get(FIELD, "")
    reading = read(text)
    if reading is None:
        return Mark("unreadable", chosen=storable(text))
    value, chosen = reading.value, str(reading.value)
    if not answer.low <= value <= answer.high:
        return Mark("unreadable", nudge=TOO_FAR, chosen=storable(text))
    if abs(value - answer.value) <= answer.tolerance:
        return Mark("right", chosen=chosen)
    mistake = expected(answer.mistakes, value, answer.tolerance)
    if mistake is None:
        return Mark("wrong", chosen=chosen)
    return Mark("wrong", mistake.misconception, mistake.nudge, chosen)


def marks(answer: NumberLine) -> tuple[Fraction, ...]:
    """List the numbers at the marks of the line, from left to right."""
    steps = int((answer.high - answer.low) / answer.step)
    return tuple(answer.low + place * answer.step for place in range(steps + 1))


def present(answer: NumberLine) -> Presentation:
    """Show the line and one input."""
    return Presentation("line", (FIELD,), marks=tuple(map(str, marks(answer))))


def key(answer: NumberLine) -> dict[str, str]:
    """Give the form field of the right point."""
    return {FIELD: str(answer.value)}


def wrong(answer: NumberLine, misconception: str | None) -> dict[str, str] | None:
    """Give the form field of an expected mistake, or of the mark that is furthest from the right point."""
    if misconception is None and not answer.mistakes:
        far = max((answer.low, answer.high), key=lambda end: abs(end - answer.value))
        return {FIELD: str(far)}
    for mistake in answer.mistakes:
        fields = {FIELD: str(mistake.value)}
        verdict = mark(answer, fields)
        if verdict.status == "wrong" and misconception in (None, verdict.misconception):
            return fields
    return None
