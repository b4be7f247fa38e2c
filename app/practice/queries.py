"""Every SELECT of practice.

The statements of the answer path are built once, over the tables themselves: a request costs two SELECTs, whatever the
student's history.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import accumulate, pairwise
from typing import Any, NamedTuple

from sqlalchemy import BindParameter, ColumnElement, Select, and_, bindparam, func, select
from sqlalchemy.orm import Session

from app.base.auth import Caller
from app.base.clock import EPOCH, MICROSECOND
from app.base.db import table_of
from app.base.statements import Statement
from app.practice.progress import Progress, Standing
from app.practice.tables import (
    AnswerTable,
    AssignmentTable,
    GeneralAbilityTable,
    HintOpeningTable,
    ItemTimesTable,
    ServingTable,
    SittingTable,
    SkillAbilityTable,
    StudentNowTable,
)
from app.rostering.supports import NONE, Supports, from_stored
from app.rostering.tables import SupportTable
from models.ability import General, SkillBelief

assignments = table_of(AssignmentTable)
sittings = table_of(SittingTable)
servings = table_of(ServingTable)
answers = table_of(AnswerTable)
general_abilities = table_of(GeneralAbilityTable)
skill_abilities = table_of(SkillAbilityTable)
students_now = table_of(StudentNowTable)
item_times = table_of(ItemTimesTable)
supports = table_of(SupportTable)


class Assignment(NamedTuple):
    """What the student is to do; see `AssignmentTable`."""

    class_id: int
    bank_id: int
    block_id: int | None
    timeline: Sequence[Mapping[str, Any]]
    paused: bool
    queued: Sequence[Mapping[str, Any]]


class Sitting(NamedTuple):
    """A sitting as the answer path needs it; `course` is its stored JSON."""

    id: int
    class_id: int
    bank_id: int
    block_id: int | None
    slot: int | None
    skills: Sequence[int]
    seed: int
    started_at: datetime
    ends_at: datetime
    ended_at: datetime | None
    answered: int
    right: int
    course: Mapping[str, Any]
    settled: int | None = None


class Serving(NamedTuple):
    """A serving; `tried` holds the wrong answers given so far in normal form."""

    id: int
    sitting_id: int
    class_id: int
    item_id: int
    version_id: int
    set_id: int
    skill_id: int
    seed: int
    purpose: str
    expected: float
    served_at: datetime
    shown_at: datetime | None
    closed_at: datetime | None
    tries: int
    hints: int
    quick_hints: int
    hint_at: datetime | None
    tried: Sequence[str]
    options: int | None = None


class Times(NamedTuple):
    """How long students take over an item, in seconds; n = 0 where nobody has answered it."""

    n: int = 0
    mean_s: float = 0.0
    median_s: float = 0.0
    p90_s: float = 0.0


class Now(NamedTuple):
    """What the student is doing; see `StudentNowTable`."""

    hand_at: datetime | None
    seen_at: datetime | None
    answered: int
    right: int
    recent: Sequence[Mapping[str, Any]]


class StoredAnswer(NamedTuple):
    """An answer that was acknowledged."""

    id: int
    serving_id: int
    client_id: str
    attempt: int
    given: Mapping[str, str]
    chosen: str
    status: str
    score: float | None
    misconception: str | None


@dataclass(frozen=True, slots=True)
class Situation:
    """Where a student stands: what is assigned, the sitting, and its latest serving, as far as there are any."""

    assignment: Assignment | None
    sitting: Sitting | None
    serving: Serving | None
    now: Now | None
    times: Times
    supports: Supports = NONE


_ASSIGNMENT = [assignments.c[name] for name in Assignment._fields]
_SITTING = [sittings.c[name] for name in Sitting._fields]
_SERVING = [servings.c[name] for name in Serving._fields]
_NOW = [students_now.c[name] for name in Now._fields]
_TIMES = [item_times.c[name] for name in Times._fields]
_SUPPORTS = [supports.c.given, supports.c.hidden]
_ENDS = list(accumulate(map(len, (_ASSIGNMENT, _SITTING, _SERVING, _NOW, _TIMES, _SUPPORTS))))
_PARTS = [slice(start, end) for start, end in pairwise([0, *_ENDS])]


def _same(left: Any, right: Any, **columns: str) -> Any:
    return and_(left.c.district_id == right.c.district_id, *(left.c[a] == right.c[b] for a, b in columns.items()))


_district: BindParameter[int] = bindparam("district")
_student: BindParameter[int] = bindparam("student")
_serving_id: BindParameter[int] = bindparam("serving")
_columns = [*_ASSIGNMENT, *_SITTING, *_SERVING, *_NOW, *_TIMES, *_SUPPORTS]


def _newest_sitting() -> Any:
    mine = sittings.alias("mine")
    newest = select(func.max(mine.c.id)).where(mine.c.district_id == _district, mine.c.student_id == _student)
    return and_(sittings.c.district_id == _district, sittings.c.id == newest.scalar_subquery())


def _newest_serving() -> Any:
    mine = servings.alias("mine")
    newest = select(func.max(mine.c.id)).where(mine.c.district_id == _district, mine.c.student_id == _student)
    return and_(
        servings.c.district_id == _district,
        servings.c.id == newest.scalar_subquery(),
        servings.c.sitting_id == sittings.c.id,
    )


def _with_surroundings(core: Any, class_id: ColumnElement[int]) -> Select[Any]:
    """Join what the student does now in a class, how long the item takes, and supports to a serving and its sitting."""
    joined = (
        core.outerjoin(
            students_now,
            and_(
                students_now.c.district_id == _district,
                students_now.c.student_id == _student,
                students_now.c.class_id == class_id,
            ),
        )
        .outerjoin(item_times, _same(item_times, servings, item_id="item_id"))
        .outerjoin(supports, and_(supports.c.district_id == _district, supports.c.student_id == _student))
    )
    labelled = [column.label(f"c{place}") for place, column in enumerate(_columns)]
    return select(*labelled).select_from(joined)


_mine = and_(assignments.c.district_id == _district, assignments.c.student_id == _student)

_by_student = _with_surroundings(
    assignments.outerjoin(sittings, _newest_sitting()).outerjoin(servings, _newest_serving()), assignments.c.class_id
).where(_mine)

_by_serving = _with_surroundings(
    servings.join(sittings, _same(sittings, servings, id="sitting_id")).outerjoin(assignments, _mine),
    sittings.c.class_id,
).where(servings.c.district_id == _district, servings.c.student_id == _student, servings.c.id == _serving_id)


def one_at_a_time(session: Session, student_id: int) -> None:
    """Let this student's commands wait for each other, until the transaction ends.

    Each reads where the student stands and writes what follows from it: two tabs must not do so side by side. Asked
    before the first look, because PostgreSQL shows a statement what was committed when it began. On SQLite the writer
    sees to it.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock(student_id)))


