"""What knowing that skills go together is worth: the tree of abilities against skills by themselves.

Simulated students have 16 skills, theta_k = g + s_k with variances .6 and .4, and answer five 2PL
items on each, in random order. The tree of `models.ability` believes what it hears of one skill of
the others too; the comparison believes the same about each skill beforehand, N(0, 1), but keeps
them apart. Given are the root mean square error of a skill and the share of true abilities inside
the tree's 90% intervals.

Run ``python -m benchmarks.domain [--quick] [--drill]``.
"""

from __future__ import annotations

import argparse
import json
from math import sqrt

import numpy as np

from benchmarks.cat import answers
from benchmarks.online import bank
from models.ability import Prior, prior_general, prior_skill, update
from models.irt import ItemParams
from models.marginals import marginals

SKILLS = 16
EACH = 5
TREE = Prior(general_variance=0.6, skill_variance=0.4)
APART = Prior(general_variance=0.0, skill_variance=1.0)
Z_90 = 1.6448536
TARGETS = {"rmse_lower_by": ">= 0.20", "coverage_90": "0.88 to 0.92"}

Answer = tuple[int, ItemParams, float]


def sitting(theta: np.ndarray, items: list[ItemParams], rng: np.random.Generator) -> list[Answer]:
    """Five answers on each skill in random order, items drawn from the bank without repeats."""
    order = rng.permutation(np.repeat(np.arange(SKILLS), EACH))
    chosen = rng.choice(len(items), order.size, replace=False)
    return [
        (int(skill), items[i], float(answers(items[i], theta[skill], rng)))
        for skill, i in zip(order, chosen, strict=True)
    ]


def believed(prior: Prior, given: list[Answer]) -> tuple[np.ndarray, np.ndarray]:
    """Means and standard deviations of all skills after the answers."""
    general, beliefs = prior_general(prior), [prior_skill(prior)] * SKILLS
    for skill, item, score in given:
        general, beliefs[skill] = update(general, beliefs[skill], item, score)
    means, variances = marginals(general, beliefs)
    return np.array(means), np.sqrt(variances)


def measure(students: int) -> dict[str, float]:
    """Errors of both beliefs about the same answers, and coverage of the tree's."""
    rng = np.random.default_rng(20)
    items = bank(500, rng)
    tree, apart, within = [], [], []
    for _ in range(students):
        theta = rng.normal(0.0, sqrt(TREE.general_variance)) + rng.normal(0.0, sqrt(TREE.skill_variance), SKILLS)
        given = sitting(theta, items, rng)
        means, sds = believed(TREE, given)
        tree.append(means - theta)
        apart.append(believed(APART, given)[0] - theta)
        within.append(np.abs(means - theta) <= Z_90 * sds)
    rmse_tree, rmse_apart = (float(np.sqrt(np.mean(np.square(errors)))) for errors in (tree, apart))
    return {
        "rmse_tree": round(rmse_tree, 4),
        "rmse_apart": round(rmse_apart, 4),
        "rmse_lower_by": round(1.0 - rmse_tree / rmse_apart, 4),
        "coverage_90": round(float(np.mean(within)), 4),
    }


def main() -> None:
    """Print the table and, as the last line, the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="fewer students")
    parser.add_argument("--drill", action="store_true", help="many students")
    asked = parser.parse_args()
    figures = measure(1000 if asked.quick else 20_000 if asked.drill else 4000)
    print(f"{'figure':<16}{'value':>8}{'target':>14}")
    for name, value in figures.items():
        print(f"{name:<16}{value:>8.4f}{TARGETS.get(name, ''):>14}")
    print(json.dumps({"benchmark": "domain", "figures": figures, "peers": {}}))


if __name__ == "__main__":
    main()
