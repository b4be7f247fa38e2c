"""Commands of a lesson: start it, and what the teacher does to its clock.

Each adds an event, folds the clock anew and writes every student's timeline: what a screen shows is never older than
the teacher's last tap.
"""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import bindparam, insert, update
from sqlalchemy.orm import Session

from app.bank.catalogue import Catalogue, catalogues
from app.base import outbox
from app.base.auth import Caller
from app.base.db import table_of
from app.base.errors import ConflictError, NotFoundError
from app.base.ids import new_id
from app.base.policy import Policy
from app.base.statements import upsert
from app.practice.queries import assignments
from app.rostering import queries as rostering
from app.stations import queries
from app.stations.clock import BlockEvent, Clock, Kind, apply
from app.stations.queries import Block, Group, Lesson
from app.stations.rotation import Station, timeline
from app.stations.service.grouping import form_groups, group_pictures, practised_for
from app.stations.tables import BlockEventTable, BlockTable, GroupMemberTable, GroupTable, StationTable

# A second press of Start within this time is a double click.
DOUBLE_CLICK = timedelta(seconds=10)
SEEDS = 2**31

_put_assignment = upsert(assignments, ("district_id", "student_id"))
# What waits to be served (`queued`) is left alone, and so is a student whom another class has called in the meantime.
_move_assignment = (
    update(assignments)
    .where(
        assignments.c.district_id == bindparam("district"),
        assignments.c.student_id == bindparam("student"),
        assignments.c.block_id == bindparam("block"),
    )
    .values(timeline=bindparam("new_timeline"), paused=bindparam("new_paused"), updated_at=bindparam("now"))
)


@dataclass(frozen=True, slots=True)
class BlockSetup:
    """What the teacher chose for a lesson.

    Parameters
    ----------
    lesson_skill_id : int
        What the teacher's table is about; its bank is practised.
    slot_s, transition_s : int
        Seconds at each station, and to walk to the next.
    third : {"offline", "practice"}
        The third station: a task on paper, or practice once more.
    seed : int or None
        Draws the groups' names; None draws one.
    """

    lesson_skill_id: int
    slot_s: int = 1200
    transition_s: int = 60
    third: Literal["offline", "practice"] = "offline"
    seed: int | None = None


def stations_for(third: str, practised: Sequence[int]) -> tuple[Station, ...]:
    """The three stations of a lesson."""
    last = (
        Station("Partner task", "offline") if third == "offline" else Station("Second practice", "practice", practised)
    )
    return (Station("Practice", "practice", practised), Station("Teacher's table", "table"), last)


def start_block(
    session: Session,
    caller: Caller,
    class_id: int,
    setup: BlockSetup,
    policy: Policy,
    *,
    now: datetime,
    rng: random.Random,
) -> int:
    """Start a lesson: form the groups, set the clock going, send everyone to their station. Returns the block's id.

    A lesson that still runs ends first; one that began seconds ago stays, for that was a double click.

    Raises
    ------
    NotFoundError
        The class is not the caller's, or no published bank has the lesson.
    ConflictError
        Nobody is in the class.
    """
    rostering.class_for(session, caller, class_id)
    running = _end_running(session, caller, class_id, now)
    if running is not None:
        return running
    students = [student.id for student in rostering.students_of(session, caller.district_id, class_id)]
    if not students:
        raise ConflictError("Nobody is in this class yet. Add students first.")
    catalogue = bank_of_lesson(session, caller.district_id, setup.lesson_skill_id)
    block = _plan(session, caller, class_id, setup, catalogue, now)
    stations = _store_stations(session, block, setup, catalogue)
    seed = setup.seed if setup.seed is not None else rng.randrange(SEEDS)
    formed = form_groups(session, students, setup.lesson_skill_id, catalogue, now, policy)
    groups = _store_groups(session, block, formed, seed)
    lesson = Lesson(block, stations, groups, Clock(), 0, None)
    clock = _record(session, caller, lesson, BlockEvent("start", now), now)
    _send_out(session, replace(lesson, clock=clock), now)
    outbox.announce(session, caller.district_id, outbox.class_topic(class_id), now=now)
    return block.id


