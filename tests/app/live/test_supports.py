"""The teacher gives a student supports; nobody else can, and no other student gets them."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.rostering.queries import students_of
from app.rostering.tables import SupportTable
from tests.app.live.test_board import HTMX, begin_lesson
from tests.factories import School, sign_in_student, sign_in_teacher


def give(client: FlaskClient, school: School, name: str = "Ana", **given: str) -> str:
    """Fill in the form on a student's page; returns what comes back."""
    address = f"/classes/{school.class_id}/students/{school.students[name]}/supports"
    return client.post(address, data=given, headers=HTMX).text


def stored(session: Session) -> dict[int, tuple[dict[str, object], int | None]]:
    rows = session.execute(select(SupportTable.student_id, SupportTable.given, SupportTable.given_by)).all()
    return {student: (given, by) for student, given, by in rows}


def test_a_teacher_gives_supports_and_takes_them_away(client: FlaskClient, north: School, session: Session) -> None:
    sign_in_teacher(client, north.teacher_email)
    page = give(client, north, large_print="1", calculator="1", extra_time="1.5")
    assert "Supports saved. Ana has them from the next card." in page
    assert 'name="large_print" value="1"' in " ".join(page.split())
    assert stored(session) == {
        north.students["Ana"]: ({"large_print": True, "calculator": True, "extra_time": 1.5}, north.teacher_id)
    }
    listed = client.get(f"/classes/{north.class_id}/students").text
    assert "Calculator, Large print, Extra time: 1.5 times as long" in listed
    assert listed.count("None</td>") == len(north.students) - 1
    give(client, north)
    assert stored(session)[north.students["Ana"]][0] == {}


@pytest.mark.parametrize("wrong", [{"extra_time": "9"}, {"extra_time": "x"}, {"translation": "tlh"}])
def test_a_value_that_the_form_does_not_offer_is_refused(
    client: FlaskClient, north: School, session: Session, wrong: dict[str, str]
) -> None:
    sign_in_teacher(client, north.teacher_email)
    assert "out of date" in give(client, north, **wrong)
    assert stored(session) == {}


def test_another_teachers_student_another_schools_and_a_student_get_nothing(
    app: Flask, client: FlaskClient, north: School, south: School, session: Session
) -> None:
    sign_in_teacher(client, north.teacher_email)
    gil, ana = north.other_students["Gil"], south.students["Ana"]
    for class_id, student in ((north.other_class_id, gil), (north.class_id, gil), (south.class_id, ana)):
        refused = client.post(f"/classes/{class_id}/students/{student}/supports", data={"glossary": "1"})
        assert refused.status_code == 404
    assert client.get(f"/classes/{north.other_class_id}/students").status_code == 404
    pupil = app.test_client()
    sign_in_student(pupil, north)
    assert "nothing here for you" in give(pupil, north, glossary="1")
    assert stored(session) == {}


def test_extra_time_is_on_the_board_too(client: FlaskClient, north: School, session: Session) -> None:
    begin_lesson(client, north)
    give(client, north, extra_time="2")
    assert "Extra time: 2 times as long" in give(client, north, extra_time="2")
    assert [one.name for one in students_of(session, north.district_id, north.class_id) if one.extra_time] == ["Ana"]
