"""No answer is lost and none counts twice: repeats, two tabs, two devices, late arrivals."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.practice.service.answering import AnswerGiven, answer_item
from app.practice.service.standing import check_abilities
from app.practice.service.steps import Step
from app.practice.tables import AnswerTable, ServingTable
from tests.app.practice.desk import HTMX, Desk
from tests.factories import sign_in_student

TIMES = 12


def together(desk: Desk, sendings: list[tuple[int, AnswerGiven]]) -> list[Step]:
    """Send answers from as many threads at the same moment."""
    barrier = Barrier(len(sendings))
    caller, policy = desk.school.student(desk.name), desk.parts.policy

    def send(serving: int, given: AnswerGiven) -> Step:
        barrier.wait(5)
        return desk.parts.writer.run(answer_item, caller, serving, given, policy)

    with ThreadPoolExecutor(len(sendings)) as threads:
        return [one.result(10) for one in [threads.submit(send, *sending) for sending in sendings]]


def still_exact(desk: Desk) -> bool:
    """Whether a replay of the answers gives the stored abilities."""
    checked = check_abilities(desk.session, desk.school.district_id, desk.parts.policy)
    return checked.different == ()


def test_an_answer_that_is_sent_again_gets_the_same_result_and_counts_once(desk: Desk) -> None:
    desk.begin()
    desk.wait(20)
    serving, right = desk.serving_id, desk.right()
    pages = [desk.send(right, "device-1", serving) for _ in range(3)]
    assert all("feedback-right" in page for page in pages)
    assert len(desk.answers()) == 1
    assert desk.sitting().answered == 1
    assert desk.progress("A.1").scored == 1


def test_a_repeat_of_a_miss_is_not_a_second_miss(desk: Desk) -> None:
    desk.begin()
    desk.wait(20)
    serving, wrong = desk.serving_id, desk.wrong()
    first = desk.send(wrong, "device-1", serving)
    again = desk.send(wrong, "device-1", serving)
    assert "feedback-not-yet" in first
    assert "feedback-not-yet" in again
    assert desk.stored(serving).closed_at is None
    assert len(desk.answers()) == 1


def test_a_repeat_is_answered_even_after_the_student_went_on(desk: Desk) -> None:
    desk.begin()
    desk.wait(20)
    serving, right = desk.serving_id, desk.right()
    desk.send(right, "device-1", serving)
    desk.next()
    served = len(desk.servings())
    assert "feedback-right" in desk.send(right, "device-1", serving)
    assert len(desk.servings()) == served


def test_many_sendings_of_one_answer_at_once_count_once(desk: Desk) -> None:
    desk.begin()
    desk.wait(20)
    given = AnswerGiven("device-1", desk.right())
    steps = together(desk, [(desk.serving_id, given)] * TIMES)
    assert {step.kind for step in steps} == {"right"}
    assert len(desk.answers()) == 1
    assert len(desk.servings()) == 2
    assert desk.sitting().answered == 1
    assert still_exact(desk)


@pytest.mark.parametrize("right", [True, False])
def test_two_devices_that_answer_one_question_at_once_give_one_first_answer(desk: Desk, right: bool) -> None:
    desk.begin()
    desk.wait(20)
    serving = desk.serving_id
    fields = desk.right() if right else desk.wrong()
    together(desk, [(serving, AnswerGiven(f"device-{n}", fields)) for n in range(TIMES)])
    answers = desk.answers()
    assert [one.score for one in answers].count(float(right)) == 1
    assert [one.score for one in answers].count(None) == len(answers) - 1
    sitting = desk.sitting()
    assert (sitting.answered, sitting.right) == (1, int(right))
    assert sitting.course["misses"] == {str(desk.school.skills["A.1"]): int(not right)}
    assert len(desk.servings()) == 2
    assert still_exact(desk)


def test_two_tabs_on_two_questions_at_once_lose_no_evidence(desk: Desk) -> None:
    for n in range(4):
        desk.begin() if n == 0 else desk.start()
        desk.read_on()
        first, right = desk.serving_id, desk.right()
        desk.move_on(n + 1)  # the bell rings with a question open
        desk.start()
        desk.read_on()
        second, also_right = desk.serving_id, desk.right()
        desk.wait(20)
        together(desk, [(first, AnswerGiven(f"a{n}", right)), (second, AnswerGiven(f"b{n}", also_right))])
        assert still_exact(desk)


def test_a_late_answer_to_a_question_that_another_tab_finished_is_kept_and_counts_for_nothing(desk: Desk) -> None:
    desk.begin()
    desk.wait(20)
    serving, right, wrong = desk.serving_id, desk.right(), desk.wrong()
    desk.send(right, "tab-1", serving)
    desk.send(wrong, "tab-2", serving)
    assert [(one.client_id, one.score) for one in desk.answers()] == [("tab-1", 1.0), ("tab-2", None)]
    assert desk.progress("A.1").scored == 1
    assert desk.sitting().answered == 1


def test_a_name_that_was_used_for_another_question_finds_out_nothing_about_this_one(desk: Desk) -> None:
    desk.begin()
    desk.wait(20)
    desk.send(desk.right(), "device-1")
    desk.next()
    desk.read_on()
    desk.wait(20)
    serving = desk.serving_id
    for fields in (desk.right(), desk.wrong()):
        page = desk.client.post(
            f"/servings/{serving}/answer", data={**fields, "client_id": "device-1"}, headers=HTMX
        ).text
        assert "feedback-right" not in page
        assert "feedback-not-yet" not in page
    assert len(desk.answers()) == 1
    assert desk.stored(serving).closed_at is None


def test_an_answer_without_a_name_is_taken_too(desk: Desk) -> None:
    desk.begin()
    desk.wait(20)
    answer = desk.client.post(f"/servings/{desk.serving_id}/answer", data=desk.right(), headers=HTMX)
    assert "feedback-right" in answer.text
    assert desk.answers()[0].client_id


@pytest.mark.parametrize("client_id", ["x" * 65, "x" * 5000])
def test_a_name_that_no_device_makes_is_refused(desk: Desk, client_id: str) -> None:
    desk.begin()
    answer = desk.client.post(
        f"/servings/{desk.serving_id}/answer", data={**desk.right(), "client_id": client_id}, headers=HTMX
    )
    assert answer.status_code == 400
    assert desk.answers() == []


def test_two_students_may_use_the_same_name(desk: Desk, neighbour: Desk) -> None:
    for one in (desk, neighbour):
        one.begin()
        one.wait(20)
        assert "feedback-right" in one.send(one.right(), "device-1")
    assert desk.session.scalar(select(func.count()).select_from(AnswerTable)) == 2


def test_an_answer_that_the_bell_overtook_counts_for_the_question_as_it_was_taken_up_again(desk: Desk) -> None:
    desk.begin()
    old, right = desk.serving_id, desk.right()
    desk.move_on(1)
    desk.start()
    taken_up = desk.serving_id
    assert taken_up != old
    desk.wait(20)
    desk.send(right, "kept-on-the-device", old)  # the device had no network when the bell rang
    (answer,) = desk.answers()
    assert (answer.serving_id, answer.score) == (taken_up, 1.0)
    assert desk.stored(taken_up).closed_at is not None
    desk.send(right, "kept-on-the-device", old)
    assert len(desk.answers()) == 1
    assert still_exact(desk)


def test_a_question_that_is_open_again_gives_nothing_away_at_its_old_address(desk: Desk) -> None:
    desk.begin()
    old, wrong = desk.serving_id, desk.wrong()
    desk.wait(20)
    desk.send(wrong, "device-1", old)
    desk.move_on(1)
    desk.start()
    taken_up = desk.serving_id
    page = desk.send(wrong, "device-1", old)  # the device asks again: what came of the first try?
    assert 'data-kind="solution"' not in page
    assert desk.stored(taken_up).closed_at is None
    assert len(desk.answers()) == 1


def test_a_hint_asked_for_at_the_old_address_opens_nothing_for_free(desk: Desk) -> None:
    desk.begin()
    old = desk.serving_id
    desk.move_on(1)
    desk.start()
    taken_up = desk.serving_id
    desk.wait(30)
    desk.client.post(f"/servings/{old}/hint", headers=HTMX)
    shown = desk.look().count("<li>")
    assert desk.stored(taken_up).hints == shown
    assert desk.stored(old).hints == 0


def test_pressing_start_twice_at_once_begins_one_sitting(desk: Desk, app: Flask) -> None:
    desk.begin()
    desk.move_on(1)
    clients = [app.test_client() for _ in range(4)]
    for client in clients:
        sign_in_student(client, desk.school)
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda client: client.post("/practice/start", headers=HTMX), clients))
    opened = {one.sitting_id for one in desk.servings()}
    assert len(opened) == 2
    open_ones = select(func.count()).where(ServingTable.closed_at.is_(None), ServingTable.shown_at.is_not(None))
    assert desk.session.scalar(open_ones) == 1
