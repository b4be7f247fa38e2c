"""Two engines compared: scale aside they agree or not, and the odd items are named."""

import numpy as np
import pytest

from models.crosscheck import cross_check

NAMES = [f"q{i}" for i in range(30)]


def parameters(seed=2):
    rng = np.random.default_rng(seed)
    return rng.lognormal(0.0, 0.3, 30), rng.normal(0.0, 1.0, 30)


def test_engines_that_differ_in_scale_only_agree():
    a, b = parameters()
    found = cross_check(NAMES, (a, b), (a * 1.25, (b - 0.4) / 1.25))
    assert found.agree
    assert (found.line.slope, found.line.intercept) == (pytest.approx(1.25), pytest.approx(0.4))
    assert found.rmse_a < 1e-6
    assert found.rmse_b < 1e-6
    assert found.words().startswith("The two engines agree.")


def test_an_item_that_they_see_differently_is_named_first():
    a, b = parameters()
    odd = b.copy()
    odd[7] += 1.5
    found = cross_check(NAMES, (a, b), (a, odd))
    assert not found.agree
    assert found.gaps[0].item == "q7"
    assert found.gaps[0].b == pytest.approx(1.5, abs=0.25)
    assert "do not agree" in found.words()
    assert "More than 0.3 logits apart: q7 (+1." in found.words()


def test_a_long_list_of_odd_items_is_cut():
    a, b = parameters()
    odd = b.copy()
    odd[:8] += np.tile([2.0, -2.0], 4)
    found = cross_check(NAMES, (a, b), (a, odd))
    far = sum(abs(gap.b) > 0.3 for gap in found.gaps)
    assert far >= 8
    assert f"and {far - 5} more" in found.words()


def test_items_of_one_engine_only_are_counted_and_not_compared():
    a, b = parameters()
    some = b.copy()
    some[[3, 4]] = np.nan
    found = cross_check(NAMES, (a, b), (a, some))
    assert found.items == 28
    assert found.only_one == ("q3", "q4")
    assert "Parameters from one engine only: q3, q4." in found.words()


def test_an_engine_with_one_slope_for_all_has_no_correlation_of_slopes():
    a, b = parameters()
    assert np.isnan(cross_check(NAMES, (a, b), (np.ones(30), b)).correlation_a)


def test_parameters_of_other_items_are_refused():
    with pytest.raises(ValueError, match="there are 30 items"):
        cross_check(NAMES, ([1.0], [0.0]), ([1.0], [0.0]))
