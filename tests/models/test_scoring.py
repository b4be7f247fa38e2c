"""Abilities of many students at once: as R's mirt gives them, and sensible where there is little to go by."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.ability import Normal
from models.answer_table import AnswerTable
from models.curves import curve
from models.irt import ItemParams, information, p_correct
from models.polytomous import PolyParams, category_chances
from models.polytomous import information as poly_information
from models.scoring import (
    BOUND,
    eap,
    log_likelihood,
    log_marginal,
    maximum_a_posteriori,
    maximum_likelihood,
    plausible_values,
    score_first_answer,
    weighted_likelihood,
)
from tests.models.reference import columns, reference
from tests.models.strategies import items as right_or_wrong_items

CALIBRATIONS = (
    "lsat6_2PL",
    "lsat6_Rasch",
    "sat12_2PL",
    "sat12_3PL_beta5_17",
    "science_Rasch",
    "science_gpcm",
    "science_graded",
    "timss11_2PL",
)
SPREAD = [ItemParams("2PL", 1.0, b) for b in np.linspace(-2.0, 2.0, 20)]


def estimates(known):
    return {
        "EAP": eap(known.responses, known.items, known.prior),
        "MAP": maximum_a_posteriori(known.responses, known.items, known.prior),
        "ML": maximum_likelihood(known.responses, known.items),
        "WLE": weighted_likelihood(known.responses, known.items, weight="jeffreys"),
    }


@pytest.mark.parametrize("name", CALIBRATIONS)
def test_scores_and_standard_errors_are_those_of_another_programme(name):
    known, golden = reference(name), columns(f"{name}_scores.csv")
    row = golden["row"].astype(int) - 1
    answered = np.bincount(known.responses.student, minlength=known.responses.n_students)[row] > 0
    assert answered.sum() >= 170
    for method, ours in estimates(known).items():
        there = answered & np.isfinite(golden[method])
        assert np.array_equal(ours.finite[row][answered], np.isfinite(golden[method])[answered])
        assert ours.theta[row][there] == pytest.approx(golden[method][there], abs=0.005)
        assert ours.se[row][there] == pytest.approx(golden[f"{method}_se"][there], abs=0.005)


@pytest.mark.parametrize("name", [name for name in CALIBRATIONS if not name.startswith("timss")])
def test_the_log_likelihood_of_all_answers_is_that_of_another_programme(name):
    known = reference(name)
    assert log_marginal(known.responses, known.items, known.prior) == pytest.approx(
        columns(f"{name}_fit.csv")["logLik"][0], abs=0.01
    )


def test_warms_estimate_of_items_without_guessing_is_the_information_weighted_one():
    known = reference("science_graded")
    warm = weighted_likelihood(known.responses, known.items)
    assert warm.theta == pytest.approx(
        weighted_likelihood(known.responses, known.items, weight="jeffreys").theta, abs=1e-6
    )


def test_warms_estimate_of_items_with_guessing_is_nearly_unbiased():
    rng = np.random.default_rng(3)
    items = [ItemParams("3PL", 1.2, b, 0.2) for b in np.linspace(-2.0, 2.0, 10)]
    right = rng.random((20000, 10)) < np.array([p_correct(0.0, item) for item in items])
    responses = AnswerTable.from_matrix(right.astype(float))
    assert abs(weighted_likelihood(responses, items).theta.mean()) < 0.02
    assert weighted_likelihood(responses, items, weight="jeffreys").theta.mean() > 0.05


def test_all_right_and_all_wrong_are_at_the_bound_and_say_so():
    extremes = maximum_likelihood(AnswerTable.from_matrix([[1.0] * 20, [0.0] * 20]), SPREAD)
    assert extremes.theta.tolist() == [BOUND, -BOUND]
    assert not extremes.finite.any()
    assert np.isinf(extremes.se).all()


def test_a_student_without_answers_has_the_populations_ability_or_none():
    nothing = AnswerTable.from_answers([], [], [], n_students=1, n_items=20)
    prior = Normal(0.4, 0.25)
    assert eap(nothing, SPREAD, prior).theta[0] == pytest.approx(0.4)
    assert maximum_a_posteriori(nothing, SPREAD, prior).se[0] == pytest.approx(0.5)
    assert np.isnan(maximum_likelihood(nothing, SPREAD).theta[0])
    assert not weighted_likelihood(nothing, SPREAD).finite[0]


@settings(max_examples=30, deadline=None)
@given(st.lists(right_or_wrong_items(), min_size=3, max_size=8), st.data())
def test_the_mode_is_where_the_posterior_is_greatest(items, data):
    right = data.draw(st.lists(st.booleans(), min_size=len(items), max_size=len(items)))
    responses = AnswerTable.from_matrix([np.array(right, dtype=float)])
    found = maximum_a_posteriori(responses, items).theta
    near = np.concatenate([found, np.linspace(-8.0, 8.0, 161)])
    heights = log_likelihood(responses, items, near)[0] - near**2 / 2.0
    assert heights[0] >= heights.max() - 1e-3


def test_one_more_right_answer_never_lowers_the_mean():
    low, high = np.zeros(20), np.zeros(20)
    low[:7] = high[:8] = 1.0
    pair = eap(AnswerTable.from_matrix([low, high]), SPREAD)
    assert pair.theta[1] > pair.theta[0]


def test_draws_have_the_populations_spread_where_means_shrink():
    rng = np.random.default_rng(5)
    theta = rng.normal(size=3000)
    right = rng.random((3000, 8)) < np.array([p_correct(theta, item) for item in SPREAD[::3] + SPREAD[:1]]).T
    responses, items = AnswerTable.from_matrix(right.astype(float)), SPREAD[::3] + SPREAD[:1]
    assert plausible_values(responses, items, 5, rng).std() == pytest.approx(1.0, abs=0.04)
    assert eap(responses, items).theta.std() < 0.85


@pytest.mark.parametrize("n_items", [1, 8, 400])
def test_draws_have_the_mean_and_the_variance_of_each_students_posterior(n_items):
    rng = np.random.default_rng(6)
    items = [ItemParams("3PL", 1.5, b, 0.2) for b in np.linspace(-2.0, 2.0, n_items)]
    right = rng.random((4, n_items)) < np.array([p_correct(0.5, item) for item in items])
    responses = AnswerTable.from_matrix(right.astype(float))
    known, draws = eap(responses, items), plausible_values(responses, items, 100_000, rng)
    assert draws.mean(axis=1) == pytest.approx(known.theta, abs=0.015)
    # With 400 answers the noise that draws are smoothed by would show here: it would widen them by an eighth.
    assert draws.std(axis=1) == pytest.approx(known.se, rel=0.015)


@pytest.mark.parametrize(("mean", "spread"), [(0.0, 0.6), (0.5, 1.2)])
def test_draws_recover_mean_and_spread_of_any_population_from_sparse_answers(mean, spread):
    rng = np.random.default_rng(7)
    theta = rng.normal(mean, spread, 4000)
    right = (rng.random((4000, 20)) < np.array([p_correct(theta, item) for item in SPREAD]).T).astype(float)
    right[rng.random(right.shape) < 0.6] = np.nan  # eight answers each, as practice leaves them
    responses, prior = AnswerTable.from_matrix(right), Normal(mean, spread**2)
    draws = plausible_values(responses, SPREAD, 4, rng, prior)
    assert draws.mean() == pytest.approx(mean, abs=0.05)
    assert draws.var() == pytest.approx(spread**2, rel=0.06)
    assert eap(responses, SPREAD, prior).theta.var() < 0.8 * spread**2 < spread**2 < maximum(responses)


def maximum(responses):
    """Variance of the likeliest abilities, of the students who have a finite one."""
    found = maximum_likelihood(responses, SPREAD)
    return found.theta[found.finite].var()


ITEMS = (
    ItemParams("3PL", 1.3, 0.4, 0.2),
    ItemParams("2PL", 0.8, -1.0, b_sd=0.5),
    PolyParams("GRM", 1.4, (-1.0, 0.2, 1.1)),
    PolyParams("GPCM", 0.9, (0.5, -0.4, 1.0)),
)


@pytest.mark.parametrize("item", ITEMS)
def test_slopes_and_bends_are_the_derivatives_of_the_chances(item):
    theta, step = np.linspace(-3.0, 3.0, 25), 1e-4
    here, below, above = curve(theta, item), curve(theta - step, item), curve(theta + step, item)
    assert here.slopes == pytest.approx((above.chances - below.chances) / (2 * step), abs=1e-7)
    assert here.bends == pytest.approx((above.slopes - below.slopes) / (2 * step), abs=1e-7)
    assert here.information_slope == pytest.approx((above.information - below.information) / (2 * step), abs=1e-6)


@pytest.mark.parametrize("item", ITEMS)
def test_curves_agree_with_the_item_models(item):
    theta = np.linspace(-4.0, 4.0, 17)
    if isinstance(item, ItemParams):
        assert curve(theta, item).chances[:, 1] == pytest.approx(p_correct(theta, item), abs=1e-12)
        assert curve(theta, item).information == pytest.approx(information(theta, item), abs=1e-12)
    else:
        assert curve(theta, item).chances == pytest.approx(category_chances(theta, item), abs=1e-12)
        assert curve(theta, item).information == pytest.approx(poly_information(theta, item), abs=1e-12)


@pytest.mark.parametrize(
    ("right", "attempt", "hint_first", "too_fast", "score"),
    [
        (True, 1, False, False, 1),
        (False, 1, False, False, 0),
        (True, 1, True, False, 0),
        (True, 1, True, True, 0),
        (True, 1, False, True, None),
        (False, 1, False, True, None),
        (True, 2, False, False, None),
    ],
)
def test_only_the_first_unaided_answer_that_was_read_can_be_right(right, attempt, hint_first, too_fast, score):
    assert score_first_answer(right=right, attempt=attempt, hint_first=hint_first, too_fast=too_fast) == score


def test_answers_that_do_not_belong_to_the_items_are_refused():
    with pytest.raises(ValueError, match="highest score"):
        eap(AnswerTable.from_matrix([[2.0]]), [ItemParams("2PL", 1.0, 0.0)])
    with pytest.raises(ValueError, match="parameters are given for 20"):
        eap(AnswerTable.from_matrix([[1.0]]), SPREAD)
    with pytest.raises(ValueError, match="student index"):
        AnswerTable.from_answers([1], [0], [1], n_students=1, n_items=1)
    with pytest.raises(ValueError, match="negative"):
        AnswerTable.from_matrix([[-1.0]])


def test_a_table_comes_back_as_it_was_given():
    table = np.array([[1.0, np.nan, 0.0], [np.nan, 2.0, 1.0]])
    assert np.array_equal(AnswerTable.from_matrix(table).matrix(), table, equal_nan=True)
