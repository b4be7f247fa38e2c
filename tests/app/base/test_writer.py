"""The one door for writes: who shares a commit, who fails alone, and when a command is acknowledged."""

import random
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, create_engine, event, insert, select, text
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
from sqlalchemy.orm import Session

from app.base.db import db, driver_url
from app.base.errors import BusyError
from app.base.ids import new_id
from app.base.services import Services
from app.base.turns import turns
from app.base.writer import BATCH, RETRIES, Writer
from app.rostering.tables import DistrictTable
from tests.conftest import Seeded
from tests.databases import only_postgresql, only_sqlite
from tests.factories import School, assign, sign_in_student

Names = Callable[[], list[str]]
HTMX = {"HX-Request": "true"}


def add(session: Session, name: str, *, now: datetime, rng: object) -> str:
    """Found a district: the smallest command there is."""
    session.execute(insert(DistrictTable).values(id=new_id(), name=name))
    return name


def add_and_fail(session: Session, name: str, *, now: datetime, rng: object) -> str:
    add(session, name, now=now, rng=rng)
    raise LookupError(name)


def add_and_break_a_rule(session: Session, name: str, *, now: datetime, rng: object) -> str:
    """Insert the same key twice, by the unit of work: the database refuses while it is flushed."""
    session.add_all([DistrictTable(id=7, name=name), DistrictTable(id=8, name=name)])
    session.flush()
    session.execute(insert(DistrictTable).values(id=7, name=name))
    return name


def add_and_forget_to_flush(session: Session, name: str, *, now: datetime, rng: object) -> str:
    session.add(DistrictTable(id=new_id(), name=name))
    return name


def leave_a_broken_object(session: Session, name: str, *, now: datetime, rng: object) -> str:
    session.add(DistrictTable(id=session.scalar(select(DistrictTable.id).limit(1)), name=name))
    return name


def names(session: Session, *, now: datetime, rng: object) -> list[str]:
    return list(session.execute(select(DistrictTable.name).order_by(DistrictTable.id)).scalars())


class Gate:
    """A command that holds the writer until it is opened, so that the ones behind it share a batch."""

    def __init__(self) -> None:
        self.entered = threading.Event()
        self.opened = threading.Event()

    def __call__(self, session: Session, *, now: datetime, rng: object) -> None:
        self.entered.set()
        assert self.opened.wait(5)


@pytest.fixture
def engine(app: Flask) -> Engine:
    with app.app_context():
        return db.engine


@pytest.fixture
def writer(engine: Engine) -> Iterator[Writer]:
    made = Writer(engine, limit=200, committed=lambda: None)
    yield made
    made.stop()


@pytest.fixture
def stored(engine: Engine) -> Names:
    """What is committed, seen by somebody else."""

    def look() -> list[str]:
        with Session(engine) as session:
            return list(session.execute(select(DistrictTable.name)).scalars())

    return look


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(80) as threads:
        yield threads


def together(
    writer: Writer, pool: ThreadPoolExecutor, *commands: tuple[Any, ...], must_open: bool = True
) -> list["Future[Any]"]:
    """Run commands behind one that holds the writer up, so that on SQLite they are one batch in this order."""
    gate = Gate()
    first = pool.submit(writer.run, gate)
    assert gate.entered.wait(5)
    waiting = []
    for command in commands:
        waiting.append(pool.submit(writer.run, *command))
        if writer._groups:
            wait_until(lambda: writer._jobs.qsize() == len(waiting))
    gate.opened.set()
    if must_open:
        first.result(5)
    return waiting


def wait_until(true: Callable[[], bool]) -> None:
    until = time.monotonic() + 5
    while not true():
        assert time.monotonic() < until
        time.sleep(0.001)


def test_a_command_gives_back_its_result_once_it_is_stored(writer: Writer, stored: Names) -> None:
    assert writer.run(add, "West") == "West"
    assert "West" in stored()


