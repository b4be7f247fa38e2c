"""A bank as text in the authors' format, such that reading it gives the same bank again."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from fractions import Fraction
from itertools import zip_longest

import yaml

from content.generators import relined
from content.parse import parse
from content.schema import (
    AnswerTemplate,
    Bank,
    Choice,
    EquationAnswer,
    ExpressionAnswer,
    Gap,
    Gaps,
    Generator,
    Item,
    Number,
    NumberLine,
    Ordering,
    Parameter,
    Plot,
    Several,
    Table,
)

Settings = list[tuple[str, str]]


def write(bank: Bank) -> str:
    """Write a bank as its author could have written it.

    Returns
    -------
    str
        ``parse(write(bank)).bank == bank``, but for line numbers and for families left empty.

    Raises
    ------
    ValueError
        When some text of the bank means something else in the format, such as a stem with a line ``## ...``;
        the message names the item.
    """
    text = "\n".join([*_front(bank), *_body(bank)]).rstrip("\n") + "\n"
    _verify(bank, text)
    return text


def _verify(bank: Bank, text: str) -> None:
    again = parse(text).bank
    wanted, got = _comparable(bank), _comparable(again)
    if wanted == got:
        return
    pairs = zip_longest(wanted.items, got.items)
    different = next((item.id for item, other in pairs if item and item != other), "its description")
    raise ValueError(f"the bank cannot be written in this format: {different}")


def _comparable(bank: Bank) -> Bank:
    items = (replace(relined(item), family=item.family or item.id) for item in bank.items)
    return replace(bank, items=tuple(items))


def _front(bank: Bank) -> Iterator[str]:
    head: dict[str, object] = {
        "id": bank.id,
        "title": bank.title,
        "grade": bank.grade,
        "language": bank.language,
        "licence": bank.licence,
    }
    if bank.source:
        head["source"] = bank.source
    head["skills"] = [
        {"code": skill.code, "title": skill.title}
        | ({"prerequisites": list(skill.prerequisites)} if skill.prerequisites else {})
        for skill in bank.skills
    ]
    if bank.misconceptions:
        head["misconceptions"] = [
            {"id": each.id, "title": each.title, "nudge": each.nudge} for each in bank.misconceptions
        ]
    if bank.glossary:
        head["glossary"] = [
            {"word": term.word, "meaning": term.meaning} | ({"forms": list(term.forms)} if term.forms else {})
            for term in bank.glossary
        ]
    yield "---"
    yield yaml.safe_dump(head, sort_keys=False, allow_unicode=True, width=100).rstrip("\n")
    yield "---"


def _body(bank: Bank) -> Iterator[str]:
    """Write the items in their order; a skill's heading comes again where the skill changes."""
    pending = {skill.code: skill.example for skill in bank.skills}
    current: str | None = None
    for item in bank.items:
        if item.skill != current:
            yield from _opening(item.skill, pending.pop(item.skill, ""))
            current = item.skill
        yield from _item(item)
    for code, example in pending.items():
        if example:
            yield from _opening(code, example)


def _opening(code: str, example: str) -> Iterator[str]:
    yield f"\n# {code}"
    if example:
        yield example


def _item(item: Item | Generator) -> Iterator[str]:
    yield f"\n## {item.id}"
    template = item.answer if isinstance(item.answer, AnswerTemplate) else _template(item)
    for key, value in (*_settings(item, template), *_numbers(item)):
        yield f"{key}: {value}"
    yield f"\n{item.stem}"
    yield from (f"\n### Translation {each.language}\n{each.stem}" for each in item.translations)
    yield "\n### Answer"
    yield from _answer(template)
    if item.hints:
        yield "\n### Hints"
        yield from (_indented(f"{number}. ", hint, 3) for number, hint in enumerate(item.hints, start=1))
    if item.solution:
        yield f"\n### Solution\n{item.solution}"


def _template(item: Item | Generator) -> AnswerTemplate:
    """See the answer of a written item as a template, so that both are written alike."""
    answer = item.answer
    if isinstance(answer, AnswerTemplate):
        return answer
    if isinstance(answer, Choice | Several):
        options = tuple((each.text, each.correct, each.misconception, each.nudge) for each in answer.options)
        return AnswerTemplate(answer.kind, options=options, shuffle=answer.shuffle)
    if isinstance(answer, Ordering | Gaps | Table | Plot):
        return _template_of_parts(answer)
    mistakes = tuple((str(each.value), each.misconception, each.nudge) for each in answer.mistakes)
    value = str(answer.value)
    if isinstance(answer, Number):
        tolerance, unit = _unless_zero(answer.tolerance), answer.unit
        return AnswerTemplate("number", value, mistakes=mistakes, tolerance=tolerance, unit=unit)
    if isinstance(answer, NumberLine):
        tolerance = _unless_zero(answer.tolerance)
        low, high, step = str(answer.low), str(answer.high), str(answer.step)
        return AnswerTemplate("line", value, mistakes=mistakes, tolerance=tolerance, low=low, high=high, step=step)
    if isinstance(answer, EquationAnswer):
        return AnswerTemplate("equation", value, mistakes=mistakes, variables=answer.variables, solve=answer.solve)
    if isinstance(answer, ExpressionAnswer):
        return AnswerTemplate(
            "expression",
            value,
            mistakes=mistakes,
            form=answer.form,
            variables=answer.variables,
            decimals=answer.decimals,
        )
    bottom = "" if answer.denominator is None else str(answer.denominator)
    return AnswerTemplate("fraction", value, mistakes=mistakes, denominator=bottom, form=answer.form, unit=answer.unit)


