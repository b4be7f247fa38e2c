"""Response curves and the information they carry."""

from dataclasses import replace
from math import comb, log

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.irt import AUTHOR_SD, UNKNOWN_SD, ItemParams, information, p_correct
from models.moments import moment_match
from models.polytomous import PolyParams, category_chances, expected_score
from models.polytomous import information as partial_information
from tests.models.strategies import items

ABILITIES = np.linspace(-5.0, 5.0, 41)


def averaged_by_brute_force(theta, item):
    """The 3PL curve averaged over N(b, b_sd**2) on a grid far finer than the code's own."""
    x = np.linspace(-9.0, 9.0, 20_001)
    density = np.exp(-0.5 * x * x)
    density /= density.sum()
    z = item.a * (theta[:, None] - item.b - item.b_sd * x)
    return item.c + (1.0 - item.c) * (density / (1.0 + np.exp(-z))).sum(axis=1)


def test_a_student_at_the_difficulty_of_an_open_item_gets_half_of_them_right():
    assert p_correct(0.7, ItemParams("2PL", 1.3, 0.7)) == pytest.approx(0.5)


def test_the_three_parameter_curve_has_the_published_form():
    item = ItemParams("3PL", a=1.7, b=-0.4, c=0.2)
    by_hand = 0.2 + 0.8 / (1.0 + np.exp(-1.7 * (ABILITIES + 0.4)))
    np.testing.assert_allclose(p_correct(ABILITIES, item), by_hand, rtol=1e-12)


@given(items(uncertain=True))
def test_an_uncertain_difficulty_is_averaged_over(item):
    np.testing.assert_allclose(p_correct(ABILITIES, item), averaged_by_brute_force(ABILITIES, item), atol=1e-8)


@given(items(uncertain=True))
def test_abler_students_do_better_and_chances_stay_between_guessing_and_one(item):
    chances = p_correct(ABILITIES, item)
    assert (np.diff(chances) >= 0).all()
    assert (chances >= item.c).all()
    assert (chances <= 1.0).all()


@given(items(uncertain=True))
def test_information_is_the_squared_slope_over_the_variance_of_the_answer(item):
    h = 1e-5
    slope = (p_correct(ABILITIES + h, item) - p_correct(ABILITIES - h, item)) / (2 * h)
    right = p_correct(ABILITIES, item)
    inside = (right > 1e-4) & (right < 1 - 1e-4)
    expected = slope**2 / (right * (1 - right))
    np.testing.assert_allclose(information(ABILITIES, item)[inside], expected[inside], rtol=1e-4, atol=1e-6)


@given(items(uncertain=True), st.floats(-1000, 1000))
def test_information_is_never_negative_nor_undefined(item, theta):
    value = information(theta, item)
    assert 0.0 <= value <= item.a**2


@given(items())
def test_guessing_lowers_information(item):
    open_item = ItemParams("2PL", item.a, item.b)
    assert (information(ABILITIES, item) <= information(ABILITIES, open_item) + 1e-12).all()


def test_an_uncertain_item_tells_less_at_its_difficulty():
    known, guessed = ItemParams("2PL", 1.0, 0.0), ItemParams("2PL", 1.0, 0.0, b_sd=1.0)
    assert information(0.0, guessed) < 0.8 * information(0.0, known)


def test_an_authors_rating_is_trusted_less_than_a_calibration_and_more_than_nothing():
    rated, unrated = ItemParams.from_author(0.8, None), ItemParams.from_author(None, None)
    assert (rated.model, rated.a, rated.b, rated.c, rated.b_sd) == ("2PL", 1.0, 0.8, 0.0, AUTHOR_SD)
    assert (unrated.b, unrated.b_sd) == (0.0, UNKNOWN_SD)
    assert 0.0 < AUTHOR_SD < UNKNOWN_SD


def test_a_choice_can_be_guessed_by_one_over_its_options():
    item = ItemParams.from_author(-0.2, options=4)
    assert (item.model, item.c) == ("3PL", 0.25)
    with pytest.raises(ValueError, match="at least 2 options"):
        ItemParams.from_author(0.0, options=1)


@pytest.mark.parametrize(
    ("model", "a", "b", "c", "b_sd", "said"),
    [
        ("4PL", 1.0, 0.0, 0.0, 0.0, "unknown item model"),
        ("2PL", 0.0, 0.0, 0.0, 0.0, "discrimination"),
        ("2PL", -1.0, 0.0, 0.0, 0.0, "discrimination"),
        ("2PL", float("inf"), 0.0, 0.0, 0.0, "discrimination"),
        ("2PL", 1.0, float("nan"), 0.0, 0.0, "difficulty"),
        ("3PL", 1.0, 0.0, 1.0, 0.0, "guessing"),
        ("3PL", 1.0, 0.0, -0.1, 0.0, "guessing"),
        ("1PL", 1.0, 0.0, 0.2, 0.0, "no guessing chance"),
        ("2PL", 1.0, 0.0, 0.0, -1.0, "b_sd"),
        ("2PL", 1.0, 0.0, 0.0, float("nan"), "b_sd"),
    ],
)
def test_an_impossible_item_is_refused(model, a, b, c, b_sd, said):
    with pytest.raises(ValueError, match=said):
        ItemParams(model, a, b, c, b_sd)


@pytest.mark.parametrize("parts", [1, 2, 3, 5])
def test_an_item_of_several_parts_is_a_partial_credit_item(parts):
    item = ItemParams("2PL", 1.3, 0.4, parts=parts)
    steps = tuple(item.b - log((parts - k + 1) / k) / item.a for k in range(1, parts + 1))
    credit = PolyParams("GPCM", item.a, steps)
    theta = np.linspace(-3.0, 3.0, 7)
    chances = category_chances(theta, credit)
    p = p_correct(theta, item)
    binomial = [comb(parts, k) * p**k * (1.0 - p) ** (parts - k) for k in range(parts + 1)]
    assert chances == pytest.approx(np.array(binomial).T, abs=1e-12)
    assert expected_score(theta, credit) == pytest.approx(parts * p, abs=1e-12)
    assert partial_information(theta, credit) == pytest.approx(information(theta, item), abs=1e-12)


@pytest.mark.parametrize("parts", [2, 3])
@pytest.mark.parametrize("right", [0, 1, 2])
def test_an_answer_to_it_moves_the_belief_as_partial_credit_does(parts, right):
    item = ItemParams("2PL", 1.3, 0.4, parts=parts)
    steps = tuple(item.b - log((parts - k + 1) / k) / item.a for k in range(1, parts + 1))
    theta = np.linspace(-8.0, 8.0, 4001)
    mass = category_chances(theta, PolyParams("GPCM", item.a, steps))[:, right] * np.exp(-0.5 * (theta - 0.2) ** 2)
    mean = float((mass @ theta) / mass.sum())
    variance = float((mass @ (theta - mean) ** 2) / mass.sum())
    found = moment_match(0.2, 1.0, item, right / parts, weight=float(parts))
    assert found == pytest.approx((mean, variance), abs=1e-6)


def test_before_calibration_all_parts_together_say_as_much_as_one_item():
    one, four = ItemParams.from_author(0.0, None), ItemParams.from_author(0.0, None, parts=4)
    sure = (replace(one, b_sd=0.0), replace(four, b_sd=0.0))
    assert information(0.0, sure[1]) == pytest.approx(information(0.0, sure[0]))
    with pytest.raises(ValueError, match="one part or more"):
        ItemParams("2PL", 1.0, 0.0, parts=0)
