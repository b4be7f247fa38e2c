"""Type an expression or an equation: whatever is equal counts, unless a form is asked for."""

from collections.abc import Sequence

from content.answers import forms
from content.answers.reading import storable
from content.answers.results import Given, Mark, Presentation
from content.answers.terms import PRIME, AlgebraError, Node, equal, read, rows, spelt
from content.schema import Algebra, AlgebraMistake, EquationAnswer, ExpressionAnswer

LIKE_EXPRESSION = "Type it like 2n + 3."
LIKE_EQUATION = "Type it with =, like y = 2x."
NO_EQUALS = "Leave out the equals sign."
NO_LETTERS = "Use only numbers here."
ONLY_LETTERS = "Use only these letters: {}."
BY_ZERO = "You cannot divide by 0."
NO_DECIMALS = "Right value. Now use no decimals."
SOLVE = "Right so far. Now get {} alone."
FORMS = {
    "simplest": "Right value. Now make it simpler.",
    "expanded": "Right value. Now clear the brackets.",
    "factored": "Right value. Now take out what they share.",
}

Sides = tuple[Node, Node]


class _Unread(Exception):  # noqa: N818 (no error: the child tries again)
    """A text that is given back, with the words that say what to do."""


def mark(answer: Algebra, given: Given, name: str, seed: int) -> Mark:
    """Mark an expression or an equation.

    Parameters
    ----------
    name : str
        Id of the item; with `seed` it fixes the points at which expressions are compared.
    """
    text = given.get(answer.kind, "")
    chosen = storable(spelt(text, answer.variables))
    try:
        if isinstance(answer, EquationAnswer):
            return _mark_equation(answer, text, chosen, name, seed)
        return _mark_expression(answer, text, chosen, name, seed)
    except _Unread as asked:
        return Mark("unreadable", nudge=str(asked), chosen=chosen)


def _mark_expression(answer: ExpressionAnswer, text: str, chosen: str, name: str, seed: int) -> Mark:
    node = _expression(text, answer.variables)
    key = read(answer.value, answer.variables)
    if equal(node, node, name, seed) is None:
        raise _Unread(BY_ZERO)
    if equal(node, key, name, seed):
        fault = _fault(answer, node, key)
        return Mark("reform" if fault else "right", nudge=fault, chosen=chosen)
    for mistake in answer.mistakes:
        if equal(node, read(mistake.value, answer.variables), name, seed):
            return _missed(mistake, chosen)
    return Mark("wrong", chosen=chosen)


def _missed(mistake: AlgebraMistake, chosen: str) -> Mark:
    return Mark("wrong", mistake.misconception, mistake.nudge, chosen)


def _expression(text: str, variables: Sequence[str]) -> Node:
    plain = text.strip().removeprefix("=")
    if "=" in spelt(plain, variables):
        raise _Unread(NO_EQUALS)
    return _side(plain, variables, LIKE_EXPRESSION)


def _side(text: str, variables: Sequence[str], like: str) -> Node:
    try:
        node = read(text, variables)
    except AlgebraError as error:
        raise _Unread(like) from error
    if not node.letters <= set(variables):
        raise _Unread(ONLY_LETTERS.format(", ".join(variables)) if variables else NO_LETTERS)
    return node


def _fault(answer: ExpressionAnswer, node: Node, key: Node) -> str | None:
    """Say what is asked for when an equal expression has another form."""
    if not forms.meets(node, answer.form, key):
        return FORMS[answer.form]
    if not answer.decimals and any(piece.decimal for piece in node.walk()):
        return NO_DECIMALS
    return None


def _mark_equation(answer: EquationAnswer, text: str, chosen: str, name: str, seed: int) -> Mark:
    sides = _sides(text, answer.variables)
    if not rows(sides, name, seed):
        raise _Unread(BY_ZERO)
    if same_relation(sides, _sides(answer.value, answer.variables), name, seed):
        solved = not answer.solve or is_solved(sides, answer.solve)
        return (
            Mark("right", chosen=chosen) if solved else Mark("reform", nudge=SOLVE.format(answer.solve), chosen=chosen)
        )
    for mistake in answer.mistakes:
        if same_relation(sides, _sides(mistake.value, answer.variables), name, seed):
            return _missed(mistake, chosen)
    return Mark("wrong", chosen=chosen)


def _sides(text: str, variables: Sequence[str]) -> Sides:
    sides = spelt(text, variables).split("=")
    if len(sides) != 2:
        raise _Unread(LIKE_EQUATION)
    left, right = (_side(side, variables, LIKE_EQUATION) for side in sides)
    return left, right


def same_relation(one: Sides, other: Sides, name: str, seed: int) -> bool:
    """Whether two equations hold for the same numbers: their differences of sides are a nonzero multiple of each other.

    An equation that always or never holds, such as 0 = 0, is the same as none.
    """
    found = rows((*one, *other), name, seed)
    gaps = [(a - b, c - d) for a, b, c, d in found]
    return bool(gaps) and all(gaps[0]) and all(_alike(gaps[0], gap) for gap in gaps)


def _alike(first: tuple[int, int], gap: tuple[int, int]) -> bool:
    return (first[0] * gap[1] - first[1] * gap[0]) % PRIME == 0


def is_solved(sides: Sides, letter: str) -> bool:
    """Whether the letter stands alone on one side and not on the other."""
    return any(
        alone.kind == "letter" and alone.name == letter and letter not in other.letters
        for alone, other in (sides, sides[::-1])
    )


def problem(answer: Algebra, text: str, name: str) -> str | None:
    """Say why a text cannot be the right answer or an expected mistake; None where it can.

    Words for authors.
    """
    try:
        if isinstance(answer, ExpressionAnswer):
            node = read(text, answer.variables)
            nodes: tuple[Node, ...] = (node,)
        else:
            sides = spelt(text, answer.variables).split("=")
            if len(sides) != 2:
                return "It has no two sides with one = between them"
            nodes = tuple(read(side, answer.variables) for side in sides)
    except AlgebraError as error:
        return error.message
    strange = sorted(frozenset().union(*(node.letters for node in nodes)) - set(answer.variables))
    if strange:
        return f"'{strange[0]}' is none of its variables"
    found = rows(nodes, name, 0)
    if not found:
        return "It divides by zero"
    if isinstance(answer, EquationAnswer) and not _tells(found):
        return "It holds always or never, whatever the letters are"
    return None


def _tells(found: list[tuple[int, ...]]) -> bool:
    gaps = {(left - right) % PRIME for left, right in found}
    return len(gaps) > 1


def present(answer: Algebra) -> Presentation:
    """Show one input."""
    return Presentation(answer.kind, (answer.kind,))


def key(answer: Algebra) -> dict[str, str]:
    """Give the form field of the author's own answer."""
    return {answer.kind: answer.value}


def wrong(answer: Algebra, misconception: str | None, name: str, seed: int) -> dict[str, str] | None:
    """Give the form field of an expected mistake, or of an answer that is 1 off."""
    if misconception is None and not answer.mistakes:
        return {answer.kind: f"{answer.value} + 1"}
    for mistake in answer.mistakes:
        fields: dict[str, str] = {answer.kind: mistake.value}
        verdict = mark(answer, fields, name, seed)
        if verdict.status == "wrong" and misconception in (None, verdict.misconception):
            return fields
    return None
