"""The teacher's board: who is where, who needs help, what the stream says and when."""

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from app.base.services import Services
from tests.factories import School, sign_in_student, sign_in_teacher
from tests.learner import fields_of, serving_in

HTMX = {"HX-Request": "true"}


def begin_lesson(client: FlaskClient, school: School) -> str:
    """Sign the teacher in and start a lesson on B.1, ten minutes a station; gives the board's page."""
    sign_in_teacher(client, school.teacher_email)
    started = client.post(
        f"/classes/{school.class_id}/block/start",
        data={"lesson": str(school.skills["B.1"]), "slot_minutes": "10", "transition_seconds": "60"},
    )
    assert started.status_code == 303, started.text
    return client.get(f"/classes/{school.class_id}/board").text


def practising(app: Flask, school: School) -> tuple[str, FlaskClient, str]:
    """Find a student whose group is at the practice station; gives name, client and the first question's page."""
    for name in school.students:
        pupil = app.test_client()
        sign_in_student(pupil, school, name)
        page = pupil.post("/practice/start", headers=HTMX).text
        if "Now you try" in page:
            return name, pupil, pupil.post("/practice/next", headers=HTMX).text
    raise AssertionError("nobody is at the practice station")


def test_an_empty_class_shows_its_code(client: FlaskClient, north: School) -> None:
    sign_in_teacher(client, north.teacher_email)
    page = client.get(f"/classes/{north.class_id}/board").text
    assert "No one has joined yet" in page
    assert north.code in page


def test_the_board_shows_every_student_at_a_station(client: FlaskClient, north: School) -> None:
    page = begin_lesson(client, north)
    for name, student in north.students.items():
        assert f'id="tile-{student}"' in page
        assert name in page
    assert "Slot 1 of 3" in page


def test_a_raised_hand_comes_first_and_can_be_lowered(app: Flask, client: FlaskClient, north: School) -> None:
    begin_lesson(client, north)
    name, pupil, _ = practising(app, north)
    pupil.post("/practice/hand", data={"up": "1"}, headers=HTMX)
    fragment = client.get(f"/classes/{north.class_id}/board/fragment").text
    assert f'id="alert-{north.students[name]}"' in fragment
    client.post(f"/classes/{north.class_id}/students/{north.students[name]}/lower-hand", headers=HTMX)
    assert "alert-" + str(north.students[name]) not in client.get(f"/classes/{north.class_id}/board/fragment").text


def test_the_stream_sends_the_board_at_once_and_again_after_an_answer(
    app: Flask, client: FlaskClient, parts: Services, north: School, session: Session
) -> None:
    begin_lesson(client, north)
    _name, pupil, page = practising(app, north)
    stream = client.get(f"/classes/{north.class_id}/stream")
    assert stream.mimetype == "text/event-stream"
    assert stream.headers["X-Accel-Buffering"] == "no"
    events = iter(stream.response)
    assert "event: board" in str(next(events))
    serving = serving_in(page)
    pupil.post(
        f"/servings/{serving}/answer", data={**fields_of(session, serving, right=True), "client_id": "a"}, headers=HTMX
    )
    second = next(events)
    assert "event: board" in str(second)
    assert "of 1" in str(second)
    parts.hub.close()
    stream.close()


def test_a_drawer_tells_why_and_what_was_answered(
    app: Flask, client: FlaskClient, north: School, session: Session
) -> None:
    begin_lesson(client, north)
    name, pupil, page = practising(app, north)
    serving = serving_in(page)
    pupil.post(
        f"/servings/{serving}/answer", data={**fields_of(session, serving, right=False), "client_id": "a"}, headers=HTMX
    )
    drawer = client.get(f"/classes/{north.class_id}/students/{north.students[name]}", headers=HTMX).text
    assert name in drawer
    assert "Not scored" in drawer or "Not right" in drawer


def test_another_teachers_class_and_another_district_are_not_found(
    client: FlaskClient, north: School, south: School
) -> None:
    sign_in_teacher(client, north.teacher_email)
    for class_id in (north.other_class_id, south.class_id, 1):
        for path in ("board", "board/fragment", "stream", "students/1", "block"):
            assert client.get(f"/classes/{class_id}/{path}").status_code == 404, path
        for path in ("block/rotate", "block/pause", "students/1/visited", "students/1/lower-hand"):
            assert client.post(f"/classes/{class_id}/{path}").status_code == 404, path
