"""A sitting: it survives the bell, ends in time, and starts no item that cannot be finished."""

import pytest
from sqlalchemy import select

from app.practice.tables import ItemTimesTable, StudentNowTable
from tests.app.practice.desk import HTMX, Desk
from tests.factories import assign, sign_in_student

HOUR = 3600


def test_a_new_skill_opens_with_its_worked_example_and_three_items_in_a_row(desk: Desk) -> None:
    desk.sit_down("A.1", "A.2")
    assert desk.kind == "example"
    assert "Worked example of A.1" in desk.page
    assert "/answer" not in desk.page
    desk.next()
    for _ in range(3):
        assert desk.kind == "question"
        desk.answer(right=True)
        desk.next()
    skills = [one.skill_id for one in desk.servings()]
    assert skills[:3] == [desk.school.skills["A.1"]] * 3


def test_the_worked_example_is_shown_again_when_the_page_is_loaded_again(desk: Desk) -> None:
    desk.sit_down()
    desk.look()
    assert desk.kind == "example"
    desk.next()
    desk.look()
    assert desk.kind == "question"


def test_what_the_bell_interrupts_is_resumed_the_same_item_with_the_same_numbers(desk: Desk) -> None:
    desk.begin()
    before = desk.serving
    desk.move_on(1)
    assert 'data-kind="start"' in desk.look()
    desk.start()
    after = desk.serving
    assert after.id != before.id
    assert (after.version_id, after.seed, after.set_id) == (before.version_id, before.seed, before.set_id)
    assert after.purpose == "resumed"
    assert desk.stored(before.id).closed_at is not None
    assert desk.sitting().id == after.sitting_id != before.sitting_id


def test_a_question_is_resumed_with_its_tries_and_hints(desk: Desk) -> None:
    desk.begin()
    desk.wait(20)
    desk.hint()
    desk.answer(right=False)
    desk.move_on(1)
    desk.start()
    assert "Hint 1" in desk.page
    resumed = desk.serving
    assert (resumed.hints, len(resumed.tried), resumed.tries) == (1, 1, 1)
    desk.answer(right=False)
    assert desk.kind == "solution"
    assert [one.score for one in desk.answers()] == [0.0, None]


@pytest.mark.parametrize(("hours", "resumed"), [(23.9, True), (24.1, False)])
def test_what_was_unfinished_is_resumed_for_a_day(desk: Desk, hours: float, resumed: bool) -> None:
    desk.begin()
    before = desk.serving
    desk.wait(hours * HOUR)
    sign_in_student(desk.client, desk.school)
    desk.move_on(1)
    desk.start()
    desk.read_on()
    after = desk.serving
    assert (after.purpose == "resumed") is resumed
    assert ((after.version_id, after.seed) == (before.version_id, before.seed)) is resumed


def test_a_question_that_was_never_shown_is_not_resumed(desk: Desk) -> None:
    desk.begin()
    desk.answer(right=True)  # the next one is chosen, and not shown yet
    desk.move_on(1)
    desk.start()
    desk.read_on()
    assert desk.serving.purpose != "resumed"


def test_a_sitting_goes_on_where_it_was_when_the_page_is_loaded_again(desk: Desk) -> None:
    desk.begin()
    serving = desk.serving_id
    desk.look()
    assert desk.serving_id == serving
    desk.answer(right=True)
    assert 'data-kind="right"' in desk.look()
    desk.start()
    assert desk.serving_id != serving
    assert len({one.sitting_id for one in desk.servings()}) == 1


def test_no_item_is_begun_when_less_than_its_usual_time_is_left(desk: Desk) -> None:
    desk.begin(minutes=2)  # assigned a minute ago
    desk.answer(right=True, after=35)  # 25 seconds are left; an item takes 30 while nobody knows better
    before = len(desk.servings())
    desk.next()
    assert desk.kind == "done"
    assert "You did 1 question here." in desk.page
    assert len(desk.servings()) == before


def test_an_item_that_was_chosen_in_time_is_not_begun_too_late(desk: Desk) -> None:
    desk.begin(minutes=3)
    desk.answer(right=True, after=20)
    desk.wait(80)  # reads the feedback for long
    desk.next()
    assert desk.kind == "done"


def test_an_item_known_to_be_short_is_still_begun(desk: Desk) -> None:
    desk.begin(minutes=2)
    desk.parts.writer.run(_all_take, desk.school.district_id, 10.0)
    desk.answer(right=True, after=35)
    desk.next()
    assert desk.kind == "question"


def test_an_item_known_to_be_long_is_not_begun(desk: Desk) -> None:
    desk.begin(minutes=9)
    desk.parts.writer.run(_all_take, desk.school.district_id, 450.0)
    desk.answer(right=True, after=40)
    desk.next()
    assert desk.kind == "done"


def _all_take(session: object, district_id: int, seconds: float, *, now: object, rng: object) -> None:
    from app.bank.tables import ItemTable

    for item in session.execute(select(ItemTable.id).where(ItemTable.district_id == district_id)).scalars():
        session.merge(
            ItemTimesTable(district_id=district_id, item_id=item, n=50, mean_s=seconds, median_s=seconds, p90_s=seconds)
        )


def test_what_was_resumed_may_be_gone_on_with_to_the_last_second(desk: Desk) -> None:
    desk.begin()
    before = desk.serving
    desk.move_on(1, minutes=0.3)
    desk.start()
    assert desk.serving.version_id == before.version_id


