"""A lesson from the teacher's side: every button moves every screen, and only for one's own class."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from app.base import clock
from app.base.clock import from_ms
from app.base.errors import ConflictError
from app.base.services import Services
from app.practice.tables import AssignmentTable
from app.stations import queries
from app.stations.queries import Lesson
from app.stations.service import blocks
from app.stations.service.blocks import BlockSetup
from app.stations.tables import BlockEventTable, BlockTable
from tests.factories import School, sign_in_student, sign_in_teacher

HTMX = {"HX-Request": "true"}
NINE = datetime(2026, 3, 2, 9, tzinfo=UTC)


def later(seconds: float) -> datetime:
    return NINE + timedelta(seconds=seconds)


def begun(parts: Services, school: School, *, now: datetime = NINE, lesson: str = "B.1") -> int:
    """Start a lesson of 3 slots of 20 minutes with a minute to walk."""
    setup = BlockSetup(school.skills[lesson], 1200, 60, seed=5)
    return parts.writer.run(blocks.start_block, school.teacher(), school.class_id, setup, parts.policy, now=now)


def lesson_of(session: Session, school: School) -> Lesson:
    session.rollback()
    found = queries.lesson(session, school.district_id, school.class_id)
    assert found is not None
    return found


def timelines(session: Session, school: School) -> dict[int, list[dict]]:
    rows = session.execute(select(AssignmentTable.student_id, AssignmentTable.timeline))
    return {student: timeline for student, timeline in rows if student in school.students.values()}


def kinds(timeline: list[dict]) -> list[str]:
    return [entry["kind"] for entry in timeline]


def test_a_teacher_starts_a_lesson_and_every_student_has_a_way_through_it(
    client: FlaskClient, north: School, session: Session
) -> None:
    sign_in_teacher(client, north.teacher_email)
    url = f"/classes/{north.class_id}/block"
    page = client.get(url).text
    seed = re.search(r'name="seed" value="(\d+)"', page)
    assert seed is not None
    data = {"lesson": north.skills["B.1"], "slot_minutes": "15", "transition_seconds": "90", "seed": seed.group(1)}
    answer = client.post(f"{url}/start", data=data)
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/classes/{north.class_id}/board")
    ways = timelines(session, north)
    assert set(ways) == set(north.students.values())
    for way in ways.values():
        assert sorted(kinds(way)) == ["move", "move", "offline", "practice", "table"]
        assert all(one["to"] == two["from"] for one, two in pairwise(way))
        assert [entry["to"] - entry["from"] for entry in way] == [900_000, 90_000, 900_000, 90_000, 900_000]
    pictured = re.findall(r"</svg></span>(\w+)", page) or re.findall(r"</svg>\s*</span>\s*(\w+)", page)
    assert {group.name for group in lesson_of(session, north).groups} == set(pictured)


def test_in_each_slot_every_station_has_one_group(parts: Services, north: School, session: Session) -> None:
    begun(parts, north)
    ways = list(timelines(session, north).values())
    for slot in range(3):
        places = [entry["kind"] for way in ways for entry in way if entry["slot"] == slot and entry["kind"] != "move"]
        assert {kind: places.count(kind) for kind in places} == {"practice": 2, "table": 2, "offline": 2}


def test_what_the_lesson_needs_is_practised_before_the_table_and_the_lesson_after_it(
    parts: Services, north: School, session: Session
) -> None:
    begun(parts, north)
    need, other, own = (north.skills[code] for code in ("A.1", "A.2", "B.1"))
    for way in timelines(session, north).values():
        order = kinds(way)
        practised = next(entry["skills"] for entry in way if entry["kind"] == "practice")
        before = order.index("practice") < order.index("table")
        assert practised == ([need, other, own] if before else [own, need, other])


def test_rotate_moves_every_students_screen(client: FlaskClient, parts: Services, north: School) -> None:
    begun(parts, north, now=clock.now())
    sign_in_teacher(client, north.teacher_email)
    students = {name: client.application.test_client() for name in north.students}
    for name, browser in students.items():
        sign_in_student(browser, north, name)
    before = {name: stretch_of(browser) for name, browser in students.items()}
    client.post(f"/classes/{north.class_id}/block/rotate")
    after = {name: stretch_of(browser) for name, browser in students.items()}
    assert set(before.values()) == {"practice:0:Practice", "table:0:Teacher&#39;s table", "offline:0:Partner task"}
    assert set(after.values()) == {"move:1:Practice", "move:1:Teacher&#39;s table", "move:1:Partner task"}


def stretch_of(browser: FlaskClient) -> str:
    found = re.search(r'data-stretch="([^"]*)"', browser.get("/practice").text)
    assert found is not None
    return found.group(1)


@pytest.mark.parametrize(
    ("press", "ends"),
    [
        ([], 1200),
        ([(blocks.extend, 100, True)], 1260),
        ([(blocks.pause, 100, False), (blocks.resume, 160, False)], 1260),
        ([(blocks.rotate, 700, False)], 700),
        ([(blocks.rotate, 700, False), (blocks.undo, 710, True)], 1200),
    ],
)
def test_every_button_moves_the_bell_on_every_screen(
    parts: Services, north: School, session: Session, press: list[tuple[Callable[..., None], float, bool]], ends: int
) -> None:
    begun(parts, north)
    for command, seconds, with_policy in press:
        more = (parts.policy,) if with_policy else ()
        parts.writer.run(command, north.teacher(), north.class_id, *more, now=later(seconds))
    for way in timelines(session, north).values():
        assert from_ms(way[0]["to"]) == later(ends)
        assert from_ms(way[1]["to"]) == later(ends + 60)


def test_a_stopped_clock_leaves_every_screen_without_an_end(parts: Services, north: School, session: Session) -> None:
    begun(parts, north)
    parts.writer.run(blocks.pause, north.teacher(), north.class_id, now=later(1300))
    for way in timelines(session, north).values():
        assert [entry["to"] for entry in way][-1] is None
        assert [entry["slot"] for entry in way] == [0, 1, 1]
    assert set(session.execute(select(AssignmentTable.paused)).scalars()) == {True}


def test_undo_comes_too_late_after_ten_seconds(parts: Services, north: School, session: Session) -> None:
    begun(parts, north)
    parts.writer.run(blocks.rotate, north.teacher(), north.class_id, now=later(700))
    with pytest.raises(ConflictError, match="10 seconds"):
        parts.writer.run(blocks.undo, north.teacher(), north.class_id, parts.policy, now=later(710.1))
    assert lesson_of(session, north).clock.at(later(711)).state == "moving"


def test_a_button_that_does_not_fit_says_so(client: FlaskClient, north: School) -> None:
    sign_in_teacher(client, north.teacher_email)
    answer = client.post(f"/classes/{north.class_id}/block/pause")
    assert answer.status_code == 409
    assert "No lesson is running. Start one first." in answer.text


def test_ending_a_lesson_sends_everyone_home(
    client: FlaskClient, parts: Services, north: School, session: Session
) -> None:
    begun(parts, north, now=clock.now() - timedelta(minutes=5))
    sign_in_teacher(client, north.teacher_email)
    assert client.post(f"/classes/{north.class_id}/block/end").status_code == 303
    browser = client.application.test_client()
    sign_in_student(browser, north)
    assert "The lesson is over." in browser.get("/practice").text


def test_a_double_click_on_start_starts_one_lesson(parts: Services, north: School, session: Session) -> None:
    first = begun(parts, north)
    assert begun(parts, north, now=later(0.4)) == first
    assert session.scalar(select(func.count()).select_from(BlockTable)) == 1


def test_a_new_lesson_ends_the_one_that_still_runs(parts: Services, north: School, session: Session) -> None:
    first = begun(parts, north)
    second = begun(parts, north, now=later(300))
    assert second != first
    kinds = session.execute(
        select(BlockEventTable.kind).where(BlockEventTable.block_id == first).order_by(BlockEventTable.number)
    )
    assert list(kinds.scalars()) == ["start", "end"]
    assert set(session.execute(select(AssignmentTable.block_id)).scalars()) == {second}


def test_moving_the_clock_keeps_what_waits_to_be_served(parts: Services, north: School, session: Session) -> None:
    begun(parts, north)
    waiting = [{"skill": north.skills["A.1"], "purpose": "probe-queued", "target": 0.5}]
    parts.writer.run(_queue_for_all, waiting)
    parts.writer.run(blocks.extend, north.teacher(), north.class_id, parts.policy, now=later(60))
    assert all(one == waiting for one in session.execute(select(AssignmentTable.queued)).scalars())


def _queue_for_all(session: Session, waiting: list[dict], *, now: datetime, rng: object) -> None:
    session.execute(update(AssignmentTable).values(queued=waiting))


@pytest.mark.parametrize("name", ["start", "pause", "resume", "extend", "rotate", "undo", "end"])
def test_another_schools_lesson_is_not_found(
    client: FlaskClient, parts: Services, north: School, south: School, session: Session, name: str
) -> None:
    begun(parts, north)
    before = timelines(session, north)
    sign_in_teacher(client, south.teacher_email)
    assert client.post(f"/classes/{north.class_id}/block/{name}").status_code == 404
    assert client.get(f"/classes/{north.class_id}/block").status_code == 404
    assert timelines(session, north) == before


def test_another_teacher_of_the_school_does_not_touch_the_lesson_but_the_head_may(
    app: Flask, parts: Services, north: School
) -> None:
    begun(parts, north, now=clock.now())
    colleague, head = app.test_client(), app.test_client()
    sign_in_teacher(colleague, "t2@north.example")
    sign_in_teacher(head, north.admin_email)
    assert colleague.post(f"/classes/{north.class_id}/block/pause").status_code == 404
    assert head.post(f"/classes/{north.class_id}/block/pause").status_code == 303


def test_a_student_cannot_rotate(client: FlaskClient, parts: Services, north: School) -> None:
    begun(parts, north, now=clock.now())
    sign_in_student(client, north)
    assert client.post(f"/classes/{north.class_id}/block/rotate").status_code == 404


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("slot_minutes", "4", "whole number of minutes from 5 to 60"),
        ("slot_minutes", "many", "whole number of minutes from 5 to 60"),
        ("transition_seconds", "301", "whole number of seconds from 0 to 300"),
    ],
)
def test_a_length_that_cannot_be_used_is_named(
    client: FlaskClient, north: School, session: Session, field: str, value: str, sentence: str
) -> None:
    sign_in_teacher(client, north.teacher_email)
    answer = client.post(f"/classes/{north.class_id}/block/start", data={field: value})
    assert answer.status_code == 422
    assert sentence in answer.text
    assert session.scalar(select(func.count()).select_from(BlockTable)) == 0
