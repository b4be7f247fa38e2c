"""What every response carries, whatever it is: a page, a fragment, a file, a fault."""

import gzip
import re
from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.base.errors import BusyError
from app.base.services import Services
from app.factory import create_app
from app.practice.service import sitting
from tests.app.practice.desk import Desk
from tests.conftest import Seeded, settings, stop
from tests.factories import School, assign, sign_in_student, sign_in_teacher

HTMX = {"HX-Request": "true"}
Ask = Callable[[FlaskClient, pytest.MonkeyPatch], TestResponse]


def _fail(*_arguments: object, **_options: object) -> None:
    raise LookupError("Ana's secret")


def _busy(*_arguments: object, **_options: object) -> None:
    raise BusyError("Very busy.")


def _fault(client: FlaskClient, patch: pytest.MonkeyPatch) -> TestResponse:
    patch.setattr(sitting, "current_step", _fail)
    return client.get("/practice")


def _crowded(client: FlaskClient, patch: pytest.MonkeyPatch) -> TestResponse:
    patch.setattr(sitting, "current_step", _busy)
    return client.get("/practice")


def _throttled(client: FlaskClient, patch: pytest.MonkeyPatch) -> TestResponse:
    for _ in range(31):
        answer = client.post("/sign-in", data={"code": "NOSUCH"})
    return answer


def _stream(client: FlaskClient, patch: pytest.MonkeyPatch) -> TestResponse:
    address = re.findall(r"/classes/\d+/board", client.get("/classes").text)[0]
    return client.get(address.replace("board", "stream"), buffered=False)


STUDENT: dict[str, tuple[int, Ask]] = {
    "page": (200, lambda client, _: client.get("/practice")),
    "page without sign-in": (200, lambda client, _: client.get("/sign-in")),
    "fragment": (200, lambda client, _: client.post("/practice/start", headers=HTMX)),
    "heartbeat": (200, lambda client, _: client.post("/practice/heartbeat")),
    "redirect": (302, lambda client, _: client.get("/")),
    "head": (200, lambda client, _: client.head("/practice")),
    "missing": (404, lambda client, _: client.get("/none")),
    "not theirs": (404, lambda client, _: client.get("/classes")),
    "method": (405, lambda client, _: client.delete("/practice")),
    "too big": (413, lambda client, _: client.post("/practice/start", data={"x": "y" * 600_000})),
    "wrong code": (422, lambda client, _: client.post("/sign-in", data={"code": "NOSUCH"})),
    "bad": (400, lambda client, _: client.get("/practice?x=%00")),
    "throttled": (429, _throttled),
    "fault": (500, _fault),
    "busy": (503, _crowded),
    "style sheet": (200, lambda client, _: client.get("/static/css/base.css", buffered=True)),
    "script": (200, lambda client, _: client.get("/static/js/app.js", buffered=True)),
    "picture": (200, lambda client, _: client.get("/static/svg/favicon.svg", buffered=True)),
    "missing file": (404, lambda client, _: client.get("/static/css/none.css")),
}
TEACHER: dict[str, tuple[int, Ask]] = {
    "board": (200, lambda client, _: client.get("/classes")),
    "stream": (200, _stream),
}


@pytest.fixture
def served(seed: Seeded) -> Iterator[Flask]:
    """The application as it runs outside tests: faults become pages."""
    app = create_app(settings(seed.url).model_copy(update={"environment": "development"}))
    app.config["WTF_CSRF_ENABLED"] = False
    yield app
    stop(app)


@pytest.fixture
def student(served: Flask, north: School) -> FlaskClient:
    parts: Services = served.extensions["waystation"]
    assign(parts, north)
    client = served.test_client()
    sign_in_student(client, north)
    return client


def directives(answer: TestResponse) -> dict[str, list[str]]:
    policy = answer.headers["Content-Security-Policy"]
    return {name: sources for name, *sources in (part.split() for part in policy.split(";"))}


