"""A classroom in a real Chromium: one server, a teacher's laptop, children's devices.

Every page of every test is watched: a request to another host, an error in a script or a breach of the content
security policy fails the test at its end.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit

import pytest
from flask import Flask
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Playwright,
    Request,
    expect,
    sync_playwright,
)
from sqlalchemy.orm import Session

from app.bank.catalogue import catalogues
from app.base import clock
from app.base.db import db
from app.base.services import KEY, Services
from app.demo import queries, service
from app.demo.lessons import candidates
from app.demo.pupil import PICTURES
from app.demo.service import CLASSES, TEACHER
from app.stations import queries as stations
from tests.demo_school import running, served
from tests.learner import fields_of, serving_in
from tests.shared_data import chromium

CODE = CLASSES[0][1]
SIZE = {"width": 1366, "height": 768}
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
# The lesson is a minute old: its slots last five minutes, so that no bell rings by itself during a test.
LESSON_AGE = timedelta(minutes=1)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/flows/" in item.path.as_posix():
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    launched = playwright.chromium.launch(executable_path=chromium(), args=QUIET)
    yield launched
    launched.close()


@dataclass
class Classroom:
    """Class 5B in its lesson, and the devices in it."""

    app: Flask
    address: str
    browser: Browser
    class_id: int
    district_id: int
    complaints: list[str] = field(default_factory=list)
    _open: list[BrowserContext] = field(default_factory=list)

    def device(self, **options: Any) -> Page:
        """A fresh device with nothing remembered."""
        context = self.browser.new_context(viewport=cast(Any, SIZE), base_url=self.address, **options)
        context.set_default_timeout(10_000)
        self._open.append(context)
        page = context.new_page()
        page.on("request", self._check_host)
        page.on("pageerror", lambda error: self.complaints.append(f"script: {error}"))
        page.on("console", self._check_console)
        return page

    def _check_host(self, request: Request) -> None:
        if urlsplit(request.url).netloc not in (urlsplit(self.address).netloc, ""):
            self.complaints.append(f"asked another host: {request.url}")

    def _check_console(self, said: ConsoleMessage) -> None:
        if "Content Security Policy" in said.text:
            self.complaints.append(said.text)

    def close(self) -> None:
        """Shut every device."""
        for context in self._open:
            context.close()

    def names_at(self, station: int) -> list[str]:
        """First names of the students who are at a station of the first slot."""
        with Session(db.engine) as session:
            lesson = stations.lesson(session, self.district_id, self.class_id)
            names = dict(queries.students(session, self.district_id, self.class_id))
        assert lesson is not None
        return sorted(names[one] for group in lesson.groups if group.position == station for one in group.students)

    def student(self, name: str, **options: Any) -> Page:
        """A device at which this student has signed in; shows their station."""
        page = self.device(**options)
        sign_in(page, name)
        return page

    def asked(self, name: str, **options: Any) -> Page:
        """The same, with the first question on the screen."""
        page = self.student(name, **options)
        to_question(page)
        return page

    def board(self) -> Page:
        """The teacher's laptop with the live board of 5B."""
        page = self.teacher()
        page.get_by_role("link", name="5B", exact=True).click()
        page.locator("#board").wait_for()
        return page

    def teacher(self, **options: Any) -> Page:
        """The teacher's laptop with the list of classes."""
        _name, email, password = TEACHER
        page = self.device(**options)
        page.goto("/sign-in/adult")
        page.get_by_label("E-mail address").fill(email)
        page.get_by_label("Password").fill(password)
        page.get_by_role("button", name="Sign in").click()
        page.get_by_role("heading", name="Your classes").wait_for()
        return page

    def fields(self, page: Page, *, right: bool) -> dict[str, str]:
        """Form fields of a right or a wrong answer to the question on a screen, from the database."""
        with Session(db.engine) as session:
            return fields_of(session, serving_in(page.content()), right=right)


def sign_in(page: Page, name: str) -> None:
    """Sign a student in, as far as their station."""
    page.goto("/sign-in")
    page.get_by_label("Class code").fill(CODE)
    page.get_by_role("button", name="Go").click()
    page.get_by_role("button", name=name, exact=True).click()
    for picture in PICTURES:
        page.get_by_role("button", name=picture, exact=True).click()
    page.locator("#step").wait_for()


def kind(page: Page) -> str:
    """What kind of card is on a student's screen."""
    return page.locator("#step").get_attribute("data-kind") or ""


def go_on(page: Page, press: Callable[[], None]) -> None:
    """Go on to the next card, and wait until it has arrived and settled."""
    with page.expect_response(re.compile("/practice/(start|next)$")):
        press()
    expect(page.locator(".htmx-request, .htmx-swapping, .htmx-settling")).to_have_count(0)


def to_question(page: Page) -> None:
    """Go on from start, example, verdict or solution to a question."""
    for _ in range(3):
        if kind(page) != "question":
            go_on(page, page.locator("#step .button-primary").first.click)
    assert kind(page) == "question"


def fill(page: Page, fields: dict[str, str]) -> None:
    """Fill in an answer with the pointer."""
    for box in page.locator("#step form[data-answer] input[name^=pick]").all():
        box.set_checked(box.get_attribute("name") in fields, force=True)
    for name, value in fields.items():
        if name.startswith("pick"):
            continue
        if name == "option":
            page.locator(f"input[name=option][value='{value}']").check(force=True)
            continue
        shown = page.locator(f"#step form[data-answer] [name={name}]")
        if shown.evaluate("one => one.tagName") == "INPUT":
            shown.fill(value)
        elif shown.is_visible():
            shown.select_option(value)
        else:
            # The buttons that move a thing keep its place in this list.
            shown.evaluate("(one, value) => { one.value = value; }", value)


@pytest.fixture
def classroom(tmp_path: Path, browser: Browser) -> Iterator[Classroom]:
    with running(tmp_path) as app, served(app) as address:
        room = _with_lesson(app, address, browser)
        yield room
        room.close()
        cast(Services, app.extensions[KEY]).hub.close()
    assert room.complaints == []


def _with_lesson(app: Flask, address: str, browser: Browser) -> Classroom:
    parts = cast(Services, app.extensions[KEY])
    with Session(db.engine) as session:
        group = queries.demo_classes(session, CODE)[0]
        school = service.known_school(session, group)
        lesson = candidates(catalogues.of_bank(session, school.district_id, school.bank_id))[0]
    at = clock.now() - LESSON_AGE
    parts.writer.run(service.start_lesson, school, group.id, lesson, parts.policy, None, at)
    return Classroom(app, address, browser, group.id, group.district_id)


@pytest.fixture
def watch() -> Callable[[Page], None]:
    """Mark a page, so that a reload would show."""
    return lambda page: page.evaluate("window.stillHere = true")
