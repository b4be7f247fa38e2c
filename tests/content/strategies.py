"""Banks, items and texts for property tests."""

from fractions import Fraction

from hypothesis import strategies as st

from content.schema import (
    AlgebraMistake,
    AnswerTemplate,
    Bank,
    Choice,
    EquationAnswer,
    ExpressionAnswer,
    FractionAnswer,
    Gap,
    Gaps,
    Generator,
    Item,
    Misconception,
    Mistake,
    Number,
    NumberLine,
    Option,
    Ordering,
    Parameter,
    Plot,
    Several,
    Skill,
    Table,
    Term,
    Translation,
)

SKILLS = ("4.NF.A.1", "4.NF.A.2", "5.NF.B.3")
TAGS = ("add-tops", "bigger-is-bigger")

# What authors' lines are made of, with much that looks like the format's own signs.
_FRAGMENTS = st.sampled_from(
    [
        "How many", "pizzas?", r"$\frac{1}{2}$", r"$\frac {a} {b}$", "= 3", "! 4", "#5", "x: y", "answer: number",
        "*bold*", "½", "1/2", r"\{a\}", "[x]", "| a |", "a < b", r"\$5", "---", "50 %", "Ünïcødé", "1.", "-", "<",
    ]
)  # fmt: skip
_LINES = st.lists(_FRAGMENTS, min_size=1, max_size=5).map(" ".join)
_SAFE_LINES = _LINES.filter(lambda line: not line.startswith("#"))
texts = st.lists(_SAFE_LINES, min_size=1, max_size=3).map("\n".join)
paragraphs = st.lists(texts, min_size=1, max_size=3).map("\n\n".join)
words = st.from_regex(r"[A-Za-z][A-Za-z ]{0,8}[a-z]", fullmatch=True)
ids = st.from_regex(r"[a-z][a-z0-9]{0,5}(-[a-z0-9]{1,4}){0,2}", fullmatch=True)
fractions = st.fractions(min_value=-1000, max_value=1000, max_denominator=1000)
tags = st.none() | st.sampled_from(TAGS)
nudges = st.none() | words
mistakes = st.lists(st.builds(Mistake, fractions, tags, nudges), max_size=3).map(tuple)
units = st.sampled_from(["", "cups", "%", "square metres", "$"])

options = st.builds(Option, texts, st.booleans(), tags, nudges)
choices = st.builds(Choice, st.lists(options, min_size=1, max_size=5).map(tuple), st.booleans())
numbers = st.builds(Number, fractions, fractions.map(abs), units, mistakes)
fraction_answers = st.builds(
    FractionAnswer,
    fractions,
    st.sampled_from(["any", "simplest"]),
    st.none() | st.integers(min_value=1, max_value=100),
    units,
    mistakes,
)
lines = st.builds(NumberLine, fractions, fractions, fractions, fractions, fractions.map(abs), mistakes)
severals = st.builds(Several, st.lists(options, min_size=1, max_size=5).map(tuple), st.booleans())
orderings = st.builds(Ordering, st.lists(texts, min_size=1, max_size=5).map(tuple))
# Plain words, as a drop-down list shows them; a thing ends before its arrow, a gap's text before its brace.
_partners = st.lists(words, min_size=1, max_size=5, unique=True)
_one_line = _SAFE_LINES.map(str.strip).filter(bool)


@st.composite
def _pairs(draw, kind):
    offered = tuple(draw(_partners))
    used = draw(st.integers(1, len(offered)))
    things = draw(st.lists(_one_line, min_size=used, max_size=used + 2))
    places = [at % used for at in range(len(things))]
    shown = offered if kind == "match" else offered[:used]
    return Gaps(kind, tuple(Gap(thing, shown, place) for thing, place in zip(things, places, strict=True)))


_gap_words = st.lists(words, min_size=2, max_size=4).map(tuple)
clozes = st.builds(
    lambda befores, offered, after: Gaps(
        "cloze",
        tuple(Gap(f"{before} ", each, 0) for before, each in zip(befores, offered, strict=True)),
        f" {after}" if after else "",
    ),
    st.just(("One", "and two")),
    st.tuples(_gap_words, _gap_words),
    st.just("") | words,
)
_cells = fractions | words


