"""Commands of a sitting other than the answer: where the student stands, start, next, hint.

A sitting survives the bell: what was unfinished is put before the student again at the next practice station, the same
item with the same seed, for a day.
"""

import random
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import bindparam, insert, update
from sqlalchemy.orm import Session

from app.bank.catalogue import Catalogue, catalogues, realised
from app.base import outbox
from app.base.auth import Caller
from app.base.db import table_of
from app.base.errors import NotFoundError
from app.base.ids import new_id
from app.base.policy import Policy
from app.base.statements import Statement
from app.practice import queries
from app.practice.course import Course
from app.practice.queries import Assignment, Serving, Sitting, Situation, servings, sittings
from app.practice.service import now as present
from app.practice.service.ending import recap
from app.practice.service.serving import exit_due, save_sitting, seen_lately, serve_again, serve_next, takes_too_long
from app.practice.service.standing import settle_sitting
from app.practice.service.steps import (
    EXTRAS,
    Segment,
    Step,
    closing_time,
    end_of,
    same_stretch,
    segment_at,
    step_after,
)
from app.practice.tables import HintOpeningTable
from content import answers as marking

REVIEWS = 3
# Shorter than from one day's last lesson to the next day's first, in every time zone.
SCHOOL_DAY = timedelta(hours=14)
# Purposes of items that nobody asked for: when they were not shown, others are chosen later.
CHOSEN_HERE = frozenset({"core", "review", "sibling", "easier", "probe"})

_of_serving = update(servings).where(
    servings.c.district_id == bindparam("district"), servings.c.id == bindparam("serving")
)
_show = Statement(_of_serving.values(shown_at=bindparam("now")))
_close = _of_serving.values(closed_at=bindparam("now"))
_open_hint = _of_serving.values(
    hints=bindparam("new_hints"), quick_hints=bindparam("new_quick"), hint_at=bindparam("now")
)


def current_step(session: Session, caller: Caller, policy: Policy, now: datetime) -> Step:
    """Where the student stands, without changing anything."""
    return _current(session, caller, queries.situation(session, caller), policy, now)


def start(session: Session, caller: Caller, policy: Policy, *, now: datetime, rng: random.Random) -> Step:
    """Begin practice at this station, or go on with it."""
    queries.one_at_a_time(session, caller.person_id)
    situation = queries.situation(session, caller)
    segment = segment_at(situation.assignment, now)
    if situation.assignment is None or segment.kind != "practice":
        return _current(session, caller, situation, policy, now)
    if _goes_on(situation, segment):
        return next_item(session, caller, policy, now=now, rng=rng)
    if situation.sitting is not None:
        settle_sitting(session, caller.district_id, caller.person_id, situation.sitting, policy)
    sitting, course = _open(session, caller, situation, situation.assignment, segment, policy, now, rng)
    serving = _unfinished(session, caller, situation, sitting, policy, now)
    if serving is not None:
        course.items.append(serving.item_id)
        course.skills.append(serving.skill_id)
    else:
        serve_next(
            session,
            caller,
            sitting,
            course,
            queries.standing(session, caller, sitting.bank_id),
            situation.assignment.queued,
            policy,
            ends_at=sitting.ends_at,
            now=now,
            supports=situation.supports,
        )
    save_sitting(session, caller, sitting, course)
    return next_item(session, caller, policy, now=now, rng=rng)


def next_item(session: Session, caller: Caller, policy: Policy, *, now: datetime, rng: object) -> Step:
    """Show what comes next: a worked example, the item that was chosen, or the end."""
    queries.one_at_a_time(session, caller.person_id)
    situation = queries.situation(session, caller)
    sitting, serving = situation.sitting, situation.serving
    if sitting is None or sitting.ended_at is not None or not _in_its_stretch(situation, now):
        return _current(session, caller, situation, policy, now)
    course = Course.from_json(sitting.course)
    if serving is None or serving.closed_at is not None:
        serving = _one_more(session, caller, situation, sitting, course, policy, now)
        if serving is None:
            return _end(session, caller, situation, sitting, course, policy, now)
    elif serving.shown_at is None and not _fits(session, caller, situation, sitting, serving, policy, now):
        if serving.purpose not in CHOSEN_HERE:
            return _end(session, caller, situation, sitting, course, policy, now)
        serving = _instead(session, caller, situation, sitting, serving, course, policy, now)
        if serving is None:
            return _end(session, caller, situation, sitting, course, policy, now)
    if serving.shown_at is None:
        sitting, serving = _uncover(session, caller, situation, sitting, serving, course, policy, now)
    outbox.announce(session, caller.district_id, outbox.class_topic(sitting.class_id), now=now)
    return _current(session, caller, replace(situation, sitting=sitting, serving=serving), policy, now)


