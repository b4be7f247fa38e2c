"""The card of the group that comes to the teacher's table next: is it ready, and what to do first.

Before it opens the card is a preview, computed anew at each look. From some minutes before the bell it is stored, so
that a standing decision holds by hysteresis; at the bell it freezes and shows from then on what it said then. The draws
are seeded from class, block and student: two computations on the same answers agree to the last digit.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

import numpy as np
from flask import url_for
from sqlalchemy.orm import Session

from app.bank.catalogue import Catalogue
from app.base.clock import to_ms
from app.base.policy import Policy
from app.live import queries
from app.live.words import card_sentence
from app.practice import queries as practice
from app.practice.progress import Standing, newcomer, untouched
from app.rostering import queries as rostering
from app.stations import queries as stations
from app.stations.queries import Group, Lesson
from app.stations.rotation import group_at
from app.stations.service.cards import CardNow, Probe
from app.stations.service.grouping import chances, needs_of
from content.schema import Generator, Item, mistakes_of, options_of
from models import ability, readiness
from models.readiness import Decision, Needed, Readiness, Shared, Student, StudentId

PROBE_TARGET = 0.5
WORDS: Mapping[str, str] = {
    "not_enough": "Not enough evidence",
    "go": "Go",
    "start_with": "Start with",
    "split": "Split",
}
Recents = Mapping[int, Sequence[Mapping[str, Any]]]


@dataclass(frozen=True, slots=True)
class Room:
    """What is known of a class, by student id; see `room_of`.

    Parameters
    ----------
    recents : mapping of student to entries of `students_now.recent`, oldest first
    standings : mapping of student to Standing
        A student without one has no scored answer yet.
    """

    names: Mapping[int, str]
    recents: Recents
    standings: Mapping[int, Standing]
    catalogue: Catalogue


@dataclass(frozen=True, slots=True)
class Coming:
    """The group that comes to the table next.

    Parameters
    ----------
    bell_at : datetime or None
        When it is called; None while the clock stands still before that.
    left_s : float
        Seconds until then, once the clock goes on.
    called : bool
        The bell has gone and the group is on its way.
    """

    slot: int
    group: Group
    bell_at: datetime | None
    left_s: float = field(compare=False)
    called: bool


@dataclass(frozen=True, slots=True)
class CardContent:
    """What a card says, by student id and skill code: no name is stored."""

    readiness: Readiness
    shared: tuple[Shared, ...]

    def to_json(self) -> dict[str, Any]:
        """What is stored."""
        stored = asdict(self.readiness)
        stored["r"] = [[student, chance] for student, chance in self.readiness.r.items()]
        return {"readiness": stored, "shared": [asdict(shared) for shared in self.shared]}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "CardContent":
        """Read what `to_json` wrote."""
        kept = dict(stored["readiness"])
        kept["r"] = dict(kept["r"])
        kept["needed"] = tuple(Needed(**needed) for needed in kept["needed"])
        for name in ("pull", "skip", "check"):
            kept[name] = tuple(kept[name])
        shared = tuple(Shared(one["misconception"], tuple(one["students"])) for one in stored["shared"])
        return cls(Readiness(**{field.name: kept[field.name] for field in fields(Readiness)}), shared)


@dataclass(frozen=True, slots=True)
class CardView:
    """`board.card` of the templates.

    Parameters
    ----------
    bell_at_ms : int or None
        What the countdown runs to.
    note : str
        Whether this is a preview, or what the card said at the bell.
    """

    group_name: str
    opens_in_text: str = field(compare=False)
    bell_at_ms: int | None
    note: str
    decision_word: str
    confidence: str
    sentence: str
    pull: Sequence[str]
    check: Sequence[str]
    skip: Sequence[str]
    plan_url: str


@dataclass(frozen=True, slots=True)
class NextCard:
    """The card now: what the board shows (None: no group comes any more), and what has to be stored."""

    view: CardView | None
    due: tuple[CardNow, ...]


def coming(lesson: Lesson, now: datetime) -> Coming | None:
    """The group that comes to the table next; None in the last slot, outside the lesson, and without a table."""
    position = lesson.clock.at(now)
    if position.slot is None:
        return None
    slot = position.slot if position.walking else position.slot + 1
    group = table_group(lesson, slot)
    if group is None or slot >= lesson.block.slots:
        return None
    if position.walking:
        return Coming(slot, group, lesson.clock.bounds[slot - 1][1], 0.0, True)
    return Coming(slot, group, position.ends_at, position.left_s, False)


def table_group(lesson: Lesson, slot: int) -> Group | None:
    """The group that is at the teacher's table in a slot."""
    table = next((place for place, station in enumerate(lesson.stations) if station.kind == "table"), None)
    if table is None:
        return None
    position = group_at(table, slot, len(lesson.stations))
    return next((group for group in lesson.groups if group.position == position), None)


