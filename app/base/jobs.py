"""Work that nobody waits for: a queue that ``flask jobs run`` carries out, in a process of its own.

The queue (huey) is a small SQLite file beside the database, so that nothing has to be installed or kept running for it.
A job is known by its name and takes plain arguments, which are stored as JSON: huey by itself would pickle them, and
whoever could write to the file could then run any program. A job that fails leaves a line in the log and nothing else;
it is not tried again by itself, because it would most likely fail again.
"""

import fcntl
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import orjson
import structlog
from flask import Flask, current_app
from flask.cli import AppGroup
from huey import SqliteHuey, crontab
from huey.registry import Message
from huey.serializer import Serializer

from app.base.errors import ConflictError, WaystationError
from app.base.lazy import JOBS
from app.base.services import services

log = structlog.get_logger(__name__)
KINDNESS = 10
"""Jobs yield to lessons by so much (nice) where both want the processor."""


@dataclass(frozen=True, slots=True)
class Job:
    """Something to be done later; `nightly` jobs take no arguments and come round by themselves."""

    name: str
    run: Callable[..., None]
    nightly: bool = False


class PlainSerializer(Serializer):  # type: ignore[misc]  # huey has no types
    """Messages as JSON; what is not plain cannot be put in, and nothing but a message comes out."""

    def _serialize(self, data: Message) -> bytes:
        return orjson.dumps(list(data))

    def _deserialize(self, data: bytes) -> Message:
        return Message(*orjson.loads(data))


class Jobs:
    """The queue of an application.

    Parameters
    ----------
    app : Flask
    jobs : sequence of Job
        What can be asked for.
    file : Path
        Where the queue is kept.
    immediate : bool
        Carry out each job at once instead of storing it, for tests.
    nightly_hour : int
        Hour (UTC) of the nightly jobs.
    """

    def __init__(self, app: Flask, jobs: Sequence[Job], file: Path, *, immediate: bool, nightly_hour: int) -> None:
        self._app = app
        # Without a write-ahead log: huey opens the file with the system's SQLite, whose log may be the faulty one.
        self._huey = SqliteHuey(
            "waystation",
            filename=str(file),
            journal_mode="delete",
            results=False,
            serializer=PlainSerializer(),
            immediate=immediate,
        )
        nightly = self._huey.periodic_task(crontab(minute="0", hour=str(nightly_hour)))
        self._tasks = {
            job.name: (nightly if job.nightly else self._huey.task(name=job.name))(self._carried_out(job))
            for job in jobs
        }

    def later(self, name: str, **arguments: Any) -> None:
        """Ask for a job; arguments are plain values."""
        self._tasks[name](**arguments)

    @property
    def waiting(self) -> int:
        """How many jobs wait."""
        return int(self._huey.pending_count())

    def run(self) -> None:
        """Carry out jobs, one at a time, until told to stop (SIGINT or SIGTERM)."""
        self._huey.create_consumer(workers=1).run()

    def run_one(self) -> bool:
        """Carry out the job that has waited longest; False when none waits."""
        task = self._huey.dequeue()
        if task is not None:
            self._huey.execute(task)
        return task is not None

    def _carried_out(self, job: Job) -> Callable[..., None]:
        def carried_out(**arguments: Any) -> None:
            with self._app.app_context():
                try:
                    job.run(**arguments)
                except WaystationError as error:
                    log.warning("job_refused", job=job.name, error=type(error).__name__, **arguments)
                except Exception as error:
                    log.error("job_failed", job=job.name, error=type(error).__name__, exc_info=error, **arguments)
                else:
                    log.info("job_done", job=job.name, **arguments)

        carried_out.__name__ = job.name
        return carried_out


def open_jobs(app: Flask, jobs: Sequence[Job]) -> Jobs:
    """Open the queue of an application."""
    with app.app_context():
        settings = services().settings
    file = settings.queue_file
    file.parent.mkdir(parents=True, exist_ok=True)
    return Jobs(app, jobs, file, immediate=settings.environment == "test", nightly_hour=settings.nightly_hour)


def jobs() -> Jobs:
    """Return the present application's queue."""
    found: Jobs = current_app.extensions[JOBS]()
    return found


@contextmanager
def one_at_a_time(name: str, busy: str) -> Iterator[None]:
    """Hold a name alone, against every process of this machine; it is given back even by a process that dies.

    Raises
    ------
    ConflictError
        Somebody holds it; says `busy`.
    """
    queue = services().settings.queue_file
    queue.parent.mkdir(parents=True, exist_ok=True)
    with queue.with_suffix(f".{name}.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise ConflictError(busy) from error
        yield


commands = AppGroup("jobs", help="Work that nobody waits for.")


@commands.command("run")
def run() -> None:
    """Carry out what was asked for, and the nightly jobs, until stopped with Ctrl+C."""
    os.nice(KINDNESS)
    click.echo(f"{jobs().waiting} jobs wait. Nightly jobs begin at {services().settings.nightly_hour}:00 UTC.")
    jobs().run()
