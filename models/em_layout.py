"""How answers and items are laid out for the kernels: cells, shards, parameter rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from models.em_kernels import GRADED, GUESSING, LOGISTIC, PARTIAL, Floats, Integers, by_cell
from models.irt import ItemParams
from models.jit import compiled
from models.polytomous import PolyParams
from models.responses import Responses

Kind = Literal["1PL", "2PL", "3PL", "GRM", "GPCM", "PCM"]
Fitted = ItemParams | PolyParams
Mask = NDArray[np.bool_]

CODES: dict[str, int] = {
    "1PL": LOGISTIC, "2PL": LOGISTIC, "3PL": GUESSING, "GRM": GRADED, "GPCM": PARTIAL, "PCM": PARTIAL,
}  # fmt: skip
COMMON = ("1PL", "PCM")
"""Kinds whose items share one slope."""
POLYTOMOUS = ("GRM", "GPCM", "PCM")

GRID_EDGE = 6.0
"""Logits."""
START_GUESS = 0.2
_START_SLOPE = 1.0


@dataclass(frozen=True, eq=False, slots=True)
class Layout:
    """Items as columns.

    Parameters
    ----------
    kinds : tuple of str
    codes, scores, offsets : ndarray of int64, shape (n_items,)
        Kernel code, number of scores, first cell.
    groups : int
        Number of groups; their cells come first.
    used : ndarray of bool, shape (n_items, n_parameters)
        Which columns the item's model has.
    common, held : ndarray of bool, shape (n_items,)
        Shares the common slope; keeps its parameters.
    """

    kinds: tuple[Kind, ...]
    codes: Integers
    scores: Integers
    offsets: Integers
    groups: int
    used: Mask
    common: Mask
    held: Mask

    @classmethod
    def build(cls, kinds: Sequence[Kind], scores: Integers, groups: int, held: Mask) -> Layout:
        """Lay out items of these kinds and numbers of scores."""
        codes = np.array([CODES[kind] for kind in kinds], dtype=np.int64)
        offsets = groups + np.concatenate([[0], np.cumsum(scores)[:-1]]).astype(np.int64)
        size = np.where(codes == GUESSING, 3, scores)
        used = np.arange(size.max()) < size[:, None]
        common = np.array([kind in COMMON for kind in kinds]) & ~held
        return cls(tuple(kinds), codes, scores, offsets, groups, used, common, held)

    @property
    def n_cells(self) -> int:
        """Rows of the table."""
        return self.groups + int(self.scores.sum())

    @property
    def steps(self) -> Mask:
        """Which columns are steps, e = -a b, of shape (n_items, n_parameters)."""
        columns = np.arange(self.used.shape[-1])
        return np.asarray((columns >= 1) & (columns < self.scores[:, None]))


@dataclass(frozen=True, eq=False, slots=True)
class Shard:
    """Some students: where each one's cells begin, the cells (the group's first), the weights.

    `order` and `bounds` are the same cells the other way round, from `em_kernels.by_cell`.
    """

    start: Integers
    cells: NDArray[Any]
    weights: Floats
    order: NDArray[Any]
    bounds: Integers


def shards(responses: Responses, layout: Layout, count: int) -> list[Shard]:
    """Cut the students into `count` runs of about the same number."""
    students = np.arange(len(responses.students))
    return [_shard(responses, layout, part) for part in np.array_split(students, min(count, students.size))]


def _shard(responses: Responses, layout: Layout, students: Integers) -> Shard:
    first, after = responses.start[students], responses.start[students + 1]
    lengths = after - first + 1
    start = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    cells: NDArray[Any] = np.empty(start[-1], dtype=np.uint16 if layout.n_cells < 2**16 else np.uint32)
    where = np.ones(cells.size, dtype=np.bool_)
    where[start[:-1]] = False
    answers = slice(first[0], after[-1])
    cells[where] = layout.offsets.astype(cells.dtype)[responses.item[answers]] + responses.score[answers]
    cells[start[:-1]] = responses.group[students]
    return Shard(start, cells, responses.weight[students], *by_cell(start, cells, layout.n_cells))


def tally(responses: Responses, n_scores: int) -> Integers:
    """How often each item got each score, of shape (n_items, n_scores); unweighted."""
    counts = np.zeros((len(responses.items), n_scores), dtype=np.int64)
    _count(responses.item, responses.score, counts)
    return counts


@compiled
def _count(item: NDArray[np.int32], score: NDArray[np.uint8], counts: Integers) -> None:
    for i in range(item.size):
        counts[item[i], score[i]] += 1


def start_values(layout: Layout, counts: Integers) -> Floats:
    """Slope 1 and the steps at which the item's mean scores are those of an N(0, 1) population.

    A logistic of slope a averaged over N(0, 1) is flatter by about sqrt(1 + 0.346 a**2)
    (Camilli, 1994, J. Educ. Behav. Stat. 19); half an answer is added to either side.
    """
    params: Floats = np.zeros(layout.used.shape)
    params[:, 0] = _START_SLOPE
    wider = np.sqrt(1.0 + 0.346 * _START_SLOPE**2)
    for k in range(1, min(counts.shape[1], layout.used.shape[1])):
        better, other = counts[:, k:].sum(axis=1) + 0.5, counts[:, :k].sum(axis=1) + 0.5
        params[:, k] = np.where(layout.scores > k, wider * np.log(better / other), 0.0)
    partial = layout.codes == PARTIAL
    params[partial] = _start_partial(layout, counts, params)[partial]
    guessing = layout.codes == GUESSING
    if guessing.any():
        right = np.clip((counts[guessing, 1] / counts[guessing].sum(axis=1) - START_GUESS) / (1 - START_GUESS), 0.05, 1)
        params[guessing, 1] = wider * np.log(right / (1.02 - right))
        params[guessing, 2] = np.log(START_GUESS / (1.0 - START_GUESS))
    return params


def _start_partial(layout: Layout, counts: Integers, graded: Floats) -> Floats:
    params = graded.copy()
    for k in range(1, min(counts.shape[1], params.shape[1])):
        params[:, k] = np.where(layout.scores > k, np.log((counts[:, k] + 0.5) / (counts[:, k - 1] + 0.5)), 0.0)
    return params


def row_of(item: Fitted, width: int) -> Floats:
    """The kernels' parameters of an item."""
    row = np.zeros(width)
    thresholds = np.atleast_1d(item.b)
    row[0] = item.a
    row[1 : 1 + thresholds.size] = -item.a * thresholds
    if isinstance(item, ItemParams) and item.model == "3PL":
        guess = min(max(item.c, 1e-6), 1.0 - 1e-6)
        row[2] = np.log(guess / (1.0 - guess))
    return row
