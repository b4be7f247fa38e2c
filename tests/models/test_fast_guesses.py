"""Answers that came too fast to have been read are told from worked ones."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.fast_guesses import fit_mixture, nt10, p_fast_guess


def times(rng, guesses, worked):
    return np.concatenate([rng.lognormal(0.5, 0.4, guesses), rng.lognormal(3.3, 0.5, worked)])


@given(st.lists(st.floats(0.1, 600.0), min_size=1, max_size=30))
def test_the_simple_line_is_a_tenth_of_the_mean_and_at_most_ten_seconds(seconds):
    assert nt10(seconds) == pytest.approx(min(10.0, np.mean(seconds) / 10.0))


def test_two_heaps_of_times_are_found_again():
    mixture = fit_mixture(times(np.random.default_rng(1), 300, 1700))
    assert mixture.fast.share == pytest.approx(0.15, abs=0.01)
    assert mixture.fast.mean == pytest.approx(0.5, abs=0.1)
    assert mixture.worked.mean == pytest.approx(3.3, abs=0.05)
    assert mixture.worked.sd == pytest.approx(0.5, abs=0.05)


def test_a_longer_time_is_never_more_likely_a_guess():
    mixture = fit_mixture(times(np.random.default_rng(2), 200, 800))
    chances = p_fast_guess(np.linspace(0.05, 60.0, 400), mixture)
    assert np.all(np.diff(chances[chances > 1e-6]) <= 1e-9)
    assert chances[0] == 1.0
    assert chances[-1] < 1e-6


def test_guesses_and_worked_answers_are_told_apart():
    seconds = times(np.random.default_rng(3), 400, 1600)
    guessed = p_fast_guess(seconds, fit_mixture(seconds)) > 0.5
    assert guessed[:400].mean() > 0.98
    assert guessed[400:].mean() < 0.02


@pytest.mark.parametrize("seconds", [[], [0.0, 1.0], [-1.0], [np.nan], [np.inf]])
def test_impossible_times_are_refused(seconds):
    with pytest.raises(ValueError, match="positive, finite"):
        nt10(seconds)


def test_a_handful_of_times_makes_no_mixture():
    with pytest.raises(ValueError, match="at least 10"):
        fit_mixture([1.0, 2.0])
