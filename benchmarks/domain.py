"""What knowing that skills go together is worth: the tree of abilities against skills by themselves.

Simulated students have 16 skills, theta_k = g + s_k, and answer five 2PL items on each, in random
order. The tree of `models.ability` believes what it hears of one skill of the others too; the
comparison believes the same about each skill beforehand, N(0, 1), but keeps them apart. Given are
the root mean square error of a skill and the share of true abilities inside the tree's 90%
intervals.

How much is gained depends on how closely skills go together, so that is taken from data: the
reported figures are for the variances that `models.domain` finds in answers to school mathematics.
The table shows two other worlds beside it, and students of the first believed in with the prior
that practice starts from before a bank has any answers.

Run ``python -m benchmarks.domain [--quick] [--drill] [--estimate]``; the last fits the variances
anew, where the answers are at hand.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import json
from collections import Counter
from dataclasses import dataclass
from math import sqrt
from pathlib import Path

import numpy as np

from benchmarks.cat import answers
from benchmarks.online import bank
from models.ability import Prior, prior_general, prior_skill, update
from models.domain import calibrate_domain
from models.irt import ItemParams
from models.marginals import marginals
from models.responses import Responses

SKILLS = 16
EACH = 5
SCHOOL = Prior(general_variance=0.73, skill_variance=0.27)
"""ASSISTments 2009-10, school mathematics: the 20 skills with most answers, items with 20 answers, 1PL."""
COLLEGE = Prior(general_variance=0.45, skill_variance=0.55)
"""OLI Engineering Statics 2011, the 40 skills with most answers; the same way."""
UNTOLD = Prior(general_variance=0.6, skill_variance=0.4)
"""What practice believes of a domain before its bank is calibrated."""
APART = Prior(general_variance=0.0, skill_variance=1.0)
Z_90 = 1.6448536
TARGETS = {"rmse_lower_by": ">= 0.20", "coverage_90": "0.88 to 0.92"}
DATA = Path(__file__).resolve().parents[2] / "shared" / "data" / "responses"

Answer = tuple[int, ItemParams, float]


@dataclass(frozen=True)
class World:
    """How skills go together in truth, and in the belief."""

    name: str
    truth: Prior
    belief: Prior


WORLDS = (
    World("school mathematics", SCHOOL, SCHOOL),
    World("the same, not known", SCHOOL, UNTOLD),
    World("correlation .6", UNTOLD, UNTOLD),
    World("engineering statics", COLLEGE, COLLEGE),
)
REPORTED = WORLDS[0]


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


def measure(world: World, students: int) -> dict[str, float]:
    """Errors of both beliefs about the same answers, and coverage of the tree's."""
    rng = np.random.default_rng(20)
    items = bank(500, rng)
    spread, own = sqrt(world.truth.general_variance), sqrt(world.truth.skill_variance)
    tree, apart, within = [], [], []
    for _ in range(students):
        theta = rng.normal(0.0, spread) + rng.normal(0.0, own, SKILLS)
        given = sitting(theta, items, rng)
        means, sds = believed(world.belief, given)
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


def estimate(name: str, n_skills: int) -> Prior:
    """Variances of a domain's general and own abilities, from real answers.

    Raises
    ------
    FileNotFoundError
        If the answers are not beside the project.
    """
    with gzip.open(DATA / f"{name}.csv.gz", "rt") as file:
        rows = [(row["user_id"], row["item_id"], row["skill_id"], int(row["correct"])) for row in csv.DictReader(file)]
    most = dict(Counter(skill for _, _, skill, _ in rows).most_common(n_skills))
    answered = Counter(item for _, item, skill, _ in rows if skill in most)
    kept = [row for row in rows if row[2] in most and answered[row[1]] >= 20]
    students, items, skills, scores = zip(*kept, strict=True)
    responses = Responses.from_lists(students, items, scores, repeats="first")
    return calibrate_domain(responses, dict(zip(items, skills, strict=True)), "1PL", tolerance=1e-3).prior


def main() -> None:
    """Print the table and, as the last line, the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="fewer students")
    parser.add_argument("--drill", action="store_true", help="many students")
    parser.add_argument("--estimate", action="store_true", help="fit the variances on the answers in ../shared/data")
    asked = parser.parse_args()
    if asked.estimate:
        for name, n_skills in (("assist09_gervet", 20), ("statics_gervet", 40)):
            print(f"{name}: {estimate(name, n_skills)}")
    found = {world: measure(world, 500 if asked.quick else 20_000 if asked.drill else 4000) for world in WORLDS}
    names = list(found[REPORTED])
    print(f"{'':<22}{'correlation':>12}" + "".join(f"{name:>15}" for name in names))
    for world, figures in found.items():
        print(f"{world.name:<22}{world.truth.general_variance:>12.2f}" + "".join(f"{figures[n]:>15.4f}" for n in names))
    print(f"{'target':<22}{'':>12}" + "".join(f"{TARGETS.get(name, ''):>15}" for name in names))
    print(json.dumps({"benchmark": "domain", "figures": found[REPORTED], "peers": {}}))


if __name__ == "__main__":
    main()
