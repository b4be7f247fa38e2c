"""What an answer is worth: the first one counts, and everything is stored."""

import pytest
from sqlalchemy import func, select

from app.practice.tables import ItemTimesTable
from tests.app.practice.desk import Desk, head, publish

FORM = (
    head("F.1")
    + """
# F.1

## halve
answer: fraction
form: simplest
difficulty: 0
param a: 2..9
where: a % 2 == 1

What is $[[frac(1, a)]] \\cdot [[frac(2, 4)]]$?

### Answer
= 1 / (2 * a)

### Solution
Half of it.
"""
)


def test_right_without_help_is_one(desk: Desk) -> None:
    desk.begin()
    assert "feedback-right" in desk.answer(right=True)
    (answer,) = desk.answers()
    assert (answer.status, answer.score, answer.hints, answer.fast) == ("right", 1.0, 0, False)
    assert desk.progress("A.1").scored == 1


def test_not_right_is_zero(desk: Desk) -> None:
    desk.begin()
    assert "feedback-not-yet" in desk.answer(right=False)
    (answer,) = desk.answers()
    assert (answer.status, answer.score, answer.attempt) == ("wrong", 0.0, 1)
    assert desk.progress("A.1").scored == 1


def test_a_second_try_is_stored_and_worth_nothing(desk: Desk) -> None:
    desk.begin()
    desk.answer(right=False)
    before = desk.progress("A.1").p
    assert "feedback-right" in desk.answer(right=True)
    first, second = desk.answers()
    assert (first.score, second.score) == (0.0, None)
    assert (second.status, second.attempt) == ("right", 2)
    assert desk.progress("A.1").scored == 1
    assert desk.progress("A.1").p == before


@pytest.mark.parametrize("right", [True, False])
def test_after_a_hint_it_is_zero_and_no_unaided_evidence(desk: Desk, right: bool) -> None:
    desk.begin()
    desk.wait(15)
    assert "Hint 1" in desk.hint()
    desk.answer(right=right)
    (answer,) = desk.answers()
    assert (answer.score, answer.hints, answer.fast) == (0.0, 1, False)
    progress = desk.progress("A.1")
    assert (progress.scored, progress.hard_right, progress.evidence_at) == (1, 0, [])


@pytest.mark.parametrize(("after", "fast"), [(0.5, True), (2.9, True), (3.1, False)])
def test_too_fast_to_have_been_read_is_stored_and_not_scored(desk: Desk, after: float, fast: bool) -> None:
    desk.begin()
    desk.answer(right=True, after=after)
    (answer,) = desk.answers()
    assert answer.fast is fast
    assert answer.score == (None if fast else 1.0)
    assert answer.elapsed_ms == pytest.approx(after * 1000, abs=400)
    assert (desk.progress("A.1") is None) is fast
    assert desk.sitting().answered == 1


def test_when_times_are_known_the_limit_is_a_tenth_of_the_mean_and_at_most_ten_seconds(desk: Desk) -> None:
    desk.begin()
    item = desk.serving.item_id
    times = {"district_id": desk.school.district_id, "item_id": item, "n": 30, "median_s": 60.0, "p90_s": 90.0}
    desk.parts.writer.run(_set_times, {**times, "mean_s": 60.0})
    desk.answer(right=True, after=5)  # under a tenth of a minute
    desk.next()
    desk.read_on()
    times["item_id"] = desk.serving.item_id
    desk.parts.writer.run(_set_times, {**times, "mean_s": 500.0})
    desk.answer(right=True, after=11)  # above ten seconds
    assert [answer.fast for answer in desk.answers()] == [True, False]


def _set_times(session: object, row: dict[str, object], *, now: object, rng: object) -> None:
    session.merge(ItemTimesTable(**row))


def test_a_guess_that_was_too_fast_gives_no_second_first_answer(desk: Desk) -> None:
    desk.begin()
    desk.answer(right=False, after=0.5)
    desk.answer(right=True)
    first, second = desk.answers()
    assert (first.fast, first.score) == (True, None)
    assert (second.fast, second.score) == (False, None)
    assert desk.progress("A.1") is None


def test_too_fast_answers_do_not_move_the_items_times(desk: Desk) -> None:
    desk.begin()
    item = desk.serving.item_id
    desk.answer(right=True, after=0.5)
    times = select(ItemTimesTable.n).where(ItemTimesTable.item_id == item)
    assert desk.session.scalar(times) is None


