"""What the server acknowledged, against what its database holds.

The client enters an answer when its response has arrived. Afterwards every entry must be in the database exactly once,
and the counters that are kept by the write must add up to what is stored.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from pysqlite3 import dbapi2 as sqlite

from content import answers, serial
from content.generators import realise
from content.schema import Generator, Item

Fields = dict[str, str]


class Books:
    """Reads a school's database beside the running server."""

    def __init__(self, database: Path) -> None:
        # Without transactions of its own, every look sees what is stored now.
        self._connection = sqlite.connect(database, timeout=10, isolation_level=None)
        self._content = cache(self._read_content)

    def close(self) -> None:
        """Let go of the database."""
        self._connection.close()

    def keys_of(self, servings: Iterable[int]) -> dict[int, Fields]:
        """Form fields of the right answer to each of these servings."""
        return {serving: answers.key(item, seed=seed) for serving, item, seed in self._served(servings)}

    def misses_of(self, servings: Iterable[int]) -> dict[int, Fields]:
        """Form fields of a wrong answer to each of these servings that has one."""
        found = ((serving, answers.wrong(item, seed=seed)) for serving, item, seed in self._served(servings))
        return {serving: fields for serving, fields in found if fields is not None}

    def key_of(self, version: int, seed: int) -> Fields:
        """Form fields of the right answer to an item's version with these numbers."""
        return answers.key(realise(self._content(version), seed), seed=seed)

    def in_order(self, student: int) -> list[str]:
        """Identifiers of a student's answers in the order in which they were stored."""
        return [row[0] for row in self._rows("SELECT client_id FROM answers WHERE student_id = ? ORDER BY id", student)]

    def stored(self) -> Counter[tuple[int, str]]:
        """How often each answer is stored, by student and the identifier that the student's page made."""
        return Counter({(row[0], row[1]): row[2] for row in self._rows(_STORED)})

    def counted(self) -> int:
        """Answers as the sittings have counted them."""
        return int(self._rows("SELECT coalesce(sum(answered), 0) FROM sittings")[0][0])

    def first_responses(self) -> int:
        """Servings with at least one readable answer: what the counters should add up to."""
        return int(self._rows(_FIRST_RESPONSES)[0][0])

    def _served(self, servings: Iterable[int]) -> list[tuple[int, Item, int]]:
        rows = self._rows(_SERVED, json.dumps(list(servings)))
        return [(serving, realise(self._content(version), seed), seed) for serving, version, seed in rows]

    def _read_content(self, version: int) -> Item | Generator:
        return serial.load(json.loads(self._rows("SELECT body FROM item_versions WHERE id = ?", version)[0][0]))

    def _rows(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        return list(self._connection.execute(statement, values))


_SERVED = "SELECT id, version_id, seed FROM servings WHERE id IN (SELECT value FROM json_each(?))"
_STORED = "SELECT student_id, client_id, count(*) FROM answers GROUP BY student_id, client_id"
_FIRST_RESPONSES = "SELECT count(DISTINCT serving_id) FROM answers WHERE status IN ('right', 'wrong')"


@dataclass(slots=True)
class Ledger:
    """Answers that were acknowledged, by student and identifier."""

    acknowledged: set[tuple[int, str]] = field(default_factory=set)

    def enter(self, student: int, client_id: str) -> None:
        """Note that the server has said: saved."""
        self.acknowledged.add((student, client_id))


@dataclass(frozen=True, slots=True)
class Balance:
    """A ledger against the database.

    Parameters
    ----------
    lost : int
        Acknowledged but not stored.
    doubled : int
        Stored more often than once, or counted more often than stored.
    unasked : int
        Stored although the client never heard of it: possible after a kill, never otherwise.
    uncounted : int
        Stored but missing from the sittings' counters.
    """

    acknowledged: int
    stored: int
    lost: int
    doubled: int
    unasked: int
    uncounted: int

    @property
    def even(self) -> bool:
        """Whether every acknowledged answer is there once and the counters agree."""
        return not (self.lost or self.doubled or self.uncounted)


def balance(ledger: Ledger, books: Books) -> Balance:
    """Compare what was acknowledged with what is stored."""
    stored = books.stored()
    counted, first = books.counted(), books.first_responses()
    return Balance(
        acknowledged=len(ledger.acknowledged),
        stored=stored.total(),
        lost=len(ledger.acknowledged - stored.keys()),
        doubled=stored.total() - len(stored) + max(0, counted - first),
        unasked=len(stored.keys() - ledger.acknowledged),
        uncounted=max(0, first - counted),
    )
