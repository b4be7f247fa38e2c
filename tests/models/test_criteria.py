"""What an item is worth as the next one, checked against plain integrals and known optima."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.ability import Normal
from models.criteria import (
    Curves,
    expected_information,
    expected_information_on,
    information_at,
    kullback_leibler,
    nearness_to_success,
)
from models.irt import ItemParams, information, p_correct
from tests.models.strategies import items, numbers

banks = st.lists(items(uncertain=True), min_size=1, max_size=4)


def averaged(curve, mean, variance):
    x = np.linspace(-8.0, 8.0, 4001)
    density = np.exp(-0.5 * x * x)
    return (density * curve(mean + np.sqrt(variance) * x)).sum() / density.sum()


@given(banks, numbers(-2, 2), numbers(0.05, 1.0))
@settings(max_examples=40)
def test_expected_information_is_the_integral_over_the_posterior(bank, mean, variance):
    exact = [averaged(lambda theta, item=item: information(theta, item), mean, variance) for item in bank]
    got = expected_information(Curves.build(bank), Normal(mean, variance))
    np.testing.assert_allclose(got, exact, atol=2e-3)


@given(banks, numbers(-2, 2), numbers(0.05, 1.0), numbers(0.1, 0.9))
@settings(max_examples=40)
def test_nearness_is_the_distance_from_the_wanted_success(bank, mean, variance, target):
    exact = [-abs(averaged(lambda theta, item=item: p_correct(theta, item), mean, variance) - target) for item in bank]
    np.testing.assert_allclose(
        nearness_to_success(Curves.build(bank), Normal(mean, variance), target), exact, atol=1e-3
    )


@given(banks, numbers(-5, 5))
@settings(max_examples=40)
def test_information_between_tabulated_abilities_is_close_to_the_formula(bank, ability):
    got = information_at(Curves.build(bank), ability)
    np.testing.assert_allclose(got, [information(ability, item) for item in bank], atol=0.04)


def test_the_most_informative_rasch_item_is_as_hard_as_the_student_is_able():
    bank = [ItemParams("1PL", 1.0, b) for b in np.linspace(-2, 2, 41)]
    curves = Curves.build(bank)
    for ability in (-1.0, 0.3, 1.5):
        for worth in (
            information_at(curves, ability),
            expected_information(curves, Normal(ability, 0.3)),
            kullback_leibler(curves, ability, half_width=1.0),
        ):
            assert bank[int(worth.argmax())].b == pytest.approx(ability, abs=0.11)


def test_guessing_moves_the_most_informative_item_below_the_ability():
    """Birnbaum's optimum lies at b = theta - log((1 + sqrt(1 + 8c)) / 2) / a."""
    bank = [ItemParams("3PL", 1.0, b, 0.25) for b in np.linspace(-2, 2, 401)]
    best = bank[int(information_at(Curves.build(bank), 0.0).argmax())].b
    assert best == pytest.approx(-np.log((1.0 + np.sqrt(3.0)) / 2.0), abs=0.011)


def test_a_wide_posterior_prefers_the_item_that_tells_over_a_wide_range():
    bank = [ItemParams("2PL", 4.0, 1.5), ItemParams("2PL", 1.2, 0.0)]
    curves = Curves.build(bank)
    assert information_at(curves, 1.5).argmax() == 0
    assert expected_information(curves, Normal(1.5, 0.01)).argmax() == 0
    assert expected_information(curves, Normal(-1.0, 1.0)).argmax() == 1


def test_kullback_leibler_of_one_item_is_the_published_integral():
    item = ItemParams("3PL", 1.3, 0.4, 0.2)
    theta = np.linspace(-1.0, 1.0, 20_001)
    p0, p = p_correct(0.0, item), p_correct(theta, item)
    exact = np.trapezoid(p0 * np.log(p0 / p) + (1 - p0) * np.log((1 - p0) / (1 - p)), theta)
    assert kullback_leibler(Curves.build([item]), 0.0, half_width=1.0)[0] == pytest.approx(exact, rel=0.02)


@given(banks, numbers(-4, 4), numbers(0.2, 3.0))
@settings(max_examples=40)
def test_no_item_is_worth_less_than_nothing(bank, ability, half_width):
    curves = Curves.build(bank)
    assert (kullback_leibler(curves, ability, half_width=half_width) >= -1e-12).all()
    assert (expected_information(curves, Normal(ability, half_width)) >= 0.0).all()
    assert (information_at(curves, ability) >= 0.0).all()


def test_close_to_the_ability_kullback_leibler_is_half_the_information_times_the_distance_squared():
    item = ItemParams("2PL", 1.0, 0.0)
    width = 0.5
    expected = 0.5 * information(0.0, item) * 2 * width**3 / 3
    assert kullback_leibler(Curves.build([item]), 0.0, half_width=width)[0] == pytest.approx(expected, rel=0.05)


def test_an_item_of_unknown_difficulty_is_worth_less():
    known, unknown = ItemParams("2PL", 1.0, 0.0), ItemParams("2PL", 1.0, 0.0, b_sd=1.0)
    curves, belief = Curves.build([known, unknown]), Normal(0.0, 0.3)
    for worth in (expected_information(curves, belief), kullback_leibler(curves, 0.0, half_width=1.0)):
        assert worth[1] < worth[0]


def test_a_posterior_given_on_the_table_counts_as_it_is():
    curves = Curves.build([ItemParams("2PL", 1.0, 0.0), ItemParams("2PL", 1.5, 1.0)])
    mass = np.zeros(curves.theta.size)
    mass[60] = 1.0
    np.testing.assert_allclose(expected_information_on(curves, mass), information_at(curves, 0.0))


def test_what_makes_no_sense_is_refused():
    curves = Curves.build([ItemParams("2PL", 1.0, 0.0)])
    with pytest.raises(ValueError, match="at least one item"):
        Curves.build([])
    with pytest.raises(ValueError, match="target"):
        nearness_to_success(curves, Normal(0.0, 1.0), 1.0)
    with pytest.raises(ValueError, match="half_width"):
        kullback_leibler(curves, 0.0, half_width=0.0)
    with pytest.raises(ValueError, match="finite"):
        information_at(curves, float("nan"))
