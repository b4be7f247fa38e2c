"""Ability by exact summation over a grid, with every curve of the bank tabulated beforehand.

For one skill by itself, for reports and as a yardstick: the posterior is a plain vector over 61
abilities, an answer multiplies it by a row of the table, and the most informative item is the
largest entry of a column. The classroom uses the tree of `models.ability` instead, which keeps
skills together and needs five numbers, not sixty-one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.ability import Normal
from models.irt import ItemParams, information, p_correct

Floats = NDArray[np.float64]

POINTS = 61
EDGE = 6.0
"""Logits. Even spacing to +-6 keeps its accuracy on long tests, where Gauss-Hermite nodes are too few
near the mode (targets.md)."""


@dataclass(frozen=True, eq=False, slots=True)
class Table:
    """A bank's curves on the grid.

    Parameters
    ----------
    theta : ndarray of shape (n_points,)
        Abilities in logits, evenly spaced.
    right, wrong : ndarray of shape (n_items, n_points)
        Chance of each answer at each ability.
    information : ndarray of shape (n_points, n_items)
        Fisher information, laid out for looking up all items at one ability.
    """

    theta: Floats
    right: Floats
    wrong: Floats
    information: Floats


def tabulate(items: Sequence[ItemParams], *, points: int = POINTS) -> Table:
    """Tabulate the items' curves once for a parameter set.

    Examples
    --------
    >>> tabulate([ItemParams("2PL", 1.0, 0.0)]).right.shape
    (1, 61)
    """
    theta = np.linspace(-EDGE, EDGE, points)
    right = np.array([p_correct(theta, item) for item in items])
    tells = np.array([information(theta, item) for item in items])
    return Table(theta, right, 1.0 - right, np.ascontiguousarray(tells.T))


def prior(table: Table, normal: Normal) -> Floats:
    """Posterior of a student without answers: the normal prior on the grid, summing to one."""
    density = np.exp(-0.5 * (table.theta - normal.mean) ** 2 / normal.variance)
    return np.asarray(density / density.sum())


def answer(table: Table, posterior: Floats, item: int, right: bool) -> Floats:
    """Posterior after one answer to the item of that index; the one passed in stays as it is."""
    curve = table.right if right else table.wrong
    after = posterior * curve[item]
    return np.asarray(after / after.sum())


def eap(table: Table, posterior: Floats) -> Normal:
    """Mean and variance of the ability (expected a posteriori).

    References
    ----------
    Bock & Mislevy (1982), Adaptive EAP estimation of ability in a microcomputer environment,
    Applied Psychological Measurement 6(4).

    Examples
    --------
    >>> table = tabulate([ItemParams("2PL", 1.0, 0.0)])
    >>> after = answer(table, prior(table, Normal(0.0, 1.0)), item=0, right=True)
    >>> belief = eap(table, after)
    >>> round(belief.mean, 3), round(belief.variance, 3)
    (0.413, 0.829)
    """
    weighted = posterior * table.theta
    mean = float(weighted.sum())
    return Normal(mean, float(weighted @ table.theta) - mean * mean)


def most_informative(table: Table, ability: float, allowed: NDArray[np.bool_]) -> int:
    """Index of the allowed item that tells most about an ability at the nearest grid point.

    Raises
    ------
    LookupError
        If no item is allowed.
    """
    width = table.theta[1] - table.theta[0]
    nearest = min(max(round((ability + EDGE) / width), 0), table.theta.size - 1)
    tells = np.where(allowed, table.information[nearest], -1.0)
    best = int(tells.argmax())
    if tells[best] < 0.0:
        raise LookupError("no item is allowed")
    return best
