"""Commands that make the demo: its school, its people, its history, and the lesson that runs when the doors open."""

import random
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from app.bank import queries as bank_queries
from app.bank import service as banks
from app.bank.catalogue import catalogues
from app.base.assets import ANIMALS
from app.base.auth import Caller, Role
from app.base.policy import Policy
from app.demo import queries
from app.demo.names import FIRST_NAMES
from app.demo.pupil import PICTURES
from app.live.card import coming, content_of
from app.rostering import service as rostering
from app.stations import queries as stations
from app.stations.service.blocks import SEEDS, BlockSetup, start_block
from content.recordings import Recorded

DISTRICT = "Demo district"
SCHOOL = "Maple Street School"
TEACHER = ("Teacher", "teacher@waystation.example", "maple-river-7")
AUTHOR = ("Author", "author@waystation.example", "maple-river-8")
ADMIN = ("Admin", "admin@waystation.example", "maple-river-9")
# The first door leads to the class that is made first.
CLASSES = (("5B", "MAPLE7", 24), ("5A", "ASPEN4", 26), ("5C", "CEDAR5", 22))
SLOT_S = 300
TRANSITION_S = 30
MORE_STUDENTS = 24
"""Size of every further class, as load tests ask for."""


@dataclass(frozen=True, slots=True)
class School:
    """The demo's school as its commands need it."""

    district_id: int
    school_id: int
    teacher_id: int
    bank_id: int

    def admin(self) -> Caller:
        """Somebody who may set up classes."""
        return Caller(self.district_id, self.school_id, 0, Role.ADMIN, 0)

    def teacher(self) -> Caller:
        """The teacher of every class."""
        return Caller(self.district_id, self.school_id, self.teacher_id, Role.TEACHER, 0)


def found(
    session: Session, recorded: Recorded, policy: Policy, time_zone: str, *, now: datetime, rng: random.Random
) -> School:
    """Found the district with its school and adults, and publish the bank."""
    admin = rostering.open_district(session, DISTRICT, SCHOOL, time_zone, now=now, rng=rng)
    roles = ((Role.TEACHER, TEACHER), (Role.AUTHOR, AUTHOR), (Role.ADMIN, ADMIN))
    adults = [
        rostering.add_adult(session, admin, role, *about, now=now, rng=rng)  # name, e-mail address, password
        for role, about in roles
    ]
    bank, sound = recorded.bank, recorded.recordings
    published = banks.publish(session, admin.district_id, bank, policy, None, sound, now=now, rng=rng)
    return School(admin.district_id, admin.school_id, adults[0], published.bank_id)


def known_school(session: Session, group: queries.DemoClass) -> School:
    """The demo's school, found again by one of its classes."""
    teacher = queries.teacher(session, group.district_id, TEACHER[1])
    [bank] = bank_queries.banks(session, group.district_id)
    return School(group.district_id, group.school_id, teacher, bank.id)


def class_number(place: int) -> tuple[str, str | None, int]:
    """Name, code (None: to be drawn) and size of class number `place`, from 0."""
    return CLASSES[place] if place < len(CLASSES) else (f"Class {place + 1}", None, MORE_STUDENTS)


def add_class(session: Session, school: School, place: int, *, now: datetime, rng: random.Random) -> int:
    """Add class number `place`, each student with a first name and an animal of their own; returns its id."""
    title, code, size = class_number(place)
    animals = rng.sample(ANIMALS, size)
    students = [
        rostering.add_student(session, school.admin(), one, animal, PICTURES, now=now, rng=rng)
        for one, animal in zip(rng.sample(FIRST_NAMES, size), animals, strict=True)
    ]
    return rostering.add_class(session, school.admin(), title, [school.teacher_id], students, code, now=now, rng=rng)


class OtherDecisionError(Exception):
    """The next group's card does not say what it was wished to say."""


def start_lesson(
    session: Session,
    school: School,
    class_id: int,
    skill_id: int,
    policy: Policy,
    decision: str | None,
    at: datetime,
    *,
    now: datetime,
    rng: random.Random,
) -> None:
    """Start a lesson with short slots, so that a visitor sees a rotation.

    Parameters
    ----------
    decision : str or None
        What the card of the next group is to say; None for whatever it says.
    at : datetime
        When the lesson began, which may be a while ago.

    Raises
    ------
    OtherDecisionError
        The card says something else; nothing is stored.
    """
    setup = BlockSetup(skill_id, SLOT_S, TRANSITION_S, "practice", rng.randrange(SEEDS))
    start_block(session, school.teacher(), class_id, setup, policy, now=at, rng=rng)
    lesson = stations.lesson(session, school.district_id, class_id)
    who = None if lesson is None else coming(lesson, now)
    if decision is None or lesson is None or who is None:
        return
    catalogue = catalogues.of_bank(session, school.district_id, school.bank_id)
    content = content_of(session, lesson, who.group, catalogue, None, now, policy)
    if content.readiness.decision != decision:
        raise OtherDecisionError(content.readiness.decision)
