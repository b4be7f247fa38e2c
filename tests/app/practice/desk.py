"""A student's desk: what the page shows, what the student does next, and how much time goes by meanwhile."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import count

import time_machine
from flask.testing import FlaskClient
from sqlalchemy import select, update
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from app.bank import queries as bank
from app.bank.service import publish as publish_bank
from app.base import clock
from app.base.services import Services
from app.practice.tables import AnswerTable, AssignmentTable, ServingTable, SittingTable, SkillAbilityTable
from content.parse import parse
from tests.factories import School, assign, sign_in_student
from tests.learner import fields_of, serving_in

HTMX = {"HX-Request": "true"}
THINKING_S = 20.0


def publish(parts: Services, school: School, text: str) -> School:
    """Publish a bank's text; returns the school with this bank in place of its own."""
    parsed = parse(text)
    assert not list(parsed.errors()), parsed.findings
    done = parts.writer.run(publish_bank, school.district_id, parsed.bank, parts.policy)
    known = parts.writer.run(_skills, school.district_id, done.bank_id)
    return replace(school, bank_id=done.bank_id, skills=known)


def _skills(session: Session, district_id: int, bank_id: int, *, now: datetime, rng: object) -> dict[str, int]:
    return bank.skill_ids(session, district_id, bank_id)


def head(*skills: str, bank_id: str = "own") -> str:
    """Front matter of a bank with these skills, each written as ``code`` or ``code <- need, need``."""
    lines = []
    for one in skills:
        code, _, needs = one.partition(" <- ")
        lines.append(f"  - code: {code}\n    title: Skill {code}")
        if needs:
            lines.append(f"    prerequisites: [{needs}]")
    return (
        f"---\nid: {bank_id}\ntitle: Own bank\ngrade: 4-6\nlanguage: en\nlicence: CC BY 4.0\nskills:\n"
        + "\n".join(lines)
        + "\nmisconceptions:\n  - id: glued\n    title: Glues\n    nudge: Are the digits side by side?\n---\n"
    )