def room_of(session: Session, lesson: Lesson, catalogue: Catalogue) -> Room:
    """Read what is known of a class; three statements, whatever its size."""
    block = lesson.block
    students = rostering.students_of(session, block.district_id, block.class_id)
    present = queries.present(session, block.district_id, block.class_id)
    ids = [student.id for student in students]
    return Room(
        {student.id: student.name for student in students},
        {student: row.recent for student, row in present.items()},
        practice.standings(session, block.district_id, block.bank_id, ids),
        catalogue,
    )


def next_card(session: Session, lesson: Lesson, room: Room, now: datetime, policy: Policy) -> NextCard:
    """The card of the group that comes to the table next, and what has to be stored now; one statement."""
    stored = stations.cards(session, lesson.block.district_id, lesson.block.id)
    late = _missed_the_bell(lesson, room, stored, now, policy)
    who = coming(lesson, now)
    if who is None or not who.group.students:
        return NextCard(None, late)
    kept = stored.get((who.slot, who.group.id))
    if kept is not None and kept.frozen_at is not None and who.called:
        content = CardContent.from_json(kept.readiness)
        return NextCard(_view(lesson, who, content, room, policy), late)
    before = None if kept is None else CardContent.from_json(kept.readiness).readiness.decision
    content = decide(lesson, who.group, room, before, now, policy)
    due = _due(lesson, who, content, kept, room.catalogue, policy)
    return NextCard(_view(lesson, who, content, room, policy), (*late, *due))


def _missed_the_bell(
    lesson: Lesson,
    room: Room,
    stored: Mapping[tuple[int, int], stations.Card],
    now: datetime,
    policy: Policy,
) -> tuple[CardNow, ...]:
    """The card of the group that is at the table by now, if nobody watched when its bell went."""
    position = lesson.clock.at(now)
    if not position.slot or position.walking:
        return ()
    group = table_group(lesson, position.slot)
    if group is None or not group.students:
        return ()
    kept = stored.get((position.slot, group.id))
    if kept is not None and kept.frozen_at is not None:
        return ()
    said = decide(lesson, group, room, None, now, policy).to_json() if kept is None else kept.readiness
    bell = lesson.clock.bounds[position.slot - 1][1]
    return (CardNow(lesson.block.id, position.slot, group.id, said, bell, policy.hash, {}),)


def content_of(
    session: Session,
    lesson: Lesson,
    group: Group,
    catalogue: Catalogue,
    before: CardContent | None,
    now: datetime,
    policy: Policy,
) -> CardContent:
    """Decide about a group on what is known now; reads it first."""
    previous = None if before is None else before.readiness.decision
    return decide(lesson, group, room_of(session, lesson, catalogue), previous, now, policy)


