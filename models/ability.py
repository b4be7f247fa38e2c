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
from math import erfc, exp, inf, log, log1p, sqrt
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from models.quadrature import REACH, normal_grid, step

if TYPE_CHECKING:
    from models.irt import ItemParams

GROWTH_PER_DAY = 0.01
"""Variance in logits**2 that a skill's uncertainty gains a day without evidence (product section 1)."""

_NEGLIGIBLE = 1e-12
_SATURATED = 40.0
"""Logits beyond which 1 + exp(x) equals exp(x) in double precision."""
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


def moment_match(
    mean: float, variance: float, item: ItemParams, score: float, *, weight: float = 1.0
) -> tuple[float, float]:
    """Mean and variance of an ability after one answer.

    The exact first two moments of N(mean, variance) times the item's response function averaged
    over its uncertain difficulty. Averaging needs no second integral: the answer depends on
    delta = theta - b only, delta is normal with variance ``variance + b_sd**2``, and theta given delta
    is normal and linear in delta. So the match is made along delta and carried over to theta.

    Parameters
    ----------
    mean, variance : float
        Belief before the answer, in logits and logits**2.
    item : ItemParams
        The item answered.
    score : float
        1 right, 0 wrong; in between counts as that share of a right answer.
    weight : float
        Power of the likelihood, >= 0: 1 an ordinary answer, 0.5 one that says half as much, 0 none.

    Returns
    -------
    (mean, variance) : tuple of float
        Accurate to 1e-6 (relative to the standard deviation before).

    Raises
    ------
    ValueError
        If the score is outside [0, 1] or the weight negative or not finite.

    References
    ----------
    Minka (2001), A family of algorithms for approximate Bayesian inference, ch. 3 (assumed-density
    filtering); for averaging over uncertain item parameters Lewis (2001), ETS RR-01-20.

    Examples
    --------
    >>> from models.irt import ItemParams
    >>> sure, unsure = ItemParams("2PL", 1.0, 0.0), ItemParams("2PL", 1.0, 0.0, b_sd=1.0)
    >>> [round(x, 3) for x in moment_match(0.0, 1.0, sure, 1.0)]
    [0.413, 0.829]
    >>> [round(x, 3) for x in moment_match(0.0, 1.0, unsure, 1.0)]
    [0.363, 0.868]
    """
    if not (0.0 <= score <= 1.0 and 0.0 <= weight < inf):
        raise ValueError(f"score must be in [0, 1] and weight >= 0, not {score} and {weight}")
    total = variance + item.b_sd * item.b_sd
    sd = sqrt(total)
    steepness = item.a * sd
    if steepness * weight < _NEGLIGIBLE or variance == 0.0:
        return mean, variance
    centre = item.a * (mean - item.b)
    if weight == 1.0 and (score == 1.0 or score == 0.0):
        shift, spread = _after_answer(centre, steepness, item.c, score == 1.0)
    else:
        shift, spread = _after_part(centre, steepness, item.c, weight * score, weight * (1.0 - score))
    gain = variance / total
    return mean + gain * sd * shift, variance - gain * variance * (1.0 - spread)


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
    return _two_nodes(general, skill, before, new_mean - mean, after)


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


def _two_nodes(
    general: General, skill: SkillBelief, before: float, shift: float, after: float
) -> tuple[General, SkillBelief]:
    """Carry a change of theta's marginal over to (g, theta), as products: no digits cancel."""
    ratio = after / before
    kept = (skill.w + skill.beta * skill.beta * general.variance * ratio) / before
    mean = general.mean + skill.beta * general.variance / before * shift
    scale = ratio / kept
    beta = skill.beta * scale
    theta = skill.alpha + skill.beta * general.mean + shift
    return General(mean, general.variance * kept), SkillBelief(theta - beta * mean, beta, skill.w * scale)


def _after_answer(centre: float, steepness: float, c: float, right: bool) -> tuple[float, float]:
    """Mean and variance of x ~ N(0, 1) after a right or wrong answer at logit centre + steepness x.

    A right answer to an item with guessing is a mixture: it was guessed (nothing learnt) or known.
    A wrong answer was not guessed, whatever c.
    """
    if not right:
        _, mean, variance = _tilted(-centre, steepness)
        return -mean, variance
    chance, mean, variance = _tilted(centre, steepness)
    if c == 0.0:
        return mean, variance
    known = (1.0 - c) * chance
    known /= known + c
    mixed = known * mean
    return mixed, (1.0 - known) + known * (variance + mean * mean) - mixed * mixed


def _tilted(centre: float, steepness: float) -> tuple[float, float, float]:
    """E[L], and mean and variance of x ~ N(0, 1) weighted by L = 1 / (1 + exp(-(centre + steepness x))).

    The grid is moved to where the weighted mass is (between 0 and the steepness, the most an
    exponential tail can pull a standard normal). On even nodes both the moved density and the
    logistic's exponential are geometric series, so the loop needs no call of exp.
    """
    middle = min(steepness, max(0.0, -centre / steepness))
    level = centre + steepness * middle
    edge = REACH * steepness
    # Below this the logistic is its own exponential tail, whose moments do not depend on the level.
    held = max(level, -edge - steepness - _SATURATED)
    width = step(steepness)
    grid = normal_grid(steepness)
    first = -width * (len(grid) // 2)
    odds, odds_ratio = exp(-(held + steepness * first)), exp(-steepness * width)
    density, density_ratio = exp(-middle * first), exp(-middle * width)
    total = one = two = 0.0
    for weight, weight_y, weight_yy in grid:
        value = density / (1.0 + odds)
        total += weight * value
        one += weight_y * value
        two += weight_yy * value
        odds *= odds_ratio
        density *= density_ratio
    one /= total
    chance = total * exp(-0.5 * middle * middle + level - held)
    return chance, middle + one, two / total - one * one


def _after_part(centre: float, steepness: float, c: float, rights: float, wrongs: float) -> tuple[float, float]:
    """As `_after_answer` for the likelihood P**rights * (1 - P)**wrongs."""
    width = step(steepness)
    pull = steepness * (rights + wrongs)
    count = int((REACH + pull) / width) + 1
    points = [width * i for i in range(-count, count + 1)]
    logs = [_log_part(centre + steepness * x, c, rights, wrongs) - 0.5 * x * x for x in points]
    top = max(logs)
    masses = [exp(value - top) for value in logs]
    total = sum(masses)
    mean = sum(mass * x for mass, x in zip(masses, points, strict=True)) / total
    two = sum(mass * x * x for mass, x in zip(masses, points, strict=True)) / total
    return mean, two - mean * mean


def _log_part(z: float, c: float, rights: float, wrongs: float) -> float:
    """log(P**rights * (1 - P)**wrongs) at logit z, up to a constant."""
    log_wrong = -_softplus(z)
    if c == 0.0:
        return rights * -_softplus(-z) + wrongs * log_wrong
    return rights * log(c + (1.0 - c) * exp(-_softplus(-z))) + wrongs * log_wrong


def _softplus(z: float) -> float:
    """log(1 + exp(z)) that cannot overflow."""
    return max(z, 0.0) + log1p(exp(-abs(z)))
