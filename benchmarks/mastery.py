"""How many items it takes to say on which side of the mastery cut a student is, and how often that is right.

Simulated students N(0, 1), a cut at 0, a bank of 500 2PL items. The item is the one of greatest
information at the cut, where the two sides are hardest to tell apart; the test ends once the
posterior puts P >= .95 on either side, or after 30 items, when the likelier side is taken. Beside
that rule the table shows stricter ones: P >= .95 after at least so many answers.

Run ``python -m benchmarks.mastery [--quick] [--drill]``.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.cat import answers
from benchmarks.online import bank
from models.ability import Normal
from models.criteria import Curves, information_at
from models.grid import Table, answer, prior, tabulate
from models.irt import ItemParams

CUT = 0.0
MOST_ITEMS = 30
CLEAR = 0.3
"""Logits from the cut beyond which a wrong decision counts as one."""
TARGETS = {"items_mean": "<= 12", "right_outside_03": ">= 0.98"}


@dataclass(frozen=True)
class Rule:
    """Stop at this chance of either side, after at least so many answers."""

    p: float
    least: int


RULES = (Rule(0.95, 1), Rule(0.95, 4), Rule(0.95, 6), Rule(0.95, 8), Rule(0.975, 1))
SERVED_RULE = Rule(0.95, 1)
"""The rule whose figures are reported."""


def best_at_cut(items: Sequence[ItemParams]) -> list[ItemParams]:
    """The items a test can use, the one of greatest information at the cut first."""
    order = np.argsort(-information_at(Curves.build(items), CUT))[:MOST_ITEMS]
    return [items[i] for i in order]


def chances_above(items: Sequence[ItemParams], table: Table, theta: float, rng: np.random.Generator) -> list[float]:
    """Chance that the ability lies above the cut after each answer."""
    posterior = prior(table, Normal(0.0, 1.0))
    above = 0.5 * (1.0 + np.sign(np.round(table.theta - CUT, 9)))
    chances = []
    for place, item in enumerate(items):
        posterior = answer(table, posterior, place, answers(item, theta, rng))
        chances.append(float(posterior @ above))
    return chances


def decide(chances: Sequence[float], rule: Rule) -> tuple[int, bool]:
    """Items taken until the rule stops the test, and whether it says above."""
    for count, chance in enumerate(chances, start=1):
        if count >= rule.least and max(chance, 1.0 - chance) >= rule.p:
            return count, chance > 0.5
    return len(chances), chances[-1] > 0.5


def measure(banks: int, students: int) -> dict[Rule, dict[str, float]]:
    """Figures of every rule on the same answers."""
    rng = np.random.default_rng(20)
    thetas: list[float] = []
    courses: list[list[float]] = []
    for _ in range(banks):
        items = best_at_cut(bank(500, rng))
        table = tabulate(items)
        for theta in rng.normal(size=students):
            thetas.append(float(theta))
            courses.append(chances_above(items, table, float(theta), rng))
    return {rule: _figures(np.array(thetas), [decide(course, rule) for course in courses]) for rule in RULES}


def _figures(thetas: np.ndarray, decisions: list[tuple[int, bool]]) -> dict[str, float]:
    counts, said_above = np.array(decisions).T
    right = said_above.astype(bool) == (thetas > CUT)
    return {
        "items_mean": round(float(counts.mean()), 2),
        "right_outside_03": round(float(right[np.abs(thetas - CUT) > CLEAR].mean()), 4),
    }


def main() -> None:
    """Print the table and, as the last line, the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="fewer banks")
    parser.add_argument("--drill", action="store_true", help="many banks")
    asked = parser.parse_args()
    results = measure(4 if asked.quick else 40 if asked.drill else 12, 1000)
    print(f"{'stop at P':>10}{'after':>7}{'items_mean':>12}{'right_outside_03':>18}")
    for rule, found in results.items():
        print(f"{rule.p:>10}{rule.least:>7}{found['items_mean']:>12.2f}{found['right_outside_03']:>18.4f}")
    print("targets: " + ", ".join(f"{name} {wanted}" for name, wanted in TARGETS.items()))
    print(json.dumps({"benchmark": "mastery", "figures": results[SERVED_RULE], "peers": {}}))


if __name__ == "__main__":
    main()
