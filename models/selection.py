"""Which item comes next.

Practice aims at a success rate (about 75%), not at the most information (about 50%), which
discourages. Among the items nearest the aim one is drawn at random, so that neighbours do not see
the same item and no item wears out. Everything is vectorised over the bank.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Sequence
from dataclasses import dataclass
from math import inf, pi
from typing import Protocol, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from models.irt import ItemParams

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]
Number = TypeVar("Number", bound=np.generic)

LOGISTIC_NORMAL = pi / 8.0
"""A logistic curve averaged over a normal variable is nearly a logistic curve flatter by
sqrt(1 + this * slope**2 * variance): within 0.008 up to a slope of 1.5 per standard deviation and 0.018
for any. MacKay (1992), The evidence framework applied to classification networks, Neural Computation 4."""

HOPELESS = 700.0
"""Logits below an item at which the chance is 1e-304; exp of a little more is infinite."""

TIE = 1e-9
"""Distances this close are the same but for rounding."""


class Draws(Protocol):
    """A source of random numbers, such as numpy's Generator or random.Random."""

    def random(self) -> float:
        """Draw a number in [0, 1)."""


_TIE = 1e-3
"""Weight of the distance among items that are alike: too little to outweigh a difference in worth."""


@dataclass(frozen=True, eq=False, slots=True)
class Pool:
    """A bank's items as columns, built once for each parameter set and bank version.

    Parameters
    ----------
    ids : tuple
        What the caller knows the items by.
    a, b, c, b_sd : ndarray of shape (n_items,)
        As in `ItemParams`.
    skill, family : ndarray of int, shape (n_items,)
        Index of the item's skill (into means and variances) and of its family of siblings.
    flat, blur, unguessed : ndarray of shape (n_items,)
        ``k * a**2``, ``1 + k * a**2 * b_sd**2`` with k = LOGISTIC_NORMAL, and ``1 - c``, kept for speed.
    worth : ndarray of shape (n_items,)
        How much an answer tells of an ability near the item, but for a constant: grows with the slope, shrinks with
        the uncertainty of b and with guessing.
    """

    ids: tuple[Hashable, ...]
    a: Floats
    b: Floats
    c: Floats
    b_sd: Floats
    skill: NDArray[np.intp]
    family: NDArray[np.intp]
    flat: Floats
    blur: Floats
    unguessed: Floats
    worth: Floats

    @classmethod
    def build(
        cls,
        items: Sequence[ItemParams],
        skills: Sequence[int],
        families: Sequence[int],
        ids: Sequence[Hashable],
    ) -> Pool:
        """Lay out items as columns; all four sequences run over the items.

        Raises
        ------
        ValueError
            If the sequences differ in length, there is no item, or an index is negative.

        Examples
        --------
        >>> easy, hard = ItemParams("2PL", 1.0, -1.0), ItemParams("2PL", 1.0, 1.0)
        >>> pool = Pool.build([easy, hard], skills=[0, 0], families=[0, 1], ids=["e", "h"])
        >>> expected_success(pool, [0.0], [0.0]).round(3)
        array([0.731, 0.269])
        """
        if not (0 < len(items) == len(skills) == len(families) == len(ids)):
            raise ValueError("a pool needs at least one item, and a skill, family and id for each")
        if min(skills) < 0 or min(families) < 0:
            raise ValueError("skill and family indices start at 0")
        table = np.array([(item.a, item.b, item.c, item.b_sd) for item in items], dtype=np.float64)
        a, b, c, b_sd = (_frozen(column) for column in table.T)
        flat = LOGISTIC_NORMAL * a * a
        blur = 1.0 + flat * b_sd * b_sd
        parts = np.array([item.parts for item in items], dtype=np.float64)
        return cls(
            tuple(ids),
            a,
            b,
            c,
            b_sd,
            _frozen(np.array(skills, dtype=np.intp)),
            _frozen(np.array(families, dtype=np.intp)),
            _frozen(flat),
            _frozen(blur),
            _frozen(1.0 - c),
            _frozen(parts * a * a / blur * (1.0 - c) / (1.0 + c)),
        )

    def __len__(self) -> int:
        return len(self.ids)

    def mask(self, *, skills: Collection[int] | None = None, without_families: Collection[int] = ()) -> Mask:
        """Items of these skills (None: of all) whose family is not among those to avoid."""
        allowed = np.ones(len(self), dtype=np.bool_)
        if skills is not None:
            allowed &= np.isin(self.skill, list(skills))
        if without_families:
            allowed &= ~np.isin(self.family, list(without_families))
        return allowed


