"""Whether all items together measure one ability: M2, residual correlations and reliability.

Tables of all answer patterns are far too sparse to test a model on; M2 tests only how often single items and
pairs are right, which is where a second ability or a shared passage would show.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.linalg import null_space
from scipy.optimize import brentq
from scipy.stats import chi2, ncx2

from models.ability import Normal
from models.answer_table import AnswerTable
from models.curves import TINY, Floats, Item, curve
from models.fit import complete, population
from models.polytomous import PolyParams
from models.scoring import STANDARD, Scores, grid

STEP = 1e-5
"""Change of a parameter for its numerical derivative; central, so exact to about STEP**2."""
TAIL = 0.05
"""Either tail of the interval of the RMSEA."""


@dataclass(frozen=True, slots=True)
class ModelFit:
    """Fit of a whole model.

    Parameters
    ----------
    m2, p : float
        Statistic and its chance if the model were true.
    df : int
    rmsea, rmsea_low, rmsea_high : float
        Misfit per degree of freedom with its 90% interval; below .05 is usually called close.
    srmsr : float
        Root mean square of the residual correlations of pairs.
    """

    m2: float
    df: int
    p: float
    rmsea: float
    rmsea_low: float
    rmsea_high: float
    srmsr: float


@dataclass(frozen=True, eq=False, slots=True)
class _Moments:
    """Expected scores on the grid, of shape (n_points, n_items), first and second moment, and the weights."""

    mean: Floats
    square: Floats
    weights: Floats


def m2(
    responses: AnswerTable,
    items: Sequence[Item],
    prior: Normal = STANDARD,
    *,
    one_slope: bool = False,
) -> ModelFit:
    """Test the model on the means of items and of products of pairs (M2; with graded items M2*).

    Parameters
    ----------
    responses : AnswerTable
        Every student must have answered every item.
    items : sequence of ItemParams or PolyParams
        All parameters fitted to these answers by maximum likelihood.
    prior : Normal
        Distribution of ability in the population.
    one_slope : bool
        The slopes were fixed and the population's variance fitted (Rasch, partial credit).

    Raises
    ------
    ValueError
        If an answer is missing or there are too few items for a degree of freedom.

    References
    ----------
    Maydeu-Olivares & Joe (2006), Psychometrika 71(4); Cai & Hansen (2013), Br. J. Math. Stat. Psychol. 66(2).
    """
    matrix = complete(responses, items).astype(np.float64)
    moments = _moments(items, prior)
    change = _derivatives(items, prior, one_slope=one_slope)
    rest = null_space(change.T)
    df = len(change) - change.shape[1]
    if df <= 0 or not rest.shape[1]:
        raise ValueError("too few items: as many parameters as moments leave nothing to test")
    gap = rest.T @ (_observed(matrix) - _expected(moments))
    statistic = len(matrix) * float(gap @ np.linalg.solve(rest.T @ _covariance(moments) @ rest, gap))
    low, high = _rmsea_interval(statistic, df, len(matrix))
    p = float(chi2.sf(statistic, df))
    return ModelFit(statistic, df, p, _rmsea(statistic - df, df, len(matrix)), low, high, _srmsr(matrix, moments))


def q3(responses: AnswerTable, items: Sequence[Item], theta: Floats) -> Floats:
    """Correlation of each pair of items' residuals: high where two items share more than the ability.

    Parameters
    ----------
    responses : AnswerTable
        Pairs are compared over the students who answered both.
    items : sequence of ItemParams or PolyParams
    theta : ndarray of shape (n_students,)
        Ability estimates in logits. As they come from the same answers, the mean over pairs is about -1/(n - 1), not 0;
        judge a pair by its distance from the mean.

    Returns
    -------
    ndarray of shape (n_items, n_items)
        1 on the diagonal; NaN for a pair answered by fewer than three students.

    References
    ----------
    Yen (1984), Appl. Psychol. Meas. 8(2); Christensen, Makransky & Horton (2017), 41(3).
    """
    responses.check(items)
    expected = np.concatenate([made.mean for made in responses.curves(items, theta)])
    known, residual = np.zeros((2, responses.n_students, responses.n_items))
    known[responses.student, responses.item] = 1.0
    residual[responses.student, responses.item] = responses.score - expected
    count = known.T @ known
    n = np.maximum(count, 1.0)
    mean = residual.T @ known / n
    spread = (residual**2).T @ known / n - mean**2
    covariance = residual.T @ residual / n - mean * mean.T
    scale = np.sqrt(np.maximum(spread * spread.T, 0.0))
    return np.divide(covariance, scale, out=np.full_like(scale, np.nan), where=(count > 2.0) & (scale > 0.0))


def information(theta: Floats, items: Sequence[Item]) -> Floats:
    """Fisher information of the whole test at each ability, per logit**2; the standard error is its root's inverse."""
    return np.asarray(np.sum([curve(theta, item).information for item in items], axis=0))


