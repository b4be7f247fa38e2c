"""Expressions and equations: what counts as equal, what form is asked for, what an author may get wrong."""

from fractions import Fraction
from time import perf_counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from content import answers
from content.answers import Mark
from content.answers.terms import AlgebraError, Node, equal, read
from content.check import examine
from content.generators import realise
from content.schema import AlgebraMistake, EquationAnswer, ExpressionAnswer
from tests.content.strategies import half

SLOWEST = 0.05


def mark(text: str, value: str = "3(x + 2)", seed: int = 7, **asked: object) -> Mark:
    answer = ExpressionAnswer(value, asked.pop("variables", ("x", "y")), **asked)
    return answers.mark(half(answer), {"expression": text}, seed=seed)


def relate(text: str, value: str = "y = 2x + 3", **asked: object) -> Mark:
    return answers.mark(half(EquationAnswer(value, ("x", "y"), **asked)), {"equation": text}, seed=7)


@pytest.mark.parametrize(
    ("text", "form", "value", "status"),
    [
        ("3x + 6", "simplest", "3x + 6", "right"),
        ("6 + 3x", "simplest", "3x + 6", "right"),
        ("2x + x + 6", "simplest", "3x + 6", "reform"),
        ("3x + 2*3", "simplest", "3x + 6", "reform"),
        ("6/4 x", "simplest", "3/2 x", "reform"),
        ("3x/2", "simplest", "3/2 x", "right"),
        ("(3/2)x", "simplest", "3/2 x", "right"),
        ("1.5x", "simplest", "3/2 x", "right"),
        ("x*x", "simplest", "x^2", "reform"),
        ("x + (x + 1)", "simplest", "2x + 1", "reform"),
        ("(x^2 - 4)/(x - 2)", "simplest", "x + 2", "reform"),
        ("3x + 6", "expanded", "3x + 6", "right"),
        ("3(x + 2)", "expanded", "3x + 6", "reform"),
        ("(x+1)^2", "expanded", "x^2 + 2x + 1", "reform"),
        ("x^2 + x + x + 1", "expanded", "x^2 + 2x + 1", "reform"),
        ("1 + 2x + x^2", "expanded", "x^2 + 2x + 1", "right"),
        ("3(x + 2)", "factored", "3(x + 2)", "right"),
        ("(2 + x)*3", "factored", "3(x + 2)", "right"),
        ("3x + 6", "factored", "3(x + 2)", "reform"),
        ("1(3x + 6)", "factored", "3(x + 2)", "reform"),
        ("(x+1)(x+1)", "factored", "(x+1)^2", "right"),
        ("x(x^2 - 4)", "factored", "x(x-2)(x+2)", "reform"),
        ("3x + 5", "factored", "3(x + 2)", "wrong"),
    ],
)
def test_an_equal_expression_in_another_form_gets_another_go(text, form, value, status):
    verdict = mark(text, value, form=form)
    assert verdict.status == status
    assert bool(verdict.nudge) == (status == "reform")


def test_decimals_can_be_ruled_out():
    assert mark("0.5x", "1/2 x", decimals=False).nudge == "Right value. Now use no decimals."
    assert mark("x/2", "1/2 x", decimals=False).status == "right"


def test_an_expected_mistake_is_known_however_it_is_written():
    mistakes = (AlgebraMistake("3x + 2", "half-way", "Both parts."),)
    assert mark("2 + x*3", mistakes=mistakes) == Mark("wrong", "half-way", "Both parts.", "2 + x*3")
    assert mark("3x + 5", mistakes=mistakes) == Mark("wrong", chosen="3x + 5")


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("y = 2x + 3", "right"), ("2x+3=y", "right"), ("y - 2x = 3", "right"), ("2y = 4x + 6", "right"),
        ("0 = 2x - y + 3", "right"), ("y/2 = x + 1.5", "right"), ("y = 3x + 2", "wrong"), ("y = 2x", "wrong"),
        ("0 = 0", "wrong"), ("y = y", "wrong"), ("y/x = 2 + 3/x", "wrong"), ("2x + 3", "unreadable"),
        ("y = 2x = 3", "unreadable"), ("", "unreadable"), ("y = ", "unreadable"), ("y = 1/0", "unreadable"),
        ("z = 2x + 3", "unreadable"),
    ],
)  # fmt: skip
def test_an_equation_is_right_however_it_is_arranged(text, status):
    assert relate(text).status == status


def test_an_equation_can_be_asked_for_solved():
    assert relate("y = 2x + 3", solve="y").status == "right"
    assert relate("3 + 2x = y", solve="y").status == "right"
    assert relate("y - 3 = 2x", solve="y") == Mark(
        "reform", nudge="Right so far. Now get y alone.", chosen="y - 3 = 2x"
    )


_leaves = st.sampled_from(["x", "y", "2", "3", "1/2", "0.25", "10"])
_texts = st.recursive(
    _leaves,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from("+-*/"), inner).map(lambda parts: "({}){}({})".format(*parts)),
        st.tuples(inner, st.sampled_from("0123")).map(lambda parts: "({})^{}".format(*parts)),
        inner.map("-({})".format),
    ),
    max_leaves=6,
)


