"""What we believe about a student's skills, and how one answer changes it.

The skills of a domain share a general ability: theta_k = g + s_k. The belief is a tree of two
levels, g ~ N(m, v) and, given g, each skill apart, theta_k | g ~ N(alpha_k + beta_k g, w_k). An
answer is one moment match along its skill's theta_k and then the exact Gaussian update of the two
nodes it touches. Every other skill hears of it through g, yet nothing else has to be written:
the cost does not grow with the number of skills.

Plain floats throughout: for a single number numpy costs ten times as much as Python.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import erfc, inf, sqrt
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from models.moments import moment_match
from models.quadrature import normal_grid

if TYPE_CHECKING:
    from models.irt import ItemParams

GROWTH_PER_DAY = 0.01
"""Variance in logits**2 that a skill's uncertainty gains a day without evidence (product section 1)."""

_NEGLIGIBLE = 1e-12
_STEEPEST_GRID = 400.0
"""Slope of the finest grid over g; a skill that follows g exactly would ask for endless nodes."""


@dataclass(frozen=True, slots=True)
class Normal:
    """A normal distribution: mean in logits, variance in logits**2, >= 0."""

    mean: float
    variance: float


@dataclass(frozen=True, slots=True)
class Prior:
    """How students differ: variance of the general ability and of each skill's own part, logits**2."""

    general_variance: float
    skill_variance: float

    def __post_init__(self) -> None:
        _check_variance(self.general_variance)
        _check_variance(self.skill_variance)


@dataclass(frozen=True, slots=True)
class General:
    """Belief about a student's general ability in a domain: g ~ N(mean, variance)."""

    mean: float
    variance: float

    def __post_init__(self) -> None:
        _check_variance(self.variance)


@dataclass(frozen=True, slots=True)
class SkillBelief:
    """Belief about one skill given the general ability: theta | g ~ N(alpha + beta * g, w)."""

    alpha: float
    beta: float
    w: float

    def __post_init__(self) -> None:
        _check_variance(self.w)


def prior_general(prior: Prior) -> General:
    """General ability of a student of whom nothing is known.

    Examples
    --------
    >>> prior_general(Prior(general_variance=0.6, skill_variance=0.4))
    General(mean=0.0, variance=0.6)
    """
    return General(0.0, prior.general_variance)


def prior_skill(prior: Prior) -> SkillBelief:
    """Skill of a student of whom nothing is known: as the general ability, give or take its own part.

    Examples
    --------
    >>> prior_skill(Prior(general_variance=0.6, skill_variance=0.4))
    SkillBelief(alpha=0.0, beta=1.0, w=0.4)
    """
    return SkillBelief(0.0, 1.0, prior.skill_variance)


def marginal(general: General, skill: SkillBelief) -> Normal:
    """Belief about the skill by itself.

    Examples
    --------
    >>> marginal(General(0.5, 0.6), SkillBelief(0.1, 1.0, 0.4))
    Normal(mean=0.6, variance=1.0)
    """
    beta = skill.beta
    return Normal(skill.alpha + beta * general.mean, skill.w + beta * beta * general.variance)


def p_above(normal: Normal, cut: float) -> float:
    """Chance that the ability lies above the cut (logits).

    Examples
    --------
    >>> p_above(Normal(0.5, 1.0), 0.5)
    0.5
    """
    if normal.variance == 0.0:
        return 1.0 if normal.mean > cut else 0.0
    return 0.5 * erfc((cut - normal.mean) / sqrt(2.0 * normal.variance))


def update(
    general: General, skill: SkillBelief, item: ItemParams, score: float, *, weight: float = 1.0
) -> tuple[General, SkillBelief]:
    """Belief after one answer on an item of the skill.

    Equal to conditioning the dense joint Gaussian of (g, theta_1 .. theta_K); the beliefs about
    the other skills given g stay as they are.

    Parameters
    ----------
    general : General
        General ability in the domain.
    skill : SkillBelief
        The skill of the item.
    item, score, weight
        As in `moment_match`.

    Returns
    -------
    (General, SkillBelief)
        The two rows that the answer changes.

    Examples
    --------
    >>> from models.irt import ItemParams
    >>> prior = Prior(general_variance=0.6, skill_variance=0.4)
    >>> item = ItemParams("2PL", a=1.0, b=0.0)
    >>> general, skill = update(prior_general(prior), prior_skill(prior), item, 1.0)
    >>> round(marginal(general, skill).mean, 3), round(marginal(general, prior_skill(prior)).mean, 3)
    (0.413, 0.248)
    """
    beta, w, v = skill.beta, skill.w, general.variance
    before = w + beta * beta * v
    if before == 0.0:
        return general, skill
    mean = skill.alpha + beta * general.mean
    new_mean, after = moment_match(mean, before, item, score, weight=weight)
    return carried(general, skill, before, new_mean - mean, after)


