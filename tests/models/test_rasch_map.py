"""Rasch difficulties drawn to their skill, cross-fitted over students, and the online estimate."""

import numpy as np
import pytest

from models.rasch_map import Answers, cross_fit, fit, online_eap

SKILL_OF = np.repeat(np.arange(4), 10)


def simulated(students=400, each=30, seed=1):
    rng = np.random.default_rng(seed)
    b = np.array([-1.0, 0.0, 0.5, 1.0])[SKILL_OF] + rng.normal(0.0, 0.5, SKILL_OF.size)
    student = np.repeat(np.arange(students), each)
    item = np.concatenate([rng.permutation(SKILL_OF.size)[:each] for _ in range(students)])
    ability = rng.normal(0.0, 1.0, students)
    right = (rng.random(student.size) < 1.0 / (1.0 + np.exp(b[item] - ability[student]))).astype(np.int64)
    return answers(student, item, right), b


def answers(student, item, right):
    n = len(student)
    item = np.asarray(item, dtype=np.int64)
    return Answers(
        np.asarray(student, dtype=np.int64),
        item,
        SKILL_OF[item],
        np.asarray(right, dtype=np.int64),
        np.full(n, np.nan),
        np.zeros(n, dtype=np.int64),
    )


def test_difficulties_and_the_spread_of_abilities_are_recovered():
    data, b = simulated()
    found = fit(data, SKILL_OF)
    assert np.sqrt(np.mean((found.b - b) ** 2)) < 0.2
    assert found.ability_sd == pytest.approx(1.0, abs=0.12)
    assert found.answered.sum() == len(data)


def test_an_item_that_everyone_got_right_gets_a_bounded_difficulty():
    data, _ = simulated()
    right = np.where(data.item == 3, 1, data.right)
    found = fit(answers(data.student, data.item, right), SKILL_OF)
    assert -4.5 < found.b[3] < -1.5


def test_an_item_without_answers_gets_the_mean_of_its_skill():
    data, _ = simulated()
    found = fit(data.where(data.item != 25), SKILL_OF)
    others = np.setdiff1d(np.arange(20, 30), [25])
    assert found.answered[25] == 0
    assert found.b[25] == pytest.approx(found.b[others].mean(), abs=0.05)


def test_the_answers_of_a_fold_do_not_shape_the_difficulties_it_is_predicted_from():
    data, _ = simulated(students=60)
    fold, before = cross_fit(data, SKILL_OF)
    flipped = answers(data.student, data.item, np.where(fold == 2, 1 - data.right, data.right))
    _, after = cross_fit(flipped, SKILL_OF)
    assert np.array_equal(before[2].b, after[2].b)
    assert not np.array_equal(before[1].b, after[1].b)


def test_all_answers_of_a_student_are_in_one_fold():
    data, _ = simulated(students=60)
    fold, _ = cross_fit(data, SKILL_OF)
    assert all(np.unique(fold[data.student == s]).size == 1 for s in range(60))


def test_a_chance_does_not_look_at_its_own_answer_or_later_ones():
    data, _ = simulated(students=60)
    difficulties = fit(data, SKILL_OF)
    later = (np.arange(len(data)) % 30) >= 12
    changed = answers(data.student, data.item, np.where(later, 1 - data.right, data.right))
    before, after = online_eap(data, difficulties), online_eap(changed, difficulties)
    known = (np.arange(len(data)) % 30) <= 12
    assert np.array_equal(before[known], after[known])
    assert not np.allclose(before[~known], after[~known])


def test_the_chances_are_calibrated_on_students_the_fit_has_not_seen():
    data, _ = simulated(students=1000)
    seen = data.student < 500
    new = data.where(~seen)
    chance = online_eap(new, fit(data.where(seen), SKILL_OF))
    bins = np.digitize(chance, np.quantile(chance, np.linspace(0, 1, 11)[1:-1]))
    for k in range(10):
        assert chance[bins == k].mean() == pytest.approx(new.right[bins == k].mean(), abs=0.05)


def test_answers_of_a_student_that_do_not_stand_together_are_refused():
    with pytest.raises(ValueError, match="sort the answers"):
        answers([0, 1, 0], [1, 2, 3], [1, 1, 0])


def test_an_answer_that_is_neither_right_nor_wrong_is_refused():
    with pytest.raises(ValueError, match="right"):
        answers([0, 0], [1, 2], [1, 2])