def test_a_command_that_fails_rolls_back_alone_and_the_others_commit(
    writer: Writer, pool: ThreadPoolExecutor, stored: Names
) -> None:
    good, bad, after = together(writer, pool, (add, "West"), (add_and_fail, "East"), (add, "Mid"))
    assert (good.result(5), after.result(5)) == ("West", "Mid")
    with pytest.raises(LookupError, match="East"):
        bad.result(5)
    assert "East" not in stored()
    assert {"West", "Mid"} <= set(stored())


def refuse(session: Session, name: str, *, now: datetime, rng: object) -> str:
    """Look, and find nothing that this caller may change."""
    session.execute(select(DistrictTable.id)).all()
    raise LookupError(name)


@only_sqlite
def test_a_command_that_fails_before_it_changed_anything_costs_the_others_nothing(
    writer: Writer, pool: ThreadPoolExecutor, stored: Names
) -> None:
    carried_out: list[str] = []

    def add_and_note(session: Session, name: str, *, now: datetime, rng: object) -> str:
        carried_out.append(name)
        return add(session, name, now=now, rng=rng)

    waiting = together(writer, pool, (add_and_note, "West"), (refuse, "Mid"), (add_and_note, "East"))
    assert waiting[0].result(5) == "West"
    with pytest.raises(LookupError):
        waiting[1].result(5)
    assert waiting[2].result(5) == "East"
    assert carried_out == ["West", "East"]
    assert {"West", "East"} <= set(stored())


@pytest.mark.parametrize("breaking", [add_and_break_a_rule, leave_a_broken_object])
def test_a_command_that_breaks_a_rule_of_the_database_rolls_back_alone(
    writer: Writer, pool: ThreadPoolExecutor, stored: Names, breaking: Callable[..., str]
) -> None:
    good, bad, after = together(writer, pool, (add, "West"), (breaking, "East"), (add, "Mid"))
    assert (good.result(5), after.result(5)) == ("West", "Mid")
    with pytest.raises(IntegrityError):
        bad.result(5)
    assert "East" not in stored()
    assert {"West", "Mid"} <= set(stored())


def test_what_the_unit_of_work_still_holds_is_stored_too(writer: Writer, stored: Names) -> None:
    writer.run(add_and_forget_to_flush, "West")
    assert "West" in stored()


def test_a_batch_is_one_commit(app: Flask, engine: Engine, writer: Writer, pool: ThreadPoolExecutor) -> None:
    commits: list[Connection] = []
    event.listen(engine, "commit", commits.append)
    done = together(writer, pool, *((add, f"N{n}") for n in range(10)))
    assert [one.result(5) for one in done] == [f"N{n}" for n in range(10)]
    assert len(commits) == (2 if engine.dialect.name == "sqlite" else 10)  # the gate's own, and one for all


def test_more_commands_than_a_batch_holds_are_all_carried_out(
    writer: Writer, pool: ThreadPoolExecutor, stored: Names
) -> None:
    done = list(pool.map(lambda n: writer.run(add, f"N{n}"), range(BATCH * 2 + 3)))
    assert set(done) <= set(stored())
    assert len(done) == len(set(done)) == BATCH * 2 + 3


def test_commands_of_a_batch_see_what_the_ones_before_them_did(writer: Writer, pool: ThreadPoolExecutor) -> None:
    first, seen = together(writer, pool, (add, "West"), (names,))
    assert first.result(5) == "West"
    if writer._groups:
        assert "West" in seen.result(5)
    assert "West" in writer.run(names)


def test_nothing_is_acknowledged_before_the_commit(engine: Engine, writer: Writer, pool: ThreadPoolExecutor) -> None:
    held = threading.Event()
    reached = threading.Event()

    def hold(_connection: Connection) -> None:
        reached.set()
        assert held.wait(5)

    event.listen(engine, "commit", hold)
    answer = pool.submit(writer.run, add, "West")
    assert reached.wait(5)
    assert not answer.done()
    held.set()
    assert answer.result(5) == "West"


