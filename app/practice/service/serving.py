"""Choosing the next item and putting it before the student."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import bindparam, insert, update
from sqlalchemy.orm import Session

from app.bank.catalogue import Catalogue, catalogues, options_shown
from app.base.auth import Caller
from app.base.draws import repeatable
from app.base.ids import new_id
from app.base.policy import Policy
from app.base.statements import Statement
from app.practice import queries
from app.practice.course import Course, Outlook, Pick, SkillView, choose, choose_exit, note
from app.practice.forecasting import correction
from app.practice.progress import Standing, newcomer, untouched
from app.practice.queries import Serving, Sitting, assignments, servings, sittings
from app.rostering.supports import NONE, Supports
from models import ability

# With more time than this left no item's median is looked up.
LONGEST_ITEM_S = 600.0

insert_serving = Statement(insert(servings))
update_sitting = Statement(
    update(sittings)
    .where(sittings.c.district_id == bindparam("district"), sittings.c.id == bindparam("sitting"))
    .values(
        answered=bindparam("new_answered"),
        right=bindparam("new_right"),
        course=bindparam("new_course"),
        ended_at=bindparam("new_ended_at"),
    )
)
update_queued = (
    update(assignments)
    .where(assignments.c.district_id == bindparam("district"), assignments.c.student_id == bindparam("student"))
    .values(queued=bindparam("new_queued"))
)


def outlook(
    catalogue: Catalogue,
    standing: Standing | None,
    assigned: Sequence[int],
    queued: Sequence[Mapping[str, Any]],
    now: datetime,
    policy: Policy,
) -> Outlook:
    """Gather what the choice of the next item depends on."""
    known = standing or newcomer(policy)
    # Most skills have no evidence yet, and look alike.
    blank = ability.marginal(known.general, untouched(policy).belief)
    means = np.full(len(catalogue.places), blank.mean)
    variances = np.full(len(catalogue.places), blank.variance)
    views: dict[int, SkillView] = {}
    for skill, place in catalogue.places.items():
        progress = known.skills.get(skill)
        if progress is not None:
            normal = ability.marginal(known.general, progress.now_belief(now, policy))
            means[place], variances[place] = normal.mean, normal.variance
            views[skill] = SkillView(progress.p, progress.scored, progress.got_it_at is not None)
    return Outlook(catalogue, assigned, queued, views, means, variances, policy, correction(catalogue, known, now))


def serve_next(
    session: Session,
    caller: Caller,
    sitting: Sitting,
    course: Course,
    standing: Standing | None,
    queued: Sequence[Mapping[str, Any]],
    policy: Policy,
    *,
    ends_at: datetime,
    now: datetime,
    supports: Supports = NONE,
) -> Serving | None:
    """Choose and store the sitting's next serving; None when nothing is left, or no time.

    In the last minutes that is the exit item, and nothing comes after it. The draws come from the sitting's seed and
    the place in it, so that a sitting can be replayed to the same bits.
    """
    left = (ends_at - now).total_seconds()
    if left <= 0 or course.exit:
        return None
    catalogue = catalogues.of_bank(session, caller.district_id, sitting.bank_id)
    most = policy.supports.options if supports.on("fewer_options") else None
    if most is not None:
        catalogue = catalogues.with_fewer(catalogue, most)
    view = outlook(catalogue, standing, sitting.skills, queued, now, policy)
    last = exit_due(sitting, left, policy)
    pick = _pick(course, view, sitting, last)
    if pick is None:
        return None
    if takes_too_long(session, caller, catalogue.items[pick.place].item_id, left, policy, supports.extra_time):
        view = replace(view, too_long=_too_long(session, caller, catalogue, left, policy, supports.extra_time))
        pick = _pick(course, view, sitting, last)
        if pick is None:
            return None
    note(course, view, pick)
    if pick.wish.queued is not None:
        rest = [entry for place, entry in enumerate(queued) if place != pick.wish.queued]
        session.execute(
            update_queued, {"district": caller.district_id, "student": caller.person_id, "new_queued": rest}
        )
    return _store(session, caller, sitting, catalogue, pick, now, most)


def exit_due(sitting: Sitting, left_s: float, policy: Policy) -> bool:
    """Whether the next item is the last one: the minutes for it have begun, and something was practised before."""
    length_s = (sitting.ends_at - sitting.started_at).total_seconds()
    window_s = min(60.0 * policy.practice.exit_minutes, policy.practice.exit_share * length_s)
    return left_s <= window_s and sitting.answered > 0


def _pick(course: Course, view: Outlook, sitting: Sitting, last: bool) -> Pick | None:
    draws = repeatable(sitting.seed, len(course.items))
    return choose_exit(course, view, draws) if last else choose(course, view, draws)


def _too_long(
    session: Session, caller: Caller, catalogue: Catalogue, left_s: float, policy: Policy, extra_time: float
) -> NDArray[np.bool_]:
    """Items that the time left will not hold; asked only when the one that was chosen is among them."""
    known = queries.medians(session, caller.district_id, list(catalogue.by_item), policy.pace.known_times)
    seconds = [known.get(item.item_id, policy.practice.unknown_median_s) for item in catalogue.items]
    return np.array(seconds) * extra_time > left_s


def takes_too_long(
    session: Session, caller: Caller, item_id: int, left_s: float, policy: Policy, extra_time: float = 1.0
) -> bool:
    """Whether the item's median time exceeds what is left; most of the time nobody needs to ask.

    Whoever has extra time is taken to need so many times the median.
    """
    if left_s > LONGEST_ITEM_S * extra_time:
        return False
    times = queries.times_of(session, caller.district_id, item_id)
    known = times.n >= policy.pace.known_times
    return left_s < extra_time * (times.median_s if known else policy.practice.unknown_median_s)


def _store(
    session: Session,
    caller: Caller,
    sitting: Sitting,
    catalogue: Catalogue,
    pick: Pick,
    now: datetime,
    most: int | None,
) -> Serving:
    item = catalogue.items[pick.place]
    serving = Serving(
        id=new_id(),
        sitting_id=sitting.id,
        class_id=sitting.class_id,
        item_id=item.item_id,
        version_id=item.version_id,
        set_id=catalogue.set_id,
        skill_id=item.skill_id,
        seed=pick.seed,
        purpose=pick.wish.purpose,
        expected=pick.expected,
        served_at=now,
        shown_at=None,
        closed_at=None,
        tries=0,
        hints=0,
        quick_hints=0,
        hint_at=None,
        tried=[],
        options=options_shown(item, most),
    )
    return store_serving(session, caller, serving)


def store_serving(session: Session, caller: Caller, serving: Serving) -> Serving:
    """Store a serving that was made elsewhere."""
    insert_serving.run(session, _row(caller, serving))
    return serving


def serve_again(session: Session, caller: Caller, sitting: Sitting, unfinished: Serving, now: datetime) -> Serving:
    """Put an unfinished item of an earlier sitting before the student again: same version, same seed."""
    serving = unfinished._replace(
        id=new_id(),
        sitting_id=sitting.id,
        class_id=sitting.class_id,
        purpose="resumed" if unfinished.shown_at is not None else unfinished.purpose,
        served_at=now,
        shown_at=None,
    )
    return store_serving(session, caller, serving)


def _row(caller: Caller, serving: Serving) -> dict[str, Any]:
    return {
        **serving._asdict(),
        "tried": list(serving.tried),
        "district_id": caller.district_id,
        "student_id": caller.person_id,
    }


def save_sitting(session: Session, caller: Caller, sitting: Sitting, course: Course) -> Sitting:
    """Store the sitting's counters and course; returns the sitting as it now is."""
    saved = sitting._replace(course=course.to_json())
    update_sitting.run(
        session,
        {
            "district": caller.district_id,
            "sitting": sitting.id,
            "new_answered": saved.answered,
            "new_right": saved.right,
            "new_course": saved.course,
            "new_ended_at": saved.ended_at,
        },
    )
    return saved


def seen_lately(session: Session, caller: Caller, policy: Policy, now: datetime) -> list[int]:
    """Items that this student saw in the last days, which are not served again yet."""
    return queries.items_seen_since(session, caller, now - timedelta(days=policy.practice.repeat_days))
