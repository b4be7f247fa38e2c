"""Marking a point on a number line."""

from fractions import Fraction

import pytest
from hypothesis import given

from content.answers import fields, key, mark, wrong
from content.check import examine
from content.generators import realise
from content.schema import Item, Mistake, NumberLine
from tests.content import strategies
from tests.content.strategies import half

SLIP = Mistake(Fraction(5, 4), "add-tops", "Are the pieces the same size?")
BANK = """---
id: lines
title: Lines
grade: "4"
language: en
licence: CC BY 4.0
skills:
  - code: 4.NF.B.3
    title: Add
---
# 4.NF.B.3

## third
answer: line
difficulty: 0
{settings}

Work out the sum. Mark it on the line.

### Answer
= {value}
{mistake}

### Solution
Count on.
"""


def line(**changes: object) -> Item:
    plain: dict[str, object] = {
        "value": Fraction(3, 4),
        "low": Fraction(0),
        "high": Fraction(2),
        "step": Fraction(1, 4),
        "mistakes": (SLIP,),
    }
    return half(NumberLine(**plain | changes))


def found(settings: str, value: str = "3/4", mistake: str = "") -> list[str]:
    text = BANK.format(settings=settings, value=value, mistake=mistake)
    return [finding.code for finding in examine(text, "lines").findings]


@pytest.mark.parametrize("text", ["3/4", "0.75", ".75", "6/8", " 3/4 ", "75 %"])
def test_a_point_counts_however_its_number_is_written(text):
    assert mark(line(), {"point": text}, seed=0).status == "right"


def test_the_mark_beside_it_is_another_number():
    assert mark(line(), {"point": "1/2"}, seed=0).status == "wrong"


def test_near_enough_is_right_where_the_author_says_so():
    assert mark(line(tolerance=Fraction(1, 10)), {"point": "0.8"}, seed=0).status == "right"
    assert mark(line(tolerance=Fraction(1, 100)), {"point": "0.8"}, seed=0).status == "wrong"


def test_an_expected_slip_carries_its_misconception_and_nudge():
    given = mark(line(), {"point": "1 1/4"}, seed=0)
    assert (given.status, given.misconception, given.nudge) == ("wrong", "add-tops", SLIP.nudge)


@pytest.mark.parametrize("text", ["-1/4", "9/4", "100"])
def test_a_number_beyond_the_line_is_given_back_and_not_counted(text):
    given = mark(line(), {"point": text}, seed=0)
    assert (given.status, given.nudge, given.scored) == ("unreadable", "Stay on the line.", False)


@pytest.mark.parametrize("text", ["", "here", "1/0", "3/", "\ud800"])
def test_what_is_no_number_can_be_tried_again(text):
    assert mark(line(), {"point": text}, seed=0).status == "unreadable"


def test_the_page_is_told_the_marks_and_nothing_of_the_answer():
    shown = fields(line(), seed=0)
    assert shown.marks == ("0", "1/4", "1/2", "3/4", "1", "5/4", "3/2", "7/4", "2")
    assert (shown.kind, shown.inputs, shown.options) == ("line", ("point",), ())
    assert shown == fields(line(value=Fraction(1), mistakes=()), seed=0)


def test_a_wrong_point_can_be_made_for_simulated_students():
    assert wrong(line(), seed=0) == {"point": "5/4"}
    assert wrong(line(), seed=0, misconception="none-such") is None
    assert wrong(line(mistakes=()), seed=0) == {"point": "2"}


def test_a_good_line_has_no_findings():
    assert found("from: 0\nto: 2\nstep: 1/4", mistake="! 5/4 {} Count again.") == []


@pytest.mark.parametrize(
    ("settings", "value", "mistake", "code"),
    [
        ("from: 0\nto: 2", "3/4", "", "no-line"),
        ("from: 2\nto: 2\nstep: 1", "2", "", "bad-line"),
        ("from: 0\nto: 2\nstep: 0", "1", "", "bad-line"),
        ("from: 0\nto: 1\nstep: 2/3", "1/3", "", "bad-line"),
        ("from: 0\nto: 10\nstep: 1/10", "1/10", "", "bad-line"),
        ("from: 0\nto: 2\nstep: 1/4", "9/4", "", "off-the-line"),
        ("from: 0\nto: 2\nstep: 1/4", "3/4", "! 3 {} Too far.", "off-the-line"),
        ("from: 0\nto: 2\nstep: 1/4", "3/4", "! 3/4 {} Same.", "mistake-is-key"),
        ("from: 0\nto: 2\nstep: 1/4\ntolerance: -1", "3/4", "", "bad-tolerance"),
        ("from: 0\nto: 2\nstep: 1/4\nunit: cups", "3/4", "", "idle-key"),
    ],
)
def test_a_line_that_cannot_be_drawn_or_answered_is_a_finding(settings, value, mistake, code):
    assert code in found(settings, value, mistake)


def test_the_line_of_a_generator_fits_its_numbers():
    settings = "param n: 5..9\nfrom: 0\nto: 1\nstep: 1/n"
    bank = examine(BANK.format(settings=settings, value="2/n", mistake=""), "lines").bank
    made = realise(bank.items[0], 3).answer
    assert isinstance(made, NumberLine)
    assert made.step == made.value / 2


@given(strategies.lines)
def test_marking_never_fails_and_accepts_its_own_key(answer):
    item = half(answer)
    if answer.low <= answer.value <= answer.high:
        assert mark(item, key(item, seed=0), seed=0).status == "right"
    assert mark(item, {}, seed=0).status == "unreadable"