def expected_success(pool: Pool, means: ArrayLike, variances: ArrayLike) -> Floats:
    """Chance that the student answers each item correctly, averaged over what we do not know.

    Parameters
    ----------
    pool : Pool
    means, variances : array_like of shape (n_skills,)
        Marginal belief about each skill, in logits and logits**2.

    Returns
    -------
    ndarray of shape (n_items,)
        Averaged over the posterior of the item's skill and over its uncertain difficulty;
        within 0.008 of the exact integral while a**2 (variance + b_sd**2) < 2.25, 0.018 beyond.
    """
    variance = np.asarray(variances, dtype=np.float64).take(pool.skill)
    variance *= pool.flat
    variance += pool.blur
    z = pool.b - np.asarray(means, dtype=np.float64).take(pool.skill)
    z *= pool.a
    z /= np.sqrt(variance, out=variance)
    # A student hopelessly below an item has no chance; without the limit exp would overflow.
    np.minimum(z, HOPELESS, out=z)
    np.exp(z, out=z)
    z += 1.0
    np.divide(pool.unguessed, z, out=z)
    z += pool.c
    return z


def choose(
    pool: Pool,
    means: ArrayLike,
    variances: ArrayLike,
    *,
    allowed: Mask | None,
    target: float,
    rng: Draws,
    top: int = 5,
) -> int:
    """Index in the pool of an item whose expected success is near the target.

    Parameters
    ----------
    pool : Pool
    means, variances : array_like of shape (n_skills,)
        Marginal belief about each skill, in logits and logits**2.
    allowed : ndarray of bool, shape (n_items,), or None
        Items that may be served; None allows all.
    target : float
        Wanted chance of success, in (0, 1).
    rng : Draws
        numpy's Generator or random.Random; draws one of the nearest items.
    top : int
        How many of the nearest items to draw from, >= 1.

    Raises
    ------
    LookupError
        If no item is allowed.

    References
    ----------
    Kingsbury & Zara (1989), Procedures for selecting items for computerized adaptive tests,
    Applied Measurement in Education 2 (randomesque exposure control).
    """
    return choose_by_chance(expected_success(pool, means, variances), allowed=allowed, target=target, rng=rng, top=top)


def choose_by_chance(
    chances: Floats,
    *,
    allowed: Mask | None,
    target: float,
    rng: Draws,
    top: int = 5,
    worth: Floats | None = None,
    slack: float = 0.0,
) -> int:
    """As `choose`, for a caller who has the expected success of every item already.

    Parameters
    ----------
    chances : ndarray of shape (n_items,)
        From `expected_success`; stays as it is.
    allowed, target, rng, top
        As in `choose`.
    worth : ndarray of shape (n_items,), optional
        Of items as near to the target as `slack`, those worth most come first (`Pool.worth`): for a student they are
        alike, and their answers say more.
    slack : float
        In chance of success, >= 0.

    Raises
    ------
    LookupError
        If no item is allowed.
    """
    distance = chances - target
    np.abs(distance, out=distance)
    if worth is not None:
        # Items worth the same still come by their distance.
        np.copyto(distance, _TIE * distance - worth, where=distance <= slack)
    return _near(distance, allowed, rng, top)


def choose_probe(
    pool: Pool,
    *,
    cut: ArrayLike,
    margin: float,
    allowed: Mask | None,
    rng: Draws,
    top: int = 5,
) -> int:
    """Index in the pool of an item near the mastery cut, because easy items cannot show mastery.

    Items that count as hard (b >= cut - margin) come before all others, and of them those whose answers tell most at
    the cut: near it, steep, and well known.

    Parameters
    ----------
    pool : Pool
    cut : float or array_like of shape (n_skills,)
        Mastery cut in logits, one for all or one for each skill.
    margin : float
        Logits below the cut at which an item still counts as hard (`MasteryRule.hard_margin`).
    allowed, rng, top
        As in `choose`.

    Raises
    ------
    LookupError
        If no item is allowed.
    """
    cuts = np.asarray(cut, dtype=np.float64)
    above = pool.b - (cuts if cuts.ndim == 0 else cuts.take(pool.skill))
    hard = above >= -margin
    candidates = hard if allowed is None else hard & allowed
    slope = 1.0 / np.cosh(0.5 * pool.a * above / np.sqrt(pool.blur))
    return _near(-pool.worth * slope * slope, candidates if candidates.any() else allowed, rng, top)


def _near(distance: Floats, allowed: Mask | None, rng: Draws, top: int) -> int:
    """Draw one of the `top` allowed items with the least distance; overwrites `distance`.

    Items that tie with the last of them join the draw: in a bank nobody has rated all items look
    alike, and the first five must not be the only ones served.
    """
    if allowed is not None:
        distance[~allowed] = inf
    last = min(top, distance.size) - 1
    furthest = np.partition(distance, last)[last]
    # Fewer allowed items than wanted: all of them, and none of the others.
    near = (distance < inf if furthest == inf else distance <= furthest + TIE).nonzero()[0]
    if not near.size:
        raise LookupError("no item is allowed; widen the skills or allow items already seen")
    return int(near[int(rng.random() * near.size)])


def _frozen(column: NDArray[Number]) -> NDArray[Number]:
    column = np.ascontiguousarray(column)
    column.setflags(write=False)
    return column
