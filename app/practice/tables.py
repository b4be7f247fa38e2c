"""Tables of practice.

Answers and hint openings are the truth: they are only ever added. Everything else here that tells what a student knows
or does (abilities, counters, what the board shows) is a projection, kept by the write that changes it.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.base.db import Base, DistrictRow, OwnedRow, within

# Small rows that are found by their key live in the key's own tree on SQLite: one look-up instead of two.
CLUSTERED = {"sqlite_with_rowid": False}


class AssignmentTable(DistrictRow, Base):
    """What a student is to do, and when: the lesson's plan as far as this student's screen needs it.

    `timeline` is a list of ``{"from", "to", "kind", "place", "skills"}`` in time order, times in milliseconds since
    1970, written anew whenever the lesson's clock changes; `queued` holds items to serve first, as
    ``{"skill", "purpose", "target"}``.
    """

    __tablename__ = "assignments"
    __table_args__ = (
        within("class_id", "classes"),
        within("bank_id", "banks"),
        within("student_id", "people"),
    )

    student_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    class_id: Mapped[int]
    bank_id: Mapped[int]
    block_id: Mapped[int | None]
    timeline: Mapped[list[Any]]
    paused: Mapped[bool] = mapped_column(default=False)
    queued: Mapped[list[Any]] = mapped_column(default=list)
    updated_at: Mapped[datetime]


class SittingTable(OwnedRow, Base):
    """One student's practice at one station in one slot of a lesson.

    `course` is what selection needs to know of the sitting so far (see `app.practice.course`). `settled` is an
    identifier made when its answers were weighed once more, so that it lies after theirs; 0 where they never will be.
    """

    __tablename__ = "sittings"
    __table_args__ = (
        within("student_id", "people"),
        within("class_id", "classes"),
        within("bank_id", "banks"),
        Index("ix_sittings_student", "district_id", "student_id", "id"),
    )

    student_id: Mapped[int]
    class_id: Mapped[int]
    bank_id: Mapped[int]
    block_id: Mapped[int | None]
    slot: Mapped[int | None]
    skills: Mapped[list[Any]]
    seed: Mapped[int]
    started_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    answered: Mapped[int] = mapped_column(default=0)
    right: Mapped[int] = mapped_column(default=0)
    course: Mapped[dict[str, Any]]
    settled: Mapped[int | None]


class ServingTable(OwnedRow, Base):
    """An item put before a student: the version, seed and parameters are pinned for ever.

    A serving is *open* until `closed_at`; a sitting has at most one that is open. Of a choice it shows at most
    `options`, or all where that is None.
    """

    __tablename__ = "servings"
    __table_args__ = (
        within("sitting_id", "sittings"),
        within("student_id", "people"),
        within("version_id", "item_versions"),
        within("set_id", "parameter_sets"),
        within("skill_id", "skills"),
        Index("ix_servings_student", "district_id", "student_id", "id"),
        CLUSTERED,
    )

    sitting_id: Mapped[int]
    student_id: Mapped[int]
    class_id: Mapped[int]
    item_id: Mapped[int]
    version_id: Mapped[int]
    set_id: Mapped[int]
    skill_id: Mapped[int]
    seed: Mapped[int]
    purpose: Mapped[str]
    expected: Mapped[float]
    served_at: Mapped[datetime]
    shown_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    tries: Mapped[int] = mapped_column(default=0)
    hints: Mapped[int] = mapped_column(default=0)
    quick_hints: Mapped[int] = mapped_column(default=0)
    hint_at: Mapped[datetime | None]
    tried: Mapped[list[Any]] = mapped_column(default=list)
    options: Mapped[int | None]


class AnswerTable(OwnedRow, Base):
    """An answer as the student gave it, and what it was worth. Never changed, never deleted.

    `score` is None where the answer says nothing about ability: a second try, too fast to have been read, or not
    readable as an answer. `supports` are those that the student had, None where there were none; `guess` is the
    item's c for this answer where it was not that of the parameter set, because fewer options were shown. `sure` is how
    sure the student was of an exit item: 1 not sure, 2 quite sure, 3 very sure.
    """

    __tablename__ = "answers"
    __table_args__ = (
        within("serving_id", "servings"),
        within("student_id", "people"),
        UniqueConstraint("district_id", "student_id", "client_id"),
        UniqueConstraint("district_id", "serving_id", "attempt"),
        CLUSTERED,
    )

    serving_id: Mapped[int]
    student_id: Mapped[int]
    client_id: Mapped[str]
    attempt: Mapped[int]
    given: Mapped[dict[str, Any]]
    chosen: Mapped[str]
    status: Mapped[str]
    score: Mapped[float | None]
    misconception: Mapped[str | None]
    hints: Mapped[int]
    elapsed_ms: Mapped[int]
    fast: Mapped[bool]
    policy_hash: Mapped[str]
    answered_at: Mapped[datetime]
    supports: Mapped[list[Any] | None] = mapped_column(JSON(none_as_null=True))
    guess: Mapped[float | None]
    sure: Mapped[int | None]


class HintOpeningTable(OwnedRow, Base):
    """A student opened a hint. Never changed, never deleted."""

    __tablename__ = "hint_openings"
    __table_args__ = (
        within("serving_id", "servings"),
        UniqueConstraint("district_id", "serving_id", "number"),
    )

    serving_id: Mapped[int]
    student_id: Mapped[int]
    number: Mapped[int]
    opened_at: Mapped[datetime]


class GeneralAbilityTable(DistrictRow, Base):
    """What we believe about a student's general ability in a bank's domain: N(mean, variance), logits."""

    __tablename__ = "general_abilities"
    __table_args__ = (within("student_id", "people"), within("bank_id", "banks"), CLUSTERED)

    student_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    bank_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    mean: Mapped[float]
    variance: Mapped[float]


class SkillAbilityTable(DistrictRow, Base):
    """What we believe about a student in one skill, given the general ability, and the evidence behind it.

    theta | g is normal with mean alpha + beta g and variance w. `p` is P(theta > cut) after the last scored answer,
    `trail` the same after each of the last few, and `evidence_at` when the last unaided answers came (microseconds).
    """

    __tablename__ = "skill_abilities"
    __table_args__ = (
        within("student_id", "people"),
        within("bank_id", "banks"),
        within("skill_id", "skills"),
        CLUSTERED,
    )

    student_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    bank_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    skill_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    alpha: Mapped[float]
    beta: Mapped[float]
    w: Mapped[float]
    scored: Mapped[int]
    hard_right: Mapped[int]
    p: Mapped[float]
    trail: Mapped[list[Any]]
    evidence_at: Mapped[list[Any]]
    last_at: Mapped[datetime]
    got_it_at: Mapped[datetime | None]
    secure_at: Mapped[datetime | None]
    half_life_days: Mapped[float | None]
    reviewed_at: Mapped[datetime | None]


class StudentNowTable(DistrictRow, Base):
    """What a student is doing now: one row that the board reads, kept by the student's own requests.

    `recent` holds the last answers, newest last (see `app.practice.progress.Recent`).
    """

    __tablename__ = "students_now"
    __table_args__ = (within("class_id", "classes"), within("student_id", "people"))

    class_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    student_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    sitting_id: Mapped[int | None]
    skill_id: Mapped[int | None]
    seen_at: Mapped[datetime | None]
    input_at: Mapped[datetime | None]
    idle_after_s: Mapped[float] = mapped_column(default=120.0)
    hand_at: Mapped[datetime | None]
    answered: Mapped[int] = mapped_column(default=0)
    right: Mapped[int] = mapped_column(default=0)
    recent: Mapped[list[Any]] = mapped_column(default=list)


class ItemTimesTable(DistrictRow, Base):
    """How long students take over an item (seconds), kept answer by answer."""

    __tablename__ = "item_times"
    __table_args__ = (within("item_id", "items"), CLUSTERED)

    item_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    n: Mapped[int]
    mean_s: Mapped[float]
    median_s: Mapped[float]
    p90_s: Mapped[float]


class ClassMissTable(DistrictRow, Base):
    """How often a class gave a wrong first answer, a school day at a time."""

    __tablename__ = "class_misses"
    __table_args__ = (within("class_id", "classes"), within("item_id", "items"))

    class_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    day: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    item_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    chosen: Mapped[str] = mapped_column(primary_key=True)
    misconception: Mapped[str | None]
    n: Mapped[int]
