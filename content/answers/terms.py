"""Algebra as children type it: ``3(x + 2)``, ``2/3 x``, ``x^2 - 4``.

A small grammar (``terms.lark``) is read into a tree; nothing is ever handed to ``eval``. Two expressions are
compared by their values modulo a large prime at a few points, so that no expression is ever multiplied out. Length,
nesting, exponents and degree are capped, so that every text is read and compared in bounded time.

References
----------
Schwartz (1980), Fast probabilistic algorithms for verification of polynomial identities: two different polynomials
of degree d agree at a random point with a chance of at most d / `PRIME`.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from pathlib import Path
from typing import Literal

from lark import Lark, Token, Transformer
from lark.exceptions import LarkError, VisitError

from content.answers.reading import tidy
from content.stream import Stream

MAX_LENGTH = 200
MAX_DEPTH = 12
MAX_SIGNS = 3
MAX_EXPONENT = 20
MAX_DEGREE = 400
PRIME = 2**61 - 1
POINTS = 4
TRIES = 20

_TIMES = "\N{MULTIPLICATION SIGN}\N{MIDDLE DOT}\N{DOT OPERATOR}\N{BULLET}\N{BULLET OPERATOR}\N{ASTERISK OPERATOR}"
_TIMES += "\N{MULTIPLICATION X}\N{HEAVY MULTIPLICATION X}"
_SAME = str.maketrans(dict.fromkeys(_TIMES, "*") | {"[": "(", "]": ")"})
_SUPERSCRIPTS = str.maketrans(
    "\N{SUPERSCRIPT ZERO}\N{SUPERSCRIPT ONE}\N{SUPERSCRIPT TWO}\N{SUPERSCRIPT THREE}\N{SUPERSCRIPT FOUR}"
    "\N{SUPERSCRIPT FIVE}\N{SUPERSCRIPT SIX}\N{SUPERSCRIPT SEVEN}\N{SUPERSCRIPT EIGHT}\N{SUPERSCRIPT NINE}",
    "0123456789",
)
_RAISED = re.compile("[" + "".join(map(chr, _SUPERSCRIPTS)) + "]+")

_CROSS = re.compile(r"(?<=[0-9)a-zA-Z]) ?[xX] ?(?=[0-9(a-zA-Z.])")

Kind = Literal["number", "letter", "sum", "product", "power"]


class AlgebraError(ValueError):
    """A text that is no algebra, or more of it than is read.

    Parameters
    ----------
    message : str
        For authors.
    """

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


@dataclass(frozen=True, slots=True)
class Node:
    """A piece of an expression.

    Parameters
    ----------
    kind : {"number", "letter", "sum", "product", "power"}
    value : Fraction
        Of a number.
    name : str
        Of a letter.
    parts : tuple of Node
        Terms of a sum, factors of a product, or the base of a power.
    exponents : tuple of int
        For a sum 1 or -1 before each term (plus, minus), for a product 1 or -1 before each factor (times, divided
        by), for a power its exponent.
    decimal : bool
        Whether a number was typed with a decimal point.
    degree : int
        At most this is the degree of the numerator or the denominator, whichever is higher.
    """

    kind: Kind
    value: Fraction = Fraction(0)
    name: str = ""
    parts: tuple["Node", ...] = ()
    exponents: tuple[int, ...] = ()
    decimal: bool = False
    degree: int = 0

    def walk(self) -> Iterator["Node"]:
        """Go through this piece and all within it."""
        yield self
        for part in self.parts:
            yield from part.walk()

    @property
    def letters(self) -> frozenset[str]:
        """The letters within it."""
        return frozenset(node.name for node in self.walk() if node.kind == "letter")


def spelt(text: str, variables: Sequence[str]) -> str:
    """Spell signs, powers and letters in one way.

    Parameters
    ----------
    variables : sequence of str
        The letters of the right answer: an X typed for x is x, and an x where none is meant is a times sign.

    Examples
    --------
    >>> spelt("3\N{MULTIPLICATION SIGN}N\N{SUPERSCRIPT TWO} \N{EN DASH} 1", "n")
    '3*n^2 - 1'
    """
    raised = _RAISED.sub(lambda match: "^" + match[0].translate(_SUPERSCRIPTS), text[: MAX_LENGTH + 1])
    plain = tidy(raised.translate(_SAME)).replace("**", "^")
    plain = "".join(_letter(character, variables) for character in plain)
    return plain if "x" in variables or "X" in variables else _CROSS.sub("*", plain)


def _letter(character: str, variables: Sequence[str]) -> str:
    if character in variables or character.swapcase() not in variables:
        return character
    return character.swapcase()


def read(text: str, variables: Sequence[str] = ()) -> Node:
    """Read an expression.

    Raises
    ------
    AlgebraError
        When it cannot be read, or is longer, deeper or of a higher degree than the caps allow.

    Examples
    --------
    >>> sorted(read("2/3 x + y").letters)
    ['x', 'y']
    """
    if len(text) > MAX_LENGTH:
        raise AlgebraError(f"It is longer than {MAX_LENGTH} characters")
    return _read(spelt(text, variables))


@lru_cache(maxsize=4096)
def _read(plain: str) -> Node:
    depth = deepest = 0
    for character in plain:
        depth += (character == "(") - (character == ")")
        deepest = max(deepest, depth)
    if deepest > MAX_DEPTH or re.search(rf"(?:[-+] ?){{{MAX_SIGNS + 1}}}", plain):
        raise AlgebraError(f"It is nested too deep, more than {MAX_DEPTH} brackets or {MAX_SIGNS} signs")
    try:
        node = _BUILDER.transform(_GRAMMAR.parse(plain))
    except VisitError as error:
        raise AlgebraError(str(error.orig_exc)) from error
    except LarkError as error:
        raise AlgebraError(f"'{plain[:40]}' cannot be read as algebra") from error
    if node.degree > MAX_DEGREE:
        raise AlgebraError(f"Its degree is above {MAX_DEGREE}")
    return node


class _Builder(Transformer[Token, Node]):
    """Makes nodes of what the grammar finds."""

    def number(self, found: list[Token]) -> Node:
        digits = found[0].replace(",", "")
        return Node("number", Fraction(digits.removesuffix(".")), decimal="." in digits)

    def mixed(self, found: list[Token]) -> Node:
        whole, rest = found[0].split(maxsplit=1)
        top, bottom = rest.replace(" ", "").split("/")
        if not int(bottom):
            raise AlgebraError("It divides by zero")
        return Node("number", int(whole) + Fraction(int(top), int(bottom)))

    def letter(self, found: list[Token]) -> Node:
        return Node("letter", name=str(found[0]), degree=1)

    def bracket(self, found: list[Node]) -> Node:
        return found[0]

    def signed(self, found: list[Token | Node]) -> Node:
        sign, node = found[0], _alone(found[1:])
        if sign == "+":
            return node
        if node.kind == "number":
            return Node("number", -node.value, decimal=node.decimal)
        return Node("sum", parts=(node,), exponents=(-1,), degree=node.degree)

    def exponent(self, found: list[Token]) -> int:
        sign, digits = (-1, found[1]) if found[0] == "-" else (1, found[-1])
        if not digits.isdigit() or len(digits) > 3 or int(digits) > MAX_EXPONENT:
            raise AlgebraError(f"An exponent is a whole number up to {MAX_EXPONENT}")
        return sign * int(digits)

    def raised(self, found: list[Node | Token | int]) -> Node:
        base, exponent = found[0], found[-1]
        if not (isinstance(base, Node) and isinstance(exponent, int)):
            return _alone(found)
        return Node("power", parts=(base,), exponents=(exponent,), degree=base.degree * abs(exponent))

    def chain(self, found: list[Node | Token]) -> Node:
        if len(found) == 1:
            return _alone(found)
        parts: list[Node] = []
        exponents: list[int] = []
        following, kind = 1, "product"
        for piece in found:
            if isinstance(piece, Token):
                following = -1 if piece in ("-", "/") else 1
                kind = "sum" if piece.type == "SIGN" else "product"
            elif isinstance(piece, Node):
                parts.append(piece)
                exponents.append(following)
                following = 1
        degree = sum(part.degree for part in parts)
        return Node(
            "sum" if kind == "sum" else "product", parts=tuple(parts), exponents=tuple(exponents), degree=degree
        )


def _alone(found: Sequence[object]) -> Node:
    """Unpack a chain of one piece."""
    [node] = (piece for piece in found if isinstance(piece, Node))
    return node


_BUILDER = _Builder()
_GRAMMAR = Lark(
    Path(__file__).with_suffix(".lark").read_text(encoding="utf-8"), parser="lalr", maybe_placeholders=False
)


def value(node: Node, point: Mapping[str, int]) -> int | None:
    """Work an expression out modulo `PRIME`; None where it divides by zero."""
    if node.kind == "number":
        return _over(node.value.numerator % PRIME, node.value.denominator % PRIME)
    if node.kind == "letter":
        return point[node.name]
    values = [value(part, point) for part in node.parts]
    known = [each for each in values if each is not None]
    if len(known) < len(values):
        return None
    if node.kind == "sum":
        return sum(sign * each for sign, each in zip(node.exponents, known, strict=True)) % PRIME
    product = 1
    for exponent, each in zip(node.exponents, known, strict=True):
        if exponent < 0 and not each:
            return None
        product = product * pow(each, exponent, PRIME) % PRIME
    return product


def _over(top: int, bottom: int) -> int | None:
    return top * pow(bottom, -1, PRIME) % PRIME if bottom else None


def rows(nodes: Sequence[Node], name: str, seed: int) -> list[tuple[int, ...]]:
    """Work expressions out at the same points, which the name of the item and the seed of the serving fix.

    Returns
    -------
    list of tuple of int
        `POINTS` of them, one value for each expression; fewer where the expressions divide by zero everywhere.
    """
    stream = Stream(f"{name}/points", seed)
    letters = sorted(frozenset().union(*(node.letters for node in nodes)))
    found: list[tuple[int, ...]] = []
    for _ in range(TRIES):
        point = {letter: 1 + stream.below(PRIME - 1) for letter in letters}
        row = [value(node, point) for node in nodes]
        known = tuple(each for each in row if each is not None)
        if len(known) == len(row):
            found.append(known)
        if len(found) == POINTS:
            break
    return found


def equal(one: Node, other: Node, name: str, seed: int) -> bool | None:
    """Whether two expressions have the same value wherever both have one; None where they have none anywhere."""
    found = rows((one, other), name, seed)
    return all(left == right for left, right in found) if found else None
