"""Skills in strands: as the dense joint belief, nearer kin within a strand, and nothing new without strands."""

from dataclasses import astuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models import ability
from models.ability import General, grow, prior_general, prior_skill
from models.irt import ItemParams
from models.moments import moment_match
from models.strands import Believed, Prior, joint_draws, marginal, newcomer, update, within
from tests.models.strategies import generals, items, numbers, skills

STRAND_OF = (0, 0, 0, 1, 1)
PRIOR = Prior(0.5, 0.2, 0.3)


class Dense:
    """The joint Gaussian of (g, t_1 .. t_S, theta_1 .. theta_K): the oracle, built from the tree's own equations."""

    def __init__(self, general, strands, beliefs):
        n = 1 + len(strands) + len(beliefs)
        self.first = 1 + len(strands)
        path, start, noise = np.zeros((n, n)), np.zeros(n), np.zeros(n)
        start[0], noise[0] = general.mean, general.variance
        for s, one in enumerate(strands, start=1):
            path[s, 0], start[s], noise[s] = one.beta, one.alpha, one.w
        for k, one in enumerate(beliefs):
            path[self.first + k, 1 + STRAND_OF[k]] = one.beta
            start[self.first + k], noise[self.first + k] = one.alpha, one.w
        through = np.linalg.inv(np.eye(n) - path)
        self.mean, self.cov = through @ start, through @ np.diag(noise) @ through.T

    def answer(self, k, item, score):
        place = self.first + k
        before = self.cov[place, place]
        mean, after = moment_match(float(self.mean[place]), float(before), item, score)
        gain = self.cov[:, place] / before
        self.mean = self.mean + gain * (mean - self.mean[place])
        self.cov = self.cov + np.outer(gain, gain) * (after - before)


answers = st.lists(
    st.tuples(st.integers(0, 4), items(uncertain=True), st.sampled_from([0.0, 1.0]), st.sampled_from([0.0, 3.0])),
    max_size=20,
)


@given(generals(), st.lists(skills(), min_size=2, max_size=2), st.lists(skills(), min_size=5, max_size=5), answers)
@settings(max_examples=60)
def test_three_levels_equal_the_dense_joint_belief_after_any_sequence_of_answers(general, strands, beliefs, sequence):
    dense = Dense(general, strands, beliefs)
    for k, item, score, days in sequence:
        beliefs[k] = grow(beliefs[k], days)
        dense.cov[dense.first + k, dense.first + k] += 0.01 * days
        s = STRAND_OF[k]
        after = update(Believed(general, strands[s], beliefs[k]), item, score)
        general, strands[s], beliefs[k] = after.general, after.strand, after.skill
        dense.answer(k, item, score)
    tree = Dense(general, strands, beliefs)
    np.testing.assert_allclose(tree.mean, dense.mean, rtol=0, atol=1e-9)
    np.testing.assert_allclose(tree.cov, dense.cov, rtol=0, atol=1e-9)


@given(items(uncertain=True), st.sampled_from([0.0, 1.0]), numbers(0.1, 2.0), numbers(0.1, 2.0))
def test_a_strand_without_a_part_of_its_own_leaves_the_domain_as_it_is_without_strands(item, score, shared, own):
    plain = ability.Prior(shared, own)
    general, skill = ability.update(prior_general(plain), prior_skill(plain), item, score)
    found = update(newcomer(Prior(shared, 0.0, own)), item, score)
    assert astuple(found.general) == pytest.approx(astuple(general), abs=1e-12)
    assert astuple(marginal(found)) == pytest.approx(astuple(ability.marginal(general, skill)), abs=1e-12)


def test_an_answer_says_more_of_its_own_strand_than_of_another():
    before = newcomer(PRIOR)
    after = update(before, ItemParams("2PL", 1.0, 0.0), 1.0)
    same, beside, elsewhere = (
        marginal(Believed(after.general, strand, skill)).mean
        for strand, skill in ((after.strand, after.skill), (after.strand, before.skill), (before.strand, before.skill))
    )
    # As the covariances: all of the variance, general and strand, general alone.
    assert (beside / same, elsewhere / same) == pytest.approx((0.7, 0.5))


@pytest.mark.parametrize(
    "prior", [Prior(0.0, 0.0, 1.0), Prior(0.0, 1.0, 0.0), Prior(1.0, 0.0, 0.0), Prior(0.0, 0.0, 0.0)]
)
def test_levels_that_have_no_part_of_their_own_are_still_updated(prior):
    total = astuple(prior)
    expected = moment_match(0.0, sum(total), ItemParams("2PL", 1.0, 0.0), 1.0)
    found = update(newcomer(prior), ItemParams("2PL", 1.0, 0.0), 1.0)
    assert astuple(marginal(found)) == pytest.approx(expected)


def test_draws_have_the_joint_mean_and_covariance_of_three_levels():
    general, strands = General(0.4, 0.5), [ability.SkillBelief(0.1, 0.9, 0.2), ability.SkillBelief(-0.2, 1.1, 0.3)]
    beliefs = [ability.SkillBelief(0.1 * k, 0.7 + 0.1 * k, 0.3) for k in range(5)]
    draws = joint_draws(general, strands, STRAND_OF, beliefs, 200_000, np.random.default_rng(1))
    dense = Dense(general, strands, beliefs)
    assert draws.shape == (200_000, 5)
    np.testing.assert_allclose(draws.mean(axis=0), dense.mean[3:], atol=0.01)
    np.testing.assert_allclose(np.cov(draws.T), dense.cov[3:, 3:], atol=0.015)


def test_a_strand_serves_its_skills_as_their_general_ability():
    after = update(newcomer(PRIOR), ItemParams("2PL", 1.0, 0.0), 1.0)
    above = within(after.general, after.strand)
    one, other = after.skill, newcomer(PRIOR).skill
    joint = ability.p_all_above(above, [one, other], [0.0, 0.0])
    draws = joint_draws(after.general, [after.strand], (0, 0), [one, other], 100_000, np.random.default_rng(2))
    assert joint == pytest.approx((draws > 0.0).all(axis=1).mean(), abs=0.01)


@pytest.mark.parametrize("bad", [-0.1, float("nan"), float("inf")])
def test_a_strand_of_impossible_variance_is_refused(bad):
    with pytest.raises(ValueError, match="variances"):
        Prior(0.5, bad, 0.3)
