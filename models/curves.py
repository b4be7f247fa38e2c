"""Chances of every score of an item and how they change with ability, for any kind of item.

Scoring and fit need the same four numbers of an answer whatever the item is: how likely each score
is, the first two derivatives of that by ability, and the information. They are worked out here once,
for right-or-wrong items (whose curve is averaged over what we believe about the difficulty, as in
`models.irt`) and for items with ordered scores.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit, softmax

from models.irt import ItemParams
from models.polytomous import PolyParams
from models.quadrature import normal_grid

Floats = NDArray[np.float64]
Item = ItemParams | PolyParams

TINY = float(np.finfo(np.float64).tiny)


@dataclass(frozen=True, eq=False, slots=True)
class Curve:
    """An item's scores at several abilities.

    Parameters
    ----------
    chances : ndarray of shape (n, K)
        Chance of each score; rows add up to 1.
    slopes : ndarray of shape (n, K)
        First derivative by ability, per logit; rows add up to 0.
    bends : ndarray of shape (n, K)
        Second derivative by ability, per logit**2; rows add up to 0.
    """

    chances: Floats
    slopes: Floats
    bends: Floats

    @property
    def information(self) -> Floats:
        """Fisher information about the ability, per logit**2, of shape (n,)."""
        return _over(self.slopes * self.slopes, self.chances)

    @property
    def warm(self) -> Floats:
        """Warm's J of the item, the sum of P' P'' / P over its scores, of shape (n,)."""
        return _over(self.slopes * self.bends, self.chances)

    @property
    def information_slope(self) -> Floats:
        """How the information changes with ability, per logit**3, of shape (n,)."""
        share = np.divide(self.slopes, self.chances, out=np.zeros_like(self.slopes), where=self.chances > TINY)
        return np.asarray(2.0 * self.warm - np.sum(self.slopes * share**2, axis=1))

    @property
    def mean(self) -> Floats:
        """Expected score, of shape (n,)."""
        return self.chances @ np.arange(self.chances.shape[1], dtype=np.float64)

    def central(self, power: int) -> Floats:
        """Central moment of the score (2 is its variance), of shape (n,)."""
        away = np.arange(self.chances.shape[1], dtype=np.float64) - self.mean[:, None]
        return np.asarray(np.sum(self.chances * away**power, axis=1))


def scores(item: Item) -> int:
    """How many scores an item has, K; 2 for right or wrong.

    Examples
    --------
    >>> scores(ItemParams("2PL", 1.0, 0.0)), scores(PolyParams("GRM", 1.0, (-1.0, 1.0)))
    (2, 3)
    """
    return 2 if isinstance(item, ItemParams) else item.scores


def curve(theta: ArrayLike, item: Item) -> Curve:
    """Chances of every score, with two derivatives, for students of each ability.

    Parameters
    ----------
    theta : array_like of shape (n,)
        Abilities in logits.
    item : ItemParams or PolyParams

    Examples
    --------
    >>> curve([0.0], ItemParams("2PL", a=2.0, b=0.0)).slopes
    array([[-0.5,  0.5]])
    """
    ability = np.asarray(theta, dtype=np.float64)
    if isinstance(item, ItemParams):
        return _right_or_wrong(ability, item)
    return _partial_credit(ability, item) if item.model == "GPCM" else _graded(ability, item)


def _over(top: Floats, chances: Floats) -> Floats:
    """Sum over the scores of top / chance; a score that cannot happen tells nothing."""
    return np.asarray(np.sum(np.divide(top, chances, out=np.zeros_like(top), where=chances > TINY), axis=1))


def _right_or_wrong(theta: Floats, item: ItemParams) -> Curve:
    steepness = item.a * item.b_sd
    grid = np.array(normal_grid(steepness)) if steepness else np.array([[1.0, 0.0, 0.0]])
    weights = (1.0 - item.c) * grid[:, 0]
    z = item.a * (theta[:, None] - item.b) + steepness * grid[:, 1] / grid[:, 0]
    up, down = expit(z), expit(-z)
    slope = item.a * (up * down) @ weights
    bend = item.a**2 * (up * down * (down - up)) @ weights
    # 1 - P apart, as it would lose all its digits for an able student.
    return Curve(_pair(down @ weights, item.c + up @ weights), _pair(-slope, slope), _pair(-bend, bend))


def _pair(wrong: Floats, right: Floats) -> Floats:
    return np.stack([wrong, right], axis=1)


def _partial_credit(theta: Floats, item: PolyParams) -> Curve:
    z = item.a * (theta[:, None] - np.asarray(item.b))
    steps = np.concatenate([np.zeros((len(z), 1)), np.cumsum(z, axis=1)], axis=1)
    chances = np.asarray(softmax(steps, axis=1))
    score = np.arange(item.scores, dtype=np.float64)
    away = score - (chances @ score)[:, None]
    variance = np.sum(chances * away**2, axis=1)[:, None]
    return Curve(chances, item.a * chances * away, item.a**2 * chances * (away**2 - variance))


def _graded(theta: Floats, item: PolyParams) -> Curve:
    z = item.a * (theta[:, None] - np.asarray(item.b))
    up, down = expit(z), expit(-z)
    # The chance of a middle score is a difference of two logistics; in this form none of its digits cancel.
    middle = up[:, :-1] * down[:, 1:] * -np.expm1(z[:, 1:] - z[:, :-1])
    chances = np.concatenate([down[:, :1], middle, up[:, -1:]], axis=1)
    slope, bend = item.a * up * down, item.a**2 * up * down * (down - up)
    return Curve(chances, _between(slope), _between(bend))


def _between(at_least: Floats) -> Floats:
    """Derivatives of each score from those of "this score or better"; the lowest and highest are certain."""
    edge = np.zeros((len(at_least), 1))
    return -np.diff(np.concatenate([edge, at_least, edge], axis=1), axis=1)
