"""Standard errors of a calibration from the observed information.

Observed information is what complete data would say less what the abilities, being hidden, take
away: the complete-data information minus each student's posterior covariance of the scores.

References
----------
Louis (1982), Finding the observed information matrix when using the EM algorithm, J. R. Stat. Soc. B 44(2).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.linalg.lapack import dpotrf, dpotri
from scipy.special import expit

from models import em_priors
from models.em_kernels import GUESSING, Floats, Integers, Table, posterior, respond, score_items
from models.em_layout import Layout, Shard
from models.em_loop import Fit, Problem, table_of
from models.em_update import State
from models.jit import compiled

MOST_PARAMETERS = 6000
"""The information is one dense matrix; of more parameters it would not fit a small server."""
LIGHTEST = 1e-5
"""Share of a posterior below which a point is left out."""
SPACING = 1.3
"""Posterior standard deviations between points, rounded down to whole steps of the grid."""
FLUSH = 4096
"""Students whose sums are kept in the table's precision."""
_NUDGE = 1e-4


@dataclass(frozen=True, eq=False, slots=True)
class Errors:
    """Standard errors of every item's parameters; infinite where the data leave one open.

    Parameters
    ----------
    slope, guess : ndarray of shape (n_items,)
        Of a, and of c (meaningful for 3PL only).
    steps, thresholds : ndarray of shape (n_items, n_parameters)
        Of each -a b and of each b; the first column is not used.
    """

    slope: Floats
    guess: Floats
    steps: Floats
    thresholds: Floats

    @classmethod
    def build(cls, covariance: Floats, columns: Integers, params: Floats) -> Errors:
        """Read them off the covariance of all free parameters (delta method for b and c)."""
        own = covariance[columns, columns]
        a, with_a = params[:, :1], covariance[columns[:, :1], columns]
        by_a, by_step = params / a**2, -1.0 / a
        b_variance = by_a**2 * own[:, :1] + 2.0 * by_a * by_step * with_a + by_step**2 * own
        guess = expit(params[:, 2]) if params.shape[1] > 2 else np.zeros(len(params))
        of_logit = _root(own[:, 2]) if params.shape[1] > 2 else guess
        return cls(_root(own[:, 0]), guess * (1.0 - guess) * of_logit, _root(own), _root(b_variance))

    def of(self, item: int, scores: int, kind: str) -> tuple[float, tuple[float, ...], tuple[float, ...], float | None]:
        """Standard errors of an item's a, of each -a b, of each b, and of c (3PL only)."""
        steps, thresholds = self.steps[item, 1:scores].tolist(), self.thresholds[item, 1:scores].tolist()
        c_se = float(self.guess[item]) if kind == "3PL" else None
        return float(self.slope[item]), tuple(steps), tuple(thresholds), c_se


def _root(variance: Any) -> Any:
    """Standard error; infinite where the data leave a parameter open."""
    return np.sqrt(np.where(np.asarray(variance) > 0.0, variance, np.inf))


def standard_errors(problem: Problem, found: Fit) -> Errors:
    """Covariance of the parameters where the fit ended.

    Raises
    ------
    ValueError
        If there are more free parameters than MOST_PARAMETERS.
    """
    layout, state = problem.layout, found.state
    columns, latent = _columns(layout)
    size = int(max(columns.max(), latent.max())) + 1
    if size > MOST_PARAMETERS:
        raise ValueError(f"standard errors of {size} parameters at once are too many; the limit is {MOST_PARAMETERS}")
    by_point = np.ascontiguousarray(_slopes(problem, state).reshape(-1, problem.theta.size).T, problem.precision)
    owners = _by_cell(layout, columns, latent)
    arguments = (table_of(problem, state), by_point, owners, size)
    missing = sum(problem.executor.map(missing_information, problem.placed, *arguments))
    information = _complete(problem, state, found.counts, columns, latent, size) - missing
    information += np.diag(np.where(np.diagonal(information) == 0.0, 1e-12, 0.0))
    return Errors.build(_inverse(information), columns, state.params)


def _inverse(information: Floats) -> Floats:
    """Inverse by Cholesky, twice as fast; the general one where the data leave a combination of parameters open."""
    factor, failed = dpotrf(information, lower=1)
    if failed:
        return np.asarray(np.linalg.inv(information), dtype=np.float64)
    lower = np.tril(dpotri(factor, lower=1)[0])
    return np.asarray(lower + np.tril(lower, -1).T)


