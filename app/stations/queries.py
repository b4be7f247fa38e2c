"""Every SELECT about lessons at stations."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.bank.tables import SkillTable
from app.practice.tables import AssignmentTable
from app.stations.clock import BlockEvent, BlockPlan, Clock, fold
from app.stations.names import group_name
from app.stations.rotation import Station
from app.stations.tables import (
    BlockEventTable,
    BlockTable,
    CardTable,
    GroupMemberTable,
    GroupTable,
    LastVisitTable,
    StationTable,
)


@dataclass(frozen=True, slots=True)
class Block:
    """A block as it was planned."""

    district_id: int
    id: int
    class_id: int
    bank_id: int
    lesson_skill_id: int
    lesson_title: str
    slots: int
    slot_s: int
    transition_s: int
    created_at: datetime

    @property
    def plan(self) -> BlockPlan:
        """What the clock is folded over."""
        return BlockPlan(self.slots, self.slot_s, self.transition_s)


@dataclass(frozen=True, slots=True)
class Group:
    """A group with its students; `picture` is its animal."""

    id: int
    position: int
    picture: str
    students: tuple[int, ...]

    @property
    def name(self) -> str:
        """What the class calls it."""
        return group_name(self.picture)


@dataclass(frozen=True, slots=True)
class Lesson:
    """A block with its stations and groups, and its clock as the events so far have left it."""

    block: Block
    stations: tuple[Station, ...]
    groups: tuple[Group, ...]
    clock: Clock
    events: int
    resumed_at: datetime | None

    def group_of(self, student_id: int) -> Group | None:
        """The student's group."""
        return next((group for group in self.groups if student_id in group.students), None)


@dataclass(frozen=True, slots=True)
class Card:
    """A stored card; `readiness` is what `app.live.card` wrote."""

    slot: int
    group_id: int
    opened_at: datetime
    frozen_at: datetime | None
    probes_at: datetime | None
    readiness: Mapping[str, Any]
    policy_hash: str


_BLOCK = [getattr(BlockTable, name) for name in Block.__slots__]
_CARD = [getattr(CardTable, name) for name in Card.__slots__]


def newest_block(session: Session, district_id: int, class_id: int) -> Block | None:
    """The block that a class's board shows: the one started last."""
    row = session.execute(
        select(*_BLOCK)
        .where(BlockTable.district_id == district_id, BlockTable.class_id == class_id)
        .order_by(BlockTable.id.desc())
        .limit(1)
    ).one_or_none()
    return None if row is None else Block(*row)


def lesson(session: Session, district_id: int, class_id: int) -> Lesson | None:
    """The class's newest block with all that belongs to it; four statements."""
    block = newest_block(session, district_id, class_id)
    if block is None:
        return None
    events = _events(session, district_id, [block.id]).get(block.id, [])
    return Lesson(
        block,
        _stations(session, block),
        _groups(session, block),
        fold(block.plan, events),
        len(events),
        max((event.at for event in events if event.kind == "resume"), default=None),
    )


def clocks(session: Session, district_id: int, class_ids: Sequence[int]) -> dict[int, Clock]:
    """Clock of the newest block of each of these classes; two statements for all of them."""
    newest = (
        select(func.max(BlockTable.id))
        .where(BlockTable.district_id == district_id, BlockTable.class_id.in_(class_ids))
        .group_by(BlockTable.class_id)
    )
    rows = session.execute(
        select(*_BLOCK).where(BlockTable.district_id == district_id, BlockTable.id.in_(newest.scalar_subquery()))
    )
    blocks = [Block(*row) for row in rows]
    events = _events(session, district_id, [block.id for block in blocks])
    return {block.class_id: fold(block.plan, events.get(block.id, [])) for block in blocks}


def bank_of_skill(session: Session, district_id: int, skill_id: int) -> int | None:
    """The bank that has a skill."""
    return session.execute(
        select(SkillTable.bank_id).where(SkillTable.district_id == district_id, SkillTable.id == skill_id)
    ).scalar()


def _events(session: Session, district_id: int, block_ids: Sequence[int]) -> dict[int, list[BlockEvent]]:
    rows = session.execute(
        select(BlockEventTable.block_id, BlockEventTable.kind, BlockEventTable.at, BlockEventTable.payload)
        .where(BlockEventTable.district_id == district_id, BlockEventTable.block_id.in_(block_ids))
        .order_by(BlockEventTable.block_id, BlockEventTable.number)
    )
    found: dict[int, list[BlockEvent]] = {}
    for block_id, kind, at, payload in rows:
        found.setdefault(block_id, []).append(BlockEvent(kind, at, payload.get("seconds", 0.0)))
    return found


def _stations(session: Session, block: Block) -> tuple[Station, ...]:
    rows = session.execute(
        select(StationTable.name, StationTable.kind, StationTable.skills)
        .where(StationTable.district_id == block.district_id, StationTable.block_id == block.id)
        .order_by(StationTable.position)
    )
    return tuple(Station(name, kind, tuple(skills)) for name, kind, skills in rows)


def _groups(session: Session, block: Block) -> tuple[Group, ...]:
    rows = session.execute(
        select(GroupTable.id, GroupTable.position, GroupTable.name, GroupMemberTable.student_id)
        .outerjoin(
            GroupMemberTable,
            (GroupMemberTable.district_id == GroupTable.district_id)
            & (GroupMemberTable.block_id == GroupTable.block_id)
            & (GroupMemberTable.group_id == GroupTable.id),
        )
        .where(GroupTable.district_id == block.district_id, GroupTable.block_id == block.id)
        .order_by(GroupTable.position, GroupMemberTable.student_id)
    )
    found: dict[int, Group] = {}
    for id, position, name, student in rows:
        before = found.get(id, Group(id, position, name, ()))
        found[id] = before if student is None else Group(id, position, name, (*before.students, student))
    return tuple(found.values())


def cards(session: Session, district_id: int, block_id: int) -> dict[tuple[int, int], Card]:
    """Cards of a block by slot and group."""
    rows = session.execute(select(*_CARD).where(CardTable.district_id == district_id, CardTable.block_id == block_id))
    return {(row.slot, row.group_id): Card(*row) for row in rows}


def last_visits(session: Session, district_id: int, class_id: int) -> dict[int, dict[int, datetime]]:
    """When each teacher was last with each student of a class: by student, then by teacher."""
    rows = session.execute(
        select(LastVisitTable.student_id, LastVisitTable.teacher_id, LastVisitTable.at).where(
            LastVisitTable.district_id == district_id, LastVisitTable.class_id == class_id
        )
    )
    found: dict[int, dict[int, datetime]] = {}
    for student, teacher, at in rows:
        found.setdefault(student, {})[teacher] = at
    return found


def queued(session: Session, district_id: int, students: Sequence[int]) -> dict[int, list[Mapping[str, Any]]]:
    """What waits to be served first to each of these students, locked where the database knows row locks."""
    rows = session.execute(
        select(AssignmentTable.student_id, AssignmentTable.queued)
        .where(AssignmentTable.district_id == district_id, AssignmentTable.student_id.in_(students))
        .order_by(AssignmentTable.student_id)
        .with_for_update()
    )
    return {student: list(entries) for student, entries in rows}