@contextmanager
def failing_commits(engine: Engine) -> Iterator[None]:
    """The disk is full: every COMMIT of this engine fails."""

    def fail(_connection: Connection) -> None:
        raise OperationalError("COMMIT", {}, OSError("disk full"))

    event.listen(engine, "commit", fail)
    yield
    event.remove(engine, "commit", fail)


def test_a_commit_that_fails_is_an_error_for_everyone_in_it(
    engine: Engine, writer: Writer, pool: ThreadPoolExecutor, stored: Names
) -> None:
    with failing_commits(engine):
        for one in together(writer, pool, (add, "West"), (add, "East"), must_open=False):
            with pytest.raises(OperationalError):
                one.result(5)
    assert not {"West", "East"} & set(stored())
    assert writer.run(add, "Mid") == "Mid"
    assert "Mid" in stored()


def test_who_watches_is_told_after_the_commit_and_not_after_a_failure(engine: Engine, stored: Names) -> None:
    seen: list[bool] = []
    writer = Writer(engine, limit=10, committed=lambda: seen.append("West" in stored()))
    writer.run(add, "West")
    with failing_commits(engine), pytest.raises(OperationalError):
        writer.run(add, "East")
    writer.stop()
    assert seen == [True]


def test_a_hundred_threads_write_each_command_once(writer: Writer, stored: Names) -> None:
    with ThreadPoolExecutor(20) as threads:
        done = list(threads.map(lambda n: writer.run(add, f"N{n:03}"), range(100)))
    assert done == [f"N{n:03}" for n in range(100)]
    assert sorted(name for name in stored() if name.startswith("N") and name[1:].isdecimal()) == done


def test_a_command_is_told_the_time_and_the_randomness_it_was_given(writer: Writer) -> None:
    moment = datetime(2026, 3, 2, 8, 30, tzinfo=UTC)

    def tell(session: Session, *, now: datetime, rng: random.Random) -> tuple[datetime, float]:
        return now, rng.random()

    assert writer.run(tell, now=moment, rng=random.Random(3)) == (moment, random.Random(3).random())
    own = writer.run(tell)
    assert own[0].tzinfo is not None
    assert abs((own[0] - datetime.now(UTC)).total_seconds()) < 5


def test_stopping_finishes_what_waits(engine: Engine, pool: ThreadPoolExecutor, stored: Names) -> None:
    writer = Writer(engine, limit=10, committed=lambda: None)
    waiting = together(writer, pool, (add, "West"), (add, "East"))
    writer.stop()
    assert [one.result(5) for one in waiting] == ["West", "East"]
    assert {"West", "East"} <= set(stored())
    assert writer.run(add, "Mid") == "Mid"  # it starts again when it is needed again
    writer.stop()


@only_sqlite
def test_a_full_queue_refuses_the_next_command_and_loses_none(
    engine: Engine, pool: ThreadPoolExecutor, stored: Names
) -> None:
    writer = Writer(engine, limit=2, committed=lambda: None)
    gate = Gate()
    held = pool.submit(writer.run, gate)
    assert gate.entered.wait(5)
    waiting = [pool.submit(writer.run, add, name) for name in ("West", "East")]
    wait_until(lambda: writer._jobs.qsize() == 2)
    with pytest.raises(BusyError, match="try again"):
        writer.run(add, "Mid")
    gate.opened.set()
    held.result(5)
    assert sorted(one.result(5) for one in waiting) == ["East", "West"]
    writer.stop()
    assert {"West", "East"} <= set(stored())
    assert "Mid" not in stored()


@only_sqlite
def test_a_busy_server_says_when_to_come_back(
    client: FlaskClient, parts: Services, north: School, pool: ThreadPoolExecutor
) -> None:
    assign(parts, north)
    sign_in_student(client, north)
    gate = Gate()
    held = pool.submit(parts.writer.run, gate)
    assert gate.entered.wait(5)
    parts.writer._limit = 1
    waiting = pool.submit(parts.writer.run, add, "West")
    wait_until(lambda: parts.writer._jobs.qsize() == 1)
    refused = client.post("/practice/start", headers=HTMX)
    gate.opened.set()
    held.result(5)
    waiting.result(5)
    assert refused.status_code == 503
    assert int(refused.headers["Retry-After"]) >= 1
    assert "very busy" in refused.text
    assert client.post("/practice/start", headers=HTMX).status_code == 200