@dataclass
class Desk:
    """One student at one device."""

    client: FlaskClient
    parts: Services
    school: School
    session: Session
    time: time_machine.Traveller
    name: str = "Ana"
    page: str = ""
    _names: "count[int]" = field(default_factory=count)

    def wait(self, seconds: float) -> None:
        """Let time go by."""
        self.time.shift(timedelta(seconds=seconds))

    def sit_down(self, *skills: str, minutes: int = 60) -> str:
        """Be sent to a practice station with these skills, sign in, and start."""
        assign(self.parts, self.school, (self.name,), skills or ("A.1",), minutes)
        sign_in_student(self.client, self.school, self.name)
        return self.start()

    def begin(self, *skills: str, minutes: int = 60) -> str:
        """Sit down, and read on to the first question."""
        self.sit_down(*skills, minutes=minutes)
        return self.read_on()

    def read_on(self) -> str:
        """Go past a worked example, if one is shown."""
        if self.kind == "example":
            self.next()
        return self.page

    def start(self) -> str:
        return self._show(self.client.post("/practice/start", headers=HTMX))

    def next(self) -> str:
        return self._show(self.client.post("/practice/next", headers=HTMX))

    def pick(self, extra: str) -> str:
        """Go on with something when done early."""
        self._show(self.client.post("/practice/next", data={"pick": extra}, headers=HTMX))
        return self.read_on()

    def look(self) -> str:
        return self._show(self.client.get("/practice"))

    def _show(self, answer: TestResponse) -> str:
        assert answer.status_code == 200, answer.text
        self.page = answer.text
        return self.page

    @property
    def kind(self) -> str:
        """Which card the page shows."""
        return re.findall(r'data-kind="(\w+)"', self.page)[0]

    @property
    def serving_id(self) -> int:
        return serving_in(self.page)

    @property
    def serving(self) -> ServingTable:
        """The stored serving that the page asks about."""
        return self.stored(self.serving_id)

    def stored(self, serving_id: int) -> ServingTable:
        self.session.expire_all()
        return self.session.execute(select(ServingTable).where(ServingTable.id == serving_id)).scalar_one()

    def right(self) -> dict[str, str]:
        """Fields of the right answer to the question on the page."""
        return fields_of(self.session, self.serving_id, right=True)

    def wrong(self) -> dict[str, str]:
        """Fields of a wrong answer to it."""
        return fields_of(self.session, self.serving_id, right=False)

    def send(self, fields: Mapping[str, str], client_id: str | None = None, serving_id: int | None = None) -> str:
        """Send an answer as it is."""
        made = client_id or f"device-{self.name}-{next(self._names)}"
        address = f"/servings/{serving_id or self.serving_id}/answer"
        return self._show(self.client.post(address, data={**fields, "client_id": made}, headers=HTMX))

    def answer(self, *, right: bool, after: float = THINKING_S) -> str:
        """Think for a while, then answer."""
        self.wait(after)
        return self.send(self.right() if right else self.wrong())

    def miss(self, after: float = THINKING_S) -> str:
        """Miss the question twice, so that it is closed."""
        self.answer(right=False, after=after)
        return self.answer(right=False, after=after)

    def do(self, *, right: bool) -> ServingTable:
        """Work through the question on the page, go on to the next; returns the serving as it was."""
        serving = self.serving_id
        if right:
            self.answer(right=True)
        else:
            self.miss()
        self.next()
        self.read_on()
        return self.stored(serving)

    def hint(self, serving_id: int | None = None, **fields: str) -> str:
        address = f"/servings/{serving_id or self.serving_id}/hint"
        return self._show(self.client.post(address, data=fields, headers=HTMX))

    def answers(self) -> Sequence[AnswerTable]:
        """Every stored answer of this student, in order."""
        self.session.expire_all()
        mine = select(AnswerTable).where(AnswerTable.student_id == self.school.students[self.name])
        return self.session.execute(mine.order_by(AnswerTable.id)).scalars().all()

    def servings(self) -> Sequence[ServingTable]:
        """Every serving of this student, in order."""
        self.session.expire_all()
        mine = select(ServingTable).where(ServingTable.student_id == self.school.students[self.name])
        return self.session.execute(mine.order_by(ServingTable.id)).scalars().all()

    def sitting(self) -> SittingTable:
        """The newest sitting."""
        self.session.expire_all()
        mine = select(SittingTable).where(SittingTable.student_id == self.school.students[self.name])
        return self.session.execute(mine.order_by(SittingTable.id.desc()).limit(1)).scalar_one()

    def as_stored(self, sitting_id: int) -> SittingTable:
        """A sitting of this student's."""
        self.session.expire_all()
        return self.session.execute(select(SittingTable).where(SittingTable.id == sitting_id)).scalar_one()

    def progress(self, skill: str) -> SkillAbilityTable | None:
        """The stored ability in a skill, if there is one."""
        self.session.expire_all()
        return self.session.execute(
            select(SkillAbilityTable).where(
                SkillAbilityTable.student_id == self.school.students[self.name],
                SkillAbilityTable.skill_id == self.school.skills[skill],
            )
        ).scalar_one_or_none()

    def queue(self, *entries: Mapping[str, object]) -> None:
        """Have the teacher queue items."""
        self.parts.writer.run(_queue, self.school, self.name, [dict(entry) for entry in entries])

    def move_on(self, slot: int, minutes: float = 60, kind: str = "practice", skills: Sequence[str] = ("A.1",)) -> None:
        """Ring the bell: from now on the student is in this slot."""
        ids = [self.school.skills[code] for code in skills]
        self.parts.writer.run(_move, self.school, self.name, slot, minutes, kind, ids)


def _queue(
    session: Session, school: School, name: str, entries: list[dict[str, object]], *, now: datetime, rng: object
) -> None:
    mine = update(AssignmentTable).where(AssignmentTable.student_id == school.students[name])
    session.execute(mine.values(queued=entries))


def _move(
    session: Session,
    school: School,
    name: str,
    slot: int,
    minutes: float,
    kind: str,
    skills: list[int],
    *,
    now: datetime,
    rng: object,
) -> None:
    start = clock.to_ms(now)
    entry = {
        "from": start,
        "to": start + int(minutes * 60_000),
        "kind": kind,
        "place": kind.capitalize(),
        "skills": skills,
        "slot": slot,
    }
    mine = update(AssignmentTable).where(AssignmentTable.student_id == school.students[name])
    session.execute(mine.values(timeline=[entry]))
