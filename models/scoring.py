"""Ability of each student from sparse answers to calibrated items, with its standard error.

For reports, linking and calibration, where many students are scored at once on one ability; the
classroom follows its students answer by answer with `models.ability`. Right-or-wrong items and items
with ordered scores mix freely. Four estimates: the mean of the posterior (EAP) by exact summation over
an even grid, its mode (MAP), the maximum of the likelihood (ML) and of the weighted likelihood (WLE).
ML has no finite value for a student who got everything right or everything wrong; such a student gets
the bound, an infinite standard error and ``finite`` False.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from models.ability import Normal
from models.answer_table import AnswerTable
from models.curves import TINY, Curve, Floats, Item, curve, scores
from models.grid import EDGE, POINTS

STANDARD = Normal(0.0, 1.0)
BOUND = 10.0
"""Logits. Far outside what a classroom meets; the weighted likelihood of an extreme answer pattern of a
short test has its maximum up to about 7 away from the mean."""
WIDTH = 0.25
"""Logits between the points where the maximum is first looked for."""
ROUNDS = 60
NEAR = 1e-9
"""Logits; the maximum is found this closely."""
NUDGE = 1e-4
"""Logits either side for the slope of a gradient, which is exact to about NUDGE**2."""

Weight = Literal["warm", "jeffreys"]


@dataclass(frozen=True, eq=False, slots=True)
class Scores:
    """Ability of each student.

    Parameters
    ----------
    theta : ndarray of shape (n_students,)
        In logits; NaN for a student without answers where no prior speaks (ML and WLE).
    se : ndarray of shape (n_students,)
        Standard error in logits; infinite where `finite` is False.
    finite : ndarray of bool, shape (n_students,)
        False where the estimate has no finite value within the bound; theta is then the bound.
    """

    theta: Floats
    se: Floats
    finite: NDArray[np.bool_]


def score_first_answer(*, right: bool, attempt: int, hint_first: bool, too_fast: bool) -> int | None:
    """Score of an answer as evidence of ability: only the first, unaided, seriously read one can be right.

    Parameters
    ----------
    right : bool
        The answer was marked right.
    attempt : int
        1 for the first answer to a serving; later ones are practice and never scored.
    hint_first : bool
        A hint was opened before the answer: it counts as not known, however quick the answer then was.
    too_fast : bool
        Given faster than the question can be read; without a hint it says nothing, right or wrong.

    Returns
    -------
    1, 0 or None
        None where the answer is not scored.

    Examples
    --------
    >>> score_first_answer(right=True, attempt=1, hint_first=False, too_fast=False)
    1
    >>> score_first_answer(right=True, attempt=1, hint_first=True, too_fast=False)
    0
    """
    if attempt < 1:
        raise ValueError(f"attempts count from 1, not {attempt}")
    if attempt > 1:
        return None
    if hint_first:
        return 0
    return None if too_fast else int(right)


def grid(points: int = POINTS, edge: float = EDGE) -> Floats:
    """Evenly spaced abilities from -edge to edge, in logits."""
    return np.linspace(-edge, edge, points)


def log_likelihood(responses: AnswerTable, items: Sequence[Item], theta: Floats) -> Floats:
    """Log-likelihood of every student's answers at each ability.

    Parameters
    ----------
    responses : AnswerTable
    items : sequence of ItemParams or PolyParams
    theta : ndarray of shape (n_points,)

    Returns
    -------
    ndarray of shape (n_students, n_points)
        0 for a student without answers.

    Raises
    ------
    ValueError
        If the items do not belong to the answers (see `AnswerTable.check`).
    """
    responses.check(items)
    logs = [np.log(np.maximum(curve(theta, item).chances, TINY)).T for item in items]
    first = np.cumsum([0, *(scores(item) for item in items)])
    return _summed(responses, first[responses.item] + responses.score, np.concatenate(logs))


def posterior(responses: AnswerTable, items: Sequence[Item], theta: Floats, prior: Normal = STANDARD) -> Floats:
    """Posterior of every student on a grid; rows of shape (n_points,) that add up to 1."""
    logs = log_likelihood(responses, items, theta) + _log_prior(theta, prior)
    mass = np.exp(logs - logs.max(axis=1, keepdims=True))
    return np.asarray(mass / mass.sum(axis=1, keepdims=True))


def log_marginal(responses: AnswerTable, items: Sequence[Item], prior: Normal = STANDARD) -> float:
    """Log-likelihood of all answers with the ability summed out over the population."""
    theta = grid()
    density = _log_prior(theta, prior)
    logs = log_likelihood(responses, items, theta) + density - np.log(np.exp(density).sum())
    return float(np.logaddexp.reduce(logs, axis=1).sum())


def eap(responses: AnswerTable, items: Sequence[Item], prior: Normal = STANDARD) -> Scores:
    """Mean and standard deviation of each student's posterior, summed over 61 abilities to +-6 logits.

    References
    ----------
    Bock & Mislevy (1982), Appl. Psychol. Meas. 6(4).

    Examples
    --------
    >>> from models.irt import ItemParams
    >>> given = eap(AnswerTable.from_matrix([[1.0]]), [ItemParams("2PL", 1.0, 0.0)])
    >>> given.theta.round(3), given.se.round(3)
    (array([0.413]), array([0.911]))
    """
    theta = grid()
    mass = posterior(responses, items, theta, prior)
    mean = mass @ theta
    variance = np.sum(mass * (theta - mean[:, None]) ** 2, axis=1)
    return Scores(mean, np.sqrt(variance), np.ones(len(mean), dtype=np.bool_))


def maximum_a_posteriori(responses: AnswerTable, items: Sequence[Item], prior: Normal = STANDARD) -> Scores:
    """Mode of each student's posterior; the standard error is from its curvature there."""
    theta = _wide()
    objective = log_likelihood(responses, items, theta) + _log_prior(theta, prior)

    def gradient(ability: Floats) -> Floats:
        return _likelihood_slope(responses, items, ability) - (ability - prior.mean) / prior.variance

    return _maximum(objective, gradient)


