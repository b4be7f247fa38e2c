"""Reading a bank: what it holds, and every fault on its line."""

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from content.parse import parse, read
from content.schema import (
    AnswerTemplate,
    Choice,
    FractionAnswer,
    Generator,
    Item,
    Misconception,
    Mistake,
    Number,
    Option,
    Parameter,
)

HEAD = """\
---
id: demo
title: "Demo: fractions"
grade: 4-6
language: no
licence: CC BY 4.0
source: Waystation
skills:
  - code: 4.NF.A.1
    title: Equivalent fractions
  - code: "4.10"
    title: Compare
    prerequisites: [4.NF.A.1]
misconceptions:
  - id: add-tops
    title: Adds tops
    nudge: Same size?
---
"""
BODY = r"""
# 4.NF.A.1
Look: $\frac{1}{2} = \frac{2}{4}$.

Again.

<!-- a comment
## not-an-item
over lines -->

## pick
answer: choice
difficulty: -0.8
shuffle: no
source: A book
licence: CC0

Which is half?

- a
- b

### Answer
- [x] $\frac{2}{4}$
- [ ] $\frac{2}{3}$ {add-tops}
- [ ] two
      lines {add-tops} Count again.
- [ ] other {} Look.

### Hints
1. First,
   with more.

   And more.
2) Second.

### Solution
Because.

## type
answer: number
tolerance: 1/100
unit: cups

How many?

### Answer
= 1/2 + 1/4
! 2/6 {add-tops}
! .5

# 4.10

## made
answer: fraction
form: simplest
denominator: b * 4
family: siblings
param a: 1..3
param b: 2, 1/2
let s: a / b
where: a != b
where: s > 0

What is $[[s]]$?

### Answer
= s
! a * b {add-tops} Not [[a]].
"""
FENCED = """
# 4.NF.A.1
## code
answer: number

```
## not-an-item
<!-- kept -->
```

### Answer
= 1
"""


@pytest.fixture(scope="module")
def bank():
    parsed = parse(HEAD + BODY)
    assert parsed.findings == ()
    return parsed.bank


def line_of(text, part):
    """Find the line on which a part of the text stands, from 1."""
    return text[: text.index(part)].count("\n") + 1


def test_the_head_is_read_as_typed(bank):
    assert (bank.id, bank.title, bank.grade, bank.language) == ("demo", "Demo: fractions", "4-6", "no")
    assert (bank.licence, bank.source) == ("CC BY 4.0", "Waystation")
    assert [(skill.code, skill.prerequisites) for skill in bank.skills] == [("4.NF.A.1", ()), ("4.10", ("4.NF.A.1",))]
    assert bank.misconceptions == (Misconception("add-tops", "Adds tops", "Same size?"),)


def test_text_under_a_skill_is_its_worked_example(bank):
    assert bank.skills[0].example == "Look: $\\frac{1}{2} = \\frac{2}{4}$.\n\nAgain."
    assert bank.skills[1].example == ""


def test_a_choice_is_read(bank):
    assert bank.items[0] == Item(
        id="pick",
        skill="4.NF.A.1",
        stem="Which is half?\n\n- a\n- b",
        answer=Choice(
            (
                Option("$\\frac{2}{4}$", True),
                Option("$\\frac{2}{3}$", False, "add-tops"),
                Option("two\nlines", False, "add-tops", "Count again."),
                Option("other", False, None, "Look."),
            ),
            shuffle=False,
        ),
        hints=("First,\nwith more.\n\nAnd more.", "Second."),
        solution="Because.",
        difficulty=-0.8,
        family="pick",
        line=line_of(HEAD + BODY, "## pick"),
        source="A book",
        licence="CC0",
    )


def test_a_number_is_read_with_its_mistakes(bank):
    mistakes = (Mistake(Fraction(1, 3), "add-tops"), Mistake(Fraction(1, 2)))

    assert bank.items[1].answer == Number(Fraction(3, 4), Fraction(1, 100), "cups", mistakes)


