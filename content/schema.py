"""The words of an item bank: frozen values that parsing makes, checks read and practice serves.

Text fields hold Markdown with ``$maths$``. Numbers are exact (`fractions.Fraction`), so that marking and the
generators never depend on floating point.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Literal

Form = Literal["any", "simplest", "factored", "expanded"]


@dataclass(frozen=True, slots=True)
class Misconception:
    """A way of thinking that leads to a particular slip, with the nudge that meets it.

    Parameters
    ----------
    id : str
        Stable name, such as ``add-tops-and-bottoms``.
    title : str
        For teachers: "Adds tops and bottoms".
    nudge : str
        For students, shown after a first miss that carries it.
    """

    id: str
    title: str
    nudge: str


@dataclass(frozen=True, slots=True)
class Skill:
    """One skill of a bank.

    Parameters
    ----------
    code : str
        Stable code, such as ``4.NF.A.1``.
    title : str
        For people: "Equivalent fractions".
    prerequisites : tuple of str
        Codes of skills of the same bank.
    example : str
        Worked example that opens the skill for a student who is new to it; Markdown, may be empty.
    """

    code: str
    title: str
    prerequisites: tuple[str, ...] = ()
    example: str = ""


@dataclass(frozen=True, slots=True)
class Term:
    """A word that a student may look up in an item.

    Parameters
    ----------
    word : str
        As it stands in a dictionary: "denominator".
    meaning : str
        For students: one or two short sentences (Markdown).
    forms : tuple of str
        Other forms of it that stand for the same: "denominators".
    """

    word: str
    meaning: str
    forms: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Translation:
    """The stem of an item in another language (BCP 47, such as ``es``), shown beside the stem."""

    language: str
    stem: str


@dataclass(frozen=True, slots=True)
class Option:
    """One option of a multiple-choice item."""

    text: str
    correct: bool
    misconception: str | None = None
    nudge: str | None = None


@dataclass(frozen=True, slots=True)
class Mistake:
    """A wrong value that authors expect in a typed answer, with the misconception behind it."""

    value: Fraction
    misconception: str | None = None
    nudge: str | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """Pick one option. Options are shown in an order drawn from the serving's seed unless `shuffle` is off."""

    options: tuple[Option, ...]
    shuffle: bool = True
    kind: Literal["choice"] = field(default="choice", init=False)


@dataclass(frozen=True, slots=True)
class Number:
    """Type a number.

    Parameters
    ----------
    value : Fraction
        The right value, exact.
    tolerance : Fraction
        Largest accepted distance from `value`; 0 asks for the exact value.
    unit : str
        Printed behind the input field; the student does not type it. May be empty.
    mistakes : tuple of Mistake
    """

    value: Fraction
    tolerance: Fraction = Fraction(0)
    unit: str = ""
    mistakes: tuple[Mistake, ...] = ()
    kind: Literal["number"] = field(default="number", init=False)


@dataclass(frozen=True, slots=True)
class FractionAnswer:
    """Type a fraction, a mixed number or a whole number: ``7/12``, ``1 1/2``, ``2``.

    Parameters
    ----------
    value : Fraction
        The right value.
    form : {"any", "simplest"}
        With ``simplest`` an equal fraction that can be reduced is not yet right ("Right value, now simplify").
    denominator : int or None
        When set, the answer must be written over exactly this denominator ("How many eighths?").
    unit : str
    mistakes : tuple of Mistake
    """

    value: Fraction
    form: Form = "any"
    denominator: int | None = None
    unit: str = ""
    mistakes: tuple[Mistake, ...] = ()
    kind: Literal["fraction"] = field(default="fraction", init=False)


@dataclass(frozen=True, slots=True)
class NumberLine:
    """Mark a point on a number line, by a slider or by typing the number: ``3/4``, ``0.75``.

    Parameters
    ----------
    value : Fraction
        The right point.
    low, high : Fraction
        The ends of the line.
    step : Fraction
        From one mark of the line to the next, > 0; the slider moves by it.
    tolerance : Fraction
        Largest accepted distance from `value`.
    mistakes : tuple of Mistake
    """

    value: Fraction
    low: Fraction
    high: Fraction
    step: Fraction
    tolerance: Fraction = Fraction(0)
    mistakes: tuple[Mistake, ...] = ()
    kind: Literal["line"] = field(default="line", init=False)


@dataclass(frozen=True, slots=True)
class AlgebraMistake:
    """A wrong expression or equation that authors expect, with the misconception behind it."""

    value: str
    misconception: str | None = None
    nudge: str | None = None


@dataclass(frozen=True, slots=True)
class ExpressionAnswer:
    """Type an expression with letters: ``3(x + 2)``.

    Parameters
    ----------
    value : str
        The right expression, in the form that is asked for.
    variables : tuple of str
        The letters that an answer may use, one character each.
    form : {"any", "simplest", "factored", "expanded"}
        An equal expression in another form is not yet right.
    decimals : bool
        Whether the numbers in it may be decimals.
    mistakes : tuple of AlgebraMistake
    """

    value: str
    variables: tuple[str, ...] = ()
    form: Form = "any"
    decimals: bool = True
    mistakes: tuple[AlgebraMistake, ...] = ()
    kind: Literal["expression"] = field(default="expression", init=False)


