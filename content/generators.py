"""Families of items that differ in their numbers: one seed, one item, the same for ever.

How a seed becomes numbers is part of the format and never changes: parameters are drawn in the author's order
from `content.stream.Stream(id, seed)`, a range ``low..high`` by its `high - low + 1` whole numbers, a list by its
entries; ``let`` lines are worked out in order; a condition is tested as soon as its names are known; a draw that
breaks one is drawn again from the same stream, at most `TRIES` times.
"""

from dataclasses import replace
from fractions import Fraction
from functools import lru_cache
from typing import Literal

from content.expressions import ExpressionError, Names, parse
from content.placeholders import fill
from content.schema import (
    AlgebraMistake,
    Answer,
    AnswerTemplate,
    Cell,
    Choice,
    EquationAnswer,
    ExpressionAnswer,
    FractionAnswer,
    Gap,
    Gaps,
    Generator,
    Item,
    Mistake,
    Number,
    NumberLine,
    Option,
    Ordering,
    Parameter,
    PartsAnswer,
    Plot,
    Several,
    Table,
    Translation,
)
from content.stream import Stream

SEEDS = 200
TRIES = 500


class GeneratorError(ValueError):
    """A generator that cannot make an item from a seed.

    Parameters
    ----------
    code : str
        Stable, such as ``cannot-draw`` or ``division-by-zero``.
    message : str
        For authors, without the seed.
    names : mapping of str to Fraction
        The numbers that had been drawn by then.
    """

    def __init__(self, code: str, message: str, names: Names) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.names = names


def realise(item: Item | Generator, seed: int) -> Item:
    """Make the item of a seed.

    Parameters
    ----------
    item : Item or Generator
        A written item is returned as it is.
    seed : int
        From 0 to `SEEDS` - 1 for a generator: only what the check has examined is ever served.

    Raises
    ------
    GeneratorError
        When the generator has a fault on this seed; a published one has none.
    ValueError
        When the seed is none of those that were examined.
    """
    if isinstance(item, Item):
        return item
    if not 0 <= seed < SEEDS:
        raise ValueError(f"a generator is served with seeds 0 to {SEEDS - 1}, not {seed}")
    return _realise(item, seed)


@lru_cache(maxsize=4096)
def _realise(generator: Generator, seed: int) -> Item:
    names = draw(generator, seed)
    try:
        return _item(generator, names)
    except ExpressionError as error:
        raise GeneratorError(error.code, error.message, names) from error


def draw(generator: Generator, seed: int) -> dict[str, Fraction]:
    """Draw the numbers of a seed: parameters and lets by name.

    Raises
    ------
    GeneratorError
        ``cannot-draw`` when no draw meets the conditions, or the code of the expression at fault.
    """
    stream = Stream(generator.id, seed)
    names: dict[str, Fraction] = {}
    try:
        for _ in range(TRIES):
            names = {parameter.name: _pick(parameter, stream) for parameter in generator.parameters}
            if _work_out(generator, names):
                return names
    except ExpressionError as error:
        raise GeneratorError(error.code, error.message, names) from error
    raise GeneratorError("cannot-draw", f"No draw out of {TRIES} meets the conditions", {})


def _work_out(generator: Generator, names: dict[str, Fraction]) -> bool:
    """Add the lets to a draw; False when a condition is broken."""
    pending = _still_to_test(generator.conditions, names)
    for name, expression in generator.lets:
        if pending is None:
            return False
        names[name] = parse(expression).number(names)
        pending = _still_to_test(pending, names)
    if pending:
        # Some name is never known; working it out says which.
        parse(pending[0]).value(names)
    return pending is not None


def _still_to_test(conditions: tuple[str, ...], names: Names) -> tuple[str, ...] | None:
    """Test the conditions whose names are known; None when one is broken, else those still to be tested."""
    known = [condition for condition in conditions if parse(condition).names <= names.keys()]
    for condition in known:
        if not _holds(condition, names):
            return None
    return tuple(condition for condition in conditions if condition not in known)


def _holds(condition: str, names: Names) -> bool:
    value = parse(condition).value(names)
    if not isinstance(value, bool):
        raise ExpressionError(f"'{condition}' is a number; a condition compares", 0, "not-a-condition")
    return value


def _pick(parameter: Parameter, stream: Stream) -> Fraction:
    if parameter.choices:
        return parameter.choices[stream.below(len(parameter.choices))]
    if parameter.high < parameter.low:
        raise ExpressionError(f"There is nothing from {parameter.low} to {parameter.high}", 0, "bad-param")
    return Fraction(parameter.low + stream.below(parameter.high - parameter.low + 1))


