"""The network goes, the lid closes, the server starts anew: every answer given is stored once, in order."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic
from typing import Any, cast
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, Page, Playwright, expect
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.base.db import db
from app.factory import create_app
from app.practice.tables import AnswerTable, ServingTable
from benchmarks.bad_network import TROUBLES, BadNetwork, bad_network
from tests.conftest import settings, stop
from tests.demo_school import served
from tests.flows.conftest import QUIET, SIZE, Classroom, fill, kind, sign_in, to_question
from tests.learner import fields_of_spare
from tests.shared_data import chromium

SAVED = "Saved here. We will send it."
EACH_TROUBLE_S = 15.0
SEND_WITHIN_MS = 20_000
OTHER = "(name) => document.querySelector('#step [name=client_id]')?.value !== name"
HELD = """async () => {
  const done = (ask) => new Promise((go) => { ask.onsuccess = () => go(ask.result); });
  const database = await done(indexedDB.open("waystation"));
  const rows = (store) => done(database.transaction(store).objectStore(store).getAll());
  const bytes = (value) => value instanceof ArrayBuffer || ArrayBuffer.isView(value);
  const inside = (value) => Object.entries(value).map(([name, one]) => `${name}=${plain(one)}`).join(";");
  const plain = (value) => {
    if (bytes(value)) return new TextDecoder("latin1").decode(value);
    return value && typeof value === "object" ? inside(value) : String(value);
  };
  const [key] = await rows("keys");
  const taken = await crypto.subtle.exportKey("raw", key).then(() => true, () => false);
  return { taken, answers: plain(await rows("answers")), spares: plain(await rows("spares")) };
}"""
"""What lies in the device's memory, as text, and whether a script can take the key out."""


def wait_until(page: Page, question: str, within_s: float = 20.0) -> None:
    """Wait until an expression of the page's, which may be a promise, is true."""
    until = monotonic() + within_s
    while not page.evaluate(question):
        assert monotonic() < until, question
        page.wait_for_timeout(100)


def with_reserve(page: Page) -> None:
    """Wait until the device has its questions in reserve."""
    wait_until(page, "device.sparesLeft(document.body.dataset.viewer).then((left) => left > 0)")


def all_sent(page: Page) -> None:
    """Wait until the device has nothing to send, whoever's it is."""
    wait_until(page, "device.unsent().then((count) => count === 0)")


def named(page: Page) -> str:
    """The name of the answer that the card on the screen will send."""
    return page.locator("#step [name=client_id]").input_value()


def answer(classroom: Classroom, page: Page) -> str:
    """Answer the question on the screen right; returns the answer's name."""
    spare = page.locator("#step [data-spare]")
    if spare.count():
        with Session(db.engine) as session:
            fields = fields_of_spare(session, spare.get_attribute("data-spare") or "", right=True)
    else:
        fields = classroom.fields(page, right=True)
    fill(page, fields)
    name = named(page)
    page.locator("#step .button-primary").click()
    return name


def stored(names: list[str]) -> list[str]:
    """Names of the stored answers of whoever gave these, in the order in which they were stored."""
    with Session(db.engine) as session:
        student = select(AnswerTable.student_id).where(AnswerTable.client_id == names[0]).scalar_subquery()
        found = select(AnswerTable.client_id).where(AnswerTable.student_id == student).order_by(AnswerTable.id)
        everything = list(session.execute(found).scalars())
    return [name for name in everything if name in set(names)]


def go_on_offline(page: Page) -> None:
    """Take the next question from those in reserve."""
    before = named(page)
    page.get_by_role("button", name="Next question").click()
    page.wait_for_function(OTHER, arg=before)


def test_a_student_goes_on_while_the_network_is_away(classroom: Classroom) -> None:
    page = classroom.asked(classroom.names_at(0)[0])
    with_reserve(page)
    page.context.set_offline(True)
    names = [answer(classroom, page)]
    expect(page.get_by_text(SAVED)).to_be_visible()
    go_on_offline(page)
    expect(page.get_by_text("1 answer is not sent yet.")).to_be_visible()
    for count in (2, 3):
        names.append(answer(classroom, page))
        expect(page.get_by_text(f"{count} answers are not sent yet.")).to_be_visible()
    page.context.set_offline(False)
    all_sent(page)
    assert stored(names) == names


def test_when_all_questions_are_done_the_page_waits_and_then_shows_how_things_stand(classroom: Classroom) -> None:
    page = classroom.asked(classroom.names_at(0)[1])
    with_reserve(page)
    page.context.set_offline(True)
    names = [answer(classroom, page)]
    go_on_offline(page)
    while kind(page) == "question":
        names.append(answer(classroom, page))
        page.wait_for_function(
            "(last) => document.querySelector('#step [name=client_id]')?.value !== last", arg=names[-1]
        )
    expect(page.get_by_role("heading", name="Your answers are safe here.")).to_be_visible()
    page.context.set_offline(False)
    page.locator('#step[data-kind="right"]').wait_for(timeout=SEND_WITHIN_MS)
    assert stored(names) == names
    to_question(page)


