"""Marking a typed number, however a child writes it."""

import time
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from content.answers import fields, key, mark, shown, wrong
from content.answers.reading import read
from content.schema import Mistake, Number
from tests.content import strategies
from tests.content.strategies import half


def wide(text):
    """Spell a text in full-width characters, as East Asian keyboards may."""
    return "".join(chr(ord(character) + 0xFEE0) for character in text)


def status(text, value, **changes):
    """Mark one text."""
    return mark(half(Number(Fraction(value), **changes)), {"number": text}, seed=0).status


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1.5", "3/2"),
        ("3/2", "3/2"),
        ("1 1/2", "3/2"),
        ("1 and 1/2", "3/2"),
        (".5", "1/2"),
        ("5.", "5"),
        ("1,000", "1000"),
        ("1 000", "1000"),
        ("12,345.5", "24691/2"),
        ("50 %", "1/2"),
        ("50%", "1/2"),
        ("12.5%", "1/8"),
        ("-3", "-3"),
        ("\N{MINUS SIGN}3", "-3"),
        ("\N{EN DASH}3", "-3"),
        ("- 3", "-3"),
        ("+3", "3"),
        ("-1 1/2", "-3/2"),
        (wide("12"), "12"),
        (wide("-3"), "-3"),
        (wide("3/4"), "3/4"),
        ("\N{VULGAR FRACTION ONE HALF}", "1/2"),
        ("1\N{VULGAR FRACTION ONE HALF}", "3/2"),
        ("2 \N{VULGAR FRACTION THREE QUARTERS}", "11/4"),
        ("1\N{FRACTION SLASH}2", "1/2"),
        ("1\N{DIVISION SIGN}2", "1/2"),
        ("  7  ", "7"),
        ("= 7", "7"),
        ("=7/12", "7/12"),
        ("7 / 12", "7/12"),
        ("007", "7"),
        ("-0", "0"),
        ("0/5", "0"),
        ("\N{ARABIC-INDIC DIGIT THREE}", "3"),
        ("3\N{NO-BREAK SPACE}1/2", "7/2"),
        ("\N{ZERO WIDTH SPACE}3", "3"),
        ("3\t", "3"),
    ],
)
def test_a_number_is_read_as_children_write_it(text, value):
    assert status(text, value) == "right"


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "abc",
        "1/0",
        "1/",
        "/2",
        "1/2/3",
        "1..2",
        "1.2.3",
        "1,00",
        "1,0000",
        "3:4",
        "1e5",
        "3²",
        "1 1",
        "--3",
        "1-1/2",
        "1 -1/2",
        "inf",
        "nan",
        "0x10",
        "1_000",
        "५a",
        "= ",
        "%",
        "1/-2",
        "1" * 201,
        "x" * 10**6,
        "\x00",
        "\ud800",
    ],
)
def test_what_is_no_number_is_asked_for_again_and_not_scored(text):
    verdict = mark(half(), {"number": text}, seed=0)

    assert verdict.status == "unreadable"
    assert not verdict.scored
    assert len(verdict.chosen) <= 60
    verdict.chosen.encode("utf-8")
    assert "\x00" not in verdict.chosen


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("12 cups", "cups"),
        ("12 cup", "cups"),
        ("12cups", "cups"),
        ("12 CUPS", "cups"),
        ("12 inches", "inches"),
        ("12 ft.", "ft"),
        ("$12", "dollars"),
        ("12 dollars", "$"),
        ("12 dollar", "dollars"),
        ("12 %", "%"),
        ("12 percent", "%"),
        ("12", "cups"),
        ("12 square metres", "square metres"),
        ("12 s", "s"),
    ],
)
def test_typing_the_unit_as_well_is_no_mistake(text, unit):
    assert status(text, 12, unit=unit) == "right"


def test_another_unit_is_asked_about_not_counted():
    assert status("12 miles", 12, unit="cups") == "unreadable"


def test_a_percentage_means_itself_where_percent_is_the_unit():
    assert status("50 %", 50, unit="%") == "right"
    assert status("50", 50, unit="%") == "right"
    assert status("50 %", "1/2", unit="%") == "wrong"


@given(strategies.fractions, st.fractions(0, 5, max_denominator=20), strategies.fractions)
def test_exactly_what_lies_within_the_tolerance_is_right(value, tolerance, typed):
    inside = abs(typed - value) <= tolerance

    assert status(str(typed), value, tolerance=tolerance) == ("right" if inside else "wrong")


def test_the_edge_of_the_tolerance_is_exact():
    assert status("0.1", 0, tolerance=Fraction(1, 10)) == "right"
    assert status("0.3", "0.2", tolerance=Fraction(1, 10)) == "right"
    assert status("0.30000000000000001", "0.2", tolerance=Fraction(1, 10)) == "wrong"


def test_an_expected_mistake_carries_its_misconception_however_it_is_written():
    mistakes = (Mistake(Fraction(2, 5), "add-tops", "Same size?"), Mistake(Fraction(2, 5), "other"))
    item = half(Number(Fraction(5, 6), mistakes=mistakes))

    for text in ("2/5", "0.4", "4/10", "40%"):
        verdict = mark(item, {"number": text}, seed=0)
        assert (verdict.status, verdict.misconception, verdict.nudge) == ("wrong", "add-tops", "Same size?")
    assert mark(item, {"number": "0.41"}, seed=0).misconception is None


def test_equal_numbers_are_stored_alike():
    stored = {mark(half(), {"number": text}, seed=0).chosen for text in ("1.5", "1 1/2", "3/2", "= 1.50", "150%")}

    assert stored == {"1.5"}
    assert mark(half(), {"number": "2/6"}, seed=0).chosen == "1/3"
    assert shown(half(), "1.5") == "1.5"


@given(strategies.numbers)
def test_the_key_is_right_and_an_asked_for_wrong_answer_is_wrong(answer):
    item = half(answer)
    given = wrong(item, seed=0)

    assert mark(item, key(item, seed=0), seed=0).status == "right"
    assert given is None or mark(item, given, seed=0).status == "wrong"
    for tag in strategies.TAGS:
        carried = wrong(item, seed=0, misconception=tag)
        assert carried is None or mark(item, carried, seed=0).misconception == tag


def test_without_expected_mistakes_there_is_still_a_wrong_answer():
    assert status(wrong(half(), seed=0)["number"], "1/2") == "wrong"


@given(strategies.numbers, st.text(max_size=300), st.text(max_size=10))
def test_marking_is_total(answer, text, unit):
    verdict = mark(half(answer), {"number": text, unit: text}, seed=0)

    assert verdict.status in ("right", "wrong", "unreadable")
    assert read(text, unit) is None or isinstance(read(text, unit).value, Fraction)


@pytest.mark.parametrize(
    "text", ["1" * 200, "1," * 100, " " * 200, "1 " * 100, "-" * 200, "1/" * 100, "½" * 200, "9" * 10**6]
)
def test_no_text_takes_long(text):
    started = time.perf_counter()
    mark(half(), {"number": text}, seed=0)

    assert time.perf_counter() - started < 0.5


def test_nothing_that_gives_the_answer_away_is_presented():
    answer = Number(Fraction(12345), Fraction(6789), "cups", (Mistake(Fraction(424242), "canary-tag", "canary nudge"),))
    seen = repr(fields(half(answer), seed=1))

    assert fields(half(answer), seed=1).inputs == ("number",)
    assert "cups" in seen
    assert not any(secret in seen for secret in ("12345", "6789", "424242", "canary"))
