"""No name in an address or a log line, whatever a class does and whatever goes wrong."""

import json
import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
import structlog
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from app.base import logs
from app.base.services import Services
from app.factory import create_app
from app.practice.service import answering
from tests.conftest import Seeded, settings, stop
from tests.factories import NAMES, PASSWORD, PICTURES, School, assign
from tests.learner import fields_of, serving_in

HTMX = {"HX-Request": "true"}
TYPED = "7777777"


@dataclass
class Traces:
    """Whatever would be left behind on the server and on the way: log lines and addresses."""

    lines: list[str] = field(default_factory=list)
    addresses: list[str] = field(default_factory=list)

    def everything(self) -> str:
        return "\n".join([*self.lines, *self.addresses])


@pytest.fixture
def traces(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> Iterator[Traces]:
    """Every structured log line at the most talkative level, and every logger of the libraries as it is set up."""
    kept = Traces()
    caplog.set_level(logging.DEBUG)
    before = structlog.get_config()

    def keep(_logger: object, _method: str, line: str) -> str:
        kept.lines.append(line)
        return line

    logs.install("DEBUG")
    installed = structlog.get_config()["processors"]
    structlog.configure(processors=[*installed, keep], cache_logger_on_first_use=False)
    monkeypatch.setattr(logs, "install", lambda _level: None)
    yield kept
    structlog.configure(**before)


@pytest.fixture
def served(traces: Traces, seed: Seeded) -> Iterator[Flask]:
    """The application as it runs outside tests, with every request's address noted."""
    app = create_app(settings(seed.url).model_copy(update={"environment": "development"}))
    app.config["WTF_CSRF_ENABLED"] = False

    def note(response: TestResponse) -> TestResponse:
        traces.addresses.extend((request_address(), response.headers.get("Location", "")))
        return response

    def request_address() -> str:
        from flask import request

        return request.full_path

    app.after_request(note)
    yield app
    stop(app)


def secrets_of(school: School) -> list[str]:
    """What must never be left behind."""
    pictures = ["sun>moon", "moon>star"]
    return [*NAMES, *school.other_students, school.teacher_email, "@", PASSWORD, *pictures, TYPED, "Teacher 1", "fox"]


def assert_clean(traces: Traces, school: School) -> None:
    told = traces.everything()
    for secret in secrets_of(school):
        assert not re.search(rf"(?<![A-Za-z]){re.escape(secret)}(?![A-Za-z])", told), secret


def use(served: Flask, school: School, session: Session) -> FlaskClient:
    """A class signs in, practises, raises hands and leaves; a teacher mistypes and then looks on."""
    client = served.test_client()
    for name in NAMES[:2]:
        client.post("/sign-in", data={"code": school.code})
        client.post(f"/sign-in/{school.code}", data={"person": school.students[name]})
        client.post(f"/sign-in/{school.code}/{school.students[name]}", data={"pick": ["sun", "moon", "tree"]})
        client.post(f"/sign-in/{school.code}/{school.students[name]}", data={"pick": list(PICTURES)})
        client.get("/practice")
        client.post("/practice/start", headers=HTMX)
        serving = serving_in(client.post("/practice/next", headers=HTMX).text)
        typed = {"number": TYPED, "top": TYPED, "bottom": "3", "option": "99", "client_id": "c1"}
        client.post(f"/servings/{serving}/answer", data=typed, headers=HTMX)
        right = {**fields_of(session, serving, right=True), "client_id": "c2"}
        client.post(f"/servings/{serving}/answer", data=right)
        client.post("/practice/hand", data={"up": "1"})
        client.post("/practice/heartbeat", data={"input": "1"})
        client.post("/sign-out")
    client.post("/sign-in/adult", data={"email": school.teacher_email, "password": TYPED})
    client.post("/sign-in/adult", data={"email": school.teacher_email, "password": PASSWORD})
    client.get("/classes")
    client.get(f"/classes/{school.class_id}/board")
    client.get(f"/classes/{school.class_id}/students/{school.students['Ana']}")
    return client


def test_a_lesson_leaves_no_name_behind(served: Flask, traces: Traces, north: School, session: Session) -> None:
    assign(served.extensions["waystation"], north)
    use(served, north, session)
    assert len(traces.addresses) > 40  # something was looked at
    assert_clean(traces, north)


def test_a_fault_while_answering_is_logged_without_the_answer(
    served: Flask, traces: Traces, north: School, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_arguments: object, **_options: object) -> None:
        raise LookupError(f"{NAMES[0]} typed {TYPED}")

    monkeypatch.setattr(answering, "judge", fail)
    assign(served.extensions["waystation"], north)
    use(served, north, session)
    faults = [json.loads(line) for line in traces.lines if "request_failed" in line]
    assert len(faults) == 4
    assert "LookupError" in faults[0]["exception"]
    assert "answering.py" in faults[0]["exception"]
    assert_clean(traces, north)


def test_a_broken_database_is_logged_without_what_was_asked(
    served: Flask, traces: Traces, north: School, session: Session
) -> None:
    parts: Services = served.extensions["waystation"]
    assign(parts, north)
    parts.writer.run(_sql, "ALTER TABLE sign_ins RENAME TO gone")
    parts.writer.run(_sql, "ALTER TABLE people RENAME TO gone_too")
    client = served.test_client()
    answer = client.post("/sign-in/adult", data={"email": north.teacher_email, "password": PASSWORD})
    assert answer.status_code == 500
    assert any("request_failed" in line for line in traces.lines)
    assert_clean(traces, north)


def _sql(session: Session, statement: str, *, now: object, rng: object) -> None:
    session.execute(text(statement))


@pytest.mark.parametrize("level", ["DEBUG", "WARNING"])
def test_the_libraries_log_their_name_and_no_message(level: str, capsys: pytest.CaptureFixture[str]) -> None:
    root = logging.getLogger()
    kept, root.handlers = root.handlers, []
    threshold = root.level
    try:
        logs.install(level)
        logging.getLogger("flask-limiter").info("adult:ana@north.example exceeded")
        logging.getLogger("sqlalchemy").warning("Ana")
    finally:
        root.handlers = kept
        root.setLevel(threshold)
        structlog.reset_defaults()
    told = capsys.readouterr().err
    assert "WARNING sqlalchemy" in told
    assert "Ana" not in told
    assert "ana@" not in told
