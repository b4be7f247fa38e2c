"""A seed makes the same item for ever, and only items that the author allowed."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from content.expressions import ExpressionError
from content.generators import SEEDS, GeneratorError, draw, realise
from content.placeholders import decimal, fill
from content.schema import AnswerTemplate, Choice, FractionAnswer, Generator, Number, Parameter
from content.stream import Stream
from tests.content.strategies import fractions, half


def adding(**changes):
    """Make a generator that adds two fractions."""
    plain = {
        "id": "add",
        "skill": "5.NF.A.1",
        "stem": "$[[1/a]] + [[1/b]]$",
        "answer": AnswerTemplate("fraction", "s", mistakes=(("2/(a+b)", "add-tops", "Not [[2/(a+b)]]?"),)),
        "parameters": (Parameter("a", 2, 9), Parameter("b", choices=(Fraction(3), Fraction(5), Fraction(1, 2)))),
        "lets": (("s", "1/a + 1/b"),),
        "conditions": ("a != b",),
        "hints": ("Use [[lcm(a, num(b))]].",),
        "solution": "[[mixed(s)]]",
    }
    return Generator(**plain | changes)


def test_the_stream_of_a_seed_never_changes():
    stream = Stream("add", 7)

    assert [stream.below(1000) for _ in range(5)] == [787, 975, 191, 924, 480]
    assert Stream("add/order", 7).order(5) == [4, 1, 2, 0, 3]


def test_the_item_of_a_seed_never_changes():
    assert [draw(adding(), seed)["a"] for seed in range(8)] == [7, 4, 8, 7, 2, 3, 9, 8]


def test_the_same_seed_makes_the_same_item_and_other_seeds_make_others():
    assert realise(adding(), 3) == realise(adding(), 3)
    assert len({realise(adding(), seed).stem for seed in range(SEEDS)}) > 15


def test_two_generators_do_not_draw_alike():
    draws = [[draw(adding(id=name), seed)["a"] for seed in range(20)] for name in ("add", "sum")]

    assert draws[0] != draws[1]


def test_draws_are_even():
    counts = [[Stream("even", seed).below(4) for seed in range(4000)].count(value) for value in range(4)]

    assert all(900 < count < 1100 for count in counts)


def test_every_seed_keeps_the_conditions_and_stays_in_range():
    for seed in range(SEEDS):
        names = draw(adding(), seed)
        assert 2 <= names["a"] <= 9
        assert names["b"] in (3, 5, Fraction(1, 2))
        assert names["a"] != names["b"]
        assert names["s"] == 1 / names["a"] + 1 / names["b"]


def test_an_item_is_filled_in_everywhere():
    item = realise(adding(parameters=(Parameter("a", 4, 4), Parameter("b", 3, 3))), 0)

    assert item.stem == r"$\frac{1}{4} + \frac{1}{3}$"
    assert item.hints == ("Use 12.",)
    assert item.solution == "7/12"
    assert item.answer == FractionAnswer(
        Fraction(7, 12), mistakes=(type(item.answer.mistakes[0])(Fraction(2, 7), "add-tops", "Not 2/7?"),)
    )
    assert (item.id, item.skill) == ("add", "5.NF.A.1")


def test_a_choice_and_a_number_are_filled_in():
    options = (("[[a]]", True, None, None), ("[[a + 1]]", False, "tag", "Not [[a + 1]]?"))
    one = (Parameter("a", 4, 4),)
    choice = adding(
        parameters=one,
        lets=(),
        conditions=(),
        stem="x",
        hints=(),
        solution="",
        answer=AnswerTemplate("choice", options=options, shuffle=False),
    )
    number = adding(
        parameters=one,
        lets=(),
        conditions=(),
        stem="x",
        hints=(),
        solution="",
        answer=AnswerTemplate("number", "a / 8", tolerance="1/a", unit="cups"),
    )

    assert [option.text for option in realise(choice, 0).answer.options] == ["4", "5"]
    assert realise(choice, 0).answer.options[1].nudge == "Not 5?"
    assert isinstance(realise(choice, 0).answer, Choice)
    assert realise(number, 0).answer == Number(Fraction(1, 2), Fraction(1, 4), "cups")


def test_a_written_item_is_returned_as_it_is():
    assert realise(half(), 123456) is not None
    assert realise(half(), 123456) == half()


@pytest.mark.parametrize("seed", [-1, SEEDS, 10**9])
def test_a_seed_that_was_never_examined_is_refused(seed):
    with pytest.raises(ValueError, match="seeds 0 to 199"):
        realise(adding(), seed)


def test_a_condition_guards_the_lets_behind_it():
    guarded = adding(parameters=(Parameter("a", 0, 3), Parameter("b", 1, 3)), conditions=("a != 0", "s < 2"), hints=())

    assert all(draw(guarded, seed)["a"] != 0 for seed in range(SEEDS))


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"conditions": ("a > 9",)}, "cannot-draw"),
        ({"parameters": (Parameter("a"), Parameter("b", 1, 1))}, "division-by-zero"),
        ({"parameters": (Parameter("a", 2, 1), Parameter("b", 1, 1))}, "bad-param"),
        ({"solution": "[[dec(1/3)]]"}, "endless-decimal"),
        ({"solution": "[[frac(a, 1/2)]]"}, "not-whole"),
        ({"conditions": ("a + b",)}, "not-a-condition"),
        ({"conditions": ("z > 1",)}, "unknown-name"),
        ({"lets": (("s", "a < b"),)}, "bad-expression"),
        ({"answer": AnswerTemplate("number", "a", tolerance="-1")}, "bad-tolerance"),
        ({"answer": AnswerTemplate("fraction", "a", denominator="0")}, "bad-denominator"),
    ],
)
def test_a_fault_of_a_generator_has_a_code(changes, code):
    with pytest.raises(GeneratorError) as caught:
        realise(adding(**changes), 0)

    assert caught.value.code == code


@pytest.mark.parametrize(
    ("text", "x", "shown"),
    [
        ("[[x]]", "3", "3"), ("[[x]]", "7/12", "7/12"), ("$[[x]]$", "7/12", r"$\frac{7}{12}$"),
        ("$[[x]]$", "-7/12", r"$-\frac{7}{12}$"), ("$a$ [[x]] $b$", "1/2", "$a$ 1/2 $b$"),
        (r"\$[[x]]", "1/2", r"\$1/2"), ("$$[[x]]$$", "1/2", r"$$\frac{1}{2}$$"),
        ("$a$$[[x]]$ [[x]]", "1/2", r"$a$$\frac{1}{2}$ 1/2"),
        ("[[mixed(x)]]", "3/2", "1 1/2"), ("$[[mixed(x)]]$", "-3/2", r"$-1\frac{1}{2}$"), ("[[mixed(x)]]", "2", "2"),
        ("[[mixed(x)]]", "1/2", "1/2"), ("[[mixed(x)]]", "0", "0"), ("[[dec(x)]]", "3/8", "0.375"),
        ("[[dec(x)]]", "-1/20", "-0.05"), ("[[dec(x)]]", "30", "30"), ("$[[frac(2 * x, 4)]]$", "1", r"$\frac{2}{4}$"),
        ("[[frac(x, 1)]]", "3", "3/1"), ("$[[frac(-x, 4)]]$", "1", r"$-\frac{1}{4}$"), ("[[ x + 1 ]]", "1", "2"),
    ],
)  # fmt: skip
def test_a_value_is_written_as_it_stands_in_the_text(text, x, shown):
    assert fill(text, {"x": Fraction(x)}) == shown


def test_brackets_that_are_not_closed_are_refused():
    with pytest.raises(ExpressionError, match="closed"):
        fill("[[x", {"x": Fraction(1)})


@given(fractions)
def test_a_decimal_is_exact_or_there_is_none(value):
    text = decimal(value)

    assert text is None or Fraction(text) == value
    assert (text is not None) == (10**10 % value.denominator == 0)


@given(st.integers(-20, 20), st.integers(0, 8), st.integers(0, 3))
def test_whatever_has_only_twos_and_fives_below_ends_as_a_decimal(top, twos, fives):
    value = Fraction(top, 2**twos * 5**fives)

    assert Fraction(decimal(value)) == value
