"""Two calibrations on one scale: the line is found exactly, both ways alike, and says how sure it is."""

from typing import get_args

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from models.irt import ItemParams, p_correct
from models.linking import Link, LinkingError, Method, link
from models.polytomous import PolyParams, category_chances

METHODS = get_args(Method)
lines = st.builds(Link, st.floats(0.5, 2.0), st.floats(-1.5, 1.5))
THETA = np.linspace(-3.0, 3.0, 13)


def logistic_items():
    return st.builds(ItemParams, st.just("3PL"), st.floats(0.4, 2.5), st.floats(-2.5, 2.5), st.floats(0.0, 0.35))


def scored_items():
    steps = st.lists(st.floats(-2.5, 2.5), min_size=2, max_size=4, unique_by=lambda b: round(b, 1)).map(sorted)
    return st.builds(PolyParams, st.sampled_from(["GRM", "GPCM"]), st.floats(0.4, 2.5), steps.map(tuple))


def thresholds(items):
    return np.array([b for item in items for b in np.atleast_1d(item.b)])


def bank(n, rng):
    return [
        ItemParams("2PL", float(a), float(b))
        for a, b in zip(rng.lognormal(0, 0.3, n), rng.normal(0, 1, n), strict=True)
    ]


def shaken(items, rng, sd=0.1):
    """The items as another calibration with its own errors would have them."""
    return [ItemParams("2PL", i.a * float(np.exp(rng.normal(0, sd))), i.b + float(rng.normal(0, sd))) for i in items]


@pytest.mark.parametrize("method", METHODS)
@settings(max_examples=15, deadline=None)
@given(st.lists(logistic_items() | scored_items(), min_size=3, max_size=8), lines)
def test_a_set_and_its_own_transformation_are_linked_exactly(method, items, line):
    assume(min(np.std(thresholds(items)), line.slope * np.std(thresholds(items))) > 0.3)
    found = link(items, [line.item(item) for item in items], method)
    assert found.slope == pytest.approx(line.slope, abs=1e-5)
    assert found.intercept == pytest.approx(line.intercept, abs=1e-5)


@pytest.mark.parametrize("method", METHODS)
@settings(max_examples=6, deadline=None)
@given(st.integers(0, 10_000))
def test_linking_the_other_way_round_gives_the_inverse_line(method, seed):
    rng = np.random.default_rng(seed)
    old = bank(10, rng)
    new = [Link(1.3, -0.4).item(item) for item in shaken(old, rng)]
    back, there = link(new, old, method), link(old, new, method).inverse()
    assert back.slope == pytest.approx(there.slope, rel=1e-5)
    assert back.intercept == pytest.approx(there.intercept, abs=1e-5)


@given(logistic_items(), lines)
def test_a_moved_item_is_as_hard_for_moved_students(item, line):
    assert np.allclose(p_correct(line.ability(THETA), line.item(item)), p_correct(THETA, item), atol=1e-9)


@given(scored_items(), lines)
def test_a_moved_item_gives_moved_students_the_same_scores(item, line):
    moved = category_chances(line.ability(THETA), line.item(item))
    assert np.allclose(moved, category_chances(THETA, item), atol=1e-9)


@given(logistic_items(), lines)
def test_there_and_back_leaves_an_item_as_it_was(item, line):
    again = line.inverse().item(line.item(item))
    assert (again.a, again.b) == (pytest.approx(item.a), pytest.approx(item.b, abs=1e-9))


def test_how_unsure_a_difficulty_is_moves_with_the_scale():
    assert Link(2.0, 1.0).item(ItemParams("2PL", 1.0, 0.5, b_sd=0.3)).b_sd == pytest.approx(0.6)


@pytest.mark.parametrize("method", METHODS)
def test_the_example_of_kolen_and_brennan_comes_out_as_printed(method):
    """Test Equating, Scaling, and Linking, Table 6.1: three items on scales I and J, A = .5 and B = -.5."""
    on_i = [ItemParams("3PL", 1.3, -1.3, 0.1), ItemParams("3PL", 0.6, -0.1, 0.17), ItemParams("3PL", 1.7, 0.9, 0.18)]
    on_j = [
        ItemParams("3PL", 2.6, -1.15, 0.1),
        ItemParams("3PL", 1.2, -0.55, 0.17),
        ItemParams("3PL", 3.4, -0.05, 0.18),
    ]
    found = link(on_i, on_j, method)
    assert (found.slope, found.intercept) == (pytest.approx(0.5), pytest.approx(-0.5))
    assert found.ability([-2.0, 1.0]) == pytest.approx([-1.5, 0.0])


@pytest.mark.parametrize(
    ("method", "runs"), [("mean-mean", 120), ("mean-sigma", 120), ("haebara", 60), ("stocking-lord", 60)]
)
def test_standard_errors_say_how_much_the_line_scatters(method, runs):
    rng = np.random.default_rng(11)
    found = []
    for _ in range(runs):
        old = bank(15, rng)
        found.append(link(old, [Link(1.2, 0.3).item(item) for item in shaken(old, rng)], method))
    scatter = np.std([(line.slope, line.intercept) for line in found], axis=0)
    said = np.sqrt(np.mean([(line.slope_se**2, line.intercept_se**2) for line in found], axis=0))
    assert 0.75 < said[0] / scatter[0] < 1.35
    assert 0.75 < said[1] / scatter[1] < 1.35


def test_curves_are_less_swayed_than_moments_by_an_item_far_from_every_student():
    rng = np.random.default_rng(3)
    old = [*bank(12, rng), ItemParams("2PL", 0.6, -5.0)]
    new = [*old[:-1], ItemParams("2PL", 0.7, -7.0)]
    off = {method: abs(link(old, new, method).slope - 1.0) for method in METHODS}
    assert off["stocking-lord"] < 0.1 < off["mean-sigma"]
    assert off["haebara"] < 0.1


@pytest.mark.parametrize("method", METHODS)
def test_two_common_items_give_a_line_but_no_idea_how_sure(method):
    old = [ItemParams("2PL", 1.0, -1.0), ItemParams("2PL", 1.2, 1.0)]
    found = link(old, [Link(1.5, 0.2).item(item) for item in old], method)
    assert found.slope == pytest.approx(1.5)
    assert found.slope_se == found.intercept_se == np.inf


@pytest.mark.parametrize("method", METHODS)
def test_one_common_item_is_too_few(method):
    with pytest.raises(LinkingError, match="at least 2 common items, not 1"):
        link([ItemParams("2PL", 1.0, 0.0)], [ItemParams("2PL", 1.0, 0.5)], method)


@pytest.mark.parametrize("method", METHODS)
def test_common_items_of_one_difficulty_cannot_carry_a_scale(method):
    same = [ItemParams("2PL", 1.0 + 0.1 * i, 0.01 * i) for i in range(5)]
    with pytest.raises(LinkingError, match="almost equally difficult"):
        link(same, same, method)


def test_common_items_come_in_pairs_of_one_kind():
    one, other = ItemParams("2PL", 1.0, -1.0), PolyParams("GRM", 1.0, (-1.0, 1.0))
    with pytest.raises(LinkingError, match="common item 1"):
        link([one, one], [one, other])
    with pytest.raises(LinkingError, match="pairs"):
        link([one, one], [one])
    with pytest.raises(ValueError, match="stocking-lord"):
        link([one, other], [one, other], "by eye")


def test_a_scale_cannot_be_turned_round():
    with pytest.raises(LinkingError):
        Link(-1.0, 0.0)
