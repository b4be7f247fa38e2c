"""The database as every connection finds it: SQLite's settings, which versions may be used, moments in time."""

import sqlite3
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, event, insert, select, text
from sqlalchemy.engine import Connection
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.base import db as database
from app.base.clock import EPOCH, MICROSECOND
from app.base.db import Instant, db, driver_url, refuse_affected_sqlite
from app.base.services import Services
from app.practice.service import now as present
from app.practice.tables import SittingTable
from app.rostering.tables import ClassTable, EnrolmentTable, PersonTable
from tests.conftest import settings
from tests.databases import only_sqlite
from tests.factories import School, assign, sign_in_student


@pytest.fixture
def engine(app: Flask) -> Engine:
    with app.app_context():
        return db.engine


@pytest.fixture
def statements(engine: Engine) -> Iterator[list[str]]:
    said: list[str] = []

    def note(_connection: Connection, _cursor: object, statement: str, *_rest: object) -> None:
        said.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    yield said
    event.remove(engine, "before_cursor_execute", note)


def pragma(connection: Connection, name: str) -> object:
    return connection.exec_driver_sql(f"PRAGMA {name}").scalar()


@only_sqlite
def test_each_sqlite_connection_is_durable_checked_and_patient(engine: Engine) -> None:
    with engine.connect() as first, engine.connect() as second, engine.connect() as third:
        for connection in (first, second, third):
            assert pragma(connection, "journal_mode") == "wal"
            assert pragma(connection, "synchronous") == 2  # FULL
            assert pragma(connection, "foreign_keys") == 1
            assert int(str(pragma(connection, "busy_timeout"))) >= 5_000


@only_sqlite
def test_the_file_stays_in_wal_mode_for_whoever_opens_it_next(engine: Engine) -> None:
    with engine.connect() as connection:
        connection.exec_driver_sql("SELECT 1")
    path = str(engine.url.database)
    with sqlite3.connect(path) as plain:
        assert plain.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    plain.close()


@only_sqlite
def test_the_writer_takes_the_lock_before_it_reads_and_readers_never_do(
    client: FlaskClient, parts: Services, north: School, statements: list[str]
) -> None:
    assign(parts, north)
    sign_in_student(client, north)
    statements.clear()
    client.get("/practice")
    assert "BEGIN" in statements
    assert "BEGIN IMMEDIATE" not in statements
    statements.clear()
    parts.writer.run(present.set_hand, north.student(), True)
    assert "BEGIN IMMEDIATE" in statements


@only_sqlite
def test_a_reader_sees_one_moment_while_the_writer_goes_on(engine: Engine, parts: Services, north: School) -> None:
    parts.writer.run(present.set_hand, north.student(), True)
    with Session(engine) as reader:
        before = reader.execute(text("SELECT count(*) FROM outbox")).scalar()
        parts.writer.run(present.set_hand, north.student(), False)
        assert reader.execute(text("SELECT count(*) FROM outbox")).scalar() == before
        reader.rollback()
        assert reader.execute(text("SELECT count(*) FROM outbox")).scalar() == before + 1


def test_a_row_cannot_point_into_another_district(engine: Engine, north: School, south: School) -> None:
    row = {
        "district_id": north.district_id,
        "class_id": north.class_id,
        "student_id": next(iter(south.students.values())),
    }
    with Session(engine) as session, pytest.raises(IntegrityError):
        session.execute(insert(EnrolmentTable).values(**row))


def test_a_class_that_is_not_there_cannot_be_practised_in(engine: Engine, north: School) -> None:
    row = {
        "district_id": north.district_id,
        "id": 1,
        "student_id": north.students["Ana"],
        "class_id": 1,
        "bank_id": north.bank_id,
        "skills": [],
        "seed": 1,
        "started_at": datetime.now(UTC),
        "ends_at": datetime.now(UTC),
        "course": {},
    }
    with Session(engine) as session, pytest.raises(IntegrityError):
        session.execute(insert(SittingTable).values(**row))


def test_ids_of_different_districts_may_be_the_same(engine: Engine, north: School, south: School) -> None:
    with Session(engine) as session:
        for school in (north, south):
            row = {"district_id": school.district_id, "id": 5, "school_id": school.school_id, "name": "5C", "code": "X"}
            session.execute(insert(ClassTable).values(**row))
        session.commit()
        assert len(session.execute(select(ClassTable.name).where(ClassTable.id == 5)).all()) == 2


