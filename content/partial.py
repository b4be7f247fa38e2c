"""Whether an answer of several parts makes sense: something to do, nothing twice, nothing that cannot be shown."""

import re
from collections import Counter
from collections.abc import Iterator

from content.findings import Fault
from content.schema import Answer, Gaps, Ordering, Plot, Table

FEWEST, MOST = 2, 12
"""Parts that a student can have in view on a Chromebook's screen."""
MOST_CELLS = 60
MOST_MARKS = 24
"""Lines of a grid that can still be told apart."""
_MATHS = re.compile(r"(?<!\\)\$")


def parts_faults(answer: Ordering | Gaps | Table | Plot) -> Iterator[Fault]:
    """Find what is the matter with the parts of an answer."""
    if isinstance(answer, Ordering):
        yield from _order_faults(answer)
    elif isinstance(answer, Gaps):
        yield from _gap_faults(answer)
    elif isinstance(answer, Table):
        yield from _table_faults(answer)
    else:
        yield from _plot_faults(answer)


def parts_texts(answer: Answer) -> Iterator[tuple[str, int, str]]:
    """Texts of the parts that students read, with where they stand."""
    if isinstance(answer, Ordering):
        yield from (("row", index, thing) for index, thing in enumerate(answer.things))
    elif isinstance(answer, Gaps):
        yield from (("row", index, gap.before) for index, gap in enumerate(answer.gaps))
        yield "answer", 0, answer.after
    elif isinstance(answer, Table):
        for index, row in enumerate(answer.rows):
            yield from (("row", index, cell) for cell in row if isinstance(cell, str))


def _size_faults(count: int, what: str) -> Iterator[Fault]:
    if not FEWEST <= count <= MOST:
        message = f"There are {count} {what}"
        yield Fault("bad-count", message, f"Write {FEWEST} to {MOST}.", "answer")


def _twice(texts: list[str], what: str) -> Iterator[Fault]:
    seen: set[str] = set()
    for index, text in enumerate(texts):
        bare = "".join(text.split())
        if not bare:
            yield Fault("empty-row", f"The {what} has no text", "Write what it says.", "row", index)
        elif bare in seen:
            yield Fault("duplicate-row", f"Two {what}s read '{text}'", "Change one of them.", "row", index)
        seen.add(bare)


def _order_faults(answer: Ordering) -> Iterator[Fault]:
    yield from _size_faults(len(answer.things), "things to put in order")
    yield from _twice(list(answer.things), "thing")


def _gap_faults(answer: Gaps) -> Iterator[Fault]:
    # One gap is a question too; one pair is not, because its partner would be given away.
    least = 1 if answer.kind == "cloze" else FEWEST
    if not least <= len(answer.gaps) <= MOST:
        what = "gaps" if answer.kind == "cloze" else "pairs"
        yield Fault("bad-count", f"There are {len(answer.gaps)} {what}", f"Write {least} to {MOST}.", "answer")
    if answer.kind != "cloze":
        yield from _twice([gap.before for gap in answer.gaps], "thing")
    if answer.kind == "match":
        used = Counter(gap.right for gap in answer.gaps)
        for index, gap in enumerate(answer.gaps):
            if used[gap.right] > 1:
                hint = "Give each thing a partner of its own, or write 'answer: sort'."
                yield Fault("shared-partner", f"'{gap.options[gap.right]}' has two things", hint, "row", index)
    for index, gap in enumerate(answer.gaps):
        yield from _option_faults(gap.options, index)


def _option_faults(options: tuple[str, ...], index: int) -> Iterator[Fault]:
    if len(options) < FEWEST:
        yield Fault("too-few-options", "There is nothing to choose from", "Offer another word.", "row", index)
    for option in options:
        if not option.strip():
            yield Fault("empty-option", "An option has no text", "Write what it says.", "row", index)
        elif _MATHS.search(option):
            hint = "Write it without dollar signs, such as 3/4 or 2 x 3."
            yield Fault("maths-in-list", f"A drop-down list cannot show the maths of '{option}'", hint, "row", index)
    if len({"".join(option.split()) for option in options}) < len(options):
        yield Fault("duplicate-option", "Two options of a gap read alike", "Change one of them.", "row", index)


def _table_faults(answer: Table) -> Iterator[Fault]:
    empty = sum(not isinstance(cell, str) for row in answer.rows for cell in row)
    if not 1 <= empty <= MOST:
        hint = f"Mark 1 to {MOST} cells with '= ' and the right number."
        yield Fault("bad-count", f"The table has {empty} cells to fill in", hint, "answer")
    if len(answer.rows) < FEWEST:
        yield Fault("bad-table", "The table has no rows below its head", "Write a head and a row at least.", "answer")
        return
    for index, row in enumerate(answer.rows):
        if len(row) != len(answer.rows[0]):
            message = f"The row has {len(row)} cells, the head {len(answer.rows[0])}"
            yield Fault("uneven-table", message, "Give every row as many cells as the head.", "row", index)
    if any(not isinstance(cell, str) or not cell.strip() for cell in answer.rows[0]):
        yield Fault("bad-table", "The head has an empty cell", "Write what each column holds.", "row", 0)
    if sum(map(len, answer.rows)) > MOST_CELLS:
        yield Fault("bad-table", f"The table has more than {MOST_CELLS} cells", "Ask about less of it.", "answer")


def _plot_faults(answer: Plot) -> Iterator[Fault]:
    if not 1 <= len(answer.points) <= MOST:
        yield Fault("bad-count", f"There are {len(answer.points)} points", f"Write 1 to {MOST}.", "answer")
    if answer.low >= answer.high or answer.step <= 0:
        message = f"A grid from {answer.low} to {answer.high} with a line every {answer.step} cannot be drawn"
        yield Fault("bad-grid", message, "Let 'to' be above 'from', and 'step' above 0.", "answer")
        return
    marks = (answer.high - answer.low) / answer.step
    if marks.denominator != 1 or marks > MOST_MARKS:
        message = f"From {answer.low} to {answer.high} there are {marks} steps of {answer.step}"
        yield Fault("bad-grid", message, f"Let it be a whole number of steps, at most {MOST_MARKS}.", "answer")
    seen = Counter(answer.points)
    for index, point in enumerate(answer.points):
        if not all(answer.low <= value <= answer.high for value in point):
            yield Fault("off-the-grid", f"({point[0]}, {point[1]}) lies off the grid", "Make it larger.", "row", index)
        if seen[point] > 1:
            yield Fault("duplicate-row", f"({point[0]}, {point[1]}) is there twice", "Delete one.", "row", index)
