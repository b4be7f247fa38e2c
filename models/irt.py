"""What an item is like and how likely students of each ability are to answer it.

One, two and three parameter logistic items. Every item carries how sure we are of its
difficulty, because most items of a young bank have only their author's guess: ``b_sd`` is the
standard deviation of that guess, and the response curve of such an item is its average over
b ~ N(b, b_sd**2). The averaged curve is flatter, so an answer to it says less.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import inf
from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit

from models.quadrature import normal_grid

Model = Literal["1PL", "2PL", "3PL"]

AUTHOR_SD = 0.5
"""Logits. Expert ratings of difficulty miss calibrated values by about half a logit once
experts agree on the scale (Hambleton & Jirka, 2006, Handbook of Test Development, ch. 18)."""
UNKNOWN_SD = 1.0
"""Logits. An item nobody has rated may be anywhere among the items of a bank, whose difficulties
spread about as far as the students' abilities do."""


@dataclass(frozen=True, slots=True)
class ItemParams:
    """Parameters of an item on the scale where the calibrated population is N(0, 1).

    Parameters
    ----------
    model : {"1PL", "2PL", "3PL"}
        1PL and 2PL items have c = 0; in a 1PL item a is the slope common to the bank.
    a : float
        Discrimination per logit, > 0.
    b : float
        Difficulty in logits.
    c : float
        Chance of a right answer without any ability, in [0, 1).
    b_sd : float
        Standard deviation of what we believe about b, in logits, >= 0.
    parts : int
        Parts of the item that are each right or not, such as the gaps of a text. Of m parts a student with ability
        theta gets each right with the chance that a and b give; the number of right ones is that of a generalised
        partial credit item with slope a and steps b - log((m - k + 1) / k) / a, k = 1 .. m (Muraki 1992).

    Raises
    ------
    ValueError
        If a parameter is out of its range or not finite; an item with a <= 0 would rank
        students backwards.

    Examples
    --------
    >>> ItemParams("2PL", a=1.2, b=-0.5)
    ItemParams(model='2PL', a=1.2, b=-0.5, c=0.0, b_sd=0.0, parts=1)
    """

    model: Model
    a: float
    b: float
    c: float = 0.0
    b_sd: float = 0.0
    parts: int = 1

    def __post_init__(self) -> None:
        if self.model not in get_args(Model):
            raise ValueError(f"unknown item model {self.model!r}; use 1PL, 2PL or 3PL")
        if not 0.0 < self.a < inf:
            raise ValueError(f"discrimination a must be positive and finite, not {self.a}")
        if not -inf < self.b < inf:
            raise ValueError(f"difficulty b must be finite, not {self.b}")
        if not 0.0 <= self.c < 1.0:
            raise ValueError(f"guessing chance c must be in [0, 1), not {self.c}")
        if self.c and self.model != "3PL":
            raise ValueError(f"a {self.model} item has no guessing chance, but c is {self.c}")
        if not 0.0 <= self.b_sd < inf:
            raise ValueError(f"b_sd must be finite and not negative, not {self.b_sd}")
        if self.parts < 1:
            raise ValueError(f"an item has one part or more, not {self.parts}")

    @classmethod
    def from_author(cls, difficulty: float | None, options: int | None, parts: int = 1) -> ItemParams:
        """Parameters of an item that has not been calibrated yet.

        Parameters
        ----------
        difficulty : float or None
            The author's rating in logits; None where nobody has rated the item.
        options : int or None
            Number of options of a multiple-choice item, at least 2; None for any other type.
        parts : int
            Parts that are each right or not.

        Returns
        -------
        ItemParams
            Slope 1; c = 1/options for a choice; b_sd says how far the rating may be off. The parts of one item share
            its idea, so until more is known they say together as much as one item: a slope of 1/sqrt(parts).

        Examples
        --------
        >>> ItemParams.from_author(0.5, options=4)
        ItemParams(model='3PL', a=1.0, b=0.5, c=0.25, b_sd=0.5, parts=1)
        >>> ItemParams.from_author(None, options=None)
        ItemParams(model='2PL', a=1.0, b=0.0, c=0.0, b_sd=1.0, parts=1)
        """
        b, b_sd = (0.0, UNKNOWN_SD) if difficulty is None else (float(difficulty), AUTHOR_SD)
        if options is None:
            return cls("2PL", a=parts**-0.5, b=b, b_sd=b_sd, parts=parts)
        if options < 2:
            raise ValueError(f"a choice needs at least 2 options, not {options}")
        return cls("3PL", a=1.0, b=b, c=1.0 / options, b_sd=b_sd)

    def among(self, options: int) -> ItemParams:
        """Parameters of the same choice when only so many of its options are shown: c = 1/options.

        Three options in place of four or five leave difficulty and discrimination about as they are, because few
        items have more than two distractors that work (Rodriguez, 2005, Three options are optimal for
        multiple-choice items, Educational Measurement: Issues and Practice 24).

        Examples
        --------
        >>> ItemParams("3PL", a=1.0, b=0.5, c=0.25, b_sd=0.5).among(3).c == 1 / 3
        True
        """
        if options < 2:
            raise ValueError(f"a choice needs at least 2 options, not {options}")
        return replace(self, model="3PL", c=1.0 / options)


