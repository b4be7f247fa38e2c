"""Smoke check: an answer that a student sends through the forms reaches the live board within two seconds.

Starts the demo on a free port, signs a student of class 5B in, answers ten items through the forms, and watches the
teacher's stream for the board that counts each of them. The last line is ``{"answers": 10, "delays_s": [...]}``; the
exit status is 1 when any delay exceeds two seconds.
"""

from __future__ import annotations

import json
import os
import queue
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPResponse
from http.cookies import SimpleCookie
from pathlib import Path
from urllib.parse import urlencode

from app.config import ROOT
from benchmarks.ledger import Books
from benchmarks.server import HOST, free_port

ANSWERS = 10
MOST_S = 2.0
START_WITHIN_S = 170.0
CODE = "MAPLE7"
CLASS = "5B"
TEACHER = {"email": "teacher@waystation.example", "password": "maple-river-7"}
PICTURES = ("sun", "moon", "star")
HTMX = {"HX-Request": "true"}

_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
_SERVING = re.compile(r"/servings/(\d+)/answer")
_PERSON = re.compile(r'name="person"\s+value="(\d+)"')
_CLASS = re.compile(r'href="/classes/(\d+)/board">' + CLASS)
_ROTATE = re.compile(r'data-kind="(\w+)"')


class SmokeError(RuntimeError):
    """The demo did not do what a person would expect; says what."""


@dataclass(slots=True)
class Person:
    """Somebody with a browser: cookies, form token, the page last seen."""

    port: int
    page: str = ""
    cookies: dict[str, str] = field(default_factory=dict)

    def get(self, path: str) -> str:
        """Open a page, following where it leads."""
        return self._go("GET", path, None, {})

    def post(self, path: str, fields: list[tuple[str, str]] | None = None, *, htmx: bool = False) -> str:
        """Send a form with the token of the page last seen."""
        token = _TOKEN.search(self.page)
        form = [("csrf_token", token.group(1) if token else ""), *(fields or [])]
        return self._go("POST", path, urlencode(form), HTMX if htmx else {})

    def open(self, path: str) -> HTTPResponse:
        """Open something that does not end, such as the stream."""
        connection = HTTPConnection(HOST, self.port, timeout=30)
        connection.request("GET", path, headers=self._headers())
        return connection.getresponse()

    def _headers(self) -> dict[str, str]:
        return {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()), "Accept": "text/html"}

    def _go(self, method: str, path: str, body: str | None, extra: dict[str, str]) -> str:
        connection = HTTPConnection(HOST, self.port, timeout=30)
        form = {"Content-Type": "application/x-www-form-urlencoded"} if body is not None else {}
        connection.request(method, path, body, {**self._headers(), **form, **extra})
        response = connection.getresponse()
        text = response.read().decode()
        for cookie in response.headers.get_all("Set-Cookie") or []:
            self.cookies.update((name, morsel.value) for name, morsel in SimpleCookie(cookie).items())
        connection.close()
        if response.status in (302, 303):
            return self._go("GET", response.headers["Location"], None, {})
        if response.status != 200:
            raise SmokeError(f"{method} {path} gave {response.status}.")
        # A fragment carries no token where its page has no form; the last one stays good.
        self.page = text if _TOKEN.search(text) else self.page
        return text


@contextmanager
def demo(port: int, folder: Path) -> Iterator[Path]:
    """Run the demo without its simulated students; gives its database."""
    database = folder / "smoke.sqlite"
    environment = {**os.environ, "WAYSTATION_DATABASE_URL": f"sqlite:///{database}"}
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "demo", "run", "--port", str(port), "--no-students"]
    with (folder / "demo.log").open("wb") as log:
        running = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
    try:
        _wait_for(port, running)
        yield database
    finally:
        running.terminate()
        running.wait(20)