@only_sqlite
def test_a_command_that_takes_too_long_is_a_busy_server(
    writer: Writer, pool: ThreadPoolExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.base.writer.ANSWER_WITHIN_S", 0.05)
    gate = Gate()
    with pytest.raises(BusyError):
        writer.run(gate)
    gate.opened.set()


@only_sqlite
def test_the_turn_does_not_come_to_who_has_given_up_waiting(writer: Writer, monkeypatch: pytest.MonkeyPatch) -> None:
    gate = Gate()
    with monkeypatch.context() as impatient:
        impatient.setattr("app.base.writer.ANSWER_WITHIN_S", 0.05)
        with turns.taken(), pytest.raises(BusyError):
            writer.run(gate)
    gate.opened.set()
    writer.run(add, "West")  # once it is stored, the command before it has ended too
    with turns.taken():
        assert turns.mine()


class Failing:
    """A command that PostgreSQL refuses some times in the way it refuses concurrent transactions."""

    def __init__(self, state: str, times: int) -> None:
        self.state, self.times, self.tries = state, times, 0

    def __call__(self, session: Session, name: str, *, now: datetime, rng: object) -> str:
        add(session, name, now=now, rng=rng)
        self.tries += 1
        if self.tries <= self.times:
            session.execute(text(f"DO $$ BEGIN RAISE EXCEPTION 'refused' USING ERRCODE = '{self.state}'; END $$"))
        return name


@only_postgresql
@pytest.mark.parametrize("state", ["40001", "40P01", "23505"])
def test_postgresql_is_asked_again_when_transactions_collide(writer: Writer, stored: Names, state: str) -> None:
    command = Failing(state, times=2)
    assert writer.run(command, "West") == "West"
    assert command.tries == 3
    assert stored().count("West") == 1


@only_postgresql
def test_postgresql_is_not_asked_for_ever(writer: Writer, stored: Names) -> None:
    command = Failing("40001", times=1000)
    with pytest.raises(DBAPIError):
        writer.run(command, "West")
    assert command.tries == RETRIES
    assert "West" not in stored()


@only_postgresql
def test_a_fault_that_trying_again_does_not_mend_is_not_tried_again(writer: Writer) -> None:
    command = Failing("22003", times=1)
    with pytest.raises(DBAPIError):
        writer.run(command, "West")
    assert command.tries == 1


@only_postgresql
def test_a_pool_without_a_free_connection_is_a_busy_server(seed: Seeded) -> None:
    engine = create_engine(driver_url(seed.url), pool_size=1, max_overflow=0, pool_timeout=0.05)
    writer = Writer(engine, limit=10, committed=lambda: None)
    with engine.connect(), pytest.raises(BusyError):
        writer.run(add, "West")
    assert writer.run(add, "West") == "West"
    engine.dispose()


def test_who_gave_the_turn_for_a_command_has_it_again_afterwards(writer: Writer, stored: Names) -> None:
    with turns.taken():
        writer.run(add, "West")
        assert turns.mine()
    assert not turns.mine()
    assert "West" in stored()


def test_a_command_is_carried_out_in_the_turn_that_was_given_for_it(writer: Writer) -> None:
    with turns.taken():
        assert writer.run(lambda session, *, now, rng: turns.mine())


def test_turns_are_whole_again_after_many_waited_for_commands(writer: Writer, pool: ThreadPoolExecutor) -> None:
    def work(number: int) -> str:
        with turns.taken():
            return writer.run(add, f"District {number}")

    assert list(pool.map(work, range(60))) == [f"District {number}" for number in range(60)]
    wait_until(lambda: turns._free and not turns._line)
