"""A whole sitting of answers: its order matters little, and stopping half-way loses nothing."""

import json
from dataclasses import astuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.ability import General, Prior, SkillBelief, marginal, prior_general, prior_skill, update
from models.irt import ItemParams, information, p_correct
from tests.models.strategies import generals, items, numbers, skills

answers = st.lists(st.tuples(st.integers(0, 2), items(uncertain=True), st.sampled_from([0.0, 1.0])), max_size=15)


def after(general, beliefs, sequence):
    beliefs = list(beliefs)
    for k, item, score in sequence:
        general, beliefs[k] = update(general, beliefs[k], item, score)
    return general, beliefs


@given(generals(), st.lists(skills(), min_size=3, max_size=3), answers, st.integers(0, 15))
@settings(max_examples=50)
def test_a_belief_stored_half_way_and_resumed_equals_the_replay_of_all_answers(general, beliefs, sequence, half):
    stored = after(general, beliefs, sequence[:half])
    row = json.loads(json.dumps([astuple(stored[0]), [astuple(belief) for belief in stored[1]]]))
    resumed = after(General(*row[0]), [SkillBelief(*belief) for belief in row[1]], sequence[half:])
    replayed = after(general, beliefs, sequence)
    for one, other in zip([resumed[0], *resumed[1]], [replayed[0], *replayed[1]], strict=True):
        assert astuple(one) == pytest.approx(astuple(other), abs=1e-9)


@pytest.mark.parametrize("seed", range(6))
def test_two_orders_of_a_sitting_typically_give_means_less_than_a_twentieth_apart(seed):
    # Typically, not always: of thirty orders the two farthest apart may differ by an eighth.
    rng, prior = np.random.default_rng(seed), Prior(0.6, 0.4)
    sitting = [
        (0, ItemParams("2PL", float(rng.lognormal(0, 0.2)), float(rng.normal(-0.8, 0.5))), float(rng.random() < 0.75))
        for _ in range(12)
    ]
    means = []
    for _ in range(30):
        general, beliefs = after(prior_general(prior), [prior_skill(prior)], [sitting[i] for i in rng.permutation(12)])
        means.append(marginal(general, beliefs[0]).mean)
    assert np.median(np.abs(np.subtract.outer(means, means))) < 0.05
    assert max(means) - min(means) < 0.2


@given(st.lists(items(), min_size=1, max_size=4), numbers(-3, 3))
@settings(max_examples=50)
def test_the_information_of_a_test_is_the_sum_of_its_items_and_the_variance_of_its_score_function(bank, theta):
    """Over every pattern of answers, the variance of d log P(pattern) / d theta adds up item by item."""
    step = 1e-5
    p, up, down = (np.array([p_correct(theta + h, item) for item in bank]) for h in (0.0, step, -step))
    slope = (up - down) / (2.0 * step)
    patterns = np.array(np.meshgrid(*[[0, 1]] * len(bank))).reshape(len(bank), -1).T
    chance = np.where(patterns, p, 1.0 - p).prod(axis=1)
    score = np.where(patterns, slope / p, -slope / (1.0 - p)).sum(axis=1)
    parts = [float(information(theta, item)) for item in bank]
    assert min(parts) >= 0.0
    assert sum(parts) == pytest.approx(float(chance @ score**2), rel=1e-4, abs=1e-6)
