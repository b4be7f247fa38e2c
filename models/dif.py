"""Whether an item is harder for one group of students than for equally able students of another (DIF).

Students are matched on what they know, usually their sum score, and only then compared. Two methods: Mantel and
Haenszel's pooled odds ratio, which finds an item that is harder for one group throughout, and logistic regression,
which also finds one that is harder for the able and easier for the others (non-uniform).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import chi2
from sklearn.linear_model import LogisticRegression

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]
Class = Literal["A", "B", "C"]

DELTA = -2.35
"""The delta scale of ETS is this many times the log odds ratio; below zero: harder for the focal group."""
MODERATE, LARGE = 1.0, 1.5
"""Deltas from which a difference is moderate and large. Zwick (2012), ETS Research Report 12-08."""
ALPHA = 0.05
ONE_SIDED = 1.6449
"""Standard normal quantile of .95."""
JODOIN_GIERL = (0.035, 0.070)
"""Changes of R2 that are moderate and large. Jodoin & Gierl (2001), Appl. Meas. Educ. 14(4)."""
ZUMBO = (0.13, 0.26)
"""Changes of R2 that are moderate and large. Zumbo (1999), A Handbook on the Theory and Methods of DIF."""


@dataclass(frozen=True, slots=True)
class MantelHaenszel:
    """Mantel and Haenszel's comparison of one item; NaN throughout where no stratum compares the groups.

    Parameters
    ----------
    odds_ratio : float
        Odds of a right answer in the reference group over those of equally able students in the focal group.
    chi2, p : float
        With continuity correction, one degree of freedom.
    delta : float
        On the delta scale of ETS; below zero: harder for the focal group.
    delta_se : float
        Its standard error.
    size : {"A", "B", "C"}
        Negligible, moderate or large by the rules of ETS.
    """

    odds_ratio: float
    chi2: float
    p: float
    delta: float
    delta_se: float
    size: Class


@dataclass(frozen=True, slots=True)
class LogisticDif:
    """Logistic regression of one item's answers on matching score, group and their product.

    Parameters
    ----------
    uniform_chi2, nonuniform_chi2, both_chi2 : float
        Likelihood ratios of adding the group, then the product (1 degree of freedom each), and both (2).
    uniform_p, nonuniform_p, both_p : float
    group : float
        Log odds of a right answer in the focal group over those of the reference group, without the product.
    r2_change : float
        Gain in Nagelkerke's R2 from both.
    jodoin_gierl, zumbo : {"A", "B", "C"}
        Negligible, moderate or large by either rule; A where both together are not significant.
    """

    uniform_chi2: float
    uniform_p: float
    nonuniform_chi2: float
    nonuniform_p: float
    both_chi2: float
    both_p: float
    group: float
    r2_change: float
    jodoin_gierl: Class
    zumbo: Class


def sum_scores(matrix: ArrayLike) -> Floats:
    """Sum of each student's scores, to match on; NaN for a student with an answer missing.

    The item under study stays in the sum: leaving it out raises false alarms (Holland & Thayer, 1988).
    """
    return np.asarray(np.asarray(matrix, dtype=np.float64).sum(axis=1))


def mantel_haenszel(right: ArrayLike, focal: ArrayLike, matching: ArrayLike) -> MantelHaenszel:
    """Compare two groups' answers to an item within strata of equally able students.

    Parameters
    ----------
    right : array_like of shape (n_students,)
        1 for a right answer, 0 for a wrong one, NaN where the item was not seen.
    focal : array_like of bool, shape (n_students,)
        Who belongs to the focal group; the others are the reference group.
    matching : array_like of shape (n_students,)
        Sum score or any other whole stratum number; students with NaN are left out.

    References
    ----------
    Holland & Thayer (1988), in Wainer & Braun, Test Validity; standard error by Robins, Breslow & Greenland
    (1986), Biometrics 42(2).

    Examples
    --------
    >>> found = mantel_haenszel([1, 1, 1, 0, 1, 0, 0, 0], [False] * 4 + [True] * 4, [0] * 8)
    >>> found.odds_ratio, found.size
    (9.0, 'A')
    """
    score, group, level = _answered(right, focal, matching)
    strata = np.unique(level, return_inverse=True)[1]
    counts = np.zeros((int(strata.max(initial=-1)) + 1, 2, 2))
    np.add.at(counts, (strata, group.astype(np.int64), 1 - score.astype(np.int64)), 1.0)
    # A stratum with one group only, or with one outcome only, compares nothing.
    counts = counts[(counts.sum(axis=1) > 0.0).all(axis=1) & (counts.sum(axis=2) > 0.0).all(axis=1)]
    return _pooled(counts)


def logistic_dif(right: ArrayLike, focal: ArrayLike, matching: ArrayLike) -> LogisticDif:
    """Regress an item's answers on the matching score, the group and their product.

    Parameters
    ----------
    right, focal : array_like of shape (n_students,)
        As in `mantel_haenszel`.
    matching : array_like of shape (n_students,)
        Sum score or an ability estimate; students with NaN are left out.

    Raises
    ------
    ValueError
        If everyone answered alike, belongs to one group or has the same matching score: nothing can be compared.

    References
    ----------
    Swaminathan & Rogers (1990), J. Educ. Meas. 27(4); Nagelkerke (1991), Biometrika 78(3).
    """
    score, group, level = _answered(right, focal, matching)
    if any(len(np.unique(column)) < 2 for column in (score, group, level)):
        raise ValueError("both groups, right and wrong answers and more than one matching score are needed")
    ability = (level - level.mean()) / level.std()
    columns = np.column_stack([ability, group, ability * group])
    alone, _ = _fit(columns[:, :1], score)
    uniform, coefficients = _fit(columns[:, :2], score)
    both, _ = _fit(columns, score)
    change = _nagelkerke(both, score) - _nagelkerke(alone, score)
    by_group, by_product, together = (max(0.0, gain) for gain in (alone - uniform, uniform - both, alone - both))
    p = float(chi2.sf(together, 2))
    return LogisticDif(
        uniform_chi2=by_group,
        uniform_p=float(chi2.sf(by_group, 1)),
        nonuniform_chi2=by_product,
        nonuniform_p=float(chi2.sf(by_product, 1)),
        both_chi2=together,
        both_p=p,
        group=float(coefficients[1]),
        r2_change=change,
        jodoin_gierl=_size(change, JODOIN_GIERL, p),
        zumbo=_size(change, ZUMBO, p),
    )


def _answered(right: ArrayLike, focal: ArrayLike, matching: ArrayLike) -> tuple[Floats, Mask, Floats]:
    score, level = np.asarray(right, dtype=np.float64), np.asarray(matching, dtype=np.float64)
    group = np.asarray(focal, dtype=np.bool_)
    if not score.shape == group.shape == level.shape or score.ndim != 1:
        raise ValueError("answers, groups and matching scores must be columns of the same length")
    known = ~np.isnan(score) & ~np.isnan(level)
    if not np.isin(score[known], (0.0, 1.0)).all():
        raise ValueError("an answer must be 1, 0 or missing")
    return score[known], group[known], level[known]


def _pooled(counts: Floats) -> MantelHaenszel:
    """Pool the strata's tables [group: reference, focal][answer: right, wrong]."""
    if not len(counts):
        return MantelHaenszel(np.nan, np.nan, np.nan, np.nan, np.nan, "A")
    n = counts.sum(axis=(1, 2))
    for_reference = counts[:, 0, 0] * counts[:, 1, 1] / n
    for_focal = counts[:, 0, 1] * counts[:, 1, 0] / n
    statistic = _chi2(counts, n)
    chance = float(chi2.sf(statistic, 1))
    if not (for_reference.sum() and for_focal.sum()):
        # Right in one group only wherever they can be compared: the odds ratio has no finite estimate.
        ratio = np.inf if for_reference.sum() else 0.0
        return MantelHaenszel(ratio, statistic, chance, DELTA * (np.inf if ratio else -np.inf), np.inf, "A")
    ratio = float(for_reference.sum() / for_focal.sum())
    delta, se = DELTA * float(np.log(ratio)), -DELTA * _log_odds_se(counts, n, for_reference, for_focal)
    return MantelHaenszel(ratio, statistic, chance, delta, se, _ets_class(delta, se, chance))


