"""Tables of lessons at stations: what was planned, what the teacher did to the clock, whom they visited.

A block's events are the truth about its clock: they are only ever added. The students' timelines (`assignments`, in
practice) are a projection of them.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.base.db import Base, DistrictRow, OwnedRow, within


class BlockTable(OwnedRow, Base):
    """A lesson of a class: so many slots of so many seconds, with time to walk in between.

    The newest block of a class is the one that its board shows.
    """

    __tablename__ = "blocks"
    __table_args__ = (
        within("class_id", "classes"),
        within("bank_id", "banks"),
        within("lesson_skill_id", "skills"),
        within("started_by", "people"),
        Index("ix_blocks_class", "district_id", "class_id", "id"),
    )

    class_id: Mapped[int]
    bank_id: Mapped[int]
    lesson_skill_id: Mapped[int]
    lesson_title: Mapped[str]
    slots: Mapped[int]
    slot_s: Mapped[int]
    transition_s: Mapped[int]
    started_by: Mapped[int]
    created_at: Mapped[datetime]


class StationTable(OwnedRow, Base):
    """A station of a block: practice (on a device), table (with the teacher), or offline (on paper)."""

    __tablename__ = "stations"
    __table_args__ = (within("block_id", "blocks"), UniqueConstraint("district_id", "block_id", "position"))

    block_id: Mapped[int]
    position: Mapped[int]
    name: Mapped[str]
    kind: Mapped[str]
    skills: Mapped[list[Any]]


class GroupTable(OwnedRow, Base):
    """A group of a block, named after an animal; `name` is the picture's name."""

    __tablename__ = "groups"
    __table_args__ = (within("block_id", "blocks"), UniqueConstraint("district_id", "block_id", "position"))

    block_id: Mapped[int]
    position: Mapped[int]
    name: Mapped[str]


class GroupMemberTable(DistrictRow, Base):
    """A student is in a group; in one block in one group only."""

    __tablename__ = "group_members"
    __table_args__ = (within("block_id", "blocks"), within("group_id", "groups"), within("student_id", "people"))

    block_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    student_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    group_id: Mapped[int]


class BlockEventTable(DistrictRow, Base):
    """Something done to a block's clock. Never changed, never deleted.

    `number` counts from 0 within the block: of two people who press at once, the second finds the number taken and
    decides again on what the first one did.
    """

    __tablename__ = "block_events"
    __table_args__ = (within("block_id", "blocks"), within("person_id", "people"))

    block_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    kind: Mapped[str]
    at: Mapped[datetime]
    person_id: Mapped[int]
    payload: Mapped[dict[str, Any]]


class VisitTable(OwnedRow, Base):
    """A teacher was with a student. Never changed, never deleted."""

    __tablename__ = "visits"
    __table_args__ = (within("class_id", "classes"), within("student_id", "people"), within("teacher_id", "people"))

    class_id: Mapped[int]
    student_id: Mapped[int]
    teacher_id: Mapped[int]
    kind: Mapped[str]
    at: Mapped[datetime]


class LastVisitTable(DistrictRow, Base):
    """When a teacher was last with a student of a class: what the board reads, kept by each visit."""

    __tablename__ = "last_visits"
    __table_args__ = (within("class_id", "classes"), within("student_id", "people"), within("teacher_id", "people"))

    class_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    student_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    teacher_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime]


class CardTable(DistrictRow, Base):
    """The card of the group that comes to the table in a slot.

    It opens some minutes before the bell, may still change until it freezes at the bell, and names the policy it was
    made under. `readiness` is what `app.live.card` writes.
    """

    __tablename__ = "cards"
    __table_args__ = (within("block_id", "blocks"), within("group_id", "groups"))

    block_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    slot: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    group_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    opened_at: Mapped[datetime]
    frozen_at: Mapped[datetime | None]
    probes_at: Mapped[datetime | None]
    readiness: Mapped[dict[str, Any]]
    policy_hash: Mapped[str]
