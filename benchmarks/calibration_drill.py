"""Whether the 95% intervals of a calibration hold the truth in 95 of 100 schools."""

from __future__ import annotations

import os
from concurrent.futures import ProcessPoolExecutor
from statistics import mean

import numpy as np

from models.calibration import calibrate
from models.irt import ItemParams, p_correct
from models.responses import Responses

SCHOOLS = 200
STUDENTS, ITEMS = 1_000, 30


def drill() -> dict[str, float]:
    """Share of intervals that hold the true a and b, over all items of the schools; without and with priors."""
    with ProcessPoolExecutor(min(2, os.cpu_count() or 1)) as pool:
        found = list(pool.map(covered, range(SCHOOLS), chunksize=10))
    names = ("covered_a", "covered_b", "covered_a_priors", "covered_b_priors")
    shares = {name: round(mean(school[place] for school in found), 4) for place, name in enumerate(names)}
    print(f"{SCHOOLS} schools of {STUDENTS:,} students and {ITEMS} items: share of 95% intervals that hold the truth")
    for name, share in shares.items():
        print(f"  {name:<20}{share:>8.3f}")
    return shares


def covered(seed: int) -> tuple[float, float, float, float]:
    """Shares in one simulated school: of a and of b by maximum likelihood, then with the default priors."""
    rng = np.random.default_rng([29, seed])
    items = [ItemParams("2PL", float(rng.lognormal(0.0, 0.3)), float(rng.normal())) for _ in range(ITEMS)]
    theta = rng.normal(size=STUDENTS)
    answers = Responses.from_table(rng.random((STUDENTS, ITEMS)) < np.array([p_correct(theta, i) for i in items]).T)
    plain, believed = calibrate(answers, priors=None, errors=True), calibrate(answers, errors=True)
    return (*_shares(plain.items.values(), items), *_shares(believed.items.values(), items))


def _shares(found, items) -> tuple[float, float]:
    pairs = list(zip(found, items, strict=True))
    a = mean(abs(item.slope - true.a) <= 1.96 * item.a_se for item, true in pairs)
    b = mean(abs(item.params.b - true.b) <= 1.96 * item.b_se[0] for item, true in pairs)
    return a, b
