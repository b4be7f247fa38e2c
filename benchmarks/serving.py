"""How many answers a second one server takes, beside bare Flask on the same server in the same run.

One answer is everything that the product does with it: sign-in and form token checked, marked, stored with
synchronous=FULL, ability updated, the next of 500 items chosen, the fragment rendered. Every student is signed in
through the forms and answers a question that its own page shows, rightly.

Pressing Next is a request of its own, so a round goes: everyone presses Next (not timed); bare Flask is measured;
everyone answers, as many at a time as there are connections (timed). By then a server has forgotten the sign-ins it
looked up, as it has in a lesson, where a child thinks for some seconds. A second figure lets answers and
Next alternate. Afterwards the client's ledger is compared with the database.

Run ``python -m benchmarks.serving [--quick] [--drill]``.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import os
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from statistics import median

from benchmarks import calibrate, school
from benchmarks.calibrate import Disk, drifted
from benchmarks.client import GET_HELLO, Browser, Connection, RefusedError, Response
from benchmarks.ledger import Balance, Books, Ledger, balance
from benchmarks.server import Server, serving

MANY, FEW = 64, 8
RIGHT = b'data-kind="right"'
# A server remembers a sign-in for two seconds; each answer is to look it up.
FORGOTTEN_AFTER_S = 2.1
TARGETS = {"ratio_hello_c64": 0.25, "p95_over_hello_c64": 4.0, "cpu_over_hello": 4.0, "errors": 0.0}


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is measured.

    Parameters
    ----------
    many, few : int
        Students who answer in a round over 64 and over 8 connections.
    hello_s : float
        Seconds of bare Flask at each number of connections in a round.
    alternating_s : float
        Seconds in which answers and Next alternate.
    """

    rounds: int
    many: int
    few: int
    hello_s: float
    alternating_s: float


QUICK = Plan(rounds=5, many=160, few=32, hello_s=0.9, alternating_s=2.0)
USUAL = Plan(rounds=11, many=960, few=320, hello_s=2.0, alternating_s=15.0)
LONG = Plan(rounds=25, many=1920, few=640, hello_s=4.0, alternating_s=60.0)


@dataclass(frozen=True, slots=True)
class Phase:
    """Requests that were sent as fast as a number of connections can: wall and processor seconds, each one's time."""

    seconds: float
    cpu_s: float
    times: Sequence[float]

    @property
    def rate(self) -> float:
        """Requests a second."""
        return len(self.times) / self.seconds

    @property
    def p95_ms(self) -> float:
        """Milliseconds within which nineteen of twenty were answered."""
        return sorted(self.times)[int(0.95 * len(self.times))] * 1000.0

    @property
    def cpu_ms(self) -> float:
        """Processor milliseconds of a request."""
        return self.cpu_s / len(self.times) * 1000.0


@dataclass(frozen=True, slots=True)
class Round:
    """One round: the disk, bare Flask and our answers, over many and over few connections."""

    disk: Disk
    hello: Phase
    answers: Phase
    hello_few: Phase
    answers_few: Phase


@dataclass(slots=True)
class Run:
    """A run on its way."""

    ours: Server
    peer: Server
    browsers: list[Browser]
    books: Books
    ledger: Ledger = field(default_factory=Ledger)
    errors: int = 0


async def in_turn(connections: Sequence[Connection], work: Iterator[Callable[[Connection], Awaitable[None]]]) -> None:
    """Let each connection take the next piece of work as soon as it has done one."""

    async def one(connection: Connection) -> None:
        for piece in work:
            await piece(connection)

    await asyncio.gather(*map(one, connections))


async def timed(connections: Sequence[Connection], requests: Iterator[bytes]) -> list[Response]:
    """Send requests in a closed loop; returns the responses in the order in which they came."""
    responses: list[Response] = []

    async def one(connection: Connection) -> None:
        for request in requests:
            # One that fails must leave those before it in the list, so the list grows one by one.
            response = await connection.send(request)
            responses.append(response)

    await asyncio.gather(*map(one, connections))
    return responses


async def measured(
    server: Server, connections: Sequence[Connection], requests: Iterator[bytes]
) -> tuple[Phase, list[Response]]:
    """Send requests in a closed loop and say how long it took."""
    began, cpu = time.perf_counter(), server.cpu_s()
    responses = await timed(connections, requests)
    phase = Phase(time.perf_counter() - began, server.cpu_s() - cpu, [response.seconds for response in responses])
    return phase, responses


def for_seconds(seconds: float, request: bytes) -> Iterator[bytes]:
    """Repeat one request until the time is up."""
    until = time.perf_counter() + seconds
    while time.perf_counter() < until:
        yield request


def connections_to(server: Server, count: int) -> list[Connection]:
    """Connections that open with their first request."""
    return [Connection(server.port) for _ in range(count)]


