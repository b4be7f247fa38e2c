"""Rasch difficulties for predicting the next answer, shrunk to the mean of their skill.

Most items of a bank have few answers, yet the skill of an item tells much about its difficulty:
b ~ N(mean of the skill, 0.8**2), abilities ~ N(0, sd**2), fitted by generalised EM (one Newton
step for all items a round). Items have slope 1, so the abilities' spread carries the scale.

A student's own answers must not shape the difficulties that their answers are predicted from:
in training that would promise more than a new student can keep. So `cross_fit` gives each fold of
students difficulties from the other folds.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from models.jit import compiled

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

ITEM_SD = 0.8
"""Logits. Spread of the difficulties within a skill (targets.md, the recipe below the table)."""
SKILL_SD = 1.5
"""Logits. Spread of the skills' mean difficulties: wide enough to leave a well observed skill alone."""
ROUNDS = 30
_GRID = np.linspace(-5.0, 5.0, 41)


@dataclass(frozen=True, eq=False, slots=True)
class Answers:
    """Answers of many students, each student's together and in the order they were given.

    Parameters
    ----------
    student : ndarray of int64, shape (n_answers,)
        Not decreasing.
    item, skill : ndarray of int64, shape (n_answers,)
        Indices from 0.
    right : ndarray of int64, shape (n_answers,)
        1 right, 0 wrong.
    day : ndarray of float64, shape (n_answers,)
        Days since any fixed moment; NaN where unknown.
    hints : ndarray of int64, shape (n_answers,)
        Hints taken before answering.

    Raises
    ------
    ValueError
        If a student's answers do not stand together or an answer is neither 0 nor 1.
    """

    student: Ints
    item: Ints
    skill: Ints
    right: Ints
    day: Floats
    hints: Ints

    def __post_init__(self) -> None:
        if np.any(np.diff(self.student) < 0):
            raise ValueError("sort the answers by student, and a student's by time")
        if not np.isin(self.right, (0, 1)).all():
            raise ValueError("an answer is right (1) or wrong (0)")

    def __len__(self) -> int:
        """Count the answers."""
        return self.student.size

    def where(self, kept: NDArray[np.bool_]) -> Answers:
        """Answers that the mask keeps, in the same order."""
        return Answers(
            self.student[kept], self.item[kept], self.skill[kept], self.right[kept], self.day[kept], self.hints[kept]
        )


@dataclass(frozen=True, eq=False, slots=True)
class Difficulties:
    """What a fit says of the items.

    Parameters
    ----------
    b : ndarray of shape (n_items,)
        Difficulty in logits; an item without answers has its skill's mean.
    answered : ndarray of shape (n_items,)
        Answers the fit has seen of each item.
    ability_sd : float
        Standard deviation of the students' abilities in logits; their mean is 0.
    """

    b: Floats
    answered: Ints
    ability_sd: float


def fit(answers: Answers, skill_of: Ints, *, rounds: int = ROUNDS) -> Difficulties:
    """Difficulties with the greatest posterior density, abilities integrated out.

    Parameters
    ----------
    answers : Answers
        May hold several answers of a student to an item.
    skill_of : ndarray of int64, shape (n_items,)
        Skill of every item of the bank, answered or not.
    rounds : int
        Rounds of generalised EM; 30 leave changes below 0.01 logits.

    References
    ----------
    Mislevy (1986), Bayes modal estimation in item response models, Psychometrika 51(2).
    """
    b = np.zeros(skill_of.size)
    means = np.zeros(int(skill_of.max()) + 1)
    starts = _starts(answers.student)
    sd = 1.0
    for _ in range(rounds):
        slope, curvature, variance = _expected(starts, answers.item, answers.right, _chances(b), _log_prior(sd))
        b += np.clip((slope - (b - means[skill_of]) / ITEM_SD**2) / (curvature + ITEM_SD**-2), -1.0, 1.0)
        means = _skill_means(b, skill_of, means.size)
        sd = max(sqrt(variance), 0.1)
    return Difficulties(b, np.bincount(answers.item, minlength=b.size), sd)


