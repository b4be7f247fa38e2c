"""Who takes part in a simulation: students at their devices, and the teacher who starts their lessons."""

from collections import deque
from math import ceil

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from app.base import clock
from app.demo import queries
from app.demo.browser import Browser
from app.demo.crowd import Crowd
from app.demo.desk import Desk
from app.demo.pupil import Pupil
from app.demo.queries import DemoClass
from app.demo.service import CLASSES, MORE_STUDENTS, TEACHER
from app.demo.students import random_for
from app.demo.teacher import Teacher
from app.stations import queries as stations

ARRIVAL_S = 5.0
"""Students sign in within so many seconds, as a class does that was told to."""
FIRST_HANDS_S = (0.5, 40.0)
"""The first hands of a class go up so long after a question came."""


def classes_for(students: int | None) -> int:
    """How many classes have so many students between them; at least one.

    Examples
    --------
    >>> classes_for(None), classes_for(50), classes_for(73)
    (1, 2, 4)
    """
    if students is None:
        return 1
    room = 0
    for place, (_name, _code, size) in enumerate(CLASSES):
        room += size
        if students <= room:
            return place + 1
    return len(CLASSES) + ceil((students - room) / MORE_STUDENTS)


def join(crowd: Crowd, engine: Engine, url: str, seed: int, classes: int, students: int | None, pace: float) -> int:
    """Send the students of so many classes to their devices, and a teacher to each class; returns how many students."""
    left = students
    joined = 0
    for group, members in _classes(engine, classes):
        taking_part = members if left is None else members[:left]
        crowd.add(_teacher(crowd, engine, url, group))
        _join_class(crowd, engine, url, seed, group, taking_part, pace)
        joined += len(taking_part)
        left = None if left is None else left - len(taking_part)
    return joined


def _teacher(crowd: Crowd, engine: Engine, url: str, group: DemoClass) -> Teacher:
    _name, email, password = TEACHER

    def running() -> bool:
        with Session(engine) as session:
            lesson = stations.lesson(session, group.district_id, group.id)
        return lesson is not None and lesson.clock.at(clock.now()).state not in ("none", "ended")

    return Teacher(Browser(url), group.id, email, password, running, heard=crowd.hear)


def _classes(engine: Engine, most: int) -> list[tuple[DemoClass, list[tuple[int, str]]]]:
    with Session(engine) as session:
        return [
            (group, queries.students(session, group.district_id, group.id))
            for group in queries.demo_classes(session, CLASSES[0][1])[:most]
        ]


def _join_class(
    crowd: Crowd, engine: Engine, url: str, seed: int, group: DemoClass, members: list[tuple[int, str]], pace: float
) -> None:
    hands = deque(FIRST_HANDS_S)
    for place, (student_id, name) in enumerate(members):
        rng = random_for(seed, group.name, name, "today")
        pupil = Pupil(
            Browser(url),
            Desk(engine, seed, group, student_id, name, place),
            group.code,
            name,
            rng,
            pace=pace,
            hands=hands,
            heard=crowd.hear,
        )
        crowd.add(pupil, float(rng.uniform(0.0, ARRIVAL_S)))
