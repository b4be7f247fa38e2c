"""Who is where, when: pure arithmetic of a rotation.

In slot s group g is at station (g + s) mod n, so that in n slots every group was at every station, and no station ever
has two groups while there are no more groups than stations.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from app.base.clock import to_ms
from app.stations.clock import Clock, stretches

StationKind = Literal["practice", "table", "offline"]


@dataclass(frozen=True, slots=True)
class Station:
    """A place in the room with something to do; `skills` are what is practised there, most wanted first."""

    name: str
    kind: StationKind
    skills: Sequence[int] = ()


def station_of(group: int, slot: int, stations: int) -> int:
    """Place in the list of stations at which a group is in a slot."""
    return (group + slot) % stations


def group_at(station: int, slot: int, stations: int) -> int:
    """The group that is at a station in a slot; the inverse of `station_of`."""
    return (station - slot) % stations


def table_slot(group: int, stations: Sequence[Station]) -> int | None:
    """The first slot in which a group is at the teacher's table; None where there is no table."""
    n = len(stations)
    return next((slot for slot in range(n) if stations[station_of(group, slot, n)].kind == "table"), None)


def alike_groups(students: Sequence[int], groups: int) -> list[list[int]]:
    """Deal an ordered list to and fro into so many groups: each holds all levels, and sizes differ by at most one.

    Examples
    --------
    >>> alike_groups([1, 2, 3, 4, 5, 6, 7], 3)
    [[1, 6, 7], [2, 5], [3, 4]]
    """
    dealt: list[list[int]] = [[] for _ in range(groups)]
    for place, student in enumerate(students):
        lap, seat = divmod(place, groups)
        dealt[seat if lap % 2 == 0 else -1 - seat].append(student)
    return dealt


def timeline(clock: Clock, group: int, stations: Sequence[Station], lesson_skill: int) -> list[Mapping[str, Any]]:
    """A group's way through the lesson, as `assignments.timeline` holds it.

    While the clock stands still the present stretch has no end, and nothing is known of what follows.
    """
    entries: list[Mapping[str, Any]] = []
    for slot, walking, starts, ends in stretches(clock):
        present = clock.paused_at is not None and clock.paused_at < ends
        entries.append(_entry(group, slot, walking, stations, lesson_skill, starts, None if present else ends))
        if present:
            break
    return entries


def _entry(
    group: int,
    slot: int,
    walking: bool,
    stations: Sequence[Station],
    lesson_skill: int,
    starts: datetime,
    ends: datetime | None,
) -> Mapping[str, Any]:
    station = stations[station_of(group, slot, len(stations))]
    return {
        "from": to_ms(starts),
        "to": None if ends is None else to_ms(ends),
        "kind": "move" if walking else station.kind,
        "place": station.name,
        "skills": [] if walking else _skills(group, slot, station, stations, lesson_skill),
        "slot": slot,
    }


def _skills(group: int, slot: int, station: Station, stations: Sequence[Station], lesson_skill: int) -> list[int]:
    """What the lesson needs comes before the teacher's table, the lesson's own skill comes after it."""
    if station.kind != "practice":
        return [lesson_skill]
    table = table_slot(group, stations)
    met = table is not None and table < slot
    return list(dict.fromkeys([lesson_skill, *station.skills] if met else [*station.skills, lesson_skill]))
