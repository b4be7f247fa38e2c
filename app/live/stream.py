"""The board's stream of server-sent events.

Events wake, queries tell: a wake-up says only that the class changed, and the board is read again. While nothing wakes
it, the stream looks every few seconds, because idleness and lost pages arise from time alone; then it sends a beat when
there is nothing new, so that the page knows it is still live.
"""

from collections.abc import Callable, Iterator
from time import monotonic, sleep

from app.base.outbox import class_topic
from app.base.policy import Policy
from app.base.sse import Hub, frame
from app.live.board import BoardView

BEAT_S = 5.0
LEAST_S = 0.2
RECHECK_S = 60.0
DRAWING_S = 0.3
"""Part of the gathering time that is left for reading, drawing and sending the board."""

Look = Callable[[], BoardView]
Draw = Callable[[BoardView], str]


def frames(
    class_id: int, hub: Hub, policy: Policy, look: Look, draw: Draw, admitted: Callable[[], bool]
) -> Iterator[str]:
    """Yield the board whenever it changed, and a beat whenever it did not for a while.

    Parameters
    ----------
    look : callable
        Reads the board in a session of its own, which it closes.
    draw : callable
        Renders it.
    admitted : callable
        Whether the caller may still see the class; asked once a minute.
    """
    topic = class_topic(class_id)
    checked = monotonic()
    before: BoardView | None = None
    while not hub.closing:
        count = hub.count(topic)
        view = look()
        if view != before:
            yield frame(draw(view), event="board", event_id=f"{view.updated_at_ms}")
        else:
            yield frame("", event="beat", event_id=f"{view.updated_at_ms}")
        before = view
        sent = monotonic()
        if hub.wait(topic, count, _patience(view)):
            _gather(sent, policy.board.gather_s - DRAWING_S)
        if monotonic() - checked > RECHECK_S:
            checked = monotonic()
            if not admitted():
                return


def _patience(view: BoardView) -> float:
    """Seconds until the next look: a few, but no longer than to the next bell, when everyone moves."""
    bell_ms = None if view.block is None else view.block.slot_ends_at_ms
    if bell_ms is None:
        return BEAT_S
    return min(BEAT_S, max(LEAST_S, (bell_ms - view.updated_at_ms) / 1000))


def _gather(sent: float, seconds: float) -> None:
    """Wait until this long after the last frame, so that a burst of answers is one frame."""
    left = sent + seconds - monotonic()
    if left > 0:
        sleep(left)
