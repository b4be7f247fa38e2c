"""The one door for writes.

A command is a function ``command(session, *arguments, now=..., rng=...)`` that changes the database and returns plain
values. `Writer.run` carries it out and returns only after its COMMIT has reached the disk.

On SQLite one thread owns the only writing connection. It gathers the commands that wait, runs each inside a savepoint
and commits them together, so that sixty-four children share one fsync. A command that fails rolls back alone; a COMMIT
that fails is an error for everyone in it. On PostgreSQL each command is a transaction of its own, tried again when the
database asks for that.

The rows of a batch are looked up afresh by each command (the session forgets everything in between): what commands
return must not be ORM objects.
"""

import queue
import random
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Concatenate, ParamSpec, TypeVar

import structlog
from sqlalchemy import Engine
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnectionError
from sqlalchemy.orm import Session

from app.base import clock
from app.base.db import IMMEDIATE
from app.base.errors import BusyError
from app.base.statements import DRIVER

P = ParamSpec("P")
R = TypeVar("R")
Command = Callable[Concatenate[Session, P], R]

BATCH = 64
RETRIES = 4
ANSWER_WITHIN_S = 30.0
# serialization_failure, deadlock_detected, unique_violation (two devices created the same row at once)
TRY_AGAIN = frozenset({"40001", "40P01", "23505"})

BUSY = "The school's server is very busy. Your work is safe; please try again."

log = structlog.get_logger(__name__)


class _BatchLostError(Exception):
    """One command's failure took the whole transaction with it, so the others have to be carried out again."""


@dataclass(slots=True)
class _Job:
    command: Callable[..., Any]
    arguments: tuple[Any, ...]
    now: datetime | None
    rng: random.Random | None
    future: "Future[Any]"

    def carry_out(self, session: Session, rng: random.Random) -> Any:
        moment = clock.now() if self.now is None else self.now
        return self.command(session, *self.arguments, now=moment, rng=self.rng or rng)


def _settle(session: Session) -> None:
    """Send what the unit of work still holds, then forget it."""
    if session.new or session.dirty or session.deleted:
        session.flush()
    if session.identity_map:
        session.expunge_all()


class Writer:
    """Runs commands one transaction at a time and acknowledges them after the commit.

    Parameters
    ----------
    engine : Engine
    limit : int
        Commands that may wait; one more is refused with `BusyError`.
    committed : callable
        Called after every commit; wakes whoever watches the outbox.
    """

    def __init__(self, engine: Engine, *, limit: int, committed: Callable[[], None]) -> None:
        self._engine = engine
        self._committed = committed
        self._jobs: queue.Queue[_Job | None] = queue.Queue(maxsize=limit)
        self._rng = random.SystemRandom()
        self._thread: threading.Thread | None = None
        self._starting = threading.Lock()
        self._groups = engine.dialect.name == "sqlite"

    def run(
        self,
        command: Callable[..., R],
        *arguments: Any,
        now: datetime | None = None,
        rng: random.Random | None = None,
    ) -> R:
        """Carry out a command and return its result once it is durable.

        Raises
        ------
        BusyError
            Too many commands are waiting, or this one waited too long; whoever asks again must not count twice.
        Exception
            Whatever the command raised; nothing of it was stored.
        """
        job = _Job(command, arguments, now, rng, Future())
        if not self._groups:
            return self._alone(job)  # type: ignore[no-any-return]  # the job has lost its command's result type
        self._start()
        try:
            self._jobs.put_nowait(job)
        except queue.Full:
            raise BusyError(BUSY) from None
        return self._result(job)  # type: ignore[no-any-return]  # as above

    @staticmethod
    def _result(job: _Job) -> Any:
        try:
            return job.future.result(ANSWER_WITHIN_S)
        except TimeoutError:
            if job.future.done():  # the command's own, or done just now
                return job.future.result()
            raise BusyError(BUSY) from None

    def stop(self) -> None:
        """Finish what waits, then end the thread."""
        if self._thread is not None:
            self._jobs.put(None)
            self._thread.join()
            self._thread = None

    def _start(self) -> None:
        # Started by the first command, not by the constructor: a server that forks must have its thread in the child.
        if self._thread is None or not self._thread.is_alive():
            with self._starting:
                if self._thread is None or not self._thread.is_alive():
                    self._thread = threading.Thread(target=self._work, name="writer", daemon=True)
                    self._thread.start()

    def _gather(self) -> tuple[list[_Job], bool]:
        first = self._jobs.get()
        batch: list[_Job] = []
        while first is not None:
            batch.append(first)
            if len(batch) == BATCH:
                return batch, True
            try:
                first = self._jobs.get_nowait()
            except queue.Empty:
                return batch, True
        return batch, False

    def _work(self) -> None:
        going = True
        while going:
            batch, going = self._gather()
            if not batch:
                continue
            self._carry_out(batch)

    def _carry_out(self, batch: Sequence[_Job]) -> None:
        try:
            self._commit_together(batch)
        except _BatchLostError:  # the culprit has its error; every round has one command less
            self._carry_out([job for job in batch if not job.future.done()])
        except Exception as error:  # the thread must outlive every fault; the fault goes to those who wait
            log.error("batch_failed", error=type(error).__name__, commands=len(batch))
            for job in batch:
                if not job.future.done():
                    job.future.set_exception(error)

    def _commit_together(self, batch: Sequence[_Job]) -> None:
        done: list[tuple[_Job, Any]] = []
        with (
            self._engine.connect().execution_options(**{IMMEDIATE: True}) as connection,
            connection.begin(),
            Session(bind=connection, autoflush=False) as session,
        ):
            session.info[DRIVER] = connection.connection.driver_connection
            for job in batch:
                self._in_savepoint(connection, session, job, done)
        self._committed()
        for job, result in done:
            job.future.set_result(result)

    def _in_savepoint(self, connection: Connection, session: Session, job: _Job, done: list[tuple[_Job, Any]]) -> None:
        # The driver's own cursor: SQLAlchemy's nested transactions cost several times the savepoint itself.
        driver: Any = connection.connection.driver_connection
        execute = driver.execute
        execute("SAVEPOINT command")
        try:
            result = job.carry_out(session, self._rng)
            _settle(session)
        except Exception as error:  # belongs to the caller, who waits for it
            job.future.set_exception(error)
            if not driver.in_transaction:  # a failed flush, or SQLite itself, rolled everything back
                raise _BatchLostError from error
            session.expunge_all()
            execute("ROLLBACK TO command")
            execute("RELEASE command")
        else:
            execute("RELEASE command")
            done.append((job, result))

    def _alone(self, job: _Job) -> Any:
        for attempt in range(RETRIES):
            try:
                with Session(self._engine, autoflush=False) as session, session.begin():
                    result = job.carry_out(session, self._rng)
            except DBAPIError as error:
                state = getattr(error.orig, "sqlstate", None)
                if state not in TRY_AGAIN or attempt == RETRIES - 1:
                    raise
            except NoConnectionError:
                raise BusyError(BUSY) from None
            else:
                self._committed()
                return result
        raise AssertionError("unreachable: the last attempt returns or raises")
