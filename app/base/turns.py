"""One thread works at a time, the others wait outside.

Only one thread of a Python process computes at any moment anyway; the interpreter's own lock sees to it. But that lock
is let go at every statement that SQLite carries out, whoever waits for it takes it, and the threads of a class that
answers together push each other off it some forty times an answer: a third of all processor time. So whoever works on a
request, or on a batch of commands, takes the turn first, and gives it while it waits for something that lasts: the
commit, a password's hash.

The turn is a courtesy, not a lock: nothing is protected by it. Whoever has waited for a while goes ahead without it, so
a page that takes long delays nobody by much, and nobody can be locked out.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

PATIENCE_S = 0.1


class Turns:
    """Taken and given by the threads of one process.

    Parameters
    ----------
    patience_s : float
        Longest wait for a turn (seconds).
    """

    def __init__(self, patience_s: float = PATIENCE_S) -> None:
        self._patience_s = patience_s
        self._turn = threading.Lock()
        self._own = threading.local()

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Work while it is this thread's turn."""
        self._take()
        try:
            yield
        finally:
            self._give()

    @contextmanager
    def given(self) -> Iterator[None]:
        """Wait for something else; let others work meanwhile if it was this thread's turn."""
        had = self._give()
        try:
            yield
        finally:
            if had:
                self._take()

    def _take(self) -> None:
        self._own.has = self._turn.acquire(timeout=self._patience_s)

    def _give(self) -> bool:
        had: bool = getattr(self._own, "has", False)
        if had:
            self._own.has = False
            self._turn.release()
        return had


turns = Turns()
"""This process's turns: there is one interpreter lock, whatever the number of applications."""
