"""What a simulated student knows: the item behind a serving, looked up in the database, and their own ability."""

from dataclasses import dataclass, field
from datetime import timedelta

import numpy as np
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from app.bank.catalogue import Catalogue, catalogues, realised
from app.base import clock
from app.demo import queries
from app.demo.queries import Asked, DemoClass
from app.demo.students import Reply, learner_of, practised, reply
from models.simulate import Learner

SOMEBODY_IS_THERE = timedelta(minutes=3)
"""A person who signed in as a simulated student is taken to be there for so long after their last request."""


@dataclass(slots=True)
class Desk:
    """A student's place in a class, for reading only.

    Parameters
    ----------
    seed : int
        Of the demo.
    place : int
        The student's place in the class.
    """

    engine: Engine
    seed: int
    group: DemoClass
    student_id: int
    name: str
    place: int
    _learners: dict[int, Learner] = field(default_factory=dict, init=False)

    def reply(self, serving_id: int, rng: np.random.Generator) -> Reply | None:
        """What this student answers; None when the serving is not theirs."""
        with Session(self.engine) as session:
            asked = queries.asked(session, self.student_id, serving_id)
            if asked is None:
                return None
            catalogue = catalogues.of_set(session, asked.district_id, asked.set_id)
            answered = queries.answered(session, asked.district_id, self.student_id)
        codes = {skill.id: skill.code for skill in catalogue.skills.values()}
        learner = practised(
            self._learner(catalogue), {codes[skill]: n for skill, n in answered.items() if skill in codes}
        )
        return _reply(learner, asked, catalogue, rng)

    def taken(self, sign_in: str) -> bool:
        """Whether a person has signed in as this student since."""
        if not sign_in:
            return False
        since = clock.now() - SOMEBODY_IS_THERE
        with Session(self.engine) as session:
            return queries.taken_over(session, self.group.district_id, self.student_id, int(sign_in, 16), since)

    def _learner(self, catalogue: Catalogue) -> Learner:
        if catalogue.bank_id not in self._learners:
            skills = [skill.code for skill in catalogue.skills.values()]
            known = list(catalogue.misconceptions)
            self._learners[catalogue.bank_id] = learner_of(
                self.seed, self.group.name, self.name, self.place, skills, known
            )
        return self._learners[catalogue.bank_id]


def _reply(learner: Learner, asked: Asked, catalogue: Catalogue, rng: np.random.Generator) -> Reply:
    served = catalogue.version(asked.version_id)
    code = catalogue.skills[asked.skill_id].code
    item = realised(served, asked.seed)
    return reply(learner, code, item, served.parameters, asked.seed, rng, tried=asked.tried, most=asked.options)