def go_on_with(
    session: Session, caller: Caller, extra: str, policy: Policy, *, now: datetime, rng: random.Random
) -> Step:
    """Let a student who is done early go on with what they picked, in a sitting of its own."""
    queries.one_at_a_time(session, caller.person_id)
    situation = queries.situation(session, caller)
    before, segment = situation.sitting, segment_at(situation.assignment, now)
    if before is None or before.ended_at is None or situation.assignment is None:
        return _current(session, caller, situation, policy, now)
    earlier = Course.from_json(before.course)
    picked = next((each for each in EXTRAS if each == extra and each not in (*earlier.spent, earlier.extra)), None)
    if picked is None or earlier.exit or not _in_its_stretch(situation, now):
        return _current(session, caller, situation, policy, now)
    sitting, course = _open(session, caller, situation, situation.assignment, segment, policy, now, rng)
    course.extra, course.spent = picked, [*earlier.spent, *([earlier.extra] if earlier.extra else [])]
    course.capped = sorted({*earlier.capped, *earlier.used_up(policy)})
    save_sitting(session, caller, sitting, course)
    return next_item(session, caller, policy, now=now, rng=rng)


def open_hint(
    session: Session,
    caller: Caller,
    serving_id: int,
    given: Mapping[str, str],
    policy: Policy,
    *,
    now: datetime,
    rng: object,
) -> Step:
    """Open the next hint, once its time has come; what the student typed so far is kept.

    Raises
    ------
    NotFoundError
        The serving is not this student's.
    """
    queries.one_at_a_time(session, caller.person_id)
    situation = queries.situation_of(session, caller, serving_id)
    if situation is None or situation.serving is None or situation.sitting is None:
        raise NotFoundError("This question is not yours. Go back to your station.")
    serving, sitting = situation.serving, situation.sitting
    catalogue = catalogues.of_set(session, caller.district_id, serving.set_id)
    item = realised(catalogue.version(serving.version_id), serving.seed)
    if serving.closed_at is not None or serving.purpose == "exit" or serving.hints >= len(item.hints):
        return _question(session, caller, situation, catalogue, now, given)
    if now < hint_opens_at(serving, policy):
        return replace(_question(session, caller, situation, catalogue, now, given), note="hint-soon")
    opened = _record_hint(session, caller, serving, policy, now)
    situation = replace(situation, serving=opened)
    present.put(session, caller, sitting, situation, serving.skill_id, policy, None, now=now)
    outbox.announce(session, caller.district_id, outbox.class_topic(sitting.class_id), now=now)
    return _question(session, caller, situation, catalogue, now, given)


def hint_opens_at(serving: Serving, policy: Policy) -> datetime:
    """When the next hint may be opened: the first after some seconds, the others at once."""
    if serving.hints:
        return serving.hint_at or serving.served_at
    return (serving.shown_at or serving.served_at) + timedelta(seconds=policy.practice.hint_opens_s)


def _current(session: Session, caller: Caller, situation: Situation, policy: Policy, now: datetime) -> Step:
    """Where the student stands, with the supports that they have, and at the end with what was done."""
    step = replace(_stand(session, caller, situation, now), supports=situation.supports)
    if step.kind != "done" or step.sitting is None:
        return step
    ends_at = closing_time(situation.assignment, step.sitting, now, policy)
    return replace(step, recap=recap(session, caller, step.sitting, ends_at, policy, now))


def _stand(session: Session, caller: Caller, situation: Situation, now: datetime) -> Step:
    segment = segment_at(situation.assignment, now)
    hand_up = situation.now is not None and situation.now.hand_at is not None
    if segment.kind != "practice":
        return Step("table" if segment.kind == "table" else "wait", segment, hand_up=hand_up)
    sitting = situation.sitting
    if sitting is None or not same_stretch(situation.assignment, segment, sitting):
        return Step("start", segment, hand_up=hand_up)
    if sitting.ended_at is not None or situation.serving is None:
        return Step("done", segment, sitting, hand_up=hand_up)
    catalogue = catalogues.of_set(session, caller.district_id, situation.serving.set_id)
    if situation.serving.shown_at is not None:
        return _question(session, caller, situation, catalogue, now, {})
    return _covered(session, caller, situation, sitting, situation.serving, catalogue, now)


