"""What a student does now: the row that the board reads, written by the student's own requests."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import bindparam, update
from sqlalchemy.orm import Session

from app.base import clock, outbox
from app.base.auth import Caller
from app.base.policy import Policy
from app.base.statements import Statement, upsert
from app.practice import queries
from app.practice.pace import idle_after
from app.practice.queries import Now, Sitting, Situation, students_now
from app.practice.service.standing import settle_sitting
from app.practice.service.steps import same_stretch, segment_at

# Enough for every rule that looks back: a sitting's worth of answers.
RECENT = 40
# A bell can be taken back for some seconds, and a last answer may still be on its way.
LINGERS = timedelta(seconds=60)

put_now = Statement(upsert(students_now, ("district_id", "class_id", "student_id")))
_set = update(students_now).where(
    students_now.c.district_id == bindparam("district"),
    students_now.c.class_id == bindparam("class"),
    students_now.c.student_id == bindparam("student"),
)
_beat = Statement(_set.values(seen_at=bindparam("now")))
_beat_with_input = Statement(_set.values(seen_at=bindparam("now"), input_at=bindparam("now")))
_hand = _set.values(hand_at=bindparam("hand"), seen_at=bindparam("now"), input_at=bindparam("now"))
_example = _set.values(seen_at=bindparam("now"), input_at=bindparam("now"), skill_id=bindparam("skill"))


class Recent(NamedTuple):
    """A first response as the board's rules see it.

    Parameters
    ----------
    at : int
        Milliseconds since 1970.
    right : bool
        Right, with or without hints.
    score : float or None
        What it counted for.
    quick_hints : int
        Hints opened hard upon one another.
    after_example : bool
        The worked example of this skill was shown before, in this sitting.
    p : float or None
        P(theta > cut) after it, for scored ones.
    """

    at: int
    item: int
    skill: int
    right: bool
    score: float | None
    fast: bool
    hints: int
    quick_hints: int
    after_example: bool
    seconds: float
    chosen: str
    misconception: str | None
    p: float | None

    def to_json(self) -> dict[str, Any]:
        """What is stored."""
        return self._asdict()


def _keys(caller: Caller, class_id: int) -> dict[str, Any]:
    return {"district": caller.district_id, "class": class_id, "student": caller.person_id}


def put(
    session: Session,
    caller: Caller,
    sitting: Sitting,
    situation: Situation,
    skill_id: int | None,
    policy: Policy,
    recent: Recent | None,
    *,
    now: datetime,
) -> None:
    """Write the whole row: after an answer, and when an item is shown."""
    before = situation.now or Now(None, None, 0, 0, ())
    entries = [*before.recent, recent.to_json()][-RECENT:] if recent is not None else list(before.recent)
    row = {
        "district_id": caller.district_id,
        "class_id": sitting.class_id,
        "student_id": caller.person_id,
        "sitting_id": sitting.id,
        "skill_id": skill_id,
        "seen_at": now,
        "input_at": now,
        "idle_after_s": idle_after(situation.times, policy),
        "hand_at": before.hand_at,
        "answered": sitting.answered,
        "right": sitting.right,
        "recent": entries,
    }
    put_now.run(session, row)


def heartbeat(
    session: Session, caller: Caller, had_input: bool, policy: Policy, *, now: datetime, rng: object
) -> Situation:
    """Note that the student's page is there; wakes the board only when it was missed before, or beliefs have changed.

    Who comes back after having been missed has just opened the page: that is input too, and not the old silence.
    """
    situation = queries.situation(session, caller)
    class_id = _class_of(caller, situation)
    if class_id is None:
        return situation
    seen = situation.now.seen_at if situation.now is not None else None
    missed = timedelta(seconds=policy.board.heartbeat_s * policy.board.offline_beats)
    came_back = seen is None or now - seen > missed
    if situation.now is None:
        _first(session, caller, class_id, now)
    else:
        beat = _beat_with_input if had_input or came_back else _beat
        beat.run(session, {**_keys(caller, class_id), "now": now})
    settled = _settle_when_over(session, caller, situation, policy, now)
    if came_back or settled:
        outbox.announce(session, caller.district_id, outbox.class_topic(class_id), now=now)
    return situation


def _settle_when_over(session: Session, caller: Caller, situation: Situation, policy: Policy, now: datetime) -> bool:
    """Settle the sitting that the bell has ended, so that the teacher meets the group with beliefs that are whole."""
    sitting = situation.sitting
    if sitting is None or sitting.settled is not None:
        return False
    segment = segment_at(situation.assignment, now)
    if same_stretch(situation.assignment, segment, sitting) or now < min(sitting.ends_at, segment.starts_at) + LINGERS:
        return False
    return settle_sitting(session, caller.district_id, caller.person_id, sitting, policy)


def _class_of(caller: Caller, situation: Situation) -> int | None:
    return situation.assignment.class_id if situation.assignment is not None else caller.class_id


def _first(session: Session, caller: Caller, class_id: int, now: datetime) -> None:
    row: Mapping[str, Any] = {
        "district_id": caller.district_id,
        "class_id": class_id,
        "student_id": caller.person_id,
        "sitting_id": None,
        "skill_id": None,
        "seen_at": now,
        "input_at": now,
        "idle_after_s": 120.0,
        "hand_at": None,
        "answered": 0,
        "right": 0,
        "recent": [],
    }
    put_now.run(session, row)


def set_hand(session: Session, caller: Caller, up: bool, *, now: datetime, rng: object) -> None:
    """Raise or lower the student's own hand; a raised hand keeps the time it went up."""
    queries.one_at_a_time(session, caller.person_id)
    situation = queries.situation(session, caller)
    class_id = _class_of(caller, situation)
    if class_id is None:
        return
    if situation.now is None:
        _first(session, caller, class_id, now)
    already = situation.now.hand_at if situation.now is not None else None
    hand = (already or now) if up else None
    session.execute(_hand, {**_keys(caller, class_id), "hand": hand, "now": now})
    outbox.announce(session, caller.district_id, outbox.class_topic(class_id), now=now)


def lower_hand(
    session: Session, district_id: int, class_id: int, student_id: int, *, now: datetime, rng: object
) -> None:
    """Lower a student's hand for them; the caller has checked that the class is theirs."""
    queries.one_at_a_time(session, student_id)
    statement = update(students_now).where(
        students_now.c.district_id == district_id,
        students_now.c.class_id == class_id,
        students_now.c.student_id == student_id,
    )
    session.execute(statement.values(hand_at=None))
    outbox.announce(session, district_id, outbox.class_topic(class_id), now=now)


def moment(now: datetime) -> int:
    """Milliseconds, as `Recent.at` keeps them."""
    return clock.to_ms(now)
