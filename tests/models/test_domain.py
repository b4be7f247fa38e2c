"""Calibration of several skills together: what is general, what is each skill's own, and what the items are."""

from collections.abc import Mapping
from itertools import product

import numpy as np
import pytest
from numpy.typing import NDArray

from models.ability import Prior
from models.domain import STEP, DomainCalibration, calibrate_domain, errors_at
from models.domain_kernels import expect_domain
from models.em_priors import Priors
from models.irt import ItemParams
from models.responses import Responses

Floats = NDArray[np.float64]
TRUE = Prior(general_variance=0.65, skill_variance=0.35)


def simulated(
    n: int, skills: int, items: int, each: int, seed: int, prior: Prior = TRUE
) -> tuple[Responses, Mapping[int, int], Floats, Floats]:
    """Answers to items drawn at random; (answers, skill of each item, a, b)."""
    rng = np.random.default_rng(seed)
    a, b, skill = rng.lognormal(0.0, 0.25, items), rng.normal(0.0, 1.0, items), np.arange(items) % skills
    g = rng.normal(0.0, np.sqrt(prior.general_variance), (n, 1))
    theta = g + rng.normal(0.0, np.sqrt(prior.skill_variance), (n, skills))
    asked = np.array([rng.choice(items, each, replace=False) for _ in range(n)])
    right = rng.random((n, each)) < chance(theta[np.arange(n)[:, None], skill[asked]], a[asked], b[asked])
    answers = Responses.from_lists(np.repeat(np.arange(n), each), asked.ravel(), right.ravel().astype(np.int64))
    return answers, dict(enumerate(skill.tolist())), a, b


def chance(theta: Floats, a: Floats, b: Floats) -> Floats:
    return np.asarray(1.0 / (1.0 + np.exp(-a * (theta - b))))


def numbers(found: DomainCalibration) -> tuple[Floats, Floats]:
    a = np.array([found.items[item].a for item in sorted(found.items, key=int)])  # type: ignore[call-overload]  # ids here are numbers
    return a, np.array([found.items[item].b for item in sorted(found.items, key=int)])  # type: ignore[call-overload]  # as above


@pytest.fixture(scope="module")
def answers() -> tuple[Responses, Mapping[int, int], Floats, Floats]:
    return simulated(1_500, 4, 24, 16, seed=3)


@pytest.fixture(scope="module")
def found(answers: tuple[Responses, Mapping[int, int], Floats, Floats]) -> DomainCalibration:
    return calibrate_domain(answers[0], answers[1])


def test_the_shares_of_general_and_own_ability_are_found_again(found: DomainCalibration) -> None:
    assert found.converged
    assert found.prior.general_variance == pytest.approx(TRUE.general_variance, abs=0.06)
    assert found.prior.general_variance + found.prior.skill_variance == pytest.approx(1.0)


def test_a_fit_cut_short_names_the_items_that_still_moved(
    answers: tuple[Responses, Mapping[int, int], Floats, Floats], found: DomainCalibration
) -> None:
    short = calibrate_domain(answers[0], answers[1], most_cycles=3)
    assert not short.converged
    assert short.unsettled
    assert short.unsettled <= set(answers[0].items)
    assert found.unsettled == frozenset()


def test_items_are_found_again(
    answers: tuple[Responses, Mapping[int, int], Floats, Floats], found: DomainCalibration
) -> None:
    a, b = numbers(found)
    assert np.sqrt(np.mean((a - answers[2]) ** 2)) < 0.17
    assert np.sqrt(np.mean((b - answers[3]) ** 2)) < 0.20
    assert abs(np.mean(a - answers[2])) < 0.06


def test_unrelated_skills_have_nothing_in_common() -> None:
    apart = simulated(1_200, 3, 18, 12, seed=5, prior=Prior(0.02, 0.98))
    # At a tolerance of 1e-4 the variance creeps for 500 cycles to its bound; it is small long before.
    assert calibrate_domain(apart[0], apart[1], tolerance=3e-3).prior.general_variance < 0.1


def test_one_skill_under_several_names_is_all_general() -> None:
    same = simulated(1_200, 3, 18, 12, seed=6, prior=Prior(0.999, 0.001))
    assert calibrate_domain(same[0], same[1]).prior.general_variance > 0.9


