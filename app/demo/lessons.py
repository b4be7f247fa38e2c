"""What the demo's classes work on: which lesson comes next, and what was practised in the days before it. Pure."""

from collections import Counter
from collections.abc import Iterable
from datetime import timedelta

from app.bank.catalogue import Catalogue
from app.stations.service.grouping import needs_of

UNDER_WAY = timedelta(seconds=200)
"""How long the lesson has been running when the doors open: its next card is out and the bell is near."""
AT_ONCE = 3
"""Skills assigned in one lesson of the past."""
COURSE = 6
"""Skills that the two weeks are about."""


def candidates(catalogue: Catalogue) -> list[int]:
    """Skills that could be the next lesson, the most telling first: those that build on two skills or more."""
    skills = list(catalogue.skills.values())
    return [skill.id for skill in sorted(skills, key=lambda skill: -min(len(skill.prerequisites), 2))]


def next_lessons(catalogue: Catalogue) -> list[int]:
    """Lessons for which the class has practised all that is needed, the most telling first."""
    known = set(course(catalogue))
    return [skill for skill in candidates(catalogue) if known >= set(needs_of(catalogue, skill))]


def course(catalogue: Catalogue) -> list[int]:
    """Skills that the class has worked on lately: what the coming lesson builds on, then what has the most items."""
    lesson = candidates(catalogue)[0]
    needed = _needed(catalogue, lesson)
    items = Counter(item.skill_id for item in catalogue.items)
    others = [skill for skill, _n in items.most_common() if not catalogue.skills[skill].prerequisites]
    found = list(dict.fromkeys((*needed, *others)))
    # A bank without any order has an item or two a skill: two weeks lead through all of it.
    return found[:COURSE] if needed else found


def _needed(catalogue: Catalogue, skill: int) -> Iterable[int]:
    """Everything that a skill builds on, its nearest prerequisites first."""
    nearest = list(catalogue.skills[skill].prerequisites)
    for need in nearest:
        nearest += [far for far in catalogue.skills[need].prerequisites if far not in nearest]
    return nearest


def practised_on(catalogue: Catalogue, count: int) -> list[int]:
    """Skills assigned in a class's lesson number `count`, most wanted first.

    The lesson's own prerequisites come every time, the others in turn.
    """
    skills = course(catalogue)
    needed = [skill for skill in _needed(catalogue, candidates(catalogue)[0]) if skill in skills]
    others = [skill for skill in skills if skill not in needed] or skills
    if not needed:
        return [others[(AT_ONCE * count + place) % len(others)] for place in range(min(AT_ONCE, len(others)))]
    turn = count % len(needed)
    return [*needed[turn:], *needed[:turn], others[count % len(others)]][:AT_ONCE]
