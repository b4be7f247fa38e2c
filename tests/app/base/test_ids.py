"""Identifiers: never twice, in the order in which they were made, and small enough for a BIGINT."""

import threading
import time

import pytest

from app.base.ids import EPOCH_MS, IdSource, new_id


def test_identifiers_grow() -> None:
    made = [new_id() for _ in range(5_000)]
    assert made == sorted(set(made))


def test_threads_never_get_the_same_one() -> None:
    made: list[list[int]] = [[] for _ in range(8)]

    def work(place: int) -> None:
        made[place] = [new_id() for _ in range(2_000)]

    threads = [threading.Thread(target=work, args=(place,)) for place in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({one for each in made for one in each}) == 16_000
    assert all(each == sorted(each) for each in made)


def test_two_processes_never_make_the_same_one() -> None:
    one, other = IdSource(node=1), IdSource(node=2)
    assert not {one() for _ in range(2_000)} & {other() for _ in range(2_000)}


def test_an_identifier_of_a_later_millisecond_sorts_later_whoever_made_it(monkeypatch: pytest.MonkeyPatch) -> None:
    high, low = IdSource(node=4095), IdSource(node=0)
    moment = time.time_ns()
    monkeypatch.setattr(time, "time_ns", lambda: moment)
    earlier = high()
    monkeypatch.setattr(time, "time_ns", lambda: moment + 1_000_000)
    assert low() > earlier


def test_a_clock_that_goes_back_makes_no_identifier_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    source = IdSource(node=7)
    moment = time.time_ns()
    monkeypatch.setattr(time, "time_ns", lambda: moment)
    made = [source() for _ in range(100)]
    monkeypatch.setattr(time, "time_ns", lambda: moment - 3_600_000_000_000)
    made += [source() for _ in range(100)]
    assert made == sorted(set(made))


@pytest.mark.parametrize("year", [0, 30, 69])
def test_an_identifier_fits_the_database_for_decades(monkeypatch: pytest.MonkeyPatch, year: int) -> None:
    moment = (EPOCH_MS + year * 31_556_952_000) * 1_000_000
    monkeypatch.setattr(time, "time_ns", lambda: moment)
    assert 0 < IdSource(node=4095)() + 1 < 2**63
