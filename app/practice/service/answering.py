"""The answer command: mark, believe, serve the next item, wake the board, all in one transaction.

The first readable response to a serving is the one that counts: right without a hint is 1; wrong, or after a hint, is
0; too fast to have been read is not scored. Whatever the student sent is stored. A device that sends the same answer
again gets the stored result.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import bindparam, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from app.bank.catalogue import Catalogue, catalogues, realised
from app.base import outbox
from app.base.auth import Caller
from app.base.clock import to_ms
from app.base.db import table_of
from app.base.errors import NotFoundError
from app.base.ids import new_id
from app.base.policy import Policy
from app.base.statements import Statement, upsert
from app.practice import queries
from app.practice.aids import in_force
from app.practice.course import Course
from app.practice.pace import too_fast, with_time
from app.practice.progress import Evidence, Standing, as_answered, learn, newcomer, untouched
from app.practice.queries import Serving, Sitting, Situation, answers, item_times, servings
from app.practice.service import now as present
from app.practice.service.now import Recent
from app.practice.service.serving import save_sitting, serve_next
from app.practice.service.standing import Whose, store
from app.practice.service.steps import Step, closing_time, step_after
from app.practice.tables import ClassMissTable
from app.rostering.supports import NONE
from content import answers as marking
from content.answers import Mark

DAY_S = 86_400
misses = table_of(ClassMissTable)

_keep_answer = Statement(
    {
        "sqlite": sqlite.insert(answers).on_conflict_do_nothing(),
        "postgresql": postgresql.insert(answers).on_conflict_do_nothing(),
    }
)
_put_times = Statement(upsert(item_times, ("district_id", "item_id")))
_miss_key = ("district_id", "class_id", "day", "item_id", "chosen")
_count_miss = {
    "sqlite": sqlite.insert(misses).on_conflict_do_update(index_elements=_miss_key, set_={"n": misses.c.n + 1}),
    "postgresql": postgresql.insert(misses).on_conflict_do_update(index_elements=_miss_key, set_={"n": misses.c.n + 1}),
}
_update_serving = Statement(
    update(servings)
    .where(servings.c.district_id == bindparam("district"), servings.c.id == bindparam("serving"))
    .values(tries=bindparam("new_tries"), tried=bindparam("new_tried"), closed_at=bindparam("new_closed_at"))
)


@dataclass(frozen=True, slots=True)
class AnswerGiven:
    """What a student's page sends: the fields of the answer, and an identifier that the device made.

    `sure` is what the student said of an exit item, 1 to 3, None where nothing was said. The rest is said of answers
    that waited on a device: they are `late`, took so many `seconds` there, and where the student has gone on since they
    are `over`; one that is `behind` belongs to an earlier sitting than the student's present one.
    """

    client_id: str
    fields: Mapping[str, str]
    sure: int | None = None
    seconds: float | None = None
    late: bool = False
    over: bool = False
    behind: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """A marked answer and what it counts for.

    Parameters
    ----------
    first : bool
        It is the first readable response to its serving.
    score : float or None
        The share that is right, 1 or 0 but for answers of several parts; None when it says nothing about ability.
    """

    mark: Mark
    elapsed_s: float
    first: bool
    fast: bool
    score: float | None

    @property
    def missed(self) -> bool:
        """Whether it was a readable answer that is not right."""
        return self.mark.status == "wrong"


@dataclass(slots=True)
class _Work:
    """The answer on its way through the command, with everything it changes."""

    session: Session
    caller: Caller
    policy: Policy
    now: datetime
    situation: Situation
    serving: Serving
    sitting: Sitting
    catalogue: Catalogue
    course: Course
    standing: Standing | None = None
    p: float | None = None

    @property
    def dialect(self) -> str:
        return self.session.get_bind().dialect.name

    @property
    def guess(self) -> float | None:
        """Chance of a right guess where fewer options than the item has were shown."""
        return None if self.serving.options is None else 1.0 / self.serving.options


def answer_item(
    session: Session,
    caller: Caller,
    serving_id: int,
    given: AnswerGiven,
    policy: Policy,
    *,
    now: datetime,
    rng: object,
) -> Step:
    """Mark the answer, update what we believe, serve the next item, wake the class board.

    Raises
    ------
    NotFoundError
        The serving is not this student's.
    """
    queries.one_at_a_time(session, caller.person_id)
    work = _take_up(session, caller, serving_id, policy, now)
    verdict = judge(work.catalogue, work.serving, work.situation.times, given, policy, now)
    if not _store_answer(work, given, verdict):
        return _stored_result(work, given)
    if work.serving.closed_at is not None:
        _keep_closed(work)
        return _step(work, given, verdict.mark)
    if verdict.first:
        _believe(work, verdict, given)
        _count(work, verdict)
    _close_or_keep(work, verdict, given)
    if work.serving.closed_at is not None:
        _follow(work, verdict, given)
    work.sitting = save_sitting(session, caller, work.sitting, work.course)
    if given.behind:
        # The board shows the present sitting.
        outbox.announce(session, caller.district_id, outbox.class_topic(work.sitting.class_id), now=now)
        return _step(work, given, verdict.mark)
    present.put(
        session,
        caller,
        work.sitting,
        work.situation,
        work.serving.skill_id,
        policy,
        _recent(work, verdict) if verdict.first else None,
        now=now,
    )
    outbox.announce(session, caller.district_id, outbox.class_topic(work.sitting.class_id), now=now)
    return _step(work, given, verdict.mark)


def judge(
    catalogue: Catalogue,
    serving: Serving,
    times: queries.Times,
    given: AnswerGiven,
    policy: Policy,
    now: datetime,
) -> Verdict:
    """Mark an answer and say what it counts for; pure."""
    item = realised(catalogue.version(serving.version_id), serving.seed)
    mark = marking.mark(item, given.fields, seed=serving.seed, most=serving.options)
    elapsed = (now - (serving.shown_at or serving.served_at)).total_seconds()
    if given.seconds is not None:
        elapsed = min(elapsed, max(given.seconds, 0.0))
    first = mark.scored and not serving.tried and serving.closed_at is None
    fast = first and serving.hints == 0 and too_fast(elapsed, times, policy)
    counts = first and not fast
    share = mark.share if serving.hints == 0 else 0.0
    return Verdict(mark, elapsed, first, fast, share if counts else None)


def _take_up(session: Session, caller: Caller, serving_id: int, policy: Policy, now: datetime) -> _Work:
    situation = queries.situation_of(session, caller, serving_id)
    if situation is None or situation.serving is None or situation.sitting is None:
        raise NotFoundError("This question is not yours. Go back to your station.")
    serving, sitting = situation.serving, situation.sitting
    catalogue = catalogues.of_set(session, caller.district_id, serving.set_id)
    course = Course.from_json(sitting.course)
    return _Work(session, caller, policy, now, situation, serving, sitting, catalogue, course)


def _store_answer(work: _Work, given: AnswerGiven, verdict: Verdict) -> bool:
    """Add the answer to the truth; False when this device's answer is there already."""
    row = {
        "district_id": work.caller.district_id,
        "id": new_id(),
        "serving_id": work.serving.id,
        "student_id": work.caller.person_id,
        "client_id": given.client_id,
        "attempt": work.serving.tries + 1,
        "given": dict(given.fields),
        "chosen": verdict.mark.chosen,
        "status": verdict.mark.status,
        "score": verdict.score,
        "misconception": verdict.mark.misconception,
        "hints": work.serving.hints,
        "elapsed_ms": round(verdict.elapsed_s * 1000),
        "fast": verdict.fast,
        "policy_hash": work.policy.hash,
        "answered_at": work.now,
        "supports": _supports(work),
        "guess": work.guess,
        "sure": given.sure if work.serving.purpose == "exit" else None,
    }
    return bool(_keep_answer.run(work.session, row))