def test_an_answer_that_comes_after_the_bell_still_counts(desk: Desk) -> None:
    desk.begin()
    serving, right = desk.serving_id, desk.right()
    desk.wait(20)
    desk.move_on(1, kind="table")
    desk.send(right, "late", serving)
    assert desk.answers()[0].score == 1.0
    desk.look()
    assert desk.kind == "table"
    assert "/answer" not in desk.page


@pytest.mark.parametrize(
    ("kind", "card", "words"),
    [
        ("table", "table", "Go to the teacher"),
        ("offline", "wait", "paper task"),
        ("move", "wait", "Walk to your next station."),
    ],
)
def test_elsewhere_in_the_lesson_no_item_is_served(desk: Desk, kind: str, card: str, words: str) -> None:
    desk.begin()
    desk.move_on(1, kind=kind)
    for show in (desk.look, desk.start, desk.next):
        page = show()
        assert desk.kind == card
        assert words in page
        assert "/answer" not in page


def test_before_and_after_the_lesson_the_student_waits(desk: Desk) -> None:
    sign_in_student(desk.client, desk.school)
    assert "Your teacher has not started yet." in desk.look()
    assert desk.start()
    assert desk.kind == "wait"
    assign(desk.parts, desk.school, ("Ana",), minutes=5)
    desk.wait(5 * 60)
    assert "The lesson is over. Well done today!" in desk.look()
    assert desk.start()
    assert desk.kind == "wait"
    assert desk.servings() == []


def test_the_heartbeat_tells_the_page_that_the_lesson_moved_on(desk: Desk) -> None:
    desk.begin()

    def beat(stretch: str) -> bool:
        said = desk.client.post("/practice/heartbeat", data={"stretch": stretch}).get_json()
        return bool(said["changed"])

    assert not beat("practice:0:Practice")
    desk.move_on(1, kind="table")
    assert beat("practice:0:Practice")
    assert not beat("table:1:Table")


def now_row(desk: Desk) -> StudentNowTable:
    desk.session.expire_all()
    return desk.session.execute(
        select(StudentNowTable).where(StudentNowTable.student_id == desk.school.students[desk.name])
    ).scalar_one()


def test_a_heartbeat_without_input_keeps_the_page_there_and_not_the_child(desk: Desk) -> None:
    desk.begin()
    started = now_row(desk).input_at
    desk.wait(10)
    desk.client.post("/practice/heartbeat", data={"input": "0"})
    idle = now_row(desk)
    assert idle.input_at == started
    assert idle.seen_at > started
    desk.wait(10)
    desk.client.post("/practice/heartbeat", data={"input": "1"})
    assert now_row(desk).input_at > started


def test_a_child_in_two_classes_is_seen_in_the_one_that_has_them_now(desk: Desk) -> None:
    from dataclasses import replace

    desk.begin()
    second = replace(desk.school, class_id=desk.school.other_class_id)
    assign(desk.parts, second, ("Ana",))
    desk.client.post("/practice/hand", data={"up": "1"}, headers=HTMX)
    hands = select(StudentNowTable.class_id).where(StudentNowTable.hand_at.is_not(None))
    assert desk.session.execute(hands).scalars().all() == [second.class_id]
    desk.client.post("/practice/heartbeat")
    desk.start()
    rows = dict(desk.session.execute(select(StudentNowTable.class_id, StudentNowTable.hand_at)).all())
    assert rows[second.class_id] is not None
    assert rows[desk.school.class_id] is None


def test_queued_items_come_first_and_leave_the_queue(desk: Desk) -> None:
    b1, a2 = desk.school.skills["B.1"], desk.school.skills["A.2"]
    assign(desk.parts, desk.school, ("Ana",), ("A.1",))
    desk.queue(
        {"skill": b1, "purpose": "probe-queued", "target": 0.6},
        {"skill": a2, "purpose": "check", "target": 0.8},
        {"skill": b1, "purpose": "opener", "target": 0.8},
    )
    sign_in_student(desk.client, desk.school)
    desk.start()
    for _ in range(4):
        desk.read_on()
        desk.do(right=True)
    served = [(one.skill_id, one.purpose) for one in desk.servings()]
    assert served[:3] == [(b1, "probe-queued"), (a2, "check"), (b1, "opener")]
    assert served[3][1] in ("core", "probe")


def test_a_queued_skill_that_the_bank_does_not_have_holds_nothing_up(desk: Desk) -> None:
    b1 = desk.school.skills["B.1"]
    assign(desk.parts, desk.school, ("Ana",), ("A.1",))
    desk.queue({"skill": 5, "purpose": "check", "target": 0.8}, {"skill": b1, "purpose": "probe-queued", "target": 0.6})
    sign_in_student(desk.client, desk.school)
    desk.start()
    desk.read_on()
    assert (desk.serving.skill_id, desk.serving.purpose) == (b1, "probe-queued")
    desk.do(right=True)
    assert desk.serving.purpose == "core"


def test_a_queued_item_that_the_bell_overtook_is_served_next_time(desk: Desk) -> None:
    desk.begin()
    b1 = desk.school.skills["B.1"]
    desk.queue({"skill": b1, "purpose": "probe-queued", "target": 0.6})
    desk.answer(right=True)  # the queued item is chosen now, and the bell rings before it is shown
    desk.move_on(1)
    desk.start()
    desk.read_on()
    assert (desk.serving.skill_id, desk.serving.purpose) == (b1, "probe-queued")


def test_a_sitting_outside_a_lesson_ends_after_twenty_minutes_of_items(desk: Desk) -> None:
    desk.begin()
    assert (desk.sitting().ends_at - desk.sitting().started_at).total_seconds() == pytest.approx(59 * 60, abs=5)