def _wait_for(port: int, running: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_WITHIN_S
    while time.monotonic() < deadline:
        if running.poll() is not None:
            raise SmokeError("The demo ended while starting.")
        try:
            Person(port).get("/")
        except OSError:
            time.sleep(0.2)
        else:
            return
    raise SmokeError(f"The demo did not answer within {START_WITHIN_S:.0f} s.")


def sign_in_teacher(port: int) -> tuple[Person, str]:
    """Sign the teacher in; gives the address of the class."""
    teacher = Person(port)
    teacher.get("/sign-in/adult")
    found = _CLASS.search(teacher.post("/sign-in/adult", list(TEACHER.items())))
    if found is None:
        raise SmokeError(f"The teacher's list does not show class {CLASS}.")
    return teacher, f"/classes/{found.group(1)}"


def sign_in_practising_student(port: int) -> tuple[Person, str, str]:
    """Sign students in, one after the other, until one is at a practice station; gives their id and first question."""
    faces = Person(port)
    faces.get("/sign-in")
    for person in _PERSON.findall(faces.post("/sign-in", [("code", CODE)])):
        student = Person(port)
        student.get(f"/sign-in/{CODE}/{person}")
        student.post(f"/sign-in/{CODE}/{person}", [("pick", one) for one in PICTURES])
        page = _question(student, student.post("/practice/start", htmx=True))
        if page:
            return student, person, page
    raise SmokeError(f"Nobody of class {CLASS} is at a practice station.")


def _question(student: Person, page: str) -> str:
    """Go on to the next question; empty when there is none."""
    for _cover in range(4):
        if _SERVING.search(page):
            return page
        kind = _ROTATE.search(page)
        if kind is None or kind.group(1) not in ("example", "right", "solution", "start"):
            return ""
        page = student.post("/practice/next", htmx=True)
    return ""


def watch(teacher: Person, address: str, student: str, seen: queue.Queue[tuple[float, int]]) -> None:
    """Read the stream; put when a board arrived and how many answers it counts for the student."""
    tile = re.compile(rf'id="tile-{student}".*?tile-count">(?:<b>\d+</b> of (\d+))?', re.DOTALL)
    response = teacher.open(f"{address}/stream")
    frame: list[str] = []
    for raw in response:
        line = raw.decode().rstrip("\n")
        if line:
            frame.append(line)
            continue
        found = tile.search("\n".join(frame)) if "event: board" in frame else None
        if found is not None:
            seen.put((time.monotonic(), int(found.group(1) or 0)))
        frame = []


def answer_and_watch(student: Person, page: str, books: Books, seen: queue.Queue[tuple[float, int]]) -> list[float]:
    """Answer item after item; gives the delay from each answer's response to the first board that counts it."""
    delays = []
    for number in range(1, ANSWERS + 1):
        found = _SERVING.search(page)
        if found is None:
            raise SmokeError(f"There is no question number {number}.")
        serving = int(found.group(1))
        fields = books.keys_of([serving])[serving]
        page = student.post(
            f"/servings/{serving}/answer", [("client_id", f"smoke-{number}"), *fields.items()], htmx=True
        )
        answered = time.monotonic()
        delays.append(round(max(0.0, _counted(seen, number) - answered), 3))
        page = _question(student, page)
    return delays


def _counted(seen: queue.Queue[tuple[float, int]], number: int) -> float:
    """When a board first counted this many answers."""
    while True:
        try:
            at, count = seen.get(timeout=10)
        except queue.Empty:
            raise SmokeError(f"No board counted answer {number} within 10 s.") from None
        if count >= number:
            return at


def main() -> int:
    """Carry out the check."""
    with tempfile.TemporaryDirectory(prefix="waystation-smoke-") as name:
        port = free_port()
        with demo(port, Path(name)) as database:
            teacher, address = sign_in_teacher(port)
            student, person, page = sign_in_practising_student(port)
            seen: queue.Queue[tuple[float, int]] = queue.Queue()
            threading.Thread(target=watch, args=(teacher, address, person, seen), daemon=True).start()
            _counted(seen, 0)
            books = Books(database)
            delays = answer_and_watch(student, page, books, seen)
            books.close()
    print(f"{len(delays)} answers, each on the board of class {CLASS} after at most {max(delays):.2f} s")
    print(json.dumps({"answers": len(delays), "delays_s": delays}))
    return 0 if max(delays) <= MOST_S else 1


if __name__ == "__main__":
    sys.exit(main())