def test_a_generator_is_read(bank):
    made = bank.items[2]

    assert isinstance(made, Generator)
    assert made.parameters == (Parameter("a", 1, 3), Parameter("b", choices=(Fraction(2), Fraction(1, 2))))
    assert made.lets == (("s", "a / b"),)
    assert made.conditions == ("a != b", "s > 0")
    assert (made.skill, made.family, made.stem) == ("4.10", "siblings", "What is $[[s]]$?")
    assert made.answer == AnswerTemplate(
        "fraction", "s", mistakes=(("a * b", "add-tops", "Not [[a]]."),), denominator="b * 4", form="simplest"
    )


def test_constants_in_a_written_item_are_worked_out():
    text = ITEM.replace("number", "fraction").replace("Stem", "$[[1/2 + 1/3]]$").replace("= 1", "= 5/6")
    text += "### Hints\n1. [[2*3]]\n### Solution\n[[mixed(3/2)]]\n"
    item = parse(HEAD + text).bank.items[0]

    assert (item.stem, item.hints, item.solution) == ("$\\frac{5}{6}$", ("6",), "1 1/2")
    assert item.answer == FractionAnswer(Fraction(5, 6))


def test_fenced_code_keeps_its_headings_and_comments():
    parsed = parse(HEAD + FENCED)

    assert parsed.findings == ()
    assert parsed.bank.items[0].stem == "```\n## not-an-item\n<!-- kept -->\n```"


@pytest.mark.parametrize("change", [lambda text: text.replace("\n", "\r\n"), lambda text: "\ufeff" + text])
def test_line_ends_and_marks_of_other_systems_do_not_matter(bank, change):
    assert parse(change(HEAD + BODY)) == parse(HEAD + BODY)


def test_an_empty_line_between_heading_and_settings_is_forgiven():
    parsed = parse(HEAD + FENCED.replace("## code\n", "## code\n\n"))

    assert parsed.findings == ()


ITEM = "# 4.NF.A.1\n## x\nanswer: number\n\nStem\n### Answer\n= 1\n"
CHOICE = "# 4.NF.A.1\n## x\nanswer: choice\n\nStem\n### Answer\n- [x] a\n- [ ] b\n"
MADE = "# 4.NF.A.1\n## x\nanswer: number\nparam a: 1..9\n\nStem [[a]]\n### Answer\n= a\n"


