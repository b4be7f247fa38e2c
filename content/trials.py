"""Trying a generator on every seed that will ever be served."""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction

from content.expressions import Names
from content.findings import Fault
from content.generators import SEEDS, GeneratorError, draw, realise
from content.schema import Answer, Choice, Generator, Item, Mistake, Number, Option, Several
from content.soundness import item_faults, key_faults, tag_faults, word_faults

FEWEST_VARIANTS = 5

_PLACEHOLDER = re.compile(r"\[\[[^\[\]]*\]\]")
_HINTS = {
    "cannot-draw": "Loosen the 'where' lines or widen the parameters.",
    "division-by-zero": "Add a 'where' line that keeps the divisor from being 0.",
    "endless-decimal": "Show it as a fraction, or add a 'where' line such as where: 100 % den(x) == 0.",
    "not-a-condition": "Compare two numbers, such as where: a < b.",
}
_HINT = "Change the expression, or add a 'where' line that keeps such draws out."


@dataclass(slots=True)
class _Tally:
    """How often a fault was met, and where first."""

    fault: Fault
    seed: int
    count: int = 0


def trial_faults(generator: Generator, known: Collection[str]) -> Iterator[Fault]:
    """Find what is the matter with the items that a generator makes from seeds 0 to `SEEDS` - 1.

    A fault is reported once, with the number of seeds that it concerns and the numbers of the first one.

    Parameters
    ----------
    known : collection of str
        Ids of the bank's misconceptions.
    """
    tallies: dict[tuple[str, str, int], _Tally] = {}
    variants: set[str] = set()
    for seed in range(SEEDS):
        item, faults = _try(generator, seed, known)
        variants.add(repr((item.stem, item.answer)) if item else "")
        for key, fault in {(fault.code, fault.part, fault.index): fault for fault in faults[::-1]}.items():
            tallies.setdefault(key, _Tally(fault, seed)).count += 1
        if any(fault.code == "cannot-draw" for fault in faults):
            break  # every further seed would take as long to fail
    for tally in tallies.values():
        yield replace(tally.fault, message=f"{tally.fault.message} ({_extent(generator, tally)})")
    if len(variants) < FEWEST_VARIANTS and not tallies:
        message = f"The generator makes only {len(variants)} different items"
        yield Fault("few-variants", message, "Widen the parameters, or write the items out.", warning=True)


def outline_faults(item: Generator, known: Collection[str]) -> Iterator[Fault]:
    """Find what is the matter with an item whose expressions cannot be worked out yet.

    Its words, its misconceptions and its key can be judged all the same, so that an author sees everything at once.
    """
    template = item.answer
    answer: Answer
    if template.kind in ("choice", "several"):
        options = tuple(Option(_blanked(text), right, tag) for text, right, tag, _ in template.options)
        answer = Choice(options) if template.kind == "choice" else Several(options)
        yield from key_faults(answer)
    else:
        mistakes = (Mistake(Fraction(1), tag) for _, tag, _ in template.mistakes)
        answer = Number(Fraction(0), mistakes=tuple(mistakes))
    yield from tag_faults(answer, known)
    hints = tuple(map(_blanked, item.hints))
    translations = tuple(replace(each, stem=_blanked(each.stem)) for each in item.translations)
    stem, solution = _blanked(item.stem), _blanked(item.solution)
    yield from word_faults(Item("", "", stem, answer, hints, solution, translations=translations))


def _blanked(text: str) -> str:
    return _PLACEHOLDER.sub("1", text)


def _try(generator: Generator, seed: int, known: Collection[str]) -> tuple[Item | None, list[Fault]]:
    try:
        item = realise(generator, seed)
    except GeneratorError as error:
        return None, [Fault(error.code, error.message, _HINTS.get(error.code, _HINT))]
    return item, list(item_faults(item, known))


def _extent(generator: Generator, tally: _Tally) -> str:
    """Say on how many seeds, and with which numbers first."""
    seeds = "every seed" if tally.count == SEEDS else f"{tally.count} of {SEEDS} seeds"
    return f"on {seeds}, first on seed {tally.seed}{_numbers(_drawn(generator, tally.seed))}"


def _drawn(generator: Generator, seed: int) -> Names:
    """Give the numbers of a seed, or those that were drawn before it failed."""
    try:
        return draw(generator, seed)
    except GeneratorError as error:
        return error.names


def _numbers(names: Names) -> str:
    numbers = ", ".join(f"{name} = {value}" for name, value in names.items())
    return f": {numbers}" if numbers else ""