def cross_fit(answers: Answers, skill_of: Ints, *, folds: int = 5, seed: int = 0) -> tuple[Ints, list[Difficulties]]:
    """Difficulties for every fold of students from the students of the other folds.

    Returns
    -------
    fold : ndarray of shape (n_answers,)
        Fold of each answer's student.
    difficulties : list of Difficulties
        ``difficulties[k]`` has seen no student of fold k.
    """
    students, index = np.unique(answers.student, return_inverse=True)
    fold = (np.random.default_rng(seed).permutation(students.size) % folds)[index]
    return fold, [fit(answers.where(fold != k), skill_of) for k in range(folds)]


def online_eap(answers: Answers, difficulties: Difficulties) -> Floats:
    """Chance of each answer being right given the student's answers before it, exact on a grid.

    Returns
    -------
    ndarray of shape (n_answers,)
    """
    return _replay_eap(
        _starts(answers.student),
        answers.item,
        answers.right,
        _chances(difficulties.b),
        np.exp(_log_prior(difficulties.ability_sd)),
    )


def _skill_means(b: Floats, skill_of: Ints, n_skills: int) -> Floats:
    """Mean difficulty of each skill, drawn to 0 where it has few items."""
    items = np.bincount(skill_of, minlength=n_skills)
    total = np.bincount(skill_of, weights=b, minlength=n_skills)
    return np.asarray(total / (items + ITEM_SD**2 / SKILL_SD**2))


def _starts(student: Ints) -> Ints:
    """Where each student's answers begin, and the end of the last."""
    return np.concatenate(([0], np.flatnonzero(np.diff(student)) + 1, [student.size]))


def _chances(b: Floats) -> Floats:
    return np.asarray(1.0 / (1.0 + np.exp(b[:, None] - _GRID)))


def _logs(chances: Floats) -> Floats:
    """Log-likelihood of a wrong (0) and a right (1) answer to each item at each ability."""
    return np.log(np.stack([1.0 - chances, chances]))


def _log_prior(sd: float) -> Floats:
    density = np.exp(-0.5 * (_GRID / sd) ** 2)
    return np.asarray(np.log(density / density.sum() + 1e-300))


def _expected(
    starts: Ints, item: Ints, right: Ints, chances: Floats, log_prior: Floats
) -> tuple[Floats, Floats, float]:
    """Slope and curvature of the expected log-likelihood in each b, and the abilities' variance."""
    slope, curvature = np.zeros(chances.shape[0]), np.zeros(chances.shape[0])
    variance = _accumulate(starts, item, right, chances, _logs(chances), log_prior, _GRID, slope, curvature)
    return slope, curvature, variance


@compiled
def _accumulate(
    starts: Ints,
    item: Ints,
    right: Ints,
    chances: Floats,
    logs: Floats,
    log_prior: Floats,
    grid: Floats,
    slope: Floats,
    curvature: Floats,
) -> float:
    points = grid.size
    variance = 0.0
    weight = np.empty(points)
    for s in range(starts.size - 1):
        weight[:] = log_prior
        for i in range(starts[s], starts[s + 1]):
            for q in range(points):
                weight[q] += logs[right[i], item[i], q]
        weight[:] = np.exp(weight - weight.max())
        weight /= weight.sum()
        variance += (weight * grid * grid).sum()
        for i in range(starts[s], starts[s + 1]):
            for q in range(points):
                p = chances[item[i], q]
                slope[item[i]] += weight[q] * (p - right[i])
                curvature[item[i]] += weight[q] * p * (1.0 - p)
    return float(variance / (starts.size - 1))


@compiled
def _replay_eap(starts: Ints, item: Ints, right: Ints, chances: Floats, prior: Floats) -> Floats:
    out = np.empty(item.size)
    for s in range(starts.size - 1):
        posterior = prior.copy()
        for i in range(starts[s], starts[s + 1]):
            curve = chances[item[i]]
            p = (posterior * curve).sum()
            out[i] = p
            # Divided by its own sum, not by p: after thousands of answers rounding would lift p above 1.
            posterior *= curve if right[i] else 1.0 - curve
            posterior /= posterior.sum()
    return out
