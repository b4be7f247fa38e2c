"""OATutor's variables: ``@{b}`` in a text stands for one of the values listed under ``b``."""

import re
from collections.abc import Iterator
from dataclasses import replace

from content.formats.oatutor.faults import UnusableError
from content.formats.oatutor.records import Hint, Problem, Step, Variables

MOST_VARIANTS = 12
"""Items made of one step; a longer list of values is left to a generator."""

_NAME = re.compile(r"@\{(\w+)\}")

Values = dict[str, str]


def variants(problem: Problem, step: Step) -> list[Values]:
    """Give the values for each variant of a step; a step without variables has one variant.

    Values are drawn together: the second variant takes the second value of each list, and a shorter list starts again.

    Raises
    ------
    UnusableError
        If a text names a variable that has no values, or there are too many.
    """
    named = set(_names(problem, step))
    table = {**(problem.variables or {}), **(step.variables or {})}
    if missing := named - table.keys():
        raise UnusableError(f"variable without values: {', '.join(sorted(missing))}")
    used = {name: table[name] for name in sorted(named)}
    count = max((len(values) for values in used.values()), default=1)
    if count > MOST_VARIANTS:
        raise UnusableError(f"too many variants: {count} sets of values")
    return [{name: values[turn % len(values)] for name, values in used.items()} for turn in range(count)]


def _names(problem: Problem, step: Step) -> Iterator[str]:
    for text in (problem.title, problem.body, step.title, step.body, *step.answers, *step.choices):
        yield from _NAME.findall(text)


def _filled(text: str, values: Values) -> str:
    return _NAME.sub(lambda match: values.get(match[1], match[0]), text)


def _all_filled(texts: tuple[str, ...], values: Values) -> tuple[str, ...]:
    return tuple(_filled(text, values) for text in texts)


def fill_problem(problem: Problem, values: Values) -> Problem:
    """Write the values into a problem's texts."""
    return replace(problem, title=_filled(problem.title, values), body=_filled(problem.body, values))


def fill_step(step: Step, values: Values) -> Step:
    """Write the values into a step's texts."""
    return replace(
        step,
        title=_filled(step.title, values),
        body=_filled(step.body, values),
        answers=_all_filled(step.answers, values),
        choices=_all_filled(step.choices, values),
    )


def fill_hint(hint: Hint, values: Values, shared: Variables | None, turn: int) -> Hint:
    """Write the values into a hint's texts; a hint may list values of its own, drawn at the same `turn`.

    Parameters
    ----------
    shared : table of the problem and step, for names that only a hint uses
    """
    table = {**(shared or {}), **(hint.variables or {})}
    own = {name: listed[turn % len(listed)] for name, listed in table.items() if listed} | values
    return replace(
        hint,
        title=_filled(hint.title, own),
        text=_filled(hint.text, own),
        answers=_all_filled(hint.answers, own),
        choices=_all_filled(hint.choices, own),
        inside=tuple(fill_hint(one, own, table, turn) for one in hint.inside),
    )
