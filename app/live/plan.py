"""The plan of a group at the teacher's table: why, who, what to ask first, how, and what to ask at the end.

A slot whose card is stored shows what that card said; an earlier look decides on what is known now. The questions are
drawn from the block, slot and group, so that a plan that is opened twice asks the same.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from app.bank.catalogue import Catalogue, catalogues, realised
from app.bank.queries import ServedItem
from app.base.draws import repeatable
from app.base.errors import NotFoundError
from app.base.policy import Policy
from app.live import queries
from app.live.card import CardContent, Room, decide, decision_word, names_of, offered, room_of, table_group, titles
from app.live.words import card_sentence, title_in_sentence
from app.practice.service.serving import outlook
from app.rostering.queries import ClassInfo
from app.stations import queries as stations
from app.stations.queries import Group, Lesson
from content import answers
from content.generators import SEEDS
from content.render import to_html, to_inline_html
from content.schema import Item, mistakes_of, options_of
from models import selection
from models.readiness import Readiness, Shared, StudentId

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]
ACTIONS = ("Pull", "Check", "Start", "Together")
"""What comes first for a student, in the order in which a teacher turns to them."""
EXIT_TARGET = 0.75
"""The exit item aims at what practice aims at: it should show what was learnt, not discourage."""


@dataclass(frozen=True, slots=True)
class RosterRow:
    """A student of the group; `ready_percent` is None where too little is known."""

    name: str
    ready_percent: int | None
    evidence: str
    action: str


@dataclass(frozen=True, slots=True)
class Slip:
    """A wrong answer to expect, and what it means."""

    text: str
    means: str


@dataclass(frozen=True, slots=True)
class Opener:
    """A question to begin with."""

    title: str
    stem_html: str
    answer_html: str
    expected: Sequence[Slip]


@dataclass(frozen=True, slots=True)
class PlanView:
    """What `live/plan.html` reads."""

    class_id: int
    class_name: str
    group_name: str
    group_picture: str
    lesson_title: str
    printed_at_text: str
    decision_word: str
    confidence: str
    sentence: str
    why: Sequence[str]
    roster: Sequence[RosterRow]
    openers: Sequence[Opener]
    strategy: Sequence[str]
    exit_html: str


@dataclass(frozen=True, slots=True)
class _Wish:
    """A question that the plan wants: from which skills, how likely to be right, showing which misconception."""

    title: str
    skills: frozenset[int]
    target: float
    misconception: str | None = None


def plan_view(
    session: Session, found: ClassInfo, lesson: Lesson | None, slot: int | None, now: datetime, policy: Policy
) -> PlanView:
    """Make the plan of the group that is at the teacher's table in a slot.

    Parameters
    ----------
    lesson : Lesson or None
        The class's newest.
    slot : int or None
        Counted from 0; None for the slot that comes next, or the last one.

    Raises
    ------
    NotFoundError
        There is no lesson, or nobody is at the table in that slot.
    """
    if lesson is None:
        raise NotFoundError("There is no lesson to plan for. Start one first.")
    wanted = _slot(lesson, now) if slot is None else slot
    group = table_group(lesson, wanted) if 0 <= wanted < lesson.block.slots else None
    if group is None or not group.students:
        raise NotFoundError("No group is at the teacher's table then.")
    catalogue = catalogues.of_bank(session, lesson.block.district_id, lesson.block.bank_id)
    room = room_of(session, lesson, catalogue)
    content = _content(session, lesson, wanted, group, room, now, policy)
    questions = _questions(session, lesson, wanted, group, content, room, now, policy)
    return _written(found, lesson, group, content, room, questions, now, policy)


def present_slot(lesson: Lesson | None, now: datetime) -> int | None:
    """The slot that the class is in, or walks to; None outside a lesson."""
    return None if lesson is None else lesson.clock.at(now).slot


def _slot(lesson: Lesson, now: datetime) -> int:
    position = lesson.clock.at(now)
    if position.slot is None:
        return 0
    return min(position.slot if position.walking else position.slot + 1, lesson.block.slots - 1)


def _content(
    session: Session, lesson: Lesson, slot: int, group: Group, room: Room, now: datetime, policy: Policy
) -> CardContent:
    stored = stations.cards(session, lesson.block.district_id, lesson.block.id).get((slot, group.id))
    before = None if stored is None else CardContent.from_json(stored.readiness)
    if before is not None and stored is not None and stored.frozen_at is not None:
        return before
    return decide(lesson, group, room, None if before is None else before.readiness.decision, now, policy)


def _written(
    found: ClassInfo,
    lesson: Lesson,
    group: Group,
    content: CardContent,
    room: Room,
    questions: Sequence[Opener],
    now: datetime,
    policy: Policy,
) -> PlanView:
    decided = content.readiness
    known, catalogue = names_of(group, room), room.catalogue
    *openers, last = questions
    return PlanView(
        class_id=found.id,
        class_name=found.name,
        group_name=group.name,
        group_picture=group.picture,
        lesson_title=lesson.block.lesson_title,
        printed_at_text=f"{now.astimezone(ZoneInfo(found.time_zone)):%A %-H:%M}",
        decision_word=decision_word(decided),
        confidence=decided.confidence,
        sentence=card_sentence(decided, known, titles(catalogue)),
        why=_why(content, catalogue, policy),
        roster=sorted(
            (_row(student, content, known, policy) for student in decided.r),
            key=lambda row: (ACTIONS.index(row.action), row.name),
        ),
        openers=[opener for opener in openers if opener.stem_html],
        strategy=_strategy(content, known, catalogue),
        exit_html=last.stem_html,
    )


# -- Words --------------------------------------------------------------------------------------------------------


def _why(content: CardContent, catalogue: Catalogue, policy: Policy) -> list[str]:
    decided = content.readiness
    short = {needed.student for needed in decided.needed}
    known = titles(catalogue)
    gaps = ", ".join(f"{known.get(code, code)} {gap:.0%}" for code, gap in decided.gaps.items())
    return [
        f"Expected ready: {decided.expected:.2f} of {decided.size}; "
        f"chance that {decided.enough_ready} or more are ready: {_percent(decided.p_ready)}.",
        f"Enough evidence for {decided.size - len(short)} of {decided.size} ({decided.evidence:.0%}).",
        f"Not there yet, on average: {gaps}.",
        *(_shared_sentence(shared, catalogue) for shared in content.shared),
        f"Thresholds: policy {policy.hash}.",
    ]


def _percent(chance: float) -> str:
    """A chance in words that never claim certainty."""
    if chance < 0.01:
        return "under 1%"
    return "over 99%" if chance > 0.99 else f"{chance:.0%}"


def _shared_sentence(shared: Shared, catalogue: Catalogue) -> str:
    return f"{len(shared.students)} students share a misconception: {_title(shared, catalogue)}."


def _title(shared: Shared, catalogue: Catalogue) -> str:
    known = catalogue.misconceptions.get(shared.misconception)
    return shared.misconception if known is None else known.title.rstrip(".")


def _row(student: StudentId, content: CardContent, names: Mapping[StudentId, str], policy: Policy) -> RosterRow:
    decided = content.readiness
    missing = [needed.answers for needed in decided.needed if needed.student == student]
    more = "answer" if sum(missing) == 1 else "answers"
    return RosterRow(
        names[student],
        None if missing else round(100 * decided.r[student]),
        f"{sum(missing)} more {more} needed" if missing else f"{policy.readiness.answers} or more a skill",
        _action(student, decided),
    )


def _action(student: StudentId, decided: Readiness) -> str:
    if student in decided.pull:
        return "Pull"
    if student in decided.skip:
        return "Start"
    if student in decided.check or decided.decision == "not_enough":
        return "Check"
    return "Together"


def _strategy(content: CardContent, names: Mapping[StudentId, str], catalogue: Catalogue) -> list[str]:
    decided = content.readiness
    known = titles(catalogue)
    focus = title_in_sentence(decided.focus, known) if decided.focus else "the lesson"
    found: list[str] = []
    if decided.decision == "not_enough":
        found.append("Ask the openers first; decide when you have seen the answers.")
    if decided.decision == "go":
        found.append("Start the lesson with everyone.")
    if decided.start_with is not None:
        found.append(f"Take everyone through {title_in_sentence(decided.start_with, known)} first.")
    if decided.pull:
        found.append(f"Keep {_and(decided.pull, names)} close and begin with {focus}.")
    if decided.check:
        found.append(f"Give {_and(decided.check, names)} the openers, then decide.")
    if decided.skip:
        found.append(f"Let {_and(decided.skip, names)} start on the lesson by themselves.")
    found += [f"Show a case where this goes astray: {_title(shared, catalogue)}." for shared in content.shared[:1]]
    return found


def _and(students: Sequence[StudentId], names: Mapping[StudentId, str]) -> str:
    *first, last = [names[student] for student in students]
    return f"{', '.join(first)} and {last}" if first else last


# -- Questions ----------------------------------------------------------------------------------------------------


def _questions(
    session: Session,
    lesson: Lesson,
    slot: int,
    group: Group,
    content: CardContent,
    room: Room,
    now: datetime,
    policy: Policy,
) -> list[Opener]:
    """The openers, and as the last one the exit item; one that nothing unseen fits is empty."""
    # An opened plan asks the same again.
    rng = repeatable(lesson.block.id, slot, group.id)
    catalogue = room.catalogue
    since = now - timedelta(days=policy.readiness.unseen_days)
    seen = queries.items_seen(session, lesson.block.district_id, group.students, since)
    free = np.array([item.item_id not in seen for item in catalogue.items], dtype=np.bool_) | catalogue.generators
    chances = _chances(group, room, now, policy)
    found = []
    for wish in _wishes(lesson, content, catalogue, policy):
        place = _nearest(wish, chances, free, catalogue)
        if place is None:
            found.append(Opener(wish.title, "", "", ()))
            continue
        free[catalogue.pool.family == catalogue.pool.family[place]] = False
        found.append(_opener(wish.title, catalogue.items[place], int(rng.random() * SEEDS), catalogue))
    return found


def _chances(group: Group, room: Room, now: datetime, policy: Policy) -> Floats:
    """Predicted success on each item of the pool, averaged over the group."""
    standings, catalogue = room.standings, room.catalogue
    views = [outlook(catalogue, standings.get(student), (), (), now, policy) for student in group.students]
    each = [selection.expected_success(catalogue.pool, view.means, view.variances) for view in views]
    return np.asarray(np.mean(each, axis=0))


def _wishes(lesson: Lesson, content: CardContent, catalogue: Catalogue, policy: Policy) -> list[_Wish]:
    by_code = {skill.code: skill for skill in catalogue.skills.values()}
    rule = policy.readiness
    wishes = []
    focus = by_code.get(content.readiness.start_with or content.readiness.focus or "")
    if focus is not None:
        wishes.append(_Wish(f"On the focus: {focus.title}", frozenset({focus.id}), rule.opener_focus))
    if content.shared:
        shared = content.shared[0]
        skills = frozenset(by_code[code].id for code in content.readiness.gaps) | {lesson.block.lesson_skill_id}
        title = f"Shows a misconception: {_title(shared, catalogue)}"
        wishes.append(_Wish(title, skills, rule.opener_misconception, shared.misconception))
    own = frozenset({lesson.block.lesson_skill_id})
    wishes.append(_Wish("From the lesson", own, rule.opener_lesson))
    wishes.append(_Wish("Exit", own, EXIT_TARGET))
    return wishes


def _nearest(wish: _Wish, chances: Floats, free: Mask, catalogue: Catalogue) -> int | None:
    """The free item whose predicted success is nearest to what is wanted."""
    places = [
        place
        for place, item in enumerate(catalogue.items)
        if free[place]
        and item.skill_id in wish.skills
        and (wish.misconception is None or wish.misconception in offered(item.content))
    ]
    return min(places, key=lambda place: abs(chances[place] - wish.target), default=None)


def _opener(title: str, served: ServedItem, seed: int, catalogue: Catalogue) -> Opener:
    item = realised(served, seed)
    right = answers.mark(item, answers.key(item, seed=seed), seed=seed).chosen
    return Opener(title, _asked(item, seed), to_inline_html(answers.shown(item, right)), _slips(item, catalogue))


def _asked(item: Item, seed: int) -> str:
    """The question as it can be read out: with its options, where it has them."""
    options = answers.fields(item, seed=seed).options
    if not options:
        return to_html(item.stem)
    listed = "".join(f"<li>{to_inline_html(text)}</li>" for _value, text, _tried in options)
    return f'{to_html(item.stem)}<ul class="opener-options">{listed}</ul>'


def _slips(item: Item, catalogue: Catalogue) -> list[Slip]:
    """Wrong answers that tell something, with what they tell."""
    wrong = [(option.text, option.misconception) for option in options_of(item.answer) if not option.correct]
    wrong += [(str(mistake.value), mistake.misconception) for mistake in mistakes_of(item.answer)]
    known = catalogue.misconceptions
    told = [(text, known[tag].title) for text, tag in wrong if tag is not None and tag in known]
    return [Slip(Markup(to_inline_html(text)), means) for text, means in told]
