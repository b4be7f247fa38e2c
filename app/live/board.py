"""The board as it stands: read with a handful of statements, judged by pure rules, calm by a short memory.

What the board shows depends on the database alone, but for two things kept in memory a class at a time: a state stays
for a minute so that tiles do not flicker, and rules with a band remember on which side they were.
"""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from app.bank.catalogue import Catalogue, catalogues
from app.base.auth import Caller
from app.base.clock import EPOCH, to_ms
from app.base.policy import Policy
from app.live import queries
from app.live.card import CardView, NextCard, Room, coming, next_card, opens
from app.live.clockface import BlockView, block_view
from app.live.mistakes import Mistake, hardest, shared
from app.live.queries import Present
from app.live.states import ALERTS, PRIORITY, Seen, Watched, state_of
from app.practice import queries as practice
from app.practice.progress import Standing, newcomer, untouched
from app.rostering import queries as rostering
from app.rostering.queries import ClassInfo, Student
from app.stations import queries as stations
from app.stations.clock import Position
from app.stations.queries import Lesson
from app.stations.rotation import station_of
from app.stations.service.cards import CardNow
from models import ability, mastery

AT_ONCE = frozenset({"hand", "offline", "table", "working", "absent"})
"""States that come and go at once; the others stay for a minute."""
SHARED_MISTAKES = 3
MISSES_READ = 40
WITHOUT_LESSON = timedelta(hours=1)
EARLY = timedelta(minutes=15)
WORDS: Mapping[str, str] = {"table": "With teacher", "absent": "Not here yet"}


@dataclass(frozen=True, slots=True)
class Tile:
    """One student."""

    student_id: int
    name: str
    state: str
    word: str | None
    icon: str | None
    reason: str
    skill: str
    answered: int
    right: int
    since_ms: int
    minutes_since_visit: int | None


@dataclass(frozen=True, slots=True)
class Alert:
    """A student who needs the teacher."""

    student_id: int
    name: str
    state: str
    word: str
    reason: str
    minutes_since_visit: int | None


@dataclass(frozen=True, slots=True)
class Column:
    """A station with the students who are there."""

    name: str
    kind: str
    tiles: tuple[Tile, ...]


@dataclass(frozen=True, slots=True)
class BoardView:
    """What `live/_board.html` reads."""

    class_id: int
    class_name: str
    code: str
    block: BlockView | None
    alerts: tuple[Alert, ...]
    more_alerts: int
    card: CardView | None
    stations: tuple[Column, ...]
    class_wrong: tuple[Mistake, ...]
    not_visited: tuple[str, ...]
    updated_at_ms: int = field(compare=False)


@dataclass(frozen=True, slots=True)
class _Shown:
    seen: Seen
    since: datetime
    place: int | None


@dataclass(frozen=True, slots=True)
class _Panel:
    """A card with what it was made for; see `Memory.card`."""

    occasion: object
    card: NextCard
    at: datetime


