"""Every SELECT of the demo. Simulated students look their answers up here, never over HTTP; nothing is written."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from app.practice.tables import AnswerTable, ServingTable, SittingTable, SkillAbilityTable
from app.rostering.tables import ClassTable, EnrolmentTable, PersonTable, SignInTable


@dataclass(frozen=True, slots=True)
class DemoClass:
    """A class of the demo."""

    district_id: int
    school_id: int
    id: int
    name: str
    code: str


@dataclass(frozen=True, slots=True)
class Asked:
    """What a serving asks: enough to make the item again."""

    district_id: int
    version_id: int
    set_id: int
    skill_id: int
    seed: int
    tried: Sequence[str]
    options: int | None


_classes = select(ClassTable.district_id, ClassTable.school_id, ClassTable.id, ClassTable.name, ClassTable.code)


def classes(session: Session, district_id: int) -> list[DemoClass]:
    """The district's classes in the order in which they were made."""
    rows = session.execute(_classes.where(ClassTable.district_id == district_id).order_by(ClassTable.id))
    return [DemoClass(*row) for row in rows]


def demo_classes(session: Session, code: str) -> list[DemoClass]:
    """All classes of the district that the class with this code is in; none when there is no such class."""
    district_id = session.scalar(select(ClassTable.district_id).where(ClassTable.code == code))
    return [] if district_id is None else classes(session, district_id)


def teacher(session: Session, district_id: int, email: str) -> int:
    """The teacher with this e-mail address."""
    return session.execute(
        select(PersonTable.id).where(PersonTable.district_id == district_id, PersonTable.email == email)
    ).scalar_one()


def students(session: Session, district_id: int, class_id: int) -> list[tuple[int, str]]:
    """Students of a class as (id, name), in the order in which they were added: their places."""
    rows = session.execute(
        select(PersonTable.id, PersonTable.name)
        .join(
            EnrolmentTable,
            (EnrolmentTable.district_id == PersonTable.district_id) & (EnrolmentTable.student_id == PersonTable.id),
        )
        .where(EnrolmentTable.district_id == district_id, EnrolmentTable.class_id == class_id)
        .order_by(PersonTable.id)
    )
    return [(row[0], row[1]) for row in rows]


def asked(session: Session, student_id: int, serving_id: int) -> Asked | None:
    """What a student's serving asks; None when it is somebody else's."""
    row = session.execute(
        select(
            ServingTable.district_id,
            ServingTable.version_id,
            ServingTable.set_id,
            ServingTable.skill_id,
            ServingTable.seed,
            ServingTable.tried,
            ServingTable.options,
        ).where(ServingTable.id == serving_id, ServingTable.student_id == student_id)
    ).one_or_none()
    return None if row is None else Asked(*row)


def answered(session: Session, district_id: int, student_id: int) -> dict[int, int]:
    """Scored answers of a student by skill."""
    rows = session.execute(
        select(SkillAbilityTable.skill_id, SkillAbilityTable.scored).where(
            SkillAbilityTable.district_id == district_id, SkillAbilityTable.student_id == student_id
        )
    )
    return {row[0]: row[1] for row in rows}


def newest_forecasts(session: Session, district_id: int, bank_id: int, most: int) -> list[tuple[float, bool]]:
    """The chance that each of the newest scored first answers was chosen for, and whether it was right."""
    rows = session.execute(
        select(ServingTable.expected, AnswerTable.score)
        .join(
            AnswerTable,
            (AnswerTable.district_id == ServingTable.district_id) & (AnswerTable.serving_id == ServingTable.id),
        )
        .join(
            SittingTable,
            (SittingTable.district_id == ServingTable.district_id) & (SittingTable.id == ServingTable.sitting_id),
        )
        .where(
            AnswerTable.district_id == district_id,
            AnswerTable.score.is_not(None),
            SittingTable.bank_id == bank_id,
        )
        .order_by(AnswerTable.id.desc())
        .limit(most)
    )
    return [(row[0], row[1] == 1.0) for row in rows]


def taken_over(session: Session, district_id: int, student_id: int, sign_in_id: int, since: datetime) -> bool:
    """Whether somebody else is signed in as this student: later than that sign-in, and seen since then."""
    newer = exists().where(
        SignInTable.district_id == district_id,
        SignInTable.id > sign_in_id,
        SignInTable.person_id == student_id,
        SignInTable.ended_at.is_(None),
        SignInTable.seen_at > since,
    )
    return bool(session.scalar(select(newer)))


def count_answers(session: Session, district_id: int) -> int:
    """Answers stored in a district."""
    return (
        session.scalar(select(func.count()).select_from(AnswerTable).where(AnswerTable.district_id == district_id)) or 0
    )
