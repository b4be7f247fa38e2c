"""The belief of `models.ability` followed through many students' answers at once, compiled.

The same tree, theta_k = g + s_k, and the same one-dimensional moment match, for items with slope 1. Two things
are added that prediction gains from and measurement must not have: a skill's ability rises a little with
each answer practised (gain), and what was true some answers ago is less sure now (drift). Both, and the
variances, are chosen on training students by the likelihood of their next answers.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import NDArray

from models.jit import compiled
from models.rasch_map import Answers

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

# Even nodes: for a smooth curve the sum is exact to 1e-7, as steep as a standard deviation of 2 logits makes it.
_NODES = np.linspace(-6.0, 6.0, 25)
_WEIGHTS = np.exp(-0.5 * _NODES**2) / np.exp(-0.5 * _NODES**2).sum()
SINGLE_DRIFT = 0.005
"""Variance in logits**2 that the one ability of `learn_single` gains an answer."""
_STEPS = {
    "general_variance": (0.2, 0.4, 0.7, 1.0, 1.5, 2.2),
    "skill_variance": (0.1, 0.2, 0.4, 0.7, 1.0),
    "general_drift": (0.0, 0.001, 0.003, 0.01, 0.03),
    "skill_drift": (0.0, 0.01, 0.03, 0.06, 0.12, 0.2),
    "gain": (0.0, 0.02, 0.04, 0.08),
}
"""Values tried for each setting."""


@dataclass(frozen=True, slots=True)
class Settings:
    """How students differ, and how they change as they practise.

    Parameters
    ----------
    general_variance, skill_variance : float
        Of the general ability and of each skill's own part before any answer, logits**2.
    general_drift, skill_drift : float
        Variance that either gains with an answer (the skill's own with an answer in it), logits**2.
    gain : float
        Logits that a skill rises with an answer practised in it.
    """

    general_variance: float = 0.7
    skill_variance: float = 0.4
    general_drift: float = 0.003
    skill_drift: float = 0.03
    gain: float = 0.02

    def row(self) -> Floats:
        """As the compiled functions take it."""
        return np.array([getattr(self, field.name) for field in fields(self)])


def logits(answers: Answers, b: Floats, settings: Settings) -> Floats:
    """Logit of the chance of each answer being right, given the student's answers before it.

    Parameters
    ----------
    answers : Answers
    b : ndarray of shape (n_items,)
        Difficulties in logits.
    settings : Settings

    Returns
    -------
    ndarray of shape (n_answers,)
    """
    n_skills = int(answers.skill.max()) + 1
    return _follow(answers.student, answers.skill, answers.item, answers.right, b, settings.row(), n_skills)


def tune(answers: Answers, b: Floats) -> Settings:
    """Settings under which these answers were the most likely, one after the other, twice around.

    Parameters
    ----------
    answers : Answers
        Of students whose answers did not shape b.
    b : ndarray of shape (n_items,)
    """
    best = Settings()
    for _ in range(2):
        for name, values in _STEPS.items():
            tried = [replace(best, **{name: value}) for value in values]
            best = max(tried, key=lambda one: _log_likelihood(answers, b, one))
    return best


def _log_likelihood(answers: Answers, b: Floats, settings: Settings) -> float:
    signed = logits(answers, b, settings) * (2.0 * answers.right - 1.0)
    return -float(np.logaddexp(0.0, -signed).sum())


@compiled
def expect(general: Floats, skill: Floats, b: float) -> float:
    """Logit of the chance averaged over the belief; `general` is (mean, variance), `skill` (alpha, beta, w)."""
    centre = skill[0] + skill[1] * general[0] - b
    sd = np.sqrt(skill[2] + skill[1] * skill[1] * general[1])
    chance = 0.0
    for q in range(_NODES.size):
        chance += _WEIGHTS[q] / (1.0 + np.exp(-(centre + sd * _NODES[q])))
    return float(np.log(chance / (1.0 - chance)))


@compiled
def learn(general: Floats, skill: Floats, b: float, right: int, settings: Floats) -> None:
    """Take one answer into the belief, in place; then let the student have learnt from it."""
    variance = skill[2] + skill[1] * skill[1] * general[1]
    sd = np.sqrt(variance)
    centre = skill[0] + skill[1] * general[0] - b
    sign = 2.0 * right - 1.0
    total = one = two = 0.0
    for q in range(_NODES.size):
        weight = _WEIGHTS[q] / (1.0 + np.exp(-sign * (centre + sd * _NODES[q])))
        total += weight
        one += weight * _NODES[q]
        two += weight * _NODES[q] * _NODES[q]
    shift = sd * one / total
    ratio = two / total - (one / total) ** 2
    # As `models.ability.update` carries a change of theta's marginal over to its two nodes.
    kept = (skill[2] + skill[1] * skill[1] * general[1] * ratio) / variance
    theta = skill[0] + skill[1] * general[0] + shift
    general[0] += skill[1] * general[1] / variance * shift
    general[1] = general[1] * kept
    scale = ratio / kept
    skill[1] *= scale
    skill[2] *= scale
    skill[0] = theta - skill[1] * general[0] + settings[4]
    skill[2] += settings[3]
    general[1] += settings[2]


@compiled
def expect_single(single: Floats, b: float) -> float:
    """Logit of the chance averaged over N(mean, variance); MacKay (1992), Neural Computation 4(5)."""
    return float((single[0] - b) / np.sqrt(1.0 + single[1] * np.pi / 8.0))


@compiled
def learn_single(single: Floats, b: float, right: int) -> None:
    """Take one answer into the belief in one ability: a Newton step as Glicko's, variance first, then the mean."""
    expected = 1.0 / (1.0 + np.exp(-expect_single(single, b)))
    single[1] = 1.0 / (1.0 / single[1] + expected * (1.0 - expected))
    single[0] += single[1] * (right - expected)
    single[1] += SINGLE_DRIFT


@compiled
def _follow(student: Ints, skill: Ints, item: Ints, right: Ints, b: Floats, settings: Floats, n_skills: int) -> Floats:
    out = np.empty(student.size)
    general, skills = np.zeros(2), np.zeros((n_skills, 3))
    owner = np.full(n_skills, -1)
    for i in range(student.size):
        if i == 0 or student[i] != student[i - 1]:
            general[0], general[1] = 0.0, settings[0]
        k = skill[i]
        if owner[k] != student[i]:
            owner[k] = student[i]
            skills[k, 0], skills[k, 1], skills[k, 2] = 0.0, 1.0, settings[1]
        out[i] = expect(general, skills[k], b[item[i]])
        learn(general, skills[k], b[item[i]], right[i], settings)
    return out