def carried(
    general: General, skill: SkillBelief, before: float, shift: float, after: float
) -> tuple[General, SkillBelief]:
    """Belief after the skill's own marginal has changed for whatever reason.

    The exact Gaussian update of the two nodes, written as products so that no digits cancel.

    Parameters
    ----------
    general : General
    skill : SkillBelief
    before : float
        Variance of the skill's marginal, logits**2, > 0.
    shift : float
        By how much its mean has moved, in logits.
    after : float
        Its variance now, logits**2, >= 0.

    Examples
    --------
    >>> general, skill = carried(General(0.0, 0.6), SkillBelief(0.0, 1.0, 0.4), before=1.0, shift=0.5, after=0.8)
    >>> round(general.mean, 3), round(marginal(general, skill).variance, 3)
    (0.3, 0.8)
    """
    ratio = after / before
    kept = (skill.w + skill.beta * skill.beta * general.variance * ratio) / before
    mean = general.mean + skill.beta * general.variance / before * shift
    scale = ratio / kept
    beta = skill.beta * scale
    theta = skill.alpha + skill.beta * general.mean + shift
    return General(mean, general.variance * kept), SkillBelief(theta - beta * mean, beta, skill.w * scale)


def grow(skill: SkillBelief, days: float, *, rate: float = GROWTH_PER_DAY) -> SkillBelief:
    """Belief after some days without evidence: the same mean, less sure.

    Parameters
    ----------
    skill : SkillBelief
        Belief at the last evidence.
    days : float
        Days since, >= 0.
    rate : float
        Variance gained a day, logits**2.

    Examples
    --------
    >>> grow(SkillBelief(0.2, 1.0, 0.4), days=10)
    SkillBelief(alpha=0.2, beta=1.0, w=0.5)
    """
    if days < 0.0:
        raise ValueError(f"days since the last evidence cannot be negative, not {days}")
    return SkillBelief(skill.alpha, skill.beta, skill.w + rate * days)


def joint_draws(
    general: General, skills: Sequence[SkillBelief], n: int, rng: np.random.Generator
) -> NDArray[np.float64]:
    """Abilities drawn from the joint belief about several skills.

    Returns
    -------
    ndarray of shape (n, len(skills))
        One plausible set of abilities in each row, in logits.
    """
    alpha, beta, w = _columns(skills)
    g = general.mean + sqrt(general.variance) * rng.standard_normal((n, 1))
    return np.asarray(alpha + beta * g + np.sqrt(w) * rng.standard_normal((n, len(skills))))


def p_all_above(general: General, skills: Sequence[SkillBelief], cuts: Sequence[float]) -> float:
    """Chance that every one of these skills lies above its cut.

    Given g the skills are independent, so this is one integral over g: what `joint_draws` would
    give with endless draws, without the noise that would make a board flicker.

    Parameters
    ----------
    general : General
        General ability in the domain.
    skills : sequence of SkillBelief
    cuts : sequence of float
        One cut in logits for each skill.

    Examples
    --------
    >>> alone = SkillBelief(0.0, 0.0, 1.0)
    >>> round(p_all_above(General(0.0, 1.0), [alone, alone], [0.0, 0.0]), 6)
    0.25
    """
    alpha, beta, w = _columns(skills)
    sd = np.sqrt(np.maximum(w, _NEGLIGIBLE))
    slope = float(np.max(np.abs(beta) * sqrt(general.variance) / sd, initial=0.0))
    # A probit is about as steep as a logistic of 1.7 times the slope.
    grid = np.array(normal_grid(min(1.7 * slope, _STEEPEST_GRID)))
    g = general.mean + sqrt(general.variance) * grid[:, 1:2] / grid[:, 0:1]
    above = ndtr((alpha + beta * g - np.asarray(cuts, dtype=np.float64)) / sd)
    return min(1.0, float(grid[:, 0] @ np.prod(above, axis=1)))


def _check_variance(variance: float) -> None:
    if not 0.0 <= variance < inf:
        raise ValueError(f"a variance must be finite and not negative, not {variance}")


def _columns(
    skills: Sequence[SkillBelief],
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    table = np.array([(skill.alpha, skill.beta, skill.w) for skill in skills], dtype=np.float64)
    table = table.reshape(len(skills), 3)
    return table[:, 0], table[:, 1], table[:, 2]
