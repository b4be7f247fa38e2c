"""Tables of districts, schools, classes, people and sign-ins."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.base.db import Base, DistrictRow, OwnedRow, of_district, within


class DistrictTable(Base):
    """A district: the outer wall of all data."""

    __tablename__ = "districts"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[str]


class SchoolTable(OwnedRow, Base):
    """A school; its time zone tells when a school day begins."""

    __tablename__ = "schools"
    __table_args__ = (of_district(),)

    name: Mapped[str]
    time_zone: Mapped[str]


class PersonTable(OwnedRow, Base):
    """A student or an adult.

    Students have a picture, by which they find themselves, and three secret pictures; adults an e-mail address and a
    password. Both secrets are stored as argon2 hashes.
    """

    __tablename__ = "people"
    __table_args__ = (
        within("school_id", "schools"),
        UniqueConstraint("district_id", "email"),
        Index("ix_people_email", "email"),
    )

    school_id: Mapped[int]
    role: Mapped[str]
    name: Mapped[str]
    email: Mapped[str | None]
    picture: Mapped[str | None]
    secret_hash: Mapped[str]


class SupportTable(DistrictRow, Base):
    """A student's supports: what the teacher gave, by name, and what of it the student has put away.

    `given_by` is the adult who gave them last, at `given_at`; None where nobody did by hand.
    """

    __tablename__ = "supports"
    __table_args__ = (
        within("student_id", "people"),
        within("given_by", "people"),
        # Looked up with every answer: in the key's own tree on SQLite.
        {"sqlite_with_rowid": False},
    )

    student_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    given: Mapped[dict[str, Any]]
    hidden: Mapped[list[Any]]
    given_by: Mapped[int | None]
    given_at: Mapped[datetime]


class ClassTable(OwnedRow, Base):
    """A class, which students enter by its code."""

    __tablename__ = "classes"
    __table_args__ = (
        within("school_id", "schools"),
        UniqueConstraint("district_id", "code"),
        Index("ix_classes_code", "code"),
    )

    school_id: Mapped[int]
    name: Mapped[str]
    code: Mapped[str]


class EnrolmentTable(DistrictRow, Base):
    """A student belongs to a class."""

    __tablename__ = "enrolments"
    __table_args__ = (within("class_id", "classes"), within("student_id", "people"))

    class_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    student_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)


class TeachingTable(DistrictRow, Base):
    """A teacher teaches a class."""

    __tablename__ = "teachings"
    __table_args__ = (within("class_id", "classes"), within("teacher_id", "people"))

    class_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    teacher_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)


class SignInTable(OwnedRow, Base):
    """A browser that is signed in; only a hash of its token is stored."""

    __tablename__ = "sign_ins"
    __table_args__ = (
        within("person_id", "people"),
        within("class_id", "classes"),
        UniqueConstraint("district_id", "token_hash"),
    )

    token_hash: Mapped[str]
    person_id: Mapped[int]
    class_id: Mapped[int | None]
    device: Mapped[str]
    started_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
