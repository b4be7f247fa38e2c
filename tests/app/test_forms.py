"""Forms carry a token: another site cannot make a child's or a teacher's browser do something."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.base.auth import Role
from app.base.services import Services
from app.practice.tables import AnswerTable, SittingTable
from tests.app.routes import addresses, signed_in
from tests.factories import PICTURES, School, assign
from tests.learner import fields_of, serving_in

HTMX = {"HX-Request": "true"}


@pytest.fixture
def guarded(app: Flask) -> Flask:
    """The application as it runs: with form tokens."""
    app.config["WTF_CSRF_ENABLED"] = True
    return app


@pytest.fixture
def ana(app: Flask, parts: Services, north: School) -> FlaskClient:
    """Ana's browser; she signed in before the tokens were asked for."""
    assign(parts, north)
    client = signed_in(app, parts, north, Role.STUDENT)
    app.config["WTF_CSRF_ENABLED"] = True
    return client


def token_in(page: str) -> str:
    return re.findall(r'name="csrf-token" content="([^"]+)"', page)[0]


def test_every_form_of_the_application_is_refused_without_a_token(app: Flask, parts: Services, north: School) -> None:
    for role in (None, *Role):
        app.config["WTF_CSRF_ENABLED"] = False
        client = signed_in(app, parts, north, role)
        app.config["WTF_CSRF_ENABLED"] = True
        for address in addresses(app):
            # Late answers go by a ticket; no cookie makes a difference to them.
            if address.method != "GET" and address.endpoint != "practice.late_answers":
                for headers in ({}, HTMX):
                    answer = address.ask(client, headers=headers)
                    assert answer.status_code == 400, (role, address)
                    assert "This page was open for a long time." in answer.text


def test_what_is_refused_changes_nothing(ana: FlaskClient, session: Session) -> None:
    assert ana.post("/practice/start", headers=HTMX).status_code == 400
    assert session.scalar(select(func.count()).select_from(SittingTable)) == 0
    assert ana.get("/practice").status_code == 200  # and she is still signed in


@pytest.mark.parametrize("token", ["", "x", "IjAwMDAi.aaaa.bbbb"])
def test_a_made_up_token_is_refused(ana: FlaskClient, token: str) -> None:
    ana.get("/practice")
    assert ana.post("/practice/start", data={"csrf_token": token}).status_code == 400
    assert ana.post("/practice/start", headers={**HTMX, "X-CSRFToken": token}).status_code == 400


def test_someone_elses_token_is_refused(app: Flask, ana: FlaskClient) -> None:
    ana.get("/practice")
    stranger = app.test_client()
    token = token_in(stranger.get("/sign-in").text)
    assert ana.post("/practice/start", data={"csrf_token": token}).status_code == 400


def test_a_token_from_before_the_sign_in_is_refused_after_it(guarded: Flask, north: School, parts: Services) -> None:
    client = guarded.test_client()
    before = token_in(client.get("/sign-in").text)
    address = f"/sign-in/{north.code}/{north.students['Ana']}"
    assert client.post(address, data={"pick": list(PICTURES), "csrf_token": before}).status_code == 303
    assert client.post("/practice/start", data={"csrf_token": before}).status_code == 400


def test_a_class_signs_in_and_practises_through_the_pages_own_forms(
    guarded: Flask, north: School, parts: Services, session: Session
) -> None:
    assign(parts, north)
    client = guarded.test_client()

    def send(address: str, **fields: object) -> str:
        page = client.get(address if address != "/sign-out" else "/practice").text
        token = re.findall(r'name="csrf_token" value="([^"]+)"', page)[0]
        return client.post(address, data={"csrf_token": token, **fields}).location

    to_who = send("/sign-in", code=north.code)
    to_pictures = send(to_who, person=str(north.students["Ana"]))
    assert send(to_pictures, pick=list(PICTURES)) == "/practice"
    assert send("/sign-out") == "/"


def test_htmx_sends_the_pages_token_in_a_header(ana: FlaskClient, session: Session) -> None:
    token = token_in(ana.get("/practice").text)
    headers = {**HTMX, "X-CSRFToken": token}
    page = ana.post("/practice/start", headers=headers).text
    if "Now you try" in page:
        page = ana.post("/practice/next", headers=headers).text
    serving = serving_in(page)
    answer = ana.post(f"/servings/{serving}/answer", data=fields_of(session, serving, right=True), headers=headers)
    assert "feedback-right" in answer.text
    assert session.scalar(select(func.count()).select_from(AnswerTable)) == 1


def test_the_token_is_never_kept_with_an_answer(ana: FlaskClient, session: Session) -> None:
    token = token_in(ana.get("/practice").text)
    typed = {"csrf_token": token}
    ana.post("/practice/start", data=typed)
    ana.post("/practice/next", data=typed)
    serving = serving_in(ana.get("/practice").text)
    ana.post(f"/servings/{serving}/answer", data={**typed, **fields_of(session, serving, right=True), "client_id": "c"})
    given = session.scalar(select(AnswerTable.given))
    assert token not in str(given)
    assert "client_id" not in given
