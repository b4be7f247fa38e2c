"""The lesson's clock: a pure fold over what the teacher did.

The clock is not a counter that runs somewhere. It is the list of moments at which each slot begins and ends, as the
events so far have left it; where the lesson stands now is looked up in it. So a device that slept, and a server that
was started again, show the right slot at once.

While the clock is stopped every later boundary is unknown; on resuming, all of them move by the time it stood still.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from app.base.errors import ConflictError

Kind = Literal["start", "pause", "resume", "extend", "cut", "rotate", "undo", "end"]
State = Literal["none", "running", "moving", "paused", "ended"]
Bounds = tuple[tuple[datetime, datetime], ...]


@dataclass(frozen=True, slots=True)
class BlockPlan:
    """Length of a lesson in slots, before anything happens to it.

    Parameters
    ----------
    slots : int
    slot_s, transition_s : float
        Seconds at a station, and seconds to walk to the next one.
    """

    slots: int
    slot_s: float
    transition_s: float


@dataclass(frozen=True, slots=True)
class BlockEvent:
    """Something done to the clock; `seconds` is what an extension adds."""

    kind: Kind
    at: datetime
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Position:
    """Where the lesson stands.

    Parameters
    ----------
    slot : int or None
        The present slot, counted from 0; while groups walk, the one they walk to. None outside the lesson.
    ends_at : datetime or None
        When the present stretch ends by itself; None while paused and outside the lesson.
    left_s : float
        Seconds left of the present stretch; while paused, seconds that will be left.
    walking : bool
        Groups are on their way, whether or not the clock is stopped.
    """

    state: State
    slot: int | None = None
    ends_at: datetime | None = None
    left_s: float = 0.0
    walking: bool = False


@dataclass(frozen=True, slots=True)
class Clock:
    """The boundaries of every slot, as the events so far have left them.

    Parameters
    ----------
    bounds : tuple of (starts, ends)
        One pair a slot, in order; empty before the start.
    paused_at : datetime or None
        Since when the clock stands still.
    before_rotation : Clock or None
        What the last event, a rotation, can be taken back to.
    last_at : datetime or None
        When the last event was.
    """

    bounds: Bounds = ()
    paused_at: datetime | None = None
    ended_at: datetime | None = None
    before_rotation: "Clock | None" = None
    last_at: datetime | None = None

    def at(self, now: datetime) -> Position:
        """Where the lesson stands at a moment."""
        if not self.bounds:
            return Position("none")
        if self.ended_at is not None and now >= self.ended_at:
            return Position("ended")
        paused = self.paused_at is not None and now >= self.paused_at
        return self._position(self.paused_at if paused and self.paused_at else now, paused)

    def _position(self, moment: datetime, paused: bool) -> Position:
        for slot, (starts, ends) in enumerate(self.bounds):
            if moment < starts:
                return _stretch(slot, starts, moment, paused=paused, walking=slot > 0)
            if moment < ends:
                return _stretch(slot, ends, moment, paused=paused, walking=False)
        return Position("ended")

    def timeline(self) -> list[tuple[int, datetime, datetime]]:
        """Slots with the moments at which they begin and end; a lesson that was ended has no later ones."""
        entries = [(slot, starts, ends) for slot, (starts, ends) in enumerate(self.bounds)]
        if self.ended_at is None:
            return entries
        stop = self.ended_at
        return [(slot, starts, min(ends, stop)) for slot, starts, ends in entries if starts < stop]

    def can_undo(self, now: datetime, undo_s: float) -> bool:
        """Whether the last event is a rotation that may still be taken back."""
        if self.before_rotation is None or self.last_at is None:
            return False
        return now - self.last_at <= timedelta(seconds=undo_s)


def _stretch(slot: int, until: datetime, moment: datetime, *, paused: bool, walking: bool) -> Position:
    state: State = "paused" if paused else "moving" if walking else "running"
    return Position(state, slot, None if paused else until, (until - moment).total_seconds(), walking)


def fold(plan: BlockPlan, events: Iterable[BlockEvent]) -> Clock:
    """Fold the events of a block, oldest first, into its clock.

    Events happen one after the other: one whose time lies before its predecessor's counts as simultaneous with it.
    """
    clock = Clock()
    for event in events:
        at = event.at if clock.last_at is None else max(event.at, clock.last_at)
        clock = apply(plan, clock, replace(event, at=at))
    return clock


def apply(plan: BlockPlan, clock: Clock, event: BlockEvent) -> Clock:
    """The clock after one more event.

    Raises
    ------
    ConflictError
        The event does not fit, such as resuming a clock that runs; says so in a sentence for the teacher.
    """
    refuse_misfit(clock, event)
    if event.kind == "start":
        return Clock(bounds=_planned(plan, event.at), last_at=event.at)
    if event.kind == "undo" and clock.before_rotation is not None:
        return replace(clock.before_rotation, before_rotation=None, last_at=event.at)
    changed = _changed(plan, clock, event)
    before = clock if event.kind == "rotate" else None
    return replace(changed, before_rotation=before, last_at=event.at)


def refuse_misfit(clock: Clock, event: BlockEvent) -> None:
    """Raise ConflictError where an event does not fit the clock's state; see `apply`."""
    position = clock.at(event.at)
    if event.kind == "start":
        if position.state != "none":
            raise ConflictError("This lesson has started already.")
    elif event.kind == "undo":
        if clock.before_rotation is None:
            raise ConflictError("There is no rotation to take back.")
    elif position.state in ("none", "ended"):
        raise ConflictError("No lesson is running. Start one first.")
    elif event.kind == "pause" and position.state == "paused":
        raise ConflictError("The clock is stopped already.")
    elif event.kind == "resume" and position.state != "paused":
        raise ConflictError("The clock is running already.")
    elif event.kind == "rotate" and position.walking:
        raise ConflictError("The groups are already walking. Wait until they have arrived.")


