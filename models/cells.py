"""Put table cells together until every expected count is large enough for a chi-squared statistic."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

LEAST = 1.0
"""Smallest expected count of a cell."""
RARE_ROWS = 0.1
"""The highest score needs an expected count of LEAST in about this share of the rows to stay a column of its own."""
RARE_CELLS = 0.05
"""A column with fewer used cells than this share is joined to its neighbour."""


@dataclass(frozen=True, eq=False, slots=True)
class Table:
    """Observed and expected counts, of the same shape (n_groups, n_scores); an expected count of 0 is no cell."""

    observed: Floats
    expected: Floats

    def chi2(self) -> float:
        """Pearson's statistic over the cells."""
        used = self.expected > 0.0
        return float(np.sum((self.observed[used] - self.expected[used]) ** 2 / self.expected[used]))

    def free(self) -> int:
        """Cells that are free once each row's total is known."""
        return int(np.count_nonzero(self.expected)) - len(self.expected)


def collapse(table: Table) -> Table:
    """Join sparse cells: within a row first, then whole rows, always with the smaller neighbour.

    Parameters
    ----------
    table : Table
        Rows ordered by total score, columns by the item's score.

    Returns
    -------
    Table
        Every expected count is at least 1 or exactly 0 (no cell), unless one row is left.

    Notes
    -----
    The order of steps is the one of R's mirt, so that figures can be compared: empty rows go, rows with one student
    join the next, sparse scores of a row join a neighbouring score, columns that are rare everywhere go, and then
    rows join until no cell is sparse.

    Examples
    --------
    >>> collapse(Table(np.array([[3.0, 0.0], [2.0, 4.0]]), np.array([[2.5, 0.5], [2.0, 4.0]]))).expected
    array([[4.5, 4.5]])
    """
    seen = table.observed.sum(axis=1) > 0.0
    observed, expected = table.observed[seen], table.expected[seen]
    if not len(observed):
        return Table(observed, expected)
    rows = [_within(*row) for row in _without_singles(observed, expected)]
    observed, expected = np.array([row[0] for row in rows]), np.array([row[1] for row in rows])
    observed, expected = _without_rare_columns(observed, expected)
    return _joined_rows(observed, expected)


def join_ends(table: Table, rows: int) -> Table:
    """Add the first rows to the one after them, and the last rows to the one before; as is if no row is between.

    Examples
    --------
    >>> counts = np.array([[1.0], [2.0], [4.0]])
    >>> join_ends(Table(counts, counts), 1).observed
    array([[7.]])
    """
    if rows <= 0 or len(table.observed) <= 2 * rows:
        return table
    return Table(_ends_joined(table.observed, rows), _ends_joined(table.expected, rows))


def _ends_joined(counts: Floats, rows: int) -> Floats:
    kept = counts[rows:-rows].copy()
    kept[0] += counts[:rows].sum(axis=0)
    kept[-1] += counts[-rows:].sum(axis=0)
    return kept


def _without_singles(observed: Floats, expected: Floats) -> list[tuple[Floats, Floats]]:
    """Rows, the ones with a single student added to the next, the last to the one before."""
    rows: list[tuple[Floats, Floats]] = []
    waiting = np.zeros((2, observed.shape[1]))
    for pair in np.stack([observed, expected], axis=1):
        joined = pair + waiting
        waiting = joined if joined[0].sum() == 1.0 else np.zeros_like(joined)
        if waiting is not joined:
            rows.append((joined[0], joined[1]))
    if waiting.any():
        before = rows.pop() if rows else (0.0, 0.0)
        rows.append((waiting[0] + before[0], waiting[1] + before[1]))
    return rows


def _within(observed: Floats, expected: Floats) -> tuple[Floats, Floats]:
    """One row, its sparsest score joined with its smaller neighbour until none is sparse or two are left."""
    seen, due = list(observed), list(expected)
    while len(due) > 2 and min(due) < LEAST:
        least = len(due) - 1 - due[::-1].index(min(due))
        near = [i for i in (least - 1, least + 1) if 0 <= i < len(due)]
        into = min(near, key=due.__getitem__)
        seen[into] += seen.pop(least) if into < least else seen[least]
        due[into] += due.pop(least) if into < least else due[least]
        if into > least:
            del seen[least], due[least]
    gap = [0.0] * (len(expected) - len(due))
    return np.array(seen + gap), np.array(due + gap)


def _without_rare_columns(observed: Floats, expected: Floats) -> tuple[Floats, Floats]:
    """Join the last column with the one before while it is rare, then any other column that is hardly used."""
    while expected.shape[1] > 2 and expected[:, -1].sum() < LEAST * ceil(len(expected) * RARE_ROWS):
        observed, expected = _join_column(observed, -1), _join_column(expected, -1)
    for column in range(expected.shape[1] - 1, 0, -1):
        if np.mean(expected[:, column] > 0.0) < RARE_CELLS:
            observed, expected = _join_column(observed, column), _join_column(expected, column)
    return observed, expected


def _join_column(table: Floats, column: int) -> Floats:
    joined = table.copy()
    joined[:, column - 1] += joined[:, column]
    return np.delete(joined, column, axis=1)


def _joined_rows(observed: Floats, expected: Floats) -> Table:
    """Join the first row with a sparse cell to the neighbour with fewer students, until none is left."""
    while len(expected) > 1:
        sparse = np.any((expected < LEAST) & (expected > 0.0), axis=1)
        if not sparse.any():
            break
        row = int(sparse.argmax())
        near = [i for i in (row - 1, row + 1) if 0 <= i < len(expected)]
        into = min(near, key=lambda i: float(observed[i].sum()))
        observed, expected = _join_row(observed, row, into), _join_row(expected, row, into)
    return Table(observed, expected)


def _join_row(table: Floats, row: int, into: int) -> Floats:
    joined = table.copy()
    joined[into] += joined[row]
    return np.delete(joined, row, axis=0)
