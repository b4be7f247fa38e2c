"""A student practises: what counts, what is stored, and what a repeat does."""

import re

from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.base.services import Services
from app.practice.tables import AnswerTable, ServingTable
from tests.factories import School, assign, sign_in_student
from tests.learner import fields_of, serving_in

HTMX = {"HX-Request": "true"}


def begin(client: FlaskClient, parts: Services, school: School) -> str:
    """Sign in, start, and read on past the worked example; gives the first question's page."""
    assign(parts, school)
    sign_in_student(client, school)
    page = client.post("/practice/start", headers=HTMX).text
    if "Now you try" in page:
        page = client.post("/practice/next", headers=HTMX).text
    return page


def test_a_new_skill_opens_with_its_worked_example(client: FlaskClient, parts: Services, north: School) -> None:
    assign(parts, north)
    sign_in_student(client, north)
    page = client.post("/practice/start", headers=HTMX).text
    assert "Now you try" in page
    assert "Worked example of A.1" in page


def test_a_right_answer_counts_once_even_when_it_is_sent_twice(
    client: FlaskClient, parts: Services, north: School, session: Session
) -> None:
    serving = serving_in(begin(client, parts, north))
    data = {**fields_of(session, serving, right=True), "client_id": "device-1"}
    first = client.post(f"/servings/{serving}/answer", data=data, headers=HTMX)
    again = client.post(f"/servings/{serving}/answer", data=data, headers=HTMX)
    assert first.status_code == again.status_code == 200
    assert "feedback-right" in first.text
    assert "feedback-right" in again.text
    assert session.scalar(select(func.count()).select_from(AnswerTable)) == 1
    assert session.scalar(select(func.count()).select_from(ServingTable)) == 2


def test_a_miss_gets_a_nudge_and_a_second_miss_the_solution(
    client: FlaskClient, parts: Services, north: School, session: Session
) -> None:
    serving = serving_in(begin(client, parts, north))
    wrong = fields_of(session, serving, right=False)
    first = client.post(f"/servings/{serving}/answer", data={**wrong, "client_id": "a"}, headers=HTMX).text
    assert "feedback-not-yet" in first
    second = client.post(f"/servings/{serving}/answer", data={**wrong, "client_id": "b"}, headers=HTMX).text
    assert re.search(r'data-kind="solution"', second)


def test_the_next_button_shows_another_question(
    client: FlaskClient, parts: Services, north: School, session: Session
) -> None:
    serving = serving_in(begin(client, parts, north))
    client.post(
        f"/servings/{serving}/answer", data={**fields_of(session, serving, right=True), "client_id": "a"}, headers=HTMX
    )
    following = serving_in(client.post("/practice/next", headers=HTMX).text)
    assert following != serving


def test_without_script_the_same_flow_works_by_redirects(
    client: FlaskClient, parts: Services, north: School, session: Session
) -> None:
    assign(parts, north)
    sign_in_student(client, north)
    client.post("/practice/start")
    client.post("/practice/next")
    serving = serving_in(client.get("/practice").text)
    answered = client.post(f"/servings/{serving}/answer", data=fields_of(session, serving, right=True))
    assert answered.status_code == 303
    page = client.get(answered.location).text
    assert "feedback-right" in page
    client.post("/practice/next")
    assert serving_in(client.get("/practice").text) != serving