def p_correct(theta: ArrayLike, item: ItemParams) -> NDArray[np.float64]:
    """Chance that a student of each ability answers the item correctly.

    Parameters
    ----------
    theta : array_like
        Ability in logits; the calibrated population is N(0, 1).
    item : ItemParams
        Its difficulty is averaged over N(b, b_sd**2).

    Returns
    -------
    ndarray of the shape of theta
        Probabilities in [c, 1]; of an item with several parts the share that is expected to be right.

    References
    ----------
    Birnbaum (1968), in Lord & Novick, Statistical Theories of Mental Test Scores, ch. 17.

    Examples
    --------
    >>> p_correct([-1.0, 0.0, 1.0], ItemParams("3PL", a=1.0, b=0.0, c=0.25)).round(3)
    array([0.452, 0.625, 0.798])
    """
    right, _, _ = _curve(theta, item)
    return right


def information(theta: ArrayLike, item: ItemParams) -> NDArray[np.float64]:
    """Fisher information of one answer about the ability, P'**2 / (P (1 - P)).

    Parameters
    ----------
    theta : array_like
        Ability in logits.
    item : ItemParams
        Its difficulty is averaged over N(b, b_sd**2), which lowers the information.

    Returns
    -------
    ndarray of the shape of theta
        Information per answer in 1/logit**2, never negative; it adds up over items.

    References
    ----------
    Lord (1980), Applications of Item Response Theory to Practical Testing Problems, eq. 5-9.

    Examples
    --------
    >>> information([0.0, 1.0], ItemParams("2PL", a=2.0, b=0.0)).round(3)
    array([1.  , 0.42])
    """
    right, wrong, slope = _curve(theta, item)
    spread = right * wrong
    each = np.divide(slope * slope, spread, out=np.zeros_like(spread), where=spread > 0.0)
    return np.asarray(item.parts * each)


def _curve(theta: ArrayLike, item: ItemParams) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """P, 1 - P and dP/dtheta; 1 - P apart, as it would lose all its digits for an able student."""
    weights, offsets = _difficulties(item)
    z = item.a * (np.asarray(theta, dtype=np.float64)[..., None] - item.b) + offsets
    up, down = expit(z), expit(-z)
    free = 1.0 - item.c
    right = item.c + free * np.asarray(up @ weights)
    wrong = free * np.asarray(down @ weights)
    slope = free * item.a * np.asarray((up * down) @ weights)
    return np.asarray(right), np.asarray(wrong), np.asarray(slope)


def _difficulties(item: ItemParams) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Weights and the offsets a * (b - difficulty) to average an item's curve over its difficulty."""
    steepness = item.a * item.b_sd
    if steepness == 0.0:
        return np.ones(1), np.zeros(1)
    grid = np.array(normal_grid(steepness))
    return grid[:, 0], steepness * grid[:, 1] / grid[:, 0]