def marginal_reliability(items: Sequence[Item], prior: Normal = STANDARD) -> float:
    """Share of the variance of estimates that is ability, averaged over the population before anyone is tested.

    References
    ----------
    Green, Bock, Humphreys, Linn & Reckase (1984), J. Educ. Meas. 21(4); as R's mirt: the mean of I / (I + 1/variance).

    Examples
    --------
    >>> from models.irt import ItemParams
    >>> round(marginal_reliability([ItemParams("2PL", 2.0, 0.0)] * 10), 2)
    0.8
    """
    theta = grid()
    tells = information(theta, items)
    return float(population(theta, prior) @ (tells / (tells + 1.0 / prior.variance)))


def empirical_reliability(estimates: Scores) -> float:
    """Share of variance that is ability among the students tested, from their EAP estimates and standard errors.

    Raises
    ------
    ValueError
        If fewer than two students have a finite estimate.
    """
    theta, se = estimates.theta[estimates.finite], estimates.se[estimates.finite]
    if len(theta) < 2:
        raise ValueError("reliability needs at least two students with a finite estimate")
    between = float(theta.var(ddof=1))
    return between / (between + float(np.mean(se**2)))


def _moments(items: Sequence[Item], prior: Normal) -> _Moments:
    theta = grid()
    curves = [curve(theta, item) for item in items]
    mean = np.array([made.mean for made in curves]).T
    spread = np.array([made.central(2) for made in curves]).T
    return _Moments(mean, spread + mean**2, population(theta, prior))


def _expected(moments: _Moments) -> Floats:
    """Means of items, then of the products of pairs."""
    first, second = np.triu_indices(moments.mean.shape[1], 1)
    products = np.concatenate([moments.mean, moments.mean[:, first] * moments.mean[:, second]], axis=1)
    return np.asarray(moments.weights @ products)


def _observed(matrix: Floats) -> Floats:
    first, second = np.triu_indices(matrix.shape[1], 1)
    return np.concatenate([matrix.mean(axis=0), (matrix.T @ matrix)[first, second] / len(matrix)])


def _covariance(moments: _Moments) -> Floats:
    """Covariance of the statistics of one student: expected products of up to four scores, less those of two."""
    n = moments.mean.shape[1]
    first, second = np.triu_indices(n, 1)
    owners = np.concatenate([np.eye(n), np.eye(n)[first] + np.eye(n)[second]])
    products = np.concatenate([moments.mean, moments.mean[:, first] * moments.mean[:, second]], axis=1)
    # Where a score stands in both statistics its second moment takes the place of the squared mean.
    ratios = np.log(np.maximum(moments.square, TINY) / np.maximum(moments.mean**2, TINY))
    joint = np.zeros((len(owners), len(owners)))
    for weight, product, ratio in zip(moments.weights, products, ratios, strict=True):
        joint += weight * np.outer(product, product) * np.exp((owners * ratio) @ owners.T)
    expected = _expected(moments)
    return np.asarray(joint - np.outer(expected, expected))


