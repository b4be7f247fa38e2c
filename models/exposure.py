"""Keeping items from wearing out: who chooses among good items, and how often each may be seen.

The caller holds how often each item has been served, as an array, and passes it in with a source
of random numbers; nothing here remembers anything. `worth` is any criterion of
`models.criteria`: the larger the better.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import inf

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Drawn:
    """An item to serve, and the items that were selected on the way but not let through.

    Parameters
    ----------
    item : int
        Index of the item to serve.
    passed_over : tuple of int
        Items selected before it; Sympson-Hetter does not offer them to this student again.
    """

    item: int
    passed_over: tuple[int, ...]


Simulate = Callable[[Floats, np.random.Generator], tuple[Counts, int]]
"""Runs tests under control parameters; returns how often each item was selected, served or not, and
the number of students."""


def randomesque(worth: Floats, allowed: Mask, rng: np.random.Generator, *, top: int = 5) -> int:
    """One of the allowed items of greatest worth, drawn at random.

    Raises
    ------
    LookupError
        If no item is allowed.

    References
    ----------
    Kingsbury & Zara (1989), Procedures for selecting items for computerized adaptive tests,
    Applied Measurement in Education 2(4).

    Examples
    --------
    >>> randomesque(np.array([0.1, 0.9, 0.5]), np.ones(3, dtype=bool), np.random.default_rng(1), top=1)
    1
    """
    if top < 1:
        raise ValueError(f"the draw needs at least one item, not {top}")
    places = _places(allowed)
    if top < places.size:
        places = places[np.argpartition(-worth[places], top - 1)[:top]]
    return int(places[int(rng.random() * places.size)])


def within_ceiling(served: Counts, students: int, ceiling: float, allowed: Mask) -> Mask:
    """Allowed items that one more serving does not take over their ceiling.

    Where that leaves none, the allowed items served least, so that a test can always go on.

    Parameters
    ----------
    served : ndarray of int, shape (n_items,)
        How many students have had each item.
    students : int
        How many have sat down so far, the present one included, >= 1.
    ceiling : float
        Greatest share of students who may see an item, in (0, 1].
    allowed : ndarray of bool, shape (n_items,)

    Examples
    --------
    >>> within_ceiling(np.array([2, 3]), 12, 0.25, np.ones(2, dtype=bool))
    array([ True, False])
    """
    if students < 1 or not 0.0 < ceiling <= 1.0:
        raise ValueError(f"need a student and a ceiling in (0, 1], not {students} and {ceiling}")
    # The first few students may see any item: a quarter of one student is none.
    left = allowed & (served + 1 <= max(ceiling * students, 1.0))
    if left.any() or not allowed.any():
        return np.asarray(left)
    return np.asarray(allowed & (served == served[allowed].min()))


def progressive_restricted(
    worth: Floats,
    allowed: Mask,
    rng: np.random.Generator,
    *,
    served: Counts,
    students: int,
    ceiling: float,
    progress: float,
) -> int:
    """Item of greatest worth mixed with chance, among items below their ceiling.

    Early in a test chance counts, when the ability is hardly known and any item serves; late in
    it worth does. So every item is seen, and none by more than its share of students.

    Parameters
    ----------
    worth : ndarray of shape (n_items,)
        Criterion, >= 0 (an information).
    allowed : ndarray of bool, shape (n_items,)
    rng : numpy Generator
    served, students, ceiling
        As in `within_ceiling`.
    progress : float
        How far the test has come, from 0 (chance alone) to 1 (worth alone).

    Raises
    ------
    LookupError
        If no item is allowed.

    References
    ----------
    Revuelta & Ponsoda (1998), A comparison of item exposure control methods in computerized
    adaptive testing, Journal of Educational Measurement 35(4).

    Examples
    --------
    >>> progressive_restricted(np.array([0.5, 0.9]), np.ones(2, dtype=bool), np.random.default_rng(1),
    ...                        served=np.array([0, 5]), students=10, ceiling=0.3, progress=1.0)
    0
    """
    if not 0.0 <= progress <= 1.0:
        raise ValueError(f"progress runs from 0 to 1, not to {progress}")
    places = _places(within_ceiling(served, students, ceiling, allowed))
    values = worth[places]
    chance = rng.random(places.size) * values.max()
    return int(places[np.argmax((1.0 - progress) * chance + progress * values)])


def sympson_hetter(worth: Floats, allowed: Mask, control: Floats, rng: np.random.Generator) -> Drawn:
    """Walk down from the item of greatest worth; each is let through with its control parameter.

    Parameters
    ----------
    worth : ndarray of shape (n_items,)
    allowed : ndarray of bool, shape (n_items,)
        Without the items passed over earlier in the same test.
    control : ndarray of shape (n_items,)
        Chance that a selected item is served, in [0, 1], from `control_parameters`.
    rng : numpy Generator

    Returns
    -------
    Drawn
        If chance lets none through, the one of greatest control among those allowed.

    Raises
    ------
    LookupError
        If no item is allowed.

    References
    ----------
    Sympson & Hetter (1985), Controlling item-exposure rates in computerized adaptive testing,
    Proceedings of the 27th annual meeting of the Military Testing Association.

    Examples
    --------
    >>> sympson_hetter(np.array([0.5, 0.9]), np.ones(2, dtype=bool), np.array([1.0, 0.0]), np.random.default_rng(1))
    Drawn(item=0, passed_over=(1,))
    """
    places = _places(allowed)
    order = places[np.argsort(-worth[places], kind="stable")]
    through = (rng.random(order.size) < control[order]).nonzero()[0]
    if through.size:
        first = int(through[0])
        return Drawn(int(order[first]), tuple(order[:first].tolist()))
    likeliest = int(order[np.argmax(control[order])])
    return Drawn(likeliest, tuple(int(item) for item in order if item != likeliest))


def control_parameters(
    simulate: Simulate, n_items: int, rng: np.random.Generator, *, ceiling: float, length: int, rounds: int = 20
) -> Floats:
    """Control parameters under which no item is served to more than its ceiling of students.

    Each round simulates tests, and an item selected too often is let through only in proportion.
    Stops once the rates expected to be served have settled.

    Parameters
    ----------
    simulate : callable
        See `Simulate`; runs tests with `sympson_hetter` and counts what was selected, that is
        every `Drawn.item` and all of `Drawn.passed_over`.
    n_items : int
    rng : numpy Generator
    ceiling : float
        Greatest share of students who may see an item; at least length / n_items.
    length : int
        Items in a test; so many items stay free, that every test can be filled.
    rounds : int
        Most rounds of simulation.

    Returns
    -------
    ndarray of shape (n_items,), in (0, 1]

    Raises
    ------
    ValueError
        If the ceiling is so low that tests of this length cannot be filled.
    """
    if not length / n_items <= ceiling <= 1.0:
        raise ValueError(f"a ceiling of {ceiling} cannot fill tests of {length} from {n_items} items")
    control = np.ones(n_items)
    previous = inf
    for _ in range(rounds):
        selected, students = simulate(control, rng)
        rates = selected / students
        greatest = float((rates * control).max())
        control = _adjusted(rates, ceiling, length)
        if greatest <= ceiling and abs(greatest - previous) < 0.1 * ceiling:
            break
        previous = greatest
    return control


def _adjusted(rates: Floats, ceiling: float, length: int) -> Floats:
    control = np.minimum(1.0, ceiling / np.maximum(rates, 1e-12))
    control[np.argsort(-control, kind="stable")[:length]] = 1.0
    return np.asarray(control)


def _places(allowed: Mask) -> NDArray[np.intp]:
    places = allowed.nonzero()[0]
    if not places.size:
        raise LookupError("no item is allowed; widen the skills or allow items already seen")
    return places
