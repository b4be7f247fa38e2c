"""The chance of the next answer: calibrated, the same after a round trip, and modest with little data."""

import json
from dataclasses import replace

import numpy as np
import pytest

from models.filter import Settings
from models.history import EXPECTED, History, replay
from models.prediction import ENOUGH_ANSWERS, NextAnswerModel, chances, train, training_features
from models.rasch_map import Answers, cross_fit, fit

ITEMS, SKILLS, EACH = 30, 3, 40
SKILL_OF = np.arange(ITEMS) % SKILLS


def simulated(students, seed=5):
    rng = np.random.default_rng(seed)
    b = rng.normal(0.0, 1.0, ITEMS)
    student = np.repeat(np.arange(students), EACH)
    item = rng.integers(ITEMS, size=student.size)
    theta = rng.normal(0.0, 1.0, students)[student] + 0.02 * (np.arange(student.size) % EACH)
    right = (rng.random(student.size) < 1.0 / (1.0 + np.exp(b[item] - theta))).astype(np.int64)
    none = np.zeros(student.size, dtype=np.int64)
    return Answers(student, item, SKILL_OF[item], right, np.full(student.size, np.nan), none)


@pytest.fixture(scope="module")
def trained():
    data = simulated(400)
    seen = data.student < 250
    training, new = data.where(seen), data.where(~seen)
    features, settings = training_features(training, *cross_fit(training, SKILL_OF))
    model = train(features, training, SKILLS)
    return model, new, replay(new, fit(training, SKILL_OF).b, settings)


def test_the_chances_are_calibrated_on_students_it_has_not_seen(trained):
    model, new, features = trained
    chance = chances(model, features, new.skill)
    bins = np.digitize(chance, np.quantile(chance, np.linspace(0, 1, 6)[1:-1]))
    for k in range(5):
        assert chance[bins == k].mean() == pytest.approx(new.right[bins == k].mean(), abs=0.06)


def test_one_answer_gets_the_chance_it_gets_among_many(trained):
    model, new, features = trained
    together = chances(model, features[:50], new.skill[:50])
    assert [model.chance(features[i], int(new.skill[i])) for i in range(50)] == pytest.approx(together)


def test_a_model_comes_back_from_json_as_it_went(trained):
    model, _, _ = trained
    assert NextAnswerModel.from_json(model.to_json()) == model


def test_a_model_for_other_features_is_refused(trained):
    model, _, _ = trained
    with pytest.raises(ValueError, match="train it again"):
        NextAnswerModel.from_json(json.dumps(json.loads(model.to_json()) | {"weights": [0.5]}))


def test_too_little_data_gives_the_chance_by_ability_alone(trained):
    model, new, features = trained
    young = replace(model, trained_on=ENOUGH_ANSWERS - 1)
    expected = 1.0 / (1.0 + np.exp(-features[:20, EXPECTED]))
    assert [young.chance(features[i], int(new.skill[i])) for i in range(20)] == pytest.approx(expected)
    few = new.where(new.student < new.student.min() + 20)
    assert train(features[: len(few)], few, SKILLS).chance(features[3], 0) == pytest.approx(expected[3])


def test_a_skill_unknown_in_training_still_gets_a_chance(trained):
    model, _, _ = trained
    assert 0.0 < model.predict(History(Settings()), skill=99, item=0, b=0.0) < 1.0
