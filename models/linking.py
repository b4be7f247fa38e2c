"""Keep the scale: put the parameters of one calibration on the scale of another.

A calibration fixes its scale by calling its own students N(0, 1), so last year's logits and this
year's differ by a line, ``theta_target = slope * theta_source + intercept``. Items that both
calibrations have in common tell which line. Four ways to draw it: from the first two moments of the
parameters (quick, and swayed by a single odd item), or from the response curves, which know that a
difficulty far from every student says little.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import exp, inf, isfinite, log, sqrt
from typing import Literal, TypeVar, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import least_squares
from scipy.special import expit

from models.irt import ItemParams
from models.polytomous import PolyParams, category_chances

Floats = NDArray[np.float64]
Method = Literal["mean-mean", "mean-sigma", "haebara", "stocking-lord"]
Item = ItemParams | PolyParams
AnyItem = TypeVar("AnyItem", ItemParams, PolyParams)

LEAST_ITEMS = 2
LEAST_SPREAD = 0.1
"""Logits. Common items whose difficulties differ less than this (standard deviation) are one point of
the scale, and a line through one point can have any slope."""
POINTS = np.linspace(-4.0, 4.0, 41)
"""Abilities at which curves are compared, on either scale."""
WEIGHTS = np.exp(-0.5 * POINTS**2) / np.exp(-0.5 * POINTS**2).sum()
"""As many students as the calibrated population N(0, 1) has at each."""
TOLERANCE = 1e-12


class LinkingError(ValueError):
    """The common items cannot tell how the two scales lie to each other."""


@dataclass(frozen=True, slots=True)
class Link:
    """The line from a source scale to a target scale.

    Parameters
    ----------
    slope : float
        Target logits per source logit (A), > 0.
    intercept : float
        Where the source's zero lies on the target scale, in target logits (B).
    slope_se, intercept_se : float
        Standard errors over the choice of common items, with their calibration errors;
        infinite where nobody can tell or asked.
    items : int
        How many common items it was drawn from.
    """

    slope: float
    intercept: float
    slope_se: float = 0.0
    intercept_se: float = 0.0
    items: int = 0

    def __post_init__(self) -> None:
        if not (0.0 < self.slope < inf and isfinite(self.intercept)):
            raise LinkingError(f"no scale is {self.slope} times another plus {self.intercept}")

    def ability(self, theta: ArrayLike) -> Floats:
        """Abilities on the target scale.

        Examples
        --------
        >>> Link(0.5, -0.5).ability([-2.0, 1.0])
        array([-1.5,  0. ])
        """
        return np.asarray(self.slope * np.asarray(theta, dtype=np.float64) + self.intercept)

    def item(self, item: AnyItem) -> AnyItem:
        """The item with its parameters on the target scale; its curve stays the same.

        Examples
        --------
        >>> Link(0.5, -0.5).item(ItemParams("3PL", a=1.3, b=-1.3, c=0.1))
        ItemParams(model='3PL', a=2.6, b=-1.15, c=0.1, b_sd=0.0, parts=1)
        """
        if isinstance(item, ItemParams):
            b = self.slope * item.b + self.intercept
            return replace(item, a=item.a / self.slope, b=b, b_sd=self.slope * item.b_sd)
        return replace(item, a=item.a / self.slope, b=tuple(self.slope * b + self.intercept for b in item.b))

    def inverse(self) -> Link:
        """The line back, with standard errors carried over to first order (slope and intercept taken as independent).

        Examples
        --------
        >>> Link(0.5, -0.5).inverse()
        Link(slope=2.0, intercept=1.0, slope_se=0.0, intercept_se=0.0, items=0)
        """
        slope, intercept = 1.0 / self.slope, -self.intercept / self.slope
        spread = slope * sqrt(self.intercept_se**2 + (intercept * self.slope_se) ** 2)
        return Link(slope, intercept, slope * slope * self.slope_se, spread, self.items)


def link(
    source: Sequence[Item], target: Sequence[Item], method: Method = "stocking-lord", *, standard_errors: bool = True
) -> Link:
    """Draw the line from the source's scale to the target's by the items they have in common.

    Parameters
    ----------
    source, target : sequence of ItemParams or PolyParams
        The common items as each calibration has them, in the same order. Curves are those at b,
        not averaged over b_sd.
    method : {"mean-mean", "mean-sigma", "haebara", "stocking-lord"}
        The last two sum the squared differences of curves over both scales, so that linking the
        other way round gives the inverse line.
    standard_errors : bool
        Whether to work them out, by leaving out one item at a time (jackknife): as many fits as items.

    Returns
    -------
    Link
        Its standard errors are infinite if not asked for or if there are too few items.

    Raises
    ------
    LinkingError
        If there are fewer than two common items, their difficulties hardly differ, or an item has
        not the same family of curves and number of scores in both.

    References
    ----------
    Kolen & Brennan (2014), Test Equating, Scaling, and Linking, 3rd ed., ch. 6; Haebara (1980), Japanese
    Psychological Research 22(3); Stocking & Lord (1983), Applied Psychological Measurement 7(2).

    Examples
    --------
    >>> old = [ItemParams("2PL", 1.0, -1.0), ItemParams("2PL", 1.4, 0.2), ItemParams("2PL", 0.8, 1.5)]
    >>> new = [Link(1.2, 0.3).item(item) for item in old]
    >>> line = link(old, new)
    >>> round(line.slope, 6), round(line.intercept, 6), round(line.slope_se, 6)
    (1.2, 0.3, 0.0)
    """
    if method not in get_args(Method):
        raise ValueError(f"unknown linking method {method!r}; use one of {', '.join(get_args(Method))}")
    _check_alike(source, target)
    ours, theirs = _Columns.of(source), _Columns.of(target)
    _check_spread(ours, theirs)
    line = _fit(ours, theirs, method, None)
    slope_se, intercept_se = _jackknife(ours, theirs, method, line) if standard_errors else (inf, inf)
    return Link(*line, slope_se, intercept_se, len(source))


@dataclass(frozen=True, eq=False, slots=True)
class _Columns:
    """Items laid out for comparing many curves at once; two-score items first.

    ``b`` and ``owner`` hold every threshold and whose it is; ``a`` holds one slope an item.
    """

    a: Floats
    b: Floats
    c: Floats
    owner: NDArray[np.intp]
    many: tuple[PolyParams, ...]

    @classmethod
    def of(cls, items: Sequence[Item]) -> _Columns:
        two = [item for item in items if isinstance(item, ItemParams)]
        many = tuple(item for item in items if isinstance(item, PolyParams))
        thresholds = [(item.b,) for item in two] + [item.b for item in many]
        owner = np.repeat(np.arange(len(thresholds)), [len(each) for each in thresholds])
        a = np.array([item.a for item in two] + [item.a for item in many])
        b = np.array([value for each in thresholds for value in each])
        return cls(a, b, np.array([item.c for item in two]), owner, many)

    def without(self, index: int) -> _Columns:
        two = len(self.c)
        rest = self.owner != index
        owner = self.owner[rest]
        many = self.many if index < two else self.many[: index - two] + self.many[index - two + 1 :]
        c = np.delete(self.c, index) if index < two else self.c
        return _Columns(np.delete(self.a, index), self.b[rest], c, owner - (owner > index), many)

    def chances(self, slope: float, intercept: float) -> Floats:
        """Chance of every score above 0 once the items are moved along the line; shape (points, columns)."""
        two = len(self.c)
        z = self.a[:two] / slope * (POINTS[:, None] - slope * self.b[:two] - intercept)
        curves = [self.c + (1.0 - self.c) * expit(z)]
        line = Link(slope, intercept)
        curves += [category_chances(POINTS, line.item(item))[:, 1:] for item in self.many]
        return np.concatenate(curves, axis=1)

    def scores(self) -> Floats:
        """The score that each column of `chances` is the chance of."""
        steps = [np.arange(1.0, item.scores) for item in self.many]
        return np.concatenate([np.ones(len(self.c)), *steps], dtype=np.float64)


Line = tuple[float, float]


def _fit(ours: _Columns, theirs: _Columns, method: Method, start: Line | None) -> Line:
    if method == "mean-mean":
        return _through_means(ours, theirs, float(ours.a.mean() / theirs.a.mean()))
    by_sigma = _through_means(ours, theirs, float(theirs.b.std() / ours.b.std()))
    if method == "mean-sigma":
        return by_sigma
    # Haebara compares each curve, Stocking and Lord the curve of the whole test.
    return _by_curves(ours, theirs, None if method == "haebara" else ours.scores(), start or by_sigma)


def _through_means(ours: _Columns, theirs: _Columns, slope: float) -> Line:
    return slope, float(theirs.b.mean() - slope * ours.b.mean())


def _by_curves(ours: _Columns, theirs: _Columns, scores: Floats | None, start: Line) -> Line:
    """Least squares over both scales; the slope as a logarithm, so that it stays positive."""
    root = np.sqrt(np.concatenate([WEIGHTS, WEIGHTS]))
    at_home, abroad = ours.chances(1.0, 0.0), theirs.chances(1.0, 0.0)

    def differences(x: Floats) -> Floats:
        slope, intercept = exp(x[0]), float(x[1])
        there = ours.chances(slope, intercept) - abroad
        here = theirs.chances(1.0 / slope, -intercept / slope) - at_home
        apart = np.concatenate([there, here])
        return np.asarray(root * (apart @ scores) if scores is not None else (root[:, None] * apart).ravel())

    x0 = np.array([log(start[0]), start[1]])
    found = least_squares(differences, x0, method="lm", ftol=TOLERANCE, xtol=TOLERANCE, gtol=TOLERANCE)
    return exp(found.x[0]), float(found.x[1])


def _jackknife(ours: _Columns, theirs: _Columns, method: Method, line: Line) -> tuple[float, float]:
    """Standard errors from how the line moves when each item is left out.

    References
    ----------
    Haberman, Lee & Qian (2009), Jackknifing techniques for evaluation of equating accuracy, ETS RR-09-39.
    """
    n = len(ours.a)
    less = [(ours.without(index), theirs.without(index)) for index in range(n)]
    if n <= LEAST_ITEMS or min(_spread(*pair) for pair in less) < LEAST_SPREAD:
        return inf, inf
    lines = np.array([_fit(*pair, method, line) for pair in less])
    slope_se, intercept_se = np.sqrt((n - 1) * lines.var(axis=0))
    return float(slope_se), float(intercept_se)


def _spread(ours: _Columns, theirs: _Columns) -> float:
    return float(min(ours.b.std(), theirs.b.std()))


def _check_spread(ours: _Columns, theirs: _Columns) -> None:
    spread = _spread(ours, theirs)
    if spread < LEAST_SPREAD:
        raise LinkingError(
            f"the common items are almost equally difficult (standard deviation {spread:.3f} logits, "
            f"at least {LEAST_SPREAD} is needed); add easier and harder items to them"
        )


def _check_alike(source: Sequence[Item], target: Sequence[Item]) -> None:
    if len(source) != len(target):
        raise LinkingError(f"common items come in pairs, but there are {len(source)} and {len(target)}")
    if len(source) < LEAST_ITEMS:
        raise LinkingError(f"linking needs at least {LEAST_ITEMS} common items, not {len(source)}")
    for index, (ours, theirs) in enumerate(zip(source, target, strict=True)):
        if _kind(ours) != _kind(theirs):
            raise LinkingError(f"common item {index} has another model or number of scores in the target")


def _kind(item: Item) -> tuple[str, int]:
    """What both calibrations must agree on; one, two and three parameters are one family of curves."""
    return (item.model, item.scores) if isinstance(item, PolyParams) else ("logistic", 2)
