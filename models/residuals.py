"""Whether items and students answer as the model says: infit, outfit and the fit of a student's pattern.

All figures compare answers with what the model expects at given ability estimates. R's mirt takes EAP
estimates, and so do the reference figures in the tests.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from models.ability import Normal
from models.answer_table import AnswerTable
from models.curves import TINY, Curve, Floats, Item
from models.scoring import STANDARD

FLATTEST = 1e-5**0.5
"""A score's variance is not taken to be below this, or one unlikely answer would make an outfit endless."""
WIDEST = 2.0**0.5
"""The spread of a mean square is not taken to be above this, or its normal score would mean nothing."""


@dataclass(frozen=True, eq=False, slots=True)
class MeanSquares:
    """Fit of each item or each student; about 1 where the model fits, above 1 where answers are noisier.

    Parameters
    ----------
    outfit, infit : ndarray of shape (n,)
        Mean squared standardised residual, plain and weighted by information; NaN without answers.
    outfit_z, infit_z : ndarray of shape (n,)
        The same as standard normal scores by the Wilson-Hilferty cube root.
    """

    outfit: Floats
    outfit_z: Floats
    infit: Floats
    infit_z: Floats


@dataclass(frozen=True, eq=False, slots=True)
class _Residuals:
    """For each answer: its residual squared, the variance and the fourth central moment of the score."""

    squared: Floats
    variance: Floats
    fourth: Floats


def item_fit(responses: AnswerTable, items: Sequence[Item], theta: Floats) -> MeanSquares:
    """Infit and outfit of each item.

    Parameters
    ----------
    responses : AnswerTable
    items : sequence of ItemParams or PolyParams
    theta : ndarray of shape (n_students,)
        Ability estimates in logits.

    References
    ----------
    Wright & Masters (1982), Rating Scale Analysis, ch. 5.
    """
    return _mean_squares(_residuals(responses, items, theta), responses.item, responses.n_items)


def student_fit(responses: AnswerTable, items: Sequence[Item], theta: Floats) -> MeanSquares:
    """Infit and outfit of each student's answers; parameters as in `item_fit`."""
    return _mean_squares(_residuals(responses, items, theta), responses.student, responses.n_students)


def zh(responses: AnswerTable, items: Sequence[Item], theta: Floats) -> Floats:
    """How likely each student's pattern is, as a standard normal score (lz; for graded items Zh).

    Far below zero: the pattern is unlikely, such as easy items wrong and hard ones right.

    Returns
    -------
    ndarray of shape (n_students,)
        NaN where the variance is nil, as without answers.

    References
    ----------
    Drasgow, Levine & Williams (1985), Br. J. Math. Stat. Psychol. 38(1).
    """
    responses.check(items)
    curves = responses.curves(items, theta)
    gap = responses.per_student(_given(responses, [_log(made) for made in curves]) - _gather(curves, _mean_log))
    return _divided(gap, np.sqrt(responses.per_student(_gather(curves, _variance_log))))


def lz_star(
    responses: AnswerTable,
    items: Sequence[Item],
    theta: Floats,
    *,
    estimate: Literal["ML", "WLE", "MAP"] = "WLE",
    prior: Normal = STANDARD,
) -> Floats:
    """As `zh`, corrected for the ability being estimated from the same answers.

    With an estimated ability lz spreads less than a standard normal variable and so finds too few odd
    patterns; the correction takes out the part of it that the estimate has absorbed.

    Parameters
    ----------
    responses : AnswerTable
        Of right-or-wrong items or graded ones.
    items : sequence of ItemParams or PolyParams
    theta : ndarray of shape (n_students,)
        Estimates in logits.
    estimate : {"ML", "WLE", "MAP"}
        How they were estimated.
    prior : Normal
        For MAP.

    References
    ----------
    Snijders (2001), Psychometrika 66(3); Magis, Raiche & Beland (2012), J. Educ. Behav. Stat. 37(1);
    for graded items Sinharay (2016), Psychometrika 81(4).
    """
    responses.check(items)
    curves = responses.curves(items, theta)
    information = responses.per_student(np.concatenate([made.information for made in curves]))
    covariance = responses.per_student(_gather(curves, _covariance_log_slope))
    absorbed = _divided(covariance, information)
    gap = responses.per_student(_given(responses, [_log(made) for made in curves]) - _gather(curves, _mean_log))
    variance = responses.per_student(_gather(curves, _variance_log)) - absorbed * covariance
    pull = _pull(responses, curves, information, theta, estimate, prior)
    return _divided(gap + absorbed * pull, np.sqrt(np.maximum(variance, 0.0)))


