"""The card for the next group reads as a teacher would say it."""

from dataclasses import replace

import pytest

from app.live.words import card_sentence
from models.readiness import Lesson, ReadinessRule, Student, decide

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
SKILLS = ("4.NF.A.1", "4.NF.B.3")
TITLES = {"4.NF.A.1": "Equivalent fractions", "4.NF.B.3": "Adding with like denominators"}
NAMES = {1: "Ana", 2: "Ben", 3: "Cy", 4: "Dee", 5: "Eli"}


def card(*chances, answers=None, rule=RULE, titles=TITLES):
    answers = answers or {}
    students = [
        Student(i, dict(zip(SKILLS, p, strict=True)), dict(zip(SKILLS, answers.get(i, (4, 4)), strict=True)))
        for i, p in enumerate(chances, start=1)
    ]
    return card_sentence(decide(students, Lesson(SKILLS), rule), NAMES, titles)


WORKED_EXAMPLE = [(0.97, 0.92), (0.88, 0.85), (0.31, 0.90), (0.22, 0.83), (0.62, 0.79)]


@pytest.mark.parametrize("title", ["Equivalent fractions", "equivalent fractions"])
def test_the_worked_example_reads_word_for_word(title):
    assert card(*WORKED_EXAMPLE, answers={5: (3, 2)}, titles={"4.NF.A.1": title}) == (
        "Likely 2 to 4 of 5 are ready. Pull Cy and Dee: equivalent fractions. "
        "Check Eli with two questions. Ana and Ben can start."
    )


def test_a_ready_group_is_told_to_go():
    assert card(*[(0.99, 0.99)] * 5) == "Likely 5 of 5 are ready. Go: start the lesson."


def test_a_group_that_lacks_one_skill_starts_with_it():
    assert card(*[(0.1, 0.9)] * 5) == ("Likely 0 to 1 of 5 are ready. Start with equivalent fractions for everyone.")


def test_too_little_evidence_names_the_students_and_how_many_answers_are_needed():
    assert card(*WORKED_EXAMPLE, answers={3: (0, 4), 4: (3, 4), 5: (3, 2)}) == (
        "Not enough evidence yet: we know 2 of 5 well enough. "
        "Needed: Cy four more answers, Dee one more answer, Eli three more answers. "
        "Two questions each are queued."
    )


def test_one_question_is_not_two():
    rule = replace(RULE, probes=1)
    assert "Check Eli with one question." in card(*WORKED_EXAMPLE, answers={5: (3, 2)}, rule=rule)


def test_three_names_are_a_list():
    said = card((0.99, 0.99), (0.99, 0.99), (0.3, 0.9), (0.2, 0.9), (0.1, 0.9))
    assert "Pull Cy, Dee and Eli: equivalent fractions." in said
    assert "Check" not in said


def test_a_split_without_anyone_to_pull_does_not_mention_a_table():
    assert card(*[(0.6, 0.9)] * 4) == ("Likely 1 to 4 of 4 are ready. Check Ana, Ben, Cy and Dee with two questions.")


def test_a_title_that_starts_with_an_abbreviation_keeps_it_and_a_skill_without_one_shows_its_code():
    said = card(*WORKED_EXAMPLE, titles={"4.NF.A.1": "LCD of fractions"})
    assert ": LCD of fractions." in said
    assert ": 4.NF.A.1." in card(*WORKED_EXAMPLE, titles={})


def test_a_student_without_a_name_is_an_error():
    with pytest.raises(KeyError):
        card(*WORKED_EXAMPLE, (0.2, 0.9))
