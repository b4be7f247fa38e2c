"""From a browser's cookie to the person behind it, without asking the database twice within a few seconds."""

import threading
from dataclasses import dataclass, field
from datetime import timedelta
from time import monotonic

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from app.base import clock
from app.base.auth import Caller
from app.base.writer import Writer
from app.config import Settings
from app.rostering import queries, service

# A sign-out in another process takes effect here after at most this long; in this process at once.
REMEMBER_S = 2.0
TOUCH_EVERY = timedelta(minutes=1)
MOST_REMEMBERED = 10_000


@dataclass(slots=True)
class SignIns:
    """Looks up sign-ins and keeps them alive.

    Parameters
    ----------
    engine, writer, settings
        The application's own.
    """

    engine: Engine
    writer: Writer
    settings: Settings
    _known: dict[str, tuple[float, Caller]] = field(default_factory=dict, init=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False)

    def __call__(self, cookie: str, active: bool) -> Caller | None:
        """Return who this cookie stands for, or None when it ended, idled out or was never given.

        Parameters
        ----------
        cookie : str
        active : bool
            A person is behind this request, not a page that calls by itself.
        """
        known = self._known.get(cookie)
        if known is not None and monotonic() - known[0] < REMEMBER_S:
            return known[1]
        caller = self._look_up(cookie, active)
        with self._lock:
            if caller is None:
                self._known.pop(cookie, None)
            else:
                if len(self._known) >= MOST_REMEMBERED:
                    self._known.clear()
                self._known[cookie] = (monotonic(), caller)
        return caller

    def forget(self, cookie: str) -> None:
        """Look this cookie up again the next time; for sign-out."""
        with self._lock:
            self._known.pop(cookie, None)

    def _look_up(self, cookie: str, active: bool) -> Caller | None:
        district, _, token = cookie.partition(".")
        if not district.isdecimal():
            return None
        now = clock.now()
        with Session(self.engine) as session:
            found = queries.sign_in_with(
                session,
                int(district),
                token,
                now=now,
                student_idle=timedelta(minutes=self.settings.student_idle_minutes),
                adult_idle=timedelta(minutes=self.settings.adult_idle_minutes),
            )
        if found is None:
            return None
        if active and now - found.seen_at > TOUCH_EVERY:
            self.writer.run(service.touch, found.caller)
        return found.caller
