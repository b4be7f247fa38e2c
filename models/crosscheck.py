"""Two engines, one data set: whether their calibrations agree, and if not, on which items.

The parameters are first put on one scale, because each engine has its own idea of N(0, 1); what is
left are differences of method (priors, bounds, when to stop) or a mistake.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from models.irt import ItemParams
from models.linking import Link, link

Floats = NDArray[np.float64]

LEAST_CORRELATION = 0.95
"""Of difficulties; two sound engines on the same answers come to .99 and more."""
LARGEST_GAP = 0.3
"""Logits on the scale of the first engine; more than this changes which students an item is served to."""
MOST_NAMED = 5


@dataclass(frozen=True, slots=True)
class Gap:
    """How far the second engine's parameters of an item lie above the first's, on the first's scale."""

    item: Hashable
    a: float
    b: float


@dataclass(frozen=True, slots=True)
class CrossCheck:
    """How far two calibrations agree.

    Parameters
    ----------
    items : int
        Items that both have parameters of.
    correlation_a, correlation_b : float
        Pearson's; NaN where one of the engines has a single value for all.
    rmse_a, rmse_b : float
        Per logit and in logits, on the first engine's scale.
    line : Link
        From the second engine's scale to the first's, without standard errors.
    gaps : tuple of Gap
        All items, the largest difference of difficulty first.
    only_one : tuple
        Items with parameters from only one engine.
    """

    items: int
    correlation_a: float
    correlation_b: float
    rmse_a: float
    rmse_b: float
    line: Link
    gaps: tuple[Gap, ...]
    only_one: tuple[Hashable, ...]

    @property
    def agree(self) -> bool:
        """Whether the difficulties tell the same story, item for item."""
        return self.correlation_b >= LEAST_CORRELATION and not self._far()

    def _far(self) -> list[Gap]:
        return [gap for gap in self.gaps if abs(gap.b) > LARGEST_GAP]

    def words(self) -> str:
        """Say the result in sentences."""
        far = self._far()
        verdict = "The two engines agree." if self.agree else "The two engines do not agree."
        parts = [
            verdict,
            f"Over {self.items} items difficulties correlate at {self.correlation_b:.3f} and differ by "
            f"{self.rmse_b:.2f} logits (root mean square), discriminations at {self.correlation_a:.3f} "
            f"and {self.rmse_a:.2f}.",
        ]
        if far:
            parts.append(f"More than {LARGEST_GAP} logits apart: {_named(far)}.")
        if self.only_one:
            parts.append(f"Parameters from one engine only: {_listed([str(item) for item in self.only_one])}.")
        return " ".join(parts)


def cross_check(
    items: Sequence[Hashable], first: tuple[ArrayLike, ArrayLike], second: tuple[ArrayLike, ArrayLike]
) -> CrossCheck:
    """Compare the 2PL parameters that two engines give the same items.

    Parameters
    ----------
    items : sequence
        What the caller knows the items by.
    first, second : pair of array_like of shape (n_items,)
        a and b of each engine; NaN for items without parameters.

    Raises
    ------
    ValueError
        If the lengths differ.
    LinkingError
        If too few items have parameters from both, or their difficulties hardly differ.

    Examples
    --------
    >>> ours = [1.0, 1.2, 0.8], [-1.0, 0.1, 1.1]
    >>> print(cross_check(["p", "q", "r"], ours, ours).words())
    The two engines agree. Over 3 items difficulties correlate at 1.000 and differ by 0.00 logits \
(root mean square), discriminations at 1.000 and 0.00.
    """
    table = np.array([*first, *second], dtype=np.float64)
    if table.shape[1:] != (len(items),):
        raise ValueError(f"there are {len(items)} items, but {table.shape[1:]} parameters")
    by_first, by_second = np.isfinite(table[:2]).all(axis=0), np.isfinite(table[2:]).all(axis=0)
    both = np.flatnonzero(by_first & by_second).tolist()
    a1, b1, a2, b2 = table[:, both]
    line = link(_items(a2, b2), _items(a1, b1), standard_errors=False)
    a2, b2 = a2 / line.slope, line.ability(b2)
    gaps = [Gap(items[i], float(da), float(db)) for i, da, db in zip(both, a2 - a1, b2 - b1, strict=True)]
    return CrossCheck(
        items=len(both),
        correlation_a=_correlation(a1, a2),
        correlation_b=_correlation(b1, b2),
        rmse_a=_rmse(a1, a2),
        rmse_b=_rmse(b1, b2),
        line=line,
        gaps=tuple(sorted(gaps, key=lambda gap: -abs(gap.b))),
        only_one=tuple(items[i] for i in np.flatnonzero(by_first != by_second).tolist()),
    )


def _items(a: Floats, b: Floats) -> list[ItemParams]:
    return [ItemParams("2PL", float(slope), float(difficulty)) for slope, difficulty in zip(a, b, strict=True)]


def _correlation(x: Floats, y: Floats) -> float:
    if np.ptp(x) == 0.0 or np.ptp(y) == 0.0:
        return float("nan")
    return float(np.corrcoef(x, y)[0, 1])


def _rmse(x: Floats, y: Floats) -> float:
    return float(np.sqrt(np.mean((x - y) ** 2)))


def _named(far: Sequence[Gap]) -> str:
    return _listed([f"{gap.item} ({gap.b:+.2f})" for gap in far])


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(names[:MOST_NAMED])
    return shown if len(names) <= MOST_NAMED else f"{shown} and {len(names) - MOST_NAMED} more"