def _columns(layout: Layout) -> tuple[Integers, Integers]:
    """Where each item's and group's parameters stand in the information matrix; -1 for those not free."""
    free = layout.used & ~layout.held[:, None]
    free[layout.common, 0] = False
    columns = np.where(free, np.cumsum(free).reshape(free.shape) - 1, -1)
    size = int(free.sum())
    if layout.common.any():
        columns[layout.common, 0] = size
        size += 1
    latent = size + np.arange(2 * layout.groups).reshape(-1, 2)
    if not layout.held.any():
        latent = np.concatenate([[[-1, -1]], latent[:-1]])
    return columns, latent


def _by_cell(layout: Layout, columns: Integers, latent: Integers) -> Integers:
    """Columns of each cell's parameters, of shape (n_cells, n_parameters)."""
    owners = np.full((layout.n_cells, max(2, columns.shape[1])), -1, dtype=np.int64)
    owners[: layout.groups, :2] = latent
    owners[layout.groups :, : columns.shape[1]] = np.repeat(columns, layout.scores, axis=0)
    return owners


def _slopes(problem: Problem, state: State) -> Floats:
    """Derivative of each cell's log-probability by its parameters, of shape (n_cells, n_parameters, n_points)."""
    layout, theta = problem.layout, problem.theta
    slopes = np.zeros((layout.n_cells, max(2, layout.used.shape[1]), theta.size))
    for group, (mean, log_sd) in enumerate(state.latent):
        z = (theta - mean) / np.exp(log_sd)
        slopes[group, 0], slopes[group, 1] = z / np.exp(log_sd), z * z - 1.0
    log_slopes(layout.codes, layout.scores, layout.offsets, state.params, theta, slopes)
    return slopes


@compiled
def log_slopes(
    codes: Integers, scores: Integers, offsets: Integers, params: Floats, theta: Floats, slopes: Floats
) -> None:
    """Fill the items' part of `_slopes`."""
    width = scores.max()
    chance, slope = np.empty(width), np.zeros((width, params.shape[1]))
    for item in range(codes.size):
        size = 3 if codes[item] == GUESSING else scores[item]
        for q in range(theta.size):
            respond(codes[item], params[item], scores[item], theta[q], chance, slope)
            for k in range(scores[item]):
                for i in range(size):
                    slopes[offsets[item] + k, i, q] = slope[k, i] / max(chance[k], 1e-300)


def _gradient(problem: Problem, params: Floats, counts: Floats) -> Floats:
    layout = problem.layout
    gradient, information = score_items(layout.codes, layout.scores, layout.offsets, params, problem.theta, counts)
    em_priors.add(problem.priors, layout, params, gradient, information)
    return gradient


def _complete(problem: Problem, state: State, counts: Floats, columns: Integers, latent: Integers, size: int) -> Floats:
    """Information if abilities were seen: block by block, the items' by differences of the gradient."""
    full = np.zeros((size, size))
    for j in range(columns.shape[1]):
        nudge = np.zeros(state.params.shape)
        nudge[:, j] = _NUDGE
        up, down = (_gradient(problem, state.params + sign * nudge, counts) for sign in (1.0, -1.0))
        curve = (down - up) / (2.0 * _NUDGE)
        has = (columns >= 0) & (columns[:, j : j + 1] >= 0)
        rows = np.broadcast_to(columns[:, j : j + 1], columns.shape)
        np.add.at(full, (rows[has], columns[has]), curve[has])
    for group, (mean, log_sd) in enumerate(state.latent):
        if latent[group, 0] >= 0:
            z, sd = (problem.theta - mean) / np.exp(log_sd), np.exp(log_sd)
            seen = counts[group]
            cross = 2.0 * seen @ z / sd
            block = [[seen.sum() / sd**2, cross], [cross, 2.0 * seen @ z**2]]
            full[np.ix_(latent[group], latent[group])] += block
    return full


def missing_information(shard: Shard, table: Table, by_point: Table, owners: Integers, size: int) -> Floats:
    """Sum of the students' posterior covariances of their scores; what executors map.

    `by_point` are the slopes of `_slopes`, of shape (n_points, n_cells * n_parameters).
    """
    return _missing(shard.start, shard.cells, shard.weights, table, by_point, owners, size)