class Memory:
    """What the boards of this process showed last, a class at a time."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._shown: dict[int, dict[int, _Shown]] = {}
        self._panels: dict[int, _Panel] = {}

    def card(
        self, class_id: int, occasion: object, make: Callable[[], NextCard], now: datetime, policy: Policy
    ) -> NextCard:
        """Let the next group's panel change at most every few seconds, but at once on another occasion.

        Parameters
        ----------
        occasion : object
            Which group comes when; another group, a bell that moved or went, ask for a new card at once.
        make : callable
            Makes the card.
        """
        before = self._panels.get(class_id)
        if (
            before is not None
            and before.occasion == occasion
            and now - before.at < timedelta(seconds=policy.board.panel_s)
        ):
            return NextCard(before.card.view, ())
        made = make()
        self._panels[class_id] = _Panel(occasion, made, now)
        return made

    def was(self, class_id: int, student_id: int) -> str:
        """The state shown last; empty for none."""
        shown = self._shown.get(class_id, {}).get(student_id)
        return "" if shown is None else shown.seen.state

    def settle(
        self,
        class_id: int,
        student_id: int,
        seen: Seen,
        place: int | None,
        visited_at: datetime | None,
        now: datetime,
        policy: Policy,
    ) -> _Shown:
        """Let a state stay its least time before a less urgent one takes its place.

        A state that no longer holds says so. A student who walked to another station, or whom the teacher has been
        with, starts afresh.
        """
        with self._lock:
            students = self._shown.setdefault(class_id, {})
            before = students.get(student_id)
            if before is None or before.place != place or _may_change(before, seen, visited_at, now, policy):
                students[student_id] = _Shown(seen, now, place)
            elif before.seen.state == seen.state:
                students[student_id] = replace(before, seen=seen)
            else:
                return replace(before, seen=replace(before.seen, reason=f"Until just now: {before.seen.reason}"))
            return students[student_id]


def _may_change(before: _Shown, seen: Seen, visited_at: datetime | None, now: datetime, policy: Policy) -> bool:
    state = before.seen.state
    if state == seen.state:
        return False
    if state in AT_ONCE or PRIORITY.index(seen.state) < PRIORITY.index(state):
        return True
    visited = visited_at is not None and visited_at >= before.since
    return visited or now - before.since >= timedelta(seconds=policy.board.least_stay_s)


@dataclass(frozen=True, slots=True)
class _Scene:
    """Everything that was read for one look at the board."""

    info: ClassInfo
    policy: Policy
    now: datetime
    memory: Memory
    students: Sequence[Student]
    lesson: Lesson | None
    position: Position
    present: Mapping[int, Present]
    catalogue: Catalogue | None
    standings: Mapping[int, Standing]
    visits: Mapping[int, Mapping[int, datetime]]
    teacher_id: int

    @property
    def lesson_from(self) -> datetime:
        """When the lesson began; outside one, the last while counts as one."""
        if self.lesson is None or self.position.slot is None:
            return self.now - WITHOUT_LESSON
        return self.lesson.clock.bounds[0][0]

    @property
    def here_from(self) -> datetime:
        """Who was last heard of before this is not in the room: a class may sign in a little before the lesson."""
        return self.lesson_from - EARLY

    @property
    def stretch_from(self) -> datetime | None:
        """Since when the class works at its present stations; None while it walks and outside a lesson."""
        if self.lesson is None or self.position.slot is None or self.position.walking:
            return None
        begun = self.lesson.clock.bounds[self.position.slot][0]
        return max(begun, self.lesson.resumed_at or begun)

    def place_of(self, student_id: int) -> int | None:
        """Which station a student's group is at, or walks to."""
        if self.lesson is None or self.position.slot is None:
            return None
        group = self.lesson.group_of(student_id)
        if group is None:
            return None
        return station_of(group.position, self.position.slot, len(self.lesson.stations))

    def kind_of(self, student_id: int) -> str:
        place = self.place_of(student_id)
        return "" if place is None or self.lesson is None else self.lesson.stations[place].kind

    def visited_at(self, student_id: int) -> datetime | None:
        """When anyone was last with a student."""
        return max(self.visits.get(student_id, {}).values(), default=None)

    def minutes_since_visit(self, student_id: int) -> int | None:
        """Minutes since this teacher was last with a student."""
        at = self.visits.get(student_id, {}).get(self.teacher_id)
        return None if at is None else max(0, int((self.now - at).total_seconds() // 60))


def look(
    session: Session, caller: Caller, class_id: int, policy: Policy, memory: Memory, now: datetime
) -> tuple[BoardView, tuple[CardNow, ...]]:
    """Read and judge a class's board; beside it, the cards that have to be stored now.

    Raises
    ------
    NotFoundError
        The class is not the caller's.
    """
    scene = _scene(session, caller, class_id, policy, memory, now)
    shown = {student.id: _judge(scene, student) for student in scene.students}
    alerts = _alerts(scene, shown)
    card = _card(session, scene)
    view = BoardView(
        class_id,
        scene.info.name,
        scene.info.code,
        block_view(scene.lesson, now, policy),
        tuple(alerts[: policy.board.alerts]),
        max(0, len(alerts) - policy.board.alerts),
        card.view,
        _columns(scene, shown),
        _mistakes(session, scene),
        _not_visited(scene),
        to_ms(now),
    )
    return view, card.due


def _card(session: Session, scene: _Scene) -> NextCard:
    lesson, catalogue = scene.lesson, scene.catalogue
    if lesson is None or catalogue is None:
        return NextCard(None, ())
    names = {student.id: student.name for student in scene.students}
    room = Room(names, {student: row.recent for student, row in scene.present.items()}, scene.standings, catalogue)
    occasion = (lesson.block.id, scene.position.slot, coming(lesson, scene.now), opens(lesson, scene.now, scene.policy))

    def make() -> NextCard:
        return next_card(session, lesson, room, scene.now, scene.policy)

    return scene.memory.card(scene.info.id, occasion, make, scene.now, scene.policy)


def watched(
    session: Session, caller: Caller, class_id: int, student_id: int, policy: Policy, memory: Memory, now: datetime
) -> tuple[Tile, Seen, bool]:
    """One student of the board: the tile, why it says so, and whether the hand is up."""
    scene = _scene(session, caller, class_id, policy, memory, now)
    student = rostering.student_for(session, caller, class_id, student_id)
    shown = _judge(scene, student)
    row = scene.present.get(student_id)
    return _tile(scene, student, shown), shown.seen, row is not None and row.hand_at is not None


def _scene(session: Session, caller: Caller, class_id: int, policy: Policy, memory: Memory, now: datetime) -> _Scene:
    info = rostering.class_for(session, caller, class_id)
    students = rostering.students_of(session, caller.district_id, class_id)
    lesson = stations.lesson(session, caller.district_id, class_id)
    catalogue = None
    standings: Mapping[int, Standing] = {}
    if lesson is not None:
        bank_id = lesson.block.bank_id
        catalogue = catalogues.of_bank(session, caller.district_id, bank_id)
        standings = practice.standings(session, caller.district_id, bank_id, [student.id for student in students])
    return _Scene(
        info,
        policy,
        now,
        memory,
        students,
        lesson,
        Position("none") if lesson is None else lesson.clock.at(now),
        queries.present(session, caller.district_id, class_id),
        catalogue,
        standings,
        stations.last_visits(session, caller.district_id, class_id),
        caller.person_id,
    )


def _judge(scene: _Scene, student: Student) -> _Shown:
    seen = _seen(scene, student)
    place, visited_at = scene.place_of(student.id), scene.visited_at(student.id)
    return scene.memory.settle(scene.info.id, student.id, seen, place, visited_at, scene.now, scene.policy)


def _seen(scene: _Scene, student: Student) -> Seen:
    row = scene.present.get(student.id)
    if row is None or row.seen_at is None or row.seen_at < scene.here_from:
        return Seen("absent", "Has not signed in yet.")
    kind = scene.kind_of(student.id)
    seen = state_of(_watch(scene, student, row, kind), scene.policy)
    if kind == "table" and seen.state not in ("hand", "stuck"):
        return Seen("table", "At the teacher's table.")
    return seen


def _watch(scene: _Scene, student: Student, row: Present, kind: str) -> Watched:
    standing = scene.standings.get(student.id)
    return Watched(
        recent=row.recent,
        skill=row.skill_id,
        skills={} if standing is None else standing.skills,
        lesson_from=scene.lesson_from,
        at_device_since=scene.stretch_from if kind == "practice" else None,
        paused=scene.position.state == "paused",
        seen_at=row.seen_at,
        input_at=row.input_at,
        idle_after_s=row.idle_after_s,
        extra_time=student.extra_time,
        hand_at=row.hand_at,
        visited_at=scene.visited_at(student.id),
        ready=_ready(scene, standing),
        was=scene.memory.was(scene.info.id, student.id),
        now=scene.now,
    )


def _ready(scene: _Scene, standing: Standing | None) -> list[tuple[float, int]]:
    """P and scored answers in each skill that the lesson builds on."""
    if scene.lesson is None or scene.catalogue is None:
        return []
    lesson_skill = scene.catalogue.skills.get(scene.lesson.block.lesson_skill_id)
    known = standing or newcomer(scene.policy)
    found = []
    for need in lesson_skill.prerequisites if lesson_skill is not None else ():
        progress = known.skills.get(need) or untouched(scene.policy)
        belief = progress.now_belief(scene.now, scene.policy)
        cut = scene.catalogue.skills[need].cut
        found.append((mastery.p_mastery(ability.marginal(known.general, belief), cut), progress.scored))
    return found


def _tile(scene: _Scene, student: Student, shown: _Shown) -> Tile:
    row = scene.present.get(student.id)
    return Tile(
        student.id,
        student.name,
        shown.seen.state,
        WORDS.get(shown.seen.state),
        None,
        shown.seen.reason,
        _skill_code(scene, row),
        row.answered if row is not None else 0,
        row.right if row is not None else 0,
        to_ms(shown.since),
        scene.minutes_since_visit(student.id),
    )


def _skill_code(scene: _Scene, row: Present | None) -> str:
    if row is None or row.skill_id is None or scene.catalogue is None:
        return ""
    skill = scene.catalogue.skills.get(row.skill_id)
    return "" if skill is None else skill.code


def _alerts(scene: _Scene, shown: Mapping[int, _Shown]) -> list[Alert]:
    """Everyone who needs the teacher: hands as they went up, then the stuck and the rest, longest unvisited first."""

    def rank(student: Student) -> tuple[int, float]:
        state = shown[student.id].seen.state
        row = scene.present.get(student.id)
        if state == "hand" and row is not None and row.hand_at is not None:
            return 0, row.hand_at.timestamp()
        minutes = scene.minutes_since_visit(student.id)
        return min(ALERTS.index(state), 2), -(float("inf") if minutes is None else minutes)

    needing = sorted((s for s in scene.students if shown[s.id].seen.state in ALERTS), key=rank)
    return [
        Alert(
            student.id,
            student.name,
            shown[student.id].seen.state,
            ALERT_WORDS[shown[student.id].seen.state],
            shown[student.id].seen.reason,
            scene.minutes_since_visit(student.id),
        )
        for student in needing
    ]


ALERT_WORDS: Mapping[str, str] = {
    "hand": "Hand up",
    "stuck": "Stuck",
    "fast": "Very fast",
    "hints": "Skipping hints",
    "idle": "Idle",
    "offline": "Offline",
}


def _columns(scene: _Scene, shown: Mapping[int, _Shown]) -> tuple[Column, ...]:
    """Students by station, in an order that never changes within a lesson."""
    tiles = {student.id: _tile(scene, student, shown[student.id]) for student in scene.students}
    if scene.lesson is None or scene.position.slot is None:
        if not scene.present:
            return ()
        return (Column("Everyone", "practice", tuple(tiles.values())),)
    columns = [
        Column(
            station.name,
            station.kind,
            tuple(tile for student, tile in tiles.items() if scene.place_of(student) == place),
        )
        for place, station in enumerate(scene.lesson.stations)
    ]
    others = tuple(tile for student, tile in tiles.items() if scene.place_of(student) is None)
    return (*columns, Column("No group", "practice", others)) if others else tuple(columns)


def _mistakes(session: Session, scene: _Scene) -> tuple[Mistake, ...]:
    """What the class got wrong today: shared misconceptions first, then the items missed most often."""
    if scene.catalogue is None:
        return ()
    day = (scene.now - EPOCH).days
    least = scene.policy.readiness.misconception_students
    recents = [row.recent for row in scene.present.values()]
    misses = queries.misses(session, scene.info.district_id, scene.info.id, day, MISSES_READ)
    found = shared(recents, to_ms(EPOCH + timedelta(days=day)), scene.catalogue, least)
    return tuple([*found, *hardest(misses, scene.catalogue)][:SHARED_MISTAKES])


def _not_visited(scene: _Scene) -> tuple[str, ...]:
    since = scene.now - timedelta(days=scene.policy.board.not_visited_days)
    return tuple(
        student.name for student in scene.students if (at := scene.visited_at(student.id)) is None or at < since
    )
