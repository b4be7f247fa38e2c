"""The belief about a student's skills equals what the dense computation gives, at a fraction of its cost."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from models.ability import (
    General,
    Normal,
    Prior,
    SkillBelief,
    grow,
    joint_draws,
    marginal,
    p_above,
    p_all_above,
    prior_general,
    prior_skill,
    update,
)
from models.irt import ItemParams, p_correct
from models.moments import moment_match
from models.readiness import joint_ready
from tests.models.strategies import generals, items, numbers, skills

scores = st.sampled_from([0.0, 1.0])


def by_fine_grid(mean, variance, item, score, weight=1.0):
    """Moments of theta over a fine grid of x = theta - b against the plain curve, theta given x exact."""
    total = variance + item.b_sd**2
    sd = np.sqrt(total)
    reach = 9.0 + item.a * sd * weight
    x = np.linspace(-reach, reach, 200_001)
    z = item.a * (mean - item.b + sd * x)
    log_wrong = np.log1p(-item.c) - np.logaddexp(0.0, z)
    # P = (1 + c exp(-z)) / (1 + exp(-z)), whose logarithm is fine even where P underflows
    guessed = np.log(item.c) - z if item.c else np.full_like(z, -np.inf)
    log_right = np.logaddexp(0.0, guessed) - np.logaddexp(0.0, -z)
    log_mass = weight * (score * log_right + (1.0 - score) * log_wrong) - 0.5 * x * x
    mass = np.exp(log_mass - log_mass.max())
    mass /= mass.sum()
    shift = (mass * x).sum()
    spread = (mass * (x - shift) ** 2).sum()
    gain = variance / total
    return mean + gain * sd * shift, variance - gain**2 * total * (1.0 - spread)


def by_two_grids(mean, variance, item, score):
    """Moments of theta under the response curve averaged over b, by brute force over theta and b."""
    x = np.linspace(-9.0, 9.0, 1_501)
    theta = mean + np.sqrt(variance) * x
    b = item.b + item.b_sd * x
    density = np.exp(-0.5 * x * x)
    density /= density.sum()
    p = item.c + (1 - item.c) / (1 + np.exp(-item.a * (theta[:, None] - b[None, :])))
    curve = (p if score else 1 - p) @ density
    mass = density * curve / (density * curve).sum()
    after = (mass * theta).sum()
    return after, (mass * (theta - after) ** 2).sum()


class Dense:
    """The joint Gaussian of (g, theta_1 .. theta_K) as one vector and one matrix: the oracle."""

    def __init__(self, general, beliefs):
        alpha, beta, w = np.array([(s.alpha, s.beta, s.w) for s in beliefs]).T
        v = general.variance
        self.mean = np.concatenate([[general.mean], alpha + beta * general.mean])
        self.cov = np.empty((len(beliefs) + 1,) * 2)
        self.cov[0, 0] = v
        self.cov[0, 1:] = self.cov[1:, 0] = beta * v
        self.cov[1:, 1:] = np.outer(beta, beta) * v + np.diag(w)

    def answer(self, k, item, score):
        before = self.cov[k + 1, k + 1]
        mean, after = moment_match(float(self.mean[k + 1]), float(before), item, score)
        gain = self.cov[:, k + 1] / before
        self.mean = self.mean + gain * (mean - self.mean[k + 1])
        self.cov = self.cov + np.outer(gain, gain) * (after - before)

    def wait(self, k, days):
        self.cov[k + 1, k + 1] += 0.01 * days


@given(numbers(-3, 3), numbers(0.01, 3.0), items(uncertain=True), scores)
@settings(max_examples=200)
def test_one_answer_gives_the_moments_of_a_fine_grid(mean, variance, item, score):
    exact_mean, exact_variance = by_fine_grid(mean, variance, item, score)
    got_mean, got_variance = moment_match(mean, variance, item, score)
    assert got_mean == pytest.approx(exact_mean, abs=1e-6)
    assert got_variance == pytest.approx(exact_variance, abs=1e-6)


@given(numbers(-2, 2), numbers(0.05, 2.0), items(uncertain=True), scores)
@settings(max_examples=30)
def test_an_uncertain_difficulty_is_averaged_over_exactly(mean, variance, item, score):
    assert moment_match(mean, variance, item, score) == pytest.approx(
        by_two_grids(mean, variance, item, score), abs=1e-6
    )


@given(numbers(-2, 2), numbers(0.05, 2.0), items(uncertain=True), numbers(0, 1), numbers(0, 2))
@settings(max_examples=100)
def test_part_scores_and_weights_give_the_moments_of_a_fine_grid(mean, variance, item, score, weight):
    exact = by_fine_grid(mean, variance, item, score, weight)
    assert moment_match(mean, variance, item, score, weight=weight) == pytest.approx(exact, abs=1e-6)


@pytest.mark.parametrize("score", [0.0, 1.0])
@pytest.mark.parametrize("c", [0.0, 0.25])
@pytest.mark.parametrize("a", [0.5, 3.0, 12.0])
@pytest.mark.parametrize("b", [-900.0, -60.0, 60.0, 900.0])
def test_an_absurd_item_neither_overflows_nor_breaks_the_belief(a, b, c, score):
    item = ItemParams("3PL", a, b, c)
    assert moment_match(0.0, 1.0, item, score) == pytest.approx(by_fine_grid(0.0, 1.0, item, score), abs=1e-6)


@given(generals(), skills(), items(uncertain=True))
def test_a_right_answer_raises_the_belief_and_a_wrong_one_lowers_it(general, skill, item):
    before = marginal(general, skill).mean
    assert marginal(*update(general, skill, item, 1.0)).mean >= before
    assert marginal(*update(general, skill, item, 0.0)).mean <= before


@given(generals(), skills(), items(uncertain=True), scores)
def test_without_guessing_an_answer_never_makes_us_less_sure(general, skill, item, score):
    item = replace(item, c=0.0)
    after_general, after_skill = update(general, skill, item, score)
    before, after = marginal(general, skill), marginal(after_general, after_skill)
    assert after.variance <= before.variance
    assert after_general.variance <= general.variance


@given(numbers(-2, 2), numbers(0.05, 2.0), items(), numbers(0.2, 1.5), scores)
def test_an_item_of_uncertain_difficulty_leaves_us_less_sure(mean, variance, item, b_sd, score):
    item = replace(item, c=0.0)
    known = moment_match(mean, variance, item, score)
    guessed = moment_match(mean, variance, replace(item, b_sd=b_sd), score)
    # A surprising answer to a doubtful item may say much or little; what is left is doubt about b.
    assume(abs(item.a * (mean - item.b)) < 1.0)
    assert guessed[1] >= known[1] - 1e-9


def test_an_item_of_uncertain_difficulty_moves_the_belief_less():
    known, guessed = (ItemParams.from_author(0.0, None), ItemParams.from_author(None, None))
    sure = ItemParams("2PL", 1.0, 0.0)
    shifts = [moment_match(0.0, 1.0, item, 1.0)[0] for item in (sure, known, guessed)]
    assert shifts == sorted(shifts, reverse=True)
    assert shifts[2] < 0.9 * shifts[0]


def test_guessing_makes_a_right_answer_worth_less_but_not_a_wrong_one():
    open_item, choice = ItemParams("2PL", 1.0, 0.0), ItemParams("3PL", 1.0, 0.0, 0.25)
    assert moment_match(0.0, 1.0, choice, 1.0)[0] < moment_match(0.0, 1.0, open_item, 1.0)[0]
    assert moment_match(0.0, 1.0, choice, 0.0) == moment_match(0.0, 1.0, open_item, 0.0)


def test_an_answer_of_no_weight_changes_nothing():
    item = ItemParams("2PL", 1.0, 0.0)
    assert moment_match(0.3, 1.0, item, 1.0, weight=0.0) == (0.3, 1.0)


@pytest.mark.parametrize(("score", "weight"), [(-0.1, 1.0), (1.1, 1.0), (float("nan"), 1.0), (1.0, -1.0)])
def test_an_impossible_score_or_weight_is_refused(score, weight):
    with pytest.raises(ValueError, match="score"):
        moment_match(0.0, 1.0, ItemParams("2PL", 1.0, 0.0), score, weight=weight)


answers = st.lists(
    st.tuples(st.integers(0, 4), items(uncertain=True), scores, st.sampled_from([0.0, 0.0, 1.0, 14.0])),
    max_size=25,
)


@given(generals(), st.lists(skills(), min_size=5, max_size=5), answers)
@settings(max_examples=100)
def test_the_tree_equals_the_dense_joint_belief_after_any_sequence_of_answers(general, beliefs, sequence):
    dense = Dense(general, beliefs)
    for k, item, score, days in sequence:
        beliefs[k] = grow(beliefs[k], days)
        dense.wait(k, days)
        general, beliefs[k] = update(general, beliefs[k], item, score)
        dense.answer(k, item, score)
    tree = Dense(general, beliefs)
    np.testing.assert_allclose(tree.mean, dense.mean, rtol=0, atol=1e-9)
    np.testing.assert_allclose(tree.cov, dense.cov, rtol=0, atol=1e-9)


def test_four_hundred_answers_later_the_tree_still_equals_the_dense_belief():
    rng = np.random.default_rng(3)
    prior = Prior(0.6, 0.4)
    general, beliefs = prior_general(prior), [prior_skill(prior)] * 16
    dense = Dense(general, beliefs)
    for _ in range(400):
        k = int(rng.integers(16))
        item = ItemParams("3PL", float(rng.lognormal(0, 0.3)), float(rng.normal()), 0.2, 0.3)
        score = float(rng.random() < 0.7)
        general, beliefs[k] = update(general, beliefs[k], item, score)
        dense.answer(k, item, score)
    tree = Dense(general, beliefs)
    np.testing.assert_allclose(tree.mean, dense.mean, rtol=0, atol=1e-9)
    np.testing.assert_allclose(tree.cov, dense.cov, rtol=0, atol=1e-9)


@pytest.mark.parametrize("prior", [Prior(0.0, 1.0), Prior(1.0, 0.0), Prior(0.0, 0.0)])
def test_skills_that_share_nothing_or_everything_are_still_updated(prior):
    general, skill = update(prior_general(prior), prior_skill(prior), ItemParams("2PL", 1.0, 0.0), 1.0)
    total = prior.general_variance + prior.skill_variance
    expected = moment_match(0.0, total, ItemParams("2PL", 1.0, 0.0), 1.0)
    assert (marginal(general, skill).mean, marginal(general, skill).variance) == pytest.approx(expected)
    assert (general.variance > 0) == (prior.general_variance > 0)


def test_evidence_on_one_skill_speaks_for_the_others_as_far_as_skills_share():
    prior = Prior(0.6, 0.4)
    general, skill = update(prior_general(prior), prior_skill(prior), ItemParams("2PL", 1.0, 0.0), 1.0)
    other = marginal(general, prior_skill(prior)).mean
    assert other == pytest.approx(0.6 * marginal(general, skill).mean)


def test_in_whatever_order_the_answers_come_the_mean_is_near_the_exact_one():
    prior, rng = Prior(0.6, 0.4), np.random.default_rng(5)
    sitting = [(ItemParams("2PL", 1.0, float(rng.normal(-0.8, 0.5))), float(rng.random() < 0.75)) for _ in range(12)]

    def mean_after(order):
        general, skill = prior_general(prior), prior_skill(prior)
        for item, score in order:
            general, skill = update(general, skill, item, score)
        return marginal(general, skill).mean

    theta = np.linspace(-6.0, 6.0, 4001)
    log_mass = -0.5 * theta**2
    for item, score in sitting:
        log_mass += np.log(p_correct(theta, item) if score else 1.0 - p_correct(theta, item))
    mass = np.exp(log_mass - log_mass.max())
    exact = (mass * theta).sum() / mass.sum()
    for _ in range(50):
        assert mean_after([sitting[i] for i in rng.permutation(12)]) == pytest.approx(exact, abs=0.05)


def test_time_makes_us_less_sure_of_a_skill_but_not_of_the_student():
    general, skill = General(0.5, 0.3), SkillBelief(0.1, 1.0, 0.2)
    later = grow(skill, 30)
    assert marginal(general, later).mean == marginal(general, skill).mean
    assert marginal(general, later).variance == pytest.approx(marginal(general, skill).variance + 0.3)
    with pytest.raises(ValueError, match="negative"):
        grow(skill, -1)


@pytest.mark.parametrize("bad", [-0.1, float("nan"), float("inf")])
def test_an_impossible_variance_is_refused(bad):
    for build in (lambda: General(0, bad), lambda: SkillBelief(0, 1, bad), lambda: Prior(bad, 1)):
        with pytest.raises(ValueError, match="variance"):
            build()


def test_draws_have_the_joint_mean_and_covariance():
    general, beliefs = General(0.4, 0.5), [SkillBelief(0.1, 1.0, 0.4), SkillBelief(-0.2, 0.6, 0.3)]
    draws = joint_draws(general, beliefs, 200_000, np.random.default_rng(1))
    dense = Dense(general, beliefs)
    assert draws.shape == (200_000, 2)
    np.testing.assert_allclose(draws.mean(axis=0), dense.mean[1:], atol=0.01)
    np.testing.assert_allclose(np.cov(draws.T), dense.cov[1:, 1:], atol=0.01)


@given(generals(), st.lists(skills(), min_size=1, max_size=4), numbers(-1, 1))
@settings(max_examples=25)
def test_the_chance_that_all_skills_are_above_agrees_with_draws(general, beliefs, cut):
    draws = joint_draws(general, beliefs, 40_000, np.random.default_rng(2))
    cuts = [cut] * len(beliefs)
    assert p_all_above(general, beliefs, cuts) == pytest.approx(joint_ready(draws, cuts), abs=0.015)


@given(generals(), skills(), numbers(-3, 3))
def test_for_one_skill_the_joint_chance_is_the_marginal_one(general, skill, cut):
    alone = p_above(marginal(general, skill), cut)
    assert p_all_above(general, [skill], [cut]) == pytest.approx(alone, abs=1e-7)


def test_a_lesson_without_prerequisites_is_open_to_everyone():
    assert p_all_above(General(0.0, 1.0), [], []) == pytest.approx(1.0)


def test_a_certain_ability_is_above_a_cut_or_not():
    assert p_above(Normal(0.5, 0.0), 0.4) == 1.0
    assert p_above(Normal(0.5, 0.0), 0.5) == 0.0