def _covered(
    session: Session,
    caller: Caller,
    situation: Situation,
    sitting: Sitting,
    serving: Serving,
    catalogue: Catalogue,
    now: datetime,
) -> Step:
    """The next item waits: show the worked example that opens it, or what became of the last one."""
    example = Course.from_json(sitting.course).example
    hand_up = situation.now is not None and situation.now.hand_at is not None
    segment = segment_at(situation.assignment, now)
    if example.get("shown"):
        return Step("example", segment, sitting, catalogue, None, example["skill"], hand_up=hand_up)
    last = queries.serving_before(session, caller, serving)
    if last is None:
        return Step("start", segment, sitting, hand_up=hand_up)
    pinned = catalogues.of_set(session, caller.district_id, last.set_id)
    return _question(session, caller, replace(situation, serving=last), pinned, now, {})


def _question(
    session: Session,
    caller: Caller,
    situation: Situation,
    catalogue: Catalogue,
    now: datetime,
    given: Mapping[str, str],
) -> Step:
    """The item of the situation's serving, with what its last answer led to."""
    serving, sitting = situation.serving, situation.sitting
    if serving is None or sitting is None:
        raise NotFoundError("There is no question here. Go back to your station.")
    stored = queries.newest_answer(session, caller.district_id, serving.id) if serving.tries else None
    fields = stored.given if stored is not None and not given else given
    item = realised(catalogue.version(serving.version_id), serving.seed)
    if stored is None:
        hand_up = situation.now is not None and situation.now.hand_at is not None
        segment = segment_at(situation.assignment, now)
        return Step(
            "question",
            segment,
            sitting,
            catalogue,
            serving,
            serving.skill_id,
            given=fields,
            hand_up=hand_up,
            supports=situation.supports,
        )
    mark = marking.mark(item, stored.given, seed=serving.seed, most=serving.options)
    return replace(step_after(situation, sitting, serving, catalogue, stored.given, mark, now), given=fields)


def _goes_on(situation: Situation, segment: Segment) -> bool:
    sitting = situation.sitting
    return sitting is not None and sitting.ended_at is None and same_stretch(situation.assignment, segment, sitting)


def _in_its_stretch(situation: Situation, now: datetime) -> bool:
    segment = segment_at(situation.assignment, now)
    return situation.sitting is not None and same_stretch(situation.assignment, segment, situation.sitting)


def _open(
    session: Session,
    caller: Caller,
    situation: Situation,
    assignment: Assignment,
    segment: Segment,
    policy: Policy,
    now: datetime,
    rng: random.Random,
) -> tuple[Sitting, Course]:
    course = Course(
        reviews=_due_reviews(session, caller, assignment, policy, now),
        recent=seen_lately(session, caller, policy, now),
        stopped=_stopped_today(situation, now),
    )
    sitting = Sitting(
        id=new_id(),
        class_id=assignment.class_id,
        bank_id=assignment.bank_id,
        block_id=assignment.block_id,
        slot=segment.slot,
        skills=list(segment.skills),
        seed=rng.getrandbits(31),
        started_at=now,
        ends_at=end_of(segment, now, policy.practice.sitting_minutes),
        ended_at=None,
        answered=0,
        right=0,
        course=course.to_json(),
    )
    row = {**sitting._asdict(), "district_id": caller.district_id, "student_id": caller.person_id}
    session.execute(insert(sittings), row)
    return sitting, course


def _stopped_today(situation: Situation, now: datetime) -> list[int]:
    """Skills that an earlier sitting of the day has stopped."""
    before = situation.sitting
    if before is None or now - before.started_at > SCHOOL_DAY:
        return []
    return Course.from_json(before.course).stopped


def _due_reviews(session: Session, caller: Caller, assignment: Assignment, policy: Policy, now: datetime) -> list[int]:
    """Skills due for review, the one most faded first, at most three."""
    standing = queries.standing(session, caller, assignment.bank_id)
    if standing is None:
        return []
    due = [
        (progress.reviewed_at or now, skill)
        for skill, progress in standing.skills.items()
        if progress.review_due(now, policy)
    ]
    return [skill for _since, skill in sorted(due)[:REVIEWS]]


