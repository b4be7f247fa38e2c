"""Answers of many students to many items, kept sparse: a student sees a small part of a bank."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray

from models.curves import Curve, Item, curve, scores

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False, slots=True)
class AnswerTable:
    """One row for each answer, ordered by item.

    Build it with `from_answers` or `from_matrix`, which put the answers in order.

    Parameters
    ----------
    n_students, n_items : int
    student, item : ndarray of int, shape (n_answers,)
        Indices from 0; `item` ascends.
    score : ndarray of int, shape (n_answers,)
        0 or 1 for right-or-wrong items, 0 to K - 1 for items with K scores.
    """

    n_students: int
    n_items: int
    student: Ints
    item: Ints
    score: Ints

    @classmethod
    def from_answers(
        cls, student: ArrayLike, item: ArrayLike, score: ArrayLike, *, n_students: int, n_items: int
    ) -> AnswerTable:
        """Put answers in order by item.

        Raises
        ------
        ValueError
            If the columns differ in length, an index is out of range or a score is negative.

        Examples
        --------
        >>> AnswerTable.from_answers([0, 1], [1, 0], [1, 0], n_students=2, n_items=2).item
        array([0, 1])
        """
        who, what, how = (np.asarray(column, dtype=np.int64) for column in (student, item, score))
        if not who.shape == what.shape == how.shape or who.ndim != 1:
            raise ValueError("students, items and scores must be columns of the same length")
        for name, index, count in (("student", who, n_students), ("item", what, n_items)):
            if np.any((index < 0) | (index >= count)):
                raise ValueError(f"a {name} index is outside 0 to {count - 1}")
        if np.any(how < 0):
            raise ValueError("a score cannot be negative")
        order = np.lexsort((who, what))
        return cls(n_students, n_items, who[order], what[order], how[order])

    @classmethod
    def from_matrix(cls, matrix: ArrayLike) -> AnswerTable:
        """Answers of a table with a row for each student and a column for each item; NaN where not seen.

        Examples
        --------
        >>> AnswerTable.from_matrix([[1, 0], [float("nan"), 1]]).score
        array([1, 0, 1])
        """
        table = np.asarray(matrix, dtype=np.float64)
        student, item = np.nonzero(~np.isnan(table))
        return cls.from_answers(student, item, table[student, item], n_students=table.shape[0], n_items=table.shape[1])

    def matrix(self) -> Floats:
        """Return the answers as a table of students by items, NaN where not seen."""
        table = np.full((self.n_students, self.n_items), np.nan)
        table[self.student, self.item] = self.score
        return table

    def slices(self) -> list[slice]:
        """Return where each item's answers lie in the columns."""
        edges = np.searchsorted(self.item, np.arange(self.n_items + 1))
        return [slice(int(low), int(high)) for low, high in pairwise(edges)]

    def per_student(self, values: Floats) -> Floats:
        """Sum of a value of each answer over a student's answers, of shape (n_students,)."""
        return np.bincount(self.student, values, minlength=self.n_students).astype(np.float64)

    def per_item(self, values: Floats) -> Floats:
        """Sum of a value of each answer over an item's answers, of shape (n_items,)."""
        return np.bincount(self.item, values, minlength=self.n_items).astype(np.float64)

    def check(self, items: Sequence[Item]) -> None:
        """Refuse items that these answers cannot belong to.

        Raises
        ------
        ValueError
            If the number of items differs or a score is above an item's highest.
        """
        if len(items) != self.n_items:
            raise ValueError(f"{self.n_items} items were answered, but parameters are given for {len(items)}")
        highest = np.array([scores(item) for item in items], dtype=np.int64)
        if np.any(self.score >= highest[self.item]):
            raise ValueError("a score is above the highest score of its item")

    def curves(self, items: Sequence[Item], theta: Floats) -> list[Curve]:
        """Curve of each item at the abilities of the students who answered it, in the answers' order.

        Parameters
        ----------
        items : sequence of ItemParams or PolyParams
        theta : ndarray of shape (n_students,)
        """
        return [curve(theta[self.student[where]], item) for where, item in zip(self.slices(), items, strict=True)]
