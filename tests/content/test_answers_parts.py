"""Answers of several parts: what each earns, what is given back, and what an author is told."""

import json
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from content.answers import fields, in_words, key, mark, parts, shown, wrong
from content.check import examine
from content.generators import SEEDS, realise
from content.schema import Gap, Gaps, Option, Ordering, Plot, Several, Table
from content.serial import dump, load
from tests.content import strategies
from tests.content.strategies import half

SEVERAL = Several(
    (
        Option("1/2", True),
        Option("2/4", True),
        Option("1/3", False, "add-tops"),
        Option("4/8", True),
        Option("3/4", False, None, "Look at the bottom."),
    )
)
ORDER = Ordering(("one", "two", "three", "four"))
MATCH = Gaps("match", (Gap("half", ("2/4", "2/8", "3/3"), 0), Gap("quarter", ("2/4", "2/8", "3/3"), 1)))
SORT = Gaps("sort", tuple(Gap(f"{n}/8", ("less", "more"), n // 4) for n in (1, 3, 5)))
CLOZE = Gaps("cloze", (Gap("One ", ("half", "third"), 0), Gap(" of ", ("two", "six", "ten"), 2)), " is five.")
TABLE = Table((("pizzas", "slices"), ("1", Fraction(8)), (Fraction(2), "16"), ("3", Fraction(24))))
PLOT = Plot(((Fraction(1), Fraction(2)), (Fraction(3), Fraction(6))), Fraction(0), Fraction(8), Fraction(1))
ALL = {"several": SEVERAL, "order": ORDER, "match": MATCH, "sort": SORT, "cloze": CLOZE, "table": TABLE, "plot": PLOT}


def earned(answer: object, given: dict[str, str], seed: int = 1) -> tuple[str, int, int]:
    found = mark(half(answer), given, seed=seed)
    return found.status, found.right_parts, found.parts


def ticks(*wanted: int, seed: int = 1) -> dict[str, str]:
    """Fields that tick the author's options."""
    shown_order = [text for _value, text, _tried in fields(half(SEVERAL), seed=seed).options]
    places = [shown_order.index(SEVERAL.options[index].text) for index in wanted]
    return {f"pick{place}": "1" for place in places}


def ordered(*things: str, seed: int = 1) -> dict[str, str]:
    """Fields that put the things into this order."""
    options = fields(half(ORDER), seed=seed).options
    return {f"place{at}": str(things.index(text) + 1) for at, (_value, text, _tried) in enumerate(options)}


def picked(answer: Gaps, *words: str, seed: int = 1) -> dict[str, str]:
    """Fields that pick these words in the gaps."""
    slots = fields(half(answer), seed=seed).gaps
    values = [{text: value for value, text in slot.options} for slot in slots]
    return {slot.name: own[word] for slot, own, word in zip(slots, values, words, strict=True)}


@pytest.mark.parametrize("kind", ALL)
def test_the_key_is_right_and_the_slip_is_not_on_every_seed(kind):
    item = half(ALL[kind])
    for seed in range(20):
        right = mark(item, key(item, seed=seed), seed=seed)
        assert (right.status, right.share) == ("right", 1.0)
        slip = mark(item, wrong(item, seed=seed), seed=seed)
        assert slip.status == "wrong"
        assert 0.0 <= slip.share < 1.0
        assert set(key(item, seed=seed)) <= set(fields(item, seed=seed).inputs)


@pytest.mark.parametrize(
    ("wanted", "earns"),
    [
        ((0, 1, 3), ("right", 3, 3)),
        ((0, 1), ("wrong", 2, 3)),
        ((0,), ("wrong", 1, 3)),
        ((0, 2), ("wrong", 0, 3)),
        ((0, 1, 3, 4), ("wrong", 2, 3)),
        ((0, 1, 2, 3, 4), ("wrong", 1, 3)),
        ((2, 4), ("wrong", 0, 3)),
        ((), ("unreadable", 0, 3)),
    ],
)
def test_a_tick_too_many_takes_away_what_another_has_earned(wanted, earns):
    for seed in range(5):
        assert earned(SEVERAL, ticks(*wanted, seed=seed), seed) == earns


def test_a_tick_with_a_misconception_says_so():
    assert mark(half(SEVERAL), ticks(0, 2), seed=1).misconception == "add-tops"
    assert mark(half(SEVERAL), ticks(0, 4), seed=1).nudge == "Look at the bottom."
    assert mark(half(SEVERAL), ticks(0, 1), seed=1).nudge == "2 of 3 are right so far."


@pytest.mark.parametrize(
    ("things", "earns"),
    [
        (("one", "two", "three", "four"), ("right", 3, 3)),
        (("two", "three", "four", "one"), ("wrong", 2, 3)),
        (("one", "two", "four", "three"), ("wrong", 1, 3)),
        (("two", "one", "four", "three"), ("wrong", 0, 3)),
        (("four", "three", "two", "one"), ("wrong", 0, 3)),
    ],
)
def test_neighbours_that_follow_each_other_earn_their_part(things, earns):
    assert earned(ORDER, ordered(*things)) == earns


def test_an_order_is_never_shown_solved():
    for seed in range(50):
        assert [text for _value, text, _tried in fields(half(ORDER), seed=seed).options] != list(ORDER.things)


@pytest.mark.parametrize("change", [{"place0": ""}, {"place0": "x"}, {"place0": "9"}, {"place0": "0"}])
def test_an_order_that_is_not_complete_is_given_back(change):
    assert earned(ORDER, ordered("one", "two", "three", "four") | change)[0] == "unreadable"


def test_a_place_used_twice_is_said():
    given = dict.fromkeys(ordered("one", "two", "three", "four"), "1")
    assert mark(half(ORDER), given, seed=1).nudge == "Use each place once."


@pytest.mark.parametrize(
    ("answer", "words", "earns"),
    [
        (MATCH, ("2/4", "2/8"), ("right", 2, 2)),
        (MATCH, ("2/4", "3/3"), ("wrong", 1, 2)),
        (MATCH, ("2/8", "2/4"), ("wrong", 0, 2)),
        (SORT, ("less", "less", "more"), ("right", 3, 3)),
        (SORT, ("less", "less", "less"), ("wrong", 2, 3)),
        (CLOZE, ("half", "ten"), ("right", 2, 2)),
        (CLOZE, ("half", "six"), ("wrong", 1, 2)),
    ],
)
def test_each_word_in_its_place_earns_its_part(answer, words, earns):
    for seed in range(5):
        assert earned(answer, picked(answer, *words, seed=seed), seed) == earns


@pytest.mark.parametrize("text", ["", " ", "7", "-1", "x", "9" * 5000])
def test_a_gap_without_a_word_gives_the_answer_back(text):
    assert earned(MATCH, picked(MATCH, "2/4", "2/8") | {"gap1": text})[0] == "unreadable"


@pytest.mark.parametrize(
    ("cells", "earns"),
    [
        (("8", "2", "24"), ("right", 3, 3)),
        (("8.0", "4/2", "24"), ("right", 3, 3)),
        (("8", "2", "23"), ("wrong", 2, 3)),
        (("1", "1", "1"), ("wrong", 0, 3)),
        (("8", "", "24"), ("unreadable", 0, 3)),
        (("8", "two", "24"), ("unreadable", 0, 3)),
    ],
)
def test_each_cell_earns_its_part(cells, earns):
    given = dict(zip(fields(half(TABLE), seed=0).inputs, cells, strict=True))
    assert earned(TABLE, given) == earns


@pytest.mark.parametrize(
    ("points", "earns"),
    [
        (("1", "2", "3", "6"), ("right", 2, 2)),
        (("3", "6", "1", "2"), ("right", 2, 2)),
        (("1", "2", "1", "2"), ("wrong", 1, 2)),
        (("2", "1", "6", "3"), ("wrong", 0, 2)),
        (("1", "2", "3", "9"), ("unreadable", 0, 2)),
        (("1", "2", "3", ""), ("unreadable", 0, 2)),
    ],
)
def test_points_count_in_any_order_and_once(points, earns):
    given = dict(zip(fields(half(PLOT), seed=0).inputs, points, strict=True))
    assert earned(PLOT, given) == earns


@pytest.mark.parametrize("kind", ALL)
def test_a_browser_learns_nothing_of_the_key(kind):
    item = half(ALL[kind])
    text = json.dumps([str(fields(item, seed=seed)) for seed in range(3)])
    assert "add-tops" not in text
    assert "Look at" not in text
    assert "True" not in text
    if kind == "table":
        assert "24" not in text
    if kind == "plot":
        assert "3" not in fields(item, seed=0).after
    if kind == "match":
        firsts = {fields(item, seed=seed).gaps[0].options[0][1] for seed in range(30)}
        assert len(firsts) == 3  # the right word stands anywhere


@pytest.mark.parametrize("kind", ALL)
def test_a_stored_answer_can_be_said(kind):
    item = half(ALL[kind])
    assert in_words(item)
    assert shown(item, mark(item, wrong(item, seed=3), seed=3).chosen)
    assert isinstance(shown(item, "7,x,,-2," + "9" * 50), str)


@given(strategies.parts_answers, st.integers(0, 5), st.data())
def test_marking_is_total(answer, seed, data):
    item = half(answer)
    names = [*fields(item, seed=seed).inputs, "pick0", "gap0", "x0", "place0"]
    texts = st.text(max_size=20) | st.sampled_from(["0", "1", "2", "1/2", "9" * 400, "-", "\u0661"])
    given_fields = data.draw(st.dictionaries(st.sampled_from(names), texts))
    found = mark(item, given_fields, seed=seed)
    assert found.status in ("right", "wrong", "unreadable")
    assert 0 <= found.right_parts <= found.parts == parts(answer)
    assert (found.share == 1.0) == (found.status == "right")
    assert isinstance(shown(item, found.chosen), str)


@given(strategies.parts_answers)
def test_an_answer_survives_being_stored(answer):
    item = half(answer)
    assert load(json.loads(json.dumps(dump(item)))) == item


BANK = """---
id: parts
title: Parts
grade: "4"
language: en
licence: CC BY 4.0
skills:
  - code: 4.NF.B.3
    title: Add
misconceptions:
  - id: add-tops
    title: Adds tops
    nudge: Look again.
---
# 4.NF.B.3

## one
difficulty: 0
{text}

### Solution
Count on.
"""


def codes(text: str) -> list[str]:
    return [finding.code for finding in examine(BANK.format(text=text), "parts").findings]


FINE = {
    "several": "answer: several\n\nWhich?\n\n### Answer\n- [x] a\n- [x] b\n- [ ] c {add-tops}",
    "order": "answer: order\n\nOrder?\n\n### Answer\n1. a\n2. b\n3. c",
    "match": "answer: match\n\nMatch?\n\n### Answer\n- a -> x\n- b → y\n! z",
    "sort": "answer: sort\n\nSort?\n\n### Answer\n- a -> x\n- b -> y\n- c -> x",
    "cloze": "answer: cloze\n\nFill?\n\n### Answer\nA {half | third} of $\\frac{1}{2}$ and {one|two}.",
    "table": "answer: table\n\nFill?\n\n### Answer\n| a | b |\n|---|---|\n| 1 | = 2 |\n| = 3/4 | 4 |",
    "plot": "answer: plot\nfrom: 0\nto: 5\nstep: 1\n\nPlot?\n\n### Answer\n= (1, 2)\n= (3, 1 + 1)",
}


@pytest.mark.parametrize("kind", FINE)
def test_a_sound_item_has_no_finding(kind):
    parsed = examine(BANK.format(text=FINE[kind]), "parts")
    assert parsed.findings == ()
    assert parsed.bank.items[0].answer.kind == kind


@pytest.mark.parametrize(
    ("kind", "old", "new", "code"),
    [
        ("several", "- [x] b", "- [ ] b", "one-key"),
        ("several", "- [ ] c {add-tops}", "- [x] c", "all-keys"),
        ("several", "{add-tops}", "{add-top}", "unknown-misconception"),
        ("several", "- [x] b", "- [x] a", "duplicate-option"),
        ("order", "2. b\n3. c", "", "bad-count"),
        ("order", "2. b", "2. a", "duplicate-row"),
        ("order", "2. b", "b", "order-format"),
        ("order", "1. a", "a", "order-format"),
        ("match", "- a -> x", "- a x", "pair-format"),
        ("match", "- b → y", "- b -> x", "shared-partner"),
        ("match", "- a -> x", "- a -> $x$", "maths-in-list"),
        ("match", "- b → y\n! z", "", "bad-count"),
        ("sort", "- c -> x", "- c -> x\n! z", "spare-box"),
        ("sort", "- b -> y", "- b -> x", "too-few-options"),
        ("cloze", "{half | third} of $\\frac{1}{2}$ and {one|two}", "half", "no-key"),
        ("cloze", "{one|two}", "{one|}", "empty-option"),
        ("cloze", "{one|two}", "{one|one}", "duplicate-option"),
        ("table", "| 1 | = 2 |", "| 1 | = 2 | 3 |", "uneven-table"),
        ("table", "| 1 | = 2 |", "1, 2", "table-format"),
        ("table", "= 3/4", "= 3/", "bad-expression"),
        ("table", "| 1 | = 2 |\n| = 3/4 | 4 |", "| 1 | 2 |", "bad-count"),
        ("table", "| a | b |", "| a | |", "bad-table"),
        ("plot", "= (3, 1 + 1)", "= (3, 9)", "off-the-grid"),
        ("plot", "= (3, 1 + 1)", "= 3", "point-format"),
        ("plot", "= (3, 1 + 1)", "= (1, 2)", "duplicate-row"),
        ("plot", "to: 5\n", "", "no-line"),
        ("plot", "step: 1", "step: 2", "bad-grid"),
        ("plot", "to: 5", "to: 90", "bad-grid"),
    ],
)
def test_every_fault_is_told(kind, old, new, code):
    assert old in FINE[kind]
    assert code in codes(FINE[kind].replace(old, new))


def test_faults_stand_on_their_line():
    text = FINE["match"].replace("- b → y", "- b -> $y$")
    parsed = examine(BANK.format(text=text), "parts")
    (finding,) = [one for one in parsed.findings if one.code == "maths-in-list"][:1]
    lines = BANK.format(text=text).split("\n")
    assert lines[finding.line - 1] in ("- a -> x", "- b -> $y$")


GENERATOR = """answer: table
param a: 2..9

How many?

### Answer
| boxes | pens |
| 1 | [[a]] |
| 3 | = 3 * a |
| = 5 | [[5 * a]] |
"""


def test_a_generator_fills_in_its_numbers():
    parsed = examine(BANK.format(text=GENERATOR), "parts")
    assert parsed.findings == ()
    (generator,) = parsed.bank.items
    assert parts(generator.answer) == 2
    for seed in range(SEEDS):
        table = realise(generator, seed).answer
        a = int(table.rows[1][1])
        assert table.rows[2][1] == 3 * a
        assert parts(table) == 2
