"""Plot points on a grid by their coordinates; the order in which they are given does not matter."""

from collections import Counter

from content.answers import parts
from content.answers.reading import read, storable
from content.answers.results import Given, Mark, Presentation
from content.schema import Plot

NOT_A_NUMBER = "Type two numbers for each point."
OFF_THE_GRID = "Stay on the grid."


def fields(answer: Plot) -> list[tuple[str, str]]:
    """Names of the two inputs of each point."""
    return [(f"x{at}", f"y{at}") for at in range(len(answer.points))]


def mark(answer: Plot, given: Given) -> Mark:
    """Mark the points; one that lies off the grid is given back."""
    readings = [(read(given.get(x, "")), read(given.get(y, ""))) for x, y in fields(answer)]
    points = [(x.value, y.value) for x, y in readings if x is not None and y is not None]
    count = parts.count(answer)
    if len(points) < len(readings):
        texts = "; ".join(f"{given.get(x, '')}, {given.get(y, '')}" for x, y in fields(answer))
        return Mark("unreadable", nudge=NOT_A_NUMBER, chosen=storable(texts), parts=count)
    chosen = "; ".join(f"({x}, {y})" for x, y in sorted(points))
    if any(not answer.low <= value <= answer.high for point in points for value in point):
        return Mark("unreadable", nudge=OFF_THE_GRID, chosen=storable(chosen), parts=count)
    right = (Counter(points) & Counter(answer.points)).total()
    return parts.verdict(right, count, right == len(answer.points), chosen)


def present(answer: Plot) -> Presentation:
    """Show the grid and two inputs for each point."""
    steps = int((answer.high - answer.low) / answer.step)
    marks = tuple(str(answer.low + place * answer.step) for place in range(steps + 1))
    return Presentation("plot", tuple(name for pair in fields(answer) for name in pair), marks=marks)


def key(answer: Plot) -> dict[str, str]:
    """Give the form fields of the right points."""
    found: dict[str, str] = {}
    for (x, y), (right_x, right_y) in zip(fields(answer), answer.points, strict=True):
        found |= {x: str(right_x), y: str(right_y)}
    return found


def wrong(answer: Plot, misconception: str | None) -> dict[str, str] | None:
    """Give the form fields with the coordinates of every point exchanged, or else with one point moved."""
    if misconception is not None:
        return None
    exchanged: dict[str, str] = {}
    for (x, y), (right_x, right_y) in zip(fields(answer), answer.points, strict=True):
        exchanged |= {x: str(right_y), y: str(right_x)}
    if mark(answer, exchanged).status == "wrong":
        return exchanged
    right_x, _right_y = answer.points[0]
    other = answer.high if right_x != answer.high else answer.low
    moved = {**key(answer), "x0": str(other)}
    return moved if mark(answer, moved).status == "wrong" else None
