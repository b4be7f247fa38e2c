"""Abilities are rebuilt from the answers, equal to the last bit, on every database."""

import random
from datetime import datetime, timedelta

from click.testing import Result
from flask import Flask
from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from app.base import clock
from app.base.services import Services
from app.practice.queries import Standing, standings
from app.practice.service import sitting as sittings
from app.practice.service.answering import AnswerGiven, answer_item
from app.practice.tables import AnswerTable, GeneralAbilityTable, SkillAbilityTable
from tests.factories import NAMES, School, assign
from tests.learner import fields_of

MANY, FEW = 260, 60


def mixture(parts: Services, north: School, session: Session, turns: int) -> None:
    """Let a class answer at random for some weeks: right, wrong, twice, too fast, after hints, unreadable."""
    draws = random.Random(7)
    caller = {name: north.student(name) for name in NAMES}
    moment = clock.now()
    assign(parts, north, NAMES, ("A.1", "A.2", "B.1"), minutes=100_000)
    run, policy = parts.writer.run, parts.policy
    for name in NAMES:
        run(sittings.start, caller[name], policy, now=moment, rng=draws)
    for n in range(turns):
        name = draws.choice(NAMES)
        moment += timedelta(seconds=draws.choice((1, 20, 60, 3600, 40_000)))
        step = run(sittings.next_item, caller[name], policy, now=moment, rng=draws)
        if step.kind == "done":
            step = run(sittings.start, caller[name], policy, now=moment, rng=draws)
        if step.kind == "example":
            step = run(sittings.next_item, caller[name], policy, now=moment, rng=draws)
        if step.serving is None:
            continue
        if draws.random() < 0.15:
            moment += timedelta(seconds=15)
            run(sittings.open_hint, caller[name], step.serving.id, {}, policy, now=moment)
        moment += timedelta(seconds=draws.choice((0.5, 8, 40)))
        fields = fields_of(session, step.serving.id, right=draws.random() < 0.6)
        if draws.random() < 0.1:
            fields = {"number": "?", "top": "?", "option": "?"}
        run(answer_item, caller[name], step.serving.id, AnswerGiven(f"c{n}", fields), policy, now=moment)
    assert session.scalar(select(func.count()).select_from(AnswerTable)) > turns * 0.7
    assert session.scalar(select(func.count()).where(AnswerTable.score.is_not(None))) > turns * 0.3


def rebuild(app: Flask, *options: str) -> Result:
    return app.test_cli_runner().invoke(args=["rebuild", "abilities", *options])


def everything(session: Session, north: School) -> dict[int, Standing]:
    session.rollback()
    return standings(session, north.district_id, north.bank_id, list(north.students.values()))


def spoil(parts: Services, statement: object) -> None:
    """Change the database behind the application's back."""

    def change(session: Session, *, now: datetime, rng: object) -> None:
        session.execute(statement)

    parts.writer.run(change)


_bits: dict[str, object] = {}


def test_a_replay_of_a_random_mixture_equals_what_is_stored_on_each_database_and_across_them(
    app: Flask, parts: Services, north: School, session: Session
) -> None:
    mixture(parts, north, session, MANY)
    checked = rebuild(app, "--check")
    assert checked.exit_code == 0, checked.output
    assert " 0 different" in checked.output
    names = {number: name for name, number in north.students.items()}
    codes = {number: code for code, number in north.skills.items()}
    bits = {
        (names[student], codes[skill]): (progress.belief, progress.p, standing.general)
        for student, standing in everything(session, north).items()
        for skill, progress in standing.skills.items()
    }
    assert len(bits) >= len(NAMES)
    assert bits == _bits.setdefault("first database", bits)


def test_what_was_spoilt_or_lost_is_found_and_rebuilt(
    app: Flask, parts: Services, north: School, session: Session
) -> None:
    mixture(parts, north, session, FEW)
    before = everything(session, north)
    ana = SkillAbilityTable.student_id == north.students["Ana"]
    a_little = update(SkillAbilityTable).where(ana).values(alpha=SkillAbilityTable.alpha + 1e-12)
    for damage in (a_little, delete(SkillAbilityTable), delete(GeneralAbilityTable)):
        spoil(parts, damage)
        spoilt = everything(session, north)
        assert spoilt != before
        assert rebuild(app, "--check").exit_code == 1
        assert everything(session, north) == spoilt  # a check changes nothing
        assert rebuild(app).exit_code == 0
        assert everything(session, north) == before
        assert rebuild(app, "--check").exit_code == 0


def test_one_spoilt_ability_is_counted_as_one(app: Flask, parts: Services, north: School, session: Session) -> None:
    mixture(parts, north, session, FEW)
    ben = GeneralAbilityTable.student_id == north.students["Ben"]
    spoil(parts, update(GeneralAbilityTable).where(ben).values(mean=GeneralAbilityTable.mean + 1))
    told = rebuild(app, "--check").output
    assert " 1 different" in told
    assert f"district {north.district_id}:" in told


def test_an_ability_without_an_answer_is_found_and_removed(
    app: Flask, parts: Services, north: School, south: School
) -> None:
    def add(session: Session, *, now: datetime, rng: object) -> None:
        row = {"student_id": south.students["Ana"], "bank_id": south.bank_id, "mean": 0.0, "variance": 0.5}
        session.add(GeneralAbilityTable(district_id=south.district_id, **row))

    parts.writer.run(add)
    checked = rebuild(app, "--check")
    assert checked.exit_code == 1
    assert f"district {north.district_id}: 0 answers, 0 abilities, 0 different" in checked.output
    assert rebuild(app).exit_code == 0
    assert rebuild(app, "--check").exit_code == 0


def test_a_changed_answer_is_noticed(app: Flask, parts: Services, north: School, session: Session) -> None:
    mixture(parts, north, session, FEW)
    first = select(func.min(AnswerTable.id)).where(AnswerTable.score == 1.0).scalar_subquery()
    spoil(parts, update(AnswerTable).where(AnswerTable.id == first).values(score=0.0))
    assert rebuild(app, "--check").exit_code == 1


def test_a_clock_that_went_back_does_not_change_the_order_of_a_replay(
    app: Flask, parts: Services, north: School, session: Session
) -> None:
    run, policy, ana = parts.writer.run, parts.policy, north.student()
    assign(parts, north, ("Ana",), ("A.1",), minutes=100_000)
    moment = clock.now() + timedelta(hours=1)
    run(sittings.start, ana, policy, now=moment)
    for n, step_s in enumerate((20, 40, -300, 20, -500, 60)):
        moment += timedelta(seconds=step_s)
        step = run(sittings.next_item, ana, policy, now=moment)
        moment += timedelta(seconds=10)
        fields = fields_of(session, step.serving.id, right=n % 2 == 0)
        for attempt in range(1 + n % 2):
            run(answer_item, ana, step.serving.id, AnswerGiven(f"{n}-{attempt}", fields), policy, now=moment)
        moment += timedelta(seconds=10)
    times = session.execute(select(AnswerTable.answered_at).order_by(AnswerTable.id)).scalars().all()
    assert times != sorted(times)
    assert session.scalar(select(func.count()).where(AnswerTable.score.is_not(None))) >= 5
    assert rebuild(app, "--check").exit_code == 0
