"""Practice through a drop of the network: questions in reserve, and answers that arrive later.

While the network is there a page fetches a few questions for later. Nothing is written for them: each is described by
what the server has signed, and becomes a serving when its answer arrives. What a device says about time is advice; when
an answer counts as given, and after which, is for the server to say.
"""

from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import uuid4

from sqlalchemy import bindparam, update
from sqlalchemy.orm import Session

from app.bank.catalogue import catalogues, options_shown
from app.base.auth import Caller
from app.base.draws import repeatable
from app.base.errors import NotFoundError
from app.base.ids import new_id
from app.base.policy import Policy
from app.practice import queries
from app.practice.course import Course, Outlook, Pick, Wish, choose, note
from app.practice.queries import Serving, Sitting, Situation, servings
from app.practice.service.answering import AnswerGiven, answer_item
from app.practice.service.serving import outlook, save_sitting, serve_again, store_serving
from app.practice.service.sitting import CHOSEN_HERE
from app.practice.service.steps import Step, closing_time, same_stretch, segment_at

_close = (
    update(servings)
    .where(servings.c.district_id == bindparam("district"), servings.c.id == bindparam("serving"))
    .values(closed_at=bindparam("now"))
)


class Spare(NamedTuple):
    """A question in reserve, as it is signed and sent; `serving_id` is its place in time should it come very late."""

    client_id: str
    serving_id: int
    sitting_id: int
    set_id: int
    item_id: int
    version_id: int
    skill_id: int
    seed: int
    purpose: str
    expected: float
    options: int | None
    made_ms: int


@dataclass(frozen=True, slots=True)
class Late:
    """An answer that waited on a device.

    Parameters
    ----------
    question : int or Spare
        Identifier of the serving that was on the screen when the network went, or the question in reserve.
    seconds : float or None
        How long the device says that the student took.
    over : bool
        The student has gone on to another question since, so there is no second try.
    """

    client_id: str
    question: int | Spare
    fields: Mapping[str, str]
    sure: int | None = None
    seconds: float | None = None
    over: bool = False


def spares(session: Session, caller: Caller, policy: Policy, now: datetime) -> list[tuple[Spare, Step]]:
    """Choose questions for a drop of the network, as many as the policy says; changes nothing.

    Each comes with the step that shows it. There are none where the student is not in the middle of a sitting.
    """
    situation = queries.situation(session, caller)
    sitting, segment = situation.sitting, segment_at(situation.assignment, now)
    if sitting is None or sitting.ended_at is not None or not same_stretch(situation.assignment, segment, sitting):
        return []
    catalogue = catalogues.of_bank(session, caller.district_id, sitting.bank_id)
    most = policy.supports.options if situation.supports.on("fewer_options") else None
    if most is not None:
        catalogue = catalogues.with_fewer(catalogue, most)
    course = Course.from_json(deepcopy(dict(sitting.course)))
    if course.exit or closing_time(situation.assignment, sitting, now, policy) <= now:
        return []
    known = outlook(catalogue, queries.standing(session, caller, sitting.bank_id), sitting.skills, (), now, policy)
    found: list[tuple[Spare, Step]] = []
    for pick in _picks(course, known, sitting, policy.practice.spares):
        item = catalogue.items[pick.place]
        spare = Spare(
            client_id=str(uuid4()),
            serving_id=new_id(),
            sitting_id=sitting.id,
            set_id=catalogue.set_id,
            item_id=item.item_id,
            version_id=item.version_id,
            skill_id=item.skill_id,
            seed=pick.seed,
            purpose=pick.wish.purpose,
            expected=pick.expected,
            options=options_shown(item, most),
            made_ms=round(now.timestamp() * 1000),
        )
        serving = _serving(spare, sitting, spare.serving_id, now)
        step = Step("question", segment, sitting, catalogue, serving, spare.skill_id, supports=situation.supports)
        found.append((spare, step))
    return found


def _picks(course: Course, known: Outlook, sitting: Sitting, count: int) -> list[Pick]:
    """What would come next if nothing more were known; skills that need a worked example first come last."""
    begun = [skill for skill in known.assigned if not known.new(skill) or skill in course.skills]
    picks: list[Pick] = []
    while len(picks) < count:
        draws = repeatable(sitting.seed, len(course.items), "spare")
        pick = choose(course, replace(known, assigned=begun), draws) if begun else None
        if pick is None:
            pick = choose(course, known, draws)
        if pick is None:
            break
        note(course, known, pick)
        picks.append(pick)
    return picks


