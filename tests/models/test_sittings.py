"""A whole sitting of answers: once settled its order does not matter, and stopping half-way loses nothing."""

import json
from dataclasses import astuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.ability import General, Prior, SkillBelief, marginal, prior_general, prior_skill, update
from models.irt import ItemParams, information, p_correct
from models.moments import moment_match
from models.sitting import Answer, settle
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


KINDS = {
    "open answers": lambda a, b, options: ItemParams("2PL", a, b),
    "choices": lambda a, b, options: ItemParams("3PL", a, b, 1.0 / options),
    "choices only their author has rated": lambda a, b, options: ItemParams.from_author(b, options),
}
PRIOR = Prior(0.6, 0.4)


def sitting(kind, n_skills, n, rng):
    """Answers of a student to items that practice would have chosen: most of them somewhat easy."""
    theta = rng.normal(0.0, 0.6**0.5) + rng.normal(0.0, 0.4**0.5, n_skills)
    given = []
    for skill in rng.integers(n_skills, size=n):
        b = theta[skill] + rng.normal(-0.8, 0.7)
        item = KINDS[kind](float(rng.lognormal(0.0, 0.3)), float(b), int(rng.integers(2, 6)))
        given.append(Answer(int(skill), item, float(rng.random() < p_correct(theta[skill], item))))
    return given


def orders(given, rng):
    """The worst one can think of, and some by chance."""
    yield from (sorted(given, key=lambda one: (sign * one.score, one.item.b)) for sign in (1.0, -1.0))
    yield from (sorted(given, key=lambda one: sign * one.item.b) for sign in (1.0, -1.0))
    yield from (sorted(given, key=lambda one: sign * one.skill) for sign in (1.0, -1.0))
    yield from ([given[i] for i in rng.permutation(len(given))] for _ in range(6))


def means(n_skills, given, passes):
    """Mean of every skill after a newcomer's sitting."""
    general, skills = settle(
        prior_general(PRIOR), dict.fromkeys(range(n_skills), prior_skill(PRIOR)), given, passes=passes
    )
    return np.array([marginal(general, skills[k]).mean for k in range(n_skills)])


def spread(n_skills, given, passes, rng):
    """How far apart two orders of the same answers can end, in logits, in the skill where it is most."""
    return float(np.ptp([means(n_skills, order, passes) for order in orders(given, rng)], axis=0).max())


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("n_skills", "n"), [(1, 10), (1, 25), (3, 12), (3, 25), (16, 25)])
def test_in_whatever_order_a_sitting_is_answered_the_settled_means_are_less_than_a_twentieth_apart(kind, n_skills, n):
    rng = np.random.default_rng(100 * n_skills + n)
    for _ in range(3):
        assert spread(n_skills, sitting(kind, n_skills, n, rng), 1, rng) < 0.05


@given(
    st.lists(
        st.tuples(st.integers(0, 2), numbers(0.5, 2.0), numbers(-2.0, 2.0), st.integers(2, 5), st.booleans()),
        max_size=12,
    ),
    st.sampled_from(sorted(KINDS)),
    st.randoms(use_true_random=False),
)
@settings(max_examples=40, deadline=None)
def test_even_answers_nobody_would_expect_settle_to_the_same_means_in_two_orders(drawn, kind, random):
    given = [Answer(k, KINDS[kind](a, b, options), float(right)) for k, a, b, options, right in drawn]
    other = random.sample(given, len(given))
    assert means(3, given, 1) == pytest.approx(means(3, other, 1), abs=0.05)


def test_heard_only_once_two_orders_of_a_sitting_can_be_a_tenth_of_a_logit_apart():
    """Why a sitting is settled at its end: no promise of this size holds answer by answer."""
    rng = np.random.default_rng(3)
    apart = [spread(1, sitting("open answers", 1, 12, rng), 0, rng) for _ in range(40)]
    assert 0.1 < max(apart) < 0.4


@pytest.mark.parametrize("kind", KINDS)
def test_a_settled_belief_is_nearer_to_the_exact_one(kind):
    rng, theta = np.random.default_rng(8), np.linspace(-7.0, 7.0, 2001)
    once, twice = [], []
    for _ in range(12):
        given = sitting(kind, 1, 12, rng)
        log_mass = -0.5 * theta**2
        for one in given:
            p = p_correct(theta, one.item)
            log_mass += np.log(p if one.score else 1.0 - p)
        mass = np.exp(log_mass - log_mass.max())
        exact = (mass @ theta) / mass.sum()
        once.append(abs(means(1, given, 0)[0] - exact))
        twice.append(abs(means(1, given, 1)[0] - exact))
    assert max(twice) < 0.05
    assert np.mean(twice) < 0.5 * np.mean(once)


@given(generals(), st.lists(skills(), min_size=3, max_size=3), answers)
@settings(max_examples=50)
def test_without_a_second_hearing_a_sitting_is_its_answers_one_by_one(general, beliefs, sequence):
    found = settle(general, dict(enumerate(beliefs)), [Answer(*one) for one in sequence], passes=0)
    expected = after(general, beliefs, sequence)
    assert astuple(found[0]) == pytest.approx(astuple(expected[0]), abs=1e-9)
    for k, belief in enumerate(expected[1]):
        assert astuple(found[1][k]) == pytest.approx(astuple(belief), abs=1e-9)


@given(generals(), skills(), items(uncertain=True), st.sampled_from([0.0, 1.0]), st.integers(1, 4))
def test_however_often_an_answer_is_heard_it_counts_once(general, skill, item, score, passes):
    once = settle(general, {0: skill}, [Answer(0, item, score)], passes=0)
    often = settle(general, {0: skill}, [Answer(0, item, score)], passes=passes)
    for k in (0, 1):
        one, other = (marginal(found[0], found[1][0]) for found in (once, often))
        assert astuple(one)[k] == pytest.approx(astuple(other)[k], abs=1e-6)


def test_settling_equals_the_same_passes_over_the_dense_joint_belief():
    rng = np.random.default_rng(4)
    given = sitting("choices", 5, 20, rng)
    mean, cov = np.zeros(6), np.full((6, 6), PRIOR.general_variance)
    cov[range(1, 6), range(1, 6)] += PRIOR.skill_variance
    sites = np.zeros((20, 2))
    for place in [*range(20), *range(20)]:
        k, v = given[place].skill + 1, cov[given[place].skill + 1, given[place].skill + 1]
        precision = 1.0 / v - sites[place, 0]
        at = (mean[k] / v - sites[place, 1]) / precision
        found, variance = moment_match(at, 1.0 / precision, given[place].item, given[place].score)
        sites[place] = 1.0 / variance - precision, found / variance - at * precision
        gain = cov[:, k] / v
        mean = mean + gain * (found - mean[k])
        cov = cov + np.outer(gain, gain) * (variance - v)
    general, skills = settle(prior_general(PRIOR), dict.fromkeys(range(5), prior_skill(PRIOR)), given)
    normals = [marginal(general, skills[k]) for k in range(5)]
    assert [general.mean, *(one.mean for one in normals)] == pytest.approx(mean, abs=1e-9)
    assert [general.variance, *(one.variance for one in normals)] == pytest.approx(np.diag(cov), abs=1e-9)


def test_what_is_known_for_certain_stays_so():
    known = General(0.3, 0.0), {0: SkillBelief(0.1, 1.0, 0.0)}
    assert settle(*known, [Answer(0, ItemParams("2PL", 1.0, 0.0), 1.0)]) == known


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
