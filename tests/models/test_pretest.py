"""A pretested item is accepted, or its author is told in words what is wrong with it."""

from dataclasses import replace
from math import inf, nan

import pytest

from models.pretest import Gate, Trial, reasons_against

SOUND = Trial(a=1.1, b=0.3, b_se=0.2, answers=240, right=130, infit=1.02)


def test_a_sound_item_is_accepted():
    assert reasons_against(SOUND) == ()


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"answers": 99, "right": 50}, "99 answers are too few"),
        ({"right": 3}, "only 3 answers were right"),
        ({"right": 238}, "only 2 answers were wrong"),
        ({"a": -0.4}, "check its key"),
        ({"a": 0.1}, "discrimination is 0.10"),
        ({"a": 5.0}, "discrimination is 5.00"),
        ({"b": -4.5}, "difficulty is -4.50"),
        ({"b_se": 0.4}, "standard error"),
        ({"b_se": 0.0}, "standard error"),
        ({"infit": 1.5}, "infit"),
        ({"infit": 0.5}, "infit"),
        ({"b": nan}, "could not be estimated"),
        ({"b_se": inf}, "could not be estimated"),
    ],
)
def test_one_thing_wrong_gives_one_reason(change, says):
    (reason,) = reasons_against(replace(SOUND, **change))
    assert says in reason


def test_every_reason_is_given_at_once():
    assert len(reasons_against(Trial(a=0.1, b=5.0, b_se=1.0, answers=20, right=2, infit=2.0))) == 6


def test_a_stricter_gate_refuses_what_the_usual_one_accepts():
    assert len(reasons_against(SOUND, Gate(least_answers=300))) == 1
