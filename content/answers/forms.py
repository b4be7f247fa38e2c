"""The form of an algebra answer: simplest, expanded or factored, told from how it is written."""

from fractions import Fraction
from math import gcd

from content.answers.terms import Node

MAX_BITS = 2048
"""A number that would grow beyond this is not worked out; its term counts as unlike all others."""


def meets(node: Node, form: str, asked: Node) -> bool:
    """Whether an expression that equals the one `asked` for has the form: any, simplest, expanded or factored.

    Parameters
    ----------
    form : {"any", "simplest", "expanded", "factored"}
        ``simplest``: nothing is left to put together, and it is no longer than what is asked for. ``expanded``: a
        sum of terms without brackets, none of them alike. ``factored``: a product with as many factors as what is
        asked for, none of which hides a common factor.
    """
    if form == "simplest":
        return not any(map(_is_loose, node.walk())) and _size(node) <= _size(asked)
    if form == "expanded":
        return _is_expanded(node) and not any(map(_is_loose, node.walk()))
    if form == "factored":
        return _is_factored(node) and _factors(node) >= _factors(asked)
    return True


def _size(node: Node) -> int:
    """Count letters, exponents and numbers; a fraction is one number, a 1 in front of a letter none the less."""
    if node.kind in ("number", "letter"):
        return 1
    if node.kind == "product":
        others = [part for part in node.parts if part.kind != "number"]
        return sum(map(_size, others)) + (len(others) < len(node.parts))
    return (node.kind == "power") + sum(map(_size, node.parts))


def _is_loose(node: Node) -> bool:
    """Whether the parts of this very piece can be put together: like terms, numbers, powers of one letter."""
    if node.kind == "sum":
        terms = [_monomial(part) for part in node.parts]
        known = [term[1] for term in terms if term is not None]
        nothing = any(term is not None and not term[0] for term in terms)
        return nothing or len(known) != len(set(known)) or _has_idle_bracket(node)
    if node.kind == "product":
        return _is_loose_product(node)
    return node.kind == "power" and (node.parts[0].kind in ("number", "power") or node.exponents[0] in (0, 1))


def _has_idle_bracket(node: Node) -> bool:
    """Whether a sum stands within a sum, as in ``x + (x + 1)``."""
    inner = [part.parts[0] if part.kind == "sum" and len(part.parts) == 1 else part for part in node.parts]
    return any(part.kind == "sum" and len(part.parts) > 1 for part in inner)


def _is_loose_product(node: Node) -> bool:
    numbers = [
        (part, exponent) for part, exponent in zip(node.parts, node.exponents, strict=True) if part.kind == "number"
    ]
    bases = [part.parts[0] if part.kind == "power" else part for part in node.parts if part.kind != "number"]
    if len(bases) != len(set(bases)):
        return True
    above = [part.value for part, exponent in numbers if exponent > 0]
    below = [part.value for part, exponent in numbers if exponent < 0]
    if len(above) > 1 or len(below) > 1 or 1 in below or 0 in above:
        return True
    return bool(above and below) and not _is_reduced(above[0], below[0])


def _is_reduced(top: Fraction, bottom: Fraction) -> bool:
    whole = top.denominator == bottom.denominator == 1
    return whole and gcd(top.numerator, bottom.numerator) == 1


Monomial = tuple[Fraction, tuple[tuple[str, int], ...]]


def _monomial(node: Node) -> Monomial | None:
    """Read a term such as ``2/3 x^2``: its number, and its letters with their powers; None where it is no term."""
    if node.kind == "number":
        return node.value, ()
    if node.kind == "letter":
        return Fraction(1), ((node.name, 1),)
    if node.kind == "sum":
        inner = _monomial(node.parts[0]) if len(node.parts) == 1 else None
        return inner and (inner[0] * node.exponents[0], inner[1])
    number, powers = Fraction(1), dict[str, int]()
    for part, exponent in zip(node.parts, node.exponents, strict=True):
        inner = _monomial(part)
        if inner is None or (exponent < 0 and not inner[0]) or _is_huge(inner[0], exponent):
            return None
        number *= inner[0] ** exponent
        for name, power in inner[1]:
            powers[name] = powers.get(name, 0) + power * exponent
    return number, tuple(sorted((name, power) for name, power in powers.items() if power))


def _is_huge(number: Fraction, exponent: int) -> bool:
    bits = max(number.numerator.bit_length(), number.denominator.bit_length())
    return bits * abs(exponent) > MAX_BITS


def _is_expanded(node: Node) -> bool:
    terms = node.parts if node.kind == "sum" else (node,)
    return all(part.kind != "sum" or len(part.parts) == 1 for term in terms for part in term.walk())


def _is_factored(node: Node) -> bool:
    if node.kind == "sum":
        return len(node.parts) == 1 and _is_factored(node.parts[0])
    parts = node.parts if node.kind == "product" else (node,)
    return node.kind != "number" and not any(map(_hides_factor, parts))


def _hides_factor(node: Node) -> bool:
    """Whether all terms of a bracket share a whole number above 1 or a letter."""
    bracket = node.parts[0] if node.kind == "power" else node
    if bracket.kind != "sum" or len(bracket.parts) < 2:
        return False
    terms = [term for term in map(_monomial, bracket.parts) if term is not None]
    if len(terms) < len(bracket.parts):
        return False
    shared = set.intersection(*({name for name, power in powers if power > 0} for _, powers in terms))
    whole = all(number.denominator == 1 for number, _ in terms)
    return bool(shared) or (whole and gcd(*(number.numerator for number, _ in terms)) > 1)


def _factors(node: Node) -> int:
    """Count the factors with letters in them, each as often as it stands there."""
    if node.kind == "number":
        return 0
    if node.kind == "power":
        return _factors(node.parts[0]) * max(node.exponents[0], 1)
    if node.kind == "product":
        return sum(_factors(part) for part, exponent in zip(node.parts, node.exponents, strict=True) if exponent > 0)
    if len(node.parts) == 1:
        return _factors(node.parts[0])
    return 1 if node.letters else 0
