"""Simulated students whose items are just as their authors say, and their answers in the database."""

from datetime import datetime, timedelta

import numpy as np
from sqlalchemy import insert
from sqlalchemy.orm import Session

from app.bank.catalogue import Catalogue
from app.base.ids import new_id
from app.base.services import Services
from app.calibration.queries import FirstAnswers
from app.practice.tables import AnswerTable, ServingTable, SittingTable
from app.rostering.tables import PersonTable
from models.irt import ItemParams, p_correct
from tests.factories import School


def answers(
    catalogue: Catalogue, seed: int, *, students: int = 250, level: float = 0.0, each: int = 20
) -> FirstAnswers:
    """Answers of students whose mean lies so far above the bank's."""
    rng = np.random.default_rng(seed)
    g = level + rng.normal(0.0, np.sqrt(0.6), students)
    theta = g[:, None] + rng.normal(0.0, np.sqrt(0.4), (students, len(catalogue.places)))
    who, what, right = [], [], []
    for student in range(students):
        for place in rng.choice(len(catalogue.items), each, replace=False):
            item = catalogue.items[place]
            sure = ItemParams(item.parameters.model, item.parameters.a, item.parameters.b, item.parameters.c)
            who.append(student)
            what.append(item.version_id)
            right.append(rng.random() < p_correct(theta[student, catalogue.places[item.skill_id]], sure))
    return FirstAnswers(np.array(who), np.array(what), np.array(right, dtype=np.uint8))


def store(
    parts: Services, school: School, catalogue: Catalogue, given: FirstAnswers, now: datetime | None = None
) -> None:
    """Put answers of new students into the database, each with one long sitting."""
    parts.writer.run(_store, school, catalogue, given, now=now)


def _store(
    session: Session, school: School, catalogue: Catalogue, given: FirstAnswers, *, now: datetime, rng: object
) -> None:
    people = {number: new_id() for number in np.unique(given.students).tolist()}
    sittings = {number: new_id() for number in people}
    session.execute(insert(PersonTable), [_person(school, one) for one in people.values()])
    session.execute(
        insert(SittingTable), [_sitting(school, sittings[number], people[number], now) for number in people]
    )
    rows = [
        (new_id(), sittings[student], people[student], version, score)
        for student, version, score in zip(
            given.students.tolist(), given.versions.tolist(), given.scores.tolist(), strict=True
        )
    ]
    session.execute(insert(ServingTable), [_serving(school, catalogue, *row[:4], now) for row in rows])
    session.execute(insert(AnswerTable), [_answer(school, row[0], row[2], row[4], now) for row in rows])


def _person(school: School, person: int) -> dict[str, object]:
    secret = {"email": None, "picture": "fox", "secret_hash": "none"}
    own = {"district_id": school.district_id, "school_id": school.school_id, "id": person}
    return {**own, "role": "student", "name": "Somebody", **secret}


def _sitting(school: School, sitting: int, student: int, now: datetime) -> dict[str, object]:
    return {
        "district_id": school.district_id,
        "id": sitting,
        "student_id": student,
        "class_id": school.class_id,
        "bank_id": school.bank_id,
        "block_id": None,
        "slot": None,
        "skills": [],
        "seed": 1,
        "started_at": now,
        "ends_at": now + timedelta(hours=1),
        "ended_at": now,
        "course": {},
    }


def _serving(
    school: School, catalogue: Catalogue, serving: int, sitting: int, student: int, version: int, now: datetime
) -> dict[str, object]:
    item = catalogue.version(version)
    return {
        "district_id": school.district_id,
        "id": serving,
        "sitting_id": sitting,
        "student_id": student,
        "class_id": school.class_id,
        "item_id": item.item_id,
        "version_id": version,
        "set_id": catalogue.set_id,
        "skill_id": item.skill_id,
        "seed": 1,
        "purpose": "core",
        "expected": 0.75,
        "served_at": now,
        "shown_at": now,
        "closed_at": now,
        "hint_at": None,
    }


def _answer(school: School, serving: int, student: int, score: int, now: datetime) -> dict[str, object]:
    return {
        "district_id": school.district_id,
        "id": new_id(),
        "serving_id": serving,
        "student_id": student,
        "client_id": str(serving),
        "attempt": 1,
        "given": {},
        "chosen": "",
        "status": "right" if score else "wrong",
        "score": float(score),
        "misconception": None,
        "hints": 0,
        "elapsed_ms": 20_000,
        "fast": False,
        "policy_hash": "test",
        "answered_at": now,
    }