@dataclass(frozen=True, slots=True)
class EquationAnswer:
    """Type an equation: ``y = 2x + 3``, or the same one arranged in another way.

    Parameters
    ----------
    value : str
        The right equation.
    variables : tuple of str
        The letters that an answer may use, one character each.
    solve : str
        The letter that has to stand alone on one side; empty where any arrangement is right.
    mistakes : tuple of AlgebraMistake
    """

    value: str
    variables: tuple[str, ...] = ()
    solve: str = ""
    mistakes: tuple[AlgebraMistake, ...] = ()
    kind: Literal["equation"] = field(default="equation", init=False)


@dataclass(frozen=True, slots=True)
class Several:
    """Tick every option that is right. Options are shown in an order drawn from the seed unless `shuffle` is off."""

    options: tuple[Option, ...]
    shuffle: bool = True
    kind: Literal["several"] = field(default="several", init=False)


@dataclass(frozen=True, slots=True)
class Ordering:
    """Put things in order; `things` are in the right one, and shown in one drawn from the seed."""

    things: tuple[str, ...]
    kind: Literal["order"] = field(default="order", init=False)


@dataclass(frozen=True, slots=True)
class Gap:
    """A place where one of several words is to be chosen.

    Parameters
    ----------
    before : str
        Text in front of it (Markdown): the thing to match or to sort, or the text up to the gap.
    options : tuple of str
        Plain text, because a drop-down list shows nothing else.
    right : int
        Place of the right option.
    """

    before: str
    options: tuple[str, ...]
    right: int


@dataclass(frozen=True, slots=True)
class Gaps:
    """Choose the right word in each of several places.

    Parameters
    ----------
    kind : {"match", "sort", "cloze"}
        ``match``: each thing has a partner of its own, and there may be partners to spare. ``sort``: things go into
        few boxes. ``cloze``: gaps in a text. In ``match`` and ``sort`` all gaps have the same options.
    after : str
        Text behind the last gap.
    """

    kind: Literal["match", "sort", "cloze"]
    gaps: tuple[Gap, ...]
    after: str = ""


Cell = str | Fraction


@dataclass(frozen=True, slots=True)
class Table:
    """Fill in the empty cells of a table; the first row is its head. A number is a cell to be filled in."""

    rows: tuple[tuple[Cell, ...], ...]
    kind: Literal["table"] = field(default="table", init=False)


@dataclass(frozen=True, slots=True)
class Plot:
    """Plot points on a grid by their coordinates, in any order.

    Parameters
    ----------
    points : tuple of (x, y)
    low, high, step : Fraction
        Ends and marks of both axes.
    """

    points: tuple[tuple[Fraction, Fraction], ...]
    low: Fraction
    high: Fraction
    step: Fraction
    kind: Literal["plot"] = field(default="plot", init=False)


Kind = Literal[
    "choice",
    "number",
    "fraction",
    "line",
    "expression",
    "equation",
    "several",
    "order",
    "match",
    "sort",
    "cloze",
    "table",
    "plot",
]
Algebra = ExpressionAnswer | EquationAnswer
PartsAnswer = Several | Ordering | Gaps | Table | Plot
"""Answers of several parts, each right or not."""
Answer = Choice | Number | FractionAnswer | NumberLine | Algebra | PartsAnswer


def options_of(answer: Answer) -> tuple[Option, ...]:
    """Options to pick from or to tick; none where the answer has no such options."""
    return answer.options if isinstance(answer, Choice | Several) else ()


def mistakes_of(answer: Answer) -> tuple[Mistake | AlgebraMistake, ...]:
    """Wrong answers that the author expects; none where the answer is not typed."""
    return answer.mistakes if isinstance(answer, Number | FractionAnswer | NumberLine | Algebra) else ()


@dataclass(frozen=True, slots=True)
class Item:
    """One question, ready to be shown: written by hand, or a generator realised from a seed.

    Parameters
    ----------
    id : str
        Stable within the bank; letters, digits, dots and hyphens.
    skill : str
        Code of the skill it asks about.
    stem : str
        Markdown with ``$maths$``.
    answer : Answer
    hints : tuple of str
        At most three; the last one is a worked step.
    solution : str
        Worked solution.
    difficulty : float or None
        The author's, in logits; None where nobody knows it.
    family : str
        Items of one family are siblings (the same question with other numbers). The item's own id by default.
    line : int
        Line of the heading in the author's file, from 1; 0 where there is no file.
    source, licence : str
        Where it comes from, when that differs from the bank.
    calculator : bool
        Whether a student to whom the teacher gave a calculator may use it here.
    translations : tuple of Translation
        The stem in other languages, each once.
    audio : str
        Name of a recording of the question beside the bank's file; empty where there is none.
    """

    id: str
    skill: str
    stem: str
    answer: Answer
    hints: tuple[str, ...] = ()
    solution: str = ""
    difficulty: float | None = None
    family: str = ""
    line: int = 0
    source: str = ""
    licence: str = ""
    calculator: bool = False
    translations: tuple[Translation, ...] = ()
    audio: str = ""


