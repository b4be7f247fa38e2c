"""How often fair and fitting items raise an alarm, and how often unfair ones are found.

Two groups of simulated students whose mean abilities differ by half a standard deviation answer 20 items,
first fair ones, then with one that is harder for the focal group. Alarms are counted at a level of .05.

Run ``python -m benchmarks.fairness [--quick] [--drill]``.
"""

from __future__ import annotations

import argparse
import json
from statistics import mean

import numpy as np

from models.ability import Normal
from models.answer_table import AnswerTable
from models.dif import logistic_dif, mantel_haenszel, sum_scores
from models.fit import s_x2
from models.irt import ItemParams, p_correct

STUDENTS = 800
ITEMS = 20
LEVEL = 0.05
GAP = 0.5
HARDER = 0.6
"""Logits by which the planted item is harder for the focal group: a delta of -1.4 at a slope of 1."""
BY_REGRESSION = slice(0, None, 7)
"""Fair items also judged by regression, which takes far longer."""


def bank(rng: np.random.Generator) -> list[ItemParams]:
    """Draw 2PL items whose difficulties spread evenly, the planted one in the middle first."""
    difficulties = [0.0, *np.linspace(-2.0, 2.0, ITEMS - 1)]
    return [ItemParams("2PL", float(rng.lognormal(0.0, 0.2)), float(b)) for b in difficulties]


def answers(theta: np.ndarray, items: list[ItemParams], rng: np.random.Generator) -> np.ndarray:
    """Draw a table of right (1) and wrong (0) answers."""
    return (rng.random((len(theta), len(items))) < np.array([p_correct(theta, item) for item in items]).T).astype(float)


def replicate(rng: np.random.Generator, found: dict[str, list[bool]]) -> None:
    """Simulate one school and note which alarms were raised."""
    items, focal = bank(rng), rng.random(STUDENTS) < 0.5
    theta = rng.normal(size=STUDENTS)
    found["sx2_false_alarms"] += list(
        s_x2(AnswerTable.from_matrix(answers(theta, items, rng)), items, Normal(0.0, 1.0), parameters=[0] * ITEMS).p
        < LEVEL
    )
    apart = theta - GAP * focal
    fair = answers(apart, items, rng)
    total = sum_scores(fair)
    found["mh_false_alarms"] += [mantel_haenszel(column, focal, total).p < LEVEL for column in fair.T]
    judged = fair.T[BY_REGRESSION]
    found["logistic_false_alarms"] += [logistic_dif(column, focal, total).uniform_p < LEVEL for column in judged]
    unfair = fair.copy()
    unfair[:, 0] = answers(apart - HARDER * focal, items[:1], rng)[:, 0]
    total = sum_scores(unfair)
    found["mh_power"].append(mantel_haenszel(unfair[:, 0], focal, total).p < LEVEL)
    found["logistic_power"].append(logistic_dif(unfair[:, 0], focal, total).uniform_p < LEVEL)


def main() -> None:
    """Print the table and, as the last line, the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="fewer schools")
    parser.add_argument("--drill", action="store_true", help="many more schools")
    asked = parser.parse_args()
    schools = 40 if asked.quick else 1000 if asked.drill else 200
    rng = np.random.default_rng(21)
    names = ("mh_false_alarms", "logistic_false_alarms", "sx2_false_alarms", "mh_power", "logistic_power")
    found: dict[str, list[bool]] = {name: [] for name in names}
    for _ in range(schools):
        replicate(rng, found)
    figures = {name: round(mean(map(float, alarms)), 4) for name, alarms in found.items()}
    print(f"{'at a level of .05':<24}{'share':>8}{'of':>8}")
    for name, value in figures.items():
        print(f"{name:<24}{value:>8.3f}{len(found[name]):>8}")
    print(json.dumps({"benchmark": "fairness", "figures": figures, "peers": {}}))


if __name__ == "__main__":
    main()
