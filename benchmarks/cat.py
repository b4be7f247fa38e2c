"""How many items an adaptive test needs, left alone and under the constraints of a real bank.

Simulated students N(0, 1) take 2PL items (a lognormal(0, .3), b N(0, 1)) from banks of 500 until
the standard deviation of the posterior on a grid is below .3. Left alone, each item is the one of
greatest information expected over that posterior. Constrained, the content area farthest below its
quarter comes first and the item is chosen progressive-restricted: no item goes to more than a
quarter of the students. A test opens with the item seen least, since of a student of whom nothing is
known any item tells about as much; so none lies idle. The error is of the constrained tests: it would be
the standard deviation at which they stop, just under .3, but for chance. The peer catsim chooses by information at the
likeliest ability and stops at a standard error of .3.

Run ``python -m benchmarks.cat [--quick] [--drill]``.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from benchmarks.catsim_peer import Peer
from benchmarks.online import bank
from models.balance import areas_open, next_area, next_pretest
from models.criteria import Curves, expected_information_on
from models.exposure import progressive_restricted
from models.irt import ItemParams

ITEMS = 500
AREAS = 4
CEILING = 0.25
SURE = 0.3
MOST_ITEMS = 100
HASTE = 0.6
"""Progress is the share of the wanted information to this power: with less haste chance costs items,
with more of it items lie idle."""
TARGETS = {
    "items_to_se3": "<= 17.6",
    "items_constrained": "<= 24",
    "rmse": "<= 0.30",
    "max_exposure": "<= 0.25",
    "unused": "0",
}


@dataclass
class Sitting:
    """A student's test so far: posterior on the grid, items not served yet, items of each area."""

    curves: Curves
    posterior: np.ndarray
    allowed: np.ndarray
    areas: np.ndarray = field(default_factory=lambda: np.zeros(AREAS, dtype=np.int64))

    @classmethod
    def begin(cls, curves: Curves) -> Sitting:
        """Open a test with the prior N(0, 1)."""
        density = np.exp(-0.5 * curves.theta**2)
        return cls(curves, density / density.sum(), np.ones(curves.right.shape[1], dtype=np.bool_))

    @property
    def mean(self) -> float:
        """Expected ability a posteriori."""
        return float(self.posterior @ self.curves.theta)

    @property
    def sd(self) -> float:
        """Standard deviation of the posterior."""
        return float(np.sqrt(self.posterior @ self.curves.theta**2 - self.mean**2))

    def take(self, item: int, right: bool) -> None:
        """Answer an item."""
        curve = self.curves.right if right else self.curves.wrong
        self.posterior = self.posterior * curve[:, item]
        self.posterior /= self.posterior.sum()
        self.allowed[item] = False
        self.areas[item % AREAS] += 1


Choose = Callable[[Sitting, np.ndarray, int], int]
"""Choose an item for a sitting, given the exposure counts and the number of students so far."""


def freely(sitting: Sitting, served: np.ndarray, students: int) -> int:
    """Item of greatest expected information."""
    worth = expected_information_on(sitting.curves, sitting.posterior)
    return int(np.where(sitting.allowed, worth, -1.0).argmax())


def constrained(rng: np.random.Generator) -> Choose:
    """Way to choose that keeps areas balanced and items below their ceiling."""
    area, shares = np.arange(ITEMS) % AREAS, np.full(AREAS, 1.0 / AREAS)

    def choose(sitting: Sitting, served: np.ndarray, students: int) -> int:
        wanted = next_area(sitting.areas, shares, areas_open(area, sitting.allowed, AREAS), rng)
        if not sitting.areas.any():
            return next_pretest(served, sitting.allowed & (area == wanted), rng)
        gained = (sitting.sd**-2 - 1.0) / (SURE**-2 - 1.0)
        return progressive_restricted(
            expected_information_on(sitting.curves, sitting.posterior),
            sitting.allowed & (area == wanted),
            rng,
            served=served,
            students=students,
            ceiling=CEILING,
            progress=min(1.0, max(0.0, gained) ** HASTE),
        )

    return choose


def administer(
    items: list[ItemParams], choose: Choose, students: int, rng: np.random.Generator
) -> tuple[list[int], list[float], np.ndarray]:
    """Items each student needed, errors of their abilities, and how often each item was served."""
    curves, served = Curves.build(items), np.zeros(len(items), dtype=np.int64)
    lengths, errors = [], []
    for student in range(1, students + 1):
        theta, sitting, count = rng.normal(), Sitting.begin(curves), 0
        while sitting.sd >= SURE and count < MOST_ITEMS:
            index = choose(sitting, served, student)
            served[index] += 1
            count += 1
            sitting.take(index, answers(items[index], theta, rng))
        lengths.append(count)
        errors.append(sitting.mean - theta)
    return lengths, errors, served


def answers(item: ItemParams, theta: float, rng: np.random.Generator) -> bool:
    """Whether a student of that ability answers a 2PL item correctly this time."""
    return bool(rng.random() * (1.0 + np.exp(-item.a * (theta - item.b))) < 1.0)


def measure(banks: int, students: int) -> tuple[dict[str, float], dict[str, float]]:
    """Figures over several banks; exposure and idle items are of the worst of them."""
    rng = np.random.default_rng(20)
    free: list[int] = []
    held: list[int] = []
    errors: list[float] = []
    exposure, unused, theirs = 0.0, 0, []
    with Peer() as peer:
        for seed in range(banks):
            items = bank(ITEMS, rng)
            free += administer(items, freely, students // 2, rng)[0]
            lengths, missed, served = administer(items, constrained(rng), students, rng)
            held += lengths
            errors += missed
            exposure = max(exposure, float(served.max()) / students)
            unused = max(unused, int((served == 0).sum()))
            pairs = [(item.a, item.b) for item in items]
            theirs.append(
                peer.ask("until_sure", pairs, students=students // 20, error=SURE, most=MOST_ITEMS, seed=seed)
            )
    figures = {
        "items_to_se3": round(float(np.mean(free)), 2),
        "items_constrained": round(float(np.mean(held)), 2),
        "rmse": round(float(np.sqrt(np.mean(np.square(errors)))), 4),
        "max_exposure": round(exposure, 4),
        "unused": unused,
    }
    return figures, {f"catsim_{key}": round(float(np.mean([one[key] for one in theirs])), 3) for key in theirs[0]}


def main() -> None:
    """Print the table and, as the last line, the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="two banks")
    parser.add_argument("--drill", action="store_true", help="many banks")
    asked = parser.parse_args()
    figures, peers = measure(2 if asked.quick else 30 if asked.drill else 8, 2000)
    print(f"{'figure':<24}{'ours':>10}{'target':>10}")
    for name, value in figures.items():
        print(f"{name:<24}{value:>10.3f}{TARGETS[name]:>10}")
    for name, value in peers.items():
        print(f"{name:<24}{value:>10.3f}")
    print(json.dumps({"benchmark": "cat", "figures": figures, "peers": peers}))


if __name__ == "__main__":
    main()