def _chi2(counts: Floats, n: Floats) -> float:
    by_group, by_answer = counts.sum(axis=2), counts.sum(axis=1)
    expected = by_group[:, 0] * by_answer[:, 0] / n
    variance = by_group.prod(axis=1) * by_answer.prod(axis=1) / (n * n * (n - 1.0))
    away = abs(float((counts[:, 0, 0] - expected).sum()))
    return max(0.0, away - 0.5) ** 2 / float(variance.sum())


def _log_odds_se(counts: Floats, n: Floats, for_reference: Floats, for_focal: Floats) -> float:
    agree = (counts[:, 0, 0] + counts[:, 1, 1]) / n
    differ = (counts[:, 0, 1] + counts[:, 1, 0]) / n
    top, bottom = float(for_reference.sum()), float(for_focal.sum())
    mixed = float((agree * for_focal + differ * for_reference).sum())
    ends = float((agree * for_reference).sum()) / top**2 + float((differ * for_focal).sum()) / bottom**2
    return float(np.sqrt((ends + mixed / (top * bottom)) / 2.0))


def _ets_class(delta: float, se: float, p: float) -> Class:
    """Large: at least 1.5 and significantly above 1; negligible: below 1 or not significantly different from 0."""
    if abs(delta) < MODERATE or p >= ALPHA:
        return "A"
    return "C" if abs(delta) >= LARGE and abs(delta) - MODERATE > ONE_SIDED * se else "B"


def _fit(columns: Floats, score: Floats) -> tuple[float, Floats]:
    """Deviance and coefficients of a logistic regression without penalty."""
    model = LogisticRegression(C=np.inf, solver="newton-cholesky", tol=1e-8, max_iter=200).fit(columns, score)
    logit = model.decision_function(columns)
    deviance = 2.0 * float(np.logaddexp(0.0, np.where(score > 0.0, -logit, logit)).sum())
    return deviance, np.asarray(model.coef_[0])


def _nagelkerke(deviance: float, score: Floats) -> float:
    mean, n = float(score.mean()), len(score)
    null = -2.0 * n * float(mean * np.log(mean) + (1.0 - mean) * np.log(1.0 - mean))
    return float(np.expm1((deviance - null) / n) / np.expm1(-null / n))


def _size(change: float, limits: tuple[float, float], p: float) -> Class:
    if p >= ALPHA or change < limits[0]:
        return "A"
    return "B" if change < limits[1] else "C"
