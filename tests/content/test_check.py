"""What makes no sense in a bank is found before a student meets it."""

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from content.check import check, examine, examine_file
from content.generators import SEEDS, draw
from content.parse import parse
from content.schema import (
    AnswerTemplate,
    Bank,
    Choice,
    FractionAnswer,
    Misconception,
    Mistake,
    Number,
    Option,
    Parameter,
    Skill,
    Term,
)
from tests.content import strategies
from tests.content.strategies import half
from tests.content.test_generators import adding
from tests.content.test_parse import BODY, CHOICE, HEAD, ITEM, MADE

SKILLS = (Skill("4.NF.A.1", "Equivalent fractions"),)
TAGS = (Misconception("add-tops", "Adds tops", "Same size?"),)


def bank(*items, **changes):
    plain = {"id": "demo", "title": "Demo", "grade": "5", "language": "en", "licence": "CC0"}
    return Bank(**plain | {"skills": SKILLS, "misconceptions": TAGS, "items": items} | changes)


def codes(*items, **changes):
    return [finding.code for finding in check(bank(*items, **changes))]


def option(text, correct=False, tag=None):
    return Option(text, correct, tag)


def test_a_sound_bank_has_no_findings():
    assert codes(half(), half(Choice((option("a", True), option("b", tag="add-tops"))), id="pick")) == []


@pytest.mark.parametrize(
    ("answer", "wanted"),
    [
        (Choice((option("a"), option("b"))), ["no-key"]),
        (Choice((option("a", True), option("b", True), option("c"))), ["two-keys"]),
        (Choice((option("a", True),)), ["too-few-options"]),
        (Choice(tuple(option(str(n), n == 0) for n in range(26))), []),
        (Choice(tuple(option(str(n), n == 0) for n in range(27))), ["too-many-options"]),
        (Choice((option("$\\frac{1}{2}$", True), option("$\\frac{1}{ 2}$"))), ["duplicate-option"]),
        (Choice((option("a", True), option(""))), ["empty-option"]),
        (Choice((option("a", True, "add-tops"), option("b"))), ["key-with-misconception"]),
        (Choice((option("a", True), option("b", tag="unheard-of"))), ["unknown-misconception"]),
        (Number(Fraction(1), mistakes=(Mistake(Fraction(1)),)), ["mistake-is-key"]),
        (Number(Fraction(1), Fraction(1, 2), mistakes=(Mistake(Fraction(3, 2)),)), ["mistake-is-key"]),
        (Number(Fraction(1), Fraction(-1)), ["bad-tolerance"]),
        (Number(Fraction(1), mistakes=(Mistake(Fraction(2), "unheard-of"),)), ["unknown-misconception"]),
        (Number(Fraction(1), mistakes=(Mistake(Fraction(2), "add-tops"), Mistake(Fraction(2)))), ["same-mistake"]),
        (FractionAnswer(Fraction(1, 2), denominator=3), ["bad-denominator"]),
        (FractionAnswer(Fraction(1, 2), denominator=0), ["bad-denominator"]),
        (FractionAnswer(Fraction(1, 2), "simplest", 4), ["bad-denominator"]),
        (FractionAnswer(Fraction(1, 2), "any", 4), []),
        (FractionAnswer(Fraction(1, 2), mistakes=(Mistake(Fraction(2, 4)),)), ["mistake-is-key"]),
    ],
)
def test_an_answer_that_makes_no_sense_is_found(answer, wanted):
    assert codes(half(answer)) == wanted


@pytest.mark.parametrize(
    ("changes", "wanted"),
    [
        ({"skill": "9.XX"}, ["unknown-skill", "empty-skill"]),
        ({"hints": ("a", "b", "c", "d")}, ["too-many-hints"]),
        ({"solution": ""}, ["no-solution"]),
        ({"difficulty": None}, ["no-difficulty"]),
        ({"stem": ""}, ["no-stem"]),
        ({"stem": "It costs $5."}, ["open-dollar"]),
        ({"stem": r"It costs \$5."}, []),
        ({"hints": (r"$\frac{1}{$",)}, ["bad-maths"]),
        ({"solution": r"$\fraction{1}{2}$"}, ["bad-maths"]),
        ({"stem": r"Is \frac{1}{2} half?"}, ["bare-maths"]),
        ({"stem": "Is <b>this</b> half?"}, ["raw-html"]),
    ],
)
def test_an_item_that_makes_no_sense_is_found(changes, wanted):
    assert sorted(codes(half(**changes))) == sorted(wanted)


def test_only_what_spoils_an_item_keeps_it_from_being_published():
    findings = {finding.code: finding.severity for finding in check(bank(half(solution="", difficulty=None, stem="")))}

    assert findings == {"no-solution": "warning", "no-difficulty": "warning", "no-stem": "error"}


