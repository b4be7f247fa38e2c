"""Making the demo, step by step through the writer: its school, two weeks of lessons, and the lesson of today."""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from app.bank.catalogue import Catalogue, catalogues
from app.base import clock, outbox
from app.base.draws import repeatable
from app.base.services import Services
from app.demo import history, lessons, queries, service
from app.demo.queries import DemoClass
from app.demo.service import CLASSES, School
from app.stations import queries as stations
from content.recordings import Recorded

DAYS = 14
EVERY_OTHER = 2
"""A class has this kind of lesson every other school day."""
FIRST_LESSON = time(9, 0)
ONE_AFTER_ANOTHER = timedelta(hours=1)
LOCAL_ZONE = Path("/etc/localtime")


@dataclass(frozen=True, slots=True)
class Making:
    """What every step of making the demo needs.

    Parameters
    ----------
    number : int
        The demo's seed.
    days : int
        Length of the history.
    """

    engine: Engine
    parts: Services
    number: int
    days: int = DAYS

    def rng(self, *names: object) -> random.Random:
        """Random numbers for a step, alike whenever the demo is made with the same seed."""
        return repeatable(self.number, *names)


def seed(making: Making, read_bank: Callable[[], Recorded], classes: int) -> Iterator[str]:
    """Make what is missing of the demo; says what was done, a sentence each.

    Parameters
    ----------
    read_bank : callable
        Reads the bank; called only when there is no school yet.
    classes : int
        At least so many.

    Raises
    ------
    InvalidError
        The bank cannot be published.
    """
    with Session(making.engine) as session:
        known = queries.demo_classes(session, CLASSES[0][1])
        school = service.known_school(session, known[0]) if known else None
    if school is None:
        yield from _everything(making, read_bank(), classes)
    elif len(known) < classes:
        _add_classes(making, school, range(len(known), classes))
        yield f"{classes - len(known)} classes added; there are {classes} now."
    else:
        yield f"The demo's school is there already, with {len(known)} classes."
    yield from _today(making)


def _everything(making: Making, recorded: Recorded, classes: int) -> Iterator[str]:
    now = clock.now()
    zone = local_zone()
    founded = now - timedelta(days=making.days + 1)
    rng = making.rng("school")
    school = making.parts.writer.run(service.found, recorded, making.parts.policy, zone, now=founded, rng=rng)
    _add_classes(making, school, range(max(classes, len(CLASSES))))
    bank = recorded.bank
    yield f"{service.SCHOOL} is founded; the bank {bank.title} with {len(bank.items)} items is published."
    answers = sum(_practice(making, school, *day) for day in _days(making, school, zone, now))
    making.parts.writer.run(outbox.prune)
    yield f"{making.days} days of history: {answers} answers."


def _add_classes(making: Making, school: School, places: range) -> None:
    for place in places:
        making.parts.writer.run(service.add_class, school, place, rng=making.rng("class", place))


def _days(making: Making, school: School, zone: str, now: datetime) -> Iterator[tuple[DemoClass, int, datetime]]:
    """Every day of practice as (class, how many this class had before, when), oldest first."""
    with Session(making.engine) as session:
        known = queries.classes(session, school.district_id)[: len(CLASSES)]
    today = now.astimezone(ZoneInfo(zone)).date()
    for count, day in enumerate(history.school_days(today, making.days)[::EVERY_OTHER]):
        first = datetime.combine(day, FIRST_LESSON, ZoneInfo(zone))
        for place, group in enumerate(known):
            yield group, count, first + place * ONE_AFTER_ANOTHER


def _practice(making: Making, school: School, group: DemoClass, count: int, at: datetime) -> int:
    with Session(making.engine) as session:
        catalogue = catalogues.of_bank(session, school.district_id, school.bank_id)
        members = queries.students(session, school.district_id, group.id)
    skills = lessons.practised_on(catalogue, count)
    rng = making.rng(group.name, count)
    return making.parts.writer.run(
        history.live_through, school, group, members, catalogue, skills, making.parts.policy, making.number, count,
        now=at.astimezone(clock.EPOCH.tzinfo), rng=rng,
    )  # fmt: skip  # the arguments in one line say that they belong together


def _today(making: Making) -> Iterator[str]:
    """Start a lesson in the first class unless one runs."""
    with Session(making.engine) as session:
        group = queries.demo_classes(session, CLASSES[0][1])[0]
        school = service.known_school(session, group)
        lesson = stations.lesson(session, group.district_id, group.id)
        catalogue = catalogues.of_bank(session, school.district_id, school.bank_id)
    now = clock.now()
    if lesson is not None and lesson.clock.at(now).state not in ("none", "ended"):
        yield f"A lesson runs in {group.name}."
        return
    skill = _begin(making, school, group, catalogue, now)
    yield f"A lesson has begun in {group.name}: {catalogue.skills[skill].title}."


def _begin(making: Making, school: School, group: DemoClass, catalogue: Catalogue, now: datetime) -> int:
    """Start the first lesson whose next group is neither ready nor unready: that is what the card is for."""
    known = lessons.next_lessons(catalogue)
    for skill, wanted in [*((one, "split") for one in known), (known[0], None)]:
        try:
            making.parts.writer.run(
                service.start_lesson, school, group.id, skill, making.parts.policy, wanted, now - lessons.UNDER_WAY,
                now=now, rng=making.rng("lesson"),
            )  # fmt: skip  # as above
        except service.OtherDecisionError:
            continue
        return skill
    raise AssertionError("unreachable: the last try takes whatever the card says")


def local_zone() -> str:
    """Time zone of this computer, so that the demo's clocks agree with the one on the wall; UTC when it has none."""
    parts = LOCAL_ZONE.resolve().parts
    name = "/".join(parts[parts.index("zoneinfo") + 1 :]) if "zoneinfo" in parts else "UTC"
    try:
        return ZoneInfo(name).key
    except (KeyError, ValueError, OSError):
        return "UTC"
