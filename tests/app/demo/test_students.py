"""What simulated students know and answer."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from app.authoring.service import bank_at
from app.demo.students import EVERY, PARTS, Reply, learner_of, offered, part_of, practised, random_for, reply
from content import answers as marking
from content.generators import realise
from content.schema import Bank, Generator, Item
from models.irt import ItemParams
from models.simulate import Learner
from tests.demo_school import BANK

EASY, HARD = ItemParams("2PL", 3.0, -9.0), ItemParams("2PL", 3.0, 9.0)
SEED = 11


@pytest.fixture(scope="module")
def bank() -> Bank:
    return bank_at(BANK).bank


@pytest.fixture(scope="module")
def items(bank: Bank) -> list[Item]:
    return [realise(one, SEED) if isinstance(one, Generator) else one for one in bank.items]


def learner(bank: Bank, place: int = EVERY - 1, **changes: object) -> Learner:
    drawn = learner_of(1, "5B", "Mia", place, [s.code for s in bank.skills], [m.id for m in bank.misconceptions])
    calm = {"guess": 0.0, "hint": 0.0, "idle": 0.0, "hand": 0.0, **changes}
    return replace(drawn, **calm)  # type: ignore[arg-type]  # callers change fields of Learner


def replies(bank: Bank, items: list[Item], parameters: ItemParams, **changes: object) -> Iterator[tuple[Item, Reply]]:
    rng = np.random.default_rng(5)
    who = learner(bank, **changes)
    for item in items:
        yield item, reply(who, item.skill, item, parameters, SEED, rng)


def test_the_same_student_is_drawn_in_every_process(bank: Bank) -> None:
    assert learner(bank) == learner(bank)
    assert random_for(1, "a").random() == random_for(1, "a").random() != random_for(1, "b").random()


def test_skills_may_come_in_any_order(bank: Bank) -> None:
    codes = [skill.code for skill in bank.skills]
    assert learner_of(1, "5B", "Mia", 5, codes, ["x", "y"]) == learner_of(1, "5B", "Mia", 5, codes[::-1], ["y", "x"])


def test_whoever_can_do_it_gives_an_answer_that_is_marked_right(bank: Bank, items: list[Item]) -> None:
    statuses = {marking.mark(item, given.fields, seed=SEED).status for item, given in replies(bank, items, EASY)}
    assert statuses == {"right"}


def test_whoever_cannot_gives_an_answer_that_is_marked_wrong(bank: Bank, items: list[Item]) -> None:
    statuses = {marking.mark(item, given.fields, seed=SEED).status for item, given in replies(bank, items, HARD)}
    assert statuses == {"wrong"}


def test_a_held_misconception_shows_where_an_item_offers_it(bank: Bank, items: list[Item]) -> None:
    held = frozenset(one.id for one in bank.misconceptions)
    shown = [
        marking.mark(item, given.fields, seed=SEED).misconception
        for item, given in replies(bank, items, HARD, misconceptions=held)
        if offered(item)
    ]
    assert sum(tag is not None for tag in shown) > 0.6 * len(shown)


def test_a_second_try_is_never_the_option_already_tried(bank: Bank, items: list[Item]) -> None:
    rng = np.random.default_rng(5)
    who = learner(bank)
    for item in (one for one in items if one.answer.kind == "choice"):
        first = marking.wrong(item, seed=SEED)
        assert first is not None
        tried = [marking.mark(item, first, seed=SEED).chosen]
        for _ in range(6):
            again = reply(who, item.skill, item, EASY, SEED, rng, tried=tried)
            assert marking.mark(item, again.fields, seed=SEED).chosen not in tried


def test_only_who_would_miss_it_opens_hints(bank: Bank, items: list[Item]) -> None:
    assert {given.hints for _item, given in replies(bank, items, EASY, hint=1.0)} == {0}
    opened = {given.hints for _item, given in replies(bank, items, HARD, hint=1.0)}
    assert max(opened) == max(len(item.hints) for item in items)


def test_every_part_is_played_in_a_class_of_twenty_two() -> None:
    assert {part_of(place) for place in range(22)} == {*PARTS, None}


def test_a_weak_learner_is_below_everyone_elses_level(bank: Bank) -> None:
    weak, usual = learner(bank, place=0), learner(bank)
    assert weak.general < usual.general - 1


def test_practice_makes_a_learner_better(bank: Bank) -> None:
    before = learner(bank, gain=0.05)
    after = practised(before, {"4.NF.A.1": 10})
    assert after.abilities["4.NF.A.1"] == pytest.approx(before.abilities["4.NF.A.1"] + 0.5)
    assert after.abilities["4.NF.A.2"] == before.abilities["4.NF.A.2"]
