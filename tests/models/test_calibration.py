"""Calibration on simulated answers and on degenerate ones."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from numpy.typing import NDArray

from models import em_twin
from models.calibration import calibrate
from models.em_kernels import expect
from models.em_layout import Layout, shards
from models.executors import InPool, InThisProcess
from models.irt import ItemParams
from models.responses import Responses

NAN = float("nan")


def simulated(students: int, items: int, seen: float = 1.0, mean: float = 0.0) -> NDArray[np.float64]:
    rng = np.random.default_rng(7)
    theta, b = rng.normal(mean, 1.0, students), np.linspace(-1.5, 1.5, items)
    table = (rng.random((students, items)) < 1.0 / (1.0 + np.exp(b - theta[:, None]))).astype(np.float64)
    table[rng.random(table.shape) >= seen] = NAN
    return table


def test_the_fast_e_step_counts_as_the_readable_one_does() -> None:
    responses = Responses.from_table(simulated(700, 9, 0.7))
    layout = Layout.build(["2PL"] * 9, np.full(9, 2), 1, np.zeros(9, dtype=np.bool_))
    (shard,) = shards(responses, layout, 1)
    table = np.log(np.random.default_rng(1).uniform(0.05, 0.95, (layout.n_cells, 48)))
    counts, fit = expect(shard.start, shard.cells, shard.weights, shard.order, shard.bounds, table)
    slow_counts, slow_fit = em_twin.expect(shard.start, shard.cells.astype(np.int64), shard.weights, table)
    assert counts == pytest.approx(slow_counts)
    assert fit == pytest.approx(slow_fit)


def test_shards_and_threads_change_nothing() -> None:
    responses = Responses.from_table(simulated(600, 8))
    alone = calibrate(responses)
    with ThreadPoolExecutor(2) as pool:
        for executor in (InThisProcess(2), InPool(pool)):
            found = calibrate(responses, executor=executor, shard_count=3)
            assert found.log_likelihood == pytest.approx(alone.log_likelihood)
            assert found.items[3].slope == pytest.approx(alone.items[3].slope)


@pytest.mark.parametrize("value", [0.0, 1.0])
def test_an_item_on_which_all_did_the_same_gets_a_bounded_difficulty_and_a_flag(value: float) -> None:
    table = simulated(300, 6)
    table[:, 2] = value
    found = calibrate(Responses.from_table(table))
    params = found.items[2].params
    assert isinstance(params, ItemParams)
    assert 1.0 < abs(params.b) < 10.0
    assert found.items[2].flags == ("all right" if value else "all wrong",)
    with pytest.raises(ValueError, match="without a prior"):
        calibrate(Responses.from_table(table), priors=None)


def test_a_single_answer_gives_a_bounded_estimate_and_a_flag() -> None:
    found = calibrate(Responses.from_lists(["ann"], ["q"], [1]))
    params = found.items["q"].params
    assert isinstance(params, ItemParams)
    assert -4.0 < params.b < 0.0
    assert found.items["q"].flags == ("all right", "few answers")


def test_fixed_items_carry_the_scale_to_a_new_one() -> None:
    table = simulated(4000, 11, mean=0.7)
    fixed = {i: ItemParams("1PL", 1.0, float(b)) for i, b in enumerate(np.linspace(-1.5, 1.5, 11)) if i != 5}
    found = calibrate(Responses.from_table(table), fixed=fixed)
    assert found.groups["all"].mean == pytest.approx(0.7, abs=0.1)
    params = found.items[5].params
    assert isinstance(params, ItemParams)
    assert params.b == pytest.approx(0.0, abs=0.12)
    assert found.items[0].params == fixed[0]


def test_a_second_group_gets_its_own_mean() -> None:
    table = np.concatenate([simulated(2000, 10), simulated(2000, 10, mean=0.8)])
    student, item = np.nonzero(~np.isnan(table))
    groups = {s: "second" if s >= 2000 else "first" for s in range(4000)}
    found = calibrate(Responses.from_lists(student, item, table[student, item], groups=groups))
    assert found.groups["first"].mean == 0.0
    assert found.groups["second"].mean == pytest.approx(0.8, abs=0.1)


def test_a_student_of_weight_two_counts_as_two() -> None:
    table = simulated(200, 6)
    twice = calibrate(Responses.from_table(np.concatenate([table, table])))
    student, item = np.nonzero(~np.isnan(table))
    weights = dict.fromkeys(range(200), 2.0)
    heavy = calibrate(Responses.from_lists(student, item, table[student, item], weights=weights))
    assert heavy.log_likelihood == pytest.approx(twice.log_likelihood)


@pytest.mark.parametrize("score", [NAN, -1.0, 0.5, 1e9])
def test_a_score_that_is_no_score_is_refused(score: float) -> None:
    with pytest.raises(ValueError, match="whole number"):
        Responses.from_lists(["ann"], ["q"], [score])


def test_a_repeated_answer_is_refused_unless_the_first_counts() -> None:
    lists = (["ann", "ann"], ["q", "q"], [1, 0])
    with pytest.raises(ValueError, match="repeat"):
        Responses.from_lists(*lists)
    assert Responses.from_lists(*lists, repeats="first").score.tolist() == [1]


def test_an_answer_to_an_unknown_item_is_refused() -> None:
    with pytest.raises(ValueError, match="not in the bank"):
        Responses.from_lists(["ann"], ["q"], [1], bank=["p"])
    with pytest.raises(ValueError, match="no answers"):
        calibrate(Responses.from_lists(["ann"], ["q"], [1], bank=["p", "q"]))
