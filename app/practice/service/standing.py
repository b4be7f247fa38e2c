"""Storing what we believe: the two rows that an answer changes, and rebuilding them all from the answers."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete
from sqlalchemy.orm import Session

from app.bank.catalogue import catalogues
from app.base.clock import EPOCH, MICROSECOND
from app.base.policy import Policy
from app.base.statements import Statement, upsert
from app.practice import queries
from app.practice.progress import Evidence, Progress, Standing, as_answered, learn, newcomer, untouched
from app.practice.queries import general_abilities, skill_abilities
from models.ability import General

_put_general = Statement(upsert(general_abilities, ("district_id", "student_id", "bank_id")))
_put_skill = Statement(upsert(skill_abilities, ("district_id", "student_id", "bank_id", "skill_id")))


@dataclass(frozen=True, slots=True)
class Whose:
    """A student in a bank's domain."""

    district_id: int
    student_id: int
    bank_id: int

    def row(self) -> dict[str, int]:
        """The key columns."""
        return {"district_id": self.district_id, "student_id": self.student_id, "bank_id": self.bank_id}


def store(session: Session, whose: Whose, general: General, skill_id: int, progress: Progress) -> None:
    """Write the two rows that an answer changes."""
    store_general(session, whose, general)
    store_skill(session, whose, skill_id, progress)


def store_general(session: Session, whose: Whose, general: General) -> None:
    """Write the general ability."""
    row = {**whose.row(), "mean": general.mean, "variance": general.variance}
    _put_general.run(session, row)


def store_skill(session: Session, whose: Whose, skill_id: int, progress: Progress) -> None:
    """Write one skill."""
    _put_skill.run(session, _skill_row(whose, skill_id, progress))


def _skill_row(whose: Whose, skill_id: int, progress: Progress) -> dict[str, Any]:
    return {
        **whose.row(),
        "skill_id": skill_id,
        "alpha": progress.belief.alpha,
        "beta": progress.belief.beta,
        "w": progress.belief.w,
        "scored": progress.scored,
        "hard_right": progress.hard_right,
        "p": progress.p,
        "trail": list(progress.trail),
        "evidence_at": [(at - EPOCH) // MICROSECOND for at in progress.evidence_at],
        "last_at": progress.last_at,
        "got_it_at": progress.got_it_at,
        "secure_at": progress.secure_at,
        "half_life_days": progress.half_life_days,
        "reviewed_at": progress.reviewed_at,
    }


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What a replay found: answers folded, abilities compared, and those that differed from what was stored."""

    answers: int
    abilities: int
    different: tuple[tuple[int, int], ...]


def replay(session: Session, district_id: int, policy: Policy) -> tuple[dict[Whose, Standing], int]:
    """Fold every scored answer of a district anew; returns the standings and the number of answers."""
    found: dict[Whose, Standing] = {}
    count = 0
    for answer in queries.scored_answers(session, district_id):
        whose = Whose(district_id, answer.student_id, answer.bank_id)
        before = found.get(whose) or newcomer(policy)
        catalogue = catalogues.of_set(session, district_id, answer.set_id)
        evidence = Evidence(
            as_answered(catalogue.version(answer.version_id).parameters, answer.guess),
            answer.score,
            answer.hints == 0,
            catalogue.skills[answer.skill_id].cut,
            answer.answered_at,
        )
        progress = before.skills.get(answer.skill_id) or untouched(policy)
        general, progress = learn(before.general, progress, evidence, policy)
        found[whose] = Standing(general, {**before.skills, answer.skill_id: progress})
        count += 1
    return found, count


def check_abilities(session: Session, district_id: int, policy: Policy) -> Rebuilt:
    """Compare every stored ability of a district with what its answers give."""
    rebuilt, count = replay(session, district_id, policy)
    stored = {
        Whose(district_id, student, bank): queries.standings(session, district_id, bank, [student])[student]
        for student, bank in queries.students_with_ability(session, district_id)
    }
    everyone = stored.keys() | rebuilt.keys()
    different = [(w.student_id, w.bank_id) for w in everyone if stored.get(w) != rebuilt.get(w)]
    return Rebuilt(count, len(everyone), tuple(sorted(different)))


def rebuild_abilities(session: Session, district_id: int, policy: Policy, *, now: datetime, rng: object) -> Rebuilt:
    """Write every ability of a district anew from its answers."""
    before = check_abilities(session, district_id, policy)
    rebuilt, _count = replay(session, district_id, policy)
    for table in (general_abilities, skill_abilities):
        session.execute(delete(table).where(table.c.district_id == district_id))
    for whose, standing in rebuilt.items():
        store_general(session, whose, standing.general)
        for skill, progress in standing.skills.items():
            store_skill(session, whose, skill, progress)
    return before
