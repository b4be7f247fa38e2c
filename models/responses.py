"""Answers as a calibration reads them: who answered which item with which score.

Most students see few items of a bank, so answers are kept as sparse lists ordered by student, not
as a table with holes. Everything that could turn into a wrong number is refused here.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

Repeats = Literal["error", "first"]
Ids = Sequence[Hashable] | NDArray[Any]
Indices = NDArray[Any]
"""int32, or int64 where that is too narrow."""

MOST_SCORES = 64
"""Scores of one item; more is a percentage or a time that was taken for a score."""


@dataclass(frozen=True, eq=False, slots=True)
class Responses:
    """Validated answers, ordered by student.

    Parameters
    ----------
    students, items, groups : tuple
        What the caller knows them by; groups in order of appearance unless given.
    start : ndarray of int64, shape (n_students + 1,)
        Where each student's answers begin.
    item : ndarray of int32, shape (n_answers,)
        Index into items.
    score : ndarray of uint8, shape (n_answers,)
        0 wrong, 1 right, or 0 to K - 1.
    weight : ndarray of shape (n_students,)
        How many students each one stands for, >= 0.
    group : ndarray of int64, shape (n_students,)
        Index into groups.
    """

    students: tuple[Hashable, ...]
    items: tuple[Hashable, ...]
    groups: tuple[Hashable, ...]
    start: NDArray[np.int64]
    item: NDArray[np.int32]
    score: NDArray[np.uint8]
    weight: NDArray[np.float64]
    group: NDArray[np.int64]

    @classmethod
    def from_lists(
        cls,
        students: Ids,
        items: Ids,
        scores: ArrayLike,
        *,
        bank: Sequence[Hashable] | None = None,
        repeats: Repeats = "error",
        weights: Mapping[Any, float] | None = None,
        groups: Mapping[Any, Hashable] | None = None,
        group_order: Sequence[Hashable] | None = None,
    ) -> Responses:
        """Order and check three lists of the same length, one entry for each answer.

        Parameters
        ----------
        students, items : sequence or ndarray
            Ids, of one sortable kind each.
        scores : array_like of whole numbers
            0 and 1, or 0 to K - 1.
        bank : sequence, optional
            Items there are, in the wanted order; by default those answered, sorted.
        repeats : {"error", "first"}
            What to do if a student answered an item twice: refuse, or keep the first in the lists.
        weights : mapping, optional
            By student, >= 0; 1 where not mentioned.
        groups : mapping, optional
            By student; every student must be mentioned.
        group_order : sequence, optional
            The groups, the reference group first; by default in order of appearance.

        Raises
        ------
        ValueError
            If the lists differ in length or are empty, a score is not a whole number from 0 to 63, an
            item is not in the bank, a student answered an item twice, or a weight or group is unfit.

        Examples
        --------
        >>> answers = Responses.from_lists(["ann", "bob", "ann"], ["q2", "q1", "q1"], [1, 0, 1])
        >>> answers.items, answers.start.tolist(), answers.score.tolist()
        (('q1', 'q2'), [0, 2, 3], [1, 1, 0])
        """
        score = _whole(scores)
        if not len(students) == len(items) == score.size or not score.size:
            raise ValueError("students, items and scores must be lists of the same length, with an answer at least")
        student_ids, student = _indexed(students, "student")
        item_ids, item = _indexed(items, "item")
        if bank is not None:
            item_ids, item = _in_bank(item_ids, item, bank)
        student, place, score = _ordered(student, item, score, len(item_ids), repeats)
        start = np.searchsorted(student, np.arange(len(student_ids) + 1, dtype=student.dtype)).astype(np.int64)
        weight = _weights(student_ids, weights)
        names, group = _groups(student_ids, groups, group_order)
        return cls(student_ids, item_ids, names, start, place, score, weight, group)

    @classmethod
    def from_table(cls, table: ArrayLike, items: Sequence[Hashable] | None = None) -> Responses:
        """Answers from a table of students x items in which NaN means not asked.

        Examples
        --------
        >>> Responses.from_table([[1, 0], [float("nan"), 1]]).start.tolist()
        [0, 2, 3]
        """
        cells = np.asarray(table, dtype=np.float64)
        student, item = np.nonzero(~np.isnan(cells))
        names = list(range(cells.shape[1])) if items is None else list(items)
        answers = cls.from_lists(student, item, cells[student, item], bank=range(cells.shape[1]))
        return cls(
            answers.students,
            tuple(names),
            answers.groups,
            answers.start,
            answers.item,
            answers.score,
            answers.weight,
            answers.group,
        )

    def __len__(self) -> int:
        return self.item.size


def _whole(scores: ArrayLike) -> NDArray[np.uint8]:
    given = np.asarray(scores)
    if given.dtype.kind not in "biuf":
        raise ValueError("scores must be numbers")
    # NaN fails every comparison, so it is refused with the others.
    if given.ndim != 1 or not bool(np.all((given >= 0) & (given < MOST_SCORES))):
        raise ValueError(f"every score must be a whole number from 0 to {MOST_SCORES - 1}; leave out what is missing")
    whole = given.astype(np.uint8)
    if not np.array_equal(whole, given):
        raise ValueError("every score must be a whole number; a share of a right answer is not one")
    return whole


def _indexed(ids: Ids, kind: str) -> tuple[tuple[Hashable, ...], Indices]:
    """Distinct ids in order, and the index of each; narrow numbers, because there are millions of answers."""
    array = np.asarray(ids)
    if array.ndim != 1 or array.dtype.kind in "fcO":
        raise ValueError(f"{kind} ids must be all whole numbers or all text")
    if array.dtype.kind in "iu" and array.size and int(array.min()) >= 0 and int(array.max()) < 4 * array.size:
        present = np.zeros(int(array.max()) + 1, dtype=np.bool_)  # dense numbers need no sort
        present[array] = True
        places = np.cumsum(present) - 1
        return tuple(np.flatnonzero(present).tolist()), places.astype(_narrow(places.size))[array]
    distinct, index = np.unique(array, return_inverse=True)
    return tuple(distinct.tolist()), index.astype(_narrow(distinct.size))


def _narrow(size: int) -> type[np.signedinteger[Any]]:
    """Whole numbers just wide enough to count to `size`."""
    return np.int32 if size <= np.iinfo(np.int32).max else np.int64


def _in_bank(
    ids: tuple[Hashable, ...], index: Indices, bank: Sequence[Hashable]
) -> tuple[tuple[Hashable, ...], Indices]:
    place = {name: i for i, name in enumerate(bank)}
    if len(place) < len(bank):
        raise ValueError("the bank names an item twice")
    unknown = [name for name in ids if name not in place]
    if unknown:
        raise ValueError(f"{len(unknown)} items are not in the bank, for example {unknown[0]!r}")
    return tuple(bank), np.array([place[name] for name in ids], dtype=_narrow(len(bank)))[index]


def _ordered(
    student: Indices, item: Indices, score: NDArray[np.uint8], n_items: int, repeats: Repeats
) -> tuple[Indices, NDArray[np.int32], NDArray[np.uint8]]:
    """Sort by student and item; the sort is stable, so of repeats the first in the lists comes first."""
    kind = _narrow((int(student.max()) + 1) * n_items)
    key = student.astype(kind)
    key *= n_items
    key += item
    if not bool(np.all(key[1:] > key[:-1])):
        order = np.argsort(key, kind="stable")
        key, student, item, score = key[order], student[order], item[order], score[order]
    if bool(np.any(key[1:] == key[:-1])):
        again = np.concatenate([[False], key[1:] == key[:-1]])
        if repeats != "first":
            raise ValueError(f"{int(again.sum())} answers repeat a student and item; repeats='first' keeps the first")
        student, item, score = student[~again], item[~again], score[~again]
    return student, item.astype(np.int32, copy=False), score


def _weights(ids: tuple[Hashable, ...], weights: Mapping[Any, float] | None) -> NDArray[np.float64]:
    if weights is None:
        return np.ones(len(ids))
    _known(weights, ids)
    weight = np.array([weights.get(name, 1.0) for name in ids], dtype=np.float64)
    if not bool(np.all((weight >= 0.0) & (weight < np.inf))) or not weight.sum() > 0.0:
        raise ValueError("weights of students must be finite, not negative, and not all zero")
    return weight


def _groups(
    ids: tuple[Hashable, ...], groups: Mapping[Any, Hashable] | None, order: Sequence[Hashable] | None
) -> tuple[tuple[Hashable, ...], NDArray[np.int64]]:
    if groups is None:
        return ("all",), np.zeros(len(ids), dtype=np.int64)
    _known(groups, ids)
    missing = [name for name in ids if name not in groups]
    if missing:
        raise ValueError(f"{len(missing)} students have no group, for example {missing[0]!r}")
    names = tuple(dict.fromkeys(groups[name] for name in ids)) if order is None else tuple(order)
    place = {name: i for i, name in enumerate(names)}
    used = {groups[name] for name in ids}
    if used != set(place):
        raise ValueError("group_order must name every group that has answers, and no other")
    return names, np.array([place[groups[name]] for name in ids], dtype=np.int64)


def _known(by_student: Mapping[Any, Any], ids: tuple[Hashable, ...]) -> None:
    unknown = set(by_student) - set(ids)
    if unknown:
        raise ValueError(f"{len(unknown)} students have no answers, for example {next(iter(unknown))!r}")
