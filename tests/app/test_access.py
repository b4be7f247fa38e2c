"""Who may open what: each route for each role, and the walls between classes, schools and districts."""

import re
from dataclasses import dataclass
from datetime import datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import insert
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from app.base.auth import Caller, Role
from app.base.ids import new_id
from app.base.services import Services
from app.rostering import service as rostering
from app.rostering.tables import SchoolTable
from tests.app.routes import Address, addresses, allowed, signed_in
from tests.factories import PASSWORD, PICTURES, School, assign, sign_in_teacher
from tests.pages import lasting

LISTED = re.compile(r'<a href="/classes/\d+/board">([^<]*)</a>')


def is_refused(answer: TestResponse) -> bool:
    """Whether a caller was turned away at the door, or told that nothing is there for them."""
    if answer.status_code == 404:
        return "There is nothing here for you." in answer.text
    to_the_door = answer.status_code == 302 and answer.location == "/"
    return to_the_door or answer.status_code in (401, 403)


@pytest.mark.parametrize("role", [None, *Role])
def test_each_route_opens_for_exactly_the_roles_of_the_table(
    app: Flask, parts: Services, north: School, role: Role | None
) -> None:
    client = signed_in(app, parts, north, role)
    wrong = [
        (address, answer.status_code)
        for address in addresses(app)
        if address.endpoint != "rostering.sign_out"  # would end the sign-in that the others need
        and is_refused(answer := address.ask(client)) == (role in allowed(address.endpoint))
    ]
    assert wrong == []
    assert is_refused(client.post("/sign-out")) == (role is None)


def test_a_route_that_declares_nobody_is_refused_to_everybody(app: Flask, parts: Services, north: School) -> None:
    app.add_url_rule("/forgotten", "forgotten", lambda: "secret")
    for role in (None, *Role):
        answer = signed_in(app, parts, north, role).get("/forgotten")
        assert answer.status_code == 403
        assert "secret" not in answer.text


def test_nobody_gets_an_answer_of_any_kind_without_signing_in(app: Flask) -> None:
    client = app.test_client()
    for address in addresses(app):
        if None not in allowed(address.endpoint):
            answer = address.ask(client, headers={"HX-Request": "true"})
            assert (answer.status_code, answer.headers.get("HX-Redirect")) == (204, "/"), address
            assert answer.text == ""


@dataclass(frozen=True)
class Elsewhere:
    """Classes that the teacher of North's first class must not see, nearer and nearer to their own."""

    missing: tuple[int, int]
    other_district: tuple[int, int]
    other_school: tuple[int, int]
    other_class: tuple[int, int]


@pytest.fixture
def elsewhere(parts: Services, north: School, south: School) -> Elsewhere:
    return Elsewhere(
        missing=(5, 7),
        other_district=(south.class_id, south.students["Ana"]),
        other_school=parts.writer.run(_second_school, north),
        other_class=(north.other_class_id, north.other_students["Gil"]),
    )


def _second_school(session: Session, north: School, *, now: datetime, rng: object) -> tuple[int, int]:
    school = new_id()
    session.execute(insert(SchoolTable).values(district_id=north.district_id, id=school, name="East", time_zone="UTC"))
    there = Caller(north.district_id, school, 0, Role.ADMIN, 0)
    when = {"now": now, "rng": rng}
    student = rostering.add_student(session, there, "Zoe", "owl", PICTURES, **when)
    teacher = rostering.add_adult(session, there, Role.TEACHER, "T", "t@east.example", PASSWORD, **when)
    return rostering.add_class(session, there, "5E", [teacher], [student], "EASTA2", **when), student


def of_a_class(app: Flask, class_id: int, student_id: int) -> list[Address]:
    found = [a for a in addresses(app, class_id=class_id, student_id=student_id) if a.path.startswith("/classes/")]
    assert len(found) >= 10
    return found


def said(answer: TestResponse) -> tuple[int, str]:
    """Status and text of an answer, without what is new in each."""
    return answer.status_code, lasting(answer.text)


@pytest.mark.parametrize("place", ["other_district", "other_school", "other_class"])
def test_a_teacher_cannot_tell_someone_elses_class_from_one_that_is_not_there(
    app: Flask, client: FlaskClient, north: School, elsewhere: Elsewhere, place: str
) -> None:
    sign_in_teacher(client, north.teacher_email)
    theirs = of_a_class(app, *getattr(elsewhere, place))
    missing = of_a_class(app, *elsewhere.missing)
    for their, none in zip(theirs, missing, strict=True):
        answer = said(their.ask(client))
        assert answer[0] == 404, their
        assert answer == said(none.ask(client)), their


def test_an_admin_sees_every_class_of_the_school_and_none_of_another(
    app: Flask, client: FlaskClient, north: School, elsewhere: Elsewhere
) -> None:
    sign_in_teacher(client, north.admin_email)
    assert client.get(f"/classes/{north.class_id}/board").status_code == 200
    assert client.get(f"/classes/{north.other_class_id}/board").status_code == 200
    for place in (elsewhere.other_school, elsewhere.other_district, elsewhere.missing):
        assert {address.ask(client).status_code for address in of_a_class(app, *place)} == {404}
    assert LISTED.findall(client.get("/classes").text) == ["5A", "5B"]


def test_a_teacher_lists_their_own_classes_only(client: FlaskClient, north: School, elsewhere: Elsewhere) -> None:
    sign_in_teacher(client, north.teacher_email)
    assert LISTED.findall(client.get("/classes").text) == ["5A"]
    assert client.get(f"/classes/{north.class_id}/board").status_code == 200


@pytest.mark.parametrize("whose", ["Gil", "Zoe", "South's Ana", "nobody", "teacher"])
def test_a_student_of_another_class_is_not_found_in_ones_own(
    client: FlaskClient, north: School, south: School, elsewhere: Elsewhere, whose: str
) -> None:
    sign_in_teacher(client, north.teacher_email)
    person = {
        "Gil": north.other_students["Gil"],
        "Zoe": elsewhere.other_school[1],
        "South's Ana": south.students["Ana"],
        "nobody": 5,
        "teacher": north.teacher_id,
    }[whose]
    own = f"/classes/{north.class_id}/students"
    missing = said(client.get(f"{own}/6"))
    assert said(client.get(f"{own}/{person}")) == missing
    assert missing[0] == 404
    for action in ("visited", "lower-hand"):
        assert client.post(f"{own}/{person}/{action}").status_code == 404
    assert client.get(f"{own}/{north.students['Ana']}").status_code == 200


def test_a_student_cannot_reach_another_students_question(
    app: Flask, client: FlaskClient, parts: Services, north: School
) -> None:
    htmx = {"HX-Request": "true"}
    assign(parts, north)
    anas = signed_in(app, parts, north, Role.STUDENT)
    anas.post("/practice/start", headers=htmx)
    page = anas.post("/practice/next", headers=htmx).text
    serving = int(re.findall(r"/servings/(\d+)/answer", page)[0])
    ben = app.test_client()
    ben.post(f"/sign-in/{north.code}/{north.students['Ben']}", data={"pick": list(PICTURES)})
    for action in ("answer", "hint"):
        theirs = ben.post(f"/servings/{serving}/{action}", data={"option": "0", "number": "4"})
        missing = ben.post(f"/servings/5/{action}", data={"option": "0", "number": "4"})
        assert said(theirs) == said(missing)
        assert theirs.status_code == 404
