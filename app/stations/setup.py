"""What the set-up page shows: lessons to choose from, and who would go where."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from app.bank import queries as banks
from app.bank.catalogue import Catalogue, catalogues
from app.base.policy import Policy
from app.rostering import queries as rostering
from app.rostering.queries import ClassInfo
from app.stations.forms import THIRDS, BlockForm
from app.stations.names import group_name
from app.stations.rotation import station_of
from app.stations.service.blocks import stations_for
from app.stations.service.grouping import form_groups, group_pictures

SLOT_MINUTES = 20
# Identifiers have up to 19 digits, so a seed keeps well below.
NO_LESSON = 0


@dataclass(frozen=True, slots=True)
class RotationRow:
    """A group's way through the lesson."""

    group_name: str
    picture: str
    students: Sequence[str]
    stations: Sequence[str]


@dataclass(frozen=True, slots=True)
class Setup:
    """What `stations/block.html` reads."""

    class_id: int
    class_name: str
    lessons: Sequence[tuple[int, str]]
    lesson: int
    slot_minutes: int
    transition_seconds: int
    third: str
    thirds: Sequence[tuple[str, str]]
    seed: int
    slots: Sequence[str]
    rotation: Sequence[RotationRow]
    running: bool
    errors: Sequence[tuple[str, str]]


def published(session: Session, district_id: int) -> list[Catalogue]:
    """The banks that lessons can be taken from."""
    return [
        catalogues.of_bank(session, district_id, bank.id)
        for bank in banks.banks(session, district_id)
        if banks.current_set(session, district_id, bank.id) is not None
    ]


def usual(known: Sequence[Catalogue], last_lesson: int | None, policy: Policy) -> BlockForm:
    """What the form holds at first: the class's last lesson, else the first that builds on something."""
    skills = [skill for catalogue in known for skill in catalogue.skills.values()]
    building = [skill.id for skill in skills if skill.prerequisites]
    everything = [skill.id for skill in skills]
    lesson = last_lesson if last_lesson in everything else next(iter(building or everything), NO_LESSON)
    return BlockForm(lesson or NO_LESSON, SLOT_MINUTES, round(policy.rotation.transition_s), "offline", None)


def setup_page(
    session: Session,
    found: ClassInfo,
    known: Sequence[Catalogue],
    form: BlockForm,
    seed: int,
    running: bool,
    now: datetime,
    policy: Policy,
) -> Setup:
    """Gather the set-up page of a class."""
    stations = [station.name for station in stations_for(form.third, ())]
    catalogue = next((one for one in known if form.lesson in one.skills), None)
    errors = list(form.errors)
    if not known:
        errors.append(("lesson", "No bank is published yet. Publish one with `flask banks publish PATH`."))
    return Setup(
        class_id=found.id,
        class_name=found.name,
        lessons=_lessons(known),
        lesson=form.lesson,
        slot_minutes=form.slot_minutes,
        transition_seconds=form.transition_seconds,
        third=form.third,
        thirds=list(THIRDS.items()),
        seed=seed,
        slots=[f"Slot {slot + 1}" for slot in range(len(stations))],
        rotation=[]
        if catalogue is None
        else _rotation(session, found, form.lesson, stations, catalogue, seed, now, policy),
        running=running,
        errors=errors,
    )


def _lessons(known: Sequence[Catalogue]) -> list[tuple[int, str]]:
    return [(skill.id, f"{skill.code} {skill.title}") for one in known for skill in one.skills.values()]


def _rotation(
    session: Session,
    found: ClassInfo,
    lesson: int,
    stations: Sequence[str],
    catalogue: Catalogue,
    seed: int,
    now: datetime,
    policy: Policy,
) -> list[RotationRow]:
    names = {student.id: student.name for student in rostering.students_of(session, found.district_id, found.id)}
    if not names:
        return []
    groups = form_groups(session, list(names), lesson, catalogue, now, policy)
    n = len(stations)
    return [
        RotationRow(
            group_name(picture),
            picture,
            sorted(names[student] for student in group),
            [stations[station_of(place, slot, n)] for slot in range(n)],
        )
        for place, (picture, group) in enumerate(zip(group_pictures(seed, len(groups)), groups, strict=True))
    ]
