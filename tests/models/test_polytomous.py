"""Chances of ordered scores: they add up, agree with the two-score model, and slope as they should."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.irt import ItemParams, p_correct
from models.polytomous import PolyModel, PolyParams, category_chances, expected_score, information

THETA = np.linspace(-4.0, 4.0, 33)
MODELS: tuple[PolyModel, ...] = ("GRM", "GPCM")
slopes = st.floats(0.2, 4.0)
thresholds = st.lists(st.floats(-4.0, 4.0), min_size=1, max_size=6, unique_by=lambda b: round(b, 2)).map(sorted)


@pytest.mark.parametrize("model", MODELS)
@given(a=slopes, b=thresholds)
def test_the_chances_of_all_scores_add_up_to_one(model: PolyModel, a: float, b: list[float]) -> None:
    chances = category_chances(THETA, PolyParams(model, a, tuple(b)))
    assert chances.shape == (33, len(b) + 1)
    assert np.all(chances > 0.0)
    assert np.allclose(chances.sum(axis=1), 1.0, atol=1e-12)


@pytest.mark.parametrize("model", MODELS)
@given(a=slopes, b=st.floats(-3.0, 3.0))
def test_two_scores_are_the_two_parameter_model(model: PolyModel, a: float, b: float) -> None:
    ours = category_chances(THETA, PolyParams(model, a, (b,)))[:, 1]
    assert np.allclose(ours, p_correct(THETA, ItemParams("2PL", a, b)), atol=1e-12)


@pytest.mark.parametrize("model", MODELS)
@given(a=slopes, b=thresholds)
def test_abler_students_score_higher(model: PolyModel, a: float, b: list[float]) -> None:
    assert np.all(np.diff(expected_score(THETA, PolyParams(model, a, tuple(b)))) > 0.0)


@pytest.mark.parametrize("model", MODELS)
@given(a=slopes, b=thresholds)
def test_information_is_the_mean_squared_slope_of_the_log_likelihood(
    model: PolyModel, a: float, b: list[float]
) -> None:
    item, h = PolyParams(model, a, tuple(b)), 1e-5
    slope = (np.log(category_chances(THETA + h, item)) - np.log(category_chances(THETA - h, item))) / (2.0 * h)
    expected = np.sum(category_chances(THETA, item) * slope**2, axis=1)
    assert np.allclose(information(THETA, item), expected, rtol=1e-4, atol=1e-7)


def test_a_rare_score_far_from_its_students_keeps_its_digits() -> None:
    far = category_chances([40.0], PolyParams("GRM", 1.0, (0.0, 1.0)))[0]
    assert far[1] == pytest.approx(np.exp(-39.0) * (1.0 - np.exp(-1.0)), rel=1e-9)


@pytest.mark.parametrize(
    ("model", "a", "b"),
    [
        ("GRM", 0.0, (0.0,)),
        ("GPCM", -1.0, (0.0,)),
        ("GRM", 1.0, ()),
        ("GPCM", 1.0, (np.nan,)),
        ("GRM", 1.0, (1.0, 0.0)),
    ],
)
def test_impossible_items_are_refused(model: PolyModel, a: float, b: tuple[float, ...]) -> None:
    with pytest.raises(ValueError, match=r"discrimination|threshold"):
        PolyParams(model, a, b)


def test_partial_credit_steps_may_come_in_any_order() -> None:
    chances = category_chances([0.0], PolyParams("GPCM", 1.0, (1.0, -1.0)))[0]
    assert chances[1] < chances[0]
    assert chances[1] < chances[2]
