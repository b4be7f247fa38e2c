"""Every answer of `typed_answers.txt` gets the verdict it deserves; all disagreements are told at once."""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from content import answers
from content.schema import Answer, EquationAnswer, ExpressionAnswer, FractionAnswer, Number, NumberLine
from tests.content.strategies import half

TABLE = Path(__file__).with_name("typed_answers.txt").read_text(encoding="utf-8")
FEWEST = 300
KINDS: dict[str, Any] = {
    "number": Number,
    "fraction": FractionAnswer,
    "line": NumberLine,
    "expression": ExpressionAnswer,
    "equation": EquationAnswer,
}
FIELDS = {"fraction": "text", "line": "point"}
NUMBERS = ("low", "high", "step", "tolerance")


def answer(head: str) -> Answer:
    kind, *settings = head.split()
    given: dict[str, Any] = dict(setting.split("=", 1) for setting in settings)
    for name in NUMBERS:
        if name in given:
            given[name] = Fraction(given[name])
    if kind in ("expression", "equation"):
        given["variables"] = tuple(given["variables"].split(","))
        given |= {"decimals": False} if "decimals" in given else {}
    else:
        given["value"] = Fraction(given["value"])
    return KINDS[kind](**given)


def rows() -> Iterator[tuple[str, str, str]]:
    """Give head of the item, verdict and typed text."""
    head = ""
    for line in TABLE.splitlines():
        if line.startswith("["):
            head = line.strip("[]")
        elif line and not line.startswith("#"):
            verdict, _, texts = line.partition(": ")
            yield from ((head, verdict, text.strip().replace("<s>", " ")) for text in texts.split(" ; "))


ROWS = list(rows())


def test_there_are_enough_of_them():
    assert len(set(ROWS)) == len(ROWS) >= FEWEST


@pytest.mark.parametrize("kind", KINDS)
def test_what_a_child_types_gets_the_verdict_it_deserves(kind):
    disagreements = []
    for head, verdict, text in ROWS:
        if head.split()[0] == kind:
            mark = answers.mark(half(answer(head)), {FIELDS.get(kind, kind): text}, seed=5)
            if mark.status != verdict:
                disagreements.append(f"[{head}] {text!r} is {mark.status}, deserves {verdict}")
    assert not disagreements, "\n".join(disagreements)
