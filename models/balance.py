"""What a choice of items has to respect besides their worth: content, company, seeds and order.

Content areas keep their shares, items that give each other away do not meet in one sitting, new
items are seeded among calibrated ones, and skills come blocked or interleaved. All of it is masks
and small draws; the caller keeps the counts.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Counts = NDArray[np.int64]
Mask = NDArray[np.bool_]


def next_area(served: ArrayLike, shares: ArrayLike, still_open: Mask, rng: np.random.Generator) -> int:
    """Content area that lies farthest below its share; one of several at random.

    Parameters
    ----------
    served : array_like of shape (n_areas,)
        Items of each area in this test so far.
    shares : array_like of shape (n_areas,)
        Wanted share of each area, summing to one.
    still_open : ndarray of bool, shape (n_areas,)
        Areas that have an item left to serve.
    rng : numpy Generator
        Without it every test would open with the same area.

    Raises
    ------
    LookupError
        If no area is open.
    ValueError
        If the shares do not sum to one.

    References
    ----------
    Kingsbury & Zara (1989), Applied Measurement in Education 2(4); at random among equals as in
    Leung, Chang & Hau (2003), Computerized adaptive testing: A comparison of three content
    balancing methods, Journal of Technology, Learning, and Assessment 2(5).

    Examples
    --------
    >>> next_area([3, 1], [0.5, 0.5], np.array([True, True]), np.random.default_rng(1))
    1
    """
    wanted, counts = np.asarray(shares, dtype=np.float64), np.asarray(served, dtype=np.float64)
    if abs(wanted.sum() - 1.0) > 1e-9:
        raise ValueError(f"shares of content areas must sum to one, not {wanted.sum()}")
    if not still_open.any():
        raise LookupError("no content area has an item left")
    below = np.where(still_open, wanted * max(float(counts.sum()), 1.0) - counts, -np.inf)
    furthest = (below >= below.max() - 1e-9).nonzero()[0]
    return int(furthest[int(rng.random() * furthest.size)])


def areas_open(area: NDArray[np.intp], allowed: Mask, n_areas: int) -> Mask:
    """Which areas have an allowed item.

    Examples
    --------
    >>> areas_open(np.array([0, 0, 2]), np.array([True, False, True]), 3)
    array([ True, False,  True])
    """
    return np.asarray(np.bincount(area[allowed], minlength=n_areas) > 0)


@dataclass(frozen=True, eq=False, slots=True)
class Enemies:
    """Items that give each other away, or ask the same, and must not meet in one sitting.

    Parameters
    ----------
    of : tuple of ndarray of int
        For each item the indices of its enemies.
    """

    of: tuple[NDArray[np.intp], ...]

    @classmethod
    def build(cls, n_items: int, pairs: Iterable[tuple[int, int]]) -> Enemies:
        """Lay out pairs of enemies; a pair holds both ways.

        Raises
        ------
        ValueError
            If an index is not an item's, or an item would be its own enemy.

        Examples
        --------
        >>> Enemies.build(3, [(0, 2)]).mask([2])
        array([False,  True,  True])
        """
        found: list[set[int]] = [set() for _ in range(n_items)]
        for one, other in pairs:
            if one == other or not (0 <= one < n_items and 0 <= other < n_items):
                raise ValueError(f"{(one, other)} is no pair among {n_items} items")
            found[one].add(other)
            found[other].add(one)
        return cls(tuple(np.array(sorted(enemies), dtype=np.intp) for enemies in found))

    def mask(self, served: Collection[int]) -> Mask:
        """Items that no item served so far is an enemy of."""
        allowed = np.ones(len(self.of), dtype=np.bool_)
        for item in served:
            allowed[self.of[item]] = False
        return allowed


def without_families(family: NDArray[np.intp], served: Collection[int]) -> Mask:
    """Items whose family none of the items served belongs to.

    Examples
    --------
    >>> without_families(np.array([0, 0, 1]), [1])
    array([False, False,  True])
    """
    return np.asarray(~np.isin(family, family[list(served)]))


def due(done: int, of: int, share: float, rng: np.random.Generator) -> bool:
    """Whether the next one should be of a kind that makes up a share, at unpredictable places.

    Drawn with that chance, yet never a whole one ahead of the share or behind it.

    Parameters
    ----------
    done : int
        How many of the kind there have been.
    of : int
        How many there have been of all kinds.
    share : float
        Wanted share, in [0, 1].
    rng : numpy Generator

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> due(0, 4, 0.2, rng), due(1, 1, 0.2, rng)
    (True, False)
    """
    if not 0.0 <= share <= 1.0:
        raise ValueError(f"a share lies in [0, 1], not {share}")
    wanted = share * (of + 1)
    if done + 1 <= wanted + 1e-9:
        return True
    return done + 1 < wanted + 1.0 and bool(rng.random() < share)


def next_pretest(answers: Counts, allowed: Mask, rng: np.random.Generator) -> int:
    """New item to seed: the allowed one with the fewest answers, so that all are calibrated alike soon.

    Raises
    ------
    LookupError
        If no item is allowed.

    Examples
    --------
    >>> next_pretest(np.array([9, 2, 0]), np.array([True, True, False]), np.random.default_rng(1))
    1
    """
    if not allowed.any():
        raise LookupError("no new item is allowed")
    fewest = (allowed & (answers == answers[allowed].min())).nonzero()[0]
    return int(fewest[int(rng.random() * fewest.size)])


def blocked(skills: Sequence[int], each: int) -> list[int]:
    """One skill after the other, so many items of each.

    Examples
    --------
    >>> blocked([4, 7], 2)
    [4, 4, 7, 7]
    """
    return [skill for skill in skills for _ in range(each)]


def interleaved(
    main: int,
    others: Sequence[int],
    n: int,
    rng: np.random.Generator,
    *,
    opening: int = 3,
    share: float = 0.3,
    longest_run: int = 3,
) -> list[int]:
    """Order of skills in a sitting: a run of the main skill to open it, then others mixed in.

    Parameters
    ----------
    main : int
        The skill being learnt.
    others : sequence of int
        Skills to mix in, without the main one; where there are none all items are of the main one.
    n : int
        Items in the sitting.
    rng : numpy Generator
    opening : int
        Items of the main skill in a row at the start; 0 for a skill that is not new.
    share : float
        Share of other skills after the opening.
    longest_run : int
        Most items of one skill in a row, >= the opening.

    Raises
    ------
    ValueError
        If the opening is longer than the longest run, or the main skill is among the others.

    References
    ----------
    Rohrer & Taylor (2007), The shuffling of mathematics problems improves learning,
    Instructional Science 35; shares as in the product's practice rules.

    Examples
    --------
    >>> interleaved(1, [2, 3], 8, np.random.default_rng(4))[:4] in ([1, 1, 1, 2], [1, 1, 1, 3])
    True
    """
    if main in others or not 0 <= opening <= longest_run or longest_run < 1:
        raise ValueError("need other skills than the main one, and an opening within the longest run")
    if not others:
        return [main] * n
    order = [main] * min(opening, n)
    while len(order) < n:
        order.append(_mixed_in(order, main, others, rng, opening, share, longest_run))
    return order


def _mixed_in(
    order: Sequence[int],
    main: int,
    others: Sequence[int],
    rng: np.random.Generator,
    opening: int,
    share: float,
    longest_run: int,
) -> int:
    mixed = order[opening:]
    worn_out = order[-1] if len(order) >= longest_run and len(set(order[-longest_run:])) == 1 else None
    free = [skill for skill in others if skill != worn_out]
    wanted = worn_out == main or due(sum(skill != main for skill in mixed), len(mixed), share, rng)
    return free[int(rng.random() * len(free))] if wanted and free else main
