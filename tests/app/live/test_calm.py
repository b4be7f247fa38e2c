"""A calm board: what changes at once, what stays its minute, and how much a look at the board costs."""

from datetime import UTC, datetime, timedelta

from flask.testing import FlaskClient
from sqlalchemy import event, insert, update
from sqlalchemy.orm import Session

from app.base import clock
from app.base.db import db, table_of
from app.base.policy import Policy
from app.base.services import Services
from app.base.sse import Hub
from app.live.board import BoardView, Memory
from app.live.clockface import BlockView
from app.live.states import Seen
from app.live.stream import frames
from app.practice.tables import StudentNowTable
from app.stations.service import blocks
from app.stations.service.blocks import BlockSetup
from tests.factories import School, sign_in_student, sign_in_teacher

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
POLICY = Policy()
IDLE, WORKING, STUCK = Seen("idle", "No input for 2 min."), Seen("working", "Practising."), Seen("stuck", "3 misses.")
HAND = Seen("hand", "For 1 min.")


class Tile:
    """One student of one class, as the memory of a board shows them."""

    def __init__(self) -> None:
        self.memory = Memory()

    def shows(self, seen: Seen, after_s: float, *, place: int = 0, visited_s: float | None = None) -> str:
        visited = None if visited_s is None else NOON + timedelta(seconds=visited_s)
        shown = self.memory.settle(1, 2, seen, place, visited, NOON + timedelta(seconds=after_s), POLICY)
        self.reason = shown.seen.reason
        return shown.seen.state


def test_a_flag_stays_a_minute_and_says_that_it_no_longer_holds() -> None:
    tile = Tile()
    assert tile.shows(IDLE, 0) == "idle"
    assert tile.shows(WORKING, 59.9) == "idle"
    assert tile.reason == "Until just now: No input for 2 min."
    assert tile.shows(WORKING, 60) == "working"


def test_what_is_more_urgent_comes_at_once_and_a_hand_goes_at_once() -> None:
    tile = Tile()
    tile.shows(IDLE, 0)
    assert tile.shows(STUCK, 1) == "stuck"
    assert tile.shows(HAND, 2) == "hand"
    assert tile.shows(WORKING, 3) == "working"


def test_a_flag_that_holds_again_within_its_minute_never_left() -> None:
    tile = Tile()
    tile.shows(IDLE, 0)
    tile.shows(WORKING, 30)
    assert tile.shows(IDLE, 40) == "idle"
    assert tile.reason == "No input for 2 min."
    assert tile.shows(WORKING, 60) == "working"


def test_a_visit_and_a_walk_to_another_station_start_afresh() -> None:
    tile = Tile()
    tile.shows(STUCK, 0)
    assert tile.shows(WORKING, 10, visited_s=9) == "working"
    tile.shows(STUCK, 20)
    assert tile.shows(WORKING, 30, visited_s=9) == "stuck"
    assert tile.shows(WORKING, 31, place=1) == "working"


def lesson(parts: Services, school: School, ago: timedelta) -> None:
    setup = BlockSetup(school.skills["B.1"], 1200, 60, seed=5)
    start = clock.now() - ago
    parts.writer.run(blocks.start_block, school.teacher(), school.class_id, setup, parts.policy, now=start)


def test_who_was_last_heard_of_yesterday_is_not_here(client: FlaskClient, parts: Services, north: School) -> None:
    pupil = client.application.test_client()
    sign_in_student(pupil, north, "Ana")
    pupil.post("/practice/heartbeat")
    parts.writer.run(_seen_at, clock.now() - timedelta(days=1))
    lesson(parts, north, timedelta(minutes=5))
    sign_in_teacher(client, north.teacher_email)
    page = client.get(f"/classes/{north.class_id}/board/fragment").text
    assert page.count('data-state="absent"') == 2 * len(north.students)


def _seen_at(session: Session, at: datetime, *, now: datetime, rng: object) -> None:
    session.execute(update(StudentNowTable).values(seen_at=at, input_at=at))


def test_a_look_at_the_board_takes_as_many_statements_for_thirty_students_as_for_three(
    client: FlaskClient, parts: Services, north: School
) -> None:
    lesson(parts, north, timedelta(minutes=18))
    sign_in_teacher(client, north.teacher_email)
    url = f"/classes/{north.class_id}/board/fragment"
    client.get(url)
    empty = statements(client, url)
    parts.writer.run(_everyone_here, north)
    assert statements(client, url) == empty
    assert empty <= 15


def _everyone_here(session: Session, school: School, *, now: datetime, rng: object) -> None:
    blank = {"sitting_id": None, "skill_id": None, "seen_at": now, "input_at": now, "hand_at": None, "recent": []}
    for student in school.students.values():
        row = {"district_id": school.district_id, "class_id": school.class_id, "student_id": student}
        session.execute(insert(table_of(StudentNowTable)), {**row, **blank})


def statements(client: FlaskClient, url: str) -> int:
    counted: list[str] = []
    with client.application.app_context():
        engine = db.engine

    def count(_conn: object, _cursor: object, statement: str, *_: object) -> None:
        counted.append(statement)

    event.listen(engine, "before_cursor_execute", count)
    assert client.get(url).status_code == 200
    event.remove(engine, "before_cursor_execute", count)
    return len(counted)


def view(ms: int, bell_ms: int | None = None, name: str = "5A") -> BoardView:
    block = None if bell_ms is None else BlockView("running", "Slot 1 of 3", bell_ms, None, False)
    return BoardView(1, name, "CODE", block, (), 0, None, (), (), (), ms)


def test_the_stream_looks_again_at_the_bell_and_beats_when_nothing_is_new() -> None:
    hub = Hub()
    looks = [view(1000, 1300), view(1300, 1300), view(1600)]
    started = clock.now()
    stream = frames(1, hub, POLICY, lambda: looks.pop(0), lambda one: one.class_name, lambda: True)
    assert next(stream).startswith("event: board")
    assert next(stream).startswith("event: beat")
    assert next(stream).startswith("event: board")
    assert clock.now() - started < timedelta(seconds=2)
    stream.close()


def test_a_burst_of_answers_is_one_frame_within_two_seconds() -> None:
    hub = Hub()
    drawn: list[datetime] = []

    def look() -> BoardView:
        drawn.append(clock.now())
        return view(len(drawn), name=str(len(drawn)))

    stream = frames(1, hub, POLICY, look, lambda one: one.class_name, lambda: True)
    next(stream)
    for _ in range(5):
        hub.wake("class:1")
    next(stream)
    assert timedelta(seconds=1.5) < drawn[1] - drawn[0] < timedelta(seconds=2)
    assert len(drawn) == 2


def test_the_stream_ends_when_the_server_stops() -> None:
    hub = Hub()
    stream = frames(1, hub, POLICY, lambda: view(1), lambda one: one.class_name, lambda: True)
    next(stream)
    hub.close()
    assert list(stream) == []
