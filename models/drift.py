"""Which items have changed between two calibrations, and should not carry the scale any more.

An item that was taught to the test, leaked, or lost its picture is no longer the item it was. It shows
as a difference between its two sets of parameters that is larger than their errors allow, once both
are on one scale; and as the scale hangs on the very items in question, the suspects are taken out of
it and all are judged again, until nothing changes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import log1p
from scipy.stats import chi2

from models.irt import ItemParams
from models.linking import Link, link

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

IQR_OF_NORMAL = 0.74
"""Standard deviations of a normal sample in one interquartile range."""
LARGEST_Z = 2.7
"""Huynh and Meyer's bound: one item in 140 that has not drifted lies beyond."""
LEAST_ANCHORS = 3
MOST_ROUNDS = 20


@dataclass(frozen=True, eq=False, slots=True)
class Drift:
    """What two calibrations of the same items say about each of them; the new one on the old one's scale.

    Parameters
    ----------
    line : Link
        From the new scale to the old, by the anchors.
    z : ndarray of shape (n_items,)
        Robust z of the change of difficulty among the anchors.
    chi_square, p : ndarray of shape (n_items,)
        Lord's test of a and b together, 2 degrees of freedom; NaN without standard errors.
    signed, unsigned : ndarray of shape (n_items,)
        Area between the curves in logits; signed > 0 where the item became harder.
    drifted : ndarray of bool, shape (n_items,)
        The others are the anchors.
    settled : bool
        Whether judging again would change nothing.
    """

    line: Link
    z: Floats
    chi_square: Floats
    p: Floats
    signed: Floats
    unsigned: Floats
    drifted: Mask
    settled: bool


def robust_z(changes: ArrayLike, anchors: Mask | None = None) -> Floats:
    """How far each change lies from the usual one, in standard deviations that outliers cannot stretch.

    Parameters
    ----------
    changes : array_like of shape (n_items,)
        Differences of difficulty in logits.
    anchors : ndarray of bool, optional
        The items whose median and interquartile range count; by default all.

    Raises
    ------
    ValueError
        If there are fewer than three anchors.

    References
    ----------
    Huynh & Meyer (2010), Use of robust z in detecting unstable items in item response theory models,
    Practical Assessment, Research & Evaluation 15(2).

    Examples
    --------
    >>> robust_z([0.0, 0.1, -0.1, 0.2, -0.2, 2.0]).round(1)
    array([-0.3,  0.3, -0.8,  0.8, -1.4, 10.5])
    """
    change = np.asarray(changes, dtype=np.float64)
    among = change if anchors is None else change[anchors]
    if among.size < LEAST_ANCHORS:
        raise ValueError(f"at least {LEAST_ANCHORS} anchors are needed, not {among.size}")
    low, middle, high = np.percentile(among, [25.0, 50.0, 75.0])
    # Changes that are all the same but for rounding are no reason to call the next one extreme.
    return np.asarray((change - middle) / max(IQR_OF_NORMAL * (high - low), 1e-6))


def lord_chi_square(
    old: Sequence[ItemParams], new: Sequence[ItemParams], old_errors: ArrayLike, new_errors: ArrayLike
) -> tuple[Floats, Floats]:
    """Test whether a and b are the same in both calibrations, item by item.

    Parameters
    ----------
    old, new : sequence of ItemParams
        On one scale, in the same order.
    old_errors, new_errors : array_like of shape (n_items, 2) or (n_items, 2, 2)
        Standard errors, or covariances, of (a, b).

    Returns
    -------
    (chi_square, p) : tuple of ndarray of shape (n_items,)
        2 degrees of freedom.

    Raises
    ------
    ValueError
        If the errors do not have the shape, or are not positive.

    References
    ----------
    Lord (1980), Applications of Item Response Theory to Practical Testing Problems, ch. 14.

    Examples
    --------
    >>> old, new = [ItemParams("2PL", 1.0, 0.0)], [ItemParams("2PL", 1.0, 0.5)]
    >>> chi_square, p = lord_chi_square(old, new, [[0.1, 0.15]], [[0.1, 0.2]])
    >>> chi_square.round(2), p.round(3)
    (array([4.]), array([0.135]))
    """
    apart = _table(new) - _table(old)
    joint = _covariances(old_errors, len(old)) + _covariances(new_errors, len(new))
    statistic = np.einsum("ij,ij->i", apart, np.linalg.solve(joint, apart[..., None])[..., 0])
    return statistic, np.asarray(chi2.sf(statistic, 2))


