"""The report of an import: totals first, then what happened to each thing."""

import json
from collections import Counter
from collections.abc import Iterator

from content.formats.oatutor.results import KINDS, OUTCOMES, Import, Kind

_PLURALS = {"problem": "problems", "step": "steps", "hint": "hints", "file": "files"}


def report_text(imported: Import) -> str:
    """Write the report for people: totals, reasons, then every entry."""
    return "\n".join([*_totals(imported), "", *_reasons(imported), "", *_items(imported)]) + "\n"


def report_json(imported: Import) -> str:
    """Write the report for programs.

    The record has ``totals`` (kind, then outcome), ``reasons`` (kind, outcome, phrase, count), ``items`` and ``skills``
    (of the bank) and ``entries``.
    """
    record = {
        "totals": {kind: {outcome: imported.count(kind, outcome) for outcome in OUTCOMES} for kind in KINDS},
        "reasons": [
            {"kind": kind, "outcome": outcome, "reason": phrase, "count": count}
            for (kind, outcome, phrase), count in _counted(imported)
        ],
        "items": len(imported.bank.items),
        "skills": len(imported.bank.skills),
        "entries": [
            {"kind": entry.kind, "id": entry.id, "outcome": entry.outcome, "reason": entry.reason}
            for entry in imported.entries
        ],
    }
    return json.dumps(record, ensure_ascii=False, indent=1) + "\n"


def totals_text(imported: Import) -> str:
    """Write the totals and reasons alone."""
    return "\n".join([*_totals(imported), "", *_reasons(imported)]) + "\n"


def _totals(imported: Import) -> Iterator[str]:
    bank = imported.bank
    yield f"{bank.title}: {len(bank.items)} items of {len(bank.skills)} skills"
    yield ""
    yield f"{'':10}" + "".join(f"{heading:>11}" for heading in (*OUTCOMES, "in all"))
    for kind in KINDS:
        counts = [imported.count(kind, outcome) for outcome in OUTCOMES]
        yield f"{_PLURALS[kind]:10}" + "".join(f"{count:>11,}" for count in (*counts, sum(counts)))


def _counted(imported: Import) -> list[tuple[tuple[Kind, str, str], int]]:
    """Count entries by kind, outcome and first reason, the most frequent first."""
    counts = Counter((entry.kind, entry.outcome, entry.phrase) for entry in imported.entries)
    order: dict[str, int] = {name: place for place, name in enumerate((*KINDS, *OUTCOMES))}
    return sorted(counts.items(), key=lambda row: (order[row[0][0]], order[row[0][1]], -row[1], row[0][2]))


def _reasons(imported: Import) -> Iterator[str]:
    yield "By outcome and reason"
    for (kind, outcome, phrase), count in _counted(imported):
        yield f"{count:>7,}  {kind} {outcome}: {phrase}"


def _items(imported: Import) -> Iterator[str]:
    yield "Item by item"
    for entry in imported.entries:
        yield f"{entry.kind} {_one_line(entry.id)}: {entry.outcome}. {_one_line(entry.reason)}"


def _one_line(text: str) -> str:
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