def _template_of_parts(answer: Ordering | Gaps | Table | Plot) -> AnswerTemplate:
    if isinstance(answer, Ordering):
        return AnswerTemplate("order", rows=tuple((thing,) for thing in answer.things))
    if isinstance(answer, Table):
        rows = tuple(tuple(cell if isinstance(cell, str) else f"= {cell}" for cell in row) for row in answer.rows)
        return AnswerTemplate("table", rows=rows)
    if isinstance(answer, Plot):
        points = tuple((str(x), str(y)) for x, y in answer.points)
        low, high, step = str(answer.low), str(answer.high), str(answer.step)
        return AnswerTemplate("plot", rows=points, low=low, high=high, step=step)
    if answer.kind == "cloze":
        gaps = tuple((gap.before, *_right_first(gap)) for gap in answer.gaps)
        return AnswerTemplate("cloze", rows=gaps, spare=(answer.after,) if answer.after else ())
    pairs = tuple((gap.before, gap.options[gap.right]) for gap in answer.gaps)
    used = {right for _left, right in pairs}
    offered = answer.gaps[0].options if answer.gaps else ()
    return AnswerTemplate(answer.kind, rows=pairs, spare=tuple(each for each in offered if each not in used))


def _right_first(gap: Gap) -> tuple[str, ...]:
    return (gap.options[gap.right], *(word for place, word in enumerate(gap.options) if place != gap.right))


def _unless_zero(value: Fraction) -> str:
    return str(value) if value else ""


def _settings(item: Item | Generator, template: AnswerTemplate) -> Settings:
    settings = {
        "answer": template.kind,
        "difficulty": "" if item.difficulty is None else repr(item.difficulty),
        "form": "" if template.form == "any" else template.form,
        "denominator": template.denominator,
        "tolerance": template.tolerance,
        "unit": template.unit,
        "shuffle": "" if template.shuffle else "no",
        "calculator": "yes" if item.calculator else "",
        "audio": item.audio,
        "from": template.low,
        "to": template.high,
        "step": template.step,
        "variables": ", ".join(template.variables),
        "decimals": "" if template.decimals else "no",
        "solve": template.solve,
        "family": "" if item.family == item.id else item.family,
        "source": item.source,
        "licence": item.licence,
    }
    return [(key, value) for key, value in settings.items() if value]


def _numbers(item: Item | Generator) -> Settings:
    if isinstance(item, Item):
        return []
    parameters = [(f"param {each.name}", _span(each)) for each in item.parameters]
    lets = [(f"let {name}", expression) for name, expression in item.lets]
    return [*parameters, *lets, *(("where", condition) for condition in item.conditions)]


def _span(parameter: Parameter) -> str:
    if parameter.choices:
        return ", ".join(map(str, parameter.choices))
    return f"{parameter.low}..{parameter.high}"


def _answer(template: AnswerTemplate) -> Iterator[str]:
    if template.kind in ("choice", "several"):
        for text, correct, misconception, nudge in template.options:
            box = "- [x] " if correct else "- [ ] "
            yield _indented(box, text + _tag(misconception, nudge), 6)
        return
    if template.rows:
        yield from _parts(template)
        return
    yield f"= {template.value}"
    yield from _mistakes(template.mistakes)


def _parts(template: AnswerTemplate) -> Iterator[str]:
    """Write an answer of several parts."""
    if template.kind == "cloze":
        text = "".join(f"{before}{{{' | '.join(words)}}}" for before, *words in template.rows)
        yield text + "".join(template.spare)
    for number, row in enumerate(template.rows, start=1):
        if template.kind == "order":
            yield _indented(f"{number}. ", row[0], 3)
        elif template.kind in ("match", "sort"):
            yield _indented("- ", " -> ".join(row), 2)
        elif template.kind == "table":
            yield f"| {' | '.join(row)} |"
        elif template.kind == "plot":
            yield f"= ({', '.join(row)})"
    if template.kind in ("match", "sort"):
        yield from (_indented("! ", spare, 2) for spare in template.spare)


def _mistakes(mistakes: Iterable[tuple[str, str | None, str | None]]) -> Iterator[str]:
    for expression, misconception, nudge in mistakes:
        yield _indented("! ", expression + _tag(misconception, nudge), 2)


def _tag(misconception: str | None, nudge: str | None) -> str:
    if misconception is None and nudge is None:
        return ""
    return f" {{{misconception or ''}}}" + (f" {nudge}" if nudge else "")


def _indented(marker: str, text: str, spaces: int) -> str:
    """Put an entry behind its marker and indent the lines that continue it."""
    first, *rest = text.split("\n")
    return "\n".join([marker + first, *(" " * spaces + line if line else line for line in rest)])
