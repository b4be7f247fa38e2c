"""Marking a picked option, whatever order it was shown in."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from content.answers import fields, key, mark, shown, wrong
from content.schema import Choice, Option
from tests.content import strategies
from tests.content.strategies import half

OPTIONS = (
    Option("$\\frac{2}{4}$", True),
    Option("$\\frac{2}{3}$", False, "add-tops"),
    Option("$\\frac{1}{4}$", False, "bigger-is-bigger", "Count the pieces again."),
)
ITEM = half(Choice(OPTIONS))
seeds = st.integers(-(2**63), 2**63)


def picked(item, text, seed):
    """Give the form fields of the option that reads `text`."""
    return {"option": next(value for value, words, _ in fields(item, seed=seed).options if words == text)}


@given(seeds)
def test_the_right_option_is_right_wherever_it_is_shown(seed):
    assert mark(ITEM, key(ITEM, seed=seed), seed=seed).status == "right"
    assert picked(ITEM, OPTIONS[0].text, seed) == key(ITEM, seed=seed)


@given(seeds)
def test_a_wrong_option_carries_its_misconception_and_the_authors_nudge(seed):
    first = mark(ITEM, picked(ITEM, OPTIONS[1].text, seed), seed=seed)
    second = mark(ITEM, picked(ITEM, OPTIONS[2].text, seed), seed=seed)

    assert (first.status, first.misconception, first.nudge) == ("wrong", "add-tops", None)
    assert (second.status, second.misconception, second.nudge) == (
        "wrong",
        "bigger-is-bigger",
        "Count the pieces again.",
    )


def test_the_same_option_is_stored_under_the_same_name_on_every_seed():
    stored = {mark(ITEM, picked(ITEM, OPTIONS[2].text, seed), seed=seed).chosen for seed in range(30)}

    assert stored == {"2"}
    assert shown(ITEM, "2") == OPTIONS[2].text


def test_every_order_comes_up_about_as_often():
    orders = Counter(tuple(text for _, text, _ in fields(ITEM, seed=seed).options) for seed in range(3000))

    assert len(orders) == 6
    assert all(400 < count < 600 for count in orders.values())


def test_two_items_are_not_shuffled_alike():
    other = half(Choice(OPTIONS), id="other")

    assert any(fields(ITEM, seed=seed) != fields(other, seed=seed) for seed in range(10))


def test_options_keep_the_authors_order_when_asked():
    item = half(Choice(OPTIONS, shuffle=False))

    assert [text for _, text, _ in fields(item, seed=5).options] == [option.text for option in OPTIONS]


@given(seeds)
def test_the_value_of_an_option_is_its_place_and_tells_nothing(seed):
    assert [value for value, _, _ in fields(ITEM, seed=seed).options] == ["0", "1", "2"]


def test_an_option_already_tried_is_flagged_and_no_other():
    chosen = mark(ITEM, picked(ITEM, OPTIONS[1].text, 4), seed=4).chosen
    flags = {text: tried for _, text, tried in fields(ITEM, seed=4, tried=[chosen]).options}

    assert flags == {OPTIONS[0].text: False, OPTIONS[1].text: True, OPTIONS[2].text: False}


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"option": ""},
        {"option": "3"},
        {"option": "-1"},
        {"option": "00"},
        {"option": "one"},
        {"number": "0"},
        {"option": "\N{ARABIC-INDIC DIGIT ONE}"},
    ],
)
def test_no_option_or_one_that_was_not_shown_cannot_be_marked(given):
    verdict = mark(ITEM, given, seed=0)

    assert verdict.status == "unreadable"
    assert not verdict.scored


def test_a_simulated_student_can_ask_for_a_wrong_answer_with_a_misconception():
    for seed in range(20):
        fields_given = wrong(ITEM, seed=seed, misconception="bigger-is-bigger")
        assert mark(ITEM, fields_given, seed=seed).misconception == "bigger-is-bigger"
        assert mark(ITEM, wrong(ITEM, seed=seed), seed=seed).status == "wrong"
    assert wrong(ITEM, seed=0, misconception="unheard-of") is None


@given(strategies.choices, seeds, st.dictionaries(st.sampled_from(["option", "text"]), st.text()))
def test_marking_is_total(answer, seed, given):
    assert mark(half(answer), given, seed=seed).status in ("right", "wrong", "unreadable")


def test_nothing_that_gives_the_answer_away_is_presented():
    secret = Choice(tuple(Option(f"text {index}", index == 1, "canary-tag", "canary nudge") for index in range(4)))
    seen = repr(fields(half(secret), seed=1))

    assert "canary" not in seen
    assert "correct" not in seen
    assert seen.count("True") == 0


FOUR = half(Choice((*OPTIONS, Option("$\\frac{1}{3}$", False))))


@given(seeds)
def test_with_fewer_options_the_right_one_and_the_telling_ones_stay(seed):
    shown_texts = [text for _, text, _ in fields(FOUR, seed=seed, most=3).options]

    assert sorted(shown_texts) == sorted(option.text for option in OPTIONS)
    assert mark(FOUR, key(FOUR, seed=seed, most=3), seed=seed, most=3).status == "right"
    assert mark(FOUR, {"option": "3"}, seed=seed, most=3).status == "unreadable"
    assert shown(FOUR, mark(FOUR, wrong(FOUR, seed=seed, most=3), seed=seed, most=3).chosen) in shown_texts


@given(seeds)
def test_fewer_options_keep_their_order(seed):
    texts = [text for _, text, _ in fields(FOUR, seed=seed).options]
    fewer = [text for _, text, _ in fields(FOUR, seed=seed, most=3).options]

    assert fewer == [text for text in texts if text in fewer]
