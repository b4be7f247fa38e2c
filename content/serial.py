"""Items as plain dictionaries that survive JSON; numbers are text such as "7/12", so nothing is rounded."""

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from content.schema import (
    Algebra,
    AlgebraMistake,
    Answer,
    AnswerTemplate,
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
    Plot,
    Several,
    Table,
    Translation,
)

Plain = dict[str, Any]

_ALGEBRA = ("expression", "equation")
_ENDS = ("low", "high", "step")
_COMMON = ("id", "skill", "stem", "solution", "difficulty", "family", "line", "source", "licence")


def dump(item: Item | Generator) -> Plain:
    """Write an item as a dictionary of text, numbers, lists and None."""
    common = {name: getattr(item, name) for name in _COMMON} | {"hints": list(item.hints)} | _dump_supports(item)
    if isinstance(item, Item):
        return common | {"type": "item", "answer": _dump_answer(item.answer)}
    return common | {
        "type": "generator",
        "answer": _dump_template(item.answer),
        "parameters": [_dump_parameter(parameter) for parameter in item.parameters],
        "lets": [list(each) for each in item.lets],
        "conditions": list(item.conditions),
    }


def _dump_supports(item: Item | Generator) -> Plain:
    """Write what an item has for students with supports; nothing where it has none, so that its hash stays."""
    translations = [[each.language, each.stem] for each in item.translations]
    found = {"calculator": item.calculator, "translations": translations, "audio": item.audio}
    return {name: value for name, value in found.items() if value}


def _load_supports(data: Mapping[str, Any]) -> Plain:
    translations = tuple(Translation(language, stem) for language, stem in data.get("translations", ()))
    return {
        "calculator": data.get("calculator", False),
        "translations": translations,
        "audio": data.get("audio", ""),
    }


def load(data: Mapping[str, Any]) -> Item | Generator:
    """Read back what `dump` wrote.

    Raises
    ------
    ValueError
        When the dictionary was not written by `dump`.
    """
    try:
        return _load(data)
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"not a stored item: {error!r}") from error


def _load(data: Mapping[str, Any]) -> Item | Generator:
    common = {name: data[name] for name in _COMMON} | {"hints": tuple(data["hints"])} | _load_supports(data)
    if data["type"] == "item":
        return Item(**common, answer=_load_answer(data["answer"]))
    if data["type"] != "generator":
        raise ValueError(f"not a stored item: {data['type']!r}")
    return Generator(
        **common,
        answer=_load_template(data["answer"]),
        parameters=tuple(_load_parameter(parameter) for parameter in data["parameters"]),
        lets=tuple((name, expression) for name, expression in data["lets"]),
        conditions=tuple(data["conditions"]),
    )


def _dump_answer(answer: Answer) -> Plain:
    if isinstance(answer, Choice | Several):
        options = [[each.text, each.correct, each.misconception, each.nudge] for each in answer.options]
        return {"kind": answer.kind, "options": options, "shuffle": answer.shuffle}
    if isinstance(answer, Ordering | Gaps | Table | Plot):
        return {"kind": answer.kind} | _dump_parts(answer)
    mistakes = [[str(each.value), each.misconception, each.nudge] for each in answer.mistakes]
    if isinstance(answer, Algebra):
        return _dump_algebra(answer) | {"mistakes": mistakes}
    if isinstance(answer, NumberLine):
        names = ("value", "low", "high", "step", "tolerance")
        return {"kind": answer.kind, "mistakes": mistakes} | {name: str(getattr(answer, name)) for name in names}
    typed = {"kind": answer.kind, "value": str(answer.value), "unit": answer.unit, "mistakes": mistakes}
    if isinstance(answer, Number):
        return typed | {"tolerance": str(answer.tolerance)}
    return typed | {"form": answer.form, "denominator": answer.denominator}


def _dump_parts(answer: Ordering | Gaps | Table | Plot) -> Plain:
    if isinstance(answer, Ordering):
        return {"things": list(answer.things)}
    if isinstance(answer, Gaps):
        gaps = [[gap.before, list(gap.options), gap.right] for gap in answer.gaps]
        return {"gaps": gaps, "after": answer.after}
    if isinstance(answer, Table):
        return {"rows": [[cell if isinstance(cell, str) else [str(cell)] for cell in row] for row in answer.rows]}
    points = [[str(x), str(y)] for x, y in answer.points]
    return {"points": points} | {name: str(getattr(answer, name)) for name in _ENDS}


