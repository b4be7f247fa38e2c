"""What a student's recent answers say, one answer at a time and over a whole data set."""

import numpy as np
import pytest

from models.filter import Settings
from models.history import RIGHT, WRONG, History, replay
from models.rasch_map import Answers

ITEMS, SKILLS, EACH = 12, 3, 40
B = np.linspace(-1.5, 1.5, ITEMS)
SETTINGS = Settings()


def simulated(days=True, seed=4):
    rng = np.random.default_rng(seed)
    student = np.repeat(np.arange(6), EACH)
    item = rng.integers(ITEMS, size=student.size)
    day = np.tile(np.cumsum(rng.exponential(1.0, EACH)), 6) if days else np.full(student.size, np.nan)
    right = rng.integers(2, size=student.size)
    return Answers(student, item, item % SKILLS, right, day, rng.integers(3, size=student.size))


@pytest.mark.parametrize("days", [True, False])
def test_one_answer_at_a_time_gives_exactly_what_the_replay_gives(days):
    data = simulated(days)
    whole = replay(data, B, SETTINGS)
    for s in range(6):
        history = History(SETTINGS)
        for i in np.flatnonzero(data.student == s):
            skill, item, b = int(data.skill[i]), int(data.item[i]), float(B[data.item[i]])
            assert np.array_equal(history.features(skill, item, b, data.day[i]), whole[i])
            history.observe(skill, item, b, bool(data.right[i]), data.day[i], int(data.hints[i]))
        assert history.answered == EACH


def test_no_feature_looks_at_the_answer_itself_or_at_later_ones():
    data = simulated()
    nth = np.arange(len(data)) % EACH
    right, hints = data.right.copy(), data.hints.copy()
    right[nth >= 15] = 1 - right[nth >= 15]
    hints[nth >= 15] += 1
    changed = Answers(data.student, data.item, data.skill, right, data.day, hints)
    before, after = replay(data, B, SETTINGS), replay(changed, B, SETTINGS)
    assert np.array_equal(before[nth <= 15], after[nth <= 15])
    assert not np.array_equal(before[nth == 16], after[nth == 16])


def test_a_student_inherits_nothing_from_the_one_before():
    data = simulated()
    alone = data.where(data.student == 3)
    assert np.array_equal(replay(alone, B, SETTINGS), replay(data, B, SETTINGS)[data.student == 3])


def test_right_and_wrong_answers_of_the_skill_are_counted_apart():
    history = History(SETTINGS)
    for right in (True, True, False):
        history.observe(0, 5, 0.0, right)
    history.observe(1, 6, 0.0, True)
    row = history.features(0, 7, 0.0)
    assert np.expm1(row[[RIGHT, WRONG]]) == pytest.approx([2.0, 1.0])


def test_right_answers_raise_the_expected_chance():
    history = History(SETTINGS)
    before = history.features(0, 1, 0.0)[-1]
    history.observe(0, 0, 0.0, True)
    assert history.features(0, 1, 0.0)[-1] > before
