"""The corrected chance: the one scikit-learn gives, better where IRT is wrong, and judged on other students."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.ability import General, Normal
from models.forecast import FEATURES, Forecast, features
from models.forecast_training import Examples, evaluate, plain, predicted, regression, scores, train

SKILLS = np.array([11, 22, 33])


def simulated(students=150, each=30, *, harder=0.0, surer=1.0, seed=3):
    """Answers of which the IRT chance is right but for one skill's level and for how sure it is."""
    rng = np.random.default_rng(seed)
    student = np.repeat(np.arange(students), each)
    skill = rng.choice(SKILLS, student.size)
    logit = rng.normal(1.0, 0.8, student.size)
    right = rng.random(student.size) < 1.0 / (1.0 + np.exp(-(surer * logit - harder * (skill == 22))))
    rows = rng.normal(0.0, 1.0, (student.size, len(FEATURES)))
    return Examples(student, skill, 1.0 / (1.0 + np.exp(-logit)), rows, right.astype(np.int64))


def test_the_plain_numbers_give_the_chances_of_scikit_learn():
    examples = simulated(harder=1.0)
    columns, fitted = regression(examples)
    ours = predicted(plain(columns, fitted), examples)
    assert ours == pytest.approx(fitted.predict_proba(columns.build(examples))[:, 1], abs=1e-12)


def test_one_student_s_chances_are_those_of_many_answers_at_once():
    examples = simulated(students=20, harder=1.0)
    forecast = train(examples)
    one_by_one = [
        forecast.chances(examples.irt[i : i + 1], forecast.level(int(examples.skill[i]), examples.rows[i].tolist()))[0]
        for i in range(50)
    ]
    assert one_by_one == pytest.approx(predicted(forecast, examples)[:50], abs=1e-12)


def test_correcting_leaves_the_irt_chances_as_they_were():
    examples = simulated(students=5)
    before = examples.irt.copy()
    assert (train(simulated(harder=1.0)).chances(examples.irt, 0.5) != before).any()
    assert np.array_equal(examples.irt, before)


def test_a_forecast_comes_back_from_json_as_it_went():
    forecast = train(simulated(harder=1.0))
    assert Forecast.from_json(json.loads(json.dumps(forecast.to_json()))) == forecast


def test_a_forecast_of_other_features_is_not_used():
    stored = train(simulated()).to_json()
    assert Forecast.from_json(stored | {"weights": {"shoe_size": 0.3}}) is None


def test_a_skill_that_is_harder_than_its_items_say_is_found():
    found = evaluate(simulated(harder=1.2))
    assert found.gain > 3.0 * found.gain_error
    assert found.forecast.auc > found.irt.auc
    assert found.forecast.ece < found.irt.ece


def test_chances_that_are_too_sure_are_drawn_to_the_middle():
    assert train(simulated(surer=0.5)).slope == pytest.approx(0.5, abs=0.12)


def test_where_irt_is_right_no_gain_is_seen():
    gains = [evaluate(simulated(seed=seed)) for seed in range(8)]
    assert all(one.gain < 2.0 * one.gain_error for one in gains)


def test_the_error_of_the_gain_is_that_of_students_who_are_alike_in_all_their_answers():
    examples = simulated(students=40, harder=1.0)
    twice = Examples(*(np.repeat(column, 4, axis=0) for column in (
        examples.student, examples.skill, examples.irt, examples.rows, examples.right,
    )))  # fmt: skip
    assert evaluate(twice).gain_error > 0.9 * evaluate(examples).gain_error


def test_too_few_students_cannot_be_judged():
    with pytest.raises(ValueError, match="4 students"):
        evaluate(simulated(students=4))


def test_a_skill_not_met_in_training_gets_the_common_level():
    forecast = train(simulated(harder=1.0))
    row = [0.0] * len(FEATURES)
    assert forecast.level(99, row) == forecast.intercept
    assert forecast.level(22, row) < forecast.level(99, row)


def test_chances_that_always_hold_have_no_calibration_error():
    chance = np.repeat([0.25, 0.75], 400)
    right = np.tile([0, 0, 0, 1], 200)
    right[400:] = 1 - right[400:]
    assert scores(chance, right).ece == pytest.approx(0.0, abs=1e-12)
    assert scores(chance, 1 - right).ece == pytest.approx(0.5)


def test_the_last_answers_show_in_the_features():
    def said(*trail):
        row = features(General(0.0, 0.5), Normal(0.3, 0.8), scored=9, scored_in_all=20, days=0.0, trail=trail)
        return dict(zip(FEATURES, row, strict=True))

    assert said(0.5, 0.7)["last_rise"] > 0.0 > said(0.7, 0.5)["last_rise"]
    assert said(0.5, 0.4, 0.6)["recent_rise"] > said(0.4, 0.6, 0.5)["recent_rise"]
    assert said()["last_rise"] == said(0.4)["last_rise"] == 0.0


@given(st.lists(st.floats(0.0, 1.0), max_size=6), st.integers(0, 1000), st.floats(-1.0, 1e6))
def test_features_are_always_finite(trail, scored, days):
    row = features(General(0.0, 0.5), Normal(0.3, 0.8), scored=scored, scored_in_all=scored, days=days, trail=trail)
    assert len(row) == len(FEATURES)
    assert np.isfinite(row).all()