def is_safe(answer: TestResponse) -> None:
    """Fail unless a response carries all that every response must."""
    policy = directives(answer)
    assert policy["default-src"] == ["'none'"]
    for name, sources in policy.items():
        assert set(sources) <= {"'self'", "'none'", "data:"}, (name, sources)
        assert "data:" not in sources or name == "img-src"
    assert policy["frame-ancestors"] == policy["base-uri"] == ["'none'"]
    assert policy["form-action"] == policy["script-src"] == policy["style-src"] == ["'self'"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "camera=()" in answer.headers["Permissions-Policy"]


@pytest.mark.parametrize("kind", STUDENT)
def test_every_kind_of_response_is_safe(student: FlaskClient, monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    status, ask = STUDENT[kind]
    answer = ask(student, monkeypatch)
    assert answer.status_code == status
    is_safe(answer)
    cached = answer.headers.get("Cache-Control", "")
    is_file = kind in ("style sheet", "script", "picture")
    assert ("no-store" in cached) != is_file


@pytest.mark.parametrize("kind", TEACHER)
def test_what_a_teacher_gets_is_safe_too(
    served: Flask, north: School, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    client = served.test_client()
    sign_in_teacher(client, north.teacher_email)
    status, ask = TEACHER[kind]
    answer = ask(client, monkeypatch)
    assert answer.status_code == status
    is_safe(answer)
    assert "no-store" in answer.headers["Cache-Control"]
    answer.close()


def test_a_fault_tells_the_person_what_to_do_and_nothing_else(
    student: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = _fault(student, monkeypatch)
    assert "Something broke here." in answer.text
    assert "It is not your fault." in answer.text
    assert "LookupError" not in answer.text
    assert "secret" not in answer.text


def test_a_refusal_says_what_would_have_been_allowed(student: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    assert set(student.delete("/practice").headers["Allow"].split(", ")) >= {"GET"}
    assert int(_crowded(student, monkeypatch).headers["Retry-After"]) >= 1


def test_files_are_kept_by_browsers_and_change_their_address_with_their_content(student: FlaskClient) -> None:
    page = student.get("/practice").text
    addresses = re.findall(r'(?:href|src)="(/static/[^"]+\.(?:css|js)[^"]*)"', page)
    assert len(addresses) >= 4
    for address in addresses:
        answer = student.get(address, buffered=True)
        assert answer.status_code == 200, address
        assert "immutable" in answer.headers["Cache-Control"]
        assert "?" in address


def test_pages_carry_no_script_or_style_of_their_own(student: FlaskClient) -> None:
    pages = [student.get("/practice"), student.post("/practice/start", headers=HTMX), student.get("/sign-in")]
    for page in pages:
        assert not re.search(r"<style|\sstyle=|\son\w+=\"|<script(?![^>]*\bsrc=)", page.text)


def test_files_set_no_cookie(student: FlaskClient) -> None:
    assert "Set-Cookie" not in student.get("/static/css/base.css", buffered=True).headers


def test_a_page_is_compressed_for_browsers_that_take_it_and_says_the_same(desk: Desk) -> None:
    desk.begin("A.1")
    plain = desk.client.get("/practice/offline")
    packed = desk.client.get("/practice/offline", headers={"Accept-Encoding": "gzip, br"})
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in packed.headers["Vary"]
    assert int(packed.headers["Content-Length"]) == len(packed.data) < len(plain.data) / 2
    assert re.sub(r'content="[^"]+"', "", gzip.decompress(packed.data).decode()) == re.sub(
        r'content="[^"]+"', "", plain.text
    )


def test_a_verdict_is_too_small_to_compress(desk: Desk) -> None:
    desk.begin("A.1")
    fields = {**desk.right(), "client_id": "one"}
    headers = {"HX-Request": "true", "Accept-Encoding": "gzip"}
    answer = desk.client.post(f"/servings/{desk.serving_id}/answer", data=fields, headers=headers)
    assert "Content-Encoding" not in answer.headers