@st.composite
def tables(draw):
    width = draw(st.integers(1, 3))
    row = st.lists(_cells, min_size=width, max_size=width).map(tuple)
    head = tuple(draw(st.lists(words, min_size=width, max_size=width)))
    return Table((head, *draw(st.lists(row, min_size=1, max_size=3))))


@st.composite
def _plots(draw):
    # Axes with marks: a grid without any is refused before it reaches a student.
    low, step = draw(fractions), draw(fractions.filter(lambda number: number > 0))
    points = draw(st.lists(st.tuples(fractions, fractions), min_size=1, max_size=4))
    return Plot(tuple(points), low, low + step * draw(st.integers(1, 24)), step)


parts_answers = st.one_of(severals, orderings, _pairs("match"), _pairs("sort"), clozes, tables(), _plots())
_algebra = st.sampled_from(["3(x + 2)", "x", "2/3 x - y^2", "-x", "(x + y)(x - y)", "0.5x"])
_equations = st.tuples(_algebra, _algebra).map(" = ".join)
_letters = st.sampled_from([("x", "y"), ("y", "x", "n")])
forms = st.sampled_from(["any", "simplest", "factored", "expanded"])
expressions = st.builds(
    ExpressionAnswer,
    _algebra,
    _letters,
    forms,
    st.booleans(),
    st.lists(st.builds(AlgebraMistake, _algebra, tags, nudges), max_size=3).map(tuple),
)
equations = st.builds(
    EquationAnswer,
    _equations,
    _letters,
    st.sampled_from(["", "x", "y"]),
    st.lists(st.builds(AlgebraMistake, _equations, tags, nudges), max_size=3).map(tuple),
)
answers = st.one_of(choices, numbers, fraction_answers, lines, expressions, equations, parts_answers)

languages = st.sampled_from(["es", "pt-BR", "zh-Hant"])
_frame = {
    "id": ids,
    "skill": st.sampled_from(SKILLS),
    "stem": paragraphs,
    "hints": st.lists(texts, max_size=3).map(tuple),
    "solution": st.just("") | paragraphs,
    "difficulty": st.none() | st.floats(min_value=-10, max_value=10),
    "family": st.just("") | ids,
    "line": st.integers(min_value=0, max_value=1000),
    "source": st.just("") | words,
    "licence": st.just("") | words,
    "calculator": st.booleans(),
    "audio": st.sampled_from(["", "lake.mp3", "Half-1.ogg"]),
    "translations": st.lists(
        st.builds(Translation, languages, texts), max_size=2, unique_by=lambda one: one.language
    ).map(tuple),
}
items = st.builds(Item, answer=answers, **_frame)

