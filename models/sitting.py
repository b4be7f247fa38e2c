"""A whole sitting weighed together, so that the order of its answers does not count.

`models.ability.update` hears each answer once and keeps a normal belief. What an early answer says is then judged by a
belief that knew little, and of two orders of the same answers one can end a quarter of a logit from the other. The
remedy is to hear every answer a second time: take what it said back out of the belief, and judge it anew by all the
others (expectation propagation). One such pass brings any two orders within a few hundredths of a logit of each other
and of the exact mean.

What an answer said is its site, two numbers. So nothing but the sitting's answers and their sites has to be kept, and
those only until the sitting is over.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from models.ability import General, SkillBelief, carried, marginal
from models.irt import ItemParams
from models.moments import moment_match

Skill = TypeVar("Skill", bound=Hashable)

SURE = 1e-12
"""Logits**2. A skill with less variance than this is known; an answer cannot say more about it."""


@dataclass(frozen=True, slots=True)
class Answer(Generic[Skill]):
    """A scored answer to an item of a skill; score and weight as in `models.moments.moment_match`."""

    skill: Skill
    item: ItemParams
    score: float
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Site:
    """What an answer says of its skill's ability: the factor exp(shift * theta - precision * theta**2 / 2).

    Parameters
    ----------
    precision : float
        In 1 / logits**2. A right answer that was perhaps guessed can have a negative one.
    shift : float
        In 1 / logits.
    """

    precision: float = 0.0
    shift: float = 0.0


UNHEARD = Site()


def hear(
    general: General, skill: SkillBelief, answer: Answer[Skill], said: Site = UNHEARD
) -> tuple[General, SkillBelief, Site]:
    """Belief after an answer is judged by everything but itself.

    Parameters
    ----------
    general : General
    skill : SkillBelief
        Of the answer's skill.
    answer : Answer
    said : Site
        What the answer said when it was last heard, which `general` and `skill` contain; it is taken out first.

    Returns
    -------
    (General, SkillBelief, Site)
        The two rows that change, and what the answer says now.

    Examples
    --------
    >>> from models.ability import update
    >>> general, skill = General(0.0, 0.6), SkillBelief(0.0, 1.0, 0.4)
    >>> answer = Answer("4.NF.A.1", ItemParams("2PL", 1.0, 0.0), 1.0)
    >>> hear(general, skill, answer)[:2] == update(general, skill, answer.item, answer.score)
    True
    >>> once = hear(general, skill, answer)
    >>> twice = hear(*once[:2], answer, once[2])
    >>> abs(marginal(*twice[:2]).mean - marginal(*once[:2]).mean) < 1e-9
    True
    """
    now = marginal(general, skill)
    if now.variance <= SURE:
        return general, skill, said
    precision = 1.0 / now.variance - said.precision
    if precision <= 0.0:  # the others say nothing definite without this answer: leave it as it was heard
        return general, skill, said
    variance = 1.0 / precision if said.precision else now.variance
    mean = now.mean + variance * (said.precision * now.mean - said.shift)
    new_mean, new_variance = moment_match(mean, variance, answer.item, answer.score, weight=answer.weight)
    site = Site(1.0 / new_variance - precision, new_mean / new_variance - mean * precision)
    return *carried(general, skill, now.variance, new_mean - now.mean, new_variance), site


def weigh(
    general: General, skills: Mapping[Skill, SkillBelief], answers: Sequence[Answer[Skill]], said: Sequence[Site]
) -> tuple[General, dict[Skill, SkillBelief], list[Site]]:
    """One pass over a sitting's answers, each judged by all others.

    For a caller who follows a sitting answer by answer and keeps what each said, as `hear` gives it.

    Parameters
    ----------
    general : General
    skills : mapping
        Beliefs by skill; both contain what the answers said.
    answers : sequence of Answer
    said : sequence of Site
        Of each answer; `UNHEARD` for those that the beliefs do not contain yet.

    Returns
    -------
    (General, dict, list of Site)

    Raises
    ------
    KeyError
        If the skill of an answer is not among the skills.
    """
    believed, sites = dict(skills), []
    for answer, site in zip(answers, said, strict=True):
        general, believed[answer.skill], now = hear(general, believed[answer.skill], answer, site)
        sites.append(now)
    return general, believed, sites


def settle(
    general: General, skills: Mapping[Skill, SkillBelief], answers: Sequence[Answer[Skill]], *, passes: int = 1
) -> tuple[General, dict[Skill, SkillBelief]]:
    """Belief after a sitting, from the belief before it.

    Parameters
    ----------
    general : General
    skills : mapping
        Beliefs by skill, of every answer's skill at least.
    answers : sequence of Answer
        In the order in which they were given.
    passes : int
        How often they are weighed again; 0 gives what `models.ability.update` gives answer by answer.

    References
    ----------
    Minka (2001), A family of algorithms for approximate Bayesian inference, ch. 3.

    Examples
    --------
    >>> right, wrong = (Answer("4.NF.A.1", ItemParams("2PL", 1.5, b), score) for b, score in ((-1.0, 1.0), (1.0, 0.0)))
    >>> before = General(0.0, 0.6), {"4.NF.A.1": SkillBelief(0.0, 1.0, 0.4)}
    >>> one, other = settle(*before, [right, wrong]), settle(*before, [wrong, right])
    >>> abs(one[0].mean - other[0].mean) < 0.001
    True
    """
    believed, sites = dict(skills), [UNHEARD] * len(answers)
    for _ in range(passes + 1):
        general, believed, sites = weigh(general, believed, answers, sites)
    return general, believed