def _changed(plan: BlockPlan, clock: Clock, event: BlockEvent) -> Clock:
    if event.kind == "pause":
        return replace(clock, paused_at=event.at)
    if event.kind == "resume":
        return _resumed(clock, event.at)
    if event.kind == "extend":
        return _shifted(clock, clock.paused_at or event.at, timedelta(seconds=event.seconds))
    if event.kind == "end":
        return replace(_resumed(clock, event.at), ended_at=event.at)
    running = _resumed(clock, event.at)
    left = timedelta(seconds=running.at(event.at).left_s)
    return _shifted(running, event.at, -left)


def _planned(plan: BlockPlan, start: datetime) -> Bounds:
    length, walk = timedelta(seconds=plan.slot_s), timedelta(seconds=plan.transition_s)
    return tuple(
        (start + slot * (length + walk), start + slot * (length + walk) + length) for slot in range(plan.slots)
    )


def _resumed(clock: Clock, at: datetime) -> Clock:
    """Let the clock run again; everything that lay ahead comes later by the time it stood still."""
    if clock.paused_at is None:
        return clock
    return replace(_shifted(clock, clock.paused_at, at - clock.paused_at), paused_at=None)


def _shifted(clock: Clock, after: datetime, by: timedelta) -> Clock:
    """Move every boundary that lies after a moment."""
    moved = [(_moved(starts, after, by), _moved(ends, after, by)) for starts, ends in clock.bounds]
    return replace(clock, bounds=tuple(moved))


def _moved(moment: datetime, after: datetime, by: timedelta) -> datetime:
    return moment + by if moment > after else moment


def stretches(clock: Clock) -> Sequence[tuple[int, bool, datetime, datetime]]:
    """What a group goes through: (slot, walking to it, from, to), in time order, without gaps or overlaps."""
    found: list[tuple[int, bool, datetime, datetime]] = []
    for slot, starts, ends in clock.timeline():
        if found and found[-1][3] < starts:
            found.append((slot, True, found[-1][3], starts))
        if starts < ends:
            found.append((slot, False, starts, ends))
    return found
