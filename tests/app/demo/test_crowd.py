"""Many actors on few threads."""

import threading
from time import monotonic

import pytest

from app.demo.crowd import Crowd


class Counter:
    """Acts every few milliseconds, and tells when."""

    def __init__(self, every_s: float = 0.01, faults: int = 0) -> None:
        self.times: list[float] = []
        self.closed = False
        self._every_s = every_s
        self._faults = faults
        self._busy = threading.Lock()

    def act(self, now: float) -> float:
        assert self._busy.acquire(blocking=False), "one actor never acts twice at once"
        try:
            if self._faults:
                self._faults -= 1
                raise ValueError("confused")
            self.times.append(now)
            return now + self._every_s
        finally:
            self._busy.release()

    def close(self) -> None:
        self.closed = True


def test_everyone_acts_again_and_again_and_is_closed_in_the_end() -> None:
    crowd, actors = Crowd(4), [Counter() for _ in range(20)]
    for actor in actors:
        crowd.add(actor)
    crowd.run(0.5)
    assert all(len(actor.times) > 5 for actor in actors)
    assert all(actor.closed for actor in actors)


def test_nobody_acts_before_their_time() -> None:
    crowd, late = Crowd(2), Counter()
    began = monotonic()
    crowd.add(late, after_s=0.2)
    crowd.run(0.4)
    assert late.times[0] - began >= 0.2


def test_one_confused_actor_does_not_stop_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.demo.crowd.AFTER_FAULT_S", 0.05)
    crowd, confused, calm = Crowd(1), Counter(faults=1), Counter()
    crowd.add(confused)
    crowd.add(calm)
    crowd.run(0.4)
    assert len(calm.times) > 5
    assert len(confused.times) > 3


def test_stop_ends_a_run_at_once() -> None:
    crowd = Crowd(2)
    crowd.add(Counter())
    threading.Timer(0.1, crowd.stop).start()
    began = monotonic()
    crowd.run()
    assert monotonic() - began < 2
