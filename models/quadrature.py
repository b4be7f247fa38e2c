"""Means over a normal distribution by an evenly spaced sum.

For a smooth function times the normal density the plain evenly spaced sum converges
exponentially in 1/step (Trefethen & Weideman, 2014, SIAM Review 56(3)). The logistic function of
``s * y`` has its nearest pole at distance pi/s from the real line, where the density has grown by
exp(pi**2 / (2 s**2)), so the error is about exp(pi**2 / (2 s**2) - 2 pi**2 / (s * step)): under 1e-8 for the
steps below. Gauss-Hermite nodes need far more points to follow a steep item.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from math import ceil, exp, pi, sqrt

REACH = 6.5
"""Half-width of the grid in standard deviations; 8e-11 of a normal lies outside."""
WIDEST_STEP = 0.8
"""Fine enough for the normal density alone (error exp(-2 pi^2 / 0.64), about 4e-14)."""
STEP_TIMES_STEEPNESS = 0.9
"""Step for a logistic of slope s is 0.9 / s, so that exp(-2 pi^2 / (s * step)) is 3e-10."""

Node = tuple[float, float, float]


def normal_grid(steepness: float) -> Sequence[Node]:
    """Nodes to average a logistic of this slope over a standard normal variable.

    Parameters
    ----------
    steepness : float
        Slope of the logistic function per standard deviation of the variable, >= 0.

    Returns
    -------
    sequence of (weight, weight * y, weight * y**2)
        Evenly spaced in y; the first node is at ``-half_width(steepness)``, the weights sum to one.

    Examples
    --------
    >>> grid = normal_grid(1.0)
    >>> round(sum(weight for weight, _, _ in grid), 9), round(sum(square for _, _, square in grid), 6)
    (1.0, 1.0)
    """
    return _grid(ceil(2.0 * steepness))


def step(steepness: float) -> float:
    """Distance of neighbouring nodes of ``normal_grid(steepness)``, in standard deviations."""
    return _step(ceil(2.0 * steepness))


@cache
def _step(halves: int) -> float:
    # Slopes are rounded up to the next half so that few grids serve every item.
    return min(WIDEST_STEP, STEP_TIMES_STEEPNESS / (halves / 2.0)) if halves else WIDEST_STEP


@cache
def _grid(halves: int) -> tuple[Node, ...]:
    width = _step(halves)
    count = ceil(REACH / width)
    points = [width * i for i in range(-count, count + 1)]
    weights = [width * exp(-0.5 * y * y) / sqrt(2.0 * pi) for y in points]
    return tuple((weight, weight * y, weight * y * y) for weight, y in zip(weights, points, strict=True))