def _supports(work: _Work) -> list[str] | None:
    """The supports that this answer is given under; most students have none, and cost nothing."""
    supports, serving = work.situation.supports, work.serving
    if supports is NONE and serving.options is None:
        return None
    item = realised(work.catalogue.version(serving.version_id), serving.seed)
    return in_force(item, work.catalogue, supports, serving.options)


def _believe(work: _Work, verdict: Verdict, given: AnswerGiven) -> None:
    """Fold a scored answer into the student's standing, and its time into the item's."""
    session, caller, serving = work.session, work.caller, work.serving
    work.standing = queries.standing(session, caller, work.sitting.bank_id)
    if not verdict.fast and not given.late:  # a device's time is advice: not for what others are compared with
        times = with_time(work.situation.times, verdict.elapsed_s)
        row = {"district_id": caller.district_id, "item_id": serving.item_id, **times._asdict()}
        _put_times.run(session, row)
    if verdict.score is None:
        return
    before = work.standing or newcomer(work.policy)
    evidence = Evidence(
        as_answered(work.catalogue.version(serving.version_id).parameters, work.guess),
        verdict.score,
        serving.hints == 0,
        work.catalogue.skills[serving.skill_id].cut,
        work.now,
    )
    progress = before.skills.get(serving.skill_id) or untouched(work.policy)
    general, progress, site = learn(before.general, progress, evidence, work.policy)
    work.course.said.append([site.precision, site.shift])
    store(
        session, Whose(caller.district_id, caller.person_id, work.sitting.bank_id), general, serving.skill_id, progress
    )
    work.standing = Standing(general, {**before.skills, serving.skill_id: progress})
    work.p = progress.p