@dataclass(frozen=True, slots=True)
class Parameter:
    """A number of a generator, drawn evenly from the whole numbers `low` to `high`, or from `choices`."""

    name: str
    low: int = 0
    high: int = 0
    choices: tuple[Fraction, ...] = ()


@dataclass(frozen=True, slots=True)
class AnswerTemplate:
    """The answer of a generator, before its numbers are known; every number is an expression.

    Parameters
    ----------
    kind : str
        As of the answer types.
    value : str
        Expression of the right value (number, fraction, line), or algebra with ``[[expression]]``.
    options : tuple of (text with ``[[expression]]``, correct, misconception, nudge)
        Of a choice and of ``several``.
    mistakes : tuple of (expression or algebra, misconception, nudge)
    tolerance, denominator, low, high, step : str
        Expressions; empty where not given.
    rows : tuple of tuple of str
        Of answers with several parts, texts with ``[[expression]]``: (thing,) of an order; (left, right) of a match,
        (thing, box) of a sort; (text before, right option, other options ...) of a cloze; the cells of a table, where
        ``= expression`` is to be filled in; (x, y), expressions, of the points of a plot.
    spare : tuple of str
        Partners that fit nothing (match); text behind the last gap (cloze).
    form, unit, shuffle, variables, decimals, solve : as in the answer types
    """

    kind: Kind
    value: str = ""
    options: tuple[tuple[str, bool, str | None, str | None], ...] = ()
    mistakes: tuple[tuple[str, str | None, str | None], ...] = ()
    tolerance: str = ""
    denominator: str = ""
    form: Form = "any"
    unit: str = ""
    shuffle: bool = True
    low: str = ""
    high: str = ""
    step: str = ""
    rows: tuple[tuple[str, ...], ...] = ()
    spare: tuple[str, ...] = ()
    variables: tuple[str, ...] = ()
    decimals: bool = True
    solve: str = ""


@dataclass(frozen=True, slots=True)
class Generator:
    """A family of items that differ in their numbers.

    Parameters
    ----------
    parameters : tuple of Parameter
        Drawn first, in order.
    lets : tuple of (name, expression)
        Worked out from the parameters, in order.
    conditions : tuple of str
        Boolean expressions; a draw that breaks one is drawn again.
    stem, hints, solution, translations
        Text with ``[[expression]]`` where numbers go.
    """

    id: str
    skill: str
    stem: str
    answer: AnswerTemplate
    parameters: tuple[Parameter, ...]
    lets: tuple[tuple[str, str], ...] = ()
    conditions: tuple[str, ...] = ()
    hints: tuple[str, ...] = ()
    solution: str = ""
    difficulty: float | None = None
    family: str = ""
    line: int = 0
    source: str = ""
    licence: str = ""
    calculator: bool = False
    translations: tuple[Translation, ...] = ()
    audio: str = ""


@dataclass(frozen=True, slots=True)
class Bank:
    """A bank as its author wrote it.

    Parameters
    ----------
    id : str
        Stable name, such as ``fractions-and-ratios``.
    grade : str
        "4-6" or "5".
    language : str
        BCP 47, such as ``en``.
    licence, source : str
        For every item that does not name its own.
    glossary : tuple of Term
        Words that students may look up.
    """

    id: str
    title: str
    grade: str
    language: str
    licence: str
    source: str = ""
    skills: tuple[Skill, ...] = ()
    misconceptions: tuple[Misconception, ...] = ()
    items: tuple[Item | Generator, ...] = ()
    glossary: tuple[Term, ...] = ()

    def skill(self, code: str) -> Skill | None:
        """Look up the skill with this code."""
        return next((skill for skill in self.skills if skill.code == code), None)


@dataclass(frozen=True, slots=True)
class Finding:
    """A fault or a remark in an author's file.

    Parameters
    ----------
    line : int
        From 1; 0 when it concerns the whole file.
    code : str
        Stable, such as ``no-key``.
    message : str
        What is the matter.
    hint : str
        What to do about it.
    severity : {"error", "warning"}
        An error keeps the bank from being published.
    """

    line: int
    code: str
    message: str
    hint: str
    severity: Literal["error", "warning"] = "error"


@dataclass(frozen=True, slots=True)
class Parsed:
    """What could be read, with everything that was found on the way; `bank` is partial when there are errors."""

    bank: Bank
    findings: tuple[Finding, ...] = ()

    def errors(self) -> Iterator[Finding]:
        """List the findings that keep the bank from being published."""
        return (finding for finding in self.findings if finding.severity == "error")
