"""Mark random answers of every type: no text may raise an exception or keep the marking busy for 50 ms.

The inputs are made by atheris, which looks for those that reach new lines of the marking. Prints JSON with inputs,
exceptions, slowest_ms (of processor time, so that a busy machine does not count against the marking) and the text of
the slowest and of the first exception; exits with 1 when there was an exception or one took too long.
"""

import argparse
import json
import os
import sys
import time
from fractions import Fraction

import atheris

with atheris.instrument_imports(include=["content.answers"], enable_loader_override=False):
    from content import answers

from content.schema import (
    AlgebraMistake,
    Answer,
    Choice,
    EquationAnswer,
    ExpressionAnswer,
    FractionAnswer,
    Gap,
    Gaps,
    Item,
    Mistake,
    Number,
    NumberLine,
    Option,
    Ordering,
    Plot,
    Several,
    Table,
)
from content.settings import KINDS

SLOWEST_MS = 50
LETTERS = ("x", "y")
ALPHABET = (
    "0123456789xyXn+-*/^=()[]., %$;\N{SUPERSCRIPT TWO}\N{VULGAR FRACTION ONE HALF}\N{MINUS SIGN}\N{MULTIPLICATION SIGN}"
)
WORDS = ("4/8", "2/8", "3/8")
MISTAKE = (Mistake(Fraction(1, 3), "third"),)
SLIPS = (AlgebraMistake("3x + 2", "first-only"), AlgebraMistake("x/y", "upside-down"))
ANSWERS: tuple[Answer, ...] = (
    Choice((Option("a", correct=True), Option("b", correct=False), Option("c", correct=False))),
    Number(Fraction(1, 2), Fraction(1, 100), "cups", MISTAKE),
    Number(Fraction(25), unit="%"),
    FractionAnswer(Fraction(3, 2), "simplest", None, "", MISTAKE),
    FractionAnswer(Fraction(1, 2), "any", 8),
    NumberLine(Fraction(3, 4), Fraction(0), Fraction(2), Fraction(1, 4), Fraction(0), MISTAKE),
    ExpressionAnswer("3x + 6", LETTERS, "simplest", False, SLIPS),
    ExpressionAnswer("3(x + 2)", LETTERS, "factored"),
    ExpressionAnswer("x^2 - y^2", LETTERS, "expanded"),
    ExpressionAnswer("10n", ("n",)),
    EquationAnswer("y = 2x + 3", LETTERS, "y"),
    EquationAnswer("x y = 12", LETTERS, "", (AlgebraMistake("x = 12y"),)),
    Several((Option("a", correct=True), Option("b", correct=True), Option("c", correct=False))),
    Ordering(("one", "two", "three")),
    Gaps("match", (Gap("1/2", WORDS, 0), Gap("1/4", WORDS, 1))),
    Gaps("sort", (Gap("1/2", WORDS, 0), Gap("2/3", WORDS, 0), Gap("1/4", WORDS, 1))),
    Gaps("cloze", (Gap("Half of it is ", WORDS, 0), Gap(" or ", WORDS, 2)), "."),
    Table((("pizzas", "slices"), (Fraction(2), "16"), ("3", Fraction(24)))),
    Plot(((Fraction(1), Fraction(2)), (Fraction(3), Fraction(6))), Fraction(0), Fraction(8), Fraction(1)),
)
ITEMS = tuple(Item(f"item{place}", "S", "?", answer) for place, answer in enumerate(ANSWERS))


class Tally:
    """Marks inputs and keeps count.

    Parameters
    ----------
    wanted : int
        After so many inputs the result is printed and the process ends: atheris itself never comes back.
    """

    def __init__(self, wanted: int) -> None:
        self._wanted = wanted
        self._inputs = 0
        self._exceptions = 0
        self._slowest = 0.0
        self._slowest_text = ""
        self._first = ""

    def __call__(self, data: bytes) -> None:
        """Mark one input: its first byte chooses the item, the second how the rest becomes text.

        Where an answer has several inputs, they get the pieces between semicolons in turn.
        """
        item, text = _input(data)
        pieces = text.split(";")
        inputs = answers.fields(item, seed=1).inputs
        fields = {name: pieces[place % len(pieces)] for place, name in enumerate(inputs)} | {"text": text}
        started = time.thread_time()
        try:
            answers.mark(item, fields, seed=len(data))
        except Exception as error:
            self._exceptions += 1
            self._first = self._first or f"{error!r} on {text!r} for {item.answer!r}"
        taken = 1000 * (time.thread_time() - started)
        if taken > self._slowest:
            self._slowest, self._slowest_text = taken, text
        self._inputs += 1
        if self._inputs == self._wanted:
            self._end()

    def _end(self) -> None:
        found = {
            "inputs": self._inputs,
            "exceptions": self._exceptions,
            "slowest_ms": round(self._slowest, 2),
            "slowest": self._slowest_text[:200],
            "first_exception": self._first,
            "kinds": sorted({answer.kind for answer in ANSWERS}),
        }
        print(json.dumps(found), flush=True)
        os._exit(int(self._exceptions > 0 or self._slowest >= SLOWEST_MS))


def _input(data: bytes) -> tuple[Item, str]:
    first, second, rest = data[:1] or b"\0", data[1:2], data[2:]
    item = ITEMS[first[0] % len(ITEMS)]
    if second and second[0] % 4 == 0:
        return item, rest.decode("utf-8", "surrogateescape")
    return item, "".join(ALPHABET[byte % len(ALPHABET)] for byte in rest)


def main() -> None:
    """Read the arguments and feed the marking."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--inputs", type=int, default=1_000_000)
    wanted = parser.parse_args().inputs
    missing = set(KINDS) - {answer.kind for answer in ANSWERS}
    if missing:
        raise SystemExit(f"No item here is answered by {', '.join(sorted(missing))}")
    atheris.Setup([sys.argv[0], "-max_len=402", "-verbosity=0", "-seed=1"], Tally(wanted))
    atheris.Fuzz()


if __name__ == "__main__":
    main()