def _serving(spare: Spare, sitting: Sitting, serving_id: int, shown_at: datetime) -> Serving:
    return Serving(
        id=serving_id,
        sitting_id=sitting.id,
        class_id=sitting.class_id,
        item_id=spare.item_id,
        version_id=spare.version_id,
        set_id=spare.set_id,
        skill_id=spare.skill_id,
        seed=spare.seed,
        purpose=spare.purpose,
        expected=spare.expected,
        served_at=shown_at,
        shown_at=shown_at,
        closed_at=None,
        tries=0,
        hints=0,
        quick_hints=0,
        hint_at=None,
        tried=[],
        options=spare.options,
    )


def answer_late(session: Session, caller: Caller, late: Late, policy: Policy, *, now: datetime, rng: object) -> None:
    """Take an answer that waited on a device; one that is known already changes nothing.

    Raises
    ------
    NotFoundError
        The question is not this student's.
    """
    queries.one_at_a_time(session, caller.person_id)
    if queries.answer_with(session, caller, late.client_id) is not None:
        return
    situation = queries.situation(session, caller)
    waiting: Serving | None = None
    if isinstance(late.question, int):
        serving_id = late.question
    else:
        waiting = _put_aside(session, caller, situation, late.question.sitting_id, now)
        serving_id = _adopt(session, caller, situation, late.question, late.seconds, policy, now)
    found = queries.situation_of(session, caller, serving_id)
    current = situation.sitting
    behind = found is None or found.sitting is None or current is None or found.sitting.id != current.id
    given = AnswerGiven(late.client_id, late.fields, late.sure, late.seconds, late=True, over=late.over, behind=behind)
    answer_item(session, caller, serving_id, given, policy, now=now, rng=rng)
    if waiting is not None and current is not None:
        serve_again(session, caller, current, waiting, now)


def _put_aside(
    session: Session, caller: Caller, situation: Situation, sitting_id: int, now: datetime
) -> Serving | None:
    """Make room for a question in reserve; returns what the teacher has asked for and nobody has seen yet."""
    open_one, sitting = situation.serving, situation.sitting
    if open_one is None or open_one.closed_at is not None or sitting is None or sitting.id != sitting_id:
        return None
    session.execute(_close, {"district": caller.district_id, "serving": open_one.id, "now": now})
    if open_one.shown_at is not None:
        return None
    if open_one.purpose not in CHOSEN_HERE:
        return open_one
    course = Course.from_json(sitting.course)
    course.take_back(open_one.item_id)
    save_sitting(session, caller, sitting, course)
    return None


def _adopt(
    session: Session,
    caller: Caller,
    situation: Situation,
    spare: Spare,
    seconds: float | None,
    policy: Policy,
    now: datetime,
) -> int:
    """Make a serving of a question in reserve; returns its identifier."""
    sitting = queries.sitting_with(session, caller, spare.sitting_id)
    if sitting is None:
        raise NotFoundError("This question is not yours. Go back to your station.")
    current = situation.sitting is not None and situation.sitting.id == sitting.id
    # The newest serving is where the student stands, so one of an earlier sitting keeps its own place in time.
    serving_id = new_id() if current else spare.serving_id
    since_made = now.timestamp() - spare.made_ms / 1000
    took = min(max(seconds or 0.0, 0.0), max(since_made, 0.0))
    serving = _serving(spare, sitting, serving_id, now - timedelta(seconds=took))
    catalogue = catalogues.of_set(session, caller.district_id, spare.set_id)
    place = catalogue.by_item.get(spare.item_id)
    if place is not None:
        course = Course.from_json(sitting.course)
        standing = queries.standing(session, caller, sitting.bank_id)
        known = outlook(catalogue, standing, sitting.skills, (), now, policy)
        wish = Wish(spare.skill_id, spare.purpose, spare.expected)
        note(course, known, Pick(place, spare.seed, spare.expected, wish))
        save_sitting(session, caller, sitting, course)
    store_serving(session, caller, serving)
    return serving_id


def in_order(answers: Sequence[Late]) -> list[Late]:
    """Answers of a device in its order; of each only the first."""
    return list({answer.client_id: answer for answer in reversed(answers)}.values())[::-1]
