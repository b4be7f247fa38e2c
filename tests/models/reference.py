"""Data sets scored and checked by R's mirt 1.45.1, as our own types."""

import csv
import gzip
from dataclasses import dataclass
from functools import cache

import numpy as np

from models.ability import Normal
from models.answer_table import AnswerTable
from models.irt import ItemParams
from models.polytomous import PolyParams
from tests.shared_data import shared

RESPONSES = {
    "lsat6": "lsat6.csv.gz",
    "sat12": "sat12_scored.csv.gz",
    "science": "science4.csv.gz",
    "timss11": "timss11_G4_AUT_dich.csv.gz",
}
# The first is in the file of standard errors; the second is not in the files and was found by maximising the
# marginal likelihood, which it does at the file's own log-likelihood.
RASCH_VARIANCE = {"lsat6_Rasch": 0.570241664304521, "science_Rasch": 1.002525521562793}


@dataclass(frozen=True)
class Reference:
    """A calibration with the answers it was made from."""

    responses: AnswerTable
    items: list
    prior: Normal
    names: list


def columns(name):
    """A golden file's columns by name; texts stay texts, NA and Inf become numbers."""
    with shared(f"golden/{name}").open() as file:
        rows = list(csv.DictReader(file))
    return {key: _numbers([row[key] for row in rows]) for key in rows[0]}


@cache
def reference(name):
    """Answers, items and population of a golden calibration such as "sat12_2PL"."""
    table = columns(f"{name}_items.csv")
    matrix = _matrix(RESPONSES[name.split("_")[0]])
    if "g" not in table:
        model = "GRM" if name.endswith("graded") else "GPCM"
        thresholds = zip(table["b1"], table["b2"], table["b3"], strict=True)
        items = [PolyParams(model, a, b) for a, b in zip(table["a"], thresholds, strict=True)]
        matrix = matrix - 1.0
    else:
        kept = np.asarray(table["a"]) > 0.0  # a student ranked backwards by an item is scored without it
        seen = (~np.isnan(matrix[:, ~kept])).any(axis=1)
        matrix[np.ix_(seen, kept)] = np.nan
        matrix = matrix[:, kept]
        items = [
            ItemParams("3PL" if g else "2PL", a, b, g)
            for a, b, g in zip(*(np.asarray(table[key])[kept] for key in "abg"), strict=True)
        ]
    return Reference(AnswerTable.from_matrix(matrix), items, Normal(0.0, RASCH_VARIANCE.get(name, 1.0)), table["item"])


def _matrix(name):
    with gzip.open(shared(f"responses/{name}"), "rt") as file:
        rows = list(csv.reader(file))[1:]
    return np.array([[np.nan if cell in ("NA", "") else float(cell) for cell in row] for row in rows])


def _numbers(cells):
    try:
        return np.array([np.nan if cell == "NA" else float(cell) for cell in cells])
    except ValueError:
        return cells