def decide(
    lesson: Lesson, group: Group, room: Room, previous: Decision | None, now: datetime, policy: Policy
) -> CardContent:
    """Decide about a group; pure. `previous` is the decision that stands, if one does."""
    skills = room.catalogue.skills
    needs = needs_of(room.catalogue, lesson.block.lesson_skill_id)
    own = {skills[need].code: [skills[one].code for one in skills[need].prerequisites] for need in needs}
    seed = (lesson.block.class_id, lesson.block.id)
    students = [
        _student(student, room.standings.get(student), needs, room.catalogue, seed, now, policy)
        for student in group.students
    ]
    asked = readiness.Lesson(tuple(skills[need].code for need in needs), prerequisites=own)
    return CardContent(
        readiness.decide(students, asked, policy.readiness.rule, previous),
        _shared(room, group.students, policy),
    )


def _student(
    student: int,
    standing: Standing | None,
    needs: Sequence[int],
    catalogue: Catalogue,
    seed: tuple[int, int],
    now: datetime,
    policy: Policy,
) -> Student:
    known, blank = standing or newcomer(policy), untouched(policy)
    skills = catalogue.skills
    asked = dict.fromkeys((*needs, *(one for need in needs for one in skills[need].prerequisites)))
    found = chances(standing, list(asked), catalogue, now, policy)
    progress = [known.skills.get(need) or blank for need in needs]
    draws = ability.joint_draws(
        known.general,
        [one.now_belief(now, policy) for one in progress],
        policy.readiness.draws,
        np.random.default_rng([*seed, student]),
    )
    since = now - timedelta(days=policy.readiness.days)
    return Student(
        student,
        {skills[skill].code: chance for skill, chance in found.items()},
        {skills[need].code: one.evidence_since(since) for need, one in zip(needs, progress, strict=True)},
        readiness.joint_ready(draws, [skills[need].cut for need in needs]),
    )


def _shared(room: Room, students: Sequence[int], policy: Policy) -> tuple[Shared, ...]:
    """Misconceptions that enough of the group hold; a chance is an item that some wrong answer to shows it."""
    shows = _shows(room.catalogue)
    found: list[Shared] = []
    for tag in {entry["misconception"] for one in students for entry in room.recents.get(one, ())} - {None}:
        chosen: dict[StudentId, list[str | None]] = {
            student: [
                tag if entry["misconception"] == tag else None
                for entry in room.recents.get(student, ())
                if entry["misconception"] == tag or tag in shows.get(entry["item"], ())
            ]
            for student in students
        }
        found += readiness.shared_misconceptions(chosen, len(students), policy.readiness.rule)
    return tuple(sorted(found, key=lambda shared: (-len(shared.students), shared.misconception)))


@lru_cache(maxsize=32)
def _shows(catalogue: Catalogue) -> Mapping[int, frozenset[str]]:
    """Misconceptions that each item can show; a catalogue never changes, and reading every item takes a while."""
    return {item.item_id: offered(item.content) for item in catalogue.items}


def offered(content: Item | Generator) -> frozenset[str]:
    """Misconceptions that some wrong answer to an item shows.

    Examples
    --------
    >>> from fractions import Fraction
    >>> from content.schema import Mistake, Number
    >>> half = Number(Fraction(1, 2), mistakes=(Mistake(Fraction(2), "upside-down"),))
    >>> offered(Item("half", "4.NF.A.1", "Half?", half))
    frozenset({'upside-down'})
    """
    tags: list[str | None] = []
    if isinstance(content, Generator):
        tags += [tag for _text, _right, tag, _nudge in content.answer.options]
        tags += [tag for _value, tag, _nudge in content.answer.mistakes]
    else:
        tags += [option.misconception for option in options_of(content.answer)]
        tags += [mistake.misconception for mistake in mistakes_of(content.answer)]
    return frozenset(tag for tag in tags if tag is not None)


