"""What the class gets wrong today."""

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from app.bank.catalogue import Catalogue, catalogues
from app.base.services import Services
from app.live.mistakes import hardest, shared
from app.live.queries import Miss
from content.schema import Generator
from tests.databases import only_sqlite
from tests.factories import School, assign, sign_in_student, sign_in_teacher
from tests.learner import fields_of, serving_in


@pytest.fixture
def catalogue(session: Session, north: School) -> Catalogue:
    return catalogues.of_bank(session, north.district_id, north.bank_id)


def entry(at: int, skill: int, misconception: str | None = "glued") -> dict[str, Any]:
    return {"at": at, "skill": skill, "misconception": misconception}


@only_sqlite
def test_a_misconception_counts_students_not_answers(catalogue: Catalogue, north: School) -> None:
    skill = north.skills["A.1"]
    once, twice = [entry(5, skill)], [entry(5, skill), entry(6, skill)]
    [row] = shared([once, twice, [entry(6, skill, None)]], 0, catalogue, 2)
    assert (row.n, row.unit, row.text, row.skill_title) == (2, "student", "Glues digits together", "Doubling")
    assert shared([twice], 0, catalogue, 2) == []
    assert shared([once, twice], 6, catalogue, 2) == []


@only_sqlite
def test_the_items_missed_most_come_with_their_most_common_wrong_answer(catalogue: Catalogue) -> None:
    written = next(item for item in catalogue.items if item.key == "a1-choice-3")
    made = next(item for item in catalogue.items if isinstance(item.content, Generator))
    once = next(item for item in catalogue.items if item.key == "a1-choice-4")
    counted = [Miss(written.item_id, "1", 2), Miss(written.item_id, "2", 1), Miss(once.item_id, "1", 1)]
    rows = hardest([*counted, Miss(made.item_id, "3/4", 1), Miss(made.item_id, "5/4", 1)], catalogue)
    assert [(row.n, row.unit) for row in rows] == [(3, "miss"), (2, "miss")]
    assert rows[0].text.endswith("Often answered: 33")
    assert rows[1].text.startswith("Questions such as:")


def test_the_board_says_what_two_students_miss(
    app: Flask, client: FlaskClient, parts: Services, north: School, session: Session
) -> None:
    sign_in_teacher(client, north.teacher_email)
    data = {"lesson": str(north.skills["B.1"]), "slot_minutes": "10", "transition_seconds": "60"}
    client.post(f"/classes/{north.class_id}/block/start", data=data)
    assign(parts, north)
    for name in north.students:
        pupil = app.test_client()
        sign_in_student(pupil, north, name)
        page = pupil.post("/practice/start", headers={"HX-Request": "true"}).text
        if "Now you try" in page:
            page = pupil.post("/practice/next", headers={"HX-Request": "true"}).text
        serving = serving_in(page)
        pupil.post(f"/servings/{serving}/answer", data={**fields_of(session, serving, right=False), "client_id": "a"})
    page = client.get(f"/classes/{north.class_id}/board/fragment").text
    assert "Glues digits together" in page or "misses</b>" in page
