"""Fill in the empty cells of a table with numbers."""

from collections.abc import Iterator
from fractions import Fraction

from content.answers import parts
from content.answers.reading import read, storable
from content.answers.results import Given, Mark, Presentation
from content.schema import Table

NOT_A_NUMBER = "Type a number in every box."


def cells(answer: Table) -> Iterator[tuple[str, Fraction]]:
    """Name and right value of every cell to be filled in, row by row."""
    for row, line in enumerate(answer.rows):
        for column, cell in enumerate(line):
            if not isinstance(cell, str):
                yield f"cell{row}x{column}", cell


def mark(answer: Table, given: Given) -> Mark:
    """Mark the numbers in the cells."""
    asked = list(cells(answer))
    readings = [read(given.get(name, "")) for name, _value in asked]
    values = [reading.value for reading in readings if reading is not None]
    if len(values) < len(asked):
        texts = "; ".join(given.get(name, "") for name, _value in asked)
        return Mark("unreadable", nudge=NOT_A_NUMBER, chosen=storable(texts), parts=parts.count(answer))
    right = sum(value == wanted for value, (_name, wanted) in zip(values, asked, strict=True))
    return parts.verdict(right, parts.count(answer), right == len(asked), "; ".join(map(str, values)))


def present(answer: Table) -> Presentation:
    """Show the table with inputs in its empty cells."""
    named = {name for name, _value in cells(answer)}
    rows = tuple(
        tuple((cell, "") if isinstance(cell, str) else ("", f"cell{row}x{column}") for column, cell in enumerate(line))
        for row, line in enumerate(answer.rows)
    )
    inputs = tuple(name for line in rows for _text, name in line if name in named)
    return Presentation("table", inputs, rows=rows)


def key(answer: Table) -> dict[str, str]:
    """Give the form fields of the right answer."""
    return {name: str(value) for name, value in cells(answer)}


def wrong(answer: Table, misconception: str | None) -> dict[str, str] | None:
    """Give the form fields with another number in the last cell."""
    if misconception is not None:
        return None
    fields = key(answer)
    name, value = list(cells(answer))[-1]
    return {**fields, name: str(value + 1)}
