"""Feedback at once and with a reason: the nudge of the chosen answer, another try, the worked solution, a sibling."""

import re

import pytest

from tests.app.practice.desk import Desk, head, publish

CHOICE = (
    head("C.1")
    + """
# C.1

## pick
answer: choice
difficulty: 0

Which is $2+2$?

### Answer
- [x] 4
- [ ] 22 {glued}
- [ ] 5 {} Count on your fingers.
- [ ] 44 {glued} Only two digits?

### Solution
Two and two is four.
"""
)

NUMBER = (
    head("N.1")
    + """
# N.1

## type
answer: number
difficulty: 0
param a: 2..9

What is $[[a]]+[[a]]$?

### Answer
= 2 * a
! 11 * a {glued}
! a * a + 1 {} That is [[a]] times [[a]] and one.

### Solution
Add [[a]] to [[a]].
"""
)


def options(page: str) -> dict[str, str]:
    """Text of each option by the value that it sends."""
    found = re.findall(r'name="option"\s+value="(\d+)"(.*?)</label>', page, re.DOTALL)
    return {re.sub(r"<[^>]+>|\s", "", rest.partition('choice-text">')[2]): value for value, rest in found}


@pytest.fixture
def choosing(desk: Desk) -> Desk:
    desk.school = publish(desk.parts, desk.school, CHOICE)
    desk.begin("C.1")
    desk.wait(20)
    return desk


@pytest.mark.parametrize(
    ("chosen", "said"),
    [
        ("22", "Are the digits side by side?"),
        ("5", "Count on your fingers."),
        ("44", "Only two digits?"),
    ],
)
def test_a_first_miss_gets_the_nudge_of_the_chosen_option(choosing: Desk, chosen: str, said: str) -> None:
    page = choosing.send({"option": options(choosing.page)[chosen]})
    assert "feedback-not-yet" in page
    nudges = {"Are the digits side by side?", "Count on your fingers.", "Only two digits?"}
    assert said in page
    assert not any(other in page for other in nudges - {said})
    assert "Two and two is four." not in page


def test_the_option_that_was_tried_is_offered_no_more_and_the_others_are(choosing: Desk) -> None:
    before = options(choosing.page)
    page = choosing.send({"option": before["22"]})
    offered = re.findall(r'name="option"\s+value="(\d+)"[^>]*?(disabled)?[^>]*>', page)
    open_values = {value for value, disabled in offered if not disabled}
    assert open_values == set(before.values()) - {before["22"]}
    assert options(page)["4"] == before["4"]  # nothing has changed places


def test_a_tried_option_stays_away_when_the_page_is_loaded_again(choosing: Desk) -> None:
    before = options(choosing.page)
    choosing.send({"option": before["22"]})
    page = choosing.look()
    assert choosing.kind == "not_yet"
    offered = re.findall(r'name="option"\s+value="(\d+)"[^>]*?(disabled)?[^>]*>', page)
    assert before["22"] not in {value for value, disabled in offered if not disabled}


def test_a_second_miss_shows_the_worked_solution_and_the_way_on(choosing: Desk) -> None:
    before = options(choosing.page)
    choosing.send({"option": before["22"]})
    page = choosing.send({"option": before["5"]})
    assert choosing.kind == "solution"
    assert "Two and two is four." in page
    assert 'action="/practice/next"' in page
    assert choosing.answers()[-1].score is None


def test_a_right_second_try_is_praised(choosing: Desk) -> None:
    before = options(choosing.page)
    choosing.send({"option": before["22"]})
    assert "Yes, that is right." in choosing.send({"option": before["4"]})


@pytest.mark.parametrize(
    ("times", "said"), [(11, "Are the digits side by side?"), (None, "times"), (100, "Not yet. Try once more.")]
)
def test_a_number_gets_the_nudge_of_the_mistake_behind_it(desk: Desk, times: int | None, said: str) -> None:
    desk.school = publish(desk.parts, desk.school, NUMBER)
    desk.begin("N.1")
    a = int(desk.right()["number"]) // 2
    desk.wait(20)
    page = desk.send({"number": str(a * a + 1 if times is None else a * times + (times == 100))})
    assert "feedback-not-yet" in page
    assert said in page
    if times is None:
        assert f"That is {a} times {a} and one." in page


def test_a_wrong_number_stays_in_its_box_for_the_second_try(desk: Desk) -> None:
    desk.school = publish(desk.parts, desk.school, NUMBER)
    desk.begin("N.1")
    desk.wait(20)
    assert 'value="12345"' in desk.send({"number": "12345"})
    assert 'value="12345"' in desk.look()


def test_after_two_misses_a_sibling_comes_back_three_to_six_items_later(desk: Desk) -> None:
    desk.begin("A.1", "A.2", "B.1")
    missed = {}
    for _ in range(16):
        serving = desk.serving
        is_generator = serving.seed != 0 and "-gen-" in _key(desk, serving.version_id)
        miss = is_generator and len(missed) < 3 and serving.version_id not in missed
        if miss:
            missed[serving.version_id] = len(desk.servings())
        desk.do(right=not miss)
        if desk.kind == "done":
            break
    served = [one.version_id for one in desk.servings()]
    assert missed
    for version, place in missed.items():
        if len(served) >= place + 6:
            assert version in served[place + 2 : place + 6], (place, served.index(version))
            assert version not in served[place : place + 2]


def _key(desk: Desk, version_id: int) -> str:
    from sqlalchemy import select

    from app.bank.tables import ItemTable, ItemVersionTable

    joined = select(ItemTable.key).join(ItemVersionTable, ItemVersionTable.item_id == ItemTable.id)
    return desk.session.execute(joined.where(ItemVersionTable.id == version_id)).scalar_one()


def test_a_sibling_is_another_item_and_never_the_very_same_question(desk: Desk) -> None:
    desk.begin("A.1")
    seen = set()
    for n in range(10):
        if desk.kind == "done":
            break
        serving = desk.serving
        assert (serving.version_id, serving.seed if "-gen-" in _key(desk, serving.version_id) else 0) not in seen
        seen.add((serving.version_id, serving.seed if "-gen-" in _key(desk, serving.version_id) else 0))
        desk.do(right=n % 2 == 0)
    assert len(seen) >= 5
