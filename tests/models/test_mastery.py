"""Got it, Secure and reviews follow the rule, and the rule is hard to fool."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.ability import Normal, Prior, marginal, prior_general, prior_skill, update
from models.irt import ItemParams, p_correct
from models.mastery import (
    MasteryRule,
    after_review,
    got_it,
    is_hard,
    p_mastery,
    recall,
    review_due,
    secure,
    still_got_it,
)
from models.selection import Pool, choose, choose_probe

RULE = MasteryRule(p=0.90, scored=4, hard_right=2, hard_margin=0.3, lapse=0.80, secure_p=0.95, secure_days=1.0)
CUT = 0.0


@pytest.mark.parametrize(
    ("p", "scored", "hard_right", "expected"),
    [(0.90, 4, 2, True), (0.89, 9, 9, False), (0.99, 3, 3, False), (0.99, 9, 1, False)],
)
def test_got_it_needs_probability_answers_and_hard_items(p, scored, hard_right, expected):
    assert got_it(p, scored, hard_right, RULE) is expected


@pytest.mark.parametrize(
    ("had", "p", "expected"),
    [(True, 0.80, True), (True, 0.79, False), (False, 0.85, False), (False, 0.95, True)],
)
def test_got_it_stays_until_the_probability_falls_below_the_lapse(had, p, expected):
    assert still_got_it(had, p, 6, 3, RULE) is expected


@pytest.mark.parametrize(("b", "hard"), [(0.7, True), (0.65, False), (2.0, True)])
def test_an_item_is_hard_from_a_margin_below_the_cut(b, hard):
    assert is_hard(ItemParams("2PL", 1.0, b), cut=1.0, rule=RULE) is hard


def test_mastery_is_the_part_of_the_belief_above_the_cut():
    assert p_mastery(Normal(0.5, 0.25), cut=0.0) == pytest.approx(0.8413, abs=1e-4)


@pytest.mark.parametrize(
    ("got", "p", "days", "expected"),
    [
        (True, 0.95, 1.0, True),
        (True, 0.95, 0.9, False),
        (True, 0.94, 3.0, False),
        (True, 0.99, None, False),
        (False, 0.99, 3.0, False),
    ],
)
def test_secure_needs_a_right_answer_on_a_later_day(got, p, days, expected):
    assert secure(got, p, days, RULE) is expected


def test_a_skill_is_reviewed_when_recall_falls_under_three_quarters():
    # 2 ** (-d / 7) = .75 at d = 2.9
    assert [review_due(days, 7.0, 0.75) for days in (0, 2.9, 2.91, 30)] == [False, False, True, True]


@given(st.lists(st.booleans(), max_size=12))
def test_each_success_doubles_and_each_miss_halves_the_time_to_the_next_review(reviews):
    half_life = 7.0
    for success in reviews:
        half_life = after_review(half_life, success)
    assert half_life == 7.0 * 2.0 ** (2 * sum(reviews) - len(reviews))


def test_recall_of_an_impossible_time_is_refused():
    for days, half_life in ((-1, 7), (1, 0)):
        with pytest.raises(ValueError, match="half-life"):
            recall(days, half_life)


@pytest.mark.parametrize("change", [{"lapse": 0.95}, {"secure_p": 0.5}, {"p": 1.2}, {"scored": -1}])
def test_a_rule_that_contradicts_itself_is_refused(change):
    values = {name: getattr(RULE, name) for name in RULE.__dataclass_fields__}
    with pytest.raises(ValueError, match=r"need 0|negative"):
        MasteryRule(**{**values, **change})


def bank():
    rng = np.random.default_rng(20)
    made = [ItemParams("2PL", float(rng.lognormal(0.1, 0.2)), float(rng.normal(-0.5, 1.2))) for _ in range(200)]
    return made, Pool.build(made, [0] * 200, range(200), range(200))


def practise(theta, rng, made, pool, *, items=20):
    """Practise one skill as product section 1 says: whether Got it fell, and three in a row."""
    prior = Prior(0.6, 0.4)
    general, skill, allowed = prior_general(prior), prior_skill(prior), pool.mask()
    hard_right = streak = longest = 0
    got = False
    for n in range(1, items + 1):
        belief = marginal(general, skill)
        if n % 4 == 0:
            index = choose_probe(pool, cut=CUT, margin=RULE.hard_margin, allowed=allowed, rng=rng)
        else:
            index = choose(pool, [belief.mean], [belief.variance], allowed=allowed, target=0.75, rng=rng)
        allowed[index] = False
        right = bool(rng.random() < p_correct(theta, made[index]))
        general, skill = update(general, skill, made[index], float(right))
        hard_right += right and is_hard(made[index], CUT, RULE)
        streak = streak + 1 if right else 0
        longest = max(longest, streak)
        got = got or got_it(p_mastery(marginal(general, skill), CUT), n, hard_right, RULE)
    return got, longest >= 3


def rates(theta, seed):
    made, pool = bank()
    runs = [practise(theta, np.random.default_rng([seed, i]), made, pool) for i in range(400)]
    return np.mean(runs, axis=0)


def test_a_student_one_sd_below_the_cut_rarely_gets_it_though_three_in_a_row_come_easily():
    got, three_in_a_row = rates(CUT - 1.0, seed=1)
    assert got <= 0.02
    assert three_in_a_row >= 0.90


def test_a_student_one_sd_above_the_cut_mostly_gets_it_within_a_sitting():
    got, _ = rates(CUT + 1.0, seed=2)
    assert got >= 0.80
