"""What a student's recent answers say beyond their ability: counts, decaying averages, time since.

One row of numbers for all of a student's answers, one for each skill and one for each item they
have met; an answer touches three rows, so it costs the same after ten answers and after ten
thousand. The replay over a data set and the object for one student run the same two compiled
functions, so a model is served exactly the numbers it was trained on.
"""

from __future__ import annotations

from math import isnan, log1p, nan

import numpy as np
from numpy.typing import NDArray

from models.filter import Settings, expect, expect_single, learn, learn_single
from models.jit import compiled
from models.rasch_map import Answers

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

HALF_LIVES = (1.5, 5.0, 15.0, 50.0)
"""Answers (of all, of the skill or of the item) after which an answer counts half."""
_KEEP = np.array([0.5 ** (1.0 / h) for h in HALF_LIVES])
_N = len(HALF_LIVES)
_ROW = 6 + 3 * _N
"""Right, wrong, last answer, number of the last answer, its day, hints; then per half-life the
decayed number of answers, of right ones, and of right ones beyond what was expected."""
_PER_ROW = 6 + 2 * _N
COLUMNS = 3 * _PER_ROW + 6
"""Width of a row of features: all answers, the skill's, the item's, then what is believed: mean of the one
ability that all skills might share and the logit that follows from it; mean of the general ability, mean and
standard deviation of the skill's, and the logit that follows from these."""
RIGHT, WRONG = _PER_ROW, _PER_ROW + 1
"""Where a feature row has the logarithms of the skill's right and wrong answers."""
EXPECTED = COLUMNS - 1
"""Where a feature row has the logit of the chance by ability alone."""


class History:
    """A student's answers so far, in constant size per skill and item met.

    Parameters
    ----------
    settings : Settings
        How students differ and change, as chosen on the training students.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings.row()
        self._general = np.array([0.0, settings.general_variance])
        self._single = np.array([0.0, settings.general_variance + settings.skill_variance])
        self._unknown = np.array([0.0, 1.0, settings.skill_variance])
        self._beliefs: dict[int, Floats] = {}
        self._all = _empty()
        self._skills: dict[int, Floats] = {}
        self._items: dict[int, Floats] = {}

    @property
    def answered(self) -> int:
        """Count the student's answers."""
        return int(self._all[0] + self._all[1])

    def features(self, skill: int, item: int, b: float, day: float = nan) -> Floats:
        """Features of the next answer, to an item of difficulty b (logits), from the past alone.

        Returns
        -------
        ndarray of shape (COLUMNS,)
        """
        out = np.empty(COLUMNS)
        rows = self._all, self._skills.get(skill, _NOTHING), self._items.get(item, _NOTHING)
        _features(self._single, self._general, self._beliefs.get(skill, self._unknown), *rows, b, day, out)
        return out

    def observe(self, skill: int, item: int, b: float, right: bool, day: float = nan, hints: int = 0) -> None:
        """Take in one answer; day counts from any fixed moment, NaN where unknown."""
        if skill not in self._skills:
            self._skills[skill], self._beliefs[skill] = _empty(), self._unknown.copy()
        if item not in self._items:
            self._items[item] = _empty()
        rows = self._all, self._skills[skill], self._items[item]
        _observe(self._single, self._general, self._beliefs[skill], self._settings, *rows, b, int(right), day, hints)


def replay(answers: Answers, b: Floats, settings: Settings) -> Floats:
    """Features of every answer from the student's answers before it.

    Parameters
    ----------
    answers : Answers
    b : ndarray of shape (n_items,)
        Difficulties in logits.
    settings : Settings

    Returns
    -------
    ndarray of shape (n_answers, COLUMNS)
    """
    return _replay(
        answers.student,
        answers.skill,
        answers.item,
        answers.right,
        answers.day,
        answers.hints,
        b,
        settings.row(),
        int(answers.skill.max()) + 1,
    )


def _empty() -> Floats:
    row = np.zeros(_ROW)
    row[4] = nan
    return row


_NOTHING = _empty()