def test_an_answers_time_is_counted_from_when_the_question_was_shown(desk: Desk) -> None:
    desk.sit_down()
    assert desk.kind == "example"
    desk.wait(120)  # reading the worked example is no thinking about the question
    desk.next()
    desk.answer(right=True, after=30)
    assert desk.answers()[0].elapsed_ms == pytest.approx(30_000, abs=500)
    desk.wait(60)  # reading the feedback is none either
    desk.next()
    desk.answer(right=True, after=12)
    assert desk.answers()[1].elapsed_ms == pytest.approx(12_000, abs=500)


@pytest.mark.parametrize(
    ("typed", "status"),
    [
        ({}, "unreadable"),
        ({"number": "", "top": "", "bottom": ""}, "unreadable"),
        ({"number": "banana", "top": "one", "bottom": "half", "option": "first"}, "unreadable"),
        ({"number": "1/0", "top": "1", "bottom": "0", "option": "99"}, "unreadable"),
        ({"number": "9" * 390, "top": "9" * 390, "bottom": "x", "option": "9" * 390}, "unreadable"),
    ],
)
def test_what_cannot_be_read_is_stored_and_is_neither_scored_nor_a_miss(
    desk: Desk, typed: dict[str, str], status: str
) -> None:
    desk.begin()
    desk.wait(20)
    serving = desk.serving_id
    page = desk.send(typed)
    assert desk.kind == "question"
    assert "Not yet" not in page
    for _ in range(3):
        desk.send(typed)
    answers = desk.answers()
    assert [(one.status, one.score, one.attempt) for one in answers] == [(status, None, n) for n in (1, 2, 3, 4)]
    stored = desk.stored(serving)
    assert (stored.closed_at, stored.tried) == (None, [])
    assert desk.sitting().answered == 0
    desk.answer(right=True)
    assert desk.answers()[-1].score == 1.0


def test_the_right_value_in_another_form_gets_another_go_and_is_no_miss(desk: Desk) -> None:
    desk.school = publish(desk.parts, desk.school, FORM)
    desk.begin("F.1")
    right = desk.right()
    desk.wait(20)
    page = desk.send({"top": str(2 * int(right["top"])), "bottom": str(2 * int(right["bottom"]))})
    assert "Right value. Now make it simpler." in page
    assert desk.kind == "question"
    assert "feedback-right" in desk.answer(right=True)
    assert [(one.status, one.score) for one in desk.answers()] == [("reform", None), ("right", 1.0)]
    assert desk.progress("F.1").scored == 1


def test_nothing_is_ever_overwritten(desk: Desk) -> None:
    desk.begin()
    desk.answer(right=False)
    before = [columns(answer) for answer in desk.answers()]
    desk.answer(right=False)
    desk.next()
    desk.read_on()
    desk.answer(right=True)
    assert [columns(answer) for answer in desk.answers()][:1] == before
    assert len(desk.answers()) == 3


def columns(answer: object) -> dict[str, object]:
    """All columns of a stored row."""
    return {column.name: getattr(answer, column.name) for column in answer.__table__.columns}


def test_what_was_typed_is_stored_as_it_was_typed(desk: Desk) -> None:
    desk.begin()
    desk.wait(20)
    typed = {"number": " 1 / 2 ", "top": " 07", "bottom": "+3", "option": "x", "extra": "<b>ä</b>"}
    desk.send(typed)
    assert desk.answers()[0].given == typed


def test_the_sitting_counts_first_answers(desk: Desk) -> None:
    desk.begin()
    for right in (True, False, True):
        desk.do(right=right)
    sitting = desk.sitting()
    assert (sitting.answered, sitting.right) == (3, 2)


def test_each_answer_names_the_policy_it_was_judged_by(desk: Desk) -> None:
    desk.begin()
    desk.answer(right=True)
    assert desk.answers()[0].policy_hash == desk.parts.policy.hash


def test_two_students_on_one_item_have_times_in_common(desk: Desk, neighbour: Desk) -> None:
    single = (
        head("A.1")
        + "\n# A.1\n\n## one\nanswer: number\ndifficulty: 0\nparam a: 1..9\n\nType [[a]].\n\n### Answer\n= a\n"
    )
    desk.school = neighbour.school = publish(desk.parts, desk.school, single)
    for one, seconds in ((desk, 10), (neighbour, 30)):
        one.begin()
        one.answer(right=True, after=seconds)
    n, mean = desk.session.execute(select(ItemTimesTable.n, ItemTimesTable.mean_s)).one()
    assert n == 2
    assert mean == pytest.approx(20, abs=1)
    assert desk.session.scalar(select(func.count()).select_from(ItemTimesTable)) == 1