async def sign_in_all(run: Run) -> None:
    """Sign every student in and press Start."""
    connections = connections_to(run.ours, MANY)

    async def begin(browser: Browser, connection: Connection) -> None:
        await browser.sign_in(connection)
        await browser.uncover(connection, "/practice/start")

    await in_turn(connections, (partial(begin, browser) for browser in run.browsers))
    hang_up(connections)


def hang_up(connections: Sequence[Connection]) -> None:
    """Close connections."""
    for connection in connections:
        connection.close()


async def press_next(run: Run) -> None:
    """Put a question before everyone who has answered."""
    connections = connections_to(run.ours, MANY)
    waiting = [browser for browser in run.browsers if browser.question is None]
    await in_turn(connections, (browser.uncover for browser in waiting))
    hang_up(connections)


async def everyone_answers(run: Run, browsers: Sequence[Browser], count: int) -> Phase:
    """Answer the question on every page; none is open afterwards."""
    questions = [browser.question for browser in browsers if browser.question is not None]
    assert len(questions) == len(browsers)
    keys = run.books.keys_of(question.serving for question in questions)
    requests = [
        browser.answer_request(keys[question.serving]) for browser, question in zip(browsers, questions, strict=True)
    ]
    # Which response belongs to whom is not recorded while the clock runs; all of them have to be right.
    connections = connections_to(run.ours, count)
    await asyncio.gather(*(connection.open() for connection in connections))
    phase, responses = await measured(run.ours, connections, iter(requests))
    hang_up(connections)
    bad = sum(response.status != 200 or RIGHT not in response.body for response in responses)
    run.errors += bad
    if bad:
        raise RefusedError(f"{bad} of {len(responses)} answers were not acknowledged as right.")
    for browser, question in zip(browsers, questions, strict=True):
        run.ledger.enter(browser.pupil.id, question.client_id)
        browser.question = None
    return phase


async def hello(run: Run, count: int, seconds: float) -> Phase:
    """Ask bare Flask as often as it answers."""
    connections = connections_to(run.peer, count)
    await asyncio.gather(*(connection.open() for connection in connections))
    phase, responses = await measured(run.peer, connections, for_seconds(seconds, GET_HELLO))
    hang_up(connections)
    if any(response.status != 200 for response in responses):
        raise RefusedError("Bare Flask answered something else than 200.")
    return phase


async def one_round(run: Run, plan: Plan, folder: Path) -> Round:
    """Measure bare Flask and our answers, in turn."""
    await press_next(run)
    pressed = time.monotonic()
    disk = calibrate.disk(folder)
    hello_many = await hello(run, MANY, plan.hello_s)
    hello_few = await hello(run, FEW, plan.hello_s)
    await asyncio.sleep(max(0.0, FORGOTTEN_AFTER_S - (time.monotonic() - pressed)))
    many = await everyone_answers(run, run.browsers[: plan.many], MANY)
    few = await everyone_answers(run, run.browsers[plan.many :], FEW)
    return Round(disk, hello_many, many, hello_few, few)


@dataclass(frozen=True, slots=True)
class Alternating:
    """Answers a second when every answer is followed by Next, and requests a second over bare Flask's."""

    answers_per_s: float
    requests_per_s: float


async def alternate(run: Run, seconds: float) -> Alternating:
    """Let 64 students answer and press Next in turn."""
    until = time.perf_counter() + seconds
    answers = requests = 0

    async def practise(browser: Browser) -> None:
        nonlocal answers, requests
        connection = Connection(run.ours.port)
        while time.perf_counter() < until:
            await browser.uncover(connection)
            assert browser.question is not None
            question = browser.question
            keys = run.books.keys_of([question.serving])
            response = await browser.answer(connection, keys[question.serving])
            if response.status != 200 or RIGHT not in response.body:
                raise RefusedError("An answer was not acknowledged as right.")
            run.ledger.enter(browser.pupil.id, question.client_id)
            answers += 1
        requests += browser.pressed
        connection.close()

    began = time.perf_counter()
    for browser in run.browsers[:MANY]:
        browser.pressed = 0
    await asyncio.gather(*map(practise, run.browsers[:MANY]))
    took = time.perf_counter() - began
    return Alternating(answers / took, (answers + requests) / took)


@dataclass(frozen=True, slots=True)
class Measured:
    """Everything that a run found."""

    rounds: Sequence[Round]
    alternating: Alternating
    balance: Balance
    errors: int
    load: float


async def measure(run: Run, plan: Plan, folder: Path) -> Measured:
    """Sign everyone in, go through the rounds, compare the ledger."""
    await sign_in_all(run)
    # What is alive now stays: the collector of the client must not look at it again and again.
    gc.collect()
    gc.freeze()
    rounds = [await one_round(run, plan, folder) for _ in range(plan.rounds)]
    alternating = await alternate(run, plan.alternating_s)
    return Measured(rounds, alternating, balance(run.ledger, run.books), run.errors, os.getloadavg()[0])


