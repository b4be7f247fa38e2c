"""Trying a generator on every seed that will ever be served."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace

from content.generators import SEEDS, GeneratorError, draw, realise
from content.schema import Generator, Item
from content.soundness import Fault, item_faults

FEWEST_VARIANTS = 5

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


def _try(generator: Generator, seed: int, known: Collection[str]) -> tuple[Item | None, list[Fault]]:
    try:
        item = realise(generator, seed)
    except GeneratorError as error:
        return None, [Fault(error.code, error.message, _HINTS.get(error.code, _HINT))]
    return item, list(item_faults(item, known))


def _extent(generator: Generator, tally: _Tally) -> str:
    """Say on how many seeds, and with which numbers first."""
    if tally.fault.code == "cannot-draw":
        return f"seed {tally.seed}"
    seeds = "every seed" if tally.count == SEEDS else f"{tally.count} of {SEEDS} seeds"
    return f"on {seeds}, first on seed {tally.seed}{_numbers(generator, tally.seed)}"


def _numbers(generator: Generator, seed: int) -> str:
    try:
        names = draw(generator, seed)
    except GeneratorError:
        return ""
    return ": " + ", ".join(f"{name} = {value}" for name, value in names.items())