def test_where_able_students_are_given_harder_items_the_items_are_not_taken_for_easier() -> None:
    """Students who did well in skill 0 are asked the hard items of skill 1: what adaptive practice does."""
    rng = np.random.default_rng(8)
    n, k = 3_000, 12
    b = np.concatenate([rng.normal(0.0, 0.8, k), np.linspace(-1.5, 1.5, 6)])
    g = rng.normal(0.0, np.sqrt(0.65), n)
    first, second = (g + rng.normal(0.0, np.sqrt(0.35), n) for _ in range(2))
    one = rng.random((n, k)) < chance(first[:, None], np.ones(k), b[:k])
    hard = one.sum(axis=1) > k * 0.5
    asked = np.where(hard[:, None], [15, 16, 17], [12, 13, 14])
    two = rng.random(asked.shape) < chance(second[:, None], np.ones(1), b[asked])
    items = np.concatenate([np.tile(np.arange(k), (n, 1)), asked], axis=1)
    answers = Responses.from_lists(
        np.repeat(np.arange(n), k + 3), items.ravel(), np.concatenate([one, two], axis=1).ravel().astype(np.int64)
    )
    found = calibrate_domain(answers, {item: int(item >= k) for item in range(k + 6)}, "1PL")
    _, fitted = numbers(found)
    error = fitted[k:] - b[k:]
    assert abs(error[3:].mean() - error[:3].mean()) < 0.25
    alone = calibrate_domain(
        Responses.from_lists(np.repeat(np.arange(n), 3), asked.ravel(), two.ravel().astype(np.int64)),
        {12: 0, 13: 0, 14: 0, 15: 1, 16: 1, 17: 1},
        "1PL",
    )
    naive = numbers(alone)[1] - b[k:]
    assert naive[3:].mean() - naive[:3].mean() < -0.6  # without the other skill, hard items look easier than they are


def test_the_inner_loop_equals_an_integral_over_everything_at_once() -> None:
    rng = np.random.default_rng(2)
    nodes, reach = 12, 5
    g, s = (np.arange(-m, m + 1) * STEP for m in (nodes, reach))
    theta = np.arange(-nodes - reach, nodes + reach + 1) * STEP
    general, own = weights(g, 0.6), np.stack([weights(s, 0.3), weights(s, 0.5)])
    slopes, places = rng.lognormal(0.0, 0.3, 4), rng.normal(0.0, 1.0, 4)
    right = chance(theta, slopes[:, None], places[:, None])
    table = np.log(np.stack([1.0 - right, right], axis=1).reshape(8, -1))
    cells, skills = np.array([1, 2, 5, 6]), np.array([0, 0, 1, 1])
    counts, mass, squares, seen, total = expect_domain(
        np.array([0, 4]), cells, skills, np.ones(1), table, general, own, STEP
    )
    joint = np.zeros((g.size, s.size, s.size))
    for i, j, k in product(range(g.size), range(s.size), range(s.size)):
        at = (i + j, i + j, i + k, i + k)
        logs = sum(table[cell, where] for cell, where in zip(cells, at, strict=True))
        joint[i, j, k] = general[i] * own[0, j] * own[1, k] * np.exp(logs)
    assert total == pytest.approx(np.log(joint.sum()), abs=1e-10)
    posterior = joint / joint.sum()
    assert np.allclose(mass, posterior.sum(axis=(1, 2)), atol=1e-12)
    assert squares == pytest.approx([(posterior.sum(axis=(0, 2)) @ s**2), (posterior.sum(axis=(0, 1)) @ s**2)])
    assert seen.tolist() == [1.0, 1.0]
    along = np.zeros(theta.size)
    for i, j in product(range(g.size), range(s.size)):
        along[i + j] += posterior.sum(axis=2)[i, j]
    assert np.allclose(counts[1], along, atol=1e-12)
    assert np.allclose(counts[2], along, atol=1e-12)
    assert np.all(counts[0] == 0.0)


def weights(nodes: Floats, variance: float) -> Floats:
    density = np.exp(-(nodes**2) / (2.0 * variance))
    return np.asarray(density / density.sum())