def figures(found: Measured) -> dict[str, float | int | bool]:
    """The figures of targets.md and those around them: medians over the rounds."""
    rounds = found.rounds

    def middle(value: Callable[[Round], float]) -> float:
        return round(median(map(value, rounds)), 3)

    return {
        "ratio_hello_c64": middle(lambda r: r.answers.rate / r.hello.rate),
        "p95_over_hello_c64": middle(lambda r: r.answers.p95_ms / r.hello.p95_ms),
        "cpu_over_hello": middle(lambda r: r.answers.cpu_ms / r.hello.cpu_ms),
        "errors": found.errors,
        "ratio_hello_c8": middle(lambda r: r.answers_few.rate / r.hello_few.rate),
        "p95_over_hello_c8": middle(lambda r: r.answers_few.p95_ms / r.hello_few.p95_ms),
        "answers_per_s_c64": middle(lambda r: r.answers.rate),
        "answers_per_s_c8": middle(lambda r: r.answers_few.rate),
        "p95_ms_c64": middle(lambda r: r.answers.p95_ms),
        "p95_ms_c8": middle(lambda r: r.answers_few.p95_ms),
        "cpu_ms_per_answer": middle(lambda r: r.answers.cpu_ms),
        "answers_per_s_alternating_c64": round(found.alternating.answers_per_s, 1),
        "requests_per_s_alternating_c64": round(found.alternating.requests_per_s, 1),
        **asdict(found.balance),
        "fdatasync_ms": middle(lambda r: r.disk.fdatasync_ms),
        "commit_ms": middle(lambda r: r.disk.commit_ms),
        "load": round(found.load, 2),
        "valid": int(not drifts(rounds)),
    }


def drifts(rounds: Sequence[Round]) -> list[str]:
    """What moved more than twofold within the run, so that its figures prove nothing."""
    watched = {
        "bare Flask": [round.hello.rate for round in rounds],
        "fdatasync": [round.disk.fdatasync_ms for round in rounds],
    }
    return [name for name, values in watched.items() if drifted(values)]


def peers(found: Measured) -> dict[str, dict[str, float]]:
    """What bare Flask did in the same rounds."""
    rounds = found.rounds
    return {
        "hello": {
            "per_s_c64": round(median(r.hello.rate for r in rounds), 1),
            "per_s_c8": round(median(r.hello_few.rate for r in rounds), 1),
            "p95_ms_c64": round(median(r.hello.p95_ms for r in rounds), 2),
            "p95_ms_c8": round(median(r.hello_few.p95_ms for r in rounds), 2),
            "cpu_ms": round(median(r.hello.cpu_ms for r in rounds), 3),
        }
    }


def report(found: Measured) -> None:
    """Print the table."""
    head = (
        "round",
        "hello/s",
        "answers/s",
        "ratio",
        "p95 ms",
        "hello",
        "CPU ms",
        "hello",
        "c=8 /s",
        "hello",
        "fsync ms",
    )
    print("".join(f"{title:>10}" for title in head))
    for number, r in enumerate(found.rounds, 1):
        row = (
            f"{number}", f"{r.hello.rate:.0f}", f"{r.answers.rate:.0f}", f"{r.answers.rate / r.hello.rate:.3f}",
            f"{r.answers.p95_ms:.1f}", f"{r.hello.p95_ms:.1f}", f"{r.answers.cpu_ms:.2f}", f"{r.hello.cpu_ms:.2f}",
            f"{r.answers_few.rate:.0f}", f"{r.hello_few.rate:.0f}", f"{r.disk.fdatasync_ms:.2f}",
        )  # fmt: skip
        print("".join(f"{cell:>10}" for cell in row))
    for name, value in figures(found).items():
        target = f"   target {TARGETS[name]:g}" if name in TARGETS else ""
        print(f"{name:<34}{value:>10}{target}")
    for name in drifts(found.rounds):
        print(f"INVALID: {name} moved more than twofold within this run.")


def carry_out(plan: Plan, folder: Path) -> Measured:
    """Found the school, start both servers, measure."""
    founded = school.found(folder, plan.many + plan.few)
    browsers = [Browser(pupil) for pupil in founded.pupils]
    books = Books(founded.database)
    log = folder / "server.log"
    with (
        serving("wsgi:app", founded.environment, log=log) as ours,
        serving("benchmarks.hello:app", founded.environment, log=log) as peer,
    ):
        return asyncio.run(measure(Run(ours, peer, browsers, books), plan, folder))


def main() -> None:
    """Print the table and, as the last line, the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="ends within 50 seconds")
    parser.add_argument("--drill", action="store_true", help="many more students and rounds")
    asked = parser.parse_args()
    plan = QUICK if asked.quick else LONG if asked.drill else USUAL
    with tempfile.TemporaryDirectory() as folder:
        found = carry_out(plan, Path(folder))
    report(found)
    print(json.dumps({"benchmark": "serving", "figures": figures(found), "peers": peers(found)}))
    sys.exit(0 if found.balance.even and not found.errors else 1)


if __name__ == "__main__":
    main()
