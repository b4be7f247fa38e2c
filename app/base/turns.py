"""One thread works at a time, the others wait outside.

Only one thread of a Python process computes at any moment anyway; the interpreter's own lock sees to it. But that lock
is let go at every statement that SQLite carries out, whoever waits for it takes it, and the threads of a class that
answers together push each other off it some forty times an answer: a third of all processor time. So whoever works on a
request, or on a batch of commands, takes the turn first, and gives it while it waits for something that lasts: the
commit, a password's hash.

Who gives the turn hands it to the one who has waited longest and wakes nobody else: to wake a thread costs about as
much as a page, and a class woken at once falls over each other. Whoever waits for a command is not even woken when it
is stored, but when it is stored and it is their turn.

The turn is a courtesy, not a lock: nothing is protected by it. Whoever has waited for a while goes ahead without it, so
a page that takes long delays nobody by much, and nobody can be locked out. Where the thread whose turn it was has ended
without giving it, as when a server drops a response that a browser no longer wants, the next one takes it over.
"""

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

PATIENCE_S = 0.25

Place = threading.Lock
"""A place in the line: a lock that is held until it is this place's turn."""


def place() -> Place:
    """Make a place; whoever waits acquires it a second time."""
    made = threading.Lock()
    made.acquire()
    return made


class _Own(threading.local):
    """What a thread knows of itself: whether it is its turn."""

    has = False


class Turns:
    """Taken and given by the threads of one process.

    Parameters
    ----------
    patience_s : float
        Longest wait for a turn (seconds).
    """

    def __init__(self, patience_s: float = PATIENCE_S) -> None:
        self.patience_s = patience_s
        self._guard = threading.Lock()
        self._free = True
        self._line: deque[Place] = deque()
        self._own = _Own()
        self._holder: threading.Thread | None = None

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Work while it is this thread's turn."""
        self.take()
        try:
            yield
        finally:
            self.give()

    @contextmanager
    def given(self) -> Iterator[None]:
        """Wait for something else; let others work meanwhile if it was this thread's turn."""
        had = self.mine()
        self.give()
        try:
            yield
        finally:
            if had:
                self.take()

    def take(self) -> None:
        """Wait for this thread's turn, or until the patience ends."""
        if self._own.has:
            return
        mine = place()
        self.line_up(mine)
        if mine.acquire(timeout=self.patience_s):
            self.received()
        else:
            self.leave(mine)

    def mine(self) -> bool:
        """Whether it is this thread's turn."""
        return self._own.has

    def give(self) -> None:
        """Let the next one work; nothing happens where it was not this thread's turn."""
        if not self._own.has:
            return
        self._own.has = False
        self._holder = None
        with self._guard:
            if self._line:
                self._line.popleft().release()
            else:
                self._free = True

    def line_up(self, waiting: Place) -> None:
        """Put somebody who waits elsewhere at the end of the line; the place is released when it is their turn."""
        with self._guard:
            if self._free:
                self._free = False
                waiting.release()
            else:
                self._line.append(waiting)

    def received(self) -> None:
        """Say that the place on which this thread waited was released: it is its turn."""
        self._own.has = True
        self._holder = threading.current_thread()

    def leave(self, waiting: Place) -> None:
        """Go ahead without the turn; with it where it has come in this very moment, or where its thread has ended."""
        with self._guard:
            try:
                self._line.remove(waiting)
            except ValueError:
                pass
            else:
                if self._holder is None or self._holder.is_alive():
                    return
            self.received()


turns = Turns()
"""This process's turns: there is one interpreter lock, whatever the number of applications."""