def test_a_student_who_counts_twice_is_two_students() -> None:
    answers, skills, *_ = simulated(300, 2, 12, 12, seed=9)
    student = np.repeat(np.arange(300), 12)
    twice = Responses.from_lists(
        np.concatenate([student, student + 300]), np.tile(answers.item, 2), np.tile(answers.score, 2)
    )
    weighted = Responses.from_lists(student, answers.item, answers.score, weights=dict.fromkeys(range(300), 2.0))
    one, two = (calibrate_domain(answers, skills, tolerance=1e-7) for answers in (twice, weighted))
    assert one.log_posterior == pytest.approx(two.log_posterior, abs=1e-3)
    assert np.allclose(numbers(one), numbers(two), atol=2e-3)


def test_an_item_that_everyone_got_right_gets_a_bounded_difficulty() -> None:
    answers, skills, *_ = simulated(80, 2, 8, 8, seed=10)
    score = np.where(answers.item == 3, 1, answers.score)
    easy = Responses.from_lists(np.repeat(np.arange(80), 8), answers.item, score)
    item = calibrate_domain(easy, skills).items[3]
    assert -8.0 < item.b < -1.0
    assert 0.1 < item.a < 5.0


@pytest.mark.parametrize(
    ("skill_of", "score", "words"),
    [
        ({0: "x"}, [1, 0], "no skill"),
        ({0: "x", 1: "x"}, [1, 0], "two skills"),
        ({0: "x", 1: "y"}, [2, 0], "scores 0 and 1"),
    ],
)
def test_what_cannot_be_calibrated_together_is_refused(skill_of: dict[int, str], score: list[int], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        calibrate_domain(Responses.from_lists([1, 1], [0, 1], score), skill_of, priors=Priors())


def test_standard_errors_are_as_large_as_the_errors() -> None:
    """Over some banks, 95% intervals of a and b hold the truth about as often as they say."""
    held_a, held_b = [], []
    for seed in range(3):
        answers, skills, a, b = simulated(500, 3, 18, 18, seed=20 + seed)
        found = calibrate_domain(answers, skills)
        fitted_a, fitted_b = numbers(found)
        errors = np.array([found.slope_errors[item] for item in range(18)])
        spread = np.array([found.items[item].b_sd for item in range(18)])
        held_a += (np.abs(fitted_a - a) < 1.96 * errors).tolist()
        held_b += (np.abs(fitted_b - b) < 1.96 * spread).tolist()
    assert 0.85 < np.mean(held_a) <= 1.0
    assert 0.85 < np.mean(held_b) <= 1.0
    assert np.median(spread) < 0.25


def test_an_item_with_few_answers_is_less_certain() -> None:
    answers, skills, *_ = simulated(500, 2, 10, 10, seed=30)
    student = np.repeat(np.arange(500), 10)
    kept = (answers.item != 4) | (student < 40)
    found = calibrate_domain(Responses.from_lists(student[kept], answers.item[kept], answers.score[kept]), skills)
    others = [found.items[item].b_sd for item in range(10) if item != 4]
    assert found.items[4].b_sd > 1.8 * np.median(others)


def test_items_may_have_different_models() -> None:
    answers, skills, *_ = simulated(400, 2, 8, 8, seed=31)
    found = calibrate_domain(answers, skills, {item: "3PL" if item < 4 else "2PL" for item in range(8)})
    assert [found.items[item].model for item in range(8)] == ["3PL"] * 4 + ["2PL"] * 4
    assert all(0.02 < found.items[item].c < 0.5 for item in range(4))


def test_errors_at_the_parameters_that_were_found_are_those_of_the_calibration(
    answers: tuple[Responses, Mapping[int, int], Floats, Floats], found: DomainCalibration
) -> None:
    """The calibration's have the priors in them, which with so many answers hardly say anything."""
    errors = errors_at(answers[0], answers[1], found.items, found.prior)
    assert errors.keys() == found.items.keys()
    for item, (slope, difficulty) in errors.items():
        assert slope == pytest.approx(found.slope_errors[item], rel=0.1)
        assert difficulty == pytest.approx(found.items[item].b_sd, rel=0.1)


def test_a_guess_that_is_not_known_makes_a_difficulty_less_sure() -> None:
    answers, skill_of, a, b = simulated(600, 2, 8, 8, seed=5)
    sure = {item: ItemParams("2PL", a[item], b[item]) for item in skill_of}
    guessed = {item: ItemParams("3PL", a[item], b[item], 0.2) for item in skill_of}
    without, with_guess = (errors_at(answers, skill_of, items, TRUE) for items in (sure, guessed))
    assert all(with_guess[item][1] > without[item][1] > 0.0 for item in skill_of)
