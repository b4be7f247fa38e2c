"""Simulated answers for the calibration benchmark, and how near an estimate comes to what they were drawn from."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from models.irt import ItemParams, p_correct
from models.polytomous import PolyParams, category_chances

SPREAD = np.array([-1.2, -0.4, 0.4, 1.2])
"""Logits of the four thresholds around an item's difficulty."""


@dataclass(frozen=True, slots=True)
class Case:
    """One data set and who is compared on it.

    Parameters
    ----------
    title : str
    kind : {"2PL", "3PL", "GRM", "GPCM"}
    students, items : int
    seen : float
        Share of the table that was answered.
    fast, slow : tuple of str
        Peers that take their turn in every round, and those that run once.
    errors : bool
        Whether the standard errors are timed too.
    """

    title: str
    kind: str
    students: int
    items: int
    seen: float
    fast: tuple[str, ...]
    slow: tuple[str, ...] = ()
    errors: bool = False


def simulate(case: Case, path: Path) -> dict[str, np.ndarray]:
    """Write a case's answers to a file in narrow numbers; the true a, b and c."""
    rng = np.random.default_rng(11)
    theta = rng.normal(size=case.students)
    items = [_item(case.kind, rng) for _ in range(case.items)]
    asked = rng.random((case.students, case.items)) < case.seen
    scores = np.empty(asked.shape, dtype=np.int8)
    for place, item in enumerate(items):
        scores[:, place] = _scores(item, theta, rng)
    student, item_of = np.nonzero(asked)
    np.savez(
        path, student=student.astype(np.int32), item=item_of.astype(np.uint16), score=scores[asked],
        n=case.students, j=case.items,
    )  # fmt: skip  # the file's fields belong together
    return {
        "a": np.array([item.a for item in items]),
        "b": np.array([np.atleast_1d(item.b) for item in items]),
        "c": np.array([getattr(item, "c", 0.0) for item in items]),
    }


def _item(kind: str, rng: np.random.Generator) -> ItemParams | PolyParams:
    a, b = float(rng.lognormal(0.0, 0.3)), float(rng.normal())
    if kind == "2PL":
        return ItemParams("2PL", a, b)
    if kind == "3PL":
        return ItemParams("3PL", a, b, float(rng.beta(5, 17)))
    return PolyParams("GRM" if kind == "GRM" else "GPCM", a, tuple((0.7 * b + SPREAD).tolist()))


def _scores(item: ItemParams | PolyParams, theta: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    draw = rng.random(theta.size)
    if isinstance(item, ItemParams):
        return draw < p_correct(theta, item)
    return (draw[:, None] > np.cumsum(category_chances(theta, item), axis=1)[:, :-1]).sum(axis=1)


def as_wide_csv(path: Path) -> None:
    """Write the same answers as a table with holes, for R."""
    with np.load(path) as data:
        table = np.full((int(data["n"]), int(data["j"])), "NA", dtype="<U2")
        table[data["student"], data["item"]] = data["score"].astype("<U2")
    heading = ",".join(f"i{place}" for place in range(table.shape[1]))
    np.savetxt(path.with_suffix(".csv"), table, fmt="%s", delimiter=",", header=heading, comments="")


def recovered(found: dict[str, Any], true: dict[str, np.ndarray]) -> dict[str, float]:
    """RMSE and correlation of a and b, RMSE of c, and how often the 95% intervals hold the truth."""
    said: dict[str, float] = {}
    for name in ("a", "b"):
        estimate, truth = np.reshape(found[name], true[name].shape), true[name]
        said[f"rmse_{name}"] = float(np.sqrt(np.mean((estimate - truth) ** 2)))
        said[f"r_{name}"] = float(np.corrcoef(estimate.ravel(), truth.ravel())[0, 1])
        if f"{name}_se" in found:
            error = np.reshape(found[f"{name}_se"], truth.shape)
            said[f"covered_{name}"] = float(np.mean(np.abs(estimate - truth) <= 1.96 * error))
    if "c" in found and true["c"].any():
        said["rmse_c"] = float(np.sqrt(np.mean((np.array(found["c"]) - true["c"]) ** 2)))
    return said
