"""Many simulated people on a few threads: each says when it wants to act again, and a heap keeps the order."""

import heapq
import itertools
import threading
from collections import Counter
from collections.abc import Callable
from time import monotonic
from typing import Protocol

import structlog

LOOK_S = 0.25
"""A thread with nothing to do looks this often whether it should stop."""
AFTER_FAULT_S = 5.0

log = structlog.get_logger(__name__)


class Actor(Protocol):
    """Somebody who acts now and then."""

    def act(self, now: float) -> float:
        """Do what is due; returns when to be called again, in seconds of the same clock."""

    def close(self) -> None:
        """End."""


class Crowd:
    """Runs actors until stopped.

    Parameters
    ----------
    threads : int
        Requests that may be under way at once.
    clock : callable
        Seconds; never goes back.
    """

    def __init__(self, threads: int, clock: Callable[[], float] = monotonic) -> None:
        self.counts: Counter[str] = Counter()
        self._threads = threads
        self._clock = clock
        self._due: list[tuple[float, int, Actor]] = []
        self._order = itertools.count()
        self._changed = threading.Condition()
        self._stopping = False

    def add(self, actor: Actor, after_s: float = 0.0) -> None:
        """Let an actor begin after so many seconds."""
        self._schedule(self._clock() + after_s, actor)

    def hear(self, what: str) -> None:
        """Count something that happened."""
        with self._changed:
            self.counts[what] += 1

    def stop(self) -> None:
        """Let every thread end after what it is doing; safe to call from a signal handler."""
        self._stopping = True

    def run(self, seconds: float | None = None) -> None:
        """Act until `stop`, or for so many seconds."""
        workers = [threading.Thread(target=self._work, name="crowd", daemon=True) for _ in range(self._threads)]
        for worker in workers:
            worker.start()
        end = None if seconds is None else self._clock() + seconds
        while not self._stopping and (end is None or self._clock() < end):
            with self._changed:
                self._changed.wait(LOOK_S)
        self.stop()
        for worker in workers:
            worker.join()
        for _at, _order, actor in self._due:
            actor.close()

    def _schedule(self, at: float, actor: Actor) -> None:
        with self._changed:
            heapq.heappush(self._due, (at, next(self._order), actor))
            self._changed.notify()

    def _next(self) -> Actor | None:
        """Whoever is due next, waiting for the moment; None when it is time to stop."""
        with self._changed:
            while not self._stopping:
                wait = self._due[0][0] - self._clock() if self._due else LOOK_S
                if wait <= 0:
                    return heapq.heappop(self._due)[2]
                self._changed.wait(min(wait, LOOK_S))
        return None

    def _work(self) -> None:
        while (actor := self._next()) is not None:
            try:
                at = actor.act(self._clock())
            except Exception as error:  # one confused pupil must not stop the class; the log says what happened
                log.exception("simulated_person_failed", error=type(error).__name__)
                at = self._clock() + AFTER_FAULT_S
            self._schedule(at, actor)
