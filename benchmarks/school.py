"""A school to measure on: one district, one bank of 500 items, classes of thirty-two, everyone at a practice station.

The items are those of the bank "Fractions and ratios", repeated under new names until there are 500, so that marking
and rendering cost what they cost in a classroom. A generator stands there once; its repetitions are items that it has
drawn, because publishing examines two hundred draws of every generator.
"""

from __future__ import annotations

import os
import random
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import islice, product
from pathlib import Path
from typing import cast

from argon2 import PasswordHasher
from flask_migrate import upgrade
from sqlalchemy import insert
from sqlalchemy.orm import Session

from app.bank import queries as bank_queries
from app.bank import service as bank_service
from app.base import clock
from app.base.auth import Role
from app.base.db import db
from app.base.ids import new_id
from app.base.services import KEY, Services
from app.config import ROOT, Settings
from app.factory import create_app
from app.practice.tables import AssignmentTable
from app.rostering import service as rostering
from app.rostering.tables import PersonTable
from content.generators import realise
from content.parse import parse
from content.schema import Bank, Generator, Item

BANK = ROOT / "content" / "banks" / "fractions-and-ratios.md"
ITEMS = 500
CLASS_SIZE = 32
PICTURES = ("sun", "moon", "star")
PASSWORD = "maple-river-7"  # noqa: S105  # of a teacher who exists for some seconds
TEACHER = "teacher@benchmark.example"
QUICK_HASH = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
LESSON_MINUTES = 180
SECRET_KEY = "a benchmark's key, gone with its database"  # noqa: S105  # no key of an installation
# A load client answers at once. Nothing may count as too fast, or no ability would be updated.
POLICY = '{"pace": {"fast_s": 0.000001, "fast_unknown_s": 0.000001}}'


@dataclass(frozen=True, slots=True)
class Pupil:
    """A student, and the address of the page that asks for the secret pictures."""

    id: int
    class_id: int
    code: str

    @property
    def door(self) -> str:
        """Where this student signs in."""
        return f"/sign-in/{self.code}/{self.id}"


@dataclass(frozen=True, slots=True)
class School:
    """What was founded, and the environment of a server that serves it."""

    district_id: int
    bank_id: int
    pupils: tuple[Pupil, ...]
    database: Path
    environment: Mapping[str, str]


def bank_of(items: int) -> Bank:
    """The bank "Fractions and ratios", repeated under new names to this many items."""
    bank = parse(BANK.read_text(encoding="utf-8")).bank
    copies = (_copy(item, copy) for copy, item in product(range(items // len(bank.items) + 1), bank.items))
    return replace(bank, items=tuple(islice(copies, items)))


def _copy(item: Item | Generator, copy: int) -> Item | Generator:
    drawn = realise(item, copy) if copy else item
    return replace(drawn, id=f"{item.id}-{copy}", family=f"{item.family or item.id}-{copy}")


def found(folder: Path, students: int, items: int = ITEMS) -> School:
    """Found a school in a fresh SQLite database.

    Parameters
    ----------
    folder : Path
        Empty; the database and the policy file are put there.
    students : int
        Signed in by three pictures, in classes of `CLASS_SIZE`.
    items : int
        Items of the bank.
    """
    environment = _environment(folder)
    settings = Settings(
        environment="test",
        database_url=environment["WAYSTATION_DATABASE_URL"],
        policy_file=Path(environment["WAYSTATION_POLICY_FILE"]),
    )
    app = create_app(settings)
    with app.app_context():
        upgrade(directory=str(ROOT / "migrations"))
        parts = cast(Services, app.extensions[KEY])
        # Not through the writer: publishing checks every item, which may take longer than a request waits.
        with Session(db.engine) as session, session.begin():
            district_id, bank_id, pupils = _found(
                session, bank_of(items), students, parts, now=clock.now(), rng=random.Random()
            )
        db.engine.dispose()
    return School(district_id, bank_id, pupils, folder / "school.sqlite", environment)


def _environment(folder: Path) -> dict[str, str]:
    policy = folder / "policy.json"
    policy.write_text(POLICY, encoding="utf-8")
    ours = {
        "WAYSTATION_DATABASE_URL": f"sqlite:///{folder / 'school.sqlite'}",
        "WAYSTATION_POLICY_FILE": str(policy),
        "WAYSTATION_SECRET_KEY": SECRET_KEY,
        "WAYSTATION_LOG_LEVEL": "WARNING",
    }
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("WAYSTATION_", "GUNICORN_"))}
    return {**kept, **ours}


def _found(
    session: Session, bank: Bank, students: int, parts: Services, *, now: datetime, rng: random.Random
) -> tuple[int, int, tuple[Pupil, ...]]:
    school = rostering.open_district(session, "Benchmark", "Benchmark", "UTC", now=now, rng=rng)
    district = school.district_id
    teacher = rostering.add_adult(session, school, Role.TEACHER, "T", TEACHER, PASSWORD, now=now, rng=rng)
    bank_id = bank_service.publish(session, district, bank, parts.policy, now=now, rng=rng).bank_id
    skills = list(bank_queries.skill_ids(session, district, bank_id).values())
    ids = _students(session, district, school.school_id, students)
    pupils: list[Pupil] = []
    for start in range(0, students, CLASS_SIZE):
        members, code = ids[start : start + CLASS_SIZE], f"BENCH{start // CLASS_SIZE:03d}"
        class_id = rostering.add_class(
            session,
            school,
            f"Class {start // CLASS_SIZE}",
            [teacher],
            members,
            code,
            now=now,
            rng=rng,
        )
        pupils += [Pupil(member, class_id, code) for member in members]
    _assign(session, district, bank_id, skills, pupils, now)
    return district, bank_id, tuple(pupils)


def _students(session: Session, district: int, school: int, students: int) -> list[int]:
    """Insert students who share one hash, a quick one: what is measured begins after they have signed in."""
    secret = QUICK_HASH.hash(rostering.picture_secret(PICTURES))
    shared = {"district_id": district, "school_id": school, "role": Role.STUDENT, "picture": "fox"}
    ids = [new_id() for _ in range(students)]
    session.execute(
        insert(PersonTable), [{**shared, "id": id, "name": f"S{n}", "secret_hash": secret} for n, id in enumerate(ids)]
    )
    return ids


def _assign(
    session: Session, district: int, bank_id: int, skills: list[int], pupils: list[Pupil], now: datetime
) -> None:
    """Put everyone at a practice station; each starts with another skill, as in a real class."""
    start = clock.to_ms(now - timedelta(minutes=1))
    for n, pupil in enumerate(pupils):
        turn = n % len(skills)
        entry = {
            "from": start,
            "to": start + LESSON_MINUTES * 60_000,
            "kind": "practice",
            "place": "Practice",
            "skills": skills[turn:] + skills[:turn],
            "slot": 0,
        }
        session.execute(
            insert(AssignmentTable).values(
                district_id=district,
                student_id=pupil.id,
                class_id=pupil.class_id,
                bank_id=bank_id,
                block_id=None,
                timeline=[entry],
                paused=False,
                queued=[],
                updated_at=now,
            )
        )
