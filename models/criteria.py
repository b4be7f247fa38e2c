"""How much each item of a bank would be worth as the next one, by several criteria.

All are vectorised over the bank: a criterion is an array with one number for every item, and
whoever chooses takes the largest after masks and exposure control have had their say. Difficulties
are averaged over what we do not know about them: an item nobody has calibrated is worth less.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite, pi, sqrt

import numpy as np
from numpy.typing import NDArray
from scipy.special import xlogy

from models.ability import Normal
from models.irt import ItemParams, information, p_correct

Floats = NDArray[np.float64]

EDGE = 6.0
"""Logits beyond which no student of a population N(0, 1) is."""
WIDTH = 0.1
"""Logits between tabulated abilities: half the width over which the steepest common item (a = 2.5) turns."""
NARROWEST = WIDTH
"""Logits. A posterior narrower than the table's spacing is read off as if it were this wide."""


@dataclass(frozen=True, eq=False, slots=True)
class Curves:
    """A bank's response curves at evenly spaced abilities.

    Parameters
    ----------
    theta : ndarray of shape (n_points,)
        Abilities in logits.
    right : ndarray of shape (n_points, n_items)
        Chance of a right answer.
    wrong : ndarray of shape (n_points, n_items)
        Chance of a wrong answer.
    information : ndarray of shape (n_points, n_items)
        Fisher information in 1/logit**2.
    """

    theta: Floats
    right: Floats
    wrong: Floats
    information: Floats

    @classmethod
    def build(cls, items: Sequence[ItemParams]) -> Curves:
        """Tabulate 1PL, 2PL or 3PL items, once for each parameter set.

        Raises
        ------
        ValueError
            If there is no item.

        Examples
        --------
        >>> Curves.build([ItemParams("2PL", 1.0, 0.0)]).right.shape
        (121, 1)
        """
        if not items:
            raise ValueError("a bank needs at least one item")
        theta = np.linspace(-EDGE, EDGE, round(2.0 * EDGE / WIDTH) + 1)
        right = np.column_stack([p_correct(theta, item) for item in items])
        tells = np.column_stack([information(theta, item) for item in items])
        return cls(theta, right, 1.0 - right, tells)


def nearness_to_success(curves: Curves, belief: Normal, target: float) -> Floats:
    """Minus the distance of each item's expected success from the target; 0 is a hit.

    Parameters
    ----------
    curves : Curves
    belief : Normal
        Belief about the ability, logits.
    target : float
        Wanted chance of success, in (0, 1).

    Examples
    --------
    >>> curves = Curves.build([ItemParams("2PL", 1.0, 0.0), ItemParams("2PL", 1.0, -1.2)])
    >>> int(nearness_to_success(curves, Normal(0.0, 1.0), 0.75).argmax())
    1
    """
    if not 0.0 < target < 1.0:
        raise ValueError(f"a target must be a chance in (0, 1), not {target}")
    return np.asarray(-np.abs(_weights(curves, belief) @ curves.right - target))


def information_at(curves: Curves, ability: float) -> Floats:
    """Fisher information of each item at one ability, linear between tabulated abilities.

    Parameters
    ----------
    curves : Curves
    ability : float
        Logits; beyond the table its edge is taken.

    References
    ----------
    Lord (1980), Applications of Item Response Theory to Practical Testing Problems, ch. 10.

    Examples
    --------
    >>> information_at(Curves.build([ItemParams("2PL", 2.0, 0.0)]), 0.0)
    array([1.])
    """
    if not isfinite(ability):
        raise ValueError(f"an ability must be finite, not {ability}")
    place = (min(max(ability, -EDGE), EDGE) + EDGE) / WIDTH
    low = min(int(place), curves.theta.size - 2)
    share = place - low
    return np.asarray((1.0 - share) * curves.information[low] + share * curves.information[low + 1])


def expected_information(curves: Curves, belief: Normal) -> Floats:
    """Fisher information of each item averaged over a normal posterior.

    Early in a sitting, when the ability may be anywhere, this does not chase steep items that
    would tell much only if the current estimate happened to be right.

    References
    ----------
    van der Linden (1998), Bayesian item selection criteria for adaptive testing, Psychometrika 63(2).

    Examples
    --------
    >>> curves = Curves.build([ItemParams("2PL", 2.0, 0.0)])
    >>> expected_information(curves, Normal(0.0, 1.0)).round(2)
    array([0.61])
    """
    return np.asarray(_weights(curves, belief) @ curves.information)


def expected_information_on(curves: Curves, posterior: Floats) -> Floats:
    """As `expected_information` for a posterior given on the table's own abilities.

    Parameters
    ----------
    curves : Curves
    posterior : ndarray of shape (n_points,)
        Masses that sum to one.
    """
    return np.asarray(posterior @ curves.information)


def kullback_leibler(curves: Curves, ability: float, *, half_width: float) -> Floats:
    """Kullback-Leibler information of each item around an ability.

    The distance between the answer's distribution at the ability and at every other one, summed
    over the interval: an item that parts the estimate from abilities far off counts too.

    Parameters
    ----------
    curves : Curves
    ability : float
        Logits; the current estimate.
    half_width : float
        Logits on either side, > 0; usually about 3 / sqrt(number of answers).

    Returns
    -------
    ndarray of shape (n_items,)
        Nats times logits, never negative.

    References
    ----------
    Chang & Ying (1996), A global information approach to computerized adaptive testing,
    Applied Psychological Measurement 20(3).

    Examples
    --------
    >>> curves = Curves.build([ItemParams("2PL", 1.0, 0.0), ItemParams("2PL", 1.0, 4.0)])
    >>> int(kullback_leibler(curves, 0.0, half_width=1.0).argmax())
    0
    """
    if not half_width > 0.0:
        raise ValueError(f"half_width must be positive, not {half_width}")
    here = _nearest(curves, ability)
    within = np.abs(curves.theta - curves.theta[here]) <= half_width + 1e-9
    right, wrong = curves.right[here], curves.wrong[here]
    apart = _ratio(right, curves.right[within]) + _ratio(wrong, curves.wrong[within])
    return np.asarray(np.trapezoid(apart, dx=WIDTH, axis=0))


def _ratio(p: Floats, others: Floats) -> Floats:
    # The tiny amount keeps an item that everyone gets right from dividing by nothing.
    return np.asarray(xlogy(p, (p + 1e-300) / (others + 1e-300)))


def _nearest(curves: Curves, ability: float) -> int:
    return int(np.abs(curves.theta - ability).argmin())


def _weights(curves: Curves, belief: Normal) -> Floats:
    """Masses of the normal on the table, summing to one."""
    sd = max(sqrt(belief.variance), NARROWEST)
    z = (curves.theta - min(max(belief.mean, -EDGE), EDGE)) / sd
    density = np.exp(-0.5 * z * z) * (WIDTH / (sd * sqrt(2.0 * pi)))
    return np.asarray(density / density.sum())
