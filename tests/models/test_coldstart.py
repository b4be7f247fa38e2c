"""Difficulties of items nobody has answered: nearer than a guess, and honest about how near."""

import json
from dataclasses import replace

import numpy as np
import pytest

from models.coldstart import DifficultyModel, ItemFeatures, Prediction, fit

SKILLS = 16


def bank(n_families, rng, *, first=0, skills=range(SKILLS), rated=0.7, noise=0.4):
    """Families of three siblings with a difficulty made of skill, length, numbers, family and chance."""
    hard = np.random.default_rng(99).normal(0.0, 0.5, 2 * SKILLS)
    items, b = [], []
    for family in range(first, first + n_families):
        skill, own = int(rng.choice(skills)), rng.normal(0.0, noise)
        for _ in range(3):
            length, largest = int(rng.integers(4, 60)), float(rng.integers(1, 1000))
            kind = str(rng.choice(["choice", "number", "fraction"]))
            value = hard[skill] + 0.5 * np.log1p(length) - 1.5 + 0.15 * np.log1p(largest) - 0.6
            value += {"choice": -0.4, "number": 0.0, "fraction": 0.4}[kind] + own + rng.normal(0.0, 0.15)
            author = float(value + rng.normal(0.0, 0.6)) if rng.random() < rated else None
            items.append(
                ItemFeatures(f"s{skill}", f"f{family}", kind, length, int(rng.integers(1, 6)), largest, author)
            )
            b.append(float(value))
    return items, np.array(b)


@pytest.fixture(scope="module")
def learnt():
    return fit(*bank(100, np.random.default_rng(1)))


def errors(model, items, b):
    found = [model.predict(item) for item in items]
    return b - np.array([each.b for each in found]), np.array([each.sd for each in found])


def test_features_and_rating_together_come_nearer_than_the_rating(learnt):
    items, b = bank(200, np.random.default_rng(2), first=1000, rated=1.0)
    off, _ = errors(learnt, items, b)
    by_author = b - np.array([item.author for item in items])
    assert np.sqrt(np.mean(off**2)) < 0.85 * np.sqrt(np.mean(by_author**2))


def test_an_unrated_item_is_placed_much_better_than_its_skills_mean(learnt):
    items, b = bank(200, np.random.default_rng(3), first=1000, rated=0.0)
    off, _ = errors(learnt, items, b)
    by_skill = b - np.array([learnt.skills[item.skill][0] for item in items])
    assert np.sqrt(np.mean(off**2)) < 0.8 * np.sqrt(np.mean(by_skill**2))


@pytest.mark.parametrize("rated", [0.0, 1.0])
@pytest.mark.parametrize("skills", [range(SKILLS), range(SKILLS, 2 * SKILLS)], ids=["known skills", "new skills"])
def test_nineteen_of_twenty_intervals_hold_the_difficulty(learnt, rated, skills):
    items, b = bank(300, np.random.default_rng(4), first=1000, rated=rated, skills=skills)
    off, sd = errors(learnt, items, b)
    assert 0.90 < np.mean(np.abs(off) < 1.96 * sd) < 0.99


def test_siblings_do_not_make_it_look_surer_than_it_is():
    """Siblings are near copies here: only leaving out whole families shows how far a new one is off."""
    rng = np.random.default_rng(5)
    calibrated = fit(*bank(60, rng, rated=0.0, noise=1.0))
    off, sd = errors(calibrated, *bank(200, rng, first=1000, rated=0.0, noise=1.0))
    assert np.mean(np.abs(off) < 1.96 * sd) > 0.9


def test_a_new_skill_is_less_sure_than_a_known_one(learnt):
    known = ItemFeatures("s1", "new", "number", 20)
    assert learnt.predict(replace(known, skill="s99")).sd > learnt.predict(known).sd
    assert learnt.predict(known).source == "features"


def test_a_longer_question_than_ever_seen_counts_as_the_longest(learnt):
    longest = ItemFeatures("s1", "new", "number", 59, 3, 999.0)
    assert learnt.predict(replace(longest, length=100_000)).b == pytest.approx(learnt.predict(longest).b, abs=0.02)


def test_the_model_survives_being_written_down(learnt):
    again = DifficultyModel.from_plain(json.loads(json.dumps(learnt.to_plain(), allow_nan=False)))
    items, _ = bank(20, np.random.default_rng(6))
    assert [again.predict(item) for item in items] == [learnt.predict(item) for item in items]


@pytest.mark.parametrize("spoilt", [{"intercept": float("nan")}, {"weights": None}, {"sds": {}}, {"bank": [1.0]}])
def test_a_spoilt_model_is_refused(learnt, spoilt):
    with pytest.raises(ValueError, match=r"model|regression|unpack"):
        DifficultyModel.from_plain({**learnt.to_plain(), **spoilt})


def test_a_model_with_a_part_missing_is_refused():
    with pytest.raises(ValueError, match="not a model of difficulties"):
        DifficultyModel.from_plain({"items": 3})


def test_with_few_calibrated_items_the_author_is_believed():
    items, b = bank(5, np.random.default_rng(7))
    few = fit(items, b)
    assert few.predict(ItemFeatures("s1", "new", "number", 20, author=-0.7)) == Prediction(-0.7, 0.5, "author")


def test_with_few_calibrated_items_an_unrated_one_is_like_its_skill():
    items = [ItemFeatures("hard", f"f{i}", "number", 10) for i in range(8)]
    few = fit(items, np.full(8, 2.0) + np.linspace(-0.2, 0.2, 8))
    found = few.predict(ItemFeatures("hard", "new", "number", 20))
    assert found.source == "skill"
    assert 1.5 < found.b < 2.0
    assert found.sd < 1.0
    other = few.predict(ItemFeatures("other", "new", "number", 20))
    assert other.source == "bank"
    assert other.b < found.b
    assert other.sd > found.sd


def test_without_any_calibrated_item_an_unrated_one_may_be_anywhere():
    assert fit([], []).predict(ItemFeatures("s1", "new", "number", 20)) == Prediction(0.0, 1.0, "bank")


def test_an_author_who_is_always_right_is_not_corrected():
    items, b = bank(60, np.random.default_rng(8), rated=0.0)
    right = [replace(item, author=float(value)) for item, value in zip(items, b, strict=True)]
    found = fit(right, b).predict(replace(right[0], author=0.25, family="new"))
    assert found.b == pytest.approx(0.25, abs=0.05)
    assert found.sd < 0.05


@pytest.mark.parametrize("b", [[0.1, 0.2], [float("nan")]])
def test_difficulties_that_do_not_fit_the_items_are_refused(b):
    with pytest.raises(ValueError, match="as many finite difficulties"):
        fit([ItemFeatures("s1", "f1", "number", 20)], b)


@pytest.mark.parametrize("wrong", [{"length": -1}, {"numbers": -2}, {"largest": np.inf}, {"author": np.nan}])
def test_impossible_features_are_refused(wrong):
    with pytest.raises(ValueError, match="item"):
        ItemFeatures(**{"skill": "s", "family": "f", "answer_type": "number", "length": 5, **wrong})
