"""Turns are a courtesy: one works at a time, and nobody is ever locked out."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from app.base.turns import Turns, place


@pytest.fixture
def turns() -> Turns:
    return Turns(patience_s=5.0)


def in_a_thread(work: Callable[[], None]) -> threading.Thread:
    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    return thread


def test_one_works_at_a_time(turns: Turns) -> None:
    working = 0
    most = 0

    def work(_: int) -> None:
        nonlocal working, most
        with turns.taken():
            working += 1
            most = max(most, working)
            time.sleep(0.002)
            working -= 1

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(24)))
    assert most == 1


def test_others_work_while_one_waits_for_something_else(turns: Turns) -> None:
    other_worked = threading.Event()

    def other() -> None:
        with turns.taken():
            other_worked.set()

    with turns.taken():
        thread = in_a_thread(other)
        assert not other_worked.wait(0.05)
        with turns.given():
            assert other_worked.wait(5)
        thread.join(5)
        late = threading.Event()
        thread = in_a_thread(lambda: _mark(turns, late))
        assert not late.wait(0.05)  # the turn was taken back
    thread.join(5)
    assert late.is_set()


def _mark(turns: Turns, done: threading.Event) -> None:
    with turns.taken():
        done.set()


def test_who_had_no_turn_takes_none_after_waiting(turns: Turns) -> None:
    with turns.given():
        pass
    with ThreadPoolExecutor(1) as pool:
        done = threading.Event()
        pool.submit(_mark, turns, done).result(5)
    assert done.is_set()


def test_nobody_is_locked_out_by_one_who_never_finishes() -> None:
    turns = Turns(patience_s=0.02)
    forever = threading.Event()
    started = threading.Event()

    def never_finish() -> None:
        with turns.taken():
            started.set()
            forever.wait(10)

    thread = in_a_thread(never_finish)
    assert started.wait(5)
    done = threading.Event()
    _mark(turns, done)
    assert done.is_set()
    forever.set()
    thread.join(5)
    _mark(turns, done)  # and the turn is whole again


def test_a_turn_that_died_with_its_thread_is_taken_over() -> None:
    turns = Turns(patience_s=0.02)
    in_a_thread(turns.take).join(5)
    turns.take()
    assert turns.mine()
    turns.give()
    turns.patience_s = 5.0
    done = threading.Event()
    in_a_thread(lambda: _mark(turns, done)).join(1)  # as soon as ever: the turn is whole again
    assert done.is_set()


def test_a_fault_gives_the_turn_back(turns: Turns) -> None:
    with pytest.raises(LookupError), turns.taken():
        raise LookupError
    done = threading.Event()
    in_a_thread(lambda: _mark(turns, done)).join(5)
    assert done.is_set()


def test_the_turn_goes_to_who_has_waited_longest(turns: Turns) -> None:
    came: list[int] = []
    waiting = []

    def work(number: int) -> None:
        with turns.taken():
            came.append(number)

    with turns.taken():
        for number in range(5):
            waiting.append(in_a_thread(lambda number=number: work(number)))  # type: ignore[misc]  # bound now
            while len(turns._line) <= number:
                time.sleep(0.001)
    for thread in waiting:
        thread.join(5)
    assert came == [0, 1, 2, 3, 4]


def test_who_waits_elsewhere_is_woken_when_it_is_their_turn(turns: Turns) -> None:
    elsewhere = place()
    with turns.taken():
        turns.line_up(elsewhere)
        assert not elsewhere.acquire(timeout=0.05)
    assert elsewhere.acquire(timeout=5)
    turns.received()
    assert turns.mine()
    late = threading.Event()
    thread = in_a_thread(lambda: _mark(turns, late))
    assert not late.wait(0.05)
    turns.give()
    thread.join(5)
    assert late.is_set()


def test_who_leaves_the_line_does_not_keep_the_next_one_waiting(turns: Turns) -> None:
    impatient = place()
    with turns.taken():
        turns.line_up(impatient)
        turns.leave(impatient)
    done = threading.Event()
    in_a_thread(lambda: _mark(turns, done)).join(1)
    assert done.is_set()


def test_a_turn_that_comes_while_its_owner_leaves_is_theirs_to_give(turns: Turns) -> None:
    impatient = place()
    with turns.taken():
        turns.line_up(impatient)
    turns.leave(impatient)
    assert turns.mine()
    turns.give()
    done = threading.Event()
    in_a_thread(lambda: _mark(turns, done)).join(1)
    assert done.is_set()


def test_taking_twice_is_taking_once(turns: Turns) -> None:
    with turns.taken(), turns.taken():
        pass
    assert not turns.mine()
    done = threading.Event()
    in_a_thread(lambda: _mark(turns, done)).join(1)
    assert done.is_set()
