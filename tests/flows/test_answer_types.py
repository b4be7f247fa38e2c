"""Every way of answering, by keyboard alone, with the script and without it; axe looks at each state."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from app.practice import course
from app.practice.service import serving
from content.settings import KINDS
from tests.flows.conftest import Classroom, go_on, kind, to_question
from tests.flows.keyboard import answer_by_keyboard, tab_to
from tests.flows.test_axe import Judge

Only = Callable[[str], None]


@pytest.fixture
def judge() -> Iterator[Judge]:
    judging = Judge()
    yield judging
    assert judging.found == []


@pytest.fixture
def only(monkeypatch: pytest.MonkeyPatch) -> Only:
    """From now on every item served has this answer type."""

    def narrow(wanted: str) -> None:
        def choose(so_far: course.Course, outlook: course.Outlook, draws: Any) -> course.Pick | None:
            pick = course.choose(so_far, outlook, draws)
            seen = set(so_far.items)
            for place, item in enumerate(outlook.catalogue.items):
                if pick and item.content.answer.kind == wanted and item.item_id not in seen:
                    wish = replace(pick.wish, skill=item.skill_id, queued=None)
                    return replace(pick, place=place, wish=wish)
            return pick

        monkeypatch.setattr(serving, "choose", choose)

    return narrow


@pytest.mark.parametrize("answer", KINDS)
def test_a_child_answers_by_keyboard_alone(answer: str, classroom: Classroom, only: Only, judge: Judge) -> None:
    only(answer)
    page = classroom.asked(classroom.names_at(0)[1], bypass_csp=True)
    judge(page, "fresh")
    tab_to(page, "Help")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Hand is up").wait_for()
    judge(page, "hand up")
    page.reload()
    answer_by_keyboard(page, classroom.fields(page, right=False))
    page.locator('#step[data-kind="not_yet"]').wait_for()
    judge(page, "not yet")
    page.reload()
    page.evaluate("document.documentElement.style.zoom = 2")
    judge(page, "twice as large")
    page.evaluate("document.documentElement.style.zoom = 1")
    answer_by_keyboard(page, classroom.fields(page, right=True))
    page.locator('#step[data-kind="right"]').wait_for()
    expect(page.get_by_text("Saved", exact=True)).to_be_visible()
    judge(page, "right")


@pytest.mark.parametrize("answer", KINDS)
def test_a_child_answers_by_keyboard_without_script(answer: str, classroom: Classroom, only: Only) -> None:
    only(answer)
    page = classroom.student(classroom.names_at(0)[2], java_script_enabled=False)
    while kind(page) != "question":
        page.locator("#step .button-primary").first.press("Enter")
    answer_by_keyboard(page, classroom.fields(page, right=True))
    expect(page.get_by_role("heading", name="Yes, that is right.")).to_be_visible()


def test_the_slider_and_the_box_of_a_number_line_say_the_same(classroom: Classroom, only: Only) -> None:
    only("line")
    page = classroom.asked(classroom.names_at(0)[3])
    slider, box = page.get_by_role("slider", name="Point on the line"), page.get_by_label("Your point")
    marks = str(slider.get_attribute("data-marks")).split()
    slider.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(box).to_have_value(marks[2])
    expect(slider).to_have_attribute("aria-valuetext", marks[2])
    box.fill(marks[-1])
    expect(slider).to_have_value(str(len(marks) - 1))
    box.fill("99")
    page.get_by_role("button", name="Check").click()
    expect(page.get_by_role("heading", name="Stay on the line.")).to_be_visible()
    expect(page.get_by_label("Your point")).to_have_value("99")
    _move_to(page, classroom.fields(page, right=True)["point"], marks)
    page.get_by_role("button", name="Check").click()
    expect(page.get_by_role("heading", name="Yes, that is right.")).to_be_visible()
    go_on(page, page.locator("#step .button-primary").first.click)
    to_question(page)


def _move_to(page: Page, point: str, marks: list[str]) -> None:
    """Move the slider mark by mark, as a child does who cannot use a mouse."""
    page.get_by_role("slider").focus()
    page.keyboard.press("Home")
    for _ in range(marks.index(point)):
        page.keyboard.press("ArrowRight")
    expect(page.get_by_label("Your point")).to_have_value(point)
