"""Exact arithmetic that authors write: ``(a + b) / gcd(a, b)``.

A small grammar (``expressions.lark``) is read into closures over `fractions.Fraction`. Nothing is ever
handed to ``eval``: an expression can name numbers and the functions below, and nothing else. Length, nesting,
exponents and the size of every number on the way are capped, so that no author can make a page slow.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import lru_cache, reduce
from pathlib import Path

from lark import Lark, Token, Transformer
from lark.exceptions import UnexpectedCharacters, UnexpectedInput

Value = Fraction | bool
Names = Mapping[str, Fraction]

MAX_LENGTH = 300
MAX_DEPTH = 30
MAX_EXPONENT = 64
MAX_BITS = 2048
WORDS = frozenset({"and", "or", "not"})
DISPLAYS = frozenset({"frac", "mixed", "dec"})


class ExpressionError(ValueError):
    """An expression that cannot be read or worked out.

    Parameters
    ----------
    message : str
        For authors.
    column : int
        Where in the expression, from 1; 0 when no single place is at fault.
    code : str
        Stable, such as ``division-by-zero``.
    """

    def __init__(self, message: str, column: int = 0, code: str = "bad-expression") -> None:
        super().__init__(message)
        self.message = message
        self.column = column
        self.code = code


@dataclass(frozen=True, slots=True)
class Expression:
    """An expression that has been read.

    Parameters
    ----------
    text : str
        As the author wrote it.
    names : frozenset of str
        The numbers it needs.
    """

    text: str
    names: frozenset[str]
    _run: Callable[[Names], Value] = field(repr=False, compare=False)

    def value(self, names: Names) -> Value:
        """Work the expression out.

        Raises
        ------
        ExpressionError
            When a name is missing, a number grows beyond `MAX_BITS`, something is divided by zero, or a
            comparison stands where a number must.
        """
        return self._run(names)

    def number(self, names: Names) -> Fraction:
        """Work out an expression that has to be a number, not a comparison."""
        return _number(self._run(names), 0)


@dataclass(frozen=True, slots=True)
class Shown:
    """What stands between ``[[`` and ``]]``: expressions and how their value is written.

    Parameters
    ----------
    how : {"", "frac", "mixed", "dec"}
        Display function; empty for the plain value.
    parts : tuple of Expression
        Two for ``frac``, one otherwise.
    """

    how: str
    parts: tuple[Expression, ...]

    @property
    def names(self) -> frozenset[str]:
        """The numbers it needs."""
        return frozenset().union(*(part.names for part in self.parts))


@dataclass(frozen=True, slots=True)
class _Node:
    """A piece of an expression while it is being read."""

    run: Callable[[Names], Value]
    names: frozenset[str] = frozenset()
    depth: int = 1
    call: tuple[str, int, tuple["_Node", ...]] | None = None


@lru_cache(maxsize=8192)
def parse(text: str) -> Expression:
    """Read an expression.

    Parameters
    ----------
    text : str
        Such as ``(a + b) / 12``; at most `MAX_LENGTH` characters, nested at most `MAX_DEPTH` deep.

    Raises
    ------
    ExpressionError
        With the column of the fault.

    Examples
    --------
    >>> parse("1/3 + x").value({"x": Fraction(1, 4)})
    Fraction(7, 12)
    """
    node = _read(text)
    if node.call and node.call[0] in DISPLAYS:
        raise _misplaced_display(node.call)
    return Expression(text, node.names, node.run)


@lru_cache(maxsize=8192)
def parse_shown(text: str) -> Shown:
    """Read what stands between ``[[`` and ``]]``, where a display function may be outermost.

    Raises
    ------
    ExpressionError
        As `parse`.
    """
    node = _read(text)
    if not (node.call and node.call[0] in DISPLAYS):
        return Shown("", (Expression(text, node.names, node.run),))
    how, _, parts = node.call
    return Shown(how, tuple(Expression(text, part.names, part.run) for part in parts))


def _read(text: str) -> _Node:
    if len(text) > MAX_LENGTH:
        raise ExpressionError(f"An expression has at most {MAX_LENGTH} characters", MAX_LENGTH, "too-large")
    try:
        node = _PARSER.parse(text)
    except UnexpectedInput as error:
        raise _explain(text, error) from None
    if not isinstance(node, _Node):  # the transformer turns every rule into a node
        raise TypeError(f"unexpected {node!r}")
    return node


_INSTEAD = {
    "=": "Write == to compare two numbers.",
    "\N{MULTIPLICATION SIGN}": "Write * for times.",
    "\N{DIVISION SIGN}": "Write / for divided by.",
    "\N{MINUS SIGN}": "Write the minus sign of the keyboard, -.",
    "!": "Write != for 'is not', or the word not.",
    "&": "Write the word and.",
    "|": "Write the word or.",
    "\\": "Write 1/2, not LaTeX.",
    "[": "Write round brackets ( ).",
    "{": "Write round brackets ( ).",
}


def _explain(text: str, error: UnexpectedInput) -> ExpressionError:
    token = getattr(error, "token", None)
    if not text.strip():
        return ExpressionError("The expression is empty", 1)
    if isinstance(token, Token) and token.type == "$END":
        return ExpressionError("The expression stops too early", len(text) + 1)
    if isinstance(error, UnexpectedCharacters):
        character = text[error.column - 1]
        more = _INSTEAD.get(character, "")
        message = f"'{character}' does not belong in an expression. {more}"
        return ExpressionError(message.strip(), error.column)
    return ExpressionError(f"'{token}' does not fit here", error.column)


def _misplaced_display(call: tuple[str, int, tuple[_Node, ...]]) -> ExpressionError:
    name, column, _ = call
    return ExpressionError(f"{name}() can only stand alone inside [[ ]]", column)


def _number(value: Value, column: int) -> Fraction:
    if isinstance(value, bool):
        raise ExpressionError("A number is needed here, not a comparison", column)
    return value


def _truth(value: Value, column: int) -> bool:
    if not isinstance(value, bool):
        raise ExpressionError("A comparison is needed here, not a number", column)
    return value


def _whole(value: Fraction, column: int) -> int:
    if value.denominator != 1:
        raise ExpressionError(f"A whole number is needed here, not {value}", column, "not-whole")
    return value.numerator


def _sized(value: Fraction, column: int) -> Fraction:
    if value.numerator.bit_length() > MAX_BITS or value.denominator.bit_length() > MAX_BITS:
        raise ExpressionError("The number gets too large", column, "too-large")
    return value


def _divide(left: Fraction, right: Fraction) -> Fraction:
    return left / right


def _floor_divide(left: Fraction, right: Fraction) -> Fraction:
    return Fraction(left // right)


_ARITHMETIC: dict[str, Callable[[Fraction, Fraction], Fraction]] = {
    "+": lambda left, right: left + right,
    "-": lambda left, right: left - right,
    "*": lambda left, right: left * right,
    "/": _divide,
    "//": _floor_divide,
    "%": lambda left, right: left % right,
}
_COMPARISONS: dict[str, Callable[[Fraction, Fraction], bool]] = {
    "==": lambda left, right: left == right,
    "!=": lambda left, right: left != right,
    "<": lambda left, right: left < right,
    "<=": lambda left, right: left <= right,
    ">": lambda left, right: left > right,
    ">=": lambda left, right: left >= right,
}


def _operate(operator: str, left: Fraction, right: Fraction, column: int) -> Fraction:
    try:
        return _sized(_ARITHMETIC[operator](left, right), column)
    except ZeroDivisionError:
        raise ExpressionError("Something is divided by zero", column, "division-by-zero") from None


def _power(base: Fraction, exponent: Fraction, column: int) -> Fraction:
    times = _whole(exponent, column)
    if abs(times) > MAX_EXPONENT:
        raise ExpressionError(f"An exponent is at most {MAX_EXPONENT}", column, "too-large")
    if base == 0 and times < 0:
        raise ExpressionError("Something is divided by zero", column, "division-by-zero")
    widest = max(base.numerator.bit_length(), base.denominator.bit_length())
    # Refused before it is worked out: (2^64)^64 would otherwise be made only to be thrown away.
    if (widest - 1) * abs(times) > MAX_BITS:
        raise ExpressionError("The number gets too large", column, "too-large")
    return _sized(base**times, column)


def _of_whole(function: Callable[[int, int], int]) -> Callable[[list[Fraction], int], Fraction]:
    def run(values: list[Fraction], column: int) -> Fraction:
        return Fraction(reduce(function, (_whole(value, column) for value in values)))

    return run


# name -> (function of the arguments and the column, most arguments; None for any number)
_FUNCTIONS: dict[str, tuple[Callable[[list[Fraction], int], Fraction], int | None]] = {
    "gcd": (_of_whole(math.gcd), None),
    "lcm": (_of_whole(math.lcm), None),
    "min": (lambda values, _: min(values), None),
    "max": (lambda values, _: max(values), None),
    "abs": (lambda values, _: abs(values[0]), 1),
    "floor": (lambda values, _: Fraction(math.floor(values[0])), 1),
    "ceil": (lambda values, _: Fraction(math.ceil(values[0])), 1),
    "num": (lambda values, _: Fraction(values[0].numerator), 1),
    "den": (lambda values, _: Fraction(values[0].denominator), 1),
}
FUNCTIONS = frozenset(_FUNCTIONS)


def is_name(text: str) -> bool:
    """Tell whether an author may call a number this."""
    plain = text.isascii() and text.isidentifier()
    return plain and text not in WORDS | FUNCTIONS | DISPLAYS


class _Build(Transformer[Token, _Node]):
    """Turn the parts of the grammar into nodes while the parser recognises them."""

    def number(self, children: list[Token]) -> _Node:
        value = _sized(Fraction(str(children[0])), children[0].column or 0)
        return _Node(lambda _: value)

    def name(self, children: list[Token]) -> _Node:
        name, column = str(children[0]), children[0].column or 0
        if name in FUNCTIONS | DISPLAYS:
            raise ExpressionError(f"{name} needs brackets: {name}(...)", column)

        def run(names: Names) -> Value:
            try:
                return names[name]
            except KeyError:
                raise ExpressionError(f"'{name}' is not known here", column, "unknown-name") from None

        return _Node(run, frozenset({name}))

    def call(self, children: list[Token | _Node]) -> _Node:
        name, column, parts = str(children[0]), getattr(children[0], "column", 0) or 0, _nodes(children)
        _check_arity(name, len(parts), column)
        if name in DISPLAYS:
            return _join(parts, lambda _: False, call=(name, column, parts))
        function = _FUNCTIONS[name][0]
        runs = [part.run for part in parts]

        def run(names: Names) -> Value:
            return _sized(function([_number(each(names), column) for each in runs], column), column)

        return _join(parts, run)

    def chain(self, children: list[Token | _Node]) -> _Node:
        if len(children) == 1:
            return _nodes(children)[0]
        parts, operators = _nodes(children), _tokens(children)
        first = parts[0].run
        steps = [(*each, part.run) for each, part in zip(operators, parts[1:], strict=True)]

        def run(names: Names) -> Value:
            value = _number(first(names), 0)
            for operator, column, right in steps:
                value = _operate(operator, value, _number(right(names), column), column)
            return value

        return _join(parts, run)

    def raised(self, children: list[Token | _Node]) -> _Node:
        if len(children) == 1:
            return _nodes(children)[0]
        (base, exponent), ((_, column),) = _nodes(children), _tokens(children)

        def run(names: Names) -> Value:
            return _power(_number(base.run(names), column), _number(exponent.run(names), column), column)

        return _join((base, exponent), run)

    def negative(self, children: list[Token | _Node]) -> _Node:
        (part,), ((_, column),) = _nodes(children), _tokens(children)
        return _join((part,), lambda names: -_number(part.run(names), column))

    def compare(self, children: list[Token | _Node]) -> _Node:
        if len(children) == 1:
            return _nodes(children)[0]
        parts, operators = _nodes(children), _tokens(children)

        def run(names: Names) -> Value:
            values = [_number(part.run(names), 0) for part in parts]
            pairs = zip(operators, values, values[1:], strict=False)  # two values share each operator
            return all(_COMPARISONS[operator](left, right) for (operator, _), left, right in pairs)

        return _join(parts, run)

    def opposite(self, children: list[_Node]) -> _Node:
        part = children[0]
        return _join((part,), lambda names: not _truth(part.run(names), 0))

    def both(self, children: list[_Node]) -> _Node:
        if len(children) == 1:
            return children[0]
        return _join(tuple(children), lambda names: all(_truth(part.run(names), 0) for part in children))

    def either(self, children: list[_Node]) -> _Node:
        if len(children) == 1:
            return children[0]
        return _join(tuple(children), lambda names: any(_truth(part.run(names), 0) for part in children))


def _nodes(children: list[Token | _Node]) -> tuple[_Node, ...]:
    return tuple(child for child in children if isinstance(child, _Node))


def _tokens(children: list[Token | _Node]) -> list[tuple[str, int]]:
    return [(str(child), child.column or 0) for child in children if isinstance(child, Token)]


def _check_arity(name: str, given: int, column: int) -> None:
    if name not in FUNCTIONS | DISPLAYS:
        known = ", ".join(sorted(FUNCTIONS | DISPLAYS))
        raise ExpressionError(f"There is no function '{name}'. Known: {known}", column, "unknown-function")
    most = 2 if name == "frac" else 1 if name in DISPLAYS else _FUNCTIONS[name][1]
    if most is not None and given != most:
        raise ExpressionError(f"{name}() takes {most} number{'s' * (most > 1)}, not {given}", column)


def _join(
    parts: tuple[_Node, ...],
    run: Callable[[Names], Value],
    call: tuple[str, int, tuple[_Node, ...]] | None = None,
) -> _Node:
    """Make the node above `parts`; a display function among them is out of place."""
    for part in parts:
        if part.call and part.call[0] in DISPLAYS:
            raise _misplaced_display(part.call)
    depth = 1 + max(part.depth for part in parts)
    if depth > MAX_DEPTH:
        raise ExpressionError(f"The expression is nested more than {MAX_DEPTH} deep", 0, "too-large")
    return _Node(run, frozenset().union(*(part.names for part in parts)), depth, call)


_PARSER = Lark(
    (Path(__file__).parent / "expressions.lark").read_text(encoding="utf-8"),
    parser="lalr",
    start="expression",
    transformer=_Build(),
)
