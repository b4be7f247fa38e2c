"""How a sitting ends: a shorter item, the exit item, how sure, what was done, and what to go on with."""

import re

import pytest
from sqlalchemy import select, update

from app.bank.tables import ItemTable
from app.base import clock
from app.practice.tables import ItemTimesTable, SittingTable
from tests.app.practice.desk import Desk, head, publish
from tests.factories import sign_in_student

DAY = 24 * 3600
NUMBERS = "\n".join(
    f"## {code}-{n}\nanswer: number\ndifficulty: {n / 4 - 1}\n\nWhat is {n} + {n}?\n\n### Answer\n= {2 * n}\n"
    "\n### Hints\n1. Count on.\n\n### Solution\nTwice.\n"
    for code in ("a",)
    for n in range(1, 13)
)


def to_the_end(desk: Desk, left_s: float) -> None:
    """Let time go by until so much of the sitting is left; whoever is signed out for it signs in again."""
    desk.wait((desk.sitting().ends_at - clock.now()).total_seconds() - left_s)
    sign_in_student(desk.client, desk.school, desk.name)


def last_question(desk: Desk, skill: str = "A.1") -> None:
    """Practise one item, and come to the exit item."""
    desk.begin(skill, minutes=10)
    desk.do(right=True)
    to_the_end(desk, 90)
    desk.answer(right=True, after=0)
    desk.next()


def _take(session, district_id: int, seconds: dict[str, float], otherwise: float, *, now: object, rng: object) -> None:
    for item, code in session.execute(select(ItemTable.id, ItemTable.key).where(ItemTable.district_id == district_id)):
        taken = seconds.get(code, otherwise)
        times = {"mean_s": taken, "median_s": taken, "p90_s": taken}
        session.merge(ItemTimesTable(district_id=district_id, item_id=item, n=50, **times))


def test_a_sitting_ends_with_one_item_without_hints_that_asks_how_sure_the_student_is(desk: Desk) -> None:
    last_question(desk)
    assert (desk.kind, desk.serving.purpose) == ("question", "exit")
    assert "How sure are you?" in desk.page
    assert "Hint" not in desk.page
    desk.hint()
    assert desk.serving.hints == 0
    desk.send({**desk.right(), "sure": "3"})
    assert desk.kind == "right"
    assert [one.sure for one in desk.answers()] == [None, None, 3]
    desk.next()
    assert desk.kind == "done"
    assert "You were very sure. And it was right!" in desk.page
    assert 'name="pick"' not in desk.page
    assert len([one for one in desk.servings() if one.purpose == "exit"]) == 1


def test_the_exit_item_is_answered_once_and_counts(desk: Desk) -> None:
    last_question(desk)
    scored = desk.progress("A.1").scored
    desk.send({**desk.wrong(), "sure": "1"})
    assert desk.kind == "solution"
    assert desk.progress("A.1").scored in (scored, scored + 1)
    assert desk.answers()[-1].sure == 1
    desk.next()
    assert "You knew it was hard. That helps." in desk.page


@pytest.mark.parametrize("said", ["", "4", "-1", "very", "3.0", "9" * 50])
def test_nobody_has_to_say_how_sure_they_are(desk: Desk, said: str) -> None:
    last_question(desk)
    desk.send({**desk.right(), "sure": said})
    assert desk.kind == "right"
    assert desk.answers()[-1].sure is None
    desk.next()
    assert "sure" not in desk.page.lower().replace("pressure", "").replace("measure", "")


def test_only_the_exit_item_asks_how_sure_the_student_is(desk: Desk) -> None:
    desk.begin()
    assert "How sure" not in desk.page
    desk.wait(20)
    desk.send({**desk.right(), "sure": "3"})
    assert desk.answers()[-1].sure is None


def test_what_was_chosen_before_the_last_minutes_gives_way_to_the_exit_item(desk: Desk) -> None:
    desk.begin(minutes=10)
    to_the_end(desk, 140)
    desk.answer(right=True, after=0)  # the next one is chosen now
    desk.wait(60)  # reads the feedback for long
    desk.next()
    assert desk.serving.purpose == "exit"
    unseen = [one for one in desk.servings() if one.shown_at is None]
    assert len(unseen) == 1
    assert unseen[0].closed_at is not None


def test_a_short_sitting_is_not_all_exit(desk: Desk) -> None:
    desk.begin(minutes=4)
    desk.do(right=True)
    assert desk.serving.purpose != "exit"


def test_who_comes_in_the_last_minutes_just_practises(desk: Desk) -> None:
    desk.begin(minutes=2)
    assert desk.serving.purpose != "exit"


