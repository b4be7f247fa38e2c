"""What the class sees on the wall: clock, station map, directions. No student is known here at all."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from app.base.clock import to_ms
from app.base.policy import Policy
from app.live.clockface import BlockView, block_view
from app.rostering.queries import ClassInfo
from app.stations.clock import Position
from app.stations.queries import Lesson
from app.stations.rotation import group_at

HEADLINES: Mapping[str, str] = {
    "none": "Welcome.",
    "running": "Work at your station.",
    "moving": "Walk to your next station.",
    "paused": "Stop, and look at your teacher.",
    "ended": "The lesson is over. Well done today!",
}
DIRECTIONS: Mapping[str, str] = {
    "practice": "Open your laptop.",
    "table": "Bring a pencil.",
    "offline": "Take one sheet for two.",
}


@dataclass(frozen=True, slots=True)
class MapGroup:
    """A group at a station; `picture` is its animal."""

    name: str
    picture: str


@dataclass(frozen=True, slots=True)
class MapStation:
    """A station on the map."""

    name: str
    kind: str
    direction: str
    groups: Sequence[MapGroup]


@dataclass(frozen=True, slots=True)
class ProjectorView:
    """What `live/projector.html` reads."""

    class_id: int
    class_name: str
    updated_at_ms: int
    block: BlockView | None
    headline: str
    stations: Sequence[MapStation]


def projector_view(found: ClassInfo, lesson: Lesson | None, now: datetime, policy: Policy) -> ProjectorView:
    """The projector of a class; while groups walk, the map shows where they walk to."""
    position = Position("none") if lesson is None else lesson.clock.at(now)
    return ProjectorView(
        found.id,
        found.name,
        to_ms(now),
        block_view(lesson, now, policy),
        HEADLINES[position.state],
        [] if lesson is None or position.slot is None else _map(lesson, position.slot),
    )


def _map(lesson: Lesson, slot: int) -> list[MapStation]:
    n = len(lesson.stations)
    by_position = {group.position: group for group in lesson.groups}
    found = []
    for place, station in enumerate(lesson.stations):
        group = by_position.get(group_at(place, slot, n))
        groups = [] if group is None else [MapGroup(group.name, group.picture)]
        found.append(MapStation(station.name, station.kind, DIRECTIONS[station.kind], groups))
    return found