def test_what_lies_on_the_device_cannot_be_read(classroom: Classroom) -> None:
    name = classroom.names_at(0)[2]
    page = classroom.asked(name)
    with_reserve(page)
    page.context.set_offline(True)
    answer(classroom, page)
    expect(page.get_by_text(SAVED)).to_be_visible()
    held = page.evaluate(HELD)
    assert held["taken"] is False
    for text in (held["answers"], held["spares"]):
        assert text
        assert name not in text
        assert not any(word in text for word in ("fields", "serving", "ticket", "<section", "stem"))
    page.context.set_offline(False)
    all_sent(page)


def test_the_page_of_a_guest_network_is_not_taken_for_an_answer(classroom: Classroom) -> None:
    page = classroom.asked(classroom.names_at(0)[5])
    with_reserve(page)
    page.route("**/servings/**", lambda route: route.fulfill(status=200, body="<h1>Accept the terms</h1>"))
    page.route("**/practice/late", lambda route: route.fulfill(status=200, body="<h1>Accept the terms</h1>"))
    name = answer(classroom, page)
    expect(page.get_by_text(SAVED)).to_be_visible()
    expect(page.get_by_text("Accept the terms")).to_have_count(0)
    page.unroute_all()
    all_sent(page)
    assert stored([name]) == [name]


def test_two_tabs_show_the_same_question_in_reserve_and_send_one_answer(classroom: Classroom) -> None:
    page = classroom.asked(classroom.names_at(0)[3])
    with_reserve(page)
    other = page.context.new_page()
    other.goto("/practice")
    to_question(other)
    assert page.locator("#step").get_attribute("data-item") == other.locator("#step").get_attribute("data-item")
    page.context.set_offline(True)
    first = answer(classroom, page)
    go_on_offline(page)
    answer(classroom, other)
    go_on_offline(other)
    assert named(page) == named(other)
    spare = answer(classroom, page)
    answer(classroom, other)
    page.context.set_offline(False)
    all_sent(page)
    names = stored([first, spare])
    assert names == [first, spare]


def test_bye_asks_once_while_an_answer_is_not_sent(classroom: Classroom) -> None:
    page = classroom.asked(classroom.names_at(0)[4])
    with_reserve(page)
    page.route("**/practice/late", lambda route: route.abort())
    page.route("**/servings/**", lambda route: route.abort())
    name = answer(classroom, page)
    expect(page.get_by_text(SAVED)).to_be_visible()
    page.get_by_role("button", name="Bye").click()
    expect(page.get_by_text("1 answer is not sent yet. Wait, or press Bye again.")).to_be_visible()
    page.get_by_role("button", name="Bye").click()
    page.wait_for_url("**/sign-in")
    page.unroute("**/practice/late")  # whoever comes next brings it
    all_sent(page)
    assert stored([name]) == [name]


@contextmanager
def laptop(playwright: Playwright, profile: Path, address: str) -> Iterator[BrowserContext]:
    """A device whose memory outlives the lid."""
    context = playwright.chromium.launch_persistent_context(
        profile, executable_path=chromium(), args=QUIET, viewport=cast(Any, SIZE), base_url=address
    )
    context.set_default_timeout(15_000)
    yield context
    context.close()


def answer_through(classroom: Classroom, page: Page, network: BadNetwork, names: list[str]) -> None:
    """Go through every trouble for some seconds, answering whatever there is to answer."""
    for trouble in TROUBLES:
        network.trouble = trouble
        until = monotonic() + EACH_TROUBLE_S
        while monotonic() < until:
            more = page.get_by_role("button", name="Next question")
            if kind(page) == "question" and not page.locator("#step form[inert]").count():
                names.append(answer(classroom, page))
            elif more.is_visible():
                more.click()
            elif kind(page) in ("right", "example") and trouble == "none":
                page.locator("#step .button-primary").click()
            page.wait_for_timeout(500)
    network.trouble = "none"


def test_nothing_is_lost_by_a_bad_network_a_closed_lid_and_a_new_server(
    classroom: Classroom, playwright: Playwright, tmp_path: Path
) -> None:
    names: list[str] = []
    url = f"sqlite:///{tmp_path / 'demo.sqlite'}"
    with bad_network(urlsplit(classroom.address).port or 0) as network:
        address = f"http://127.0.0.1:{network.port}"
        with laptop(playwright, tmp_path / "profile", address) as context:
            page = context.new_page()
            sign_in(page, classroom.names_at(0)[5])
            to_question(page)
            with_reserve(page)
            page.evaluate("navigator.serviceWorker.ready.then(() => true)")
            answer_through(classroom, page, network, names)
            network.trouble = "requests_lost"
        again = create_app(settings(url))
        with again.app_context(), served(again) as anew, laptop(playwright, tmp_path / "profile", address) as context:
            network.target = urlsplit(anew).port or 0
            page = context.new_page()
            page.goto("/practice")
            expect(page.get_by_role("heading", name="There is no network.")).to_be_visible()
            network.trouble = "none"
            page.wait_for_url("**/sign-in", timeout=SEND_WITHIN_MS)  # the browser has forgotten who was here
            all_sent(page)
        stop(again)
    assert len(names) >= 3
    assert stored(names) == names
    with Session(db.engine) as session:
        served_to = select(ServingTable.sitting_id).join(AnswerTable, AnswerTable.serving_id == ServingTable.id)
        sittings = session.execute(served_to.where(AnswerTable.client_id.in_(names))).scalars().all()
    assert len(sittings) == len(names)
