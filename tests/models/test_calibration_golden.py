"""Calibration against R's mirt 1.45.1 on real answers."""

from __future__ import annotations

import csv
import gzip

import numpy as np
import pytest
from numpy.typing import NDArray

from models.calibration import POINTS, Calibration, calibrate
from models.em_layout import Kind, Layout, row_of, shards
from models.em_loop import Problem, e_step, fit
from models.em_priors import NONE, Priors, log_density
from models.em_update import State
from models.executors import InThisProcess
from models.irt import ItemParams
from models.polytomous import PolyParams
from models.responses import Responses
from tests.shared_data import shared

ANSWERS = {
    "lsat6": "lsat6",
    "sat12": "sat12_scored",
    "science": "science4",
    "timss11": "timss11_G4_AUT_dich",
}
GUESSING_ONLY = Priors(slope=None, difficulty=None)


def rows(name: str) -> list[dict[str, str]]:
    with shared(f"golden/{name}.csv").open() as file:
        return list(csv.DictReader(file))


def log_likelihood(name: str) -> float:
    return float(rows(f"{name}_fit")[0]["logLik"])


def answers(name: str) -> Responses:
    with gzip.open(shared(f"responses/{ANSWERS[name]}.csv.gz"), "rt") as file:
        header, *lines = csv.reader(file)
    table = np.array([[np.nan if cell in ("", "NA") else float(cell) for cell in line] for line in lines])
    return Responses.from_table(table - 1.0 if name == "science" else table, header)


def fitted(name: str, kind: Kind, *, errors: bool = False) -> Calibration:
    found = calibrate(answers(name), kind, priors=None, errors=errors, tolerance=1e-5)
    assert found.report.converged
    return found


@pytest.mark.parametrize("name", ["lsat6", "sat12", "timss11"])
def test_two_parameter_items_come_out_as_in_mirt(name: str) -> None:
    found = fitted(name, "2PL")
    assert found.log_likelihood == pytest.approx(log_likelihood(f"{name}_2PL"), abs=0.01)
    for item, reference in zip(found.items.values(), rows(f"{name}_2PL_items"), strict=True):
        a, b = float(reference["a"]), float(reference["b"])
        assert item.slope == pytest.approx(a, abs=0.005)
        if a < 0.2:
            assert item.intercepts[0] == pytest.approx(-a * b, abs=0.005)
        else:
            assert item.params is not None
            assert item.params.b == pytest.approx(b, abs=0.005)


def test_an_item_that_ranks_students_backwards_is_flagged_and_gets_no_parameters() -> None:
    found = fitted("timss11", "2PL")
    assert found.items["M051075"].flags == ("backwards",)
    assert found.items["M051075"].params is None
    assert found.items["M051203"].flags == ("flat",)


def test_rasch_items_come_out_as_in_mirt() -> None:
    found = fitted("lsat6", "1PL")
    assert found.log_likelihood == pytest.approx(log_likelihood("lsat6_Rasch"), abs=0.01)
    variance = float(rows("lsat6_Rasch_se")[-1]["par"])
    for item, reference in zip(found.items.values(), rows("lsat6_Rasch_items"), strict=True):
        assert item.slope**2 == pytest.approx(variance, abs=0.005)
        assert item.intercepts[0] == pytest.approx(-float(reference["b"]), abs=0.005)


@pytest.mark.parametrize(("name", "kind"), [("Rasch", "1PL"), ("2PL", "2PL")])
def test_standard_errors_come_out_as_in_mirt(name: str, kind: Kind) -> None:
    found = fitted("lsat6", kind, errors=True)
    reference = {row[""]: row["SE"] for row in rows(f"lsat6_{name}_se")}
    for place, item in enumerate(found.items.values(), start=1):
        assert item.a_se is not None
        assert item.intercept_se is not None
        assert item.intercept_se[0] == pytest.approx(float(reference[f"Item.{place}.d"]), abs=0.005)
        if kind == "2PL":
            assert item.a_se == pytest.approx(float(reference[f"Item.{place}.a1"]), abs=0.005)
        else:  # the common slope is the root of Rasch's variance
            assert 2.0 * item.slope * item.a_se == pytest.approx(float(reference["GroupPars.COV_11"]), abs=0.005)


