"""What a command tells the page: one step of a sitting, as plain values.

Rendering happens outside the write, so a step carries what was decided, not HTML.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from app.bank.catalogue import Catalogue
from app.base import clock
from app.base.policy import Policy
from app.practice.course import Extra
from app.practice.queries import Assignment, Serving, Sitting, Situation
from app.rostering.supports import NONE, Supports
from content.answers import Mark

EXTRAS: tuple[Extra, ...] = ("review", "stretch")
"""What a student who is done early may go on with."""
Kind = Literal["start", "question", "example", "right", "not_yet", "solution", "done", "wait", "table"]
Note = Literal["", "hint-soon", "reform", "unreadable", "paused"]


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of a student's lesson: where to be, doing what, until when (None: open end).

    Parameters
    ----------
    kind : {"practice", "table", "offline", "move", "wait", "over"}
    """

    kind: str
    place: str
    skills: Sequence[int]
    slot: int | None
    starts_at: datetime
    ends_at: datetime | None

    @property
    def name(self) -> str:
        """Tells one stretch from another, so that a page notices when the lesson moves on."""
        return f"{self.kind}:{self.slot}:{self.place}"


@dataclass(frozen=True, slots=True)
class Recap:
    """What a student did at this station.

    Parameters
    ----------
    skills : sequence of (title, right, answered)
        Questions answered right at the first go, of how many, by skill in the order in which they were met.
    got : sequence of str
        Titles of the skills that were got here.
    exit : (right, sure) or None
        Of the exit item; `sure` as in `AnswerTable`.
    practised : sequence of datetime
        When the sittings of the last four weeks began, this one's among them.
    extras : sequence of str
        What is offered to go on with.
    """

    skills: Sequence[tuple[str, int, int]] = ()
    got: Sequence[str] = ()
    exit: tuple[bool, int | None] | None = None
    practised: Sequence[datetime] = ()
    extras: Sequence[Extra] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """What the student sees next.

    Parameters
    ----------
    kind : str
        Which card is shown.
    segment : Segment
        The stretch of the lesson that the student is in.
    catalogue : Catalogue or None
        Of the serving's parameter set.
    serving : Serving or None
        The item on the card.
    given : mapping
        What the student typed, to be shown again.
    misconception, nudge : str or None
        Behind the last wrong answer; `nudge` is the author's own for it.
    note : str
        A remark that has words of its own.
    supports : Supports
        Of the student.
    recap : Recap or None
        With ``done``.
    """

    kind: Kind
    segment: Segment
    sitting: Sitting | None = None
    catalogue: Catalogue | None = None
    serving: Serving | None = None
    skill_id: int | None = None
    given: Mapping[str, str] = field(default_factory=dict)
    misconception: str | None = None
    nudge: str | None = None
    note: Note = ""
    hand_up: bool = False
    supports: Supports = NONE
    recap: Recap | None = None


def segment_at(assignment: Assignment | None, now: datetime) -> Segment:
    """The stretch of the lesson that a student is in."""
    moment = clock.to_ms(now)
    timeline: Sequence[Mapping[str, Any]] = assignment.timeline if assignment is not None else ()
    for entry in timeline:
        if entry["from"] <= moment and (entry["to"] is None or moment < entry["to"]):
            return _segment(entry)
    return Segment("wait" if not timeline or moment < timeline[0]["from"] else "over", "", (), None, now, None)


def _segment(entry: Mapping[str, Any]) -> Segment:
    ends = entry["to"]
    return Segment(
        entry["kind"],
        entry["place"],
        entry["skills"],
        entry.get("slot"),
        clock.from_ms(entry["from"]),
        None if ends is None else clock.from_ms(ends),
    )


def end_of(segment: Segment, started_at: datetime, minutes: float) -> datetime:
    """When a sitting that starts in this stretch ends: with the stretch, or after so many minutes."""
    return segment.ends_at or started_at + timedelta(minutes=minutes)


def same_stretch(assignment: Assignment | None, segment: Segment, sitting: Sitting) -> bool:
    """Whether a sitting belongs to this stretch of the lesson."""
    block_id = assignment.block_id if assignment is not None else None
    return segment.kind == "practice" and (block_id, segment.slot) == (sitting.block_id, sitting.slot)


def closing_time(assignment: Assignment | None, sitting: Sitting, now: datetime, policy: Policy) -> datetime:
    """When no further item is served: with the stretch the sitting belongs to, or at once when that is over."""
    segment = segment_at(assignment, now)
    if not same_stretch(assignment, segment, sitting):
        return now
    return end_of(segment, sitting.started_at, policy.practice.sitting_minutes)


def step_after(
    situation: Situation,
    sitting: Sitting,
    serving: Serving,
    catalogue: Catalogue,
    given: Mapping[str, str],
    mark: Mark,
    now: datetime,
) -> Step:
    """The card that follows an answer."""
    kind: Kind = "question"
    if mark.status == "right":
        kind = "right"
    elif mark.status == "wrong":
        kind = "not_yet" if serving.closed_at is None else "solution"
    note: Note = mark.status if mark.status in ("reform", "unreadable") else ""
    return Step(
        kind,
        segment_at(situation.assignment, now),
        sitting=sitting,
        catalogue=catalogue,
        serving=serving,
        skill_id=serving.skill_id,
        given=given,
        misconception=mark.misconception,
        nudge=mark.nudge,
        note=note,
        hand_up=situation.now is not None and situation.now.hand_at is not None,
        supports=situation.supports,
    )