def bank_of_lesson(session: Session, district_id: int, skill_id: int) -> Catalogue:
    """The published bank that has this skill.

    Raises
    ------
    NotFoundError
        None has.
    """
    bank_id = queries.bank_of_skill(session, district_id, skill_id)
    if bank_id is not None:
        catalogue = catalogues.of_bank(session, district_id, bank_id)
        if skill_id in catalogue.skills:
            return catalogue
    raise NotFoundError("No published bank has this lesson. Choose another one.")


def _end_running(session: Session, caller: Caller, class_id: int, now: datetime) -> int | None:
    """End the lesson that still runs; its id instead when it has only just begun."""
    lesson = queries.lesson(session, caller.district_id, class_id)
    if lesson is None or lesson.clock.at(now).state in ("none", "ended"):
        return None
    if now - lesson.block.created_at < DOUBLE_CLICK:
        return lesson.block.id
    _record(session, caller, lesson, BlockEvent("end", now), now)
    return None


def _plan(
    session: Session,
    caller: Caller,
    class_id: int,
    setup: BlockSetup,
    catalogue: Catalogue,
    now: datetime,
) -> Block:
    title = catalogue.skills[setup.lesson_skill_id].title
    block = Block(
        district_id=caller.district_id,
        id=new_id(),
        class_id=class_id,
        bank_id=catalogue.bank_id,
        lesson_skill_id=setup.lesson_skill_id,
        lesson_title=title,
        slots=len(stations_for(setup.third, ())),
        slot_s=setup.slot_s,
        transition_s=setup.transition_s,
        created_at=now,
    )
    row = {name: getattr(block, name) for name in Block.__slots__}
    session.execute(insert(table_of(BlockTable)), {**row, "started_by": caller.person_id})
    return block


def _store_stations(session: Session, block: Block, setup: BlockSetup, catalogue: Catalogue) -> tuple[Station, ...]:
    stations = stations_for(setup.third, practised_for(catalogue, setup.lesson_skill_id))
    rows = [
        {
            "district_id": block.district_id,
            "id": new_id(),
            "block_id": block.id,
            "position": position,
            "name": station.name,
            "kind": station.kind,
            "skills": list(station.skills),
        }
        for position, station in enumerate(stations)
    ]
    session.execute(insert(table_of(StationTable)), rows)
    return stations


def _store_groups(session: Session, block: Block, formed: Sequence[Sequence[int]], seed: int) -> tuple[Group, ...]:
    pictures = group_pictures(seed, len(formed))
    groups = tuple(
        Group(new_id(), position, picture, tuple(students))
        for position, (picture, students) in enumerate(zip(pictures, formed, strict=True))
    )
    whose = {"district_id": block.district_id, "block_id": block.id}
    rows = [{**whose, "id": group.id, "position": group.position, "name": group.picture} for group in groups]
    members = [{**whose, "group_id": group.id, "student_id": student} for group in groups for student in group.students]
    session.execute(insert(table_of(GroupTable)), rows)
    session.execute(insert(table_of(GroupMemberTable)), members)
    return groups


def pause(session: Session, caller: Caller, class_id: int, *, now: datetime, rng: object) -> None:
    """Stop the clock; every screen says so."""
    _change(session, caller, class_id, "pause", now)


def resume(session: Session, caller: Caller, class_id: int, *, now: datetime, rng: object) -> None:
    """Let the clock go on; every later slot comes later by the time it stood still."""
    _change(session, caller, class_id, "resume", now)


def extend(session: Session, caller: Caller, class_id: int, policy: Policy, *, now: datetime, rng: object) -> None:
    """Make the present stretch longer by the policy's time; every later slot moves with it."""
    _change(session, caller, class_id, "extend", now, seconds=policy.rotation.extend_s)


