"""Whether an item's answers follow its curve: Orlando and Thissen's S-X2.

Students are grouped by their sum score, which is observed and needs no estimate of ability, so the
statistic keeps its false alarm rate where older ones that group by estimated ability do not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import chi2

from models.ability import Normal
from models.answer_table import AnswerTable
from models.cells import Table, collapse, join_ends
from models.curves import Floats, Item, curve, scores
from models.scoring import STANDARD, grid


@dataclass(frozen=True, eq=False, slots=True)
class ItemChi2:
    """S-X2 of each item.

    Parameters
    ----------
    chi2, p : ndarray of shape (n_items,)
        NaN where no degree of freedom is left.
    df : ndarray of int, shape (n_items,)
        Never below 0.
    """

    chi2: Floats
    df: NDArray[np.int64]
    p: Floats


def sum_score_chances(curves: Sequence[Floats]) -> Floats:
    """Chance of every sum score at each ability, by the recursion of Lord and Wingersky.

    Parameters
    ----------
    curves : sequence of ndarray of shape (n_points, K)
        Chances of the scores of each item.

    Returns
    -------
    ndarray of shape (n_points, highest sum + 1)

    References
    ----------
    Lord & Wingersky (1984), Appl. Psychol. Meas. 8(4); Thissen, Pommerich, Billeaud & Williams (1995), 19(1).

    Examples
    --------
    >>> sum_score_chances([np.array([[0.5, 0.5]]), np.array([[0.2, 0.8]])])
    array([[0.1, 0.5, 0.4]])
    """
    so_far = np.ones((len(curves[0]), 1))
    for chances in curves:
        so_far = _one_more(so_far, chances)
    return so_far


def s_x2(
    responses: AnswerTable,
    items: Sequence[Item],
    prior: Normal = STANDARD,
    *,
    parameters: Sequence[int] | None = None,
    shared: int = 0,
) -> ItemChi2:
    """Orlando and Thissen's S-X2 of each item; every student must have answered every item.

    Parameters
    ----------
    responses : AnswerTable
    items : sequence of ItemParams or PolyParams
    prior : Normal
        Distribution of ability in the population.
    parameters : sequence of int, optional
        How many parameters of each item were fitted to these answers; by default its slope, thresholds and, if any,
        its guessing chance. 0 for items calibrated elsewhere.
    shared : int
        Parameters fitted for all items together, such as the population's variance in a Rasch model.

    Raises
    ------
    ValueError
        If an answer is missing: a sum score over other items means something else.

    References
    ----------
    Orlando & Thissen (2000), Appl. Psychol. Meas. 24(1); for graded items Kang & Chen (2008), J. Educ. Meas. 45(4).
    """
    matrix = complete(responses, items)
    fitted = [count_parameters(item) for item in items] if parameters is None else parameters
    tables = [collapse(table) for table in _tables(matrix, items, prior)]
    df = np.maximum([table.free() - own - shared for table, own in zip(tables, fitted, strict=True)], 0)
    statistic = np.where(df > 0, [table.chi2() for table in tables], np.nan)
    return ItemChi2(statistic, df.astype(np.int64), np.asarray(chi2.sf(statistic, df)))


def count_parameters(item: Item) -> int:
    """How many parameters an item has when all of them are fitted.

    Examples
    --------
    >>> from models.irt import ItemParams
    >>> count_parameters(ItemParams("3PL", 1.0, 0.0, 0.2))
    3
    """
    guessing = 1 if getattr(item, "c", 0.0) else 0
    return scores(item) + guessing


def complete(responses: AnswerTable, items: Sequence[Item]) -> NDArray[np.int64]:
    """Answers as a table without gaps, of shape (n_students, n_items).

    Raises
    ------
    ValueError
        If an answer is missing.
    """
    responses.check(items)
    matrix = responses.matrix()
    if np.isnan(matrix).any():
        raise ValueError("this statistic needs every student's answer to every item; leave out students with gaps")
    return matrix.astype(np.int64)


def population(theta: Floats, prior: Normal) -> Floats:
    """Weights of the abilities of a grid in the population, adding up to 1."""
    density = np.exp(-0.5 * (theta - prior.mean) ** 2 / prior.variance)
    return np.asarray(density / density.sum())


def _tables(matrix: NDArray[np.int64], items: Sequence[Item], prior: Normal) -> list[Table]:
    """Observed and expected counts of each item's scores in each group of equal sum score."""
    theta = grid()
    weights = population(theta, prior)
    curves = [curve(theta, item).chances for item in items]
    total = matrix.sum(axis=1)
    of_all = weights @ sum_score_chances(curves)
    groups = np.bincount(total, minlength=len(of_all))
    rests = _without_each(curves)
    made = []
    for index, (chances, rest) in enumerate(zip(curves, rests, strict=True)):
        observed = np.zeros((len(of_all), chances.shape[1]))
        np.add.at(observed, (total, matrix[:, index]), 1.0)
        expected = _expected(chances, rest, weights, len(of_all)) * (groups / of_all)[:, None]
        # Nobody's score is free in the groups with the lowest and the highest sum; in a few more at either end not
        # every score of an item with several is possible, and they join the nearest group where it is.
        made.append(join_ends(Table(observed[1:-1], expected[1:-1]), chances.shape[1] - 2))
    return made


def _expected(chances: Floats, rest: Floats, weights: Floats, sums: int) -> Floats:
    """Chance of each sum score together with each score of one item, of shape (sums, K)."""
    joint = np.zeros((sums, chances.shape[1]))
    for score in range(chances.shape[1]):
        joint[score : score + rest.shape[1], score] = (weights * chances[:, score]) @ rest
    return joint


def _without_each(curves: Sequence[Floats]) -> list[Floats]:
    """Sum score chances over all items but one, for each item: a product from the left times one from the right."""
    start = np.ones((len(curves[0]), 1))
    left, right = [start], [start]
    for chances, mirrored in zip(curves[:-1], curves[:0:-1], strict=True):
        left.append(_one_more(left[-1], chances))
        right.append(_one_more(right[-1], mirrored))
    return [_one_more(low, high) for low, high in zip(left, reversed(right), strict=True)]


def _one_more(so_far: Floats, chances: Floats) -> Floats:
    """Distribution of the sum of two independent scores at each ability."""
    if chances.shape[1] > so_far.shape[1]:
        so_far, chances = chances, so_far
    summed = np.zeros((len(so_far), so_far.shape[1] + chances.shape[1] - 1))
    for score in range(chances.shape[1]):
        summed[:, score : score + so_far.shape[1]] += so_far * chances[:, [score]]
    return summed
