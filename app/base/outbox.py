"""Events wake, queries tell.

A command that changes what a board shows adds a row here in its own transaction. The row says only "class 7 changed";
whoever shows the class reads its state again. So a lost, doubled or late event does no lasting harm.

Each process runs one `Tailer`: woken by its own commits, and polling for those of other processes.
"""

import threading
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import structlog
from sqlalchemy import BigInteger, Engine, Identity, Index, Integer, Row, delete, func, insert, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.base.db import Base, table_of
from app.base.statements import Statement, shared

POLL_S = 0.25
KEEP = timedelta(hours=1)
# On PostgreSQL a lower number can become visible after a higher one, so a short stretch is read again.
OVERLAP = 200

log = structlog.get_logger(__name__)


class OutboxRow(Base):
    """One wake-up call."""

    __tablename__ = "outbox"
    __table_args__ = (Index("ix_outbox_created_at", "created_at"), {"sqlite_autoincrement": True})

    seq: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), Identity(), primary_key=True)
    district_id: Mapped[int]
    topic: Mapped[str]
    created_at: Mapped[datetime]


_insert = Statement(insert(table_of(OutboxRow)))


def class_topic(class_id: int) -> str:
    """Topic of everything that a class's board shows."""
    return f"class:{class_id}"


def announce(session: Session, district_id: int, topic: str, *, now: datetime) -> None:
    """Wake whoever shows this topic once the present transaction is committed; once is enough for all in it."""
    together = shared(session)
    if together is not None:
        if topic in together:
            return
        together[topic] = True
    _insert.run(session, {"district_id": district_id, "topic": topic, "created_at": now})


def prune(session: Session, *, now: datetime, rng: object) -> None:
    """Drop wake-up calls nobody can still need."""
    session.execute(delete(OutboxRow).where(OutboxRow.created_at < now - KEEP))


class Tailer:
    """Reads the outbox in a thread of its own and passes each new topic on, at least once.

    Parameters
    ----------
    engine : Engine
    deliver : callable(str)
        Gets each topic; must not block.
    """

    def __init__(self, engine: Engine, deliver: Callable[[str], None]) -> None:
        self._engine = engine
        self._deliver = deliver
        self._wake = threading.Event()
        self._stopping = False
        self._thread: threading.Thread | None = None
        self._starting = threading.Lock()
        self._overlap = 0 if engine.dialect.name == "sqlite" else OVERLAP
        self._seen: dict[int, None] = {}
        self._last = 0

    def wake(self) -> None:
        """Look now; called after each commit of this process."""
        self._wake.set()

    def start(self) -> None:
        """Begin with what is committed from now on; further calls do nothing."""
        with self._starting:
            if self._thread is None or not self._thread.is_alive():
                self._stopping = False
                self._last = self._newest()
                self._seen = dict.fromkeys(seq for seq, _topic in self._rows())
                self._thread = threading.Thread(target=self._work, name="outbox", daemon=True)
                self._thread.start()

    def stop(self) -> None:
        """End the thread."""
        self._stopping = True
        self._wake.set()
        if self._thread is not None:
            self._thread.join()

    def _newest(self) -> int:
        with Session(self._engine) as session:
            return session.scalar(select(func.max(OutboxRow.seq))) or 0

    def _work(self) -> None:
        while not self._stopping:
            self._wake.wait(POLL_S)
            self._wake.clear()
            try:
                self._read()
            except SQLAlchemyError as error:  # the database restarts: keep looking
                log.warning("outbox_unreadable", error=type(error).__name__)

    def _rows(self) -> Sequence[Row[int, str]]:
        with Session(self._engine) as session:
            return session.execute(
                select(OutboxRow.seq, OutboxRow.topic)
                .where(OutboxRow.seq > self._last - self._overlap)
                .order_by(OutboxRow.seq)
            ).all()

    def _read(self) -> None:
        fresh = [(seq, topic) for seq, topic in self._rows() if seq not in self._seen]
        if not fresh:
            return
        self._last = max(self._last, fresh[-1][0])
        floor = self._last - self._overlap
        self._seen = {seq: None for seq in (*self._seen, *(seq for seq, _ in fresh)) if seq > floor}
        for topic in dict.fromkeys(topic for _seq, topic in fresh):
            self._deliver(topic)