_EXPRESSIONS = st.sampled_from(["a", "a + b", "a / b", "gcd(a, b) * 3", "2 ^ a", "max(a, b) - 1/2", "-(a // b)"])
_EXPRESSIONS_WITHOUT_COMMAS = st.sampled_from(["a", "a + b", "2 ^ a", "-(a // b)"])
_SHOWN = st.sampled_from(["[[a]]", "$[[a / b]]$", "[[mixed(a)]]", "$[[frac(a, b)]]$"])
_shown_texts = st.tuples(_SHOWN, texts, _SHOWN).map(" ".join)
_expected = st.lists(st.tuples(_EXPRESSIONS, tags, nudges), max_size=3).map(tuple)
_shown_algebra = st.sampled_from(["[[a]]x + [[b]]", "[[a / b]] x", "x^2 - [[b * b]]", "3(x + [[a]])"])
templates = st.one_of(
    st.builds(
        AnswerTemplate,
        kind=st.just("choice"),
        options=st.lists(st.tuples(_shown_texts, st.booleans(), tags, nudges), min_size=1, max_size=4).map(tuple),
        shuffle=st.booleans(),
    ),
    st.builds(
        AnswerTemplate,
        kind=st.just("number"),
        value=_EXPRESSIONS,
        mistakes=_expected,
        tolerance=st.just("") | _EXPRESSIONS,
        unit=units,
    ),
    st.builds(
        AnswerTemplate,
        kind=st.just("fraction"),
        value=_EXPRESSIONS,
        mistakes=_expected,
        denominator=st.just("") | _EXPRESSIONS,
        form=st.sampled_from(["any", "simplest"]),
        unit=units,
    ),
    st.builds(
        AnswerTemplate,
        kind=st.just("line"),
        value=_EXPRESSIONS,
        mistakes=_expected,
        tolerance=st.just("") | _EXPRESSIONS,
        low=_EXPRESSIONS,
        high=_EXPRESSIONS,
        step=_EXPRESSIONS,
    ),
    st.builds(
        AnswerTemplate,
        kind=st.just("several"),
        options=st.lists(st.tuples(_shown_texts, st.booleans(), tags, nudges), min_size=1, max_size=4).map(tuple),
        shuffle=st.booleans(),
    ),
    st.builds(
        AnswerTemplate, kind=st.just("order"), rows=st.lists(st.tuples(_shown_texts), min_size=1, max_size=4).map(tuple)
    ),
    st.builds(
        AnswerTemplate,
        kind=st.sampled_from(["match", "sort"]),
        rows=st.just((("[[a]]", "half"), ("$[[a / b]]$", "whole"))),
    ),
    st.builds(
        AnswerTemplate,
        kind=st.just("table"),
        rows=st.tuples(st.just(("x", "y")), st.tuples(st.just("[[a]]"), _EXPRESSIONS.map("= {}".format))),
    ),
    st.builds(
        AnswerTemplate,
        kind=st.just("plot"),
        rows=st.lists(st.tuples(_EXPRESSIONS_WITHOUT_COMMAS, _EXPRESSIONS_WITHOUT_COMMAS), min_size=1, max_size=3).map(
            tuple
        ),
        low=_EXPRESSIONS,
        high=_EXPRESSIONS,
        step=_EXPRESSIONS,
    ),
    st.builds(
        AnswerTemplate,
        kind=st.just("expression"),
        value=_shown_algebra,
        mistakes=st.lists(st.tuples(_shown_algebra, tags, nudges), max_size=3).map(tuple),
        form=forms,
        variables=_letters,
        decimals=st.booleans(),
    ),
    st.builds(
        AnswerTemplate,
        kind=st.just("equation"),
        value=_shown_algebra.map("y = {}".format),
        mistakes=st.lists(st.tuples(_shown_algebra.map("{} = x".format), tags, nudges), max_size=3).map(tuple),
        variables=_letters,
        solve=st.sampled_from(["", "y"]),
    ),
)


def _parameter(name: str) -> st.SearchStrategy[Parameter]:
    spans = st.tuples(st.integers(-50, 50), st.integers(0, 50))
    return st.one_of(
        spans.map(lambda span: Parameter(name, span[0], span[0] + span[1])),
        st.lists(fractions, min_size=1, max_size=4).map(lambda values: Parameter(name, choices=tuple(values))),
    )


generators = st.builds(
    Generator,
    answer=templates,
    parameters=st.tuples(_parameter("a"), _parameter("b")),
    lets=st.lists(_EXPRESSIONS, max_size=2).map(
        lambda found: tuple((f"c{index}", each) for index, each in enumerate(found))
    ),
    conditions=st.lists(st.sampled_from(["a != b", "a < b and b > 0"]), max_size=2).map(tuple),
    **_frame | {"stem": _shown_texts},
)

skills = st.tuples(paragraphs, st.just("") | paragraphs).map(
    lambda examples: (
        Skill(SKILLS[0], "Equivalent fractions", (), examples[0]),
        Skill(SKILLS[1], "Compare: fractions", (SKILLS[0],), examples[1]),
        Skill(SKILLS[2], "Fractions as division", (SKILLS[0], SKILLS[1])),
    )
)
misconceptions = st.builds(lambda nudge: tuple(Misconception(tag, tag.title(), nudge) for tag in TAGS), words)
glossaries = st.lists(st.builds(Term, words, words, st.lists(words, max_size=2).map(tuple)), max_size=3).map(tuple)
banks = st.builds(
    Bank,
    id=ids,
    title=words,
    grade=st.sampled_from(["5", "4-6"]),
    language=st.sampled_from(["en", "no", "pt-BR"]),
    licence=words,
    source=st.just("") | words,
    skills=skills,
    misconceptions=misconceptions,
    items=st.lists(items | generators, max_size=5).map(tuple),
    glossary=glossaries,
)


def half(answer: object = None, **changes: object) -> Item:
    """Make a plain item for tests that look at one thing."""
    plain: dict[str, object] = {"id": "half", "skill": SKILLS[0], "stem": "Half?", "solution": "Half."}
    return Item(**plain | {"answer": answer or Number(Fraction(1, 2)), "difficulty": 0.0} | changes)
