"""Axe finds nothing on any page, in any state that a lesson brings."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from app.demo.pupil import PICTURES
from app.demo.service import TEACHER
from tests.demo_school import running, served
from tests.flows.conftest import CODE, Classroom, fill, go_on, kind, to_question
from tests.flows.test_offline import OTHER, answer, go_on_offline, named, with_reserve

ITEMS = 6


@pytest.fixture
def judge() -> Iterator["Judge"]:
    judging = Judge()
    yield judging
    assert judging.found == []


class Judge:
    """Runs axe on a page and keeps what it found."""

    def __init__(self) -> None:
        self.found: list[str] = []
        self.seen: list[str] = []

    def __call__(self, page: Page, state: str) -> None:
        page.wait_for_timeout(250)  # colours are judged after panels have settled
        result = Axe().run(page).response
        self.seen.append(state)
        self.found += [f"{state}: {one['id']} {one['nodes'][0]['html'][:120]}" for one in result["violations"]]


def test_signing_in(classroom: Classroom, judge: Judge) -> None:
    page = classroom.device(bypass_csp=True)
    page.goto("/sign-in")
    judge(page, "class code")
    page.get_by_label("Class code").fill("NOSUCH")
    page.get_by_role("button", name="Go").click()
    page.get_by_text("We do not know this code").first.wait_for()
    judge(page, "unknown code")
    page.get_by_label("Class code").fill(CODE)
    page.get_by_role("button", name="Go").click()
    judge(page, "who")
    page.get_by_role("button", name=classroom.names_at(0)[0], exact=True).click()
    judge(page, "pictures")
    for picture in reversed(PICTURES):
        page.get_by_role("button", name=picture, exact=True).click()
    page.get_by_text("Not these three.").wait_for()
    judge(page, "wrong pictures")
    page.goto("/sign-in/adult")
    judge(page, "adult")
    page.get_by_label("E-mail address").fill(TEACHER[1])
    page.get_by_label("Password").fill("nothing")
    page.get_by_role("button", name="Sign in").click()
    page.get_by_text("do not belong together").first.wait_for()
    judge(page, "wrong password")
    page.goto("/no-such-page")
    judge(page, "not found")
    assert len(judge.seen) == 8


def test_without_network(classroom: Classroom, judge: Judge) -> None:
    page = classroom.asked(classroom.names_at(0)[3], bypass_csp=True)
    with_reserve(page)
    for address in ("**/servings/**", "**/practice/late"):
        page.route(address, lambda route: route.abort())
    answer(classroom, page)
    page.get_by_role("button", name="Next question").wait_for()
    judge(page, "kept here")
    go_on_offline(page)
    judge(page, "a question in reserve")
    while kind(page) == "question":
        before = named(page)
        answer(classroom, page)
        page.wait_for_function(OTHER, arg=before)
    judge(page, "nothing left to do")
    page.goto("/practice/offline")
    page.get_by_role("button", name="Yes, go on").wait_for()
    judge(page, "opened without network")
    assert len(judge.seen) == 4


def test_practising(classroom: Classroom, judge: Judge) -> None:
    page = classroom.student(classroom.names_at(0)[5], bypass_csp=True)
    judge(page, "start")
    for number in range(ITEMS):
        if kind(page) != "question":
            go_on(page, page.locator("#step .button-primary").first.click)
        if kind(page) == "example":
            judge(page, "example")
        to_question(page)
        judge(page, f"question {number}")
        fill(page, classroom.fields(page, right=number > 0))
        page.get_by_role("button", name="Check").click()
        page.locator("#feedback").wait_for()
        judge(page, f"{kind(page)} {number}")
        if kind(page) == "not_yet":
            _miss_again(classroom, page)
            judge(page, "solution")
    assert kind(page) == "right"


def _miss_again(classroom: Classroom, page: Page) -> None:
    right = classroom.fields(page, right=True)
    if "option" in right:
        page.locator(f"input[name=option]:not([value='{right['option']}'])").first.check(force=True)
    else:
        fill(page, classroom.fields(page, right=False))
    page.get_by_role("button", name="Check").click()
    page.locator('#step[data-kind="solution"]').wait_for()


def test_the_hand_and_the_other_stations(classroom: Classroom, judge: Judge) -> None:
    page = classroom.asked(classroom.names_at(0)[0], bypass_csp=True)
    page.get_by_role("button", name="Help").click()
    page.get_by_role("button", name="Hand is up").wait_for()
    judge(page, "hand up")
    judge(classroom.student(classroom.names_at(1)[0], bypass_csp=True), "teacher's table")


def test_teaching(classroom: Classroom, judge: Judge) -> None:
    name = classroom.names_at(0)[0]
    classroom.asked(name).get_by_role("button", name="Help").click()
    page = classroom.teacher(bypass_csp=True)
    judge(page, "classes")
    page.get_by_role("link", name="5B", exact=True).click()
    page.locator(".alert", has_text=name).wait_for()
    judge(page, "board")
    page.locator(".alert", has_text=name).click()
    page.get_by_role("dialog").get_by_role("heading", name=name).wait_for()
    judge(page, "drawer")
    page.keyboard.press("Escape")
    links = {
        label: page.get_by_role("link", name=label).first.get_attribute("href") for label in ("Open plan", "Projector")
    }
    page.get_by_role("button", name="Pause").click()
    page.get_by_role("button", name="Resume").wait_for()
    judge(page, "paused board")
    for label, address in links.items():
        page.goto(str(address))
        judge(page, label)
    page.goto(f"/classes/{classroom.class_id}/block")
    judge(page, "setting a lesson up")
    page.get_by_label("Minutes at each station").fill("1")
    page.locator("form[action$='/block/start']").evaluate("form => { form.noValidate = true; }")
    page.get_by_role("button", name="Start now").click()
    page.get_by_text("whole number of minutes").first.wait_for()
    judge(page, "a lesson that cannot be")
    assert len(judge.seen) == 8


def test_checking_our_maths(tmp_path: Path, browser: Browser, judge: Judge) -> None:
    with running(tmp_path, doors=True) as app, served(app) as address:
        page = browser.new_page(base_url=address, bypass_csp=True)
        page.goto("/")
        judge(page, "doors")
        page.get_by_role("link", name="Check our maths").click()
        page.get_by_role("heading", name="Check our maths", level=1).wait_for()
        judge(page, "maths")
        page.close()
    assert len(judge.seen) == 2
