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

from models.jit import compiled
from models.rasch_map import Answers, Difficulties

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
COLUMNS = 3 * _PER_ROW + 2
"""Width of a row of features: all answers, the skill's, the item's, then ability and expected logit."""
RIGHT, WRONG = _PER_ROW, _PER_ROW + 1
"""Where a feature row has the logarithms of the skill's right and wrong answers."""
EXPECTED = COLUMNS - 1
"""Where a feature row has the logit of the chance by ability alone."""


DRIFT = 0.005
"""Variance in logits**2 that an ability's uncertainty gains an answer: students learn as they practise."""


class History:
    """A student's answers so far, in constant size per skill and item met.

    Parameters
    ----------
    ability_sd : float
        Standard deviation of abilities in logits, as fitted with the difficulties.
    """

    def __init__(self, ability_sd: float) -> None:
        self._belief = np.array([0.0, ability_sd * ability_sd])
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
        _features(self._belief, *rows, b, day, out)
        return out

    def observe(self, skill: int, item: int, b: float, right: bool, day: float = nan, hints: int = 0) -> None:
        """Take in one answer; day counts from any fixed moment, NaN where unknown."""
        rows = self._all, self._skills.setdefault(skill, _empty()), self._items.setdefault(item, _empty())
        _observe(self._belief, *rows, b, int(right), day, hints)


def replay(answers: Answers, difficulties: Difficulties) -> Floats:
    """Features of every answer from the student's answers before it.

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
        difficulties.b,
        difficulties.ability_sd,
        int(answers.skill.max()) + 1,
    )


def _empty() -> Floats:
    row = np.zeros(_ROW)
    row[4] = nan
    return row


_NOTHING = _empty()


@compiled
def _expect(belief: Floats, b: float) -> float:
    """Logit of the chance averaged over N(mean, variance); MacKay (1992), Neural Computation 4(5)."""
    return float((belief[0] - b) / np.sqrt(1.0 + belief[1] * np.pi / 8.0))


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
def _features(belief: Floats, every: Floats, skill: Floats, item: Floats, b: float, day: float, out: Floats) -> None:
    number = every[0] + every[1]
    _write(every, number, day, out, 0)
    _write(skill, number, day, out, _PER_ROW)
    _write(item, number, day, out, 2 * _PER_ROW)
    out[COLUMNS - 2] = belief[0]
    out[COLUMNS - 1] = _expect(belief, b)


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
    belief: Floats,
    every: Floats,
    skill: Floats,
    item: Floats,
    b: float,
    right: int,
    day: float,
    hints: int,
) -> None:
    expected = 1.0 / (1.0 + np.exp(-_expect(belief, b)))
    number = every[0] + every[1]
    _add(every, number, expected, right, day, hints)
    _add(skill, number, expected, right, day, hints)
    _add(item, number, expected, right, day, hints)
    # One Newton step from the belief, as Glicko does: variance first, then the mean by it.
    belief[1] = 1.0 / (1.0 / belief[1] + expected * (1.0 - expected))
    belief[0] += belief[1] * (right - expected)
    belief[1] += DRIFT


@compiled
def _replay(
    student: Ints,
    skill: Ints,
    item: Ints,
    right: Ints,
    day: Floats,
    hints: Ints,
    b: Floats,
    ability_sd: float,
    n_skills: int,
) -> Floats:
    out = np.empty((student.size, COLUMNS))
    belief = np.zeros(2)
    every = np.zeros(_ROW)
    skills, items = np.zeros((n_skills, _ROW)), np.zeros((b.size, _ROW))
    skill_owner, item_owner = np.full(n_skills, -1), np.full(b.size, -1)
    for i in range(student.size):
        s, k, j = student[i], skill[i], item[i]
        if i == 0 or s != student[i - 1]:
            belief[0], belief[1] = 0.0, ability_sd * ability_sd
            every[:] = 0.0
            every[4] = np.nan
        if skill_owner[k] != s:
            skill_owner[k] = s
            skills[k] = 0.0
            skills[k, 4] = np.nan
        if item_owner[j] != s:
            item_owner[j] = s
            items[j] = 0.0
            items[j, 4] = np.nan
        _features(belief, every, skills[k], items[j], b[j], day[i], out[i])
        _observe(belief, every, skills[k], items[j], b[j], right[i], day[i], hints[i])
    return out
