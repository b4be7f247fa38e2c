"""Who takes part in a simulation: students at their devices, and the teacher who starts their lessons."""

from math import ceil

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from app.demo import queries
from app.demo.browser import Browser
from app.demo.crowd import Crowd
from app.demo.desk import Desk
from app.demo.pupil import Pupil
from app.demo.queries import DemoClass
from app.demo.service import CLASSES, MORE_STUDENTS
from app.demo.students import random_for
from app.demo.teacher import Teacher

ARRIVAL_S = 6.0
"""Students sign in within so many seconds, as a class does that was told to."""
FIRST_HAND_S = 2.0
"""The first hand goes up so long after its student's first question."""
EAGER_EVERY = 7
"""One student in so many raises a hand with the first question, so that some station has one at once."""


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
        crowd.add(Teacher(Browser(url), group.id, heard=crowd.hear))
        _join_class(crowd, engine, url, seed, group, taking_part, pace)
        joined += len(taking_part)
        left = None if left is None else left - len(taking_part)
    return joined


def _classes(engine: Engine, most: int) -> list[tuple[DemoClass, list[tuple[int, str]]]]:
    with Session(engine) as session:
        return [
            (group, queries.students(session, group.district_id, group.id))
            for group in queries.demo_classes(session, CLASSES[0][1])[:most]
        ]


def _join_class(
    crowd: Crowd, engine: Engine, url: str, seed: int, group: DemoClass, members: list[tuple[int, str]], pace: float
) -> None:
    for place, (student_id, name) in enumerate(members):
        rng = random_for(seed, group.name, name, "today")
        pupil = Pupil(
            Browser(url),
            Desk(engine, seed, group, student_id, name, place),
            group.code,
            name,
            rng,
            pace=pace,
            hand_after_s=FIRST_HAND_S if place % EAGER_EVERY == 0 else None,
            heard=crowd.hear,
        )
        crowd.add(pupil, float(rng.uniform(0.0, ARRIVAL_S)))
