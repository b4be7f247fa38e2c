"""What a student's page moves over the network: under 100 KB on the first load, under 8 KB for an answer."""

from playwright.sync_api import Page

from tests.flows.conftest import Classroom, fill, go_on, kind, to_question
from tests.flows.test_offline import with_reserve

FIRST_LOAD_BYTES = 100_000
ANSWER_BYTES = 8_000
ANSWERS = 6
MOVED = """() => [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")]
  .reduce((sum, entry) => sum + entry.transferSize, 0)"""
"""Bytes on the wire since the page was opened, headers among them; what was in its cache counts nothing."""


def moved(page: Page) -> int:
    total = page.evaluate(MOVED)
    assert isinstance(total, int)
    return total


def test_a_students_page_is_light_on_its_first_load_and_lighter_at_each_answer(classroom: Classroom) -> None:
    name = classroom.names_at(0)[1]
    page = classroom.student(name)
    cookies = page.context.cookies()
    fresh = classroom.device()  # with nothing in its cache
    fresh.context.add_cookies(cookies)
    fresh.goto("/practice")
    fresh.wait_for_load_state("networkidle")
    first = moved(fresh)
    assert 20_000 < first < FIRST_LOAD_BYTES
    to_question(fresh)
    with_reserve(fresh)
    before = moved(fresh)
    for _ in range(ANSWERS):
        fill(fresh, classroom.fields(fresh, right=True))
        fresh.get_by_role("button", name="Check").click()
        fresh.locator('#step[data-kind="right"]').wait_for()
        go_on(fresh, fresh.locator("#step .button-primary").click)
        to_question(fresh)
    with_reserve(fresh)
    fresh.wait_for_timeout(2_000)  # the reserve is fetched a little later
    assert kind(fresh) == "question"
    each = (moved(fresh) - before) / ANSWERS
    assert 0 < each < ANSWER_BYTES
