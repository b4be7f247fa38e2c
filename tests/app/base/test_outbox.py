"""Events wake: a row in the answer's own commit, and a tailer that passes every topic on at least once."""

import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, create_engine, func, insert, select, text
from sqlalchemy.orm import Session

from app.base import outbox
from app.base.db import db, driver_url, engine_options, prepare, table_of
from app.base.outbox import OVERLAP, OutboxRow, Tailer
from app.base.services import Services
from app.base.writer import Writer
from app.practice.tables import AnswerTable
from tests.conftest import Seeded
from tests.databases import only_postgresql
from tests.factories import School, assign, sign_in_student
from tests.learner import fields_of, serving_in

HTMX = {"HX-Request": "true"}
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


def announce(session: Session, topic: str, *, now: datetime, rng: object) -> None:
    outbox.announce(session, 1, topic, now=now)


def announce_and_fail(session: Session, topic: str, *, now: datetime, rng: object) -> None:
    announce(session, topic, now=now, rng=rng)
    raise LookupError(topic)


class Heard:
    """What a tailer delivered, and waiting for it."""

    def __init__(self) -> None:
        self.topics: list[str] = []
        self._news = threading.Condition()

    def __call__(self, topic: str) -> None:
        with self._news:
            self.topics.append(topic)
            self._news.notify_all()

    def wait_for(self, *topics: str, timeout: float = 5) -> bool:
        with self._news:
            return self._news.wait_for(lambda: set(topics) <= set(self.topics), timeout)


@pytest.fixture
def engine(app: Flask) -> Engine:
    with app.app_context():
        return db.engine


@pytest.fixture
def elsewhere(seed: Seeded, app: Flask) -> Iterator[Writer]:
    """The writer of another process: nobody tells our tailer about its commits."""
    url = driver_url(seed.url)
    engine = create_engine(url, **engine_options(url))
    prepare(engine)
    writer = Writer(engine, limit=10, committed=lambda: None)
    yield writer
    writer.stop()
    engine.dispose()


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture
def make_tailer(engine: Engine) -> Iterator[Callable[[Heard], Tailer]]:
    made: list[Tailer] = []

    def make(heard: Heard) -> Tailer:
        made.append(Tailer(engine, heard))
        made[-1].start()
        return made[-1]

    yield make
    for tailer in made:
        tailer.stop()


MakeTailer = Callable[[Heard], Tailer]


def test_an_answer_wakes_the_board_of_its_class_in_its_own_commit(
    client: FlaskClient, parts: Services, north: School, session: Session, engine: Engine
) -> None:
    assign(parts, north)
    sign_in_student(client, north)
    client.post("/practice/start", headers=HTMX)
    serving = serving_in(client.post("/practice/next", headers=HTMX).text)
    before = session.scalar(select(func.count()).select_from(OutboxRow))
    client.post(f"/servings/{serving}/answer", data=fields_of(session, serving, right=True), headers=HTMX)
    rows = session.execute(select(OutboxRow.topic).order_by(OutboxRow.seq)).scalars().all()
    assert rows[before:] == [f"class:{north.class_id}"]


