"""A sitting keeps its mix of content, its company and its order."""

from itertools import groupby

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.balance import Enemies, areas_open, blocked, due, interleaved, next_area, next_pretest, without_families

SHARES = [0.4, 0.3, 0.2, 0.1]
OPEN = np.ones(4, dtype=bool)


@given(st.integers(1, 60), st.integers(0, 99))
@settings(max_examples=50)
def test_content_areas_are_never_an_item_or_more_from_their_share(length, seed):
    rng, served = np.random.default_rng(seed), np.zeros(4, dtype=int)
    for _ in range(length):
        served[next_area(served, SHARES, OPEN, rng)] += 1
    assert (np.abs(served - length * np.array(SHARES)) < 1.5).all()


def test_tests_do_not_all_open_with_the_same_area():
    rng = np.random.default_rng(1)
    assert {next_area([0, 0], [0.5, 0.5], np.ones(2, dtype=bool), rng) for _ in range(40)} == {0, 1}


def test_an_area_without_items_is_passed_over():
    area, allowed = np.array([0, 0, 1, 3]), np.array([False, False, True, True])
    still_open = areas_open(area, allowed, 4)
    assert still_open.tolist() == [False, True, False, True]
    assert next_area([0, 5, 0, 5], SHARES, still_open, np.random.default_rng(1)) == 1
    with pytest.raises(LookupError, match="no content area"):
        next_area([0] * 4, SHARES, ~OPEN, np.random.default_rng(1))
    with pytest.raises(ValueError, match="sum to one"):
        next_area([0] * 4, [0.5] * 4, OPEN, np.random.default_rng(1))


def test_enemies_do_not_meet_whichever_came_first():
    enemies = Enemies.build(5, [(0, 3), (3, 4)])
    assert enemies.mask([0]).tolist() == [True, True, True, False, True]
    assert enemies.mask([3]).tolist() == [False, True, True, True, False]
    assert enemies.mask([]).all()
    for pair in [(1, 1), (0, 5), (-1, 0)]:
        with pytest.raises(ValueError, match="no pair"):
            Enemies.build(5, [pair])


def test_of_a_family_only_one_is_served():
    family = np.array([0, 0, 1, 2, 2])
    assert without_families(family, [1, 3]).tolist() == [False, False, True, False, False]
    assert without_families(family, []).all()


@given(st.floats(0.0, 1.0), st.integers(1, 80), st.integers(0, 99))
@settings(max_examples=100)
def test_new_items_make_up_their_share_give_or_take_one(share, n, seed):
    rng, done = np.random.default_rng(seed), 0
    for of in range(n):
        done += due(done, of, share, rng)
        assert abs(done - share * (of + 1)) < 1.0 + 1e-9


def test_students_cannot_tell_which_place_holds_a_new_item():
    rng = np.random.default_rng(2)
    first = [next(of for of in range(10) if due(0, of, 0.2, rng)) for _ in range(300)]
    assert set(first) == {0, 1, 2, 3, 4}


def test_the_new_item_with_the_fewest_answers_is_seeded_next():
    answers, rng = np.zeros(6, dtype=int), np.random.default_rng(3)
    for _ in range(60):
        answers[next_pretest(answers, np.array([True] * 5 + [False]), rng)] += 1
    assert answers.tolist() == [12] * 5 + [0]
    with pytest.raises(LookupError, match="no new item"):
        next_pretest(answers, np.zeros(6, dtype=bool), rng)


def test_blocked_practice_finishes_one_skill_before_the_next():
    assert blocked([2, 1], 3) == [2, 2, 2, 1, 1, 1]


@given(st.integers(3, 40), st.integers(1, 4), st.integers(0, 99))
@settings(max_examples=100)
def test_a_new_skill_opens_with_three_in_a_row_and_never_has_a_fourth(n, n_others, seed):
    order = interleaved(0, list(range(1, n_others + 1)), n, np.random.default_rng(seed))
    assert order[:3] == [0, 0, 0]
    assert max(len(list(run)) for _, run in groupby(order)) <= 3


def test_about_three_in_ten_items_come_from_other_skills():
    rng = np.random.default_rng(4)
    mixed = [skill for _ in range(50) for skill in interleaved(0, [1, 2, 3], 43, rng)[3:]]
    assert np.mean([skill != 0 for skill in mixed]) == pytest.approx(0.3, abs=0.03)
    assert set(mixed) == {0, 1, 2, 3}


def test_without_other_skills_all_items_are_of_the_one():
    assert interleaved(7, [], 5, np.random.default_rng(1)) == [7] * 5


def test_an_order_that_contradicts_itself_is_refused():
    for main, options in [(1, {}), (0, {"opening": 4})]:
        with pytest.raises(ValueError, match="opening"):
            interleaved(main, [1, 2], 9, np.random.default_rng(1), **options)
    with pytest.raises(ValueError, match="share"):
        due(0, 0, 1.1, np.random.default_rng(1))