def _unfinished(
    session: Session, caller: Caller, situation: Situation, sitting: Sitting, policy: Policy, now: datetime
) -> Serving | None:
    """Take up the item that the bell interrupted, or the queued one that was about to be shown."""
    left = situation.serving
    if left is None or left.closed_at is not None or situation.sitting is None:
        return None
    if left.shown_at is None and left.purpose in CHOSEN_HERE:
        return None
    if situation.sitting.bank_id != sitting.bank_id:
        return None
    if now - left.served_at > timedelta(hours=policy.practice.resume_hours):
        return None
    session.execute(_close, {"district": caller.district_id, "serving": left.id, "now": now})
    return serve_again(session, caller, sitting, left, now)


def _fits(
    session: Session,
    caller: Caller,
    situation: Situation,
    sitting: Sitting,
    serving: Serving,
    policy: Policy,
    now: datetime,
) -> bool:
    """Whether an item that was chosen a while ago can still be begun; one taken up again was begun before."""
    left = (closing_time(situation.assignment, sitting, now, policy) - now).total_seconds()
    if serving.purpose == "resumed":
        return True
    if serving.purpose in CHOSEN_HERE and exit_due(sitting, left, policy):
        return False
    return not takes_too_long(session, caller, serving.item_id, left, policy, situation.supports.extra_time)


def _instead(
    session: Session,
    caller: Caller,
    situation: Situation,
    sitting: Sitting,
    serving: Serving,
    course: Course,
    policy: Policy,
    now: datetime,
) -> Serving | None:
    """Choose another item for one that nobody has seen yet and that does not fit any more."""
    session.execute(_close, {"district": caller.district_id, "serving": serving.id, "now": now})
    course.example = {}
    return _one_more(session, caller, situation, sitting, course, policy, now)


def _one_more(
    session: Session,
    caller: Caller,
    situation: Situation,
    sitting: Sitting,
    course: Course,
    policy: Policy,
    now: datetime,
) -> Serving | None:
    queued = situation.assignment.queued if situation.assignment is not None else ()
    return serve_next(
        session,
        caller,
        sitting,
        course,
        queries.standing(session, caller, sitting.bank_id),
        queued,
        policy,
        ends_at=closing_time(situation.assignment, sitting, now, policy),
        now=now,
        supports=situation.supports,
    )


def _end(
    session: Session,
    caller: Caller,
    situation: Situation,
    sitting: Sitting,
    course: Course,
    policy: Policy,
    now: datetime,
) -> Step:
    sitting = save_sitting(session, caller, sitting._replace(ended_at=now), course)
    settle_sitting(session, caller.district_id, caller.person_id, sitting, policy)
    outbox.announce(session, caller.district_id, outbox.class_topic(sitting.class_id), now=now)
    return _current(session, caller, replace(situation, sitting=sitting), policy, now)


def _uncover(
    session: Session,
    caller: Caller,
    situation: Situation,
    sitting: Sitting,
    serving: Serving,
    course: Course,
    policy: Policy,
    now: datetime,
) -> tuple[Sitting, Serving]:
    """Show the worked example when one is due, else the item itself; its time starts now."""
    if course.example and not course.example["shown"]:
        course.example["shown"] = 1
    else:
        if course.example:
            course.examples.append(course.example["skill"])
            course.example = {}
        _show.run(session, {"district": caller.district_id, "serving": serving.id, "now": now})
        serving = serving._replace(shown_at=now)
    sitting = save_sitting(session, caller, sitting, course)
    shown = replace(situation, times=queries.times_of(session, caller.district_id, serving.item_id))
    present.put(session, caller, sitting, shown, serving.skill_id, policy, None, now=now)
    return sitting, serving


def _record_hint(session: Session, caller: Caller, serving: Serving, policy: Policy, now: datetime) -> Serving:
    quick = serving.hint_at is not None and now - serving.hint_at < timedelta(seconds=policy.board.skip_hint_s)
    opened = serving._replace(hints=serving.hints + 1, quick_hints=serving.quick_hints + quick, hint_at=now)
    session.execute(
        insert(table_of(HintOpeningTable)),
        {
            "district_id": caller.district_id,
            "id": new_id(),
            "serving_id": serving.id,
            "student_id": caller.person_id,
            "number": opened.hints,
            "opened_at": now,
        },
    )
    session.execute(
        _open_hint,
        {
            "district": caller.district_id,
            "serving": serving.id,
            "new_hints": opened.hints,
            "new_quick": opened.quick_hints,
            "now": now,
        },
    )
    return opened
