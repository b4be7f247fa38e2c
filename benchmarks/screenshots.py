"""Take the pictures in ``docs/pictures`` from the running demo, in the system's Chromium.

``python -m benchmarks.screenshots`` seeds a demo of its own, starts it with its simulated students, and photographs
what a student and a teacher see, at the size of a school Chromebook.
"""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from app.bank.catalogue import catalogues, realised
from app.base.db import driver_url, engine_options
from app.config import ROOT
from app.demo import queries
from app.demo.pupil import PICTURES
from app.demo.service import CLASSES, TEACHER
from app.demo.students import offered
from app.stations import queries as stations
from content import answers as marking
from tests.shared_data import chromium

FOLDER = ROOT / "docs" / "pictures"
SIZE = ViewportSize(width=1366, height=768)
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--hide-scrollbars"]
CODE = CLASSES[0][1]
STARTED_WITHIN_S = 120
LESSON_UNDER_WAY_S = 45
"""The lesson should have something to show; its first bell comes 100 seconds after the start."""
MOST_QUESTIONS = 4
"""Tries for a fraction to type; after that any question will do. More answers in a row would count as very fast."""


def main() -> int:
    """Take every picture; 0 when all were taken."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        database = f"sqlite:///{Path(folder) / 'pictures.sqlite'}"
        browser = playwright.chromium.launch(executable_path=chromium(), args=QUIET)
        with demo(database) as address:
            ready_at = time.monotonic() + LESSON_UNDER_WAY_S
            _doors(browser, address)
            _student(browser, address, database)
            time.sleep(max(0.0, ready_at - time.monotonic()))
            _teacher(browser, address)
        browser.close()
    for picture in sorted(FOLDER.glob("*.png")):
        print(f"{picture.relative_to(ROOT)}  {picture.stat().st_size // 1024} KB")
    return 0


@contextmanager
def demo(database: str) -> Iterator[str]:
    """Run the demo on a free port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "demo", "run", "--port", str(port)]
    env = {**os.environ, "WAYSTATION_DATABASE_URL": database}
    running = subprocess.Popen(command, cwd=ROOT, env=env, start_new_session=True)
    try:
        _wait_for(port, running)
        yield f"http://127.0.0.1:{port}"
    finally:
        running.send_signal(signal.SIGINT)
        running.wait(30)


def _wait_for(port: int, running: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + STARTED_WITHIN_S
    while time.monotonic() < end and running.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.3)
    raise RuntimeError("The demo did not start; its messages above say why.")


def _page(browser: Browser) -> Page:
    return browser.new_context(viewport=SIZE, reduced_motion="reduce").new_page()


def _shoot(page: Page, name: str) -> None:
    page.mouse.move(1, 1)
    page.wait_for_load_state("networkidle") if name in ("doors", "sign-in") else page.wait_for_timeout(600)
    page.screenshot(path=FOLDER / f"{name}.png")


def _doors(browser: Browser, address: str) -> None:
    page = _page(browser)
    page.goto(address)
    _shoot(page, "doors")
    page.context.close()


# -- The student ------------------------------------------------------------------------------------------------


def _student(browser: Browser, address: str, database: str) -> None:
    """Sign in as somebody at a practice station, and answer until a misconception has shown."""
    name = _somebody_practising(database)
    page = _page(browser)
    page.goto(f"{address}/sign-in")
    page.get_by_label("Class code").fill(CODE)
    page.get_by_role("button", name="Go").click()
    page.get_by_role("heading", name="Who are you?").wait_for()
    _shoot(page, "sign-in")
    page.get_by_role("button", name=name, exact=True).click()
    page.get_by_role("heading", name=f"Hello {name}!").wait_for()
    for one in PICTURES[:-1]:
        page.get_by_role("button", name=one).click()
    _shoot(page, "sign-in-pictures")
    page.get_by_role("button", name=PICTURES[-1]).click()
    page.locator("#step").wait_for()
    for left in reversed(range(MOST_QUESTIONS)):
        _go_on_to_question(page)
        mistake = _telling_mistake(page, database)
        if mistake is not None and (left == 0 or "top" in mistake):
            break
        _answer(page, _key(page, database))
    if mistake is None:
        raise RuntimeError("No question with a misconception came up; take the pictures again.")
    _shoot(page, "station")
    _answer(page, mistake)
    page.locator('#step[data-kind="not_yet"]').wait_for()
    _shoot(page, "feedback")
    page.context.close()


def _somebody_practising(database: str) -> str:
    with _reading(database) as session:
        group = queries.demo_classes(session, CODE)[0]
        lesson = stations.lesson(session, group.district_id, group.id)
        names = dict(queries.students(session, group.district_id, group.id))
    if lesson is None:
        raise RuntimeError("No lesson runs.")
    first = next(one for one in lesson.groups if one.position == 0)
    return names[sorted(first.students)[-1]]


def _go_on_to_question(page: Page) -> None:
    for label in ("Start", "Next", "Now you try"):
        button = page.get_by_role("button", name=label, exact=True)
        if button.count():
            button.click()
            page.wait_for_timeout(400)
    page.locator('#step[data-kind="question"]').wait_for()


@contextmanager
def _reading(database: str) -> Iterator[Session]:
    url = driver_url(database)
    engine = create_engine(url, **engine_options(url))
    with Session(engine) as session:
        yield session
    engine.dispose()


def _key(page: Page, database: str) -> dict[str, str]:
    return _fields(page, database, right=True) or {}


def _telling_mistake(page: Page, database: str) -> dict[str, str] | None:
    """A wrong answer that shows a misconception; None where the item has none."""
    return _fields(page, database, right=False)


def _fields(page: Page, database: str, *, right: bool) -> dict[str, str] | None:
    found = re.search(r"/servings/(\d+)/answer", page.content())
    if found is None:
        raise RuntimeError("There is no question on the page.")
    with _reading(database) as session:
        group = queries.demo_classes(session, CODE)[0]
        asked = next(
            asked
            for student, _name in queries.students(session, group.district_id, group.id)
            if (asked := queries.asked(session, student, int(found.group(1)))) is not None
        )
        catalogue = catalogues.of_set(session, asked.district_id, asked.set_id)
    item = realised(catalogue.version(asked.version_id), asked.seed)
    if right:
        return marking.key(item, seed=asked.seed)
    known = [tag for tag in offered(item) if tag in catalogue.misconceptions]
    return marking.wrong(item, seed=asked.seed, misconception=known[0]) if known else None


def _answer(page: Page, fields: dict[str, str]) -> None:
    for name, value in fields.items():
        if name == "option":
            page.locator(f'input[name="{name}"][value="{value}"]').check(force=True)
        elif value:
            page.locator(f'input[name="{name}"]').fill(value)
    page.get_by_role("button", name="Check").click()
    page.locator("#feedback").wait_for()


# -- The teacher ------------------------------------------------------------------------------------------------


def _teacher(browser: Browser, address: str) -> None:
    _name, email, password = TEACHER
    page = _page(browser)
    page.goto(f"{address}/sign-in/adult")
    page.get_by_label("E-mail address").fill(email)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("link", name=CLASSES[0][0]).click()
    page.locator(".decision").wait_for()
    page.wait_for_timeout(3000)
    _shoot(page, "board")
    plan = page.get_by_role("link", name="Open plan").get_attribute("href")
    projector = page.get_by_role("link", name="Projector").get_attribute("href")
    page.goto(f"{address}{projector}")
    _shoot(page, "projector")
    page.goto(f"{address}{plan}")
    _shoot(page, "card")
    page.context.close()


if __name__ == "__main__":
    raise SystemExit(main())
