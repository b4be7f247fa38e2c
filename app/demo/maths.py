"""Check our maths: what is true of the simulated students beside what we believe of them. Pure.

Only a demo can show this: its students are made up, so their abilities are known. The estimates are made without that
knowledge, from the answers alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np

INTERVAL = 0.90
INTERVAL_Z = 1.6449
"""Standard deviations to either side that hold 90% of a normal distribution."""
WILSON_Z = 1.96
BANDS = ((1, 2), (3, 5), (6, 10), (11, 20), (21, None))
"""Scored answers behind an estimate: from, to."""
BINS = 10
FEWEST = 20
"""A bin with fewer answers is too few to judge."""
REACH = 4.0
"""Logits to either side that the picture shows."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """One student in one skill: true ability, estimate and its standard deviation (logits), and scored answers."""

    true: float
    mean: float
    sd: float
    scored: int

    @property
    def covered(self) -> bool:
        """Whether the 90% interval holds the truth."""
        return abs(self.true - self.mean) <= INTERVAL_Z * self.sd


@dataclass(frozen=True, slots=True)
class Forecast:
    """One first answer: the chance of success that it was chosen for, and whether it was right."""

    expected: float
    right: bool


@dataclass(frozen=True, slots=True)
class Band:
    """Estimates with about as many answers behind them; `rmse` and `sd` in logits, `covered` a share."""

    label: str
    n: int
    rmse: float
    sd: float
    covered: float


@dataclass(frozen=True, slots=True)
class Bin:
    """Forecasts of about the same chance; `low` and `high` bound the share that was right (95%)."""

    label: str
    n: int
    expected: float
    right: float
    low: float
    high: float

    @property
    def judged(self) -> bool:
        """Whether there are enough answers to say anything."""
        return self.n >= FEWEST


@dataclass(frozen=True, slots=True)
class Check:
    """Everything that the page shows.

    Parameters
    ----------
    rmse, correlation : float
        Of all estimates against the truth; NaN with fewer than two.
    covered : float
        Share of 90% intervals that hold the truth.
    calibration_error : float
        Mean distance of what was right from what was expected, over bins, weighted by answers.
    """

    estimates: Sequence[Estimate]
    bands: Sequence[Band]
    forecasts: int
    bins: Sequence[Bin]
    rmse: float
    correlation: float
    covered: float
    calibration_error: float


def check(estimates: Sequence[Estimate], forecasts: Sequence[Forecast]) -> Check:
    """Compare estimates with the truth, and forecasts with what happened.

    Examples
    --------
    >>> found = check([Estimate(0.0, 0.3, 0.5, 4), Estimate(1.0, 0.6, 0.2, 12)], [Forecast(0.75, True)])
    >>> round(found.rmse, 3), found.covered
    (0.354, 0.5)
    """
    bins = _bins(forecasts)
    return Check(
        estimates,
        [band for band in (_band(estimates, *edges) for edges in BANDS) if band.n],
        len(forecasts),
        bins,
        _rmse(estimates),
        _correlation(estimates),
        _share([one.covered for one in estimates]),
        sum(one.n * abs(one.right - one.expected) for one in bins) / max(1, len(forecasts)),
    )


def _band(estimates: Sequence[Estimate], least: int, most: int | None) -> Band:
    own = [one for one in estimates if one.scored >= least and (most is None or one.scored <= most)]
    label = f"{least} or more" if most is None else f"{least} to {most}"
    sd = sqrt(sum(one.sd**2 for one in own) / len(own)) if own else float("nan")
    return Band(label, len(own), _rmse(own), sd, _share([one.covered for one in own]))


def _rmse(estimates: Sequence[Estimate]) -> float:
    if not estimates:
        return float("nan")
    return sqrt(sum((one.mean - one.true) ** 2 for one in estimates) / len(estimates))


def _correlation(estimates: Sequence[Estimate]) -> float:
    pairs = np.array([(one.true, one.mean) for one in estimates])
    if len(pairs) < 2 or np.any(pairs.std(axis=0) == 0.0):
        return float("nan")
    return float(np.corrcoef(pairs.T)[0, 1])


def _share(of: Sequence[bool]) -> float:
    return sum(of) / len(of) if of else float("nan")


def _bins(forecasts: Sequence[Forecast]) -> list[Bin]:
    found: list[list[Forecast]] = [[] for _ in range(BINS)]
    for one in forecasts:
        found[min(BINS - 1, int(one.expected * BINS))].append(one)
    return [_bin(place, members) for place, members in enumerate(found) if members]


def _bin(place: int, members: Sequence[Forecast]) -> Bin:
    n = len(members)
    right = sum(one.right for one in members) / n
    low, high = wilson(right, n)
    step = 100 // BINS
    label = f"{place * step} to {(place + 1) * step}%"
    return Bin(label, n, sum(one.expected for one in members) / n, right, low, high)


def wilson(share: float, n: int) -> tuple[float, float]:
    """95% interval of a share that was seen n times (Wilson 1927).

    Examples
    --------
    >>> low, high = wilson(0.5, 100)
    >>> round(low, 3), round(high, 3)
    (0.404, 0.596)
    """
    z2 = WILSON_Z**2
    middle = (share + z2 / (2 * n)) / (1 + z2 / n)
    half = WILSON_Z * sqrt(share * (1 - share) / n + z2 / (4 * n * n)) / (1 + z2 / n)
    return middle - half, middle + half
