"""Commands about people: enrolling them and signing them in and out."""

import random
import secrets
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Update, insert, update
from sqlalchemy.orm import Session

from app.base.auth import Caller, Role
from app.base.db import table_of
from app.base.errors import InvalidError, NotFoundError
from app.base.ids import new_id
from app.base.passwords import hash_secret
from app.base.statements import Statement, upsert
from app.rostering import queries
from app.rostering.supports import HIDEABLE, Supports
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

SECRET_PICTURES = ("sun", "moon", "star", "tree", "boat", "kite", "key", "bell", "leaf")
SECRET_LENGTH = 3
# No I, L, O, 0 or 1: children copy the code from the board.
CODE_LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
CODE_LENGTH = 6
# What a student has put away stays so.
_put_supports = Statement(upsert(table_of(SupportTable), ("district_id", "student_id"), kept=("hidden",)))


def picture_secret(pictures: Sequence[str]) -> str:
    """Join three pictures to the secret that is hashed.

    Raises
    ------
    InvalidError
        Not three pictures of the nine.
    """
    if len(pictures) != SECRET_LENGTH or not set(pictures) <= set(SECRET_PICTURES):
        raise InvalidError("Pick three pictures.")
    return ">".join(pictures)


def open_district(session: Session, name: str, school: str, time_zone: str, *, now: datetime, rng: object) -> Caller:
    """Found a district with its first school; returns an admin's view of it, for set-up commands."""
    district_id, school_id = new_id(), new_id()
    session.execute(insert(DistrictTable).values(id=district_id, name=name))
    session.execute(insert(SchoolTable).values(district_id=district_id, id=school_id, name=school, time_zone=time_zone))
    return Caller(district_id, school_id, person_id=0, role=Role.ADMIN, sign_in_id=0)


def add_adult(
    session: Session, school: Caller, role: Role, name: str, email: str, password: str, *, now: datetime, rng: object
) -> int:
    """Add a teacher, author or admin; returns their id."""
    person_id = new_id()
    session.execute(
        insert(PersonTable).values(
            district_id=school.district_id,
            id=person_id,
            school_id=school.school_id,
            role=role,
            name=name,
            email=email.strip().lower(),
            secret_hash=hash_secret(password),
        )
    )
    return person_id


def add_student(
    session: Session, school: Caller, name: str, picture: str, pictures: Sequence[str], *, now: datetime, rng: object
) -> int:
    """Add a student; returns their id."""
    person_id = new_id()
    session.execute(
        insert(PersonTable).values(
            district_id=school.district_id,
            id=person_id,
            school_id=school.school_id,
            role=Role.STUDENT,
            name=name,
            picture=picture,
            secret_hash=hash_secret(picture_secret(pictures)),
        )
    )
    return person_id


def add_class(
    session: Session,
    school: Caller,
    name: str,
    teachers: Sequence[int],
    students: Sequence[int],
    code: str | None = None,
    *,
    now: datetime,
    rng: random.Random,
) -> int:
    """Add a class with its people; the code is drawn unless given.

    Raises
    ------
    InvalidError
        The code leads to another class already.
    """
    code = code or _free_code(session, rng)
    if queries.code_is_taken(session, code):
        raise InvalidError(f"The class code {code} is taken; choose another.")
    class_id = new_id()
    keys = {"district_id": school.district_id, "class_id": class_id}
    session.execute(
        insert(ClassTable).values(
            district_id=school.district_id, id=class_id, school_id=school.school_id, name=name, code=code
        )
    )
    for teacher in teachers:
        session.execute(insert(TeachingTable).values(**keys, teacher_id=teacher))
    for student in students:
        session.execute(insert(EnrolmentTable).values(**keys, student_id=student))
    return class_id


def _free_code(session: Session, rng: random.Random) -> str:
    while True:
        code = "".join(rng.choice(CODE_LETTERS) for _ in range(CODE_LENGTH))
        if not queries.code_is_taken(session, code):
            return code


def give_supports(
    session: Session, caller: Caller, class_id: int, student_id: int, supports: Supports, *, now: datetime, rng: object
) -> None:
    """Give a student these supports and no others; what the student has put away stays so.

    Raises
    ------
    NotFoundError
        The class is not the caller's, or the student is not in it.
    """
    queries.student_for(session, caller, class_id, student_id)
    row = {
        "district_id": caller.district_id,
        "student_id": student_id,
        "given": supports.given(),
        "hidden": [],
        "given_by": caller.person_id,
        "given_at": now,
    }
    _put_supports.run(session, row)


def show_support(session: Session, caller: Caller, name: str, shown: bool, *, now: datetime, rng: object) -> None:
    """Put one of the student's own supports away, or take it out again; any other name changes nothing."""
    supports = queries.supports_of(session, caller.district_id, caller.person_id)
    if name not in HIDEABLE or not supports.has(name):
        return
    hidden = [one for one in supports.hidden if one != name] + ([] if shown else [name])
    session.execute(
        update(SupportTable)
        .where(SupportTable.district_id == caller.district_id, SupportTable.student_id == caller.person_id)
        .values(hidden=hidden)
    )


def sign_in(
    session: Session,
    district_id: int,
    person_id: int,
    class_id: int | None,
    device: str,
    before: Caller | None = None,
    *,
    now: datetime,
    rng: object,
) -> str:
    """Sign a browser in; returns the token that its cookie carries from now on.

    Whoever was signed in on this browser `before` is signed out: children hand Chromebooks on without saying Bye.
    """
    if before is not None:
        sign_out(session, before, now=now, rng=rng)
    token = secrets.token_urlsafe(32)
    session.execute(
        insert(SignInTable).values(
            district_id=district_id,
            id=new_id(),
            token_hash=queries.hash_token(token),
            person_id=person_id,
            class_id=class_id,
            device=device,
            started_at=now,
            seen_at=now,
        )
    )
    return f"{district_id}.{token}"


def touch(session: Session, caller: Caller, *, now: datetime, rng: object) -> None:
    """Note that a sign-in is in use, so that it does not idle out."""
    session.execute(_this_sign_in(caller).values(seen_at=now))


def sign_out(session: Session, caller: Caller, *, now: datetime, rng: object) -> None:
    """End a sign-in; its token opens nothing any more."""
    session.execute(_this_sign_in(caller).values(ended_at=now))


def _this_sign_in(caller: Caller) -> Update:
    return update(SignInTable).where(SignInTable.district_id == caller.district_id, SignInTable.id == caller.sign_in_id)


def district_called(session: Session, name: str | None) -> tuple[str, int]:
    """Find the district that a command is for; without a name the only one there is.

    Raises
    ------
    NotFoundError
        If there is none, none of this name, or several to choose from.
    """
    known = queries.districts(session)
    fitting = [one for one in known if name in (None, one[0])]
    if len(fitting) == 1:
        return fitting[0]
    if not known:
        raise NotFoundError("There is no district yet. Set up a school first, or start the demo with 'make demo'.")
    asked = "There are several districts" if fitting else f"There is no district '{name}'"
    raise NotFoundError(f"{asked}. Choose with --district: {', '.join(one[0] for one in known)}.")
