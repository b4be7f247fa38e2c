"""A child at a device."""

from collections.abc import Callable

from playwright.sync_api import Page, expect
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.base.db import db
from app.demo.pupil import PICTURES
from app.practice.tables import AnswerTable
from tests.flows.conftest import CODE, Classroom, fill, go_on, kind, to_question
from tests.flows.keyboard import answer_by_keyboard, tab_to


def test_a_child_signs_in_and_practises_with_the_keyboard_alone(classroom: Classroom) -> None:
    name = classroom.names_at(0)[3]
    page = classroom.device()
    page.goto("/sign-in")
    expect(page.get_by_label("Class code")).to_be_focused()
    page.keyboard.type(CODE.lower())
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Who are you?").wait_for()
    tab_to(page, name)
    page.keyboard.press("Enter")
    page.get_by_role("heading", name=f"Hello {name}!").wait_for()
    for picture in PICTURES:
        tab_to(page, picture)
        page.keyboard.press("Enter")
    page.locator("#step").wait_for()
    for _ in range(3):
        while kind(page) in ("start", "example", "right"):
            go_on(page, lambda: page.keyboard.press("Enter"))
        answer_by_keyboard(page, classroom.fields(page, right=True))
        page.locator('#step[data-kind="right"]').wait_for()
        expect(page.get_by_text("Saved", exact=True)).to_be_visible()
        expect(page.get_by_role("button", name="Next")).to_be_focused()


def test_a_first_miss_brings_a_nudge_and_a_second_one_the_way_to_do_it(classroom: Classroom) -> None:
    page = classroom.asked(classroom.names_at(0)[4])
    first = page.content()
    fill(page, classroom.fields(page, right=False))
    page.get_by_role("button", name="Check").click()
    expect(page.get_by_role("heading", name="Not yet. Try once more.")).to_be_visible()
    right = classroom.fields(page, right=True)
    if "option" in right:  # the option that was tried is not there any more
        page.locator(f"input[name=option]:not([value='{right['option']}'])").first.check(force=True)
    else:
        fill(page, classroom.fields(page, right=False))
    page.get_by_role("button", name="Check").click()
    page.locator('#step[data-kind="solution"]').wait_for()
    assert page.content() != first
    page.get_by_role("button", name="Next").click()
    to_question(page)


def test_without_script_the_same_questions_can_be_answered(classroom: Classroom) -> None:
    name = classroom.names_at(0)[5]
    page = classroom.device(java_script_enabled=False)
    page.goto("/sign-in")
    page.get_by_label("Class code").fill(CODE)
    page.get_by_role("button", name="Go").click()
    page.get_by_role("button", name=name, exact=True).click()
    for picture in PICTURES:
        page.get_by_role("button", name=picture, exact=True).click()
    answered = 0
    for _ in range(12):
        if kind(page) != "question":
            page.locator("#step .button-primary").first.click()
            continue
        fill(page, classroom.fields(page, right=True))
        page.get_by_role("button", name="Check").click()
        expect(page.get_by_role("heading", name="Yes, that is right.")).to_be_visible()
        answered += 1
        if answered == 2:
            break
    assert answered == 2


def test_what_was_typed_stays_when_the_hand_goes_up(classroom: Classroom, watch: Callable[[Page], None]) -> None:
    page = classroom.asked(classroom.names_at(0)[6])
    watch(page)
    fields = classroom.fields(page, right=True)
    fill(page, fields)
    page.get_by_role("button", name="Help").click()
    expect(page.get_by_role("button", name="Hand is up")).to_be_visible()
    for name, value in fields.items():
        if name == "option":
            expect(page.locator(f"input[name=option][value='{value}']")).to_be_checked()
        else:
            expect(page.locator(f"input[name={name}]")).to_have_value(value)
    assert page.evaluate("window.stillHere")


def test_an_answer_given_while_the_network_is_away_arrives_once(classroom: Classroom) -> None:
    def stored() -> int:
        with Session(db.engine) as session:
            return session.scalar(select(func.count()).select_from(AnswerTable)) or 0

    page = classroom.asked(classroom.names_at(0)[7])
    before = stored()
    fill(page, classroom.fields(page, right=True))
    page.context.set_offline(True)
    page.get_by_role("button", name="Check").click()
    expect(page.get_by_text("Saved here. We will send it.")).to_be_visible()
    page.context.set_offline(False)
    expect(page.get_by_role("heading", name="Yes, that is right.")).to_be_visible()
    assert stored() == before + 1


def test_after_bye_the_back_button_shows_nothing_of_the_child(classroom: Classroom) -> None:
    name = classroom.names_at(0)[2]
    page = classroom.asked(name)
    stem = page.locator("#stem").inner_text()
    page.get_by_role("button", name="Bye").click()
    page.get_by_label("Class code").wait_for()
    for _ in range(2):
        page.go_back()
        page.wait_for_load_state()
        shown = page.locator("body").inner_text()
        assert f"Hello {name}" not in shown
        assert stem not in shown
        assert page.locator("#step, .viewer").count() == 0