@pytest.mark.parametrize(
    ("body", "old", "new", "code", "line"),
    [
        (ITEM, "= 1", "= 1/0", "division-by-zero", 7),
        (ITEM, "= 1", "= 1 +", "bad-expression", 7),
        (ITEM, "= 1", "= a", "unknown-name", 7),
        (ITEM, "= 1", "= 1\n= 2", "two-keys", 8),
        (ITEM, "= 1", "! 2", "no-key", 6),
        (ITEM, "= 1", "= 1 {add-tops}", "answer-format", 7),
        (ITEM, "= 1", "1", "answer-format", 7),
        (ITEM, "= 1", "= 1\n! 2 nudge without braces", "bad-expression", 8),
        (ITEM, "### Answer\n= 1\n", "", "no-answer", 2),
        (ITEM, "### Answer", "### Anwser", "unknown-section", 6),
        (ITEM, "= 1\n", "= 1\n### Answer\n= 2\n", "duplicate-section", 8),
        (ITEM, "= 1\n", "= 1\n### Hints\n- not numbered\n", "hint-format", 9),
        (ITEM, "= 1\n", "= 1\n### Hints\n1. \n", "empty-hint", 9),
        (ITEM, "answer: number", "answer: numbr", "bad-answer-type", 3),
        (ITEM, "answer: number\n", "unit: cups\n", "no-answer-type", 2),
        (ITEM, "answer: number", "answer: number\nanswer: choice", "duplicate-key", 4),
        (ITEM, "answer: number", "answer: number\nlicense: CC0", "unknown-key", 4),
        (ITEM, "answer: number", "answer: number\ndifficulty: hard", "bad-difficulty", 4),
        (ITEM, "answer: number", "answer: number\ndifficulty: nan", "bad-difficulty", 4),
        (ITEM, "answer: number", "answer: number\ndifficulty:", "empty-value", 4),
        (ITEM, "answer: number", "answer: number\ntolerance: x", "unknown-name", 4),
        (ITEM, "answer: number", "answer: number\nform: simplest", "idle-key", 4),
        (ITEM, "answer: number", "answer: fraction\nform: simple", "bad-form", 4),
        (ITEM, "answer: number\n\n", "answer: number\n", "bad-setting", 4),
        (ITEM, "answer: number", "answer: number\nlet a: 3", "no-param", 4),
        (ITEM, "Stem", "Stem [[1 +]]", "bad-expression", 5),
        (ITEM, "Stem", "Stem\n[[1/0]]", "division-by-zero", 6),
        (ITEM, "Stem", "Stem [[1", "open-brackets", 5),
        (ITEM, "Stem", "Stem [[dec(1/3)]]", "endless-decimal", 5),
        (ITEM, "## x", "## x y", "bad-id", 2),
        (ITEM, "## x", "##x", "heading-space", 2),
        (ITEM, "# 4.NF.A.1", "# 4.NF.B.3", "unknown-skill", 1),
        (ITEM, "# 4.NF.A.1\n", "", "no-skill", 1),
        (ITEM, "# 4.NF.A.1", "stray\n# 4.NF.A.1", "stray-text", 1),
        (ITEM, "## x", "### Hints\n## x", "stray-section", 2),
        (ITEM, "# 4.NF.A.1", "# 4.NF.A.1\none\n# 4.NF.A.1\ntwo", "second-example", 3),
        (ITEM, "Stem", "Stem <!-- open", "open-comment", 5),
        (ITEM, "= 1", "= 1\n### Solution\n```\nopen", "open-fence", 9),
        (CHOICE, "- [ ] b", "- b", "option-format", 8),
        (CHOICE, "- [ ] b", "= 3", "option-format", 8),
        (CHOICE, "- [x] a", "words\n- [x] a", "option-format", 7),
        (CHOICE, "answer: choice", "answer: choice\nshuffle: maybe", "bad-shuffle", 4),
        (CHOICE, "- [ ] b", "- [ ] [[z]]", "unknown-name", 8),
        (MADE, "1..9", "9..1", "bad-param", 4),
        (MADE, "1..9", "2, x", "bad-param", 4),
        (MADE, "param a", "param gcd", "bad-name", 4),
        (MADE, "1..9", "1..9\nparam a: 1..2", "duplicate-name", 5),
        (MADE, "1..9", "1..9\nlet b: c + 1", "unknown-name", 5),
        (MADE, "1..9", "1..9\nlet b: b + 1", "unknown-name", 5),
        (MADE, "1..9", "1..9\nwhere: a = 1", "bad-expression", 5),
        (MADE, "[[a]]", "[[b]]", "unknown-name", 6),
        (MADE, "= a", "= a ++ 1", "bad-expression", 8),
    ],
)
def test_a_fault_in_the_body_is_found_on_its_line_with_a_hint(body, old, new, code, line):
    assert old in body
    assert parse(HEAD + body).findings == ()
    found = {finding.code: finding for finding in parse(HEAD + body.replace(old, new, 1)).findings}

    assert code in found
    assert found[code].line == line + HEAD.count("\n")
    assert found[code].hint


