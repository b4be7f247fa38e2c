"""Simulated students use the same forms as children."""

from collections import Counter, deque
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.base.db import db
from app.demo import queries
from app.demo.browser import Browser, NoAnswerError, Page
from app.demo.desk import Desk
from app.demo.pupil import PICTURES, Pupil
from app.demo.queries import DemoClass
from app.demo.service import TEACHER
from app.demo.teacher import Teacher
from app.practice.tables import AnswerTable, StudentNowTable
from app.rostering.tables import SignInTable
from app.stations import queries as stations

NOWHERE = "http://127.0.0.1:9"
LONG_S = 10_000.0


class Lossy(Browser):
    """A browser whose answers arrive, but whose acknowledgement of the first is lost."""

    lost = 0

    def post(self, path: str, fields: Any, *, htmx: bool = False) -> Page:
        page = super().post(path, fields, htmx=htmx)
        if path.endswith("/answer") and not self.lost:
            self.lost = 1
            raise NoAnswerError("the network is gone")
        return page


@pytest.fixture
def practising(look: Session, group: DemoClass) -> tuple[int, str, int]:
    """A student at a practice station: id, name, place."""
    lesson = stations.lesson(look, group.district_id, group.id)
    assert lesson is not None
    first = next(one for one in lesson.groups if one.position == 0)
    members = queries.students(look, group.district_id, group.id)
    place = next(
        place for place, (student, _name) in enumerate(members) if student in first.students and place % 12 > 3
    )
    return (*members[place], place)


def pupil(
    browser: Browser, group: DemoClass, who: tuple[int, str, int], heard: Callable[[str], None], hands: Any = ()
) -> Pupil:
    student, name, place = who
    desk = Desk(db.engine, 7, group, student, name, place)
    return Pupil(browser, desk, group.code, name, np.random.default_rng(3), heard=heard, hands=deque(hands))


def act(one: Pupil, times: int, now: float = 0.0) -> float:
    """Let a pupil act so often, without waiting in between."""
    for _ in range(times):
        now = one.act(now)
    return now


def answers_of(student: int) -> int:
    with Session(db.engine) as session:
        return (
            session.scalar(select(func.count()).select_from(AnswerTable).where(AnswerTable.student_id == student)) or 0
        )


def test_a_pupil_signs_in_and_practises(address: str, group: DemoClass, practising: tuple[int, str, int]) -> None:
    before, heard = answers_of(practising[0]), Counter[str]()
    act(pupil(Browser(address), group, practising, lambda what: heard.update([what])), 60)
    assert heard["sign-in"] == 1
    assert heard["answer"] >= 5
    assert answers_of(practising[0]) == before + heard["answer"]


def test_a_pupil_who_owes_a_hand_raises_it_and_lowers_it_later(
    address: str, group: DemoClass, practising: tuple[int, str, int]
) -> None:
    heard = Counter[str]()
    one = pupil(Browser(address), group, practising, lambda what: heard.update([what]), hands=[2.0])

    def hand_is_up() -> bool:
        with Session(db.engine) as session:
            row = select(StudentNowTable.hand_at).where(StudentNowTable.student_id == practising[0])
            return session.scalar(row) is not None

    now = 0.0
    while not heard["hand"] and now < LONG_S:
        now = one.act(now)
    assert hand_is_up()
    while heard["hand"] == 1 and now < LONG_S:
        now = one.act(now)
    assert not hand_is_up()


def test_an_answer_whose_acknowledgement_was_lost_is_sent_again_and_counts_once(
    address: str, group: DemoClass, practising: tuple[int, str, int]
) -> None:
    before, heard = answers_of(practising[0]), Counter[str]()
    browser = Lossy(address)
    one = pupil(browser, group, practising, lambda what: heard.update([what]))
    act(one, 40)
    assert browser.lost == heard["retry"] == 1
    assert heard["answer"] >= 3
    assert answers_of(practising[0]) == before + heard["answer"]


def test_a_pupil_makes_way_for_a_person_and_comes_back(
    demo: Flask, address: str, group: DemoClass, practising: tuple[int, str, int]
) -> None:
    heard = Counter[str]()
    one = pupil(Browser(address), group, practising, lambda what: heard.update([what]))
    now = act(one, 6)
    client = demo.test_client()
    demo.config["WTF_CSRF_ENABLED"] = False
    person = f"/sign-in/{group.code}/{practising[0]}"
    assert client.post(person, data={"pick": list(PICTURES)}).status_code == 303
    before = answers_of(practising[0])
    now = act(one, 20, now)
    assert answers_of(practising[0]) == before
    client.post("/sign-out")
    act(one, 30, now)
    assert answers_of(practising[0]) > before
    assert heard["sign-in"] == 2


def test_a_pupil_whose_sign_in_was_ended_signs_in_anew(
    demo: Flask, address: str, group: DemoClass, practising: tuple[int, str, int]
) -> None:
    heard = Counter[str]()
    one = pupil(Browser(address), group, practising, lambda what: heard.update([what]))
    now = act(one, 6)
    with Session(db.engine) as session:
        session.execute(SignInTable.__table__.update().values(ended_at=SignInTable.started_at))  # type: ignore[attr-defined]
        session.commit()
    demo.extensions["waystation_sign_ins"]._known.clear()
    act(one, 12, now)
    assert heard["sign-in"] == 2


def test_without_a_server_a_pupil_tries_again_later(group: DemoClass, practising: tuple[int, str, int]) -> None:
    heard = Counter[str]()
    one = pupil(Browser(NOWHERE), group, practising, lambda what: heard.update([what]))
    assert one.act(100.0) > 101
    assert heard == {"retry": 1}


def test_the_teacher_starts_a_lesson_when_none_runs_and_only_then(
    demo: Flask, address: str, look: Session, group: DemoClass
) -> None:
    def newest() -> int:
        with Session(db.engine) as session:
            block = stations.newest_block(session, group.district_id, group.id)
            assert block is not None
            return block.id

    before, heard = newest(), Counter[str]()
    running = iter([True, False, True])
    _name, email, password = TEACHER
    teacher = Teacher(
        Browser(address), group.id, email, password, lambda: next(running), lambda what: heard.update([what])
    )
    teacher.act(0.0)
    assert newest() == before
    teacher.act(5.0)
    teacher.act(10.0)
    assert newest() > before
    assert heard == {"lesson": 1}