def situation(session: Session, caller: Caller) -> Situation:
    """Where the student stands now: the newest sitting and its newest serving."""
    row = _situation_now.row(session, {"district": caller.district_id, "student": caller.person_id})
    return Situation(None, None, None, None, Times()) if row is None else _situation(row)


def situation_of(session: Session, caller: Caller, serving_id: int) -> Situation | None:
    """Where the student stood when this serving was put before them; None when it is not theirs.

    A question that the bell interrupted and that was taken up again is the serving in which it was.
    """
    values = {"district": caller.district_id, "student": caller.person_id, "serving": serving_id}
    row = _situation_then.row(session, values)
    if row is None:
        return None
    found = _situation(row)
    again = _taken_up_again(session, caller, found.serving)
    return found if again is None else situation_of(session, caller, again)


def _taken_up_again(session: Session, caller: Caller, serving: Serving | None) -> int | None:
    """The serving in which an interrupted question was put before the student again: made when that was closed."""
    if serving is None or serving.closed_at is None:
        return None
    values = {
        "district": caller.district_id,
        "student": caller.person_id,
        "version": serving.version_id,
        "seed": serving.seed,
        "closed_at": serving.closed_at,
        "serving": serving.id,
    }
    row = _again.row(session, values)
    return None if row is None else row[0]


