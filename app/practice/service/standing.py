"""Storing what we believe: the two rows that an answer changes, what a sitting that is over leaves, and a replay."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from heapq import merge
from operator import attrgetter
from typing import Any

from sqlalchemy import bindparam, delete, update
from sqlalchemy.orm import Session

from app.bank.catalogue import catalogues
from app.base.clock import EPOCH, MICROSECOND
from app.base.ids import new_id
from app.base.policy import Policy
from app.base.statements import Statement, upsert
from app.practice import queries
from app.practice.course import Course
from app.practice.progress import Evidence, Progress, Standing, as_answered, learn, newcomer, settle, untouched
from app.practice.queries import Scored, Settling, Sitting, general_abilities, sittings, skill_abilities
from models.ability import General
from models.sitting import Site

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


_settle = (
    update(sittings)
    .where(sittings.c.district_id == bindparam("district"), sittings.c.id == bindparam("sitting"))
    .values(settled=bindparam("now"))
)


def settle_sitting(session: Session, district_id: int, student_id: int, sitting: Sitting, policy: Policy) -> bool:
    """Weigh the answers of a sitting that is over once more, so that their order does not count.

    Returns
    -------
    bool
        Whether there was anything to weigh: a sitting is settled once.
    """
    if sitting.settled is not None:
        return False
    session.execute(_settle, {"district": district_id, "sitting": sitting.id, "now": new_id()})
    said = [Site(*site) for site in Course.from_json(sitting.course).said]
    standing = queries.standings(session, district_id, sitting.bank_id, [student_id]).get(student_id)
    if not said or standing is None:
        return False
    given = queries.scored_in(session, district_id, student_id, sitting)
    heard = [(answer.skill_id, evidence_of(session, district_id, answer)) for answer in given]
    whose, settled = Whose(district_id, student_id, sitting.bank_id), settle(standing, heard, said)
    store_general(session, whose, settled.general)
    for skill in {skill for skill, _evidence in heard}:
        store_skill(session, whose, skill, settled.skills[skill])
    return True


def evidence_of(session: Session, district_id: int, answer: Scored) -> Evidence:
    """What a stored answer says, with the parameters that it was served with."""
    catalogue = catalogues.of_set(session, district_id, answer.set_id)
    return Evidence(
        as_answered(catalogue.version(answer.version_id).parameters, answer.guess),
        answer.score,
        answer.hints == 0,
        catalogue.skills[answer.skill_id].cut,
        answer.answered_at,
    )


@dataclass(slots=True)
class Replay:
    """A district's scored answers folded anew, student by student, and sittings settled where they were.

    Iterate over it for each answer with what it says and the standing before it; `standings` are whole after that.
    """

    session: Session
    district_id: int
    policy: Policy
    standings: dict[Whose, Standing] = field(default_factory=dict)
    answers: int = 0

    def __iter__(self) -> Iterator[tuple[Scored, Evidence, Standing]]:
        """Yield every answer with its evidence and the standing before it."""
        order = attrgetter("student_id", "bank_id", "id")
        settlings = queries.settlings(self.session, self.district_id)
        answers = queries.scored_answers(self.session, self.district_id)
        events: Iterator[Scored | Settling] = merge(answers, settlings, key=order)
        heard: dict[int, list[tuple[Scored, Evidence, Site]]] = defaultdict(list)
        present = None
        for event in events:
            whose = Whose(self.district_id, event.student_id, event.bank_id)
            if whose != present:
                present = whose
                heard.clear()
            before = self.standings.get(whose) or newcomer(self.policy)
            if isinstance(event, Settling):
                if event.sitting_id in heard:
                    self.standings[whose] = _settled(before, heard[event.sitting_id])
                continue
            evidence = evidence_of(self.session, self.district_id, event)
            yield event, evidence, before
            progress = before.skills.get(event.skill_id) or untouched(self.policy)
            general, progress, site = learn(before.general, progress, evidence, self.policy)
            self.standings[whose] = Standing(general, {**before.skills, event.skill_id: progress})
            heard[event.sitting_id].append((event, evidence, site))
            self.answers += 1


def _settled(before: Standing, heard: list[tuple[Scored, Evidence, Site]]) -> Standing:
    answers = [(answer.skill_id, evidence) for answer, evidence, _site in heard]
    return settle(before, answers, [site for _answer, _evidence, site in heard])


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What a replay found: answers folded, abilities compared, and those that differed from what was stored."""

    answers: int
    abilities: int
    different: tuple[tuple[int, int], ...]


def replay(session: Session, district_id: int, policy: Policy) -> tuple[dict[Whose, Standing], int]:
    """Fold every scored answer of a district anew; returns the standings and the number of answers."""
    folded = Replay(session, district_id, policy)
    for _answer in folded:
        pass
    return folded.standings, folded.answers


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