def areas(old: Sequence[ItemParams], new: Sequence[ItemParams]) -> tuple[Floats, Floats]:
    """Signed and unsigned area between each item's two curves, in logits.

    The guessing chance is the old one's: with two different ones the area has no end.

    References
    ----------
    Raju (1988), The area between two item characteristic curves, Psychometrika 53(4).

    Examples
    --------
    >>> signed, unsigned = areas([ItemParams("2PL", 1.0, 0.0)], [ItemParams("2PL", 1.0, 0.5)])
    >>> signed, unsigned
    (array([0.5]), array([0.5]))
    """
    (a1, b1), (a2, b2) = _table(old).T, _table(new).T
    free = 1.0 - np.array([item.c for item in old])
    shift, turn = b2 - b1, a2 - a1
    parallel = np.abs(turn) < 1e-6 * a1
    rate = a1 * a2 / np.where(parallel, 1.0, turn)
    z = rate * shift
    softplus = np.maximum(z, 0.0) + log1p(np.exp(-np.abs(z)))
    crossing = np.abs(2.0 / rate * softplus - shift)
    return free * shift, free * np.where(parallel, np.abs(shift), crossing)


def find_drift(
    old: Sequence[ItemParams],
    new: Sequence[ItemParams],
    old_errors: ArrayLike | None = None,
    new_errors: ArrayLike | None = None,
    *,
    level: float = 0.01,
) -> Drift:
    """Judge every item, without those that have drifted having a say in the scale.

    Parameters
    ----------
    old, new : sequence of ItemParams
        The common items as each calibration has them, each on its own scale.
    old_errors, new_errors : array_like, optional
        As in `lord_chi_square`, each on its own scale. Items are judged by Lord's test with them, by
        robust z without.
    level : float
        Chance that Lord's test calls an item drifted that has not.

    Raises
    ------
    ValueError
        If only one of the errors is given, or fewer than three items are left to carry the scale.
    LinkingError
        If the anchors cannot carry the scale.

    References
    ----------
    Candell & Drasgow (1988), An iterative procedure for linking metrics and assessing item bias,
    Applied Psychological Measurement 12(3).

    Examples
    --------
    >>> old = [ItemParams("2PL", 1.0, b) for b in (-1.5, -0.8, -0.1, 0.4, 1.0, 1.6)]
    >>> new = [*old[:5], ItemParams("2PL", 1.0, 0.4)]
    >>> errors = [[0.1, 0.1]] * 6
    >>> find_drift(old, new, errors, errors).drifted.tolist()
    [False, False, False, False, False, True]
    """
    if (old_errors is None) != (new_errors is None):
        raise ValueError("standard errors are needed of both calibrations or of neither")
    errors = None
    if old_errors is not None and new_errors is not None:
        errors = _covariances(old_errors, len(old)), _covariances(new_errors, len(new))
    drifted = np.zeros(len(old), dtype=np.bool_)
    for _ in range(MOST_ROUNDS):
        found = _judge(old, new, errors, ~drifted, level)
        if found.settled:
            break
        drifted = found.drifted
    return found


def _judge(
    old: Sequence[ItemParams],
    new: Sequence[ItemParams],
    errors: tuple[Floats, Floats] | None,
    anchors: Mask,
    level: float,
) -> Drift:
    """One round: link by the anchors, then test every item."""
    kept = np.flatnonzero(anchors).tolist()
    if len(kept) < LEAST_ANCHORS:
        raise ValueError(f"only {len(kept)} items have not drifted; {LEAST_ANCHORS} are needed to carry the scale")
    line = link([new[i] for i in kept], [old[i] for i in kept], standard_errors=False)
    moved = [line.item(item) for item in new]
    z = robust_z(_table(moved)[:, 1] - _table(old)[:, 1], anchors)
    if errors is None:
        statistic = p = np.full(len(old), np.nan)
        drifted = np.abs(z) > LARGEST_Z
    else:
        scale = np.array([1.0 / line.slope, line.slope])
        statistic, p = lord_chi_square(old, moved, errors[0], errors[1] * np.outer(scale, scale))
        drifted = p < level
    signed, unsigned = areas(old, moved)
    return Drift(line, z, statistic, p, signed, unsigned, drifted, bool(np.array_equal(drifted, ~anchors)))


def _table(items: Sequence[ItemParams]) -> Floats:
    return np.array([(item.a, item.b) for item in items])


def _covariances(errors: ArrayLike, n_items: int) -> Floats:
    """Covariances of (a, b) from themselves or from standard errors."""
    given = np.asarray(errors, dtype=np.float64)
    if given.shape == (n_items, 2):
        given = given[:, :, None] ** 2 * np.eye(2)
    if given.shape != (n_items, 2, 2):
        raise ValueError(f"errors of {n_items} items must be standard errors of (a, b) or 2 x 2 covariances")
    if not (np.isfinite(given).all() and (given[:, 0, 0] > 0.0).all() and (np.linalg.det(given) > 0.0).all()):
        raise ValueError("errors must be finite and positive")
    return given