@pytest.mark.parametrize(
    ("old", "new", "code", "line"),
    [
        ("id: demo\n", "", "missing-key", 2),
        ('title: "Demo: fractions"\n', "title: Demo: fractions\n", "bad-front-matter", 3),
        ('title: "Demo: fractions"', "title:", "missing-key", 3),
        ("id: demo", "id: de mo", "bad-id", 2),
        ("grade: 4-6", "grades: 4-6", "unknown-key", 4),
        ("language: no", "language: english!", "bad-language", 5),
        ("licence: CC BY 4.0", "licence: [a, b]", "bad-front-matter", 6),
        ("source: Waystation", "source: a\nsource: b", "duplicate-key", 8),
        ("    title: Compare\n", "", "missing-key", 11),
        (
            '  - code: "4.10"\n    title: Compare\n    prerequisites: [4.NF.A.1]\n',
            "  - words\n",
            "bad-front-matter",
            11,
        ),
        ("    nudge: Same size?\n", "", "missing-key", 15),
        ("skills:\n", "skills: none\nmore:\n", "bad-front-matter", 8),
        ("---\nid", "id", "no-front-matter", 1),
        ("Same size?\n---\n", "Same size?\n", "open-front-matter", 1),
        ("id: demo", "id: \x07", "bad-front-matter", 2),
        ("id: demo", "id: " + "[" * 5000, "bad-front-matter", 1),
    ],
)
def test_a_fault_in_the_head_is_found_on_its_line_with_a_hint(old, new, code, line):
    assert old in HEAD
    found = [finding for finding in parse(HEAD.replace(old, new, 1) + ITEM).findings if finding.code == code]

    assert [finding.line for finding in found][:1] == [line]
    assert found[0].hint


def test_a_typing_slip_gets_the_right_word_suggested():
    finding = next(iter(parse(HEAD + ITEM.replace("number", "numbr")).findings))

    assert finding.hint == "Did you mean 'number'?"


def test_every_fault_of_a_file_is_reported_at_once_and_the_rest_is_read():
    broken = (
        ITEM.replace("= 1", "= (")
        + CHOICE.replace("## x", "## fine")
        + MADE.replace("1..9", "9..1").replace("## x", "## made")
    )
    parsed = parse(HEAD.replace("language: no\n", "") + broken)

    assert {"missing-key", "bad-expression", "bad-param"} <= {finding.code for finding in parsed.findings}
    assert [finding.line for finding in parsed.findings] == sorted(finding.line for finding in parsed.findings)
    assert "fine" in [item.id for item in parsed.bank.items]
    assert len(list(parsed.errors())) == len(parsed.findings)


@settings(deadline=None)
@given(st.text(max_size=200), st.integers(0, len(HEAD + BODY)), st.integers(0, 200))
def test_no_text_makes_the_reader_fail(garbage, at, gap):
    whole = HEAD + BODY

    assert isinstance(parse(garbage).findings, tuple)
    assert isinstance(parse(whole[:at] + garbage + whole[at + gap :]).findings, tuple)


def test_a_bank_without_a_name_takes_that_of_its_file(tmp_path):
    path = tmp_path / "fractions.md"
    path.write_text(HEAD.replace("id: demo\n", ""), encoding="utf-8")

    assert read(path).bank.id == "fractions"


def test_a_file_is_read_from_its_path(tmp_path, bank):
    path = tmp_path / "demo.md"
    path.write_text(HEAD + BODY, encoding="utf-8")

    assert read(path) == parse(HEAD + BODY)


@pytest.mark.parametrize(
    ("data", "code", "line"),
    [(HEAD.encode() + b"caf\xe9", "bad-encoding", 19), (b"x" * 5_000_001, "too-large", 0), (None, "no-file", 0)],
)
def test_a_file_that_cannot_be_read_is_a_finding(tmp_path, data, code, line):
    path = tmp_path / "demo.md"
    if data is not None:
        path.write_bytes(data)

    assert [(finding.code, finding.line) for finding in read(path).findings] == [(code, line)]


def test_a_folder_is_no_file(tmp_path):
    assert [finding.code for finding in read(tmp_path).findings] == ["no-file"]
