"""Statements of the hot path say the same as SQLAlchemy would, on every database."""

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.orm import Session

from app.base.db import db, table_of
from app.base.outbox import OutboxRow
from app.base.services import Services
from app.base.statements import Statement
from app.practice.tables import AssignmentTable, ServingTable
from tests.factories import School, assign

assignments = table_of(AssignmentTable)
outbox = table_of(OutboxRow)
_columns = (assignments.c.timeline, assignments.c.paused, assignments.c.block_id, assignments.c.updated_at)
_of_student = select(*_columns).where(assignments.c.student_id == bindparam("student"))
_pause = (
    update(assignments)
    .where(assignments.c.student_id == bindparam("student"))
    .values(paused=bindparam("to"), queued=bindparam("queue"), updated_at=bindparam("now"))
)
MOMENT = datetime(2026, 3, 2, 10, 15, 30, 123456, tzinfo=UTC)


def test_values_come_out_as_sqlalchemy_gives_them(app: Flask, parts: Services, north: School, session: Session) -> None:
    assign(parts, north)
    values = {"student": north.students["Ana"]}
    plain = list(session.execute(_of_student, values).one())
    assert list(Statement(_of_student).row(session, values) or ()) == plain
    with app.app_context():
        assert list(Statement(_of_student).look(db.engine, values) or ()) == plain


def test_values_go_in_as_sqlalchemy_puts_them(parts: Services, north: School, session: Session) -> None:
    assign(parts, north)
    pause = Statement(_pause)

    def command(session: Session, *, now: datetime, rng: object) -> int:
        queue = [{"skill": 3, "purpose": "check", "target": 0.75}]
        values = {"student": north.students["Ana"], "to": True, "queue": queue, "now": MOMENT}
        return pause.run(session, values)

    assert parts.writer.run(command) == 1
    row = session.execute(
        select(assignments.c.paused, assignments.c.queued, assignments.c.updated_at).where(
            assignments.c.student_id == north.students["Ana"]
        )
    ).one()
    assert row == (True, [{"skill": 3, "purpose": "check", "target": 0.75}], MOMENT)


def test_one_statement_serves_many_values(parts: Services, north: School, session: Session) -> None:
    keep = Statement(insert(outbox))

    def command(session: Session, *, now: datetime, rng: object) -> None:
        for minute in range(3):
            at = MOMENT + timedelta(minutes=minute)
            keep.run(session, {"district_id": 1, "topic": f"class:{minute}", "created_at": at})

    parts.writer.run(command)
    stored = session.execute(select(outbox.c.topic, outbox.c.created_at).order_by(outbox.c.seq)).all()
    assert [tuple(row) for row in stored[-3:]] == [
        (f"class:{minute}", MOMENT + timedelta(minutes=minute)) for minute in range(3)
    ]


def test_nothing_is_left_of_a_statement_whose_command_failed(parts: Services, session: Session) -> None:
    keep = Statement(insert(outbox))

    def command(session: Session, *, now: datetime, rng: object) -> None:
        keep.run(session, {"district_id": 1, "topic": "class:lost", "created_at": MOMENT})
        raise LookupError("no such thing")

    with pytest.raises(LookupError):
        parts.writer.run(command)
    assert session.execute(select(outbox).where(outbox.c.topic == "class:lost")).all() == []


@pytest.mark.parametrize("seed", ["sqlite"], indirect=True)
def test_a_column_that_only_sqlalchemy_would_fill_in_is_named_at_once(parts: Services) -> None:
    incomplete = Statement(insert(table_of(ServingTable)))

    def command(session: Session, *, now: datetime, rng: object) -> None:
        incomplete.run(session, {"district_id": 1, "id": 2})

    with pytest.raises(TypeError, match="give every column"):
        parts.writer.run(command)