def _load_parts(data: Mapping[str, Any]) -> Ordering | Gaps | Table | Plot | None:
    """An answer of several parts; None where it is one whole."""
    kind = data["kind"]
    if kind == "order":
        return Ordering(tuple(data["things"]))
    if kind in ("match", "sort", "cloze"):
        return Gaps(
            kind, tuple(Gap(before, tuple(words), right) for before, words, right in data["gaps"]), data["after"]
        )
    if kind == "table":
        return Table(
            tuple(tuple(cell if isinstance(cell, str) else Fraction(*cell) for cell in row) for row in data["rows"])
        )
    if kind == "plot":
        points = tuple((Fraction(x), Fraction(y)) for x, y in data["points"])
        return Plot(points, *(Fraction(data[name]) for name in _ENDS))
    return None


def _dump_algebra(answer: Algebra) -> Plain:
    said = {"kind": answer.kind, "value": answer.value, "variables": list(answer.variables)}
    if isinstance(answer, EquationAnswer):
        return said | {"solve": answer.solve}
    return said | {"form": answer.form, "decimals": answer.decimals}


def _load_algebra(data: Mapping[str, Any]) -> Algebra:
    variables = tuple(data["variables"])
    mistakes = tuple(AlgebraMistake(*mistake) for mistake in data["mistakes"])
    if data["kind"] == "equation":
        return EquationAnswer(data["value"], variables, data["solve"], mistakes)
    return ExpressionAnswer(data["value"], variables, data["form"], data["decimals"], mistakes)


def _load_answer(data: Mapping[str, Any]) -> Answer:
    if data["kind"] in ("choice", "several"):
        make = Choice if data["kind"] == "choice" else Several
        return make(tuple(Option(*option) for option in data["options"]), data["shuffle"])
    if data["kind"] in _ALGEBRA:
        return _load_algebra(data)
    of_parts = _load_parts(data)
    if of_parts is not None:
        return of_parts
    value = Fraction(data["value"])
    mistakes = tuple(Mistake(Fraction(wrong), *rest) for wrong, *rest in data["mistakes"])
    if data["kind"] == "line":
        low, high, step, tolerance = (Fraction(data[name]) for name in ("low", "high", "step", "tolerance"))
        return NumberLine(value, low, high, step, tolerance, mistakes)
    unit = data["unit"]
    if data["kind"] == "number":
        return Number(value, Fraction(data["tolerance"]), unit, mistakes)
    if data["kind"] == "fraction":
        return FractionAnswer(value, data["form"], data["denominator"], unit, mistakes)
    raise ValueError(f"no answer type {data['kind']!r}")


def _dump_template(template: AnswerTemplate) -> Plain:
    # The ends of a line stand only with a line, so that items stored before there were any keep their hash.
    ends: Plain = {name: getattr(template, name) for name in _ENDS} if template.kind in ("line", "plot") else {}
    if template.rows:
        ends |= {"rows": [list(row) for row in template.rows], "spare": list(template.spare)}
    if template.kind in _ALGEBRA:
        ends |= {"variables": list(template.variables), "decimals": template.decimals, "solve": template.solve}
    return ends | {
        "kind": template.kind,
        "value": template.value,
        "options": [list(option) for option in template.options],
        "mistakes": [list(mistake) for mistake in template.mistakes],
        "tolerance": template.tolerance,
        "denominator": template.denominator,
        "form": template.form,
        "unit": template.unit,
        "shuffle": template.shuffle,
    }


def _load_template(data: Mapping[str, Any]) -> AnswerTemplate:
    return AnswerTemplate(
        kind=data["kind"],
        value=data["value"],
        options=tuple((text, correct, tag, nudge) for text, correct, tag, nudge in data["options"]),
        mistakes=tuple((expression, tag, nudge) for expression, tag, nudge in data["mistakes"]),
        tolerance=data["tolerance"],
        denominator=data["denominator"],
        form=data["form"],
        unit=data["unit"],
        shuffle=data["shuffle"],
        **{name: data[name] for name in _ENDS if name in data},
        rows=tuple(map(tuple, data.get("rows", ()))),
        spare=tuple(data.get("spare", ())),
        variables=tuple(data.get("variables", ())),
        decimals=data.get("decimals", True),
        solve=data.get("solve", ""),
    )


def _dump_parameter(parameter: Parameter) -> Plain:
    return {
        "name": parameter.name,
        "low": parameter.low,
        "high": parameter.high,
        "choices": [str(choice) for choice in parameter.choices],
    }


def _load_parameter(data: Mapping[str, Any]) -> Parameter:
    choices = tuple(Fraction(choice) for choice in data["choices"])
    return Parameter(data["name"], data["low"], data["high"], choices)
