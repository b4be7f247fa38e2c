"""A school for tests: made once by the application's own commands, then copied for each test."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from app.bank import service as bank_service
from app.base import clock
from app.base.auth import Caller, Role
from app.base.db import db
from app.base.services import Services
from app.practice.service.standing import upsert
from app.practice.tables import AssignmentTable
from app.rostering import service as rostering
from content.parse import parse
from tests.bank_text import bank_text

PASSWORD = "correct horse"
PICTURES = ("sun", "moon", "star")
NAMES = ("Ana", "Ben", "Cy", "Dee", "Eli", "Fay")
_put_assignment = upsert(AssignmentTable.__table__, ("district_id", "student_id"))


@dataclass(frozen=True)
class School:
    """A district with one school, two classes and a published bank."""

    district_id: int
    school_id: int
    bank_id: int
    teacher_id: int
    teacher_email: str
    other_teacher_id: int
    admin_email: str
    class_id: int
    code: str
    other_class_id: int
    other_code: str
    students: dict[str, int]
    other_students: dict[str, int]
    skills: dict[str, int] = field(default_factory=dict)

    def student(self, name: str = "Ana") -> Caller:
        """A student of the first class, as the commands see a caller."""
        return Caller(self.district_id, self.school_id, self.students[name], Role.STUDENT, 0, self.class_id)

    def teacher(self) -> Caller:
        """The teacher of the first class."""
        return Caller(self.district_id, self.school_id, self.teacher_id, Role.TEACHER, 0)


def found_school(parts: Services, name: str) -> School:
    """Found a district with a school, its people and a published bank, in one write."""
    return parts.writer.run(_found, name, parts)


def _found(session: Session, name: str, parts: Services, *, now: datetime, rng: object) -> School:
    when = {"now": now, "rng": rng}
    admin = rostering.open_district(session, f"{name} district", f"{name} school", "Europe/Berlin", **when)  # type: ignore[arg-type]
    district = admin.district_id
    low = name.lower()
    head = rostering.add_adult(session, admin, Role.ADMIN, "Head", f"head@{low}.example", PASSWORD, **when)  # type: ignore[arg-type]
    teachers = [
        rostering.add_adult(session, admin, Role.TEACHER, f"Teacher {n}", f"t{n}@{low}.example", PASSWORD, **when)  # type: ignore[arg-type]
        for n in (1, 2)
    ]
    students = {one: rostering.add_student(session, admin, one, "fox", PICTURES, **when) for one in NAMES}  # type: ignore[arg-type]
    others = {one: rostering.add_student(session, admin, one, "owl", PICTURES, **when) for one in ("Gil", "Hal")}  # type: ignore[arg-type]
    code, other_code = f"{name[:3].upper()}AA2", f"{name[:3].upper()}BB3"
    first = rostering.add_class(session, admin, "5A", teachers[:1], list(students.values()), code, **when)  # type: ignore[arg-type]
    second = rostering.add_class(session, admin, "5B", teachers[1:], list(others.values()), other_code, **when)  # type: ignore[arg-type]
    bank = parse(bank_text()).bank
    published = bank_service.publish(session, district, bank, parts.policy, **when)  # type: ignore[arg-type]
    skills = bank_service.queries.skill_ids(session, district, published.bank_id)
    assert head
    return School(
        district,
        admin.school_id,
        published.bank_id,
        teachers[0],
        f"t1@{low}.example",
        teachers[1],
        f"head@{low}.example",
        first,
        code,
        second,
        other_code,
        students,
        others,
        skills,
    )


def assign(
    parts: Services,
    school: School,
    names: tuple[str, ...] = NAMES,
    skills: tuple[str, ...] = ("A.1",),
    minutes: int = 60,
) -> None:
    """Put students at a practice station, from now on, outside any lesson."""
    parts.writer.run(_assign, school, names, skills, minutes)


def _assign(
    session: Session,
    school: School,
    names: tuple[str, ...],
    skills: tuple[str, ...],
    minutes: int,
    *,
    now: datetime,
    rng: object,
) -> None:
    start = clock.to_ms(now - timedelta(minutes=1))
    entry = {
        "from": start,
        "to": start + minutes * 60_000,
        "kind": "practice",
        "place": "Practice",
        "skills": [school.skills[code] for code in skills],
        "slot": 0,
    }
    for name in names:
        row = {
            "district_id": school.district_id,
            "student_id": school.students[name],
            "class_id": school.class_id,
            "bank_id": school.bank_id,
            "block_id": None,
            "timeline": [entry],
            "paused": False,
            "queued": [],
            "updated_at": now,
        }
        session.execute(_put_assignment[session.get_bind().dialect.name], row)


def sign_in_student(client: FlaskClient, school: School, name: str = "Ana") -> None:
    """Sign a student in through the forms."""
    student = school.students.get(name) or school.other_students[name]
    code = school.code if name in school.students else school.other_code
    answer = client.post(f"/sign-in/{code}/{student}", data={"pick": list(PICTURES)})
    assert answer.status_code == 303, answer.text


def sign_in_teacher(client: FlaskClient, email: str) -> None:
    """Sign an adult in through the form."""
    answer = client.post("/sign-in/adult", data={"email": email, "password": PASSWORD})
    assert answer.status_code == 303, answer.text


class Looking(Session):
    """A session that sees what is stored now: each look is a transaction of its own."""

    def execute(self, *arguments: Any, **options: Any) -> Any:
        """Look anew."""
        self.rollback()
        return super().execute(*arguments, **options)

    def scalar(self, *arguments: Any, **options: Any) -> Any:
        """Look anew for one value."""
        self.rollback()
        return super().scalar(*arguments, **options)


def reading(app: Flask) -> Looking:
    """A session of its own for looking at what was stored."""
    with app.app_context():
        return Looking(db.engine)
