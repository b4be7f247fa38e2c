"""Work that nobody waits for: kept until it is done, plain in the file, and quiet about people when it fails."""

import json
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import orjson
import pytest
import structlog
from flask import Flask, current_app

from app.base import jobs
from app.base.errors import ConflictError, InvalidError
from app.base.jobs import Job, Jobs, PlainSerializer, one_at_a_time
from app.factory import create_app
from tests.conftest import Seeded, settings, stop


@pytest.fixture
def app(sqlite_seed: Seeded, tmp_path: Path) -> Iterator[Flask]:
    """The queue is a file of its own whatever the database is, so one database will do."""
    application = create_app(settings(sqlite_seed.url, jobs_file=tmp_path / "test.jobs"))
    yield application
    stop(application)


@pytest.fixture
def done() -> list[object]:
    """What the jobs of a test have done."""
    return []


@pytest.fixture
def queue(app: Flask, tmp_path: Path, done: list[object]) -> Jobs:
    """A queue on the disk with a job that works, two that do not, and one for the night."""

    def greet(place: str) -> None:
        done.append((place, current_app.name))

    def refuse() -> None:
        raise InvalidError("Ana has no answers.")

    def fail() -> None:
        raise ZeroDivisionError("Ana / 0")

    known = [Job("greet", greet), Job("refuse", refuse), Job("fail", fail), Job("tidy", lambda: None, nightly=True)]
    return Jobs(app, known, tmp_path / "own.jobs", immediate=False, nightly_hour=2)


@pytest.fixture
def lines() -> Iterator[list[structlog.types.EventDict]]:
    with structlog.testing.capture_logs() as caught:
        yield caught


def test_a_job_waits_until_someone_carries_it_out(queue: Jobs, done: list[object]) -> None:
    queue.later("greet", place="north")
    queue.later("greet", place="south")
    assert (queue.waiting, done) == (2, [])
    assert queue.run_one()
    assert done == [("north", "app")]
    assert queue.run_one()
    assert not queue.run_one()
    assert [place for place, _ in done] == ["north", "south"]


def test_another_process_finds_what_was_asked_for(queue: Jobs, app: Flask, tmp_path: Path, done: list[object]) -> None:
    queue.later("greet", place="north")
    reader = Jobs(app, [Job("greet", done.append)], tmp_path / "own.jobs", immediate=False, nightly_hour=2)
    assert reader.waiting == 1


def test_jobs_lie_in_the_file_as_json(queue: Jobs, tmp_path: Path) -> None:
    queue.later("greet", place="north")
    with sqlite3.connect(tmp_path / "own.jobs") as file:
        (stored,) = file.execute("SELECT data FROM task").fetchone()
        assert file.execute("PRAGMA journal_mode").fetchone() == ("delete",)
    file.close()
    assert {"place": "north"} in json.loads(bytes(stored))


def test_what_is_not_plain_cannot_be_asked_for(queue: Jobs) -> None:
    with pytest.raises(TypeError):
        queue.later("greet", place=object())


def test_a_file_that_someone_has_filled_with_a_program_runs_nothing() -> None:
    program = (
        b"\x80\x04\x8c\x05posix\x94\x8c\x06system\x94\x93\x94\x8c\x04true\x94\x85\x94R\x94."  # what pickle would run
    )
    with pytest.raises(orjson.JSONDecodeError):
        PlainSerializer().deserialize(program)


def test_a_job_that_fails_leaves_a_line_without_names(queue: Jobs, lines: list[structlog.types.EventDict]) -> None:
    for name in ("refuse", "fail", "greet"):
        queue.later(name, **({"place": "north"} if name == "greet" else {}))
    while queue.run_one():
        pass
    assert [(line["event"], line["job"], line.get("error")) for line in lines] == [
        ("job_refused", "refuse", "InvalidError"),
        ("job_failed", "fail", "ZeroDivisionError"),
        ("job_done", "greet", None),
    ]
    assert "Ana" not in str([{**line, "exc_info": None} for line in lines])


def test_nightly_jobs_come_round_once_a_night(queue: Jobs) -> None:
    def due(hour: int, minute: int) -> list[str]:
        moment = datetime(2026, 3, 2, hour, minute, tzinfo=UTC).replace(tzinfo=None)
        return [type(task).__name__ for task in queue._huey.read_periodic(moment)]

    assert due(2, 0) == ["tidy"]
    assert due(2, 1) == due(3, 0) == due(14, 0) == []


def test_what_is_held_alone_is_given_back(app: Flask) -> None:
    with app.app_context():
        with one_at_a_time("north", "Busy."), one_at_a_time("south", "Busy."):
            again = one_at_a_time("north", "Busy.")
            with pytest.raises(ConflictError, match="Busy"):
                again.__enter__()
        with one_at_a_time("north", "Busy."):
            pass


def test_the_command_says_how_many_jobs_wait_and_carries_them_out(
    app: Flask, queue: Jobs, done: list[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    def until_empty(self: Jobs) -> None:
        while self.run_one():
            pass

    monkeypatch.setitem(app.extensions, jobs.JOBS, lambda: queue)
    monkeypatch.setattr(jobs.os, "nice", lambda by: by)
    monkeypatch.setattr(Jobs, "run", until_empty)
    queue.later("greet", place="north")
    told = app.test_cli_runner().invoke(args=["jobs", "run"])
    assert told.output.startswith("1 jobs wait. Nightly jobs begin at 2:00 UTC.")
    assert done == [("north", "app")]
