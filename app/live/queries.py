"""Every SELECT of the board that is its own: few, and as many for thirty students as for three."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.practice.tables import AnswerTable, ClassMissTable, ServingTable, StudentNowTable
from app.rostering.tables import EnrolmentTable


@dataclass(frozen=True, slots=True)
class Present:
    """A student's row of what they are doing now."""

    student_id: int
    sitting_id: int | None
    skill_id: int | None
    seen_at: datetime | None
    input_at: datetime | None
    idle_after_s: float
    hand_at: datetime | None
    answered: int
    right: int
    recent: Sequence[Mapping[str, Any]]


_PRESENT = [getattr(StudentNowTable, name) for name in Present.__slots__]


def present(session: Session, district_id: int, class_id: int) -> dict[int, Present]:
    """What each student of a class is doing, by student; those who never came are missing."""
    rows = session.execute(
        select(*_PRESENT).where(StudentNowTable.district_id == district_id, StudentNowTable.class_id == class_id)
    )
    return {row.student_id: Present(*row) for row in rows}


@dataclass(frozen=True, slots=True)
class Answered:
    """A first response with the item it was given to."""

    version_id: int
    set_id: int
    seed: int
    chosen: str
    status: str
    score: float | None
    hints: int
    elapsed_ms: int
    answered_at: datetime


def last_answers(session: Session, district_id: int, student_id: int, most: int) -> list[Answered]:
    """The student's last first responses, newest first."""
    rows = session.execute(
        select(
            ServingTable.version_id,
            ServingTable.set_id,
            ServingTable.seed,
            AnswerTable.chosen,
            AnswerTable.status,
            AnswerTable.score,
            AnswerTable.hints,
            AnswerTable.elapsed_ms,
            AnswerTable.answered_at,
        )
        .join(
            AnswerTable,
            (AnswerTable.district_id == ServingTable.district_id)
            & (AnswerTable.serving_id == ServingTable.id)
            & (AnswerTable.attempt == 1),
        )
        .where(ServingTable.district_id == district_id, ServingTable.student_id == student_id)
        .order_by(ServingTable.id.desc())
        .limit(most)
    )
    return [Answered(*row) for row in rows]


def sizes(session: Session, district_id: int, class_ids: Sequence[int]) -> dict[int, int]:
    """Students in each of these classes."""
    rows = session.execute(
        select(EnrolmentTable.class_id, func.count().label("students"))
        .where(EnrolmentTable.district_id == district_id, EnrolmentTable.class_id.in_(class_ids))
        .group_by(EnrolmentTable.class_id)
    )
    return {row.class_id: row.students for row in rows}


def here(session: Session, district_id: int, class_ids: Sequence[int], since: datetime) -> dict[int, int]:
    """Students of each of these classes whose page was heard of since then."""
    rows = session.execute(
        select(StudentNowTable.class_id, func.count().label("students"))
        .where(
            StudentNowTable.district_id == district_id,
            StudentNowTable.class_id.in_(class_ids),
            StudentNowTable.seen_at >= since,
        )
        .group_by(StudentNowTable.class_id)
    )
    return {row.class_id: row.students for row in rows}


@dataclass(frozen=True, slots=True)
class Miss:
    """A wrong first answer that was given so many times in a class."""

    item_id: int
    chosen: str
    n: int


def misses(session: Session, district_id: int, class_id: int, day: int, most: int) -> list[Miss]:
    """The wrong first answers that a class gave most often on a day (days since 1970, UTC)."""
    rows = session.execute(
        select(ClassMissTable.item_id, ClassMissTable.chosen, ClassMissTable.n)
        .where(
            ClassMissTable.district_id == district_id, ClassMissTable.class_id == class_id, ClassMissTable.day == day
        )
        .order_by(ClassMissTable.n.desc(), ClassMissTable.item_id, ClassMissTable.chosen)
        .limit(most)
    )
    return [Miss(*row) for row in rows]


def items_seen(session: Session, district_id: int, students: Sequence[int], since: datetime) -> set[int]:
    """Items that any of these students was shown since then."""
    rows = session.execute(
        select(ServingTable.item_id)
        .where(
            ServingTable.district_id == district_id,
            ServingTable.student_id.in_(students),
            ServingTable.served_at >= since,
        )
        .distinct()
    )
    return set(rows.scalars())
