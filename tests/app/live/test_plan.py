"""The printed plan of the group at the table: the card's decision, and questions the group has not seen."""

import re
from datetime import datetime, timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.bank.catalogue import catalogues
from app.base import clock
from app.base.services import Services
from app.live.plan import PlanView, plan_view
from app.practice.tables import ServingTable
from app.rostering.queries import class_for
from app.stations import queries
from tests.app.live.test_card import EXAMPLE, FIVE, READY, SENTENCE, _mistaken, believe, lesson_before_the_bell
from tests.factories import School, assign, sign_in_student, sign_in_teacher


def planned(parts: Services, session: Session, school: School, slot: int | None = None) -> PlanView:
    session.rollback()
    found = class_for(session, school.teacher(), school.class_id)
    lesson = queries.lesson(session, school.district_id, school.class_id)
    return plan_view(session, found, lesson, slot, clock.now(), parts.policy)


def test_the_plan_says_what_the_card_says_and_what_to_do_with_each_student(
    client: FlaskClient, parts: Services, north: School, session: Session
) -> None:
    believe(parts, north, EXAMPLE)
    lesson_before_the_bell(parts, north, 120)
    sign_in_teacher(client, north.teacher_email)
    page = client.get(f"/classes/{north.class_id}/plan").text
    assert SENTENCE in page
    assert re.search(r"Expected ready: 2\.\d\d of 5; chance that 4 or more are ready: 2\d%", page)
    plan = planned(parts, session, north)
    first = {row.name: (row.action, row.evidence) for row in plan.roster}
    assert first == {
        "Ana": ("Start", "4 or more a skill"),
        "Ben": ("Start", "4 or more a skill"),
        "Cy": ("Pull", "4 or more a skill"),
        "Dee": ("Pull", "4 or more a skill"),
        "Eli": ("Check", "3 more answers needed"),
    }
    assert [row.ready_percent is None for row in plan.roster] == [row.name == "Eli" for row in plan.roster]
    assert [row.name for row in plan.roster] == ["Cy", "Dee", "Eli", "Ana", "Ben"]


def test_a_plan_that_is_opened_twice_asks_the_same(parts: Services, north: School, session: Session) -> None:
    believe(parts, north, EXAMPLE)
    lesson_before_the_bell(parts, north, 120)
    one, two = planned(parts, session, north), planned(parts, session, north)
    assert one.openers == two.openers
    assert one.exit_html == two.exit_html
    assert [opener.title for opener in one.openers] == ["On the focus: Doubling", "From the lesson"]
    stems = [opener.stem_html for opener in one.openers] + [one.exit_html]
    assert len(set(stems)) == 3
    assert all(opener.answer_html for opener in one.openers)


def test_a_shared_misconception_gets_an_opener_that_offers_it(parts: Services, north: School, session: Session) -> None:
    believe(parts, north, EXAMPLE)
    lesson_before_the_bell(parts, north, 120)
    parts.writer.run(_mistaken, north, ("Cy", "Dee"))
    plan = planned(parts, session, north)
    [opener] = [opener for opener in plan.openers if "misconception" in opener.title]
    assert {slip.means for slip in opener.expected} == {"Glues digits together"}
    assert "2 students share a misconception: Glues digits together." in plan.why


def test_openers_are_unseen_for_a_week(client: FlaskClient, parts: Services, north: School, session: Session) -> None:
    believe(parts, north, EXAMPLE)
    shown = _shown_before(client, parts, north, session)
    assert shown
    lesson_before_the_bell(parts, north, 120)
    parts.writer.run(_all_shown_to, north, clock.now() - timedelta(days=8))
    assert _asked(parts, session, north)
    parts.writer.run(_all_shown_to, north, clock.now() - timedelta(days=6))
    assert not _asked(parts, session, north)


def _shown_before(client: FlaskClient, parts: Services, school: School, session: Session) -> int:
    assign(parts, school)
    sign_in_student(client, school, "Cy")
    client.post("/practice/start")
    return session.scalar(select(ServingTable.id).limit(1))


def _all_shown_to(session: Session, school: School, at: datetime, *, now: datetime, rng: object) -> None:
    """Make copies of the one serving so that Cy saw every item at this time."""
    table = ServingTable.__table__
    seen = session.execute(select(table).where(table.c.student_id == school.students["Cy"]).limit(1)).mappings().one()
    items = catalogues.of_bank(session, school.district_id, school.bank_id).items
    session.execute(table.delete().where(table.c.id < 0))
    for place, item in enumerate(items):
        row = {**seen, "id": -1 - place, "item_id": item.item_id, "version_id": item.version_id, "served_at": at}
        session.execute(table.insert().values(row))
    session.execute(update(table).values(served_at=at))


def _asked(parts: Services, session: Session, school: School) -> set[str]:
    """Names of the written items that the plan asks, read from their stems."""
    plan = planned(parts, session, school)
    stems = " ".join([*(opener.stem_html for opener in plan.openers), plan.exit_html])
    return {
        f"{skill.lower().replace('.', '')}-choice-{n}" for n, skill in re.findall(r"Item (\d+) of ([AB]\.\d)", stems)
    }


def test_the_plan_of_the_group_at_the_table_keeps_what_its_card_said_at_the_bell(
    client: FlaskClient, parts: Services, north: School, session: Session
) -> None:
    believe(parts, north, EXAMPLE)
    lesson_before_the_bell(parts, north, -100)
    sign_in_teacher(client, north.teacher_email)
    client.get(f"/classes/{north.class_id}/board")
    believe(parts, north, READY)
    assert SENTENCE in client.get(f"/classes/{north.class_id}/plan?slot=1").text


@pytest.mark.parametrize("slot", [-1, 3, 99])
def test_a_slot_that_the_lesson_does_not_have_is_not_found(
    client: FlaskClient, parts: Services, north: School, slot: int
) -> None:
    lesson_before_the_bell(parts, north, 120)
    sign_in_teacher(client, north.teacher_email)
    assert client.get(f"/classes/{north.class_id}/plan?slot={slot}").status_code == 404


def test_without_a_lesson_there_is_no_plan_and_another_districts_plan_is_not_found(
    client: FlaskClient, parts: Services, north: School, south: School
) -> None:
    lesson_before_the_bell(parts, north, 120)
    sign_in_teacher(client, south.teacher_email)
    assert client.get(f"/classes/{north.class_id}/plan").status_code == 404
    answer = client.get(f"/classes/{south.class_id}/plan")
    assert answer.status_code == 404
    assert "There is no lesson to plan for." in answer.text


def test_a_ready_group_starts_together(parts: Services, north: School, session: Session) -> None:
    believe(parts, north, READY)
    lesson_before_the_bell(parts, north, 120)
    plan = planned(parts, session, north)
    assert (plan.decision_word, plan.confidence) == ("Go", "High")
    assert plan.strategy == ["Start the lesson with everyone."]
    assert {row.name: row.action for row in plan.roster} == dict.fromkeys(FIVE, "Together")