_situation_now = Statement(_by_student)
_situation_then = Statement(_by_serving)
_again = Statement(
    select(servings.c.id).where(
        servings.c.district_id == _district,
        servings.c.student_id == _student,
        servings.c.version_id == bindparam("version"),
        servings.c.seed == bindparam("seed"),
        servings.c.served_at == bindparam("closed_at"),
        servings.c.id > _serving_id,
    )
)


def _situation(row: Sequence[Any]) -> Situation:
    assignment, sitting, serving, now, times, helps = (row[part] for part in _PARTS)
    return Situation(
        Assignment._make(assignment) if assignment[0] is not None else None,
        Sitting._make(sitting) if sitting[0] is not None else None,
        Serving._make(serving) if serving[0] is not None else None,
        Now._make(now) if now[-1] is not None else None,
        Times._make(times) if times[0] is not None else Times(),
        from_stored(*helps) if helps[0] is not None else NONE,
    )


_ABILITY = (
    skill_abilities.c.skill_id,
    skill_abilities.c.alpha,
    skill_abilities.c.beta,
    skill_abilities.c.w,
    skill_abilities.c.scored,
    skill_abilities.c.hard_right,
    skill_abilities.c.p,
    skill_abilities.c.trail,
    skill_abilities.c.evidence_at,
    skill_abilities.c.last_at,
    skill_abilities.c.got_it_at,
    skill_abilities.c.secure_at,
    skill_abilities.c.half_life_days,
    skill_abilities.c.reviewed_at,
)

_standing = (
    select(general_abilities.c.student_id, general_abilities.c.mean, general_abilities.c.variance, *_ABILITY)
    .select_from(
        general_abilities.outerjoin(
            skill_abilities, _same(skill_abilities, general_abilities, student_id="student_id", bank_id="bank_id")
        )
    )
    .where(general_abilities.c.district_id == _district, general_abilities.c.bank_id == bindparam("bank"))
)
_standing_of_one = Statement(_standing.where(general_abilities.c.student_id == _student))
_standing_of_many = _standing.where(general_abilities.c.student_id.in_(bindparam("students", expanding=True)))


def standing(session: Session, caller: Caller, bank_id: int) -> Standing | None:
    """What we believe about the student in a bank's domain; None before the first scored answer."""
    values = {"district": caller.district_id, "student": caller.person_id, "bank": bank_id}
    rows = _standing_of_one.rows(session, values)
    return _standings(rows).get(caller.person_id)


def standings(session: Session, district_id: int, bank_id: int, students: Sequence[int]) -> dict[int, Standing]:
    """What we believe about each of these students; those without a scored answer are missing."""
    rows = session.execute(_standing_of_many, {"district": district_id, "bank": bank_id, "students": list(students)})
    return _standings(rows)


def _standings(rows: Any) -> dict[int, Standing]:
    generals: dict[int, General] = {}
    skills: dict[int, dict[int, Progress]] = {}
    for student, mean, variance, skill, *rest in rows:
        generals[student] = General(mean, variance)
        own = skills.setdefault(student, {})
        if skill is not None:
            own[skill] = _progress(rest)
    return {student: Standing(general, skills[student]) for student, general in generals.items()}


def _progress(row: Sequence[Any]) -> Progress:
    alpha, beta, w, scored, hard_right, p, trail, evidence_at, *times = row
    evidence = tuple(EPOCH + at * MICROSECOND for at in evidence_at)
    return Progress(SkillBelief(alpha, beta, w), scored, hard_right, p, tuple(trail), evidence, *times)


_STORED = tuple(answers.c[name] for name in StoredAnswer._fields)
_stored_by_client = Statement(
    select(*_STORED).where(
        answers.c.district_id == _district,
        answers.c.student_id == _student,
        answers.c.client_id == bindparam("client"),
    )
)
_newest_of_serving = Statement(
    select(*_STORED)
    .where(answers.c.district_id == _district, answers.c.serving_id == _serving_id)
    .order_by(answers.c.attempt.desc())
    .limit(1)
)


