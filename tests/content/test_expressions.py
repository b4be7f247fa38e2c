"""Authors' arithmetic is exact, small and safe."""

from fractions import Fraction
from math import gcd, lcm

import pytest
from hypothesis import given
from hypothesis import strategies as st

from content.expressions import MAX_LENGTH, ExpressionError, is_name, parse, parse_shown

ZERO = "division by zero"


def _number(value):
    return str(value), Fraction(value)


def _combine(children):
    """Join two expressions whose values are known into one, worked out with plain fractions."""
    return st.tuples(children, st.sampled_from(["+", "-", "*", "/", "//", "%"]), children).map(_worked_out)


def _worked_out(parts):
    (left, x), operator, (right, y) = parts
    text = f"({left}) {operator} ({right})"
    if ZERO in (x, y) or (operator in ("/", "//", "%") and y == 0):
        return text, ZERO
    values = {
        "+": lambda: x + y,
        "-": lambda: x - y,
        "*": lambda: x * y,
        "/": lambda: x / y,
        "//": lambda: Fraction(x // y),
        "%": lambda: x % y,
    }
    return text, values[operator]()


arithmetic = st.recursive(
    st.one_of(st.integers(0, 99).map(_number), st.decimals(0, 9, places=2).map(_number)), _combine, max_leaves=8
)


@given(arithmetic)
def test_arithmetic_agrees_with_exact_fractions(case):
    text, wanted = case
    if wanted == ZERO:
        with pytest.raises(ExpressionError) as caught:
            parse(text).value({})
        assert caught.value.code == "division-by-zero"
    else:
        assert parse(text).value({}) == wanted


@given(st.integers(1, 500), st.integers(1, 500))
def test_functions_agree_with_the_library(a, b):
    names = {"a": Fraction(a), "b": Fraction(b)}
    wanted = {
        "gcd(a, b)": gcd(a, b),
        "lcm(a, b)": lcm(a, b),
        "min(a, b)": min(a, b),
        "max(a, b, 7)": max(a, b, 7),
        "abs(a - b)": abs(a - b),
        "floor(a / b)": a // b,
        "ceil(a / b)": -(-a // b),
        "num(a / b)": a // gcd(a, b),
        "den(a / b)": b // gcd(a, b),
    }
    assert {text: parse(text).value(names) for text in wanted} == wanted


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2 + 3 * 4", 14),
        ("2 - 3 - 4", -5),
        ("12 / 2 / 3", 2),
        ("-2 ^ 2", -4),
        ("2 ^ -1", Fraction(1, 2)),
        ("2 ^ 3 ^ 2", 512),
        ("7 // 2", 3),
        ("-7 // 2", -4),
        ("7 % 4", 3),
        (".5 + 1.25", Fraction(7, 4)),
        ("1 < 2 < 3", True),
        ("1 < 3 < 2", False),
        ("1 == 2 or 2 == 2", True),
        ("not 1 == 2 and 3 >= 3", True),
        ("1 != 2", True),
        ("2 <= 1", False),
        ("orange + android", 3),
    ],
)
def test_operators_bind_as_in_school(text, value):
    assert parse(text).value({"orange": Fraction(1), "android": Fraction(2)}) == value


def test_and_does_not_look_at_what_cannot_matter():
    assert parse("b != 0 and 1 / b > 0").value({"b": Fraction(0)}) is False


@pytest.mark.parametrize(
    ("text", "column", "says"),
    [
        ("(1", 3, "stops too early"),
        ("2a", 2, "does not fit"),
        ("a = 3", 3, "=="),
        ("", 1, "empty"),
        ("1 \N{MULTIPLICATION SIGN} 2", 3, "*"),
        (r"\frac{1}{2}", 1, "1/2"),
        ("foo(1)", 1, "no function 'foo'"),
        ("gcd + 1", 1, "brackets"),
        ("1 + frac(1, 2)", 5, "alone"),
        ("frac(1, 2)", 1, "alone"),
        ("abs(1, 2)", 1, "takes 1"),
    ],
)
def test_a_text_that_is_no_expression_is_refused_with_its_column(text, column, says):
    with pytest.raises(ExpressionError) as caught:
        parse(text)

    assert caught.value.column == column
    assert says in caught.value.message


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("1 / 0", "division-by-zero"),
        ("5 % (1 - 1)", "division-by-zero"),
        ("0 ^ -1", "division-by-zero"),
        ("2 ^ 65", "too-large"),
        ("(2 ^ 64) ^ 64", "too-large"),
        ("2 ^ .5", "not-whole"),
        ("gcd(1/2, 3)", "not-whole"),
        ("x + 1", "unknown-name"),
        ("(1 < 2) + 1", "bad-expression"),
        ("1 and 2 < 3", "bad-expression"),
    ],
)
def test_what_cannot_be_worked_out_says_why(text, code):
    with pytest.raises(ExpressionError) as caught:
        parse(text).value({})

    assert caught.value.code == code


@pytest.mark.parametrize("text", ["1" * (MAX_LENGTH + 1), "-" * 40 + "1", "*".join(["9" * 40] * 7) + "^64"])
def test_size_is_capped(text):
    with pytest.raises(ExpressionError) as caught:
        parse(text).value({})

    assert caught.value.code == "too-large"


def test_a_long_sum_is_not_nested():
    assert parse("+".join(["1"] * 150)).value({}) == 150


@pytest.mark.parametrize(
    "text", ["__import__('os')", "a.b", "a[0]", "lambda: 1", "a if b else c", "'a'", "a; b", "a := 1"]
)
def test_python_is_not_understood(text):
    with pytest.raises(ExpressionError):
        parse(text)


@given(st.text(alphabet="ab01.+-*/%^()<>=!, andortgcdmixf", max_size=40) | st.text(max_size=40))
def test_any_text_is_worked_out_or_refused(text):
    value = outcome(text)

    assert isinstance(value, Fraction | bool) or (value.message and 0 <= value.column <= len(text) + 1)


def outcome(text):
    """Give the value of a text, or the error that says why it has none."""
    try:
        parse_shown(text)
        return parse(text).value({"a": Fraction(1), "b": Fraction(2, 3)})
    except ExpressionError as error:
        return error


def test_names_are_listed():
    assert parse("gcd(a, b) + c1").names == {"a", "b", "c1"}


@pytest.mark.parametrize("text", ["and", "gcd", "frac", "2a", "a-b", "", "é"])
def test_a_number_cannot_have_the_name_of_something_else(text):
    assert not is_name(text)
