"""Synthetic learners for the demo, for load and for tests of the decision rules.

Learners come from the same tree of abilities that the measurement assumes, but they guess, hurry,
take hints, drift off and hold misconceptions, so that what the board shows is not too clean.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import exp, sqrt
from types import MappingProxyType

import numpy as np

from models.ability import Prior
from models.irt import ItemParams, p_correct

CLASSROOM = Prior(general_variance=0.6, skill_variance=0.4)
"""Logits**2. Skills of one primary mathematics domain correlate at about .6 within a grade."""
TYPICAL_SECONDS = 22.0
"""Median time of a typical learner on an item of average difficulty."""
TIME_SPREAD = 0.35
"""Standard deviation of log time from one item to the next."""
SLOWER_PER_LOGIT = 0.15
"""Log seconds that each logit of difficulty above the learner's ability adds."""
GUESS_SECONDS = 1.8
"""Median time of an answer given without reading."""
MOST_HINTS = 3
FALLS_FOR_IT = 0.8
"""Chance that a wrong answer is the one a held misconception leads to, if it is offered."""
HOLDS_IT = 0.3
"""Chance that an average learner holds a given misconception; an able one seldom does."""


@dataclass(frozen=True, slots=True)
class Learner:
    """A simulated student.

    Parameters
    ----------
    general : float
        General ability in logits.
    abilities : mapping of skill to float
        Ability in each skill, in logits.
    gain : float
        Logits a skill grows with each answer on it.
    guess : float
        Chance of answering without reading.
    slowness : float
        Added to log time; 0 is typical.
    hint : float
        Chance of asking for a hint on an item that is sure to be missed without one.
    idle, hand : float
        Chance, per item, of drifting off and of raising a hand.
    misconceptions : frozenset of str
        Those the learner holds.
    """

    general: float
    abilities: Mapping[str, float]
    gain: float
    guess: float
    slowness: float
    hint: float
    idle: float
    hand: float
    misconceptions: frozenset[str]


@dataclass(frozen=True, slots=True)
class Response:
    """A simulated first answer: right or not, seconds taken, hints opened, misconception shown."""

    right: bool
    seconds: float
    hints: int
    misconception: str | None


def draw_class(
    n: int,
    skills: Sequence[str],
    rng: np.random.Generator,
    *,
    misconceptions: Sequence[str] = (),
    prior: Prior = CLASSROOM,
) -> list[Learner]:
    """Draw a class of n learners whose abilities come from the two-level tree.

    Parameters
    ----------
    n : int
        Learners, >= 0.
    skills : sequence of str
        Skills of the domain.
    rng : Generator
        The same seed gives the same class.
    misconceptions : sequence of str
        What learners may believe wrongly.
    prior : Prior
        How learners differ.

    Examples
    --------
    >>> [ana] = draw_class(1, ["4.NF.A.1"], np.random.default_rng(1))
    >>> sorted(ana.abilities)
    ['4.NF.A.1']
    """
    return [_draw(skills, misconceptions, prior, rng) for _ in range(n)]


def responds(
    learner: Learner,
    skill: str,
    item: ItemParams,
    rng: np.random.Generator,
    *,
    offered: Sequence[str] = (),
) -> Response:
    """First answer of the learner to an item.

    Parameters
    ----------
    learner : Learner
    skill : str
        Skill of the item, one of the learner's.
    item : ItemParams
        As the item really is; an uncertain difficulty is averaged over.
    rng : Generator
    offered : sequence of str
        Misconceptions that the item's wrong options belong to.

    Raises
    ------
    KeyError
        If the learner does not have the skill.
    """
    theta = learner.abilities[skill]
    if rng.random() < learner.guess:
        right = bool(rng.random() < item.c)
        return Response(right, _seconds(GUESS_SECONDS, 0.0, rng), 0, _shown(right, learner, offered, rng))
    chance = float(p_correct(theta, item))
    right = bool(rng.random() < chance)
    hints = int(rng.binomial(MOST_HINTS, learner.hint * (1.0 - chance)))
    stretch = learner.slowness + SLOWER_PER_LOGIT * (item.b - theta)
    seconds = _seconds(TYPICAL_SECONDS, stretch, rng)
    return Response(right, seconds, hints, _shown(right, learner, offered, rng))


def learn(learner: Learner, skill: str) -> Learner:
    """Return the learner after one more answer on the skill: a little more able in it.

    Examples
    --------
    >>> [ana] = draw_class(1, ["4.NF.A.1"], np.random.default_rng(1))
    >>> learn(ana, "4.NF.A.1").abilities["4.NF.A.1"] >= ana.abilities["4.NF.A.1"]
    True
    """
    grown = {**learner.abilities, skill: learner.abilities[skill] + learner.gain}
    return replace(learner, abilities=MappingProxyType(grown))


def _draw(skills: Sequence[str], misconceptions: Sequence[str], prior: Prior, rng: np.random.Generator) -> Learner:
    general = float(rng.normal(0.0, sqrt(prior.general_variance)))
    parts = rng.normal(0.0, sqrt(prior.skill_variance), len(skills))
    abilities = {skill: general + float(part) for skill, part in zip(skills, parts, strict=True)}
    # Odds fall by e for each logit of general ability.
    holds = HOLDS_IT / (HOLDS_IT + (1.0 - HOLDS_IT) * exp(general))
    return Learner(
        general=general,
        abilities=MappingProxyType(abilities),
        gain=float(rng.gamma(2.0, 0.01)),
        guess=float(rng.beta(1.0, 24.0)),
        slowness=float(rng.normal(0.0, 0.25)),
        hint=float(rng.beta(2.0, 6.0)),
        idle=float(rng.beta(1.0, 60.0)),
        hand=float(rng.beta(1.0, 40.0)),
        misconceptions=frozenset(tag for tag in misconceptions if rng.random() < holds),
    )


def _seconds(median: float, stretch: float, rng: np.random.Generator) -> float:
    """Draw a time from the lognormal model of van der Linden (2006), J. Educ. Behav. Stat. 31(2)."""
    return median * exp(stretch + float(rng.normal(0.0, TIME_SPREAD)))


def _shown(right: bool, learner: Learner, offered: Sequence[str], rng: np.random.Generator) -> str | None:
    held = [tag for tag in offered if tag in learner.misconceptions]
    if right or not held or rng.random() >= FALLS_FOR_IT:
        return None
    return held[int(rng.integers(len(held)))]
