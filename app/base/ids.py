"""Time-ordered identifiers: 63 bits, so that they fit a database BIGINT and sort by when they were made.

41 bits of milliseconds since 2024, 12 bits that tell processes apart, 10 bits that count within a millisecond. They
need no round trip to the database, and rows that are made together lie together on disk.
"""

import secrets
import threading
import time

EPOCH_MS = 1_704_067_200_000
LARGEST_ID = 2**63 - 1
_DIGITS_MOST = len(str(LARGEST_ID))
_COUNTER_BITS = 10
_NODE_BITS = 12


class IdSource:
    """Makes identifiers that never repeat and never go back, even when the machine's clock does."""

    def __init__(self, node: int | None = None) -> None:
        self._node = secrets.randbits(_NODE_BITS) if node is None else node
        self._lock = threading.Lock()
        self._tick = 0

    def __call__(self) -> int:
        """Return the next identifier."""
        with self._lock:
            now = (time.time_ns() // 1_000_000 - EPOCH_MS) << _COUNTER_BITS
            self._tick = max(self._tick + 1, now)
            tick = self._tick
        milliseconds, count = tick >> _COUNTER_BITS, tick & ((1 << _COUNTER_BITS) - 1)
        return (((milliseconds << _NODE_BITS) | self._node) << _COUNTER_BITS) | count


new_id = IdSource()


def read_id(text: str) -> int | None:
    """Read an identifier that came from outside; None for anything that cannot be one.

    Examples
    --------
    >>> read_id("17"), read_id("-1"), read_id("9" * 30)
    (17, None, None)
    """
    if not text.isdecimal() or len(text) > _DIGITS_MOST:
        return None
    found = int(text)
    return found if found <= LARGEST_ID else None
