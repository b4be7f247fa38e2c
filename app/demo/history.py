"""Two weeks of lessons, lived through by simulated students with the same commands that a real lesson uses.

Only the clock differs: each command is told a moment in the past.
"""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import numpy as np
from sqlalchemy.orm import Session

from app.bank.catalogue import Catalogue, realised
from app.base import clock
from app.base.auth import Caller, Role
from app.base.policy import Policy
from app.base.statements import upsert
from app.demo import queries
from app.demo.queries import DemoClass
from app.demo.service import School
from app.demo.students import Reply, learner_of, part_of, practised, reply
from app.practice.queries import assignments
from app.practice.service import sitting as sittings
from app.practice.service.answering import AnswerGiven, answer_item
from app.practice.service.steps import Step
from app.stations.service.visits import record_visit
from models import simulate
from models.simulate import Learner

SATURDAY = 5
READING = timedelta(seconds=4)
EXAMPLE = timedelta(seconds=9)
HINT = timedelta(seconds=11)
NEXT_HINT = timedelta(seconds=5)
LESSON_MS = 20 * 60_000
LATE_S = (5.0, 90.0)
ITEMS = (8, 12)
"""Least and most items in a lesson."""
VISITED = 0.8
"""Share of a class that the teacher gets to in a lesson."""
ABSENT = 0.05
"""Share of students who are away on a given day."""

GOES_ON = ("question", "right", "solution", "example")

_put_assignment = upsert(assignments, ("district_id", "student_id"))


def school_days(today: date, days: int) -> list[date]:
    """School days of so many days before today, oldest first.

    Examples
    --------
    >>> [day.day for day in school_days(date(2026, 3, 10), 7)]
    [3, 4, 5, 6, 9]
    """
    past = (today - timedelta(days=ago) for ago in range(days, 0, -1))
    return [day for day in past if day.weekday() < SATURDAY]


@dataclass(slots=True)
class Visit:
    """A student at a practice station on a day in the past.

    Parameters
    ----------
    learner : Learner
        Who answers; grows with each answer.
    most : int
        Items after which the student stops even when there is time.
    """

    session: Session
    caller: Caller
    policy: Policy
    learner: Learner
    now: datetime
    rng: random.Random
    draws: np.random.Generator
    most: int
    answered: int = 0

    def live_through(self) -> Learner:
        """Practise until the time or the items are over; returns the learner as they are afterwards.

        An item that was missed once is answered again: left open, it would come back at the next day's station.
        """
        step = sittings.start(self.session, self.caller, self.policy, now=self.now, rng=self.rng)
        while step.kind == "not_yet" or (self.answered < self.most and step.kind in GOES_ON):
            step = self._after(step)
        return self.learner

    def _after(self, step: Step) -> Step:
        if step.kind in ("question", "not_yet"):
            return self._answer(step)
        self.now += EXAMPLE if step.kind == "example" else READING
        return sittings.next_item(self.session, self.caller, self.policy, now=self.now, rng=self.rng)

    def _answer(self, step: Step) -> Step:
        serving, catalogue = step.serving, step.catalogue
        if serving is None or catalogue is None:
            raise ValueError(f"A step of kind {step.kind} has a serving.")
        served = catalogue.version(serving.version_id)
        code = catalogue.skills[serving.skill_id].code
        item = realised(served, serving.seed)
        given = reply(self.learner, code, item, served.parameters, serving.seed, self.draws, tried=serving.tried)
        self._open_hints(serving.id, given)
        self.now += timedelta(seconds=given.seconds)
        name = f"{serving.id}:{serving.tries}"
        if not serving.tried:
            self.answered += 1
            self.learner = simulate.learn(self.learner, code)
        form = AnswerGiven(name, given.fields)
        return answer_item(self.session, self.caller, serving.id, form, self.policy, now=self.now, rng=self.rng)

    def _open_hints(self, serving_id: int, given: Reply) -> None:
        typed: Mapping[str, str] = {}
        for number in range(given.hints):
            self.now += NEXT_HINT if number else HINT
            sittings.open_hint(self.session, self.caller, serving_id, typed, self.policy, now=self.now, rng=self.rng)


def live_through(
    session: Session,
    school: School,
    group: DemoClass,
    members: Sequence[tuple[int, str]],
    catalogue: Catalogue,
    skills: Sequence[int],
    policy: Policy,
    number: int,
    count: int,
    *,
    now: datetime,
    rng: random.Random,
) -> int:
    """Let a class practise these skills from now on, the `count`th time; returns how many items were answered."""
    answered = 0
    here = [place for place in range(len(members)) if rng.random() >= ABSENT]
    for place in here:
        student_id, name = members[place]
        assign(session, school, group, student_id, skills, count, now=now)
        visit = Visit(
            session,
            Caller(school.district_id, school.school_id, student_id, Role.STUDENT, 0, group.id),
            policy,
            _learner(session, school, group, catalogue, number, student_id, name, place),
            now + timedelta(seconds=rng.uniform(*LATE_S)),
            rng,
            np.random.default_rng(rng.getrandbits(64)),
            rng.randint(*ITEMS),
        )
        visit.live_through()
        answered += visit.answered
    # The quiet ones who understand least are easily overlooked; the board is there to show them.
    noticed = [place for place in here if part_of(place) != "weak"]
    for place in rng.sample(noticed, round(VISITED * len(noticed))):
        at = now + timedelta(seconds=rng.uniform(0, LESSON_MS / 1000))
        record_visit(session, school.teacher(), group.id, members[place][0], now=at, rng=rng)
    return answered


def _learner(
    session: Session,
    school: School,
    group: DemoClass,
    catalogue: Catalogue,
    number: int,
    student_id: int,
    name: str,
    place: int,
) -> Learner:
    """The learner behind a student as they are by now."""
    codes = {skill.id: skill.code for skill in catalogue.skills.values()}
    answered = queries.answered(session, school.district_id, student_id)
    drawn = learner_of(number, group.name, name, place, list(codes.values()), list(catalogue.misconceptions))
    return practised(drawn, {codes[skill]: n for skill, n in answered.items() if skill in codes})


def assign(
    session: Session,
    school: School,
    group: DemoClass,
    student_id: int,
    skills: Sequence[int],
    count: int,
    *,
    now: datetime,
) -> None:
    """Put a student at a practice station from now on; `count` tells one day's practice from another's."""
    start = clock.to_ms(now)
    stretch = {
        "from": start,
        "to": start + LESSON_MS,
        "kind": "practice",
        "place": "Practice",
        "skills": list(skills),
        "slot": count,
    }
    row = {
        "district_id": school.district_id,
        "student_id": student_id,
        "class_id": group.id,
        "bank_id": school.bank_id,
        "block_id": None,
        "timeline": [stretch],
        "paused": False,
        "queued": [],
        "updated_at": now,
    }
    session.execute(_put_assignment[session.get_bind().dialect.name], row)
