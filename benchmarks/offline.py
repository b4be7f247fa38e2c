"""Offline drill: students' browsers behind a network that fails in four ways, closed lids, and a server that is killed.

``python -m benchmarks.offline [--quick]`` starts a school and opens a Chromium for each student, behind a relay that
loses requests, loses responses after the server has stored the answer, drips, and resets, fifteen seconds each. The
students answer on, also from the questions that their device has in reserve. In the middle the server is killed and
another one starts; at the end of each round the lid closes while nothing gets through: a new browser process with the
same profile signs in again. Every answer that was given must be in the database once, and in order.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import BrowserContext, Page, Playwright, ViewportSize, sync_playwright

from benchmarks import nursery
from benchmarks.bad_network import TROUBLES, BadNetwork, bad_network
from benchmarks.ledger import Books
from benchmarks.school import PICTURES, Pupil, School, found
from benchmarks.server import Server
from tests.flows.conftest import QUIET, fill
from tests.learner import spare_in
from tests.shared_data import chromium

STUDENTS, ROUNDS = 3, 3
STUDENTS_QUICK, ROUNDS_QUICK = 2, 1
ITEMS = 160
EACH_TROUBLE_S = 15.0
BETWEEN_MS = 400
SENT_WITHIN_S = 60.0
SIZE = ViewportSize(width=1366, height=768)


@dataclass
class Desk:
    """A student at a device: its profile on the disk, its browser, and the names of the answers given there."""

    pupil: Pupil
    profile: Path
    given: list[str] = field(default_factory=list)
    browser: BrowserContext | None = None

    @property
    def page(self) -> Page:
        """What is on the screen."""
        assert self.browser is not None
        return self.browser.pages[0]

    def open(self, playwright: Playwright, address: str) -> None:
        """Open the lid, and sign in."""
        self.browser = playwright.chromium.launch_persistent_context(
            self.profile, executable_path=chromium(), args=QUIET, viewport=SIZE, base_url=address
        )
        self.page.goto(self.pupil.door)
        for picture in PICTURES:
            self.page.get_by_role("button", name=picture, exact=True).click()
        self.page.locator("#step").wait_for()

    def close(self) -> None:
        """Close the lid."""
        if self.browser is not None:
            self.browser.close()
            self.browser = None

    def turn(self, books: Books) -> None:
        """Do what there is to do on the screen."""
        page = self.page
        more = page.get_by_role("button", name="Next question")
        if page.locator("#step form[data-answer]:not([inert]) .button-primary:enabled").count():
            self._answer(books)
        elif more.is_visible():
            more.click()
        elif (
            page.locator("#step .button-primary:enabled").count()
            and not page.locator("#step form[data-answer]").count()
        ):
            page.locator("#step .button-primary").first.click()

    def _answer(self, books: Books) -> None:
        page = self.page
        form = page.locator("#step form[data-answer]")
        signed = form.get_attribute("data-spare")
        if signed:
            spare = spare_in(signed)
            fields = books.key_of(spare.version_id, spare.seed)
        else:
            serving = int(re.findall(r"/servings/(\d+)/", form.get_attribute("action") or "")[0])
            fields = books.keys_of([serving])[serving]
        fill(page, fields)
        name = form.locator("[name=client_id]").input_value()
        form.locator(".button-primary").click()
        if name not in self.given:
            self.given.append(name)

    def all_sent(self) -> bool:
        """Whether the device has nothing to send any more."""
        return bool(self.page.evaluate("device.unsent().then((count) => count === 0)"))


@dataclass
class Drill:
    """A running drill."""

    school: School
    books: Books
    desks: list[Desk]
    network: BadNetwork
    server: Server
    log: Path
    rng: random.Random
    kills: int = 0
    lids: int = 0

    def round(self, playwright: Playwright) -> None:
        """Go through every trouble, with a kill in one of them, and close every lid at the end."""
        address = f"http://127.0.0.1:{self.network.port}"
        self.network.trouble = "none"
        for desk in self.desks:
            desk.open(playwright, address)
        self._work(EACH_TROUBLE_S)
        deadly = self.rng.choice(TROUBLES)
        for trouble in self.rng.sample(TROUBLES, len(TROUBLES)):
            self.network.trouble = trouble
            self._work(EACH_TROUBLE_S / 2)
            if trouble == deadly:
                self._another_server()
            self._work(EACH_TROUBLE_S / 2)
        self.network.trouble = "requests_lost"
        self._work(2.0)
        for desk in self.desks:
            desk.close()
            self.lids += 1
        self.network.trouble = "none"
        for desk in self.desks:
            desk.open(playwright, address)
            until = time.monotonic() + SENT_WITHIN_S
            while not desk.all_sent() and time.monotonic() < until:
                desk.page.wait_for_timeout(BETWEEN_MS)
            desk.close()

    def _work(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            for desk in self.desks:
                desk.turn(self.books)
            self.desks[0].page.wait_for_timeout(BETWEEN_MS)

    def _another_server(self) -> None:
        self.server.kill()
        self.kills += 1
        self.server = nursery.start("wsgi:app", self.school.environment, log=self.log)
        self.network.target = self.server.port


def tally(drill: Drill) -> dict[str, int | bool]:
    """Compare what was given with what is stored."""
    stored = drill.books.stored()
    given = {(desk.pupil.id, name) for desk in drill.desks for name in desk.given}
    doubled = sum(count - 1 for one, count in stored.items() if one in given)
    in_order = all(
        [name for name in drill.books.in_order(desk.pupil.id) if name in set(desk.given)]
        == [name for name in desk.given if (desk.pupil.id, name) in stored]
        for desk in drill.desks
    )
    return {
        "given": len(given),
        "stored": len(given & stored.keys()),
        "doubled": doubled,
        "lost": len(given - stored.keys()),
        "in_order": in_order,
    }


def drill_offline(students: int, rounds: int, seed: int) -> int:
    """Carry out the drill; 0 when nothing was lost, doubled or out of order."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="waystation-drill-") as name, sync_playwright() as playwright:
        folder = Path(name)
        school = found(folder, students, ITEMS)
        desks = [Desk(pupil, folder / f"profile-{pupil.id}") for pupil in school.pupils]
        log = folder / "server.log"
        server = nursery.start("wsgi:app", school.environment, log=log)
        with bad_network(server.port) as network:
            drill = Drill(school, Books(school.database), desks, network, server, log, random.Random(seed))
            try:
                for _round in range(rounds):
                    drill.round(playwright)
            finally:
                drill.server.stop()
        figures = tally(drill)
        drill.books.close()
    seconds = time.monotonic() - began
    print(f"{students} students, {rounds} rounds in {seconds:.0f} s: {drill.kills} kills, {drill.lids} closed lids")
    print(f"given {figures['given']}, stored {figures['stored']}, doubled {figures['doubled']}, lost {figures['lost']}")
    print(json.dumps({"benchmark": "offline", "figures": figures, "peers": {}}))
    even = not figures["lost"] and not figures["doubled"] and figures["in_order"]
    return 0 if even and figures["given"] else 1


def main() -> int:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="two students, one round")
    parser.add_argument("--seed", type=int, default=1, help="of the order of troubles")
    given = parser.parse_args()
    if given.quick:
        return drill_offline(STUDENTS_QUICK, ROUNDS_QUICK, given.seed)
    return drill_offline(STUDENTS, ROUNDS, given.seed)


if __name__ == "__main__":
    sys.exit(main())
