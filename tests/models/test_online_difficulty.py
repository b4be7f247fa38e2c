"""Difficulties between calibrations: they move the right way, never claim too much, and arrive."""

from dataclasses import replace
from math import sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.ability import Normal
from models.irt import ItemParams, p_correct
from models.moments import moment_match
from models.online_difficulty import EloItem, difficulty_match, elo_step, elo_update, update
from tests.models.strategies import items, numbers

abilities = st.builds(Normal, numbers(-3.0, 3.0), numbers(0.0, 2.0))
unsure = items(uncertain=True).map(lambda item: replace(item, b_sd=max(item.b_sd, 0.05)))
KNOWN = Normal(0.0, 0.0)


@given(unsure, abilities)
def test_a_right_answer_makes_an_item_easier_and_a_wrong_one_harder(item, ability):
    assert difficulty_match(item, ability, 1.0)[0] <= item.b + 1e-12
    assert difficulty_match(item, ability, 0.0)[0] > item.b


@given(unsure.map(lambda item: replace(item, c=0.0)), abilities, st.floats(0.0, 1.0))
def test_without_guessing_every_answer_makes_the_difficulty_surer(item, ability, score):
    assert difficulty_match(item, ability, score)[1] <= item.b_sd + 1e-9


@given(unsure, abilities)
def test_on_average_over_both_answers_nothing_is_made_up(item, ability):
    """The mean stays and the variance splits into what is left and what was learnt."""
    away = replace(item, b_sd=sqrt(item.b_sd**2 + ability.variance))
    chance = float(p_correct(ability.mean, away))
    (right, right_sd), (wrong, wrong_sd) = (difficulty_match(item, ability, score) for score in (1.0, 0.0))
    assert chance * right + (1.0 - chance) * wrong == pytest.approx(item.b, abs=1e-5)
    left = chance * right_sd**2 + (1.0 - chance) * wrong_sd**2
    learnt = chance * (right - item.b) ** 2 + (1.0 - chance) * (wrong - item.b) ** 2
    assert left + learnt == pytest.approx(item.b_sd**2, rel=1e-5, abs=1e-7)


@given(unsure, abilities, st.sampled_from([0.0, 1.0]))
def test_student_and_item_share_an_answer_by_their_uncertainty(item, ability, score):
    """Both ends of theta - b move against each other, each in proportion to its own variance."""
    mean, _ = moment_match(ability.mean, ability.variance, item, score)
    b, _ = difficulty_match(item, ability, score)
    assert (mean - ability.mean) * item.b_sd**2 == pytest.approx((item.b - b) * ability.variance, abs=1e-8)


@given(unsure.map(lambda item: replace(item, c=0.0)))
def test_student_and_item_mirror_each_other(item):
    """Without guessing a right answer is to the item what a wrong one is to the student."""
    b, b_sd = difficulty_match(item, Normal(0.3, 0.0), 1.0)
    mean, variance = moment_match(item.b, item.b_sd**2, ItemParams("2PL", item.a, 0.3), 0.0)
    assert (b, b_sd**2) == (pytest.approx(mean, abs=1e-8), pytest.approx(variance, abs=1e-8))


def test_a_student_we_know_well_tells_more():
    new = ItemParams("2PL", 1.0, 0.0, b_sd=1.0)
    assert difficulty_match(new, KNOWN, 1.0)[1] < difficulty_match(new, Normal(0.0, 1.0), 1.0)[1]


def test_a_calibrated_item_stays():
    sure = ItemParams("2PL", 1.0, 0.4)
    assert update(sure, Normal(0.0, 1.0), 1.0) == sure


def test_an_answer_of_no_weight_says_nothing():
    new = ItemParams("2PL", 1.0, 0.4, b_sd=0.5)
    assert difficulty_match(new, KNOWN, 1.0, weight=0.0) == (pytest.approx(0.4), pytest.approx(0.5))


def test_a_score_beyond_right_is_refused():
    with pytest.raises(ValueError, match="score"):
        update(ItemParams("2PL", 1.0, 0.4, b_sd=0.5), KNOWN, 1.5)


def answers(rng, items_, answered, *, variance=0.2):
    """Students known up to a variance, from other items, answer new items: (item, belief, score) in turn."""
    for index, item in enumerate(items_):
        theta = rng.normal(0.0, 1.0, answered)
        heard = theta + rng.normal(0.0, sqrt(variance / (1.0 - variance)), answered)
        right = rng.random(answered) < p_correct(theta, item)
        for mean, score in zip((1.0 - variance) * heard, right, strict=True):
            yield index, Normal(float(mean), variance), float(score)


@pytest.mark.parametrize("options", [None, 4])
def test_difficulties_arrive_and_their_intervals_hold_the_truth(options):
    rng = np.random.default_rng(8)
    starts = [ItemParams.from_author(float(guess), options) for guess in rng.normal(0.0, 1.0, 200)]
    truth = [replace(item, b=float(rng.normal(item.b, item.b_sd)), b_sd=0.0) for item in starts]
    now = list(starts)
    for index, ability, score in answers(rng, truth, 100):
        now[index] = update(now[index], ability, score)
    off = np.array([found.b - true.b for found, true in zip(now, truth, strict=True)])
    sds = np.array([found.b_sd for found in now])
    assert abs(off.mean()) < 0.05
    assert 0.91 < np.mean(np.abs(off) < 1.96 * sds) < 0.985
    assert np.sqrt(np.mean(off**2)) < 0.3 < 0.45 < np.std([t.b - s.b for t, s in zip(truth, starts, strict=True)])


def test_elo_arrives_too():
    rng = np.random.default_rng(9)
    truth = [ItemParams("2PL", 1.0, float(b)) for b in rng.normal(0.0, 1.0, 60)]
    ratings = [EloItem(0.0)] * 60
    for index, ability, score in answers(rng, truth, 200, variance=0.05):
        ratings[index] = elo_update(ratings[index], ability.mean, score)
    found, true = [rating.b for rating in ratings], [item.b for item in truth]
    assert np.corrcoef(found, true)[0, 1] > 0.95
    assert np.sqrt(np.mean(np.subtract(found, true) ** 2)) < 0.4
    assert ratings[0].answers == 200


@given(numbers(-1e6, 1e6), numbers(-1e6, 1e6), st.integers(0, 10_000), numbers(0.0, 0.5))
def test_elo_moves_the_right_way_and_never_further_than_its_step(b, ability, seen, c):
    item = EloItem(b, seen)
    easier, harder = (elo_update(item, ability, score, c=c) for score in (1.0, 0.0))
    assert easier.b <= b <= harder.b
    assert harder.b - easier.b <= elo_step(seen) * (1.0 + 1e-6) + 1e-9


def test_a_guess_moves_elo_less():
    assert elo_update(EloItem(0.0), 0.0, 1.0, c=0.25).b == pytest.approx(-0.375)


@pytest.mark.parametrize("wrong", [{"score": 1.1}, {"score": -0.1}, {"score": 1.0, "c": 1.0}])
def test_elo_refuses_impossible_answers(wrong):
    with pytest.raises(ValueError, match="score"):
        elo_update(EloItem(0.0), 0.0, **wrong)


def test_elo_refuses_a_rating_that_is_no_number():
    with pytest.raises(ValueError, match="finite"):
        EloItem(float("nan"))