def _count(work: _Work, verdict: Verdict) -> None:
    """Keep the sitting's counters, and what the class gets wrong today."""
    right = verdict.mark.status == "right"
    work.sitting = work.sitting._replace(answered=work.sitting.answered + 1, right=work.sitting.right + right)
    work.course.record(work.serving.skill_id, missed=not right, policy=work.policy)
    progress = work.standing.skills.get(work.serving.skill_id) if work.standing is not None else None
    if progress is not None and verdict.score is not None and progress.stuck(work.policy):
        work.course.stop(work.serving.skill_id)
    if not right:
        row = {
            "district_id": work.caller.district_id,
            "class_id": work.sitting.class_id,
            "day": int(work.now.timestamp()) // DAY_S,
            "item_id": work.serving.item_id,
            "chosen": verdict.mark.chosen,
            "misconception": verdict.mark.misconception,
            "n": 1,
        }
        work.session.execute(_count_miss[work.dialect], row)


def _close_or_keep(work: _Work, verdict: Verdict, given: AnswerGiven) -> None:
    """Close the serving when it is right or the tries are used up; else it stays open for another try."""
    tried = [*work.serving.tried, verdict.mark.chosen] if verdict.missed else list(work.serving.tried)
    most = 1 if work.serving.purpose == "exit" or given.over else work.policy.practice.tries
    over = verdict.mark.status == "right" or len(tried) >= most
    _save_serving(work, tried, work.now if over else None)


def _keep_closed(work: _Work) -> None:
    """Another tab was quicker: the late answer is kept with the others, and counts for nothing."""
    _save_serving(work, list(work.serving.tried), work.serving.closed_at)


def _save_serving(work: _Work, tried: list[str], closed_at: datetime | None) -> None:
    work.serving = work.serving._replace(tries=work.serving.tries + 1, tried=tried, closed_at=closed_at)
    _update_serving.run(
        work.session,
        {
            "district": work.caller.district_id,
            "serving": work.serving.id,
            "new_tries": work.serving.tries,
            "new_tried": tried,
            "new_closed_at": work.serving.closed_at,
        },
    )


def _follow(work: _Work, verdict: Verdict, given: AnswerGiven) -> None:
    """Choose what comes after a closed serving; after a late one that waits until the student goes on."""
    if verdict.missed:
        work.course.ask_sibling(work.catalogue.version(work.serving.version_id).family, work.policy)
    if given.late:
        return
    ends_at = closing_time(work.situation.assignment, work.sitting, work.now, work.policy)
    standing = work.standing or queries.standing(work.session, work.caller, work.sitting.bank_id)
    queued = work.situation.assignment.queued if work.situation.assignment is not None else ()
    serve_next(
        work.session,
        work.caller,
        work.sitting,
        work.course,
        standing,
        queued,
        work.policy,
        ends_at=ends_at,
        now=work.now,
        supports=work.situation.supports,
    )


def _recent(work: _Work, verdict: Verdict) -> Recent:
    serving = work.serving
    return Recent(
        at=to_ms(work.now),
        item=serving.item_id,
        skill=serving.skill_id,
        right=verdict.mark.status == "right",
        score=verdict.score,
        fast=verdict.fast,
        hints=serving.hints,
        quick_hints=serving.quick_hints,
        after_example=serving.skill_id in work.course.examples,
        seconds=round(verdict.elapsed_s, 1),
        chosen=verdict.mark.chosen,
        misconception=verdict.mark.misconception,
        p=work.p,
    )


def _step(work: _Work, given: AnswerGiven, mark: Mark) -> Step:
    return step_after(work.situation, work.sitting, work.serving, work.catalogue, given.fields, mark, work.now)


def _stored_result(work: _Work, given: AnswerGiven) -> Step:
    """What the student was told when this answer first came in."""
    stored = queries.answer_with(work.session, work.caller, given.client_id)
    if stored is None or stored.serving_id != work.serving.id:
        # The name was used for another question: show how this one stands, and nothing about the fields.
        stored = queries.newest_answer(work.session, work.caller.district_id, work.serving.id)
    if stored is None:
        return _unanswered(work, given)
    item = realised(work.catalogue.version(work.serving.version_id), work.serving.seed)
    mark = marking.mark(item, stored.given, seed=work.serving.seed, most=work.serving.options)
    return _step(work, AnswerGiven(given.client_id, stored.given), mark)


def _unanswered(work: _Work, given: AnswerGiven) -> Step:
    step = _step(work, given, Mark("unreadable"))
    return replace(step, kind="question", note="")
