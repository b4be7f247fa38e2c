"""Bock-Aitkin EM with Anderson acceleration and a monotone guard."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from models import em_priors
from models.em_kernels import Floats, Table, expect, tabulate
from models.em_layout import Layout, Mask, Shard
from models.em_priors import Priors
from models.em_update import State, bounded, feasible, improve
from models.executors import Mapper

MEMORY = 6
"""Past cycles that the acceleration looks back on."""
NOISE = {np.dtype(np.float32): 3e-8, np.dtype(np.float64): 1e-11}
"""Relative rounding error of a log-likelihood by the precision of the table."""
MOST_UNSETTLED = 0.05
"""Share of the items that may still move in a fit that has settled as a whole; one of several may in any case."""


@dataclass(frozen=True, eq=False, slots=True)
class Problem:
    """Everything that stays the same from cycle to cycle; `placed` are the executor's shards."""

    layout: Layout
    priors: Priors
    theta: Floats
    precision: type[np.floating[Any]]
    executor: Mapper
    placed: Sequence[Any]


@dataclass(frozen=True, eq=False, slots=True)
class Fit:
    """Where the EM ended: state, counts and log-likelihood there, cycles, last change, what has settled.

    `settled` is item by item; `converged` is about the fit as a whole.
    """

    state: State
    counts: Floats
    log_likelihood: float
    cycles: int
    change: float
    settled: Mask
    converged: bool


def steady(moved: Floats, others: Floats, tolerance: float) -> tuple[Mask, bool]:
    """Which items have settled, and whether the fit has as a whole.

    One item on which everybody failed may creep for hundreds of cycles while all others stand still; they are no
    worse for it.

    Parameters
    ----------
    moved : ndarray of shape (n_items, n_parameters)
        Change of the items' parameters in an EM cycle.
    others : ndarray
        Change of all other parameters; the fit has not settled before these have.
    """
    settled = np.abs(moved).max(axis=1) < tolerance
    creeping = int((~settled).sum())
    most = max(1, int(MOST_UNSETTLED * settled.size)) if settled.size > 1 else 0
    return settled, creeping <= most and bool(np.all(np.abs(others) < tolerance))


def table_of(problem: Problem, state: State) -> Table:
    """Log-probabilities of every cell on the grid: the groups' densities, then the items' scores."""
    layout, theta = problem.layout, problem.theta
    table = np.empty((layout.n_cells, theta.size))
    mean, log_sd = state.latent[:, :1], state.latent[:, 1:]
    width = theta[1] - theta[0]
    table[: layout.groups] = (
        -0.5 * ((theta - mean) / np.exp(log_sd)) ** 2 - log_sd + np.log(width) - 0.5 * np.log(2.0 * np.pi)
    )
    tabulate(layout.codes, layout.scores, layout.offsets, state.params, theta, table)
    return table.astype(problem.precision)


def count(shard: Shard, table: Table) -> tuple[Floats, float]:
    """Expected counts and log-likelihood of a shard; what executors map."""
    return expect(shard.start, shard.cells, shard.weights, shard.order, shard.bounds, table)


def e_step(problem: Problem, state: State) -> tuple[Floats, float]:
    """Expected counts and log-likelihood of all students."""
    parts = problem.executor.map(count, problem.placed, table_of(problem, state))
    return sum((counts for counts, _ in parts[1:]), start=parts[0][0]), float(sum(fit for _, fit in parts))


def fit(problem: Problem, state: State, *, tolerance: float, most_cycles: int) -> Fit:
    """Run EM until no parameter changes by as much as the tolerance in a cycle.

    An accelerated guess that lowers the penalised likelihood is dropped for the plain EM step it
    was made from; an EM step that lowers it (scoring is not exact) is halved.

    References
    ----------
    Henderson & Varadhan (2019), Damped Anderson acceleration with restarts and monotonicity control
    for accelerating EM and EM-like algorithms, J. Comput. Graph. Stat. 28(4).
    """
    layout, priors = problem.layout, problem.priors
    best, best_value = state, -np.inf
    plain, ahead = state, Acceleration()
    kept, kept_fit, moved = np.zeros((0, 0)), -np.inf, np.full(state.flat().size, np.inf)
    cycle = 0
    while cycle < most_cycles:
        cycle += 1
        counts, log_likelihood = e_step(problem, state)
        value = log_likelihood + em_priors.log_density(priors, layout, state.params)
        if not value >= best_value - NOISE[np.dtype(problem.precision)] * abs(best_value):
            ahead.forget()
            if state is plain:
                plain = state.like(0.5 * (best.flat() + state.flat()))
            state = plain
            continue
        best, best_value, kept, kept_fit = state, value, counts, log_likelihood
        plain = improve(layout, priors, problem.theta, state, counts)
        moved = plain.flat() - state.flat()
        if np.abs(moved).max() < tolerance:
            best = plain
            break
        guess = state.like(ahead.next(state.flat(), moved))
        guess = State(bounded(layout, guess.params), guess.latent)
        state = guess if feasible(layout, priors, guess.params).all() else plain
    left = best.like(moved)
    return Fit(best, kept, kept_fit, cycle, float(np.abs(moved).max()), *steady(left.params, left.latent, tolerance))


@dataclass(eq=False, slots=True)
class Acceleration:
    """Anderson's: the combination of past cycles whose changes cancel best."""

    points: list[Floats] = field(default_factory=list)
    moves: list[Floats] = field(default_factory=list)

    def forget(self) -> None:
        """Start again from plain steps."""
        self.points.clear()
        self.moves.clear()

    def next(self, point: Floats, move: Floats) -> Floats:
        """Where to go from a point whose EM step is `move`."""
        self.points = [*self.points[-MEMORY:], point]
        self.moves = [*self.moves[-MEMORY:], move]
        plain = point + move
        if len(self.points) < 2:
            return plain
        d_move = np.diff(np.array(self.moves), axis=0)
        d_point = np.diff(np.array(self.points), axis=0)
        gram = d_move @ d_move.T
        gram[np.diag_indices_from(gram)] *= 1.0 + 1e-8
        share = np.linalg.lstsq(gram, d_move @ move, rcond=1e-12)[0]
        return np.asarray(plain - share @ (d_point + d_move))
