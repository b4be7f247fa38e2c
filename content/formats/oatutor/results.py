"""What an import gives: the bank, and one entry for every single thing that lay in the folder."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Literal

from content.schema import Bank

Kind = Literal["problem", "step", "hint", "file"]
Outcome = Literal["taken", "changed", "not taken"]

KINDS: tuple[Kind, ...] = ("problem", "step", "hint", "file")
OUTCOMES: tuple[Outcome, ...] = ("taken", "changed", "not taken")
AS_IT_IS = "as it is"


@dataclass(frozen=True, slots=True)
class Entry:
    """What became of one problem, step, hint or file.

    Parameters
    ----------
    id : str
        As the source names it; a file by its path in the folder. Distinct within a kind: a repeated one gets "(2)".
    outcome : {"taken", "changed", "not taken"}
    reason : str
        Clauses parted by semicolons, each ``short phrase: detail`` or a phrase alone.
    """

    kind: Kind
    id: str
    outcome: Outcome
    reason: str

    @property
    def phrase(self) -> str:
        """The short phrase of the first clause, by which the report counts."""
        return self.reason.split(";")[0].split(":")[0].strip()


@dataclass(frozen=True, slots=True)
class Import:
    """A bank made from a folder, and the account of the folder."""

    bank: Bank
    entries: tuple[Entry, ...]

    def count(self, kind: Kind, outcome: Outcome) -> int:
        """Count the entries of a kind with an outcome."""
        return sum(entry.kind == kind and entry.outcome == outcome for entry in self.entries)


@dataclass(slots=True)
class Ledger:
    """The account while it is being written; no id is entered twice within its kind."""

    entries: list[Entry] = field(default_factory=list)
    _seen: Counter[tuple[Kind, str]] = field(default_factory=Counter)

    def enter(self, kind: Kind, id_: str, outcome: Outcome, *clauses: str) -> Entry:
        """Write one entry; a repeated id is numbered and says so."""
        self._seen[kind, id_] += 1
        times = self._seen[kind, id_]
        if times > 1:
            clauses = (*clauses, f"id used before: {id_}")
            id_ = f"{id_} ({times})"
        entry = Entry(kind, id_, outcome, "; ".join(clause for clause in clauses if clause) or AS_IT_IS)
        self.entries.append(entry)
        return entry

    def noted(self, kind: Kind, id_: str, changes: tuple[str, ...], remarks: tuple[str, ...] = ()) -> Entry:
        """Enter something that was taken; it counts as changed when there are changes."""
        return self.enter(kind, id_, "changed" if changes else "taken", *changes, *remarks)
