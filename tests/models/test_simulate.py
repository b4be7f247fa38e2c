"""Synthetic learners behave like a class."""

import numpy as np
import pytest

from models.ability import Prior
from models.irt import ItemParams, p_correct
from models.simulate import GUESS_SECONDS, TYPICAL_SECONDS, Learner, draw_class, learn, responds

SKILLS = ["4.NF.A.1", "4.NF.B.3"]
OPEN = ItemParams("2PL", 1.2, 0.3)


def learner(theta=0.0, **changes):
    plain = {"gain": 0.0, "guess": 0.0, "slowness": 0.0, "hint": 0.0, "idle": 0.0, "hand": 0.0}
    return Learner(theta, {"k": theta}, **{**plain, "misconceptions": frozenset(), **changes})


def answers(who, item=OPEN, n=4000, **options):
    rng = np.random.default_rng(4)
    return [responds(who, "k", item, rng, **options) for _ in range(n)]


def test_abilities_of_a_class_have_the_variances_of_the_tree():
    drawn = draw_class(8000, SKILLS, np.random.default_rng(1), prior=Prior(0.6, 0.4))
    abilities = np.array([[who.abilities[skill] for skill in SKILLS] for who in drawn])
    np.testing.assert_allclose(np.cov(abilities.T), [[1.0, 0.6], [0.6, 1.0]], atol=0.05)


def test_the_same_seed_draws_the_same_class():
    one, two = (draw_class(5, SKILLS, np.random.default_rng(9), misconceptions=["m"]) for _ in range(2))
    assert one == two
    assert len({who.general for who in one}) == 5


def test_able_learners_hold_fewer_misconceptions():
    drawn = draw_class(3000, SKILLS, np.random.default_rng(2), misconceptions=["m1", "m2"])
    able, others = ([w for w in drawn if (w.general > 0) is side] for side in (True, False))
    held = [np.mean([len(who.misconceptions) for who in half]) for half in (able, others)]
    assert held[0] < 0.75 * held[1]


@pytest.mark.parametrize("theta", [-1.0, 0.3, 1.5])
def test_a_careful_learner_answers_as_the_response_curve_says(theta):
    share = np.mean([answer.right for answer in answers(learner(theta))])
    assert share == pytest.approx(float(p_correct(theta, OPEN)), abs=0.025)


def test_a_guesser_is_fast_and_right_by_chance_only():
    guessed = answers(learner(3.0, guess=1.0), ItemParams("3PL", 1.0, 0.0, 0.25))
    assert np.mean([answer.right for answer in guessed]) == pytest.approx(0.25, abs=0.025)
    assert np.median([answer.seconds for answer in guessed]) == pytest.approx(GUESS_SECONDS, rel=0.1)
    assert not any(answer.hints for answer in guessed)


def test_slow_learners_and_hard_items_take_longer():
    at_level = np.median([answer.seconds for answer in answers(learner(OPEN.b))])
    slow = np.median([answer.seconds for answer in answers(learner(OPEN.b, slowness=0.5))])
    hard = np.median([answer.seconds for answer in answers(learner(OPEN.b - 2.0))])
    assert at_level == pytest.approx(TYPICAL_SECONDS, rel=0.05)
    assert slow > 1.5 * at_level
    assert hard > 1.2 * at_level


def test_hints_are_asked_for_on_hard_items_and_never_more_than_three():
    easy, hard = (sum(a.hints for a in answers(learner(theta, hint=0.5))) for theta in (3.0, -3.0))
    assert hard > 5 * easy
    assert max(answer.hints for answer in answers(learner(-3.0, hint=1.0))) == 3


def test_a_wrong_answer_shows_only_a_misconception_that_is_held_and_offered():
    holds = learner(-2.0, misconceptions=frozenset({"m1", "m2"}))
    shown = answers(holds, offered=["m1", "m3"])
    assert {answer.misconception for answer in shown if answer.right} == {None}
    assert {answer.misconception for answer in shown if not answer.right} == {None, "m1"}
    assert {answer.misconception for answer in answers(holds)} == {None}


def test_learning_moves_the_practised_skill_only_and_leaves_the_learner_as_was():
    [before] = draw_class(1, SKILLS, np.random.default_rng(3))
    after = learn(before, SKILLS[0])
    assert after.abilities[SKILLS[0]] == before.abilities[SKILLS[0]] + before.gain
    assert after.abilities[SKILLS[1]] == before.abilities[SKILLS[1]]
    assert before.gain > 0


def test_a_skill_the_learner_does_not_have_is_an_error():
    with pytest.raises(KeyError):
        responds(learner(), "elsewhere", OPEN, np.random.default_rng(1))