def answer_with(session: Session, caller: Caller, client_id: str) -> StoredAnswer | None:
    """The answer that this student's device sent under this identifier, if it was stored."""
    values = {"district": caller.district_id, "student": caller.person_id, "client": client_id}
    row = _stored_by_client.row(session, values)
    return None if row is None else StoredAnswer(*row)


def newest_answer(session: Session, district_id: int, serving_id: int) -> StoredAnswer | None:
    """The last answer to a serving."""
    row = _newest_of_serving.row(session, {"district": district_id, "serving": serving_id})
    return None if row is None else StoredAnswer(*row)


_sitting_with = Statement(
    select(*_SITTING).where(
        sittings.c.district_id == _district, sittings.c.student_id == _student, sittings.c.id == bindparam("sitting")
    )
)


def sitting_with(session: Session, caller: Caller, sitting_id: int) -> Sitting | None:
    """A sitting of this student."""
    values = {"district": caller.district_id, "student": caller.person_id, "sitting": sitting_id}
    row = _sitting_with.row(session, values)
    return None if row is None else Sitting(*row)


_previous_serving = Statement(
    select(*_SERVING)
    .where(
        servings.c.district_id == _district,
        servings.c.student_id == _student,
        servings.c.sitting_id == bindparam("sitting"),
        servings.c.id < _serving_id,
    )
    .order_by(servings.c.id.desc())
    .limit(1)
)


def serving_before(session: Session, caller: Caller, serving: Serving) -> Serving | None:
    """The serving before this one in its sitting."""
    row = _previous_serving.row(
        session,
        {
            "district": caller.district_id,
            "student": caller.person_id,
            "sitting": serving.sitting_id,
            "serving": serving.id,
        },
    )
    return None if row is None else Serving(*row)


_times_of = Statement(
    select(*_TIMES).where(item_times.c.district_id == _district, item_times.c.item_id == bindparam("item"))
)


def times_of(session: Session, district_id: int, item_id: int) -> Times:
    """How long students take over an item."""
    row = _times_of.row(session, {"district": district_id, "item": item_id})
    return Times() if row is None else Times(*row)


def medians(session: Session, district_id: int, items: Sequence[int], least: int) -> dict[int, float]:
    """Median time (seconds) of those items that were answered at least so often."""
    rows = session.execute(
        select(item_times.c.item_id, item_times.c.median_s).where(
            item_times.c.district_id == district_id, item_times.c.item_id.in_(items), item_times.c.n >= least
        )
    )
    return {item: median for item, median in rows}  # noqa: C416  # rows are no pairs to the type checker


def items_seen_since(session: Session, caller: Caller, since: datetime) -> list[int]:
    """Items this student was shown since then, each once."""
    rows = session.execute(
        select(servings.c.item_id)
        .where(
            servings.c.district_id == caller.district_id,
            servings.c.student_id == caller.person_id,
            servings.c.served_at >= since,
        )
        .distinct()
    )
    return list(rows.scalars())


def hints_opened(session: Session, district_id: int, serving_id: int) -> list[datetime]:
    """When each hint of a serving was opened, in order."""
    return list(
        session.execute(
            select(HintOpeningTable.opened_at)
            .where(HintOpeningTable.district_id == district_id, HintOpeningTable.serving_id == serving_id)
            .order_by(HintOpeningTable.number)
        ).scalars()
    )


@dataclass(frozen=True, slots=True)
class Scored:
    """A scored answer as a replay needs it."""

    id: int
    sitting_id: int
    student_id: int
    bank_id: int
    skill_id: int
    set_id: int
    version_id: int
    score: float
    hints: int
    answered_at: datetime
    guess: float | None


_scored = (
    select(
        answers.c.id,
        servings.c.sitting_id,
        answers.c.student_id,
        sittings.c.bank_id,
        servings.c.skill_id,
        servings.c.set_id,
        servings.c.version_id,
        answers.c.score,
        answers.c.hints,
        answers.c.answered_at,
        answers.c.guess,
    )
    .select_from(
        answers.join(servings, _same(servings, answers, id="serving_id")).join(
            sittings, _same(sittings, servings, id="sitting_id")
        )
    )
    .where(answers.c.score.is_not(None))
)


