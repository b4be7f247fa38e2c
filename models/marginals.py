"""The belief about every skill of a domain by itself, laid out for choosing an item.

After an answer all skills have moved, since they share the general ability, so the next choice
needs all of them afresh. Building a `Normal` for each costs five times what the numbers cost.
"""

from __future__ import annotations

from collections.abc import Sequence

from models.ability import General, SkillBelief


def marginals(general: General, skills: Sequence[SkillBelief]) -> tuple[list[float], list[float]]:
    """Means and variances of the skills, in their order; as `models.ability.marginal` for each.

    Parameters
    ----------
    general : General
        General ability in the domain.
    skills : sequence of SkillBelief

    Returns
    -------
    (means, variances) : tuple of list
        In logits and logits**2, one of each for every skill.

    Examples
    --------
    >>> marginals(General(0.5, 0.6), [SkillBelief(0.1, 1.0, 0.4), SkillBelief(0.0, 0.0, 0.2)])
    ([0.6, 0.0], [1.0, 0.2])
    """
    mean, variance = general.mean, general.variance
    means = [skill.alpha + skill.beta * mean for skill in skills]
    return means, [skill.w + skill.beta * skill.beta * variance for skill in skills]
