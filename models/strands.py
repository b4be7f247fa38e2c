"""Domains whose skills come in strands: the tree of `models.ability` one level deeper.

Fractions and geometry are both mathematics, yet a student's skills within fractions go together more closely. So a
strand has an ability of its own, t | g ~ N(a + b g, u), and a skill depends on its strand's, theta_k | t ~
N(alpha_k + beta_k t, w_k). Seen from a skill, its strand is what the general ability is in a domain without strands;
so one answer is the update of those two nodes, and the same again for strand and general ability: three rows,
however many skills and strands there are.

A `SkillBelief` describes both: a strand given the general ability, and a skill given its strand.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf, sqrt

import numpy as np
from numpy.typing import NDArray

from models import ability
from models.ability import General, Normal, SkillBelief
from models.irt import ItemParams


@dataclass(frozen=True, slots=True)
class Prior:
    """How students differ: variance of general ability, a strand's own part and a skill's own part, logits**2."""

    general_variance: float
    strand_variance: float
    skill_variance: float

    def __post_init__(self) -> None:
        if not all(0.0 <= each < inf for each in (self.general_variance, self.strand_variance, self.skill_variance)):
            raise ValueError(f"variances must be finite and not negative: {self}")


@dataclass(frozen=True, slots=True)
class Believed:
    """The three rows that an answer changes: general ability, strand given it, skill given its strand."""

    general: General
    strand: SkillBelief
    skill: SkillBelief


def newcomer(prior: Prior) -> Believed:
    """Belief about any skill of a student of whom nothing is known.

    Examples
    --------
    >>> newcomer(Prior(0.5, 0.2, 0.3)).skill
    SkillBelief(alpha=0.0, beta=1.0, w=0.3)
    """
    return Believed(
        General(0.0, prior.general_variance),
        SkillBelief(0.0, 1.0, prior.strand_variance),
        SkillBelief(0.0, 1.0, prior.skill_variance),
    )


def within(general: General, strand: SkillBelief) -> General:
    """What a strand is to its skills: their general ability.

    With it every function of `models.ability` and `models.marginals` serves the skills of one strand.

    Examples
    --------
    >>> within(General(0.5, 0.5), SkillBelief(0.1, 1.0, 0.2))
    General(mean=0.6, variance=0.7)
    """
    normal = ability.marginal(general, strand)
    return General(normal.mean, normal.variance)


def marginal(believed: Believed) -> Normal:
    """Belief about the skill by itself.

    Examples
    --------
    >>> marginal(newcomer(Prior(0.5, 0.2, 0.3)))
    Normal(mean=0.0, variance=1.0)
    """
    return ability.marginal(within(believed.general, believed.strand), believed.skill)


def update(believed: Believed, item: ItemParams, score: float, *, weight: float = 1.0) -> Believed:
    """Belief after one answer on an item of the skill.

    Equal to conditioning the dense joint Gaussian of general ability, strands and skills.

    Parameters
    ----------
    believed : Believed
    item, score, weight
        As in `models.moments.moment_match`.

    Examples
    --------
    >>> before = newcomer(Prior(0.5, 0.2, 0.3))
    >>> after = update(before, ItemParams("2PL", 1.0, 0.0), 1.0)
    >>> beside = Believed(after.general, after.strand, before.skill)
    >>> elsewhere = Believed(after.general, before.strand, before.skill)
    >>> [round(marginal(one).mean, 3) for one in (after, beside, elsewhere)]
    [0.413, 0.289, 0.207]
    """
    before = within(believed.general, believed.strand)
    after, skill = ability.update(before, believed.skill, item, score, weight=weight)
    if before.variance == 0.0:
        return Believed(believed.general, believed.strand, skill)
    shift = after.mean - before.mean
    general, strand = ability.carried(believed.general, believed.strand, before.variance, shift, after.variance)
    return Believed(general, strand, skill)


def joint_draws(
    general: General,
    strands: Sequence[SkillBelief],
    strand_of: Sequence[int],
    skills: Sequence[SkillBelief],
    n: int,
    rng: np.random.Generator,
) -> NDArray[np.float64]:
    """Abilities drawn from the joint belief about skills of several strands.

    Parameters
    ----------
    general : General
    strands : sequence of SkillBelief
    strand_of : sequence of int
        The strand of every skill, as an index.
    skills : sequence of SkillBelief
        Each given its strand.
    n : int
    rng : numpy Generator

    Returns
    -------
    ndarray of shape (n, len(skills))
        One plausible set of abilities in each row, in logits.
    """
    g = general.mean + sqrt(general.variance) * rng.standard_normal((n, 1))
    upper = _given(g, strands, rng)
    return _given(upper[:, list(strand_of)], skills, rng)


def _given(above: NDArray[np.float64], beliefs: Sequence[SkillBelief], rng: np.random.Generator) -> NDArray[np.float64]:
    """Draws of nodes given those of the nodes above them, column by column or one column for all."""
    alpha, beta, w = np.array([(one.alpha, one.beta, one.w) for one in beliefs], dtype=np.float64).reshape(-1, 3).T
    return np.asarray(alpha + beta * above + np.sqrt(w) * rng.standard_normal((len(above), len(beliefs))))
