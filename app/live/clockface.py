"""The lesson's clock as the board and the projector show it."""

from dataclasses import dataclass
from datetime import datetime

from app.base.clock import to_ms
from app.base.policy import Policy
from app.stations.clock import Position
from app.stations.queries import Lesson


@dataclass(frozen=True, slots=True)
class BlockView:
    """`board.block` of the templates.

    Parameters
    ----------
    state : {"running", "paused", "ended", "none"}
        While groups walk the lesson runs.
    walking : bool
        Groups are on their way, so that there is nothing to rotate.
    slot_ends_at_ms : int or None
        When the present stretch ends by itself; None while the clock stands still.
    paused_left_ms : int or None
        What will be left of it then.
    """

    state: str
    slot_name: str
    slot_ends_at_ms: int | None
    paused_left_ms: int | None
    can_undo: bool
    walking: bool = False


def block_view(lesson: Lesson | None, now: datetime, policy: Policy) -> BlockView | None:
    """The clock of the class's newest lesson; None where there never was one."""
    if lesson is None:
        return None
    position = lesson.clock.at(now)
    paused = position.state == "paused"
    return BlockView(
        shown_state(position),
        slot_name(position, lesson.block.slots),
        None if position.ends_at is None else to_ms(position.ends_at),
        round(position.left_s * 1000) if paused else None,
        lesson.clock.can_undo(now, policy.rotation.undo_s),
        position.walking,
    )


def shown_state(position: Position) -> str:
    """State of a lesson for those who need not tell working from walking."""
    return "running" if position.state == "moving" else position.state


def slot_name(position: Position, slots: int) -> str:
    """The present stretch in words."""
    if position.slot is None:
        return ""
    name = f"slot {position.slot + 1} of {slots}"
    return f"Walking to {name}" if position.walking else name.capitalize()