def _pull(
    responses: AnswerTable,
    curves: Sequence[Curve],
    information: Floats,
    theta: Floats,
    estimate: Literal["ML", "WLE", "MAP"],
    prior: Normal,
) -> Floats:
    """What the estimating equation adds to the slope of the log-likelihood."""
    if estimate == "ML":
        return np.zeros_like(theta)
    if estimate == "MAP":
        return np.asarray((prior.mean - theta) / prior.variance)
    return _divided(responses.per_student(np.concatenate([made.warm for made in curves])), 2.0 * information)


def _residuals(responses: AnswerTable, items: Sequence[Item], theta: Floats) -> _Residuals:
    responses.check(items)
    curves = responses.curves(items, theta)
    expected = np.concatenate([made.mean for made in curves])
    variance = np.maximum(np.concatenate([made.central(2) for made in curves]), FLATTEST)
    fourth = np.concatenate([made.central(4) for made in curves])
    return _Residuals((responses.score - expected) ** 2, variance, fourth)


def _mean_squares(residuals: _Residuals, owner: NDArray[np.int64], n: int) -> MeanSquares:
    def total(values: Floats) -> Floats:
        return np.bincount(owner, values, minlength=n).astype(np.float64)

    count, variance = total(np.ones(len(owner))), total(residuals.variance)
    outfit = _divided(total(residuals.squared / residuals.variance), count)
    infit = _divided(total(residuals.squared), variance)
    peaked = _divided(total(residuals.fourth / residuals.variance**2), count**2) - _divided(np.ones(n), count)
    weighted = _divided(total(residuals.fourth - residuals.variance**2), variance**2)
    return MeanSquares(outfit, _cube_root(outfit, peaked), infit, _cube_root(infit, weighted))


def _cube_root(mean_square: Floats, variance: Floats) -> Floats:
    """Wilson-Hilferty: the cube root of a mean square is nearly normal."""
    spread = np.minimum(np.sqrt(np.maximum(variance, TINY)), WIDEST)
    return np.asarray((np.cbrt(mean_square) - 1.0) * 3.0 / spread + spread / 3.0)


def _log(made: Curve) -> Floats:
    return np.asarray(np.log(np.maximum(made.chances, TINY)))


def _mean_log(made: Curve) -> Floats:
    return np.asarray(np.sum(made.chances * _log(made), axis=1))


def _variance_log(made: Curve) -> Floats:
    return np.asarray(np.sum(made.chances * (_log(made) - _mean_log(made)[:, None]) ** 2, axis=1))


def _covariance_log_slope(made: Curve) -> Floats:
    """Covariance of an answer's log-likelihood with its slope; slopes are P'/P, of mean nil."""
    return np.asarray(np.sum(made.slopes * _log(made), axis=1))


def _gather(curves: Sequence[Curve], value: Callable[[Curve], Floats]) -> Floats:
    return np.concatenate([value(made) for made in curves])


def _given(responses: AnswerTable, tables: Sequence[Floats]) -> Floats:
    """The entry of each answer's own score."""
    where = responses.slices()
    parts = [table[np.arange(len(table)), responses.score[rows]] for table, rows in zip(tables, where, strict=True)]
    return np.concatenate(parts)


def _divided(top: Floats, bottom: Floats) -> Floats:
    return np.divide(top, bottom, out=np.full_like(top, np.nan), where=bottom > 0.0)
