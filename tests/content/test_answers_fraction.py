"""Marking a fraction: the value first, then the form."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from content.answers import fields, key, mark, wrong
from content.schema import FractionAnswer, Mistake
from tests.content import strategies
from tests.content.strategies import half


def verdict(given, value, **changes):
    """Mark three fields, or one text."""
    fields_given = (
        {"text": given} if isinstance(given, str) else dict(zip(("whole", "top", "bottom"), given, strict=True))
    )
    return mark(half(FractionAnswer(Fraction(value), **changes)), fields_given, seed=0)


@pytest.mark.parametrize(
    ("given", "value"),
    [
        (("", "7", "12"), "7/12"),
        (("1", "1", "2"), "3/2"),
        (("", "3", "2"), "3/2"),
        (("2", "", ""), "2"),
        (("", "14", "24"), "7/12"),
        ((" 1 ", " 1 ", " 2 "), "3/2"),
        (("-1", "1", "2"), "-3/2"),
        (("", "-1", "2"), "-1/2"),
        (("", "\N{MINUS SIGN}1", "2"), "-1/2"),
        (("1 1/2", "", ""), "3/2"),
        (("", "\N{FULLWIDTH DIGIT FOUR}", "\N{FULLWIDTH DIGIT EIGHT}"), "1/2"),
        (("0", "1", "2"), "1/2"),
        (("", "1,000", "2,000"), "1/2"),
        ("1 1/2", "3/2"),
        ("7/12", "7/12"),
        ("2", "2"),
        ("1\N{VULGAR FRACTION ONE HALF}", "3/2"),
        ("= 4/8", "1/2"),
    ],
)
def test_any_form_of_the_value_is_right_where_any_is_asked_for(given, value):
    assert verdict(given, value).status == "right"


@pytest.mark.parametrize(
    ("given", "value", "status"),
    [
        (("", "1", "2"), "1/2", "right"),
        (("", "2", "4"), "1/2", "reform"),
        (("", "3", "2"), "3/2", "right"),
        (("1", "1", "2"), "3/2", "right"),
        (("1", "2", "4"), "3/2", "reform"),
        (("0", "3", "2"), "3/2", "reform"),
        (("1", "3", "2"), "5/2", "reform"),
        (("", "4", "2"), "2", "reform"),
        (("", "2", "1"), "2", "reform"),
        (("2", "", ""), "2", "right"),
        (("2", "0", "3"), "2", "reform"),
        (("", "0", "3"), "0", "reform"),
        (("0", "", ""), "0", "right"),
        ("0.5", "1/2", "reform"),
        (("", "2", "4"), "1/3", "wrong"),
    ],
)
def test_in_simplest_form_the_right_value_otherwise_written_gets_another_go(given, value, status):
    assert verdict(given, value, form="simplest").status == status


@pytest.mark.parametrize(
    ("given", "status"),
    [
        (("", "6", "8"), "right"),
        (("", "3", "4"), "reform"),
        (("", "12", "16"), "reform"),
        ("0.75", "reform"),
        (("", "5", "8"), "wrong"),
    ],
)
def test_a_denominator_that_is_asked_for_is_kept(given, status):
    assert verdict(given, "3/4", denominator=8).status == status


def test_a_mixed_number_may_stand_over_the_denominator_asked_for():
    assert verdict(("1", "6", "8"), "7/4", denominator=8).status == "right"
    assert verdict(("2", "", ""), "2", denominator=8).status == "reform"


def test_another_go_says_what_is_asked_for_and_is_not_scored():
    simpler, over, decimal = (
        verdict(("", "2", "4"), "1/2", form="simplest"),
        verdict("1/2", "1/2", denominator=8),
        verdict("0.5", "1/2"),
    )

    assert "simpler" in simpler.nudge
    assert "8" in over.nudge
    assert "fraction" in decimal.nudge
    assert not simpler.scored


@pytest.mark.parametrize(
    "given",
    [
        ("", "", ""),
        ("", "3", ""),
        ("", "", "4"),
        ("", "1", "0"),
        ("x", "1", "2"),
        ("1/2", "1", "2"),
        ("1", "-1", "2"),
        ("", "1/2", "3"),
        "half",
        ("9" * 300, "", ""),
    ],
)
def test_what_is_no_fraction_is_asked_for_again_and_not_scored(given):
    assert verdict(given, "1/2").status == "unreadable"
    assert not verdict(given, "1/2").scored


def test_no_field_at_all_is_unreadable():
    assert mark(half(FractionAnswer(Fraction(1))), {}, seed=0).status == "unreadable"


def test_what_was_typed_is_stored_in_its_own_form():
    assert verdict(("", "02", "4"), "1/2").chosen == "2/4"
    assert verdict("= 1\N{VULGAR FRACTION ONE HALF}", "1/2").chosen == "1 1/2"
    assert verdict(("-1", "1", "2"), "1/2").chosen == "-1 1/2"
    assert verdict(("3", "", ""), "1/2").chosen == "3"


def test_an_expected_mistake_carries_its_misconception_in_every_form():
    mistakes = (Mistake(Fraction(2, 5), "add-tops", "Same size?"),)

    for typed in (("", "2", "5"), ("", "4", "10"), "0.4"):
        found = verdict(typed, "5/6", mistakes=mistakes, form="simplest")
        assert (found.status, found.misconception, found.nudge) == ("wrong", "add-tops", "Same size?")


@given(strategies.fraction_answers)
def test_the_key_is_right_and_an_asked_for_wrong_answer_is_wrong(answer):
    item = half(answer)
    given = wrong(item, seed=0)
    over = answer.denominator
    possible = over is None or (
        (answer.value * over).denominator == 1 and (answer.form == "any" or answer.value.denominator == over)
    )

    assert not possible or mark(item, key(item, seed=0), seed=0).status == "right"
    assert given is None or mark(item, given, seed=0).status == "wrong"
    for tag in strategies.TAGS:
        carried = wrong(item, seed=0, misconception=tag)
        assert carried is None or mark(item, carried, seed=0).misconception == tag


@given(
    st.integers(0, 50),
    st.integers(0, 50),
    st.integers(1, 50),
    st.sampled_from(["any", "simplest"]),
    strategies.fractions,
)
def test_fields_and_one_text_are_marked_alike(whole, top, bottom, form, value):
    in_fields = verdict((str(whole), str(top), str(bottom)), value, form=form)

    assert in_fields == verdict(f"{whole} {top}/{bottom}", value, form=form)
    assert (in_fields.status in ("right", "reform")) == (whole + Fraction(top, bottom) == value)


@given(strategies.fraction_answers, st.dictionaries(st.sampled_from(["whole", "top", "bottom", "text"]), st.text()))
def test_marking_is_total(answer, given):
    assert mark(half(answer), given, seed=0).status in ("right", "wrong", "reform", "unreadable")


def test_nothing_that_gives_the_answer_away_is_presented():
    answer = FractionAnswer(Fraction(12345, 677), "simplest", 6789, "cups", (Mistake(Fraction(424242), "canary-tag"),))
    seen = repr(fields(half(answer), seed=1))

    assert fields(half(answer), seed=1).inputs == ("whole", "top", "bottom")
    assert not any(secret in seen for secret in ("12345", "677", "6789", "424242", "canary", "simplest"))