def exact(node: Node, point: dict[str, Fraction]) -> Fraction | None:
    """Work an expression out in fractions."""
    if node.kind == "number":
        return node.value
    if node.kind == "letter":
        return point[node.name]
    found = [exact(part, point) for part in node.parts]
    if None in found:
        return None
    if node.kind == "sum":
        return sum((sign * each for sign, each in zip(node.exponents, found, strict=True)), Fraction(0))
    product = Fraction(1)
    for each, exponent in zip(found, node.exponents, strict=True):
        if not each and exponent < 0:
            return None
        product *= each**exponent
    return product


# More points than the degree of what six leaves and exponents up to 3 usually make, away from zero.
_POINTS = [{"x": Fraction(3 + 7 * k, 5), "y": Fraction(11 + 13 * k * k, 7)} for k in range(40)]


@settings(max_examples=150, deadline=None)
@given(_texts, _texts, st.integers(0, 1000))
def test_two_expressions_are_equal_where_their_exact_values_are(one, other, seed):
    try:
        left, right = read(one, "xy"), read(other, "xy")
    except AlgebraError:
        return  # beyond the caps
    for first, second in ((left, right), (left, read(f"({one})*1 + 0", "xy") if len(one) < 190 else left)):
        pairs = [(exact(first, point), exact(second, point)) for point in _POINTS]
        known = [(a, b) for a, b in pairs if a is not None and b is not None]
        assert equal(first, second, "p", seed) == (all(a == b for a, b in known) if known else None)


_typed = st.text(max_size=400) | st.text("xy0123456789+-*/^()=., \N{SUPERSCRIPT TWO}", max_size=300)


@settings(max_examples=150, deadline=None)
@given(_typed, st.sampled_from(["any", "simplest", "factored", "expanded"]))
def test_any_text_gets_a_verdict_soon(text, form):
    started = perf_counter()
    for verdict in (mark(text, form=form), relate(text, solve="y")):
        assert verdict.status in ("right", "wrong", "reform", "unreadable")
        assert len(verdict.chosen) <= 60
    assert perf_counter() - started < 2 * SLOWEST


@pytest.mark.parametrize(
    "text",
    ["(" * 200, "-" * 200, "x" * 200, "(-" * 12 + "x" + ")" * 12, "9" * 200, "((x^20)^20)^20", "x^999999", "1/(x-x)",
     "^" * 90,
     "(" * 12 + "x" + ")^2" * 12, "+".join(["x/y"] * 50), "x" * 100_000, "(x-x)^-2", "0/0",
     "3\N{VULGAR FRACTION ONE HALF}x/0"],
)  # fmt: skip
def test_a_text_made_to_break_it_gets_a_verdict(text):
    started = perf_counter()
    assert {mark(text).status, relate(f"{text} = y").status} <= {"wrong", "unreadable"}
    assert perf_counter() - started < 2 * SLOWEST


BANK = """---
id: algebra
title: Algebra
grade: "6"
language: en
licence: CC BY 4.0
skills:
  - code: EE
    title: Expressions
---

# EE

## legs
answer: expression
variables: n
form: simplest
difficulty: 0

How many legs?

### Answer
= 4n
! n + 4 {} Each one has 4.

### Solution
4 each.

## way
answer: equation
variables: d, t
solve: d
difficulty: 0
param v: 2..60

It goes [[v]] km each hour.

### Answer
= d = [[v]]t
! t = [[v]]d {} Test it with 1.

### Solution
$d = [[v]]t$
"""


def found(text: str) -> list[tuple[int, str]]:
    return [(finding.line, finding.code) for finding in examine(text, "algebra").findings]


def test_a_bank_with_both_is_fine_and_a_generator_fills_its_numbers_in():
    assert found(BANK) == []
    item = realise(examine(BANK, "algebra").bank.items[1], 3)
    assert isinstance(item.answer, EquationAnswer)
    assert "[[" not in item.answer.value
    for right, fields in ((True, answers.key(item, seed=3)), (False, answers.wrong(item, seed=3))):
        assert (answers.mark(item, fields, seed=3).status == "right") is right


@pytest.mark.parametrize(
    ("old", "new", "code", "line"),
    [
        ("= 4n", "= 4(n", "bad-algebra", 22),
        ("= 4n", "= 4m", "bad-algebra", 22),
        ("= 4n", "= n/0", "bad-algebra", 22),
        ("= 4n", "= 4n = 3", "bad-algebra", 22),
        ("= 4n", "= 3n + n", "bad-form", 22),
        ("= 4n\n", "= 4n\n= 5n\n", "two-keys", 24),
        ("! n + 4", "! n + n + 2n", "mistake-is-key", 24),
        ("! n + 4", "! n +", "bad-algebra", 24),
        ("! n + 4 {}", "! n + 4 {nobody}", "unknown-misconception", 24),
        ("variables: n", "variables: legs", "bad-variable", 16),
        ("form: simplest", "form: pretty", "bad-form", 17),
        ("form: simplest", "solve: n", "idle-key", 17),
        ("answer: expression", "answer: fraction\nform: factored", "bad-form", 16),
        ("= d = [[v]]t", "= [[v]]t", "bad-algebra", 38),
        ("= d = [[v]]t", "= d = d", "bad-algebra", 38),
        ("= d = [[v]]t", "= d = [[w]]t", "unknown-name", 39),
        ("= d = [[v]]t", "= d/[[v]] = t", "bad-form", 38),
    ],
)
def test_a_fault_is_found_on_its_line_with_a_hint(old, new, code, line):
    findings = examine(BANK.replace(old, new, 1), "algebra").findings
    assert (line, code) in [(finding.line, finding.code) for finding in findings]
    assert all(finding.hint for finding in findings)
