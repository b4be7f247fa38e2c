"""The compiled belief is that of `models.ability`, and its settings come back from answers."""

import numpy as np
import pytest

from models import ability
from models.ability import Prior
from models.filter import Settings, logits, tune
from models.irt import ItemParams, p_correct
from models.rasch_map import Answers

ITEMS, SKILLS = 24, 4
B = np.linspace(-2.0, 2.0, ITEMS)
STILL = Settings(general_variance=0.8, skill_variance=0.5, general_drift=0.0, skill_drift=0.0, gain=0.0)


def simulated(students, each, *, gain=0.0, own=0.5, seed=2):
    rng = np.random.default_rng(seed)
    student = np.repeat(np.arange(students), each)
    item = rng.integers(ITEMS, size=student.size)
    skill = item % SKILLS
    theta = rng.normal(0, np.sqrt(0.8), students)[:, None] + rng.normal(0, np.sqrt(own), (students, SKILLS))
    right = np.empty(student.size, dtype=np.int64)
    for i in range(student.size):
        right[i] = rng.random() < 1.0 / (1.0 + np.exp(B[item[i]] - theta[student[i], skill[i]]))
        theta[student[i], skill[i]] += gain
    none = np.zeros(student.size, dtype=np.int64)
    return Answers(student, item, skill, right, np.full(student.size, np.nan), none)


def test_the_chances_are_those_of_the_belief_that_measures():
    answers = simulated(3, 50)
    found = 1.0 / (1.0 + np.exp(-logits(answers, B, STILL)))
    grid = np.linspace(-9.0, 9.0, 2001)
    prior = Prior(STILL.general_variance, STILL.skill_variance)
    for s in range(3):
        general, skills = ability.prior_general(prior), [ability.prior_skill(prior)] * SKILLS
        for i in np.flatnonzero(answers.student == s):
            k, item = int(answers.skill[i]), ItemParams("2PL", 1.0, float(B[answers.item[i]]))
            belief = ability.marginal(general, skills[k])
            density = np.exp(-0.5 * (grid - belief.mean) ** 2 / belief.variance)
            chance = density @ p_correct(grid, item) / density.sum()
            assert found[i] == pytest.approx(chance, abs=1e-6)
            general, skills[k] = ability.update(general, skills[k], item, float(answers.right[i]))


def test_a_student_inherits_nothing_from_the_one_before():
    answers = simulated(4, 30)
    alone = answers.where(answers.student == 2)
    assert np.array_equal(logits(alone, B, STILL), logits(answers, B, STILL)[answers.student == 2])


def test_no_chance_looks_at_the_answer_itself():
    answers = simulated(1, 20)
    right = answers.right.copy()
    right[10] = 1 - right[10]
    other = Answers(answers.student, answers.item, answers.skill, right, answers.day, answers.hints)
    before, after = logits(answers, B, STILL), logits(other, B, STILL)
    assert np.array_equal(before[:11], after[:11])
    assert (before[11:] != after[11:]).all()


def test_students_who_learn_as_they_practise_are_told_from_those_who_do_not():
    assert tune(simulated(150, 40), B).gain <= 0.02
    assert tune(simulated(150, 40, gain=0.08), B).gain >= 0.04


def test_skills_that_go_apart_are_told_from_those_that_go_together():
    together, apart = (tune(simulated(150, 40, own=own), B).skill_variance for own in (0.05, 1.0))
    assert together <= 0.2
    assert apart >= 0.7
