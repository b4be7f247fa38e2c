"""Every SELECT about people and classes, and the one place that decides who may see which class."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Engine, Select, bindparam, exists, false, select, true
from sqlalchemy.orm import Session

from app.base.auth import Caller, Role
from app.base.errors import NotFoundError
from app.base.statements import Statement
from app.rostering.supports import NONE, Supports, from_stored
from app.rostering.tables import (
    ClassTable,
    DistrictTable,
    EnrolmentTable,
    PersonTable,
    SchoolTable,
    SignInTable,
    SupportTable,
    TeachingTable,
)


@dataclass(frozen=True, slots=True)
class ClassInfo:
    """A class as its people know it."""

    district_id: int
    school_id: int
    id: int
    name: str
    code: str
    time_zone: str


@dataclass(frozen=True, slots=True)
class Student:
    """A student as classmates and teachers know them: first name and picture."""

    id: int
    name: str
    picture: str
    extra_time: bool


@dataclass(frozen=True, slots=True)
class Credentials:
    """What it takes to sign somebody in."""

    district_id: int
    person_id: int
    role: Role
    secret_hash: str


@dataclass(frozen=True, slots=True)
class SignIn:
    """A sign-in that has not ended, with when it was last used."""

    caller: Caller
    seen_at: datetime


def hash_token(token: str) -> str:
    """What is stored of a browser's token; the token itself never is."""
    return hashlib.sha256(token.encode()).hexdigest()


def _classes() -> Select[int, int, int, str, str, str]:
    return select(
        ClassTable.district_id,
        ClassTable.school_id,
        ClassTable.id,
        ClassTable.name,
        ClassTable.code,
        SchoolTable.time_zone,
    ).join(
        SchoolTable,
        (SchoolTable.district_id == ClassTable.district_id) & (SchoolTable.id == ClassTable.school_id),
    )


def _may_see(caller: Caller) -> ColumnElement[bool]:
    """The classes that a caller may see: their own; an admin, the school's."""
    if caller.role is Role.ADMIN:
        return ClassTable.school_id == caller.school_id
    if caller.role is Role.STUDENT:
        return ClassTable.id == caller.class_id
    if caller.role is Role.TEACHER:
        return exists().where(
            TeachingTable.district_id == ClassTable.district_id,
            TeachingTable.class_id == ClassTable.id,
            TeachingTable.teacher_id == caller.person_id,
        )
    return false()


def classes_of(session: Session, caller: Caller) -> list[ClassInfo]:
    """Classes the caller may see, by name."""
    found = session.execute(
        _classes()
        .where(ClassTable.district_id == caller.district_id, _may_see(caller))
        .order_by(ClassTable.name, ClassTable.id)
    )
    return [ClassInfo(*row) for row in found]


def class_for(session: Session, caller: Caller, class_id: int) -> ClassInfo:
    """The class, when the caller may see it.

    Raises
    ------
    NotFoundError
        There is no such class, or it is someone else's.
    """
    row = session.execute(
        _classes().where(ClassTable.district_id == caller.district_id, ClassTable.id == class_id, _may_see(caller))
    ).one_or_none()
    if row is None:
        raise NotFoundError("There is no such class, or it is not yours.")
    return ClassInfo(*row)


def normal_code(code: str) -> str:
    """A class code as it is stored, however a child typed it."""
    return code.strip().upper()


def class_with_code(session: Session, code: str) -> ClassInfo | None:
    """The class that students enter with this code, in any district."""
    row = session.execute(_classes().where(ClassTable.code == normal_code(code))).one_or_none()
    return None if row is None else ClassInfo(*row)


def students_of(session: Session, district_id: int, class_id: int) -> list[Student]:
    """Students of a class, by name."""
    rows = session.execute(
        select(PersonTable.id, PersonTable.name, PersonTable.picture, SupportTable.given)
        .join(
            EnrolmentTable,
            (EnrolmentTable.district_id == PersonTable.district_id) & (EnrolmentTable.student_id == PersonTable.id),
        )
        .outerjoin(
            SupportTable,
            (SupportTable.district_id == PersonTable.district_id) & (SupportTable.student_id == PersonTable.id),
        )
        .where(EnrolmentTable.district_id == district_id, EnrolmentTable.class_id == class_id)
        .order_by(PersonTable.name, PersonTable.id)
    )
    return [
        Student(id, name, picture or "", from_stored(given or {}, ()).has("extra_time"))
        for id, name, picture, given in rows
    ]


def student_for(session: Session, caller: Caller, class_id: int, student_id: int) -> Student:
    """A student of a class that the caller may see.

    Raises
    ------
    NotFoundError
        The class is not the caller's, or the student is not in it.
    """
    class_for(session, caller, class_id)
    for student in students_of(session, caller.district_id, class_id):
        if student.id == student_id:
            return student
    raise NotFoundError("There is no such student in this class.")