def _due(
    lesson: Lesson,
    who: Coming,
    content: CardContent,
    stored: stations.Card | None,
    catalogue: Catalogue,
    policy: Policy,
) -> tuple[CardNow, ...]:
    """What has to be stored: a card that opens, that changed, that freezes, that thaws as its bell is taken back."""
    thaws = stored is not None and stored.frozen_at is not None
    if not thaws and not is_open(who, policy):
        return ()
    said = content.to_json()
    if stored is not None and not thaws and not who.called and _same(stored.readiness, said):
        return ()
    probes = _probes(content.readiness, lesson, catalogue) if content.readiness.decision == "not_enough" else {}
    return (CardNow(lesson.block.id, who.slot, who.group.id, said, who.bell_at, policy.hash, probes),)


def is_open(who: Coming, policy: Policy) -> bool:
    """Whether the bell is near enough for the card to count."""
    return who.left_s <= policy.rotation.card_opens_s


def opens(lesson: Lesson, now: datetime, policy: Policy) -> bool:
    """Whether a group comes so soon that its card is open."""
    who = coming(lesson, now)
    return who is not None and is_open(who, policy)


def _same(stored: Mapping[str, Any], said: Mapping[str, Any]) -> bool:
    """Whether a card would say the same to the teacher; the last digits of chances are no reason to write."""
    names = ("decision", "start_with", "focus", "pull", "skip", "check", "low", "high", "confidence")
    return all(_plain(stored["readiness"][name]) == _plain(said["readiness"][name]) for name in names)


def _plain(value: object) -> object:
    return list(value) if isinstance(value, list | tuple) else value


def _probes(decided: Readiness, lesson: Lesson, catalogue: Catalogue) -> dict[int, list[Probe]]:
    """So many questions for each student who lacks evidence, most on the skill that lacks most."""
    by_code = {skill.code: skill.id for skill in catalogue.skills.values()}
    missing: dict[int, list[Needed]] = {}
    for needed in decided.needed:
        missing.setdefault(int(str(needed.student)), []).append(needed)
    found: dict[int, list[Probe]] = {}
    for student, lacks in missing.items():
        order = sorted(lacks, key=lambda needed: -needed.answers)
        found[student] = [
            {"skill": by_code[order[turn % len(order)].skill], "purpose": "probe-queued", "target": PROBE_TARGET}
            for turn in range(decided.probes)
        ]
    return found


def _view(lesson: Lesson, who: Coming, content: CardContent, room: Room, policy: Policy) -> CardView:
    known = names_of(who.group, room)
    decided = content.readiness
    return CardView(
        group_name=who.group.name,
        opens_in_text="on their way" if who.called else "when the clock goes on" if who.bell_at is None else "in",
        bell_at_ms=to_ms(who.bell_at) if who.bell_at is not None and not who.called else None,
        note=_note(who, policy),
        decision_word=decision_word(decided),
        confidence=decided.confidence,
        sentence=card_sentence(decided, known, titles(room.catalogue)),
        pull=[known[student] for student in decided.pull],
        check=[known[student] for student in decided.check],
        skip=[known[student] for student in decided.skip],
        plan_url=url_for("live.plan", class_id=lesson.block.class_id, slot=who.slot),
    )


def names_of(group: Group, room: Room) -> dict[StudentId, str]:
    """Names of a group's students, also of one who has left the class since."""
    return {student: room.names.get(student, "a student who left") for student in group.students}


def _note(who: Coming, policy: Policy) -> str:
    if who.called:
        return "As it stood at the bell."
    if not is_open(who, policy):
        return f"Preview. The card opens {round(policy.rotation.card_opens_s / 60)} minutes before the bell."
    return ""


def decision_word(decided: Readiness) -> str:
    """The decision in a word or two."""
    start = f" {decided.start_with}" if decided.start_with is not None else ""
    return f"{WORDS[decided.decision]}{start}"


def titles(catalogue: Catalogue) -> dict[str, str]:
    """Titles of skills by code."""
    return {skill.code: skill.title for skill in catalogue.skills.values()}