def scored_answers(session: Session, district_id: int) -> Iterator[Scored]:
    """Every scored answer of a district, student by student, in the order in which they were stored.

    That is the order of their identifiers, which never go back; the clock may.
    """
    rows = session.execute(
        _scored.where(answers.c.district_id == district_id).order_by(
            answers.c.student_id, sittings.c.bank_id, answers.c.id
        ),
        execution_options={"yield_per": 1000},
    )
    return (Scored(*row) for row in rows)


def scored_in(session: Session, district_id: int, student_id: int, sitting: Sitting) -> list[Scored]:
    """A sitting's scored answers in the order in which they were stored."""
    # Servings are found by student and time; one that was taken up again belongs to its later sitting.
    rows = session.execute(
        _scored.where(
            servings.c.district_id == district_id,
            servings.c.student_id == student_id,
            servings.c.id > sitting.id,
            servings.c.sitting_id == sitting.id,
        ).order_by(answers.c.id)
    )
    return [Scored(*row) for row in rows]


class FirstResponse(NamedTuple):
    """What a student first answered to a question of this stretch of the lesson."""

    skill_id: int
    purpose: str
    right: bool
    sure: int | None
    at: datetime


def first_responses(session: Session, caller: Caller, sitting: Sitting, since: datetime) -> list[FirstResponse]:
    """First readable answers of this student's sittings in the stretch that `sitting` belongs to, in order."""
    here = select(sittings.c.id).where(
        sittings.c.district_id == caller.district_id,
        sittings.c.student_id == caller.person_id,
        sittings.c.block_id.is_not_distinct_from(sitting.block_id),
        sittings.c.slot.is_not_distinct_from(sitting.slot),
        sittings.c.started_at >= since,
    )
    rows = session.execute(
        select(
            servings.c.id,
            servings.c.skill_id,
            servings.c.purpose,
            answers.c.status,
            answers.c.sure,
            answers.c.answered_at,
        )
        .join(answers, _same(answers, servings, serving_id="id"))
        .where(
            servings.c.district_id == caller.district_id,
            servings.c.student_id == caller.person_id,
            servings.c.sitting_id.in_(here),
            answers.c.status.in_(("right", "wrong")),
        )
        .order_by(answers.c.id)
    )
    found: dict[int, FirstResponse] = {}
    for serving_id, skill, purpose, status, sure, at in rows:
        found.setdefault(serving_id, FirstResponse(skill, purpose, status == "right", sure, at))
    return list(found.values())


def practised_since(session: Session, caller: Caller, since: datetime) -> list[datetime]:
    """When this student's sittings since then began."""
    return list(
        session.execute(
            select(sittings.c.started_at).where(
                sittings.c.district_id == caller.district_id,
                sittings.c.student_id == caller.person_id,
                sittings.c.started_at >= since,
                sittings.c.answered > 0,
            )
        ).scalars()
    )


class Settling(NamedTuple):
    """When in the order of a student's answers a sitting was settled; `id` lies between theirs."""

    id: int
    sitting_id: int
    student_id: int
    bank_id: int


def settlings(session: Session, district_id: int) -> list[Settling]:
    """Every settled sitting of a district, student by student, in the order in which they were settled."""
    rows = session.execute(
        select(sittings.c.settled, sittings.c.id, sittings.c.student_id, sittings.c.bank_id)
        .where(sittings.c.district_id == district_id, sittings.c.settled > 0)
        .order_by(sittings.c.student_id, sittings.c.bank_id, sittings.c.settled)
    )
    return [Settling(*row) for row in rows]


def students_with_ability(session: Session, district_id: int) -> list[tuple[int, int]]:
    """Every (student, bank) of a district with a stored ability."""
    rows = session.execute(
        select(general_abilities.c.student_id, general_abilities.c.bank_id)
        .where(general_abilities.c.district_id == district_id)
        .order_by(general_abilities.c.student_id, general_abilities.c.bank_id)
    )
    return [(student, bank) for student, bank in rows]
