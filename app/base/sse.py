"""Server-sent events: who waits for which topic, and how a frame is written.

The hub keeps one counter a topic. A stream remembers the count it last drew and waits until it differs: whatever
happened in between is one wake-up, so a slow reader holds nothing up and there is no queue to overflow.
"""

import threading
from collections import defaultdict


class Hub:
    """Wakes the streams of a topic."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._counts: defaultdict[str, int] = defaultdict(int)
        self._closing = False

    @property
    def closing(self) -> bool:
        """Whether the server stops, so that streams should end."""
        return self._closing

    def wake(self, topic: str) -> None:
        """Note that something about this topic changed."""
        with self._changed:
            self._counts[topic] += 1
            self._changed.notify_all()

    def count(self, topic: str) -> int:
        """How often the topic has changed so far."""
        with self._changed:
            return self._counts[topic]

    def wait(self, topic: str, seen: int, timeout: float) -> bool:
        """Wait until the topic's count differs from `seen`; False after `timeout` seconds or when the server stops."""
        with self._changed:
            self._changed.wait_for(lambda: self._closing or self._counts[topic] != seen, timeout)
            return self._counts[topic] != seen and not self._closing

    def close(self) -> None:
        """End every stream at its next look; a stop need not wait for boards to be closed."""
        with self._changed:
            self._closing = True
            self._changed.notify_all()


def frame(data: str, *, event: str, event_id: str) -> str:
    """Write one event; line breaks of any kind in `data` stay inside it."""
    lines = "\n".join(f"data: {line}" for line in data.splitlines() or [""])
    return f"event: {event}\nid: {event_id}\n{lines}\n\n"


HEARTBEAT = ": still here\n\n"