def supports_of(session: Session, district_id: int, student_id: int) -> Supports:
    """A student's supports."""
    row = session.execute(
        select(SupportTable.given, SupportTable.hidden).where(
            SupportTable.district_id == district_id, SupportTable.student_id == student_id
        )
    ).one_or_none()
    return NONE if row is None else from_stored(*row)


def supports_in(session: Session, district_id: int, class_id: int) -> dict[int, Supports]:
    """Supports of the students of a class, by student; those without any are missing."""
    rows = session.execute(
        select(SupportTable.student_id, SupportTable.given, SupportTable.hidden)
        .join(
            EnrolmentTable,
            (EnrolmentTable.district_id == SupportTable.district_id)
            & (EnrolmentTable.student_id == SupportTable.student_id),
        )
        .where(EnrolmentTable.district_id == district_id, EnrolmentTable.class_id == class_id)
    )
    return {student: from_stored(given, hidden) for student, given, hidden in rows}


def student_credentials(session: Session, district_id: int, class_id: int, student_id: int) -> Credentials | None:
    """What a student of this class signs in with."""
    row = session.execute(
        select(PersonTable.district_id, PersonTable.id, PersonTable.role, PersonTable.secret_hash).where(
            PersonTable.district_id == district_id,
            PersonTable.id == student_id,
            PersonTable.role == Role.STUDENT,
            exists().where(
                EnrolmentTable.district_id == district_id,
                EnrolmentTable.class_id == class_id,
                EnrolmentTable.student_id == student_id,
            ),
        )
    ).one_or_none()
    return None if row is None else Credentials(row[0], row[1], Role(row[2]), row[3])


def adult_credentials(session: Session, email: str) -> Sequence[Credentials]:
    """What the adults with this e-mail address sign in with; more than one where districts share a server."""
    rows = session.execute(
        select(PersonTable.district_id, PersonTable.id, PersonTable.role, PersonTable.secret_hash).where(
            PersonTable.email == email.strip().lower(), PersonTable.role != Role.STUDENT
        )
    )
    return [Credentials(row[0], row[1], Role(row[2]), row[3]) for row in rows]


_live_sign_in = Statement(
    select(
        SignInTable.district_id,
        PersonTable.school_id,
        SignInTable.person_id,
        PersonTable.role,
        SignInTable.id,
        SignInTable.class_id,
        SignInTable.seen_at,
    )
    .join(
        PersonTable,
        (PersonTable.district_id == SignInTable.district_id) & (PersonTable.id == SignInTable.person_id),
    )
    .where(
        SignInTable.district_id == bindparam("district"),
        SignInTable.token_hash == bindparam("token"),
        SignInTable.ended_at.is_(None),
    )
)


def sign_in_with(
    engine: Engine, district_id: int, token: str, *, now: datetime, student_idle: timedelta, adult_idle: timedelta
) -> SignIn | None:
    """The sign-in behind a browser's token, unless it ended or idled out; asked before every request."""
    row = _live_sign_in.look(engine, {"district": district_id, "token": hash_token(token)})
    if row is None:
        return None
    district, school, person, role, sign_in, class_id, seen_at = row
    idle = student_idle if role == Role.STUDENT else adult_idle
    if now - seen_at > idle:
        return None
    return SignIn(Caller(district, school, person, Role(role), sign_in, class_id), seen_at)


def face(session: Session, caller: Caller) -> tuple[str, str | None]:
    """First name (adults: the name they go by) and picture of the signed-in person."""
    row = session.execute(
        select(PersonTable.name, PersonTable.picture).where(
            PersonTable.district_id == caller.district_id, PersonTable.id == caller.person_id
        )
    ).one()
    return row.name, row.picture


def first_class_code(session: Session) -> str | None:
    """Code of the class that was made first; the demo's first page shows it."""
    return session.execute(select(ClassTable.code).order_by(ClassTable.id).limit(1)).scalar()


def code_is_taken(session: Session, code: str) -> bool:
    """Whether any class, in any district, has this code; codes lead children to the right district."""
    return session.execute(select(true()).where(exists().where(ClassTable.code == code))).scalar() is not None


def district_ids(session: Session) -> list[int]:
    """Every district on this server."""
    return list(session.execute(select(DistrictTable.id).order_by(DistrictTable.id)).scalars())


def districts(session: Session) -> list[tuple[str, int]]:
    """Names and ids of the installation's districts, by name."""
    rows = session.execute(select(DistrictTable.name, DistrictTable.id).order_by(DistrictTable.name, DistrictTable.id))
    return [(name, id_) for name, id_ in rows]