def maximum_likelihood(responses: AnswerTable, items: Sequence[Item]) -> Scores:
    """Ability that makes each student's answers most likely; the standard error is from the curvature there."""
    objective = log_likelihood(responses, items, _wide())
    return _where_answered(responses, _maximum(objective, partial(_likelihood_slope, responses, items)))


def weighted_likelihood(responses: AnswerTable, items: Sequence[Item], *, weight: Weight = "warm") -> Scores:
    """Ability that makes the weighted likelihood greatest: finite for nearly every pattern and nearly unbiased.

    Parameters
    ----------
    responses : AnswerTable
    items : sequence of ItemParams or PolyParams
    weight : {"warm", "jeffreys"}
        Warm's correction adds J / (2 I) to the slope of the log-likelihood; the other weighs the likelihood by
        the root of the information. They differ only for items with guessing, where only Warm's takes the whole
        first-order bias away. R's mirt calls the second one WLE.

    References
    ----------
    Warm (1989), Weighted likelihood estimation of ability in item response theory, Psychometrika 54(3).
    """
    pull = _warm_pull if weight == "warm" else _jeffreys_pull
    theta = _wide()
    objective = log_likelihood(responses, items, theta) + _log_weight(responses, items, theta, weight)

    def gradient(ability: Floats) -> Floats:
        curves = responses.curves(items, ability)
        return _answer_slopes(responses, curves) + pull(responses, curves)

    return _where_answered(responses, _maximum(objective, gradient))


def plausible_values(
    responses: AnswerTable,
    items: Sequence[Item],
    n: int,
    rng: np.random.Generator,
    prior: Normal = STANDARD,
) -> Floats:
    """Abilities drawn from each student's posterior, for statistics of groups.

    A group's spread taken from single estimates is too small (EAP) or too large (ML); taken from draws it is right.

    Returns
    -------
    ndarray of shape (n_students, n)

    References
    ----------
    Mislevy (1991), Psychometrika 56(2).
    """
    theta = grid()
    mass = posterior(responses, items, theta, prior)
    drawn = rng.random((len(mass), n))
    cell = np.array([np.searchsorted(row, draws) for row, draws in zip(np.cumsum(mass, axis=1), drawn, strict=True)])
    width = float(theta[1] - theta[0])
    values = theta[np.minimum(cell, len(theta) - 1)] + width * (rng.random(cell.shape) - 0.5)
    # Even noise within a cell adds width**2 / 12 to the variance; drawing the values together takes it away again.
    mean = (mass @ theta)[:, None]
    variance = mass @ theta**2 - mean[:, 0] ** 2
    return np.asarray(mean + (values - mean) * np.sqrt(variance / (variance + width**2 / 12.0))[:, None])


def _wide() -> Floats:
    return grid(round(2.0 * BOUND / WIDTH) + 1, BOUND)