@compiled
def _write(row: Floats, number: float, day: float, out: Floats, at: int) -> None:
    """Write the features of one row."""
    out[at] = log1p(row[0])
    out[at + 1] = log1p(row[1])
    out[at + 2] = row[2]
    out[at + 3] = log1p(number - row[3]) if row[0] + row[1] > 0.0 else 0.0
    out[at + 4] = 0.0 if isnan(day) or isnan(row[4]) else log1p(max(day - row[4], 0.0))
    out[at + 5] = log1p(row[5])
    for h in range(_N):
        n, right, beyond = row[6 + 3 * h], row[7 + 3 * h], row[8 + 3 * h]
        out[at + 6 + 2 * h] = (right - 0.5 * n) / (n + 1.0)
        out[at + 7 + 2 * h] = beyond / (n + 1.0)


@compiled
def _features(
    single: Floats,
    general: Floats,
    own: Floats,
    every: Floats,
    skill: Floats,
    item: Floats,
    b: float,
    day: float,
    out: Floats,
) -> None:
    number = every[0] + every[1]
    _write(every, number, day, out, 0)
    _write(skill, number, day, out, _PER_ROW)
    _write(item, number, day, out, 2 * _PER_ROW)
    out[COLUMNS - 6] = single[0]
    out[COLUMNS - 5] = expect_single(single, b)
    out[COLUMNS - 4] = general[0]
    out[COLUMNS - 3] = own[0] + own[1] * general[0]
    out[COLUMNS - 2] = np.sqrt(own[2] + own[1] * own[1] * general[1])
    out[COLUMNS - 1] = expect(general, own, b)


@compiled
def _add(row: Floats, number: float, expected: float, right: int, day: float, hints: int) -> None:
    """Add one answer to one row."""
    row[1 - right] += 1.0
    row[2] = 2.0 * right - 1.0
    row[3] = number
    row[4] = day
    row[5] += hints
    for h in range(_N):
        row[6 + 3 * h] = row[6 + 3 * h] * _KEEP[h] + 1.0
        row[7 + 3 * h] = row[7 + 3 * h] * _KEEP[h] + right
        row[8 + 3 * h] = row[8 + 3 * h] * _KEEP[h] + right - expected


@compiled
def _observe(
    single: Floats,
    general: Floats,
    own: Floats,
    settings: Floats,
    every: Floats,
    skill: Floats,
    item: Floats,
    b: float,
    right: int,
    day: float,
    hints: int,
) -> None:
    expected = 1.0 / (1.0 + np.exp(-expect(general, own, b)))
    number = every[0] + every[1]
    _add(every, number, expected, right, day, hints)
    _add(skill, number, expected, right, day, hints)
    _add(item, number, expected, right, day, hints)
    learn(general, own, b, right, settings)
    learn_single(single, b, right)


@compiled
def _replay(
    student: Ints,
    skill: Ints,
    item: Ints,
    right: Ints,
    day: Floats,
    hints: Ints,
    b: Floats,
    settings: Floats,
    n_skills: int,
) -> Floats:
    out = np.empty((student.size, COLUMNS))
    single, general, beliefs = np.zeros(2), np.zeros(2), np.zeros((n_skills, 3))
    every = np.zeros(_ROW)
    skills, items = np.zeros((n_skills, _ROW)), np.zeros((b.size, _ROW))
    skill_owner, item_owner = np.full(n_skills, -1), np.full(b.size, -1)
    for i in range(student.size):
        s, k, j = student[i], skill[i], item[i]
        if i == 0 or s != student[i - 1]:
            general[0], general[1] = 0.0, settings[0]
            single[0], single[1] = 0.0, settings[0] + settings[1]
            every[:] = 0.0
            every[4] = np.nan
        if skill_owner[k] != s:
            skill_owner[k] = s
            skills[k] = 0.0
            skills[k, 4] = np.nan
            beliefs[k, 0], beliefs[k, 1], beliefs[k, 2] = 0.0, 1.0, settings[1]
        if item_owner[j] != s:
            item_owner[j] = s
            items[j] = 0.0
            items[j, 4] = np.nan
        _features(single, general, beliefs[k], every, skills[k], items[j], b[j], day[i], out[i])
        _observe(single, general, beliefs[k], settings, every, skills[k], items[j], b[j], right[i], day[i], hints[i])
    return out