def test_two_items_with_one_id_are_found():
    assert codes(half(), half()) == ["duplicate-id"]


def test_names_declared_twice_are_found():
    found = codes(half(), skills=SKILLS * 2, misconceptions=TAGS * 2)

    assert found == ["duplicate-skill", "duplicate-misconception"]


def test_the_words_of_skills_and_misconceptions_are_looked_at_too():
    skills = (replace(SKILLS[0], example="$5"),)

    assert codes(half(), skills=skills, misconceptions=(replace(TAGS[0], nudge="$x"),)) == ["open-dollar"] * 2


def test_the_words_of_the_glossary_are_looked_at_too():
    terms = (Term("half", "$5"), Term("Half", "Two."), Term("sum", "Plus."), Term("whole", "All.", ("halves",)))

    found = codes(half(stem="Half? Halves?"), glossary=terms)

    assert sorted(found) == ["duplicate-word", "open-dollar", "unused-word"]


def test_every_circle_of_prerequisites_is_found():
    codes_needed = {"a": ("b",), "b": ("a",), "c": ("d",), "d": ("e",), "e": ("c",), "f": ("f",), "g": ("a", "zz")}
    skills = tuple(Skill(code, code, needed) for code, needed in codes_needed.items())
    findings = check(bank(*(half(id=code, skill=code) for code in codes_needed), skills=skills))
    circles = [finding.message for finding in findings if finding.code == "prerequisite-cycle"]

    assert len(circles) == 3
    assert any(set("cde") <= set(message.split(": ")[1]) for message in circles)
    assert [finding.message for finding in findings if finding.code == "unknown-prerequisite"] == [
        "'g' needs 'zz', which is not declared"
    ]


def test_a_skill_without_items_is_remarked_upon():
    assert codes() == ["empty-skill"]


def made(**changes):
    plain = {"skill": SKILLS[0].code, "difficulty": 0.0}
    return adding(**plain | changes)


def test_a_sound_generator_has_no_findings():
    assert codes(made()) == []


@pytest.mark.parametrize(
    ("changes", "code", "says"),
    [
        ({"conditions": ("a > 9",)}, "cannot-draw", "No draw out of"),
        ({"lets": (("s", "1/(a - 5)"),)}, "division-by-zero", "a = 5"),
        ({"solution": "[[dec(1/a)]]"}, "endless-decimal", "first on seed"),
        ({"solution": "[[undeclared]]"}, "unknown-name", "every seed"),
        ({"answer": AnswerTemplate("fraction", "s", mistakes=(("1/a + 1/3", None, None),))}, "mistake-is-key", "b = 3"),
        ({"answer": AnswerTemplate("fraction", "s", denominator="a")}, "bad-denominator", "cannot be written"),
        (
            {
                "answer": AnswerTemplate("choice", options=(("[[a]]", True, None, None), ("[[b]]", False, None, None))),
                "conditions": (),
            },
            "duplicate-option",
            "seeds",
        ),
        (
            {"answer": AnswerTemplate("choice", options=(("[[a]]", False, None, None), ("x", False, None, None)))},
            "no-key",
            "every seed",
        ),
        (
            {"answer": AnswerTemplate("number", "a", mistakes=(("a+1", "unheard-of", None),))},
            "unknown-misconception",
            "unheard-of",
        ),
        ({"stem": "$x^[[a]]^[[a]]$"}, "bad-maths", "every seed"),
        (
            {"parameters": (Parameter("a", 2, 4), made().parameters[1]), "conditions": ("b == 5",)},
            "few-variants",
            "only 3",
        ),
    ],
)
def test_a_generator_that_fails_on_some_seed_is_found(changes, code, says):
    findings = {finding.code: finding for finding in check(bank(made(**changes)))}

    assert code in findings
    assert says in findings[code].message
    assert findings[code].hint


def test_a_fault_on_one_seed_alone_is_found_with_its_seed():
    one = {"parameters": (Parameter("a", 1, 400),), "conditions": (), "stem": "[[a]]", "hints": ()}
    values = [draw(made(**one, lets=()), seed)["a"] for seed in range(SEEDS)]
    lone = next(seed for seed in range(SEEDS) if values.count(values[seed]) == 1)
    generator = made(**one, lets=(("s", f"1/(a - {values[lone]})"),), answer=AnswerTemplate("number", "s"))
    message = check(bank(generator))[0].message

    assert f"(on 1 of 200 seeds, first on seed {lone}: a = {values[lone]})" in message


def test_reading_and_checking_report_together_by_line():
    text = HEAD + CHOICE.replace("[x]", "[ ]").replace("answer: choice", "answer: choice\nlicense: x")
    findings = examine(text).findings
    lines = {finding.code: finding.line - HEAD.count("\n") for finding in findings}

    assert lines["unknown-key"] == 4
    assert lines["no-key"] == 7
    assert [finding.line for finding in findings] == sorted(finding.line for finding in findings)


