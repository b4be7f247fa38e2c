"""Hints: at most three, the first one after ten seconds, and a hand that can be raised at any time."""

import re

import pytest
from sqlalchemy import select

from app.practice.tables import HintOpeningTable, StudentNowTable
from tests.app.practice.desk import HTMX, Desk, head, publish

THREE = (
    head("H.1")
    + """
# H.1

## help
answer: number
difficulty: 0
param a: 2..9

What is $[[a]]+1$?

### Answer
= a + 1

### Hints
1. First hint.
2. Second hint.
3. Third hint: [[a]] and one more.
"""
)


@pytest.fixture
def helped(desk: Desk) -> Desk:
    desk.school = publish(desk.parts, desk.school, THREE)
    desk.begin("H.1")
    return desk


def opened(desk: Desk) -> list[int]:
    numbers = select(HintOpeningTable.number).order_by(HintOpeningTable.id)
    return list(desk.session.execute(numbers).scalars())


@pytest.mark.parametrize("seconds", [0, 5, 9.5])
def test_the_first_hint_does_not_open_before_ten_seconds(helped: Desk, seconds: float) -> None:
    helped.wait(seconds)
    page = helped.hint()
    assert "First hint." not in page
    assert "Try it first. The hint opens soon." in page
    assert opened(helped) == []
    assert helped.serving.hints == 0


def test_the_page_says_when_the_first_hint_opens(helped: Desk) -> None:
    now, opens = (int(re.findall(rf'data-{name}-ms="(\d+)"', helped.page)[0]) for name in ("now", "opens-at"))
    assert 9_000 <= opens - now <= 10_000


def test_the_first_hint_opens_after_ten_seconds_and_the_others_at_once(helped: Desk) -> None:
    helped.wait(10)
    assert "First hint." in helped.hint()
    assert "Hint 2 of 3" in helped.page
    page = helped.hint()
    assert "Second hint." in page
    assert "Third hint" not in page
    assert "Third hint" in helped.hint()
    assert opened(helped) == [1, 2, 3]


def test_there_are_no_more_than_three_hints(helped: Desk) -> None:
    helped.wait(30)
    for _ in range(6):
        page = helped.hint()
    assert "of 3" not in page
    assert opened(helped) == [1, 2, 3]
    assert helped.serving.hints == 3


def test_hints_stay_open_when_the_page_is_loaded_again(helped: Desk) -> None:
    helped.wait(30)
    helped.hint()
    page = helped.look()
    assert "First hint." in page
    assert "Second hint." not in page


def test_what_was_typed_before_a_hint_is_not_lost(helped: Desk) -> None:
    helped.wait(30)
    assert 'value="12"' in helped.hint(number="12")


def test_a_hint_between_two_tries_does_not_change_what_the_first_was_worth(helped: Desk) -> None:
    helped.answer(right=False)
    helped.hint()
    helped.answer(right=True)
    assert [(one.score, one.hints) for one in helped.answers()] == [(0.0, 0), (None, 1)]


def test_a_closed_question_opens_no_hint(helped: Desk) -> None:
    serving = helped.serving_id
    helped.answer(right=True)
    helped.hint(serving)
    assert opened(helped) == []


def test_quick_hints_are_counted_for_the_board(helped: Desk) -> None:
    helped.wait(30)
    helped.hint()
    helped.wait(1)
    helped.hint()
    helped.wait(10)
    helped.hint()
    assert (helped.serving.hints, helped.serving.quick_hints) == (3, 1)


def hand_of(desk: Desk) -> object:
    return desk.session.scalar(
        select(StudentNowTable.hand_at).where(StudentNowTable.student_id == desk.school.students[desk.name])
    )


def test_a_hand_goes_up_and_down(desk: Desk) -> None:
    desk.begin()
    page = desk.client.post("/practice/hand", data={"up": "1"}, headers=HTMX).text
    assert "Hand is up" in page
    assert hand_of(desk) is not None
    page = desk.client.post("/practice/hand", data={"up": "0"}, headers=HTMX).text
    assert "Hand is up" not in page
    assert hand_of(desk) is None


def test_a_hand_that_is_up_keeps_the_time_it_went_up_and_survives_answers(desk: Desk) -> None:
    desk.begin()
    desk.client.post("/practice/hand", data={"up": "1"}, headers=HTMX)
    up = hand_of(desk)
    desk.wait(30)
    desk.client.post("/practice/hand", data={"up": "1"}, headers=HTMX)
    assert hand_of(desk) == up
    desk.answer(right=True)
    desk.next()
    assert "Hand is up" in desk.page
    assert hand_of(desk) == up


def test_raising_the_hand_loses_nothing_that_was_typed(desk: Desk) -> None:
    desk.school = publish(desk.parts, desk.school, THREE)
    desk.begin("H.1")
    page = desk.client.post("/practice/hand", data={"up": "1", "number": "12"}, headers=HTMX).text
    assert 'value="12"' in page


def test_a_hand_can_be_raised_before_the_first_item(desk: Desk) -> None:
    desk.sit_down()
    desk.client.post("/practice/hand", data={"up": "1"}, headers=HTMX)
    assert hand_of(desk) is not None


def test_one_childs_hand_is_not_another_childs(desk: Desk, neighbour: Desk) -> None:
    desk.begin()
    neighbour.begin()
    desk.client.post("/practice/hand", data={"up": "1"}, headers=HTMX)
    assert hand_of(neighbour) is None
