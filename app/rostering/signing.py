"""From a browser's cookie to the person behind it, without asking the database twice within a few seconds."""

import threading
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import cast

from flask import Flask
from sqlalchemy import Engine

from app.base import clock
from app.base.auth import Caller
from app.base.ids import read_id
from app.base.writer import Writer
from app.config import Settings
from app.rostering import queries, service

# A sign-out in another process takes effect here after at most this long; in this process at once.
REMEMBER = timedelta(seconds=2)
TOUCH_EVERY = timedelta(minutes=1)
MOST_REMEMBERED = 10_000

KEY = "waystation_sign_ins"


@dataclass(frozen=True, slots=True)
class _Known:
    """What the database said about a cookie and when, and when a person was last behind it."""

    caller: Caller
    asked_at: datetime
    seen_at: datetime

    def still_good(self, now: datetime, active: bool) -> bool:
        must_touch = active and now - self.seen_at > TOUCH_EVERY
        return timedelta(0) <= now - self.asked_at < REMEMBER and not must_touch


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
    _known: dict[str, _Known] = field(default_factory=dict, init=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False)

    def __call__(self, cookie: str, active: bool) -> Caller | None:
        """Return who this cookie stands for, or None when it ended, idled out or was never given.

        Parameters
        ----------
        cookie : str
        active : bool
            A person is behind this request, not a page that calls by itself.
        """
        now = clock.now()
        known = self._known.get(cookie)
        if known is not None and known.still_good(now, active):
            return known.caller
        known = self._look_up(cookie, active, now)
        with self._lock:
            if known is None:
                self._known.pop(cookie, None)
                return None
            if len(self._known) >= MOST_REMEMBERED:
                self._known.clear()
            self._known[cookie] = known
        return known.caller

    def forget(self, cookie: str) -> None:
        """Look this cookie up again the next time; for sign-out."""
        with self._lock:
            self._known.pop(cookie, None)

    def _look_up(self, cookie: str, active: bool, now: datetime) -> _Known | None:
        before, _, token = cookie.partition(".")
        district = read_id(before)
        if district is None:
            return None
        found = queries.sign_in_with(
            self.engine,
            district,
            token,
            now=now,
            student_idle=timedelta(minutes=self.settings.student_idle_minutes),
            adult_idle=timedelta(minutes=self.settings.adult_idle_minutes),
        )
        if found is None:
            return None
        if active and now - found.seen_at > TOUCH_EVERY:
            self.writer.run(service.touch, found.caller)
            return _Known(found.caller, now, now)
        return _Known(found.caller, now, found.seen_at)


def sign_ins(app: Flask) -> SignIns:
    """The application's sign-ins."""
    return cast(SignIns, app.extensions[KEY])