@pytest.mark.parametrize(
    ("body", "old", "new", "code", "line"),
    [
        (CHOICE, "- [ ] b", "- [x] b", "two-keys", 8),
        (CHOICE, "- [ ] b", "- [ ] a", "duplicate-option", 8),
        (CHOICE, "- [ ] b", "- [ ] b {add-top}", "unknown-misconception", 8),
        (CHOICE, "- [ ] b", "- [ ] b {} costs $5", "open-dollar", 8),
        (ITEM, "= 1", "= 1\n! 2\n! 1", "mistake-is-key", 9),
        (ITEM, "Stem", "\nStem $5", "open-dollar", 6),
        (ITEM, "= 1", "= 1\n### Hints\n1. a\n2. $5", "open-dollar", 10),
        (ITEM, "= 1", "= 1\n### Hints\n1. a\n2. b\n3. c\n4. d", "too-many-hints", 12),
        (ITEM, "= 1", "= 1\n### Solution\n\n$5", "open-dollar", 10),
        (ITEM, "Stem", "", "no-stem", 2),
        (MADE, "= a", "= a\n! 12 - a", "mistake-is-key", 9),
        # What reading finds fault with is judged as far as it can be.
        (ITEM, "= 1", "= 1 +\n! 3 {add-top}", "unknown-misconception", 8),
        (ITEM, "Stem\n### Answer\n= 1\n", "Stem $5\n", "open-dollar", 5),
        (CHOICE, "- [x] a", "- [x] [[1 +]]\n- [x] c", "two-keys", 8),
        (MADE, "1..9", "9..1\nlicense: x", "unknown-key", 5),
        (MADE, "= a", "= a +\n! 1 {add-top}", "unknown-misconception", 9),
        (MADE, "Stem", "Stem $5", "open-dollar", 6),
        (ITEM, "Stem", "Stem\n### Translation es\nCuesta $5", "open-dollar", 6),
        (ITEM, "Stem", "Stem\n### Translation es\nUno\n### Translation no\nEn", "own-language", 8),
        (ITEM, "Stem", "Stem $x$\n### Translation es\nUno $y$", "translation-maths", 6),
        (MADE, "Stem", "Stem\n### Translation es\nUno", "translation-maths", 7),
    ],
)
def test_a_fault_is_found_on_the_line_of_the_part_that_has_it(body, old, new, code, line):
    assert old in body
    assert [finding for finding in examine(HEAD + body).findings if finding.code == code] == []
    found = {
        finding.code: finding.line - HEAD.count("\n") for finding in examine(HEAD + body.replace(old, new, 1)).findings
    }

    assert found.get(code) == line


def test_faults_of_the_head_are_found_on_their_lines():
    text = HEAD.replace("[4.NF.A.1]", "[4.10, 9.XX]") + BODY
    lines = {finding.code: finding.line for finding in examine(text).findings}

    assert lines["unknown-prerequisite"] == lines["prerequisite-cycle"] == 11


def test_a_skill_whose_heading_is_wrong_is_reported_once():
    found = [finding.code for finding in examine(HEAD + ITEM.replace("4.NF.A.1", "4.NF.A.9")).findings]

    assert found.count("unknown-skill") == 1


def test_an_item_that_could_not_be_read_still_counts_as_one():
    found = [
        finding.message
        for finding in examine(HEAD + ITEM.replace("= 1", "= (")).findings
        if finding.code == "empty-skill"
    ]

    assert found == ["The skill '4.10' has no items"]


def test_a_file_is_read_and_checked_from_its_path(tmp_path):
    path = tmp_path / "demo.md"
    path.write_text(HEAD + BODY, encoding="utf-8")

    assert examine_file(path) == examine(HEAD + BODY, "demo")
    assert [finding.code for finding in examine_file(tmp_path / "none.md").findings] == ["no-file"]


@settings(deadline=None)
@given(st.text(max_size=100), st.integers(0, len(HEAD + BODY)), st.integers(0, 100))
def test_no_text_makes_the_check_fail(garbage, at, gap):
    whole = HEAD + BODY

    assert isinstance(examine(whole[:at] + garbage + whole[at + gap :]).findings, tuple)


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None, max_examples=20)
@given(strategies.banks)
def test_no_bank_makes_the_check_fail(any_bank):
    assert all(finding.hint and finding.message for finding in check(any_bank))


def test_what_reading_says_of_a_text_is_part_of_what_examining_says():
    text = HEAD + BODY.replace("= s", "= (")

    assert set(parse(text).findings) <= set(examine(text).findings)
