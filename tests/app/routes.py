"""Every address of the application, filled in, and the people who may ask for it."""

from collections.abc import Iterator
from dataclasses import dataclass

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.base.auth import Role
from app.base.services import Services
from app.rostering import service as rostering
from tests.factories import PASSWORD, School, sign_in_student, sign_in_teacher

EVERYONE = frozenset({None, *Role})
STUDENTS = frozenset({Role.STUDENT})
TEACHING = frozenset({Role.TEACHER, Role.ADMIN})

# Who may call what, written down a second time on purpose: a route that is opened by mistake differs from this.
PREFIXES: dict[str, frozenset[Role | None]] = {
    "rostering.": EVERYONE,
    "rostering.sign_out": frozenset(Role),
    "practice.": STUDENTS,
    "practice.late_answers": EVERYONE,  # the ticket says whose answers
    "practice.offline": EVERYONE,
    "practice.worker": EVERYONE,
    "stations.": TEACHING,
    "live.": TEACHING,
    "static": EVERYONE,
}


def allowed(endpoint: str) -> frozenset[Role | None]:
    """Who may call this endpoint; KeyError for one that nobody has thought about."""
    fitting = [prefix for prefix in PREFIXES if endpoint.startswith(prefix)]
    if not fitting:
        raise KeyError(f"{endpoint} is not in the table of who may call what")
    return PREFIXES[max(fitting, key=len)]


@dataclass(frozen=True)
class Address:
    """One method of one route, with made-up numbers in its address."""

    endpoint: str
    method: str
    path: str

    def ask(self, client: FlaskClient, **options: object) -> TestResponse:
        """Send the request, and take no more than the head of a stream."""
        answer = client.open(self.path, method=self.method, buffered=False, **options)
        if answer.mimetype == "text/event-stream":
            answer.close()
        return answer


def addresses(app: Flask, **values: object) -> Iterator[Address]:
    """Every route and method; `values` replace the made-up parts of addresses."""
    filled = {
        "class_id": 1,
        "student_id": 1,
        "serving_id": 1,
        "code": "NOSUCH",
        "filename": "none.css",
        "name": "none.mp3",
        **values,
    }
    with app.test_request_context():
        for rule in app.url_map.iter_rules():
            known = {name: filled[name] for name in rule.arguments}
            path = str(app.url_map.bind("localhost").build(rule.endpoint, known, append_unknown=False))
            for method in sorted((rule.methods or set()) & {"GET", "POST", "PUT", "PATCH", "DELETE"}):
                yield Address(rule.endpoint, method, path)


def add_author(parts: Services, school: School) -> str:
    """Give the school an author; returns the e-mail address."""
    email = "author@school.example"
    parts.writer.run(rostering.add_adult, school.teacher(), Role.AUTHOR, "Author", email, PASSWORD)
    return email


def signed_in(app: Flask, parts: Services, school: School, role: Role | None) -> FlaskClient:
    """A browser in which someone of this role is signed in; nobody for None."""
    client = app.test_client()
    if role is Role.STUDENT:
        sign_in_student(client, school)
    elif role is not None:
        emails = {Role.TEACHER: school.teacher_email, Role.ADMIN: school.admin_email}
        sign_in_teacher(client, emails.get(role) or add_author(parts, school))
    return client