def _item(generator: Generator, names: Names) -> Item:
    return Item(
        id=generator.id,
        skill=generator.skill,
        stem=fill(generator.stem, names),
        answer=_answer(generator.answer, names),
        hints=tuple(fill(hint, names) for hint in generator.hints),
        solution=fill(generator.solution, names),
        difficulty=generator.difficulty,
        family=generator.family,
        line=generator.line,
        source=generator.source,
        licence=generator.licence,
        calculator=generator.calculator,
        audio=generator.audio,
        translations=tuple(Translation(each.language, fill(each.stem, names)) for each in generator.translations),
    )


def _answer(template: AnswerTemplate, names: Names) -> Answer:
    if template.kind == "choice":
        return Choice(tuple(_option(option, names) for option in template.options), template.shuffle)
    several = _of_parts(template, names)
    if several is not None:
        return several
    if template.kind == "expression" or template.kind == "equation":
        return _algebra(template, names)
    value = parse(template.value).number(names)
    mistakes = tuple(_mistake(mistake, names) for mistake in template.mistakes)
    if template.kind == "number":
        tolerance = _tolerance(template.tolerance, names)
        return Number(value, tolerance, template.unit, mistakes)
    if template.kind == "line":
        low, high, step = (_number(text, names) for text in (template.low, template.high, template.step))
        return NumberLine(value, low, high, step, _tolerance(template.tolerance, names), mistakes)
    denominator = _denominator(template.denominator, names)
    return FractionAnswer(value, template.form, denominator, template.unit, mistakes)


def _of_parts(template: AnswerTemplate, names: Names) -> PartsAnswer | None:
    """An answer of several parts; None where it is one whole."""
    rows = template.rows
    if template.kind == "several":
        return Several(tuple(_option(option, names) for option in template.options), template.shuffle)
    if template.kind == "order":
        return Ordering(tuple(fill(thing, names) for (thing,) in rows))
    if template.kind in ("match", "sort"):
        return _pairs(template.kind, [(fill(left, names), fill(right, names)) for left, right in rows], template, names)
    if template.kind == "cloze":
        gaps = tuple(Gap(fill(before, names), tuple(fill(each, names) for each in words), 0) for before, *words in rows)
        return Gaps("cloze", gaps, "".join(fill(text, names) for text in template.spare))
    if template.kind == "table":
        return Table(tuple(tuple(_cell(cell, names) for cell in row) for row in rows))
    if template.kind == "plot":
        points = tuple((_number(x, names), _number(y, names)) for x, y in rows)
        return Plot(points, *(_number(text, names) for text in (template.low, template.high, template.step)))
    return None


def _pairs(
    kind: Literal["match", "sort"], pairs: list[tuple[str, str]], template: AnswerTemplate, names: Names
) -> Gaps:
    """Things with their partners or boxes, all of them offered with each thing."""
    offered = [right for _left, right in pairs] + [fill(spare, names) for spare in template.spare]
    options = tuple(dict.fromkeys(offered))
    return Gaps(kind, tuple(Gap(left, options, options.index(right)) for left, right in pairs))


def _cell(cell: str, names: Names) -> Cell:
    return _number(cell[1:].strip(), names) if cell.startswith("=") else fill(cell, names)


def _algebra(template: AnswerTemplate, names: Names) -> Answer:
    value = fill(template.value, names)
    mistakes = tuple(
        AlgebraMistake(fill(text, names), misconception, nudge and fill(nudge, names))
        for text, misconception, nudge in template.mistakes
    )
    if template.kind == "equation":
        return EquationAnswer(value, template.variables, template.solve, mistakes)
    return ExpressionAnswer(value, template.variables, template.form, template.decimals, mistakes)


def _option(option: tuple[str, bool, str | None, str | None], names: Names) -> Option:
    text, correct, misconception, nudge = option
    return Option(fill(text, names), correct, misconception, nudge and fill(nudge, names))


def _mistake(mistake: tuple[str, str | None, str | None], names: Names) -> Mistake:
    expression, misconception, nudge = mistake
    return Mistake(parse(expression).number(names), misconception, nudge and fill(nudge, names))


def _number(expression: str, names: Names) -> Fraction:
    return parse(expression).number(names) if expression else Fraction(0)


def _tolerance(expression: str, names: Names) -> Fraction:
    value = _number(expression, names)
    if value < 0:
        raise ExpressionError(f"The tolerance is {value}; it cannot be below 0", 0, "bad-tolerance")
    return value


def _denominator(expression: str, names: Names) -> int | None:
    if not expression:
        return None
    value = parse(expression).number(names)
    if value.denominator != 1 or value < 1:
        raise ExpressionError(f"The denominator is {value}; it must be 1 or more", 0, "bad-denominator")
    return value.numerator


def settle(template: AnswerTemplate) -> Answer:
    """Work out an answer that needs no numbers of a generator: that of a written item.

    Raises
    ------
    ExpressionError
        When an expression cannot be worked out.
    """
    return _answer(template, {})


def relined(item: Item | Generator, line: int = 0) -> Item | Generator:
    """Copy an item with another line number; two items equal but for their lines are the same question."""
    return replace(item, line=line)
