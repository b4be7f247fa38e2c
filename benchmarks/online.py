"""How long one answer takes: update the belief and choose the next item, in process.

Simulated students practise a bank of 16 skills in the two-level tree: one answer is a
joint update, the marginals of all 16 skills, and the choice of an item near 75% success among those
not yet seen, drawn from the five nearest. Beside it the exact 61-point grid belief of one skill
with the most informative item, which is how adaptive tests are usually run; the peer catsim does
that same work, on tests of 20 items so that its search stays short. Times are medians in
microseconds; all are taken in turn, so a noisy machine slows each alike.

Run ``python -m benchmarks.online [--quick]``.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from itertools import count, islice
from statistics import median
from time import perf_counter_ns

import numpy as np

from benchmarks.catsim_peer import Peer
from models.ability import Normal, Prior, prior_general, prior_skill, update
from models.grid import answer, eap, most_informative, prior, tabulate
from models.irt import ItemParams, p_correct
from models.marginals import marginals
from models.selection import Pool, choose

SKILLS = 16
ANSWERS = 60
"""Answers of one student before the next sits down."""
PEER_ANSWERS = 20
"""About as many as catsim needs for a standard error of .3; its search costs more with each answer."""
TARGET = 0.75
PRIOR = Prior(general_variance=0.6, skill_variance=0.4)


def bank(n: int, rng: np.random.Generator) -> list[ItemParams]:
    """Draw n 2PL items, as in the reference figures of targets.md."""
    return [ItemParams("2PL", float(rng.lognormal(0.0, 0.3)), float(rng.normal())) for _ in range(n)]


def in_the_tree(items: list[ItemParams], rng: np.random.Generator) -> Iterator[float]:
    """Microseconds of each answer in the tree, for ever."""
    n = len(items)
    skill_of = [i % SKILLS for i in range(n)]
    pool = Pool.build(items, skill_of, range(n), range(n))
    while True:
        theta = rng.normal(0.0, 0.8) + rng.normal(0.0, 0.6, SKILLS)
        general, beliefs = prior_general(PRIOR), [prior_skill(PRIOR)] * SKILLS
        allowed = pool.mask()
        index = int(rng.integers(n))
        for _ in range(ANSWERS):
            skill = skill_of[index]
            score = float(rng.random() < p_correct(theta[skill], items[index]))
            began = perf_counter_ns()
            general, beliefs[skill] = update(general, beliefs[skill], items[index], score)
            means, variances = marginals(general, beliefs)
            allowed[index] = False
            index = choose(pool, means, variances, allowed=allowed, target=TARGET, rng=rng)
            yield (perf_counter_ns() - began) / 1000.0


def on_the_grid(items: list[ItemParams], rng: np.random.Generator) -> Iterator[float]:
    """Microseconds of each answer with a grid belief and the most informative item, for ever."""
    table = tabulate(items)
    while True:
        theta = rng.normal()
        posterior = prior(table, Normal(0.0, 1.0))
        allowed = np.ones(len(items), dtype=np.bool_)
        index = most_informative(table, 0.0, allowed)
        for _ in range(ANSWERS):
            right = bool(rng.random() < p_correct(theta, items[index]))
            began = perf_counter_ns()
            posterior = answer(table, posterior, index, right)
            allowed[index] = False
            index = most_informative(table, eap(table, posterior).mean, allowed)
            yield (perf_counter_ns() - began) / 1000.0


def by_the_peer(peer: Peer, items: list[ItemParams], students: int) -> Iterator[float]:
    """Median microseconds of an answer in catsim, round by round, for ever."""
    pairs = [(item.a, item.b) for item in items]
    for seed in count():
        yield peer.ask("speed", pairs, students=students, answers=PEER_ANSWERS, seed=seed)["us"]


def measure(rounds: int, students: int) -> tuple[dict[str, float], dict[str, float]]:
    """Median microseconds per answer of each way and of the peer, taken in turn round by round."""
    rng = np.random.default_rng(20)
    ways: dict[str, Iterator[float]] = {
        "us_update_and_choose_500": in_the_tree(bank(500, rng), rng),
        "us_update_and_choose_2000": in_the_tree(bank(2000, rng), rng),
        "us_grid_eap_500": on_the_grid(bank(500, rng), rng),
    }
    taken: dict[str, list[float]] = {name: [] for name in ways}
    ratios, theirs = [], []
    with Peer() as peer:
        catsim = by_the_peer(peer, bank(500, rng), students)
        for _ in range(rounds + 1):
            for name, way in ways.items():
                taken[name].append(median(islice(way, students * ANSWERS)))
            theirs.append(next(catsim))
            ratios.append(theirs[-1] / taken["us_grid_eap_500"][-1])
    # The first round warms the caches.
    figures = {name: round(median(values[1:]), 2) for name, values in taken.items()}
    return figures | {"ratio_catsim_500": round(median(ratios[1:]), 1)}, {"catsim_us_500": round(median(theirs[1:]), 1)}


TARGETS = {
    "us_update_and_choose_500": "<= 60",
    "us_update_and_choose_2000": "<= 150",
    "us_grid_eap_500": "<= 20",
    "ratio_catsim_500": ">= 35",
}


def main() -> None:
    """Print the table and, as the last line, the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="fewer students and rounds")
    parser.add_argument("--drill", action="store_true", help="many more students and rounds")
    asked = parser.parse_args()
    rounds, students = (5, 10) if asked.quick else (25, 200) if asked.drill else (11, 50)
    figures, peers = measure(rounds, students)
    print(f"{'per answer':<28}{'figure':>8}{'target':>10}")
    for name, value in figures.items():
        print(f"{name:<28}{value:>8.1f}{TARGETS[name]:>10}")
    print(f"{'catsim, us':<28}{peers['catsim_us_500']:>8.1f}")
    print(json.dumps({"benchmark": "online", "figures": figures, "peers": peers}))


if __name__ == "__main__":
    main()