def rotate(session: Session, caller: Caller, class_id: int, *, now: datetime, rng: object) -> None:
    """Cut the present slot short and send the groups on; in the last slot, end the lesson."""
    _change(session, caller, class_id, "rotate", now)


def undo(session: Session, caller: Caller, class_id: int, policy: Policy, *, now: datetime, rng: object) -> None:
    """Take back a rotation made seconds ago.

    Raises
    ------
    ConflictError
        It is too late, or something else was done since.
    """
    lesson = lesson_for(session, caller, class_id)
    if not lesson.clock.can_undo(now, policy.rotation.undo_s):
        raise ConflictError(f"A rotation can be taken back for {policy.rotation.undo_s:.0f} seconds only.")
    _change(session, caller, class_id, "undo", now)


def end(session: Session, caller: Caller, class_id: int, *, now: datetime, rng: object) -> None:
    """End the lesson now."""
    _change(session, caller, class_id, "end", now)


def lesson_for(session: Session, caller: Caller, class_id: int) -> Lesson:
    """The newest lesson of a class that the caller may see.

    Raises
    ------
    NotFoundError
        The class is not the caller's.
    ConflictError
        The class never had a lesson.
    """
    rostering.class_for(session, caller, class_id)
    lesson = queries.lesson(session, caller.district_id, class_id)
    if lesson is None:
        raise ConflictError("No lesson is running. Start one first.")
    return lesson


def _change(
    session: Session, caller: Caller, class_id: int, kind: Kind, now: datetime, *, seconds: float = 0.0
) -> None:
    lesson = lesson_for(session, caller, class_id)
    clock = _record(session, caller, lesson, BlockEvent(kind, now, seconds), now)
    _move(session, replace(lesson, clock=clock), now)
    outbox.announce(session, caller.district_id, outbox.class_topic(class_id), now=now)


def _record(session: Session, caller: Caller, lesson: Lesson, event: BlockEvent, now: datetime) -> Clock:
    """Add an event to the block's truth and return the clock after it."""
    last = lesson.clock.last_at
    event = event if last is None else replace(event, at=max(event.at, last))
    clock = apply(lesson.block.plan, lesson.clock, event)
    row = {
        "district_id": lesson.block.district_id,
        "block_id": lesson.block.id,
        "number": lesson.events,
        "kind": event.kind,
        "at": event.at,
        "person_id": caller.person_id,
        "payload": {"seconds": event.seconds} if event.seconds else {},
    }
    session.execute(insert(table_of(BlockEventTable)), row)
    return clock


def _timelines(lesson: Lesson) -> dict[int, list[Mapping[str, Any]]]:
    """Every student's way through the lesson."""
    skill = lesson.block.lesson_skill_id
    found = {}
    for group in lesson.groups:
        way = timeline(lesson.clock, group.position, lesson.stations, skill)
        found.update(dict.fromkeys(group.students, way))
    return found


def _send_out(session: Session, lesson: Lesson, now: datetime) -> None:
    """Give every student of the groups a fresh assignment to this lesson."""
    rows = [
        {
            "district_id": lesson.block.district_id,
            "student_id": student,
            "class_id": lesson.block.class_id,
            "bank_id": lesson.block.bank_id,
            "block_id": lesson.block.id,
            "timeline": way,
            "paused": False,
            "queued": [],
            "updated_at": now,
        }
        for student, way in _timelines(lesson).items()
    ]
    session.execute(_put_assignment[session.get_bind().dialect.name], rows)


def _move(session: Session, lesson: Lesson, now: datetime) -> None:
    """Let every student's screen follow the clock."""
    paused = lesson.clock.paused_at is not None
    rows = [
        {
            "district": lesson.block.district_id,
            "student": student,
            "block": lesson.block.id,
            "new_timeline": way,
            "new_paused": paused,
            "now": now,
        }
        for student, way in _timelines(lesson).items()
    ]
    session.connection().execute(_move_assignment, rows)
