"""The one door for writes.

A command is a function ``command(session, *arguments, now=..., rng=...)`` that changes the database and returns plain
values. `Writer.run` carries it out and returns only after its COMMIT has reached the disk.

On SQLite one thread owns the only writing connection. It gathers the commands that wait, carries them out one after the
other and commits them together, so that sixty-four children share one fsync. A command that fails before it has changed
anything, as nearly all do that fail, leaves the others alone. One that fails later takes the transaction with it, and
the others are carried out again, each inside a savepoint. A COMMIT that fails is an error for everyone in it. On
PostgreSQL each command is a transaction of its own, tried again when the database asks for that.

The rows of a batch are looked up afresh by each command (the session forgets everything in between): what commands
return must not be ORM objects.
"""

import queue
import random
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Concatenate, ParamSpec, TypeVar

import structlog
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnectionError
from sqlalchemy.orm import Session

from app.base import clock
from app.base.db import IMMEDIATE
from app.base.errors import BusyError
from app.base.statements import DRIVER, stand_or_fall_together
from app.base.turns import Place, place, turns

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

_ending = threading.Lock()
"""Held in the moment in which a command ends, or whoever waits for it gives up."""


class _BatchLostError(Exception):
    """One command's failure took the whole transaction with it, so the others have to be carried out again."""


@dataclass(slots=True)
class _Job:
    """A command that somebody waits for: a bare lock hands it back at a fifth of what a `Future` costs."""

    command: Callable[..., Any]
    arguments: tuple[Any, ...]
    now: datetime | None
    rng: random.Random | None
    in_turn: bool
    settled: bool = False
    _result: Any = None
    _error: BaseException | None = None
    _waited_for: Place = field(default_factory=place)

    def carry_out(self, session: Session, rng: random.Random) -> Any:
        moment = clock.now() if self.now is None else self.now
        return self.command(session, *self.arguments, now=moment, rng=self.rng or rng)

    def settle(self, result: Any, error: BaseException | None = None) -> None:
        """Wake whoever waits, in their turn if they gave it up to wait; done once."""
        self._result, self._error = result, error
        with _ending:
            if self.in_turn:
                turns.line_up(self._waited_for)
            else:
                self._waited_for.release()
            self.settled = True

    def outcome(self) -> Any:
        """What the command returned or raised, once it is settled.

        Raises
        ------
        BusyError
            It took too long.
        """
        self._wait()
        if self._error is not None:
            raise self._error
        return self._result

    def _wait(self) -> None:
        until = time.monotonic() + ANSWER_WITHIN_S
        while not self._waited_for.acquire(timeout=turns.patience_s):
            if self.settled:
                if self.in_turn:
                    turns.leave(self._waited_for)
                return
            if time.monotonic() > until:
                self._give_up()
        if self.in_turn:
            turns.received()

    def _give_up(self) -> None:
        """Leave, unless the command has ended in this very moment: the turn must not come to where nobody waits."""
        with _ending:
            if not self.settled:
                self.in_turn = False
                raise BusyError(BUSY)


def _settle(session: Session) -> None:
    """Send what the unit of work still holds, then forget it."""
    if session.new or session.dirty or session.deleted:
        session.flush()
    if session.identity_map:
        session.expunge_all()


Done = list[tuple[_Job, Any]]
CarryOut = Callable[[Session, Sequence[_Job]], Done]


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
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._limit = limit
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
        job = _Job(command, arguments, now, rng, in_turn=turns.mine())
        if not self._groups:
            alone: R = self._alone(job)
            return alone
        self._start()
        if self._jobs.qsize() >= self._limit:
            raise BusyError(BUSY)
        self._jobs.put(job)
        turns.give()
        outcome: R = job.outcome()
        return outcome

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

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            self._carry_out([job])

    def _gather(self, batch: list[_Job]) -> None:
        """Add the commands that wait, as many as are committed together."""
        while len(batch) < BATCH:
            try:
                job = self._jobs.get_nowait()
            except queue.Empty:
                return
            if job is None:  # for `_work`, once everything before it is done
                self._jobs.put(None)
                return
            batch.append(job)

    def _carry_out(self, batch: list[_Job], carry_out: CarryOut | None = None) -> None:
        try:
            self._commit_together(batch, carry_out or self._in_a_row)
        except _BatchLostError:  # the culprit has its error; every round has one command less
            self._carry_out([job for job in batch if not job.settled], self._in_savepoint)
        except Exception as error:  # the thread must outlive every fault; the fault goes to those who wait
            log.error("batch_failed", error=type(error).__name__, commands=len(batch))
            for job in batch:
                if not job.settled:
                    job.settle(None, error)

    def _commit_together(self, batch: list[_Job], carry_out: CarryOut) -> None:
        with (
            self._engine.connect().execution_options(**{IMMEDIATE: True}) as connection,
            connection.begin(),
            Session(bind=connection, autoflush=False) as session,
        ):
            session.info[DRIVER] = connection.connection.driver_connection
            with turns.taken():
                # Only now: more have come while the turn was somebody else's.
                self._gather(batch)
                done = carry_out(session, batch)
        self._committed()
        for job, result in done:
            job.settle(result)

    def _in_a_row(self, session: Session, batch: Sequence[_Job]) -> Done:
        """Carry commands out with nothing between them: a savepoint each would be a seventh of all statements."""
        driver: Any = session.info[DRIVER]
        stand_or_fall_together(session)
        done: Done = []
        for job in batch:
            changes = driver.total_changes
            try:
                result = job.carry_out(session, self._rng)
                _settle(session)
            except Exception as error:  # belongs to the caller, who waits for it
                job.settle(None, error)
                if driver.total_changes != changes or not driver.in_transaction:
                    raise _BatchLostError from error
                session.expunge_all()
            else:
                done.append((job, result))
        return done

    def _in_savepoint(self, session: Session, batch: Sequence[_Job]) -> Done:
        """Carry commands out so that each can be taken back alone."""
        # The driver's own cursor: SQLAlchemy's nested transactions cost several times the savepoint itself.
        driver: Any = session.info[DRIVER]
        done: Done = []
        for job in batch:
            driver.execute("SAVEPOINT command")
            try:
                result = job.carry_out(session, self._rng)
                _settle(session)
            except Exception as error:  # belongs to the caller, who waits for it
                job.settle(None, error)
                if not driver.in_transaction:  # a failed flush, or SQLite itself, rolled everything back
                    raise _BatchLostError from error
                session.expunge_all()
                driver.execute("ROLLBACK TO command")
                driver.execute("RELEASE command")
            else:
                driver.execute("RELEASE command")
                done.append((job, result))
        return done

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
