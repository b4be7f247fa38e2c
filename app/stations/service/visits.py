"""A teacher was with a student."""

from datetime import datetime

from sqlalchemy import insert
from sqlalchemy.orm import Session

from app.base import outbox
from app.base.auth import Caller
from app.base.db import table_of
from app.base.ids import new_id
from app.base.statements import upsert
from app.rostering import queries as rostering
from app.stations.tables import LastVisitTable, VisitTable

_put_last = upsert(table_of(LastVisitTable), ("district_id", "class_id", "student_id", "teacher_id"))


def record_visit(
    session: Session, caller: Caller, class_id: int, student_id: int, kind: str = "visit", *, now: datetime, rng: object
) -> None:
    """Note that the caller was with a student; a flag that a visit answers clears.

    Raises
    ------
    NotFoundError
        The class is not the caller's, or the student is not in it.
    """
    rostering.student_for(session, caller, class_id, student_id)
    whose = {
        "district_id": caller.district_id,
        "class_id": class_id,
        "student_id": student_id,
        "teacher_id": caller.person_id,
        "at": now,
    }
    session.execute(insert(table_of(VisitTable)), {**whose, "id": new_id(), "kind": kind})
    session.execute(_put_last[session.get_bind().dialect.name], whose)
    outbox.announce(session, caller.district_id, outbox.class_topic(class_id), now=now)