@pytest.mark.parametrize(("name", "kind"), [("graded", "GRM"), ("gpcm", "GPCM"), ("Rasch", "PCM")])
def test_items_with_several_scores_come_out_as_in_mirt(name: str, kind: Kind) -> None:
    found = fitted("science", kind)
    assert found.log_likelihood == pytest.approx(log_likelihood(f"science_{name}"), abs=0.01)
    for item, reference in zip(found.items.values(), rows(f"science_{name}_items"), strict=True):
        thresholds = [float(reference[f"b{k}"]) for k in (1, 2, 3)]
        if name == "Rasch":  # slope 1 and a free variance there, a common slope and variance 1 here
            assert -np.array(item.intercepts) == pytest.approx(thresholds, abs=0.005)
            continue
        assert item.params is not None
        assert item.params.b == pytest.approx(thresholds, abs=0.005)
        if (name, reference["item"]) != ("gpcm", "Future"):  # there mirt had not finished; see the next test
            assert item.slope == pytest.approx(float(reference["a"]), abs=0.005)


@pytest.mark.parametrize(
    ("data", "name", "kind", "priors"),
    [("sat12", "sat12_3PL_beta5_17", "3PL", GUESSING_ONLY), ("science", "science_gpcm", "GPCM", NONE)],
)
def test_where_mirt_stopped_short_our_likelihood_is_its_own_and_our_fit_goes_on_from_there(
    data: str, name: str, kind: Kind, priors: Priors
) -> None:
    """These two references are not at a maximum: 3PL ended after 8 cycles, GPCM at the limit of 500.

    At mirt's parameters our log-likelihood must be mirt's. Our EM started there must climb, and end where it ends
    from our own start.
    """
    responses, found = answers(data), calibrate(answers(data), kind, priors=priors, tolerance=1e-5)
    problem = the_problem(responses, kind, priors)
    theirs = State(golden_params(name, kind), np.zeros((1, 2)))
    _, there = e_step(problem, theirs)
    assert there == pytest.approx(log_likelihood(name), abs=0.01)
    climbed = fit(problem, theirs, tolerance=1e-5, most_cycles=500)
    assert climbed.converged
    gained = log_density(priors, problem.layout, climbed.state.params) - log_density(
        priors, problem.layout, theirs.params
    )
    assert climbed.log_likelihood + gained > there
    assert climbed.log_likelihood == pytest.approx(found.log_likelihood, abs=0.01)
    assert climbed.state.params[:, 0] == pytest.approx([item.slope for item in found.items.values()], abs=0.005)


def golden_params(name: str, kind: Kind) -> NDArray[np.float64]:
    reference = rows(f"{name}_items")
    if kind == "3PL":
        return np.array(
            [row_of(ItemParams("3PL", float(row["a"]), float(row["b"]), float(row["g"])), 3) for row in reference]
        )
    thresholds = [tuple(float(row[f"b{k}"]) for k in (1, 2, 3)) for row in reference]
    return np.array(
        [row_of(PolyParams("GPCM", float(row["a"]), b), 4) for row, b in zip(reference, thresholds, strict=True)]
    )


def the_problem(responses: Responses, kind: Kind, priors: Priors) -> Problem:
    n_items = len(responses.items)
    scores = np.full(n_items, int(responses.score.max()) + 1)
    layout = Layout.build([kind] * n_items, scores, 1, np.zeros(n_items, dtype=np.bool_))
    executor = InThisProcess()
    placed = executor.place(shards(responses, layout, 1))
    return Problem(layout, priors, np.linspace(-6.0, 6.0, POINTS), np.float64, executor, placed)
