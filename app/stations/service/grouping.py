"""Forming the rotation groups of a lesson: even sizes, and groups that are alike.

A rotation group is everyone's way through the room; whom the teacher pulls out of it for a common need is the card's
decision. So every group holds all levels, and no group is the weak one.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from app.bank.catalogue import Catalogue
from app.base.assets import ANIMALS
from app.base.draws import repeatable
from app.base.policy import Policy
from app.practice import queries as practice
from app.practice.progress import Standing, newcomer, untouched
from app.stations.rotation import alike_groups
from models import ability

GROUPS = 3


def chances(
    standing: Standing | None, skills: Sequence[int], catalogue: Catalogue, now: datetime, policy: Policy
) -> dict[int, float]:
    """P(theta > cut) of a student in each of these skills, as of now."""
    known = standing or newcomer(policy)
    blank = untouched(policy)
    found = {}
    for skill in skills:
        belief = (known.skills.get(skill) or blank).now_belief(now, policy)
        found[skill] = ability.p_above(ability.marginal(known.general, belief), catalogue.skills[skill].cut)
    return found


def needs_of(catalogue: Catalogue, lesson_skill: int) -> tuple[int, ...]:
    """What a lesson builds on; a lesson that builds on nothing stands for itself."""
    return catalogue.skills[lesson_skill].prerequisites or (lesson_skill,)


def practised_for(catalogue: Catalogue, lesson_skill: int) -> tuple[int, ...]:
    """What is practised meanwhile, most wanted first: what the lesson builds on.

    A bank whose author gave no order, such as an imported one, is practised from the lesson's skill on through all of
    it; each of its skills may have only an item or two.
    """
    needs = needs_of(catalogue, lesson_skill)
    if any(skill.prerequisites for skill in catalogue.skills.values()):
        return needs
    return (*needs, *(skill for skill in catalogue.skills if skill not in needs))


def form_groups(
    session: Session, students: Sequence[int], lesson_skill: int, catalogue: Catalogue, now: datetime, policy: Policy
) -> list[list[int]]:
    """Students in groups of even size that have alike much of what the lesson builds on; never an empty group."""
    standings = practice.standings(session, catalogue.district_id, catalogue.bank_id, students)
    needs = needs_of(catalogue, lesson_skill)

    def have(student: int) -> tuple[float, int]:
        found = chances(standings.get(student), needs, catalogue, now, policy)
        return sum(found.values()) / len(needs), student

    return alike_groups(sorted(students, key=have), min(GROUPS, len(students)))


def group_pictures(seed: int, groups: int) -> list[str]:
    """Animals for so many groups, all different, drawn from the block's seed."""
    # The set-up page and the lesson must draw the same.
    return repeatable(seed).sample(ANIMALS, groups)