@pytest.mark.parametrize("version", [(3, 40, 1), (3, 44, 5), (3, 45, 0), (3, 50, 6), (3, 51, 0), (3, 51, 2)])
def test_a_sqlite_with_the_wal_bug_is_refused_with_the_remedy(version: tuple[int, int, int]) -> None:
    with pytest.raises(RuntimeError, match=r"Install pysqlite3.*or use PostgreSQL") as refused:
        refuse_affected_sqlite(version)
    assert ".".join(map(str, version)) in str(refused.value)


@pytest.mark.parametrize(
    "version", [(3, 44, 6), (3, 44, 9), (3, 50, 7), (3, 51, 3), (3, 51, 10), (3, 52, 0), (4, 0, 0)]
)
def test_a_mended_sqlite_is_accepted(version: tuple[int, int, int]) -> None:
    refuse_affected_sqlite(version)


def test_the_application_does_not_start_on_an_affected_sqlite(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from app.factory import create_app

    monkeypatch.setattr(database.sqlite, "sqlite_version_info", (3, 46, 1))
    with pytest.raises(RuntimeError, match=r"3\.46\.1"):
        create_app(settings(f"sqlite:///{tmp_path / 'new.sqlite'}"))


def test_a_plain_postgresql_address_gets_the_driver_we_ship() -> None:
    assert driver_url("postgresql://u@h/d") == "postgresql+psycopg://u@h/d"
    assert driver_url("sqlite:///x") == "sqlite:///x"


instants = st.integers(min_value=0, max_value=2**52).map(lambda n: EPOCH + n * MICROSECOND)


@given(instants)
def test_a_moment_is_stored_to_the_microsecond(moment: datetime) -> None:
    stored = Instant().process_bind_param(moment, None)
    assert Instant().process_result_value(stored, None) == moment


@given(instants, instants)
def test_stored_moments_sort_as_moments_do(one: datetime, other: datetime) -> None:
    stored = [Instant().process_bind_param(moment, None) for moment in (one, other)]
    assert (stored[0] < stored[1]) == (one < other)


def test_a_moment_of_another_time_zone_is_stored_as_the_same_moment(engine: Engine, north: School) -> None:
    berlin = timezone(timedelta(hours=1))
    moment = datetime(2026, 3, 2, 9, 0, 0, 123456, tzinfo=berlin)
    with Session(engine) as session:
        row = {
            "district_id": north.district_id,
            "id": 1,
            "student_id": north.students["Ana"],
            "class_id": north.class_id,
            "bank_id": north.bank_id,
            "skills": [],
            "seed": 1,
            "started_at": moment,
            "ends_at": moment,
            "course": {},
        }
        session.execute(insert(SittingTable).values(**row))
        session.commit()
        found = session.scalar(select(SittingTable.started_at))
    assert found == moment
    assert found.tzinfo is UTC


def test_a_moment_without_a_time_zone_is_refused() -> None:
    with pytest.raises(TypeError):
        Instant().process_bind_param(datetime(2026, 3, 2, 9, tzinfo=UTC).replace(tzinfo=None), None)


def test_a_fault_of_the_database_tells_the_log_no_name(engine: Engine, north: School) -> None:
    row = {
        "district_id": north.district_id,
        "id": north.teacher_id,
        "school_id": north.school_id,
        "role": "teacher",
        "name": "Wilhelmina Secretname",
        "email": "secret@north.example",
        "secret_hash": "x",
    }
    with Session(engine) as session, pytest.raises(IntegrityError) as fault:
        session.execute(insert(PersonTable).values(**row))
    assert "Secretname" not in str(fault.value)
    assert "secret@" not in str(fault.value)


@only_sqlite
def test_threads_read_and_write_side_by_side_without_a_locked_database(
    app: Flask, parts: Services, north: School
) -> None:
    faults: list[Exception] = []

    def read() -> None:
        try:
            with app.app_context():
                for _ in range(30):
                    with Session(db.engine) as session:
                        session.execute(select(PersonTable.id)).all()
        except Exception as fault:
            faults.append(fault)

    threads = [threading.Thread(target=read) for _ in range(8)]
    for thread in threads:
        thread.start()
    for _ in range(20):
        parts.writer.run(present.set_hand, north.student(), True)
    for thread in threads:
        thread.join()
    assert faults == []
