"""What `app.demo.maths` compares, read from the demo's district: beliefs, forecasts, and who the students are."""

from collections.abc import Iterator
from datetime import datetime
from math import sqrt

from sqlalchemy.orm import Session

from app.bank.catalogue import Catalogue, catalogues
from app.base.policy import Policy
from app.demo import queries, service
from app.demo.maths import Check, Estimate, Forecast, check
from app.demo.queries import DemoClass
from app.demo.service import CLASSES
from app.demo.students import learner_of, practised
from app.practice import queries as practice
from app.practice.progress import Standing
from models import ability
from models.simulate import Learner

MOST_FORECASTS = 5_000
"""The newest first answers; the page costs the same however long the demo runs."""


def checked(session: Session, seed: int, policy: Policy, now: datetime) -> Check:
    """Compare everything that the demo's classes have shown so far; empty when there is no demo yet."""
    groups = queries.demo_classes(session, CLASSES[0][1])[: len(CLASSES)]
    if not groups:
        return check([], [])
    school = service.known_school(session, groups[0])
    catalogue = catalogues.of_bank(session, school.district_id, school.bank_id)
    estimates = [one for group in groups for one in _estimates(session, seed, group, catalogue, policy, now)]
    rows = queries.newest_forecasts(session, school.district_id, school.bank_id, MOST_FORECASTS)
    return check(estimates, [Forecast(*row) for row in rows])


def _estimates(
    session: Session, seed: int, group: DemoClass, catalogue: Catalogue, policy: Policy, now: datetime
) -> Iterator[Estimate]:
    members = queries.students(session, group.district_id, group.id)
    ids = [student for student, _name in members]
    standings = practice.standings(session, group.district_id, catalogue.bank_id, ids)
    codes = {skill.id: skill.code for skill in catalogue.skills.values()}
    for place, (student, name) in enumerate(members):
        standing = standings.get(student)
        if standing is not None:
            born = learner_of(seed, group.name, name, place, list(codes.values()), list(catalogue.misconceptions))
            yield from _of_student(born, standing, codes, policy, now)


def _of_student(
    born: Learner, standing: Standing, codes: dict[int, str], policy: Policy, now: datetime
) -> Iterator[Estimate]:
    known = {skill: progress for skill, progress in standing.skills.items() if skill in codes and progress.scored}
    today = practised(born, {codes[skill]: progress.scored for skill, progress in known.items()})
    for skill, progress in known.items():
        belief = ability.marginal(standing.general, progress.now_belief(now, policy))
        yield Estimate(today.abilities[codes[skill]], belief.mean, sqrt(belief.variance), progress.scored)
