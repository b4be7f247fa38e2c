"""Durability drill: the server is killed again and again under load; no acknowledged answer may be lost or doubled.

``python -m benchmarks.durability --kill [--quick]`` starts a school, lets students answer over HTTP, and kills the
server's processes with SIGKILL, twenty times (sixty without ``--quick``). A student's page that got no response sends
the same answer again, under the same identifier, until one arrives. Afterwards every acknowledged answer must be in the
database exactly once, the counters must add up, and a replay of all answers must give the stored abilities to the bit.

A kill does not cut the power: what was written but not synced survives it in the page cache. ``synchronous=FULL`` is
checked by a test of its own.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

from app.config import ROOT
from benchmarks import nursery
from benchmarks.client import Browser, Connection, RefusedError, Response
from benchmarks.ledger import Balance, Books, Ledger, balance
from benchmarks.school import School, found
from benchmarks.server import Server

STUDENTS = 12
ITEMS = 160
KILLS = 60
KILLS_QUICK = 20
ANSWERS_BETWEEN = 20
MOMENT_S = 0.3
AGAIN_S = 0.05
RIGHT = 0.75


@dataclass(slots=True)
class Drill:
    """A running drill; `port` is that of the server which lives now."""

    school: School
    books: Books
    rng: random.Random
    port: int = 0
    ledger: Ledger = field(default_factory=Ledger)
    resent: int = 0
    stopping: bool = False


@dataclass(slots=True)
class Line:
    """A student's connection to the server that lives now."""

    drill: Drill
    _port: int = 0
    _connection: Connection | None = None

    def now(self) -> Connection:
        """The connection, a new one when another server has taken over."""
        if self._connection is None or self._port != self.drill.port:
            self.close()
            self._port = self.drill.port
            self._connection = Connection(self._port)
        return self._connection

    def close(self) -> None:
        """Hang up."""
        if self._connection is not None:
            self._connection.close()


async def until_answered(drill: Drill, send: Callable[[], Awaitable[Response]]) -> Response:
    """Send the same thing until the server says something: what a student's page does through an outage."""
    while True:
        try:
            response = await send()
        except OSError:
            drill.resent += 1
            await asyncio.sleep(AGAIN_S)
            continue
        if response.status != 503:
            return response
        await asyncio.sleep(AGAIN_S)


async def practise(drill: Drill, browser: Browser) -> None:
    """Answer item after item until the drill stops; an answer that was sent is always seen through."""
    line = Line(drill)
    await through_outages(lambda: browser.sign_in(line.now()))
    await through_outages(lambda: browser.uncover(line.now(), "/practice/start"))
    while not drill.stopping:
        while browser.question is not None:
            await answer(drill, browser, line)
        await through_outages(lambda: browser.uncover(line.now()))
    line.close()


async def through_outages(step: Callable[[], Awaitable[None]]) -> None:
    """Take a step that does no harm when it is taken again, until the server was there for all of it."""
    while True:
        try:
            return await step()
        except OSError:
            await asyncio.sleep(AGAIN_S)


async def answer(drill: Drill, browser: Browser, line: Line) -> None:
    """Answer the question on the page, and enter the answer once it is acknowledged."""
    question = browser.question
    assert question is not None
    right = drill.rng.random() < RIGHT
    look_up = drill.books.keys_of if right else drill.books.misses_of
    fields = (
        look_up([question.serving]).get(question.serving) or drill.books.keys_of([question.serving])[question.serving]
    )
    request = browser.answer_request(fields)
    response = await until_answered(drill, lambda: line.now().send(request))
    if response.status != 200:
        raise RefusedError(f"An answer was refused with {response.status}.")
    drill.ledger.enter(browser.pupil.id, question.client_id)
    browser.look_at(response)


async def start(drill: Drill, log: Path) -> Server:
    """Start a server beside whatever runs."""
    return await asyncio.to_thread(nursery.start, "wsgi:app", drill.school.environment, log=log)


async def kill_again_and_again(drill: Drill, kills: int, log: Path) -> Server:
    """Kill the server under load, so many times; the next one starts meanwhile and takes over. Returns the last one."""
    server = await start(drill, log)
    drill.port = server.port
    students = [asyncio.create_task(practise(drill, Browser(pupil))) for pupil in drill.school.pupils]
    try:
        for _kill in range(kills):
            following = asyncio.create_task(start(drill, log))
            await under_load(drill)
            server.kill()
            server = await following
            drill.port = server.port
        await under_load(drill)
        drill.stopping = True
        await asyncio.gather(*students)
    except BaseException:
        server.kill()
        raise
    return server


async def under_load(drill: Drill) -> None:
    """Wait until the present server has acknowledged some answers, and some moment more."""
    before = len(drill.ledger.acknowledged)
    while len(drill.ledger.acknowledged) < before + ANSWERS_BETWEEN:
        await asyncio.sleep(0.01)
    await asyncio.sleep(drill.rng.uniform(0.0, MOMENT_S))


def replay_is_equal(school: School) -> bool:
    """Whether a replay of all answers gives the stored abilities."""
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "rebuild", "abilities", "--check"]
    done = subprocess.run(command, cwd=ROOT, env=dict(school.environment), capture_output=True, text=True, check=False)
    print(done.stdout.strip() or done.stderr.strip())
    return done.returncode == 0


def report(drill: Drill, kills: int, found_balance: Balance, seconds: float) -> None:
    """Print what happened."""
    print(f"{kills} kills in {seconds:.0f} s, {drill.resent} requests met a server that was gone and were sent again")
    print(f"acknowledged {found_balance.acknowledged}, stored {found_balance.stored}")
    print(f"lost {found_balance.lost}, doubled {found_balance.doubled}, uncounted {found_balance.uncounted}")


def drill_kills(kills: int, seed: int) -> int:
    """Carry out the drill; 0 when nothing was lost or doubled."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="waystation-drill-") as name:
        folder = Path(name)
        school = found(folder, STUDENTS, ITEMS)
        drill = Drill(school, Books(school.database), random.Random(seed))
        asyncio.run(kill_again_and_again(drill, kills, folder / "server.log")).stop()
        result = balance(drill.ledger, drill.books)
        drill.books.close()
        report(drill, kills, result, time.monotonic() - began)
        equal = replay_is_equal(school)
    figures = {
        "kills": kills,
        "acknowledged": result.acknowledged,
        "lost": result.lost,
        "doubled": result.doubled,
        "uncounted": result.uncounted,
        "replay_equal": equal,
    }
    print(json.dumps({"benchmark": "durability", "figures": figures, "peers": {}}))
    return 0 if result.even and equal and result.acknowledged else 1


def main() -> int:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.durability", description=__doc__)
    parser.add_argument("--kill", action="store_true", required=True, help="kill the server's processes under load")
    parser.add_argument("--quick", action="store_true", help=f"{KILLS_QUICK} kills instead of {KILLS}")
    parser.add_argument("--seed", type=int, default=1, help="of the moments at which the server dies")
    given = parser.parse_args()
    return drill_kills(KILLS_QUICK if given.quick else KILLS, given.seed)


if __name__ == "__main__":
    sys.exit(main())
