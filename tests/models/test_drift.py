"""Items that changed are found, those that did not are left alone, and the scale does not follow the former."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.drift import areas, find_drift, lord_chi_square, robust_z
from models.irt import ItemParams, p_correct
from models.linking import Link

COVARIANCE = np.array([[0.01, 0.003], [0.003, 0.0144]])
slopes, difficulties = st.floats(0.4, 2.5), st.floats(-2.0, 2.0)


def bank(n, rng):
    return [ItemParams("2PL", float(rng.uniform(0.7, 1.8)), float(rng.normal())) for _ in range(n)]


def estimated(items, rng):
    shakes = rng.multivariate_normal([0.0, 0.0], COVARIANCE, len(items))
    return [ItemParams("2PL", i.a + float(da), i.b + float(db)) for i, (da, db) in zip(items, shakes, strict=True)]


def planted(items, which, by):
    return [ItemParams("2PL", item.a, item.b + by * (i in which)) for i, item in enumerate(items)]


def two_calibrations(rng, *, n=30, which=(), by=0.0):
    """Old and new estimates with their covariances; the new ones on a scale of their own."""
    truth = bank(n, rng)
    back = Link(1.25, -0.5).inverse()
    scale = np.array([1.25, 1 / 1.25])
    old, new = estimated(truth, rng), estimated(planted(truth, which, by), rng)
    errors = np.tile(COVARIANCE, (n, 1, 1))
    return old, [back.item(item) for item in new], errors, errors * np.outer(scale, scale)


def test_lords_test_calls_one_in_twenty_unchanged_items_drifted_at_that_level():
    rng = np.random.default_rng(1)
    truth = bank(4000, rng)
    errors = np.tile(COVARIANCE, (4000, 1, 1))
    _, p = lord_chi_square(estimated(truth, rng), estimated(truth, rng), errors, errors)
    assert 0.04 < np.mean(p < 0.05) < 0.06


def test_few_unchanged_items_are_called_drifted_once_the_scale_is_found_too():
    rng = np.random.default_rng(2)
    flagged = [find_drift(*two_calibrations(rng)).drifted.mean() for _ in range(40)]
    assert np.mean(flagged) < 0.02


def test_planted_drift_is_found_and_does_not_carry_the_scale():
    rng = np.random.default_rng(3)
    which = (2, 9, 16, 23, 28)
    shifts = []
    for _ in range(10):
        found = find_drift(*two_calibrations(rng, which=which, by=0.9))
        assert found.settled
        assert found.drifted[list(which)].mean() >= 0.8
        assert found.drifted.sum() <= 7
        assert found.line.slope == pytest.approx(1.25, abs=0.15)
        assert found.line.intercept == pytest.approx(-0.5, abs=0.12)
        shifts.append(found.signed[list(which)].mean())
    assert np.mean(shifts) == pytest.approx(0.9, abs=0.1)


def test_without_standard_errors_robust_z_finds_it():
    rng = np.random.default_rng(4)
    old, new, _, _ = two_calibrations(rng, which=(5, 6), by=1.5)
    found = find_drift(old, new)
    assert found.drifted[[5, 6]].all()
    assert found.drifted.sum() <= 4
    assert np.isnan(found.p).all()


@settings(max_examples=40)
@given(slopes, difficulties, slopes, difficulties, st.floats(0.0, 0.3))
def test_the_areas_are_those_between_the_curves(a1, b1, a2, b2, c):
    old, new = ItemParams("3PL", a1, b1, c), ItemParams("3PL", a2, b2, c)
    theta = np.linspace(-60.0, 60.0, 60_001)
    apart = p_correct(theta, old) - p_correct(theta, new)
    (signed,), (unsigned,) = areas([old], [new])
    assert signed == pytest.approx(np.trapezoid(apart, theta), abs=1e-4)
    assert unsigned == pytest.approx(np.trapezoid(np.abs(apart), theta), abs=1e-4)


def test_outliers_do_not_stretch_the_robust_z():
    changes = np.concatenate([np.random.default_rng(5).normal(0.0, 0.1, 200), [1.0, 5.0]])
    z = robust_z(changes)
    assert z[200] == pytest.approx(10.0, rel=0.25)
    assert np.mean(np.abs(z[:200]) > 2.7) < 0.03
    assert np.isfinite(robust_z(np.zeros(5))).all()


def test_a_bank_that_changed_throughout_cannot_carry_the_scale():
    rng = np.random.default_rng(6)
    old, new = bank(6, rng), bank(6, rng)
    tiny = np.full((6, 2), 1e-3)
    with pytest.raises(ValueError, match="carry the scale"):
        find_drift(old, new, tiny, tiny)


def test_unfit_errors_are_refused():
    items = bank(4, np.random.default_rng(7))
    good = np.full((4, 2), 0.1)
    with pytest.raises(ValueError, match="both calibrations"):
        find_drift(items, items, good)
    with pytest.raises(ValueError, match="2 x 2"):
        find_drift(items, items, good[:3], good)
    with pytest.raises(ValueError, match="positive"):
        find_drift(items, items, good * 0.0, good)
    with pytest.raises(ValueError, match="3 anchors"):
        robust_z([0.0, 1.0])