def test_an_item_that_fits_is_served_where_the_best_one_is_too_long(desk: Desk) -> None:
    desk.school = publish(desk.parts, desk.school, head("A.1") + "\n# A.1\n\n" + NUMBERS)
    desk.parts.writer.run(_take, desk.school.district_id, {"a-12": 20.0}, 400.0)
    desk.begin(minutes=7)
    desk.next()
    for _ in range(2):
        if desk.kind == "question":
            break
        desk.next()
    by_id = dict(desk.session.execute(select(ItemTable.id, ItemTable.key)).all())
    assert by_id[desk.serving.item_id] == "a-12"


def test_the_recap_says_what_was_done_skill_by_skill(desk: Desk) -> None:
    last_question(desk)
    desk.send(desk.wrong())
    desk.next()
    assert "You did 3 questions here." in desk.page
    assert re.search(r"<dt>[^<]+</dt>\s*<dd>\s*2 of 3 right at once", desk.page)


def finished(desk: Desk) -> None:
    """Come to a station whose skill is got already, so that nothing is left to do."""
    desk.begin("A.1")
    for slot in range(1, 6):
        for _ in range(12):
            if desk.kind == "done":
                break
            desk.do(right=True)
        got = desk.progress("A.1").got_it_at is not None
        desk.move_on(slot)
        desk.start()
        if got:
            break
    assert desk.kind == "done"


@pytest.mark.parametrize("extra", ["review", "stretch"])
def test_who_is_done_early_goes_on_with_what_they_pick(desk: Desk, extra: str) -> None:
    finished(desk)
    before = desk.sitting()
    assert f'value="{extra}"' in desk.page
    desk.pick(extra)
    assert desk.kind == "question"
    after = desk.sitting()
    assert after.id != before.id
    assert (after.block_id, after.slot) == (before.block_id, before.slot)
    if extra == "review":
        assert desk.serving.purpose == "review"
    desk.do(right=True)
    to_the_end(desk, 90)
    desk.answer(right=True, after=0)
    desk.next()
    assert desk.serving.purpose == "exit"


def test_a_skill_has_no_more_than_its_ten_items_whatever_is_picked(desk: Desk) -> None:
    desk.begin("A.1")
    for _ in range(40):
        if desk.kind == "done":
            break
        desk.do(right=len(desk.servings()) % 2 == 0)
    desk.pick("review")
    most = desk.parts.policy.practice.most_per_skill
    for _ in range(20):
        if desk.kind == "done":
            break
        desk.do(right=False)
    for skill in desk.school.skills:
        progress = desk.progress(skill)
        if progress is None or progress.got_it_at is None:
            served = [one for one in desk.servings() if one.skill_id == desk.school.skills[skill]]
            assert len([one for one in served if one.shown_at is not None and one.purpose != "exit"]) <= most


@pytest.mark.parametrize("extra", ["write-it", "x" * 300, "core"])
def test_nothing_else_can_be_picked(desk: Desk, extra: str) -> None:
    finished(desk)
    before = desk.sitting().id
    desk.pick(extra)
    assert desk.kind == "done"
    assert desk.sitting().id == before


def test_nobody_picks_before_they_are_done(desk: Desk) -> None:
    desk.begin()
    before, serving = desk.sitting().id, desk.serving_id
    desk.pick("stretch")
    assert (desk.sitting().id, desk.serving_id) == (before, serving)


def test_days_of_practice_are_counted(desk: Desk) -> None:
    last_question(desk)
    desk.send(desk.right())
    desk.next()
    assert "days" not in desk.page
    desk.wait(DAY)
    sign_in_student(desk.client, desk.school)
    desk.move_on(1, minutes=4, skills=("B.1",))
    desk.start()
    desk.read_on()
    while desk.kind != "done":
        desk.do(right=True)
    assert "You practised on 2 days in four weeks." in desk.page


def _ended(session, sitting_id: int, *, now: object, rng: object) -> None:
    session.execute(update(SittingTable).where(SittingTable.id == sitting_id).values(ended_at=now))


def offered(desk: Desk) -> list[str]:
    return re.findall(r'name="pick"\s+value="(\w+)"', desk.page)


def test_each_choice_is_offered_once_at_a_station(desk: Desk) -> None:
    finished(desk)
    assert offered(desk) == ["review", "stretch"]
    desk.pick("review")
    desk.parts.writer.run(_ended, desk.sitting().id)  # as if nothing were left to review
    desk.look()
    assert offered(desk) == ["stretch"]
    before = desk.sitting().id
    desk.pick("review")
    assert (desk.kind, desk.sitting().id) == ("done", before)
    desk.pick("stretch")
    assert desk.sitting().id != before
    desk.parts.writer.run(_ended, desk.sitting().id)
    desk.look()
    assert offered(desk) == []