@compiled
def _missing(
    start: Integers,
    cells: NDArray[Any],
    weights: Floats,
    table: Table,
    by_point: Table,
    owners: Integers,
    size: int,
) -> Floats:
    total, half = np.zeros((size, size)), np.zeros((size, size), table.dtype)
    chances = np.exp(table)
    post, root = np.empty_like(table[0]), np.empty_like(table[0])
    width = owners.shape[1]
    most = np.diff(start).max() * width
    # Unsigned, so that numba need not look for negative indices.
    where, picked, mean = np.empty(most, np.uint32), np.empty(most, np.uint32), np.empty(most, table.dtype)
    room, products = np.empty(most * post.size, table.dtype), np.empty(most * most, table.dtype)
    for student in range(weights.size):
        own = cells[start[student] : start[student + 1]]
        mass, _ = posterior(own, table, chances, post)
        first, step, points = _thinned(post, mass, root)
        rows = 0
        for cell in own:
            for i in range(width):
                if owners[cell, i] >= 0:
                    where[rows], picked[rows] = owners[cell, i], cell * width + i
                    rows += 1
        scores = room[: points * rows].reshape(points, rows)
        _centred(post, root, by_point[first::step], picked, mean[:rows], scores)
        product = products[: rows * rows].reshape(rows, rows)
        np.dot(scores.T, scores, product)
        _add_pairs(product, where, table.dtype.type(weights[student]), half)
        if student % FLUSH == FLUSH - 1:
            _flush(half, total)
    _flush(half, total)
    return total + total.T


@compiled
def _flush(half: Table, total: Floats) -> None:
    """Move sums of a few thousand students, which narrow numbers hold well and fast, to wide ones."""
    for row in range(len(half)):
        for column in range(len(half)):
            total[row, column] += half[row, column]
    half[:] = 0.0


@compiled
def _thinned(post: Table, mass: float, root: Table) -> tuple[int, int, int]:
    """Move the posterior at the points that matter to the front of `post`, its roots to `root`.

    Points a posterior standard deviation apart are exact to 3e-4 for a smooth integrand. The first point, the
    step between them and how many there are.
    """
    mean = square = 0.0
    first, after = post.size, 0
    for q in range(post.size):
        share = post[q] / mass
        mean += q * share
        square += q * q * share
        if share > LIGHTEST:
            first, after = min(first, q), q + 1
    step = max(1, int(SPACING * np.sqrt(max(square - mean * mean, 0.0))))
    points, total = 0, 0.0
    for q in range(first, after, step):
        post[points] = post[q]
        total += post[q]
        points += 1
    for q in range(points):
        post[q] /= total
        root[q] = np.sqrt(post[q])
    return first, step, points


@compiled
def _centred(post: Table, root: Table, by_point: Table, picked: NDArray[np.uint32], mean: Table, scores: Table) -> None:
    """Fill `scores` (points x parameters) with sqrt(posterior) * (score - its mean) of the parameters picked."""
    mean[:] = 0.0
    for q in range(len(scores)):
        row, given = scores[q], by_point[q]
        for r in range(mean.size):
            row[r] = given[picked[r]]
        for r in range(mean.size):
            mean[r] += post[q] * row[r]
    for q in range(len(scores)):
        row = scores[q]
        for r in range(mean.size):
            row[r] = root[q] * (row[r] - mean[r])


@compiled
def _add_pairs(product: Table, where: NDArray[np.uint32], weight: float, half: Table) -> None:
    """Add each pair of parameters once, and those of a parameter with itself by half; two rows at a time."""
    rows = len(product)
    own = product.dtype.type(0.5) * weight
    for i in range(0, rows - 1, 2):
        upper, lower = product[i], product[i + 1]
        into, below = half[where[i]], half[where[i + 1]]
        into[where[i]] += own * upper[i]
        into[where[i + 1]] += weight * upper[i + 1]
        below[where[i + 1]] += own * lower[i + 1]
        for j in range(i + 2, rows):
            into[where[j]] += weight * upper[j]
            below[where[j]] += weight * lower[j]
    if rows % 2:
        half[where[rows - 1], where[rows - 1]] += own * product[rows - 1, rows - 1]
