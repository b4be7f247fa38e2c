"""Kinds of items side by side, standard errors of each, data without a maximum, and items that settle late."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from models import em_priors
from models.calibration import Calibration, calibrate
from models.em_kernels import score_items
from models.em_layout import Fitted, Kind, Layout, shards
from models.em_loop import Problem, e_step, steady
from models.em_priors import Priors
from models.em_update import State
from models.executors import InThisProcess
from models.irt import ItemParams, p_correct
from models.polytomous import PolyParams, category_chances
from models.responses import Responses

BANK: dict[str, Fitted] = {
    "2PL easy": ItemParams("2PL", 1.2, -0.8),
    "2PL hard": ItemParams("2PL", 0.9, 0.9),
    "3PL": ItemParams("3PL", 1.6, 0.3, 0.2),
    "GRM": PolyParams("GRM", 1.5, (-1.0, 0.1, 1.2)),
    "GPCM": PolyParams("GPCM", 0.8, (-0.9, 0.8)),
    "2PL middle": ItemParams("2PL", 1.5, 0.0),
}
KINDS: dict[str, Kind] = {name: item.model for name, item in BANK.items()}
STEP = 1e-4
GUESSING = Priors(slope=None, difficulty=None)


def drawn(students: int, *, mean: float = 0.0, seed: int = 5) -> NDArray[np.float64]:
    """Scores of students on the bank."""
    rng = np.random.default_rng(seed)
    theta = rng.normal(mean, 1.0, students)
    columns = []
    for item in BANK.values():
        draw = rng.random(students)
        if isinstance(item, PolyParams):
            columns.append((draw[:, None] > np.cumsum(category_chances(theta, item), axis=1)[:, :-1]).sum(axis=1))
        else:
            columns.append(draw < p_correct(theta, item))
    return np.array(columns, dtype=np.float64).T


def schools(students: int) -> Responses:
    """Two groups, the second half a standard deviation ahead."""
    table = np.concatenate([drawn(students), drawn(students, mean=0.5, seed=6)])
    student, item = np.nonzero(np.isfinite(table))
    groups = {s: "ahead" if s >= students else "first" for s in range(2 * students)}
    named = np.array(list(BANK))[item]
    return Responses.from_lists(student, named, table[student, item], bank=list(BANK), groups=groups)


def test_two_parameter_graded_and_partial_credit_items_are_fitted_together() -> None:
    found = calibrate(Responses.from_table(drawn(6000), list(BANK)), KINDS)
    assert found.report.converged
    for name, true in BANK.items():
        params = found.items[name].params
        assert params is not None
        assert params.model == true.model
        assert params.a == pytest.approx(true.a, abs=0.3 if name == "3PL" else 0.15)
        assert np.atleast_1d(params.b) == pytest.approx(np.atleast_1d(true.b), abs=0.2 if name == "3PL" else 0.12)


def numeric_errors(responses: Responses, found: Calibration, priors: Priors, held: list[str]) -> NDArray[np.float64]:
    """Standard errors (a, steps, logit c; NaN where held) from differences of the marginal gradient.

    By Fisher's identity the gradient of the marginal log-likelihood is that of the expected one at the same
    parameters, so this needs none of the code under test.
    """
    scores = np.array([2 if isinstance(item, ItemParams) else item.scores for item in BANK.values()])
    layout = Layout.build(list(KINDS.values()), scores, len(responses.groups), np.array([n in held for n in BANK]))
    executor = InThisProcess()
    placed = executor.place(shards(responses, layout, 1))
    theta = np.linspace(-6.0, 6.0, 61)
    problem = Problem(layout, priors, theta, np.float64, executor, placed)
    params = np.zeros(layout.used.shape)
    for place, item in enumerate(found.items.values()):
        params[place, 0], params[place, 1 : scores[place]] = item.slope, item.intercepts
        if isinstance(item.params, ItemParams) and item.params.model == "3PL":
            params[place, 2] = np.log(item.params.c / (1.0 - item.params.c))
    latent = np.array([[group.mean, np.log(group.sd)] for group in found.groups.values()])
    state = State(params, latent)
    free_latent = np.ones(latent.shape, dtype=np.bool_)
    free_latent[0] = bool(held)
    free = np.concatenate([(layout.used & ~layout.held[:, None]).ravel(), free_latent.ravel()])

    def gradient(flat: NDArray[np.float64]) -> NDArray[np.float64]:
        at = state.like(flat)
        counts, _ = e_step(problem, at)
        slope, information = score_items(layout.codes, scores, layout.offsets, at.params, theta, counts)
        em_priors.add(priors, layout, at.params, slope, information)
        z = (theta - at.latent[:, :1]) / np.exp(at.latent[:, 1:])
        of_groups = counts[: layout.groups]
        moved = np.stack([(of_groups * z).sum(axis=1) / np.exp(at.latent[:, 1]), (of_groups * (z * z - 1)).sum(axis=1)])
        return np.concatenate([slope.ravel(), moved.T.ravel()])

    places = np.flatnonzero(free)
    curve = np.empty((places.size, places.size))
    for row, place in enumerate(places):
        nudge = np.zeros(free.size)
        nudge[place] = STEP
        curve[row] = (gradient(state.flat() - nudge) - gradient(state.flat() + nudge))[places] / (2.0 * STEP)
    errors = np.full(free.size, np.nan)
    errors[places] = np.sqrt(np.diagonal(np.linalg.inv(0.5 * (curve + curve.T))))
    return errors[: params.size].reshape(params.shape)


@pytest.mark.parametrize("held", [[], ["2PL easy", "GPCM"]])
def test_standard_errors_of_all_kinds_are_those_of_the_likelihoods_curvature(held: list[str]) -> None:
    """Two groups, priors, 2PL, 3PL, GRM and GPCM at once; without and with fixed items."""
    responses, priors = schools(700), Priors()
    fixed = {name: BANK[name] for name in held}
    kinds = {name: kind for name, kind in KINDS.items() if name not in held}
    found = calibrate(responses, kinds, priors=priors, fixed=fixed, errors=True, tolerance=1e-7)
    for item, by_numbers in zip(found.items.items(), numeric_errors(responses, found, priors, held), strict=True):
        name, estimate = item
        if name in held:
            assert estimate.a_se is estimate.b_se is estimate.intercept_se is None
            continue
        assert estimate.a_se == pytest.approx(by_numbers[0], rel=0.01)
        assert estimate.intercept_se == pytest.approx(by_numbers[1 : 1 + len(estimate.intercepts)], rel=0.01)
        if name == "3PL":
            assert isinstance(estimate.params, ItemParams)
            c = estimate.params.c
            assert estimate.c_se == pytest.approx(c * (1.0 - c) * by_numbers[2], rel=0.01)
        else:
            assert estimate.c_se is None


def test_standard_errors_halve_with_four_times_the_students() -> None:
    few = calibrate(Responses.from_table(drawn(1000), list(BANK)), KINDS, priors=GUESSING, errors=True)
    many = calibrate(
        Responses.from_table(np.tile(drawn(1000), (4, 1)), list(BANK)), KINDS, priors=GUESSING, errors=True
    )
    for name in ("2PL easy", "GRM", "GPCM"):
        small, large = few.items[name].a_se, many.items[name].a_se
        assert small is not None
        assert large == pytest.approx(small / 2.0, rel=0.05)


def ladder() -> Responses:
    """Everyone has all items right up to a point and none after it: slopes have no end."""
    return Responses.from_table(np.repeat((np.arange(9)[:, None] > np.arange(8)).astype(np.float64), 30, axis=0))


def test_separable_answers_settle_with_priors_and_keep_their_order() -> None:
    found = calibrate(ladder())
    assert found.report.converged
    b = [item.params.b for item in found.items.values() if isinstance(item.params, ItemParams)]
    assert b == sorted(b)
    assert -3.0 < b[0] < b[-1] < 3.0
    assert all(item.slope < 12.0 for item in found.items.values())


def test_separable_answers_without_priors_end_at_the_bound_and_say_so() -> None:
    found = calibrate(ladder(), priors=None, most_cycles=60)
    assert not found.report.converged
    assert "at bound" in found.items[4].flags
    assert all(np.isfinite(item.slope) and np.all(np.isfinite(item.intercepts)) for item in found.items.values())


def test_an_item_that_nobody_could_do_does_not_keep_the_others_from_having_settled() -> None:
    rng = np.random.default_rng(7)
    theta, b = rng.normal(size=400), np.linspace(-1.5, 1.5, 8)
    table = (rng.random((400, 8)) < 1.0 / (1.0 + np.exp(b - theta[:, None]))).astype(np.float64)
    table[:, 2] = 0.0
    kinds: dict[int, Kind] = {i: "3PL" if i == 2 else "2PL" for i in range(8)}
    found = calibrate(Responses.from_table(table), kinds, tolerance=2e-3, most_cycles=12)
    assert found.report.unsettled == (2,)
    assert found.report.converged
    assert found.items[2].flags == ("all wrong", "unsettled")
    assert found.items[3].settled
    early = calibrate(Responses.from_table(table), kinds, tolerance=2e-3, most_cycles=5)
    assert not early.report.converged


@pytest.mark.parametrize(
    ("creeping", "items", "group", "whole"),
    [
        (0, 1, 0.0, True),
        (1, 1, 0.0, False),
        (1, 2, 0.0, True),
        (2, 20, 0.0, False),
        (2, 40, 0.0, True),
        (0, 9, 1.0, False),
    ],
)
def test_a_fit_has_settled_when_groups_and_nearly_all_items_have(
    creeping: int, items: int, group: float, whole: bool
) -> None:
    moved = np.zeros((items, 2))
    moved[:creeping, 1] = -1.0
    settled, converged = steady(moved, np.array([group]), 0.1)
    assert converged is whole
    assert int(settled.sum()) == items - creeping