def test_an_answer_that_is_not_stored_wakes_nobody(
    client: FlaskClient, parts: Services, north: School, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    assign(parts, north)
    sign_in_student(client, north)
    client.post("/practice/start", headers=HTMX)
    serving = serving_in(client.post("/practice/next", headers=HTMX).text)
    before = session.scalar(select(func.count()).select_from(OutboxRow))
    fields = fields_of(session, serving, right=True)
    announce_rightly = outbox.announce

    def announce_then_fail(*arguments: object, **options: object) -> None:
        announce_rightly(*arguments, **options)
        raise LookupError("the power fails")

    monkeypatch.setattr(outbox, "announce", announce_then_fail)
    with pytest.raises(LookupError):
        client.post(f"/servings/{serving}/answer", data=fields, headers=HTMX)
    assert session.scalar(select(func.count()).select_from(OutboxRow)) == before
    assert session.scalar(select(func.count()).select_from(AnswerTable)) == 0


def test_every_topic_of_this_process_is_delivered(parts: Services, make_tailer: MakeTailer, heard: Heard) -> None:
    tailer = make_tailer(heard)
    for n in range(20):
        parts.writer.run(announce, f"class:{n}")
        tailer.wake()
    assert heard.wait_for(*(f"class:{n}" for n in range(20)))


def test_what_another_process_commits_is_found_without_being_told(
    make_tailer: MakeTailer, heard: Heard, elsewhere: Writer
) -> None:
    make_tailer(heard)
    elsewhere.run(announce, "class:7")
    started = time.monotonic()
    assert heard.wait_for("class:7", timeout=2)
    assert time.monotonic() - started < 1.5


def test_the_tailer_begins_with_what_comes_now(parts: Services, make_tailer: MakeTailer, heard: Heard) -> None:
    parts.writer.run(announce, "class:old")
    tailer = make_tailer(heard)
    parts.writer.run(announce, "class:new")
    tailer.wake()
    assert heard.wait_for("class:new")
    assert "class:old" not in heard.topics


def test_a_command_that_failed_is_never_heard_of(parts: Services, make_tailer: MakeTailer, heard: Heard) -> None:
    make_tailer(heard)
    with pytest.raises(LookupError):
        parts.writer.run(announce_and_fail, "class:1")
    parts.writer.run(announce, "class:2")
    assert heard.wait_for("class:2")
    assert heard.topics == ["class:2"]


def test_many_writers_at_once_lose_no_topic(
    parts: Services, make_tailer: MakeTailer, heard: Heard, elsewhere: Writer
) -> None:
    make_tailer(heard)

    def work(writer: Writer, name: str) -> None:
        for n in range(15):
            writer.run(announce, f"{name}:{n}")

    threads = [
        threading.Thread(target=work, args=(writer, f"{place}{n}"))
        for n in range(3)
        for place, writer in (("here", parts.writer), ("there", elsewhere))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert heard.wait_for(*(f"{place}{n}:{m}" for place in ("here", "there") for n in range(3) for m in range(15)))


def test_a_tailer_that_was_stopped_can_be_started_again(parts: Services, make_tailer: MakeTailer, heard: Heard) -> None:
    tailer = make_tailer(heard)
    tailer.stop()
    parts.writer.run(announce, "class:missed")
    tailer.start()
    parts.writer.run(announce, "class:1")
    assert heard.wait_for("class:1")
    tailer.start()  # once more does nothing
    parts.writer.run(announce, "class:2")
    assert heard.wait_for("class:2")
    assert heard.topics.count("class:2") == 1


def test_a_database_that_cannot_be_read_for_a_while_is_asked_again(
    parts: Services, make_tailer: MakeTailer, heard: Heard, engine: Engine
) -> None:
    tailer = make_tailer(heard)
    parts.writer.run(_sql, "ALTER TABLE outbox RENAME TO away")
    time.sleep(0.4)  # it looks at least once, in vain
    parts.writer.run(_sql, "ALTER TABLE away RENAME TO outbox")
    parts.writer.run(announce, "class:1")
    tailer.wake()
    assert heard.wait_for("class:1")


def _sql(session: Session, statement: str, *, now: datetime, rng: object) -> None:
    session.execute(text(statement))


@only_postgresql
def test_a_connection_that_the_database_cuts_is_opened_again(
    parts: Services, make_tailer: MakeTailer, heard: Heard, elsewhere: Writer
) -> None:
    make_tailer(heard)
    elsewhere.run(
        _sql,
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE datname = current_database() AND pid <> pg_backend_pid()",
    )
    elsewhere.run(announce, "class:1")
    assert heard.wait_for("class:1")


@only_postgresql
def test_a_lower_number_that_is_committed_later_is_still_delivered(
    parts: Services, make_tailer: MakeTailer, heard: Heard, engine: Engine
) -> None:
    tailer = make_tailer(heard)
    with Session(engine) as slow:
        announce(slow, "class:slow", now=NOW, rng=None)
        slow.flush()
        for n in range(OVERLAP // 4):
            parts.writer.run(announce, f"class:{n}")
        tailer.wake()
        assert heard.wait_for(f"class:{OVERLAP // 4 - 1}")
        assert "class:slow" not in heard.topics
        slow.commit()
    assert heard.wait_for("class:slow")
    assert heard.topics.count("class:slow") == 1


@only_postgresql
def test_a_transaction_that_was_open_when_the_tailer_began_is_delivered(
    make_tailer: MakeTailer, heard: Heard, engine: Engine, elsewhere: Writer
) -> None:
    with Session(engine) as slow:
        announce(slow, "class:slow", now=NOW, rng=None)
        slow.flush()
        elsewhere.run(announce, "class:1")
        make_tailer(heard)
        slow.commit()
    assert heard.wait_for("class:slow")
    assert "class:1" not in heard.topics


def test_old_calls_are_dropped_and_numbers_are_never_used_again(
    parts: Services, make_tailer: MakeTailer, heard: Heard, session: Session
) -> None:
    parts.writer.run(announce, "class:old", now=NOW)
    newest = session.scalar(select(func.max(OutboxRow.seq)))
    parts.writer.run(outbox.prune, now=NOW + timedelta(hours=2))
    assert session.scalar(select(func.count()).select_from(OutboxRow)) == 0
    make_tailer(heard)
    parts.writer.run(announce, "class:1")
    assert session.scalar(select(func.min(OutboxRow.seq))) > newest
    assert heard.wait_for("class:1")


def test_calls_of_the_last_minutes_are_kept(parts: Services, session: Session) -> None:
    parts.writer.run(announce, "class:1", now=NOW)
    parts.writer.run(outbox.prune, now=NOW + timedelta(minutes=30))
    assert session.scalar(select(func.count()).where(OutboxRow.topic == "class:1")) == 1


def test_a_thousand_calls_for_one_class_are_few_deliveries(
    parts: Services, make_tailer: MakeTailer, heard: Heard
) -> None:
    tailer = make_tailer(heard)
    parts.writer.run(_thousand)
    tailer.wake()
    assert heard.wait_for("class:1")
    assert len(heard.topics) == 1


def _thousand(session: Session, *, now: datetime, rng: object) -> None:
    row = {"district_id": 1, "topic": "class:1", "created_at": now}
    session.execute(insert(table_of(OutboxRow)), [row] * 1000)
