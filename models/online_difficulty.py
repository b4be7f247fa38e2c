"""What every answer says about its item: difficulties between two calibrations.

A new item starts with a guess, and waiting for the next calibration wastes what students have shown
since. Two ways to learn from each answer at once, in microseconds. Where a student's ability is known
as a normal distribution, the difficulty is updated exactly as the ability is, seen from the other end:
the answer depends on theta - b only. Where only a single number is known there is Elo.

Plain floats throughout, as in `models.ability`.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, isfinite, sqrt

from models.ability import Normal
from models.irt import ItemParams
from models.moments import moment_match

ELO_FIRST_STEP = 1.0
"""Logits that the very first answer can move a difficulty at most."""
ELO_DECAY = 0.05
"""How fast the step shrinks with the answers seen. Both after Pelanek (2016), who found any value near
them to predict alike."""


def difficulty_match(item: ItemParams, ability: Normal, score: float, *, weight: float = 1.0) -> tuple[float, float]:
    """Mean and standard deviation of an item's difficulty after one student's answer to it.

    The exact first two moments of N(b, b_sd**2) times the response function averaged over the
    student's ability N(mean, variance): `moment_match` with the two ends of theta - b exchanged.

    Parameters
    ----------
    item : ItemParams
        The item before the answer; an item with b_sd = 0 is sure and stays.
    ability : Normal
        Belief about the student *before* this answer; afterwards it has been told the answer already.
    score : float
        1 right, 0 wrong; in between counts as that share of a right answer.
    weight : float
        Power of the likelihood, >= 0.

    Returns
    -------
    (b, b_sd) : tuple of float
        In logits. Without guessing b_sd never grows; a right answer that may have been guessed can
        widen it a little, yet over both answers it shrinks on average.

    Raises
    ------
    ValueError
        If the score is outside [0, 1] or the weight negative or not finite.

    References
    ----------
    As for `models.moments.moment_match`; both ends at once in Glickman (1999), Parameter estimation in
    large dynamic paired comparison experiments, Applied Statistics 48(3).

    Examples
    --------
    >>> new = ItemParams("2PL", 1.0, b=0.0, b_sd=1.0)
    >>> [round(x, 3) for x in difficulty_match(new, Normal(0.0, 0.0), 1.0)]
    [-0.413, 0.911]
    >>> [round(x, 3) for x in difficulty_match(new, Normal(0.0, 1.0), 1.0)]
    [-0.363, 0.932]
    """
    mirrored = ItemParams(item.model, item.a, -ability.mean, item.c, sqrt(ability.variance))
    mean, variance = moment_match(-item.b, item.b_sd * item.b_sd, mirrored, score, weight=weight)
    return -mean, sqrt(variance)


def update(item: ItemParams, ability: Normal, score: float, *, weight: float = 1.0) -> ItemParams:
    """The item after one student's answer; parameters as in `difficulty_match`.

    Examples
    --------
    >>> after = update(ItemParams("2PL", 1.0, b=0.5, b_sd=0.5), Normal(0.5, 0.2), 0.0)
    >>> round(after.b, 2), round(after.b_sd, 2)
    (0.61, 0.49)
    """
    b, b_sd = difficulty_match(item, ability, score, weight=weight)
    return ItemParams(item.model, item.a, b, item.c, b_sd)


@dataclass(frozen=True, slots=True)
class EloItem:
    """A difficulty rated by Elo: its value in logits and how many answers it has seen."""

    b: float
    answers: int = 0

    def __post_init__(self) -> None:
        if not isfinite(self.b) or self.answers < 0:
            raise ValueError(f"an Elo rating is finite, of 0 or more answers; not {self.b} of {self.answers}")


def elo_step(answers: int) -> float:
    """How far the next answer may move a rating, in logits: large at first, then ever smaller.

    Examples
    --------
    >>> elo_step(0), elo_step(20)
    (1.0, 0.5)
    """
    return ELO_FIRST_STEP / (1.0 + ELO_DECAY * answers)


def elo_update(item: EloItem, ability: float, score: float, *, c: float = 0.0) -> EloItem:
    """The rating after one answer of a student of this ability.

    Parameters
    ----------
    item : EloItem
    ability : float
        In logits, as known before the answer.
    score : float
        1 right, 0 wrong, or a share.
    c : float
        Chance of guessing right, in [0, 1).

    Raises
    ------
    ValueError
        If the score is outside [0, 1] or c outside [0, 1).

    References
    ----------
    Pelanek (2016), Applications of the Elo rating system in adaptive educational systems, Computers &
    Education 98.

    Examples
    --------
    >>> elo_update(EloItem(0.0), ability=0.0, score=1.0)
    EloItem(b=-0.5, answers=1)
    """
    if not (0.0 <= score <= 1.0 and 0.0 <= c < 1.0):
        raise ValueError(f"score must be in [0, 1] and c in [0, 1), not {score} and {c}")
    expected = c + (1.0 - c) * _logistic(ability - item.b)
    return EloItem(item.b + elo_step(item.answers) * (expected - score), item.answers + 1)


def _logistic(z: float) -> float:
    """1 / (1 + exp(-z)) that cannot overflow."""
    return 1.0 / (1.0 + exp(-z)) if z >= 0.0 else exp(z) / (1.0 + exp(z))