def _derivatives(items: Sequence[Item], prior: Normal, *, one_slope: bool) -> Floats:
    """Change of the expected moments with each fitted parameter, of shape (n_moments, n_parameters)."""
    moments = _moments(items, prior)
    columns = [
        _moved(moments, index, (_mean_score(high) - _mean_score(low)) / (2.0 * STEP))
        for index, item in enumerate(items)
        for low, high in _neighbours(item, slope=not one_slope)
    ]
    if one_slope:
        ends = [population(grid(), Normal(prior.mean, prior.variance + step)) for step in (-STEP, STEP)]
        columns.append(_expected(_Moments(moments.mean, moments.square, (ends[1] - ends[0]) / (2.0 * STEP))))
    return np.column_stack(columns)


def _moved(moments: _Moments, index: int, change: Floats) -> Floats:
    """Change of the moments when one item's expected score changes."""
    n = moments.mean.shape[1]
    first, second = np.triu_indices(n, 1)
    alone = np.where(np.arange(n) == index, moments.weights @ change, 0.0)
    with_each = (moments.weights * change) @ moments.mean
    pairs = np.where(first == index, with_each[second], np.where(second == index, with_each[first], 0.0))
    return np.concatenate([alone, pairs])


def _mean_score(item: Item) -> Floats:
    return curve(grid(), item).mean


def _neighbours(item: Item, *, slope: bool) -> list[tuple[Item, Item]]:
    """The item with each fitted parameter a little lower and a little higher."""
    pairs: list[tuple[Item, Item]] = []
    if slope:
        pairs.append((replace(item, a=item.a - STEP), replace(item, a=item.a + STEP)))
    if isinstance(item, PolyParams):
        shifts = STEP * np.eye(len(item.b))
        return pairs + [(_with_thresholds(item, -shift), _with_thresholds(item, shift)) for shift in shifts]
    pairs.append((replace(item, b=item.b - STEP), replace(item, b=item.b + STEP)))
    if item.c:
        pairs.append((replace(item, c=item.c - STEP), replace(item, c=item.c + STEP)))
    return pairs


def _with_thresholds(item: PolyParams, shift: Floats) -> PolyParams:
    return replace(item, b=tuple(float(b) for b in np.asarray(item.b) + shift))


def _rmsea(excess: float, df: int, n: int) -> float:
    return float(np.sqrt(max(0.0, excess) / (df * (n - 1))))


def _rmsea_interval(statistic: float, df: int, n: int) -> tuple[float, float]:
    """Root mean square errors for which the statistic lies at either tail."""
    low, high = (_noncentrality(statistic, df, tail) for tail in (1.0 - TAIL, TAIL))
    return _rmsea(low, df, n), _rmsea(high, df, n)


def _noncentrality(statistic: float, df: int, tail: float) -> float:
    """Noncentrality at which a noncentral chi-squared variable is below the statistic with this chance; 0 if none."""
    if chi2.cdf(statistic, df) <= tail:
        return 0.0
    return float(
        brentq(lambda excess: ncx2.cdf(statistic, df, max(excess, TINY)) - tail, 0.0, 10.0 * statistic + 100.0)
    )


def _srmsr(matrix: Floats, moments: _Moments) -> float:
    n = matrix.shape[1]
    pairs = np.triu_indices(n, 1)
    mean = moments.weights @ moments.mean
    second = (moments.mean * moments.weights[:, None]).T @ moments.mean
    np.fill_diagonal(second, moments.weights @ moments.square)
    model = second - np.outer(mean, mean)
    sd = np.sqrt(np.diag(model))
    away = np.asarray(np.corrcoef(matrix.T))[pairs] - (model / np.outer(sd, sd))[pairs]
    return float(np.sqrt(np.mean(away**2)))