def _log_prior(theta: Floats, prior: Normal) -> Floats:
    return np.asarray(-0.5 * (theta - prior.mean) ** 2 / prior.variance)


def _summed(responses: AnswerTable, row: NDArray[np.int64], table: Floats) -> Floats:
    """Sum, over each student's answers, of the table's row for that answer."""
    ones = np.ones(len(row))
    seen = csr_array((ones, (responses.student, row)), shape=(responses.n_students, len(table)))
    return np.asarray(seen @ table)


def _likelihood_slope(responses: AnswerTable, items: Sequence[Item], ability: Floats) -> Floats:
    return _answer_slopes(responses, responses.curves(items, ability))


def _answer_slopes(responses: AnswerTable, curves: Sequence[Curve]) -> Floats:
    """Slope of each student's log-likelihood."""
    slopes = np.empty(len(responses.score))
    for where, made in zip(responses.slices(), curves, strict=True):
        rows = np.arange(len(made.chances))
        given = responses.score[where]
        slopes[where] = made.slopes[rows, given] / np.maximum(made.chances[rows, given], TINY)
    return responses.per_student(slopes)


def _per_student(responses: AnswerTable, values: Sequence[Floats]) -> Floats:
    return responses.per_student(np.concatenate(values))


def _ratio(top: Floats, bottom: Floats) -> Floats:
    return np.divide(top, bottom, out=np.zeros_like(top), where=bottom > TINY)


def _warm_pull(responses: AnswerTable, curves: Sequence[Curve]) -> Floats:
    information = _per_student(responses, [made.information for made in curves])
    return _ratio(_per_student(responses, [made.warm for made in curves]), 2.0 * information)


def _jeffreys_pull(responses: AnswerTable, curves: Sequence[Curve]) -> Floats:
    information = _per_student(responses, [made.information for made in curves])
    return _ratio(_per_student(responses, [made.information_slope for made in curves]), 2.0 * information)


def _log_weight(responses: AnswerTable, items: Sequence[Item], theta: Floats, weight: Weight) -> Floats:
    """Logarithm of the weight on a grid, up to a constant for each student."""
    curves = [curve(theta, item) for item in items]
    information = _summed(responses, responses.item, np.array([made.information for made in curves]))
    if weight == "jeffreys":
        return np.asarray(0.5 * np.log(np.maximum(information, TINY)))
    pull = _ratio(_summed(responses, responses.item, np.array([made.warm for made in curves])), 2.0 * information)
    return np.asarray(np.cumsum(pull, axis=1) * (theta[1] - theta[0]))


def _maximum(objective: Floats, gradient: Callable[[Floats], Floats]) -> Scores:
    """Greatest point of each row's objective: the best grid point, then the root of the gradient beside it."""
    theta = _wide()
    best = objective.argmax(axis=1)
    inside = (best > 0) & (best < len(theta) - 1)
    root = _root(gradient, theta[best] - WIDTH, theta[best] + WIDTH)
    found = np.where(inside, root, theta[best])
    curvature = (gradient(found - NUDGE) - gradient(found + NUDGE)) / (2.0 * NUDGE)
    finite = inside & (curvature > 0.0)
    se = np.sqrt(np.divide(1.0, curvature, out=np.full(len(found), np.inf), where=finite))
    return Scores(found, se, finite)


def _where_answered(responses: AnswerTable, estimates: Scores) -> Scores:
    answers = np.bincount(responses.student, minlength=responses.n_students)
    theta = np.where(answers > 0, estimates.theta, np.nan)
    return Scores(theta, estimates.se, estimates.finite & (answers > 0))


def _root(gradient: Callable[[Floats], Floats], low: Floats, high: Floats) -> Floats:
    """Where each falling gradient crosses zero between two abilities, by the Illinois rule (regula falsi)."""
    at_low, at_high = gradient(low), gradient(high)
    middle = (low + high) / 2.0
    for _ in range(ROUNDS):
        gap = at_low - at_high
        share = np.divide(at_low, gap, out=np.full_like(gap, 0.5), where=gap > 0.0)
        before, middle = middle, low + np.clip(share, 0.0, 1.0) * (high - low)
        value = gradient(middle)
        if np.all((np.abs(middle - before) < NEAR) | (value == 0.0)):
            break
        rising = value > 0.0
        # The end that stays has its value halved, or it would stay for ever.
        at_low, at_high = np.where(rising, value, at_low / 2.0), np.where(rising, at_high / 2.0, value)
        low, high = np.where(rising, middle, low), np.where(rising, high, middle)
    return middle
