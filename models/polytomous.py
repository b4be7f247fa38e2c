"""Items with more than two scores: graded response and generalised partial credit.

Scores run from 0 to K - 1. Both models have one discrimination and K - 1 thresholds. In the graded response model the
thresholds are ordered: the k-th is the ability at which a score of k or better is as likely as not. In the generalised
partial credit model the k-th is where the scores k - 1 and k are equally likely, and any order is possible; with a = 1
it is the partial credit model.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit, softmax

Floats = NDArray[np.float64]
PolyModel = Literal["GRM", "GPCM"]


@dataclass(frozen=True, slots=True)
class PolyParams:
    """Parameters of an item with K ordered scores.

    Parameters
    ----------
    model : {"GRM", "GPCM"}
    a : float
        Discrimination per logit, > 0.
    b : tuple of float
        K - 1 thresholds in logits; ascending for the graded response model.

    Raises
    ------
    ValueError
        If a is not positive, a threshold is not finite, there is none, or graded thresholds do not ascend.

    References
    ----------
    Samejima (1969), Psychometric Monograph 17; Muraki (1992), Appl. Psychol. Meas. 16(2).
    """

    model: PolyModel
    a: float
    b: tuple[float, ...]

    def __post_init__(self) -> None:
        if not (isfinite(self.a) and self.a > 0.0):
            raise ValueError(f"a discrimination must be positive, not {self.a}")
        if not self.b or not all(map(isfinite, self.b)):
            raise ValueError("an item needs at least one threshold, and finite ones")
        if self.model == "GRM" and any(low >= high for low, high in zip(self.b, self.b[1:], strict=False)):
            raise ValueError(f"thresholds of a graded item must ascend, not {self.b}")

    @property
    def scores(self) -> int:
        """How many scores there are, K."""
        return len(self.b) + 1


def category_chances(theta: ArrayLike, item: PolyParams) -> Floats:
    """Chance of every score for students of each ability.

    Parameters
    ----------
    theta : array_like of shape (n,)
        Abilities in logits.
    item : PolyParams

    Returns
    -------
    ndarray of shape (n, K)
        Rows add up to 1.

    Examples
    --------
    >>> category_chances([0.0], PolyParams("GRM", 1.0, (-1.0, 1.0))).round(3)
    array([[0.269, 0.462, 0.269]])
    >>> category_chances([0.0], PolyParams("GPCM", 1.0, (-1.0, 1.0))).round(3)
    array([[0.212, 0.576, 0.212]])
    """
    z = item.a * (np.asarray(theta, dtype=np.float64)[:, None] - np.asarray(item.b))
    if item.model == "GPCM":
        steps = np.concatenate([np.zeros((len(z), 1)), np.cumsum(z, axis=1)], axis=1)
        return np.asarray(softmax(steps, axis=1))
    at_least = np.concatenate([np.ones((len(z), 1)), expit(z), np.zeros((len(z), 1))], axis=1)
    # The chance of a middle score is a difference of two logistics; in this form none of its digits cancel.
    middle = expit(z[:, :-1]) * expit(-z[:, 1:]) * -np.expm1(z[:, 1:] - z[:, :-1])
    return np.concatenate([expit(-z[:, :1]), middle, at_least[:, -2:-1]], axis=1)


def expected_score(theta: ArrayLike, item: PolyParams) -> Floats:
    """Mean score of students of each ability, between 0 and K - 1, of shape (n,)."""
    return category_chances(theta, item) @ np.arange(item.scores, dtype=np.float64)


def information(theta: ArrayLike, item: PolyParams) -> Floats:
    """Fisher information about the ability, per logit**2, of shape (n,).

    Examples
    --------
    >>> information([0.0], PolyParams("GPCM", 1.0, (0.0,)))
    array([0.25])
    """
    chances = category_chances(theta, item)
    if item.model == "GPCM":
        scores = np.arange(item.scores, dtype=np.float64)
        mean = chances @ scores
        return np.asarray(item.a**2 * (chances @ scores**2 - mean**2))
    z = item.a * (np.asarray(theta, dtype=np.float64)[:, None] - np.asarray(item.b))
    slopes = expit(z) * expit(-z)
    padded = np.concatenate([np.zeros((len(z), 1)), slopes, np.zeros((len(z), 1))], axis=1)
    change = item.a * (padded[:, :-1] - padded[:, 1:])
    return np.asarray(np.sum(change**2 / np.maximum(chances, np.finfo(np.float64).tiny), axis=1))
