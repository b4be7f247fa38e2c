"""Answers too fast to have been read: where to draw the line, from an item's response times.

A fast guess says nothing about ability. The simple line is a tenth of the item's mean time; with many answers
the times themselves show two heaps, guesses and worked answers, and the line lies where one becomes likelier.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit
from scipy.stats import norm

Floats = NDArray[np.float64]

SHARE = 0.1
LONGEST = 10.0
"""Seconds. Nobody guesses this slowly."""
ROUNDS = 500
SETTLED = 1e-8
NARROWEST = 0.05
"""Smallest standard deviation of a heap's log times, or a heap could shrink to one answer."""


@dataclass(frozen=True, slots=True)
class Heap:
    """Log-normal response times: mean and standard deviation of log seconds, and the share of all answers."""

    mean: float
    sd: float
    share: float


@dataclass(frozen=True, slots=True)
class Mixture:
    """Fast guesses and worked answers of one item."""

    fast: Heap
    worked: Heap


def nt10(seconds: ArrayLike) -> float:
    """Time below which an answer counts as a fast guess: 10% of the mean time, at most 10 seconds.

    Parameters
    ----------
    seconds : array_like of shape (n,)
        Response times of one item, > 0.

    References
    ----------
    Wise & Ma (2012), Setting response time thresholds for a CAT item pool: the normative threshold method.

    Examples
    --------
    >>> nt10([30.0, 50.0]), nt10([150.0])
    (4.0, 10.0)
    """
    return min(LONGEST, SHARE * float(_checked(seconds).mean()))


def fit_mixture(seconds: ArrayLike) -> Mixture:
    """Fit two log-normal heaps to an item's response times by maximum likelihood (EM).

    Parameters
    ----------
    seconds : array_like of shape (n,)
        Response times of one item, > 0; a few hundred are needed for a steady result.

    Raises
    ------
    ValueError
        If a time is not positive and finite, or fewer than ten are given.

    References
    ----------
    Wang & Xu (2015), Br. J. Math. Stat. Psychol. 68(3).
    """
    logs = np.log(_checked(seconds))
    if len(logs) < 10:
        raise ValueError(f"a mixture needs at least 10 response times, not {len(logs)}")
    # Start from a cut half-way between the shortest and the median log time.
    fast = (logs < (logs.min() + np.median(logs)) / 2.0).astype(np.float64)
    for _ in range(ROUNDS):
        mixture = _heaps(logs, fast)
        before, fast = fast, _chance(logs, mixture)
        if np.abs(fast - before).max() < SETTLED:
            break
    return _heaps(logs, fast)


def p_fast_guess(seconds: ArrayLike, mixture: Mixture) -> Floats:
    """Chance that an answer of each time is a fast guess; 1 for anything faster than the typical guess."""
    logs = np.log(_checked(seconds))
    # A wide heap of worked answers would take the very fastest times back; they are no better read.
    return np.where(logs <= mixture.fast.mean, 1.0, _chance(np.maximum(logs, mixture.fast.mean), mixture))


def _checked(seconds: ArrayLike) -> Floats:
    times = np.asarray(seconds, dtype=np.float64)
    if not times.size or not np.all((times > 0.0) & np.isfinite(times)):
        raise ValueError("response times must be positive, finite seconds, and at least one")
    return times


def _heaps(logs: Floats, fast: Floats) -> Mixture:
    return Mixture(_heap(logs, fast), _heap(logs, 1.0 - fast))


def _heap(logs: Floats, weight: Floats) -> Heap:
    total = max(float(weight.sum()), 1e-12)
    mean = float(weight @ logs) / total
    spread = float(weight @ (logs - mean) ** 2) / total
    return Heap(mean, max(NARROWEST, spread**0.5), total / len(logs))


def _chance(logs: Floats, mixture: Mixture) -> Floats:
    """Chance of the fast heap given each log time, by Bayes' rule."""
    odds = [np.log(heap.share) + norm.logpdf(logs, heap.mean, heap.sd) for heap in (mixture.fast, mixture.worked)]
    return np.asarray(expit(odds[0] - odds[1]))
