"""The school that the demo makes."""

from datetime import timedelta
from zoneinfo import ZoneInfo

from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.authoring.service import bank_at
from app.bank.catalogue import catalogues
from app.base import clock, outbox
from app.base.db import db
from app.base.passwords import verify
from app.base.services import Services
from app.demo import queries
from app.demo.pupil import PICTURES
from app.demo.queries import DemoClass
from app.demo.seeding import Making, local_zone, seed
from app.demo.service import AUTHOR, CLASSES, TEACHER, School
from app.live.card import coming, content_of
from app.practice import queries as practice
from app.practice.service.standing import check_abilities
from app.practice.tables import AnswerTable, ServingTable, SittingTable
from app.rostering import queries as rostering
from app.rostering.service import picture_secret
from app.stations import queries as stations
from tests.demo_school import BANK, DAYS, NUMBER, said_while_seeding


def test_there_are_three_classes_and_5b_is_entered_by_maple7(look: Session, group: DemoClass) -> None:
    known = queries.classes(look, group.district_id)
    sizes = {one.name: len(queries.students(look, one.district_id, one.id)) for one in known}
    assert sizes == {"5A": 26, "5B": 24, "5C": 22}
    assert (group.name, group.code) == ("5B", "MAPLE7")
    assert rostering.first_class_code(look) == "MAPLE7"


def test_every_student_of_a_class_has_a_name_and_an_animal_of_their_own(look: Session, group: DemoClass) -> None:
    for one in queries.classes(look, group.district_id):
        students = rostering.students_of(look, one.district_id, one.id)
        assert len({student.name for student in students}) == len({student.picture for student in students})
        assert len({student.name for student in students}) == len(students)


def test_everyones_pictures_are_sun_moon_star(look: Session, group: DemoClass) -> None:
    student, _name = queries.students(look, group.district_id, group.id)[3]
    found = rostering.student_credentials(look, group.district_id, group.id, student)
    assert found is not None
    assert verify(found.secret_hash, picture_secret(PICTURES))


def test_teacher_and_author_get_in_with_what_the_doors_say(look: Session) -> None:
    for _name, email, password in (TEACHER, AUTHOR):
        [found] = rostering.adult_credentials(look, email)
        assert verify(found.secret_hash, password)
    assert TEACHER[1:] == ("teacher@waystation.example", "maple-river-7")


def test_history_lies_on_school_days_of_the_past(look: Session) -> None:
    times = look.execute(select(AnswerTable.answered_at)).scalars().all()
    now, zone = clock.now(), ZoneInfo(local_zone())
    assert len(times) > 500
    assert max(times) < now
    assert min(times) > now - timedelta(days=DAYS + 1)
    assert {time.astimezone(zone).weekday() for time in times} <= {0, 1, 2, 3, 4}


def test_each_day_of_practice_is_a_sitting_of_its_own(look: Session) -> None:
    most = look.scalar(select(func.max(SittingTable.answered)))
    assert 8 <= (most or 0) <= 12


def test_abilities_are_what_a_replay_of_all_answers_gives(look: Session, school: School, demo_parts: Services) -> None:
    checked = check_abilities(look, school.district_id, demo_parts.policy)
    assert checked.answers > 500
    assert checked.different == ()


def test_the_teacher_has_been_with_most_students(look: Session, group: DemoClass) -> None:
    visited = stations.last_visits(look, group.district_id, group.id)
    assert 12 <= len(visited) < 24


def test_no_wake_up_call_of_the_past_is_left(look: Session) -> None:
    oldest = look.scalar(select(func.min(outbox.OutboxRow.created_at)))
    assert oldest is None or clock.now() - oldest < timedelta(hours=1)


def test_no_missed_question_of_the_past_waits_for_a_second_try(look: Session) -> None:
    missed = select(AnswerTable.serving_id).where(AnswerTable.status == "wrong")
    assert look.scalar(select(func.count()).select_from(missed.subquery()))
    left = select(func.count()).where(ServingTable.id.in_(missed), ServingTable.closed_at.is_(None))
    assert look.scalar(left) == 0


def test_a_lesson_runs_in_5b_and_its_first_bell_is_near(look: Session, group: DemoClass) -> None:
    lesson = stations.lesson(look, group.district_id, group.id)
    assert lesson is not None
    first_bell = lesson.clock.bounds[0][1]
    assert timedelta(0) < first_bell - lesson.block.created_at <= timedelta(minutes=6)
    assert sum(station.kind == "practice" for station in lesson.stations) == 2
    assert said_while_seeding()[-1].startswith("A lesson has begun in 5B")


def test_the_card_of_the_next_group_says_split(look: Session, group: DemoClass, demo_parts: Services) -> None:
    lesson = stations.lesson(look, group.district_id, group.id)
    assert lesson is not None
    began = lesson.block.created_at + timedelta(seconds=1)
    who = coming(lesson, began)
    assert who is not None
    catalogue = catalogues.of_bank(look, lesson.block.district_id, lesson.block.bank_id)
    content = content_of(look, lesson, who.group, catalogue, None, began, demo_parts.policy)
    assert content.readiness.decision == "split"


def test_abilities_differ(look: Session, group: DemoClass, school: School) -> None:
    members = [student for student, _name in queries.students(look, group.district_id, group.id)]
    found = practice.standings(look, group.district_id, school.bank_id, members)
    means = [standing.general.mean for standing in found.values()]
    assert max(means) - min(means) > 1.0


def test_seeding_again_adds_nothing(demo: Flask, demo_parts: Services, group: DemoClass) -> None:
    def unread() -> None:
        raise AssertionError("the bank need not be read again")

    with Session(db.engine) as session:
        before = queries.count_answers(session, group.district_id)
    said = list(seed(Making(db.engine, demo_parts, NUMBER, DAYS), unread, len(CLASSES)))  # type: ignore[arg-type]
    assert said[0] == "The demo's school is there already, with 3 classes."
    with Session(db.engine) as session:
        assert queries.count_answers(session, group.district_id) == before
        assert len(queries.classes(session, group.district_id)) == 3


def test_more_classes_can_be_added_for_a_load_test(demo: Flask, demo_parts: Services, group: DemoClass) -> None:
    said = list(seed(Making(db.engine, demo_parts, NUMBER, DAYS), lambda: bank_at(BANK), 5))
    assert said[0] == "2 classes added; there are 5 now."
    with Session(db.engine) as session:
        known = queries.classes(session, group.district_id)
        assert [one.name for one in known[3:]] == ["Class 4", "Class 5"]
        assert len({one.code for one in known}) == 5


def test_the_first_page_tells_how_to_come_in(demo: Flask) -> None:
    page = demo.test_client().get("/sign-in/MAPLE7").text
    assert "Who are you?" in page
    assert page.count('class="face"') == 24
