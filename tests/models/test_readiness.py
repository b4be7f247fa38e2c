"""The card for the next group decides as product section 3 says."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.readiness import (
    Lesson,
    Needed,
    ReadinessRule,
    Shared,
    Student,
    decide,
    joint_ready,
    poisson_binomial,
    shared_misconceptions,
)
from tests.models.strategies import numbers

RULE = ReadinessRule(
    answers=4,
    enough=0.60,
    share=0.80,
    go=0.80,
    start_with=0.20,
    gap=0.50,
    pull=0.35,
    skip=0.80,
    pull_most=6,
    hysteresis=0.05,
    lesson_weight=0.25,
    own_prerequisites=0.50,
    coverage=0.90,
    high=0.80,
    high_width=1,
    probes=2,
    misconception_students=2,
    misconception_share=0.40,
    misconception_times=2,
    misconception_window=6,
)
EQUIVALENT, ADDING = "4.NF.A.1", "4.NF.B.3"
LESSON = Lesson(needs=(EQUIVALENT, ADDING), prerequisites={ADDING: (EQUIVALENT,)})


def student(name, equivalent, adding=1.0, answers=(4, 4)):
    return Student(name, {EQUIVALENT: equivalent, ADDING: adding}, dict(zip(LESSON.needs, answers, strict=True)))


def group(*chances, known=None):
    """Students who are ready with these chances, the first `known` of them with enough evidence."""
    known = len(chances) if known is None else known
    return [student(i, p, answers=(4, 4) if i < known else (4, 1)) for i, p in enumerate(chances)]


WORKED_EXAMPLE = [
    student("Ana", 0.97, 0.92),
    student("Ben", 0.88, 0.85),
    student("Cy", 0.31, 0.90),
    student("Dee", 0.22, 0.83),
    student("Eli", 0.62, 0.79, answers=(3, 2)),
]


def test_the_worked_example_comes_out_to_the_digit():
    card = decide(WORKED_EXAMPLE, LESSON, RULE)
    assert card.r == {"Ana": 0.92, "Ben": 0.85, "Cy": 0.31, "Dee": 0.22, "Eli": 0.62}
    assert round(card.expected, 2) == 2.92
    assert (card.low, card.high, card.size) == (2, 4, 5)
    assert card.enough_ready == 4
    assert round(card.p_ready, 2) == 0.25
    assert card.evidence == 0.80
    assert {skill: round(gap, 2) for skill, gap in card.gaps.items()} == {EQUIVALENT: 0.40, ADDING: 0.14}
    assert (card.decision, card.confidence) == ("split", "Medium")
    assert card.focus == EQUIVALENT
    assert card.start_with is None
    assert (card.pull, card.check, card.skip) == (("Cy", "Dee"), ("Eli",), ("Ana", "Ben"))
    assert card.needed == (Needed("Eli", EQUIVALENT, 1), Needed("Eli", ADDING, 2))


@given(st.lists(numbers(0, 1), max_size=8))
def test_the_number_ready_has_the_distribution_of_every_outcome_counted(chances):
    by_hand = np.zeros(len(chances) + 1)
    for outcome in product([0, 1], repeat=len(chances)):
        by_hand[sum(outcome)] += np.prod([r if ready else 1 - r for r, ready in zip(chances, outcome, strict=True)])
    np.testing.assert_allclose(poisson_binomial(chances), by_hand, atol=1e-12)


def test_a_chance_above_one_is_refused():
    with pytest.raises(ValueError, match=r"\[0, 1\]"):
        poisson_binomial([0.5, 1.1])


@given(st.lists(numbers(0, 1), min_size=1, max_size=12))
def test_the_range_holds_nine_tenths_and_no_narrower_one_does(chances):
    card, pmf = decide(group(*chances), LESSON, RULE), poisson_binomial(chances)
    width = card.high - card.low
    assert pmf[card.low : card.high + 1].sum() >= 0.9 - 1e-6
    narrower = [pmf[low : low + width].sum() for low in range(len(pmf) - width + 1)]
    assert max(narrower) < 0.9 + 1e-6


def test_a_joint_chance_is_used_instead_of_the_least_marginal_one():
    card = decide([replace(WORKED_EXAMPLE[0], r=0.5)], LESSON, RULE)
    assert card.r == {"Ana": 0.5}


def test_joint_draws_count_when_every_skill_is_above_its_own_cut():
    draws = [[0.5, 1.5], [0.5, 0.9], [-0.5, 2.0], [0.1, 1.1]]
    assert joint_ready(draws, [0.0, 1.0]) == 0.5


@pytest.mark.parametrize(
    ("students", "decision"),
    [
        (group(*[0.99] * 5, known=2), "not_enough"),
        (group(*[0.99] * 5, known=3), "go"),
        (group(*[0.95] * 5), "go"),
        (group(*[0.1] * 5), "start_with"),
        (group(0.95, 0.95, 0.95, 0.1, 0.1), "split"),
        (group(0.6, 0.6, 0.6, 0.6, 0.6), "split"),
    ],
)
def test_the_decisions_are_taken_in_order(students, decision):
    assert decide(students, LESSON, RULE).decision == decision


def test_a_low_chance_without_one_wide_gap_is_a_split():
    # each is held back by another skill, so no skill alone is missing in half the group
    students = [student("A", 0.1, 0.9), student("B", 0.9, 0.1)]
    card = decide(students, LESSON, replace(RULE, gap=0.55))
    assert card.p_ready < 0.2
    assert card.decision == "split"


# Five students of whom four must be ready: P(K >= 4) runs from 0 to 1 with their common chance.
@pytest.mark.parametrize(
    ("chance", "previous", "decision"),
    [
        (0.84, None, "go"),  # P = .82
        (0.84, "go", "go"),
        (0.84, "split", "split"),
        (0.87, "split", "go"),  # P = .87
        (0.81, None, "split"),  # P = .76
        (0.81, "go", "go"),
        (0.79, "go", "split"),  # P = .72
        (0.46, None, "start_with"),  # P = .14, gap .54
        (0.46, "split", "split"),  # a new decision has to be clear: gap .55
        (0.40, "split", "start_with"),  # P = .09, gap .60
        (0.52, None, "split"),  # P = .21
        (0.52, "start_with", "start_with"),
        (0.56, "start_with", "split"),  # P = .27
    ],
)
def test_a_standing_decision_is_left_only_when_the_evidence_is_clear(chance, previous, decision):
    assert decide(group(*[chance] * 5), LESSON, RULE, previous).decision == decision


@pytest.mark.parametrize(
    ("known", "previous", "decision"),
    [(12, None, "go"), (12, "go", "go"), (12, "not_enough", "not_enough"), (13, "not_enough", "go")],
)
def test_evidence_has_the_same_hysteresis(known, previous, decision):
    # 12 of 20 is .60 and 13 of 20 is .65: a binary fraction must not decide
    assert decide(group(*[0.99] * 20, known=known), LESSON, RULE, previous).decision == decision


@given(st.lists(numbers(0, 1), min_size=1, max_size=12), st.integers(0, 12))
def test_at_the_thresholds_the_decision_that_was_just_taken_stands(chances, known):
    students = group(*chances, known=known)
    first = decide(students, LESSON, RULE).decision
    assert decide(students, LESSON, RULE, first).decision == first


@given(st.lists(numbers(0, 1), min_size=1, max_size=12), st.integers(0, 12))
def test_a_split_gives_every_student_exactly_one_thing_to_do(chances, known):
    card = decide(group(*chances, known=known), LESSON, RULE)
    told = card.pull + card.skip + card.check
    assert sorted(told) == (sorted(card.r) if card.decision == "split" else [])
    assert len(card.pull) <= 6
    assert not {need.student for need in card.needed} & {*card.pull, *card.skip}


def test_the_table_seats_the_six_who_need_it_most_and_the_others_are_checked():
    chances = [0.30, 0.10, 0.20, 0.15, 0.25, 0.05, 0.12, *[0.97] * 13]
    card = decide(group(*chances), LESSON, RULE)
    assert card.decision == "split"
    assert card.pull == (1, 2, 3, 4, 5, 6)
    assert card.check == (0,)


def test_how_many_must_be_ready_is_rounded_up_but_not_past_a_whole_number():
    needed = {n: decide(group(*[0.5] * n), LESSON, RULE).enough_ready for n in (1, 4, 5, 6, 15, 35)}
    assert needed == {1: 1, 4: 4, 5: 4, 6: 5, 15: 12, 35: 28}
    # .56 x 25 is 14.000000000000002 in binary
    assert decide(group(*[0.5] * 25), LESSON, replace(RULE, share=0.56)).enough_ready == 14


def test_lessons_to_come_pull_the_focus_to_the_skill_they_need():
    students = [student("A", 0.6, 0.65), student("B", 0.6, 0.65)]
    assert decide(students, LESSON, RULE).focus == EQUIVALENT
    assert decide(students, replace(LESSON, upcoming={ADDING: 1}), RULE).focus == ADDING


def test_a_skill_whose_own_prerequisites_are_missing_is_not_the_focus():
    students = [student("A", 0.45, 0.1), student("B", 0.50, 0.1)]
    assert decide(students, LESSON, RULE).focus == EQUIVALENT
    assert decide(students, replace(LESSON, prerequisites={}), RULE).focus == ADDING


def test_prerequisites_outside_the_lesson_count_too():
    halves = "3.NF.A.1"
    students = [replace(s, p={**s.p, halves: 0.2}) for s in WORKED_EXAMPLE]
    lesson = replace(LESSON, prerequisites={EQUIVALENT: (halves,)})
    assert decide(students, lesson, RULE).focus == ADDING
    assert decide(students, replace(lesson, needs=(EQUIVALENT,)), RULE).focus is None


def test_start_with_names_a_skill_half_the_group_lacks():
    students = [student(i, 0.9, 0.2) for i in range(4)]
    card = decide(students, LESSON, RULE)
    assert (card.decision, card.start_with) == ("start_with", ADDING)


@pytest.mark.parametrize(
    ("chances", "known", "confidence"),
    [([0.99] * 5, 5, "High"), ([0.99] * 5, 4, "High"), ([0.99] * 5, 3, "Medium"), ([0.5] * 5, 5, "Medium"),
     ([0.99] * 5, 2, "Low")],
)  # fmt: skip
def test_confidence_needs_evidence_and_a_narrow_range(chances, known, confidence):
    assert decide(group(*chances, known=known), LESSON, RULE).confidence == confidence


def test_a_student_without_any_answer_needs_all_of_them():
    card = decide([Student("Gus", {EQUIVALENT: 0.5, ADDING: 0.5}, {})], LESSON, RULE)
    assert card.needed == (Needed("Gus", EQUIVALENT, 4), Needed("Gus", ADDING, 4))


@pytest.mark.parametrize(
    ("students", "lesson", "said"),
    [
        ([], LESSON, "without students"),
        (WORKED_EXAMPLE, Lesson(()), "without prerequisites"),
        ([Student("A", {EQUIVALENT: 0.5}, {})], LESSON, ADDING),
        ([WORKED_EXAMPLE[0]] * 2, LESSON, "twice"),
    ],
)
def test_a_question_without_an_answer_is_refused(students, lesson, said):
    with pytest.raises(ValueError, match=said):
        decide(students, lesson, RULE)


@pytest.mark.parametrize("change", [{"go": 0.1}, {"skip": 0.2}, {"coverage": 1.0}, {"share": 0.0}])
def test_a_rule_that_contradicts_itself_is_refused(change):
    with pytest.raises(ValueError, match="need 0"):
        replace(RULE, **change)


TOPS, BIGGER = "add tops and bottoms", "bigger denominator is bigger"


def test_a_misconception_chosen_twice_by_two_of_five_is_shared():
    chosen = {
        "Cy": [TOPS, None, TOPS, BIGGER],
        "Dee": [TOPS, TOPS],
        "Eli": [TOPS, BIGGER, None],
        "Ana": [],
    }
    assert shared_misconceptions(chosen, 5, RULE) == (Shared(TOPS, ("Cy", "Dee")),)
    assert shared_misconceptions(chosen, 6, RULE) == ()


def test_only_the_last_six_chances_count():
    old = [TOPS, TOPS, None, None, None, None, TOPS]
    assert shared_misconceptions({"A": old, "B": old}, 2, RULE) == (Shared(TOPS, ("A", "B")),)
    older = [TOPS, TOPS, None, None, None, None, None, TOPS]
    assert shared_misconceptions({"A": older, "B": older}, 2, RULE) == ()


def test_one_student_alone_shares_nothing_and_the_most_common_comes_first():
    assert shared_misconceptions({"A": [TOPS] * 2}, 1, RULE) == ()
    chosen = {"A": [TOPS, TOPS, BIGGER, BIGGER], "B": [BIGGER] * 2, "C": [BIGGER, BIGGER, TOPS, TOPS]}
    assert [shared.misconception for shared in shared_misconceptions(chosen, 3, RULE)] == [BIGGER, TOPS]
