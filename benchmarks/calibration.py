"""How long a calibration takes beside other packages, and how near it comes to the truth.

Simulated answers; every contestant runs in a process of its own on the same file, warms up, and only its fit is timed.
Ours and the fast peers take turns; ratios are taken turn by turn, and their medians are given. The slow peers run once.
R's mirt takes part where R has it.

Run ``python -m benchmarks.calibration [--quick] [--drill] [--only CASE]``. --quick measures 10,000 x 200 sparse beside
the two fast peers and pyirt on a small table; --drill checks the standard errors' intervals on 200 simulated schools.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks import calibration_peers as peers
from benchmarks.calibration_cases import Case, as_wide_csv, recovered, simulate
from benchmarks.calibration_drill import drill

FAST = ("mirt", "theta-irt")
CASES = {
    "sparse_10k": Case("2PL 10,000 x 200, 10% seen", "2PL", 10_000, 200, 0.1, FAST, ("pyirt", "girth"), errors=True),
    "1k": Case("2PL 1,000 x 50", "2PL", 1_000, 50, 1.0, FAST, ("pyirt", "girth"), errors=True),
    "full_10k": Case("2PL 10,000 x 200", "2PL", 10_000, 200, 1.0, (), FAST),
    "3pl": Case("3PL 5,000 x 50", "3PL", 5_000, 50, 1.0, (), ("mirt", "theta-irt"), errors=True),
    "grm": Case("GRM 5,000 x 30, 5 scores", "GRM", 5_000, 30, 1.0, ("mirt",), ("girth",), errors=True),
    "gpcm": Case("GPCM 5,000 x 30, 5 scores", "GPCM", 5_000, 30, 1.0, ("mirt",), errors=True),
    "100k": Case("2PL 100,000 x 500, 10% seen", "2PL", 100_000, 500, 0.1, (), FAST),
}
QUICK = {
    "sparse_10k": Case("2PL 10,000 x 200, 10% seen", "2PL", 10_000, 200, 0.1, FAST, errors=True),
    "small": Case("2PL 500 x 50, 20% seen", "2PL", 500, 50, 0.2, (), ("pyirt",)),
}
LEFT_OUT = "not run: girth on 10,000 x 200 full and on 100,000 x 500, pyirt beyond 10,000 sparse: minutes to hours each"
HEADS = ("s", "with_errors_s", "ratio", "rmse_a", "rmse_b", "rmse_c", "r_a", "r_b", "covered_a", "covered_b", "mb")
Row = dict[str, float]


def compare(case: Case, turns: int, absent: set[str]) -> dict[str, Row | str]:
    """What each contestant of a case came to; a text says why one did not."""
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "answers.npz"
        true = simulate(case, data)
        names = ["ours", *(name for name in case.fast + case.slow if name not in absent)]
        if peers.has_r_mirt() and case.kind == "2PL":
            as_wide_csv(data)
            names.append("R mirt")
        told: dict[str, list[dict[str, Any]]] = {name: [] for name in names}
        for turn in range(turns if case.fast else 1):
            for name in names:
                if name == "ours" or name in case.fast or turn == 0:
                    # Ours ends within a second, so in one process it is timed often enough for a median.
                    told[name].append(peers.run(name, data, case.kind, 7 if name == "ours" else 1, _errors(case, name)))
    return {name: _row(results, told["ours"], true) for name, results in told.items()}


def _errors(case: Case, name: str) -> bool:
    return case.errors and name in peers.WITH_ERRORS


def _row(results: list[dict[str, Any]], ours: list[dict[str, Any]], true: dict[str, Any]) -> Row | str:
    failed = [str(found["failed"]) for found in results if "failed" in found]
    if failed:
        return failed[0]
    row = {name: median(found[name] for found in results) for name in ("s", "with_errors_s") if name in results[0]}
    for name, of in (("ratio", "s"), ("ratio_errors", "with_errors_s")):
        if of in results[0] and all(of in found for found in ours):
            row[name] = median(found[of] / own[of] for found, own in zip(results, ours, strict=False))
    return row | {"mb": max(found["mb"] for found in results)} | recovered(results[0], true)


def show(title: str, rows: dict[str, Row | str]) -> None:
    """Print a table."""
    print(f"{title:<28}" + "".join(f"{head.replace('with_errors_s', 'and SE, s'):>10}" for head in HEADS))
    for name, row in rows.items():
        if isinstance(row, str):
            print(f"  {name:<26}failed: {row}")
        else:
            print(f"  {name:<26}" + "".join(f"{_cell(head, row.get(head)):>10}" for head in HEADS))


def _cell(head: str, value: float | None) -> str:
    if value is None or value != value:
        return "-"
    return f"{value:.0f}" if head == "mb" else f"{value:.1f}" if head == "ratio" else f"{value:.3f}"


def figures(tables: dict[str, dict[str, Row | str]]) -> dict[str, float]:
    """The keys of the targets, as far as they were measured."""
    found: dict[str, float] = {}
    for case, key in (("sparse_10k", "ratio_sparse_10k"), ("100k", "ratio_100k")):
        ratios = [row["ratio"] for name, row in _rows(tables, case).items() if name in FAST]
        if len(ratios) == len(FAST):
            found[key] = min(ratios)
    for case, rows in tables.items():
        ours = _rows(tables, case).get("ours")
        for name, row in _rows(tables, case).items():
            if case == "sparse_10k" and name in ("pyirt", "girth"):
                found[f"ratio_{name}"] = row["ratio"]
            elif name != "ours" and case not in ("sparse_10k", "100k"):
                found[f"ratio_{case}_{name}"] = row["ratio"]
            elif name == "R mirt":
                found[f"ratio_r_mirt_{case}"] = row["ratio"]
        best = [row for name, row in _rows(tables, case).items() if name != "ours"]
        if ours and best and len(best) == len(rows) - 1:
            for name in ("rmse_a", "rmse_b"):
                found[f"{name}_{case}"] = ours[name]
                found[f"{name}_{case}_over_best"] = ours[name] / min(row[name] for row in best)
    mirt, ours = (_rows(tables, "sparse_10k").get(name) for name in ("mirt", "ours"))
    if mirt and ours:
        found["se_s_ratio"] = mirt["ratio_errors"]
    if large := _rows(tables, "100k").get("ours"):
        found["peak_mb"] = large["mb"]
    return {name: round(value, 4 if "rmse" in name else 2) for name, value in found.items()}


def _rows(tables: dict[str, dict[str, Row | str]], case: str) -> dict[str, Row]:
    return {name: row for name, row in tables.get(case, {}).items() if not isinstance(row, str)}


def main() -> None:
    """Print the tables and, as the last line, the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="10,000 x 200 sparse, and pyirt on a small table")
    parser.add_argument("--drill", action="store_true", help="coverage of the intervals in 200 simulated schools")
    parser.add_argument("--only", choices=list(CASES), action="append", help="only this case; may be repeated")
    asked = parser.parse_args()
    if asked.drill:
        print(json.dumps({"benchmark": "calibration", "figures": drill(), "peers": {}}))
        return
    absent = peers.install()
    for name, why in absent.items():
        print(f"{name} cannot be installed: {why}")
    cases = QUICK if asked.quick else {name: CASES[name] for name in asked.only or CASES}
    tables = {}
    for name, case in cases.items():
        tables[name] = compare(case, 1 if asked.quick else 3, set(absent))
        show(case.title, tables[name])
    print(LEFT_OUT if peers.has_r_mirt() else f"{LEFT_OUT}; R's mirt: R or its mirt is not on this machine")
    versions = {name: package.split("==")[1] for name, package in peers.PACKAGES.items() if name not in absent}
    print(json.dumps({"benchmark": "calibration", "figures": figures(tables), "peers": versions}))


if __name__ == "__main__":
    main()
