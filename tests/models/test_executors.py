"""A calibration is the same wherever its E-step runs."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor

import numpy as np
import pytest
from distributed import Client, LocalCluster

from models.calibration import Calibration, calibrate
from models.executors import InPool, InThisProcess, Mapper, OnDask
from models.irt import ItemParams
from models.responses import Responses

SHARDS = 3

# Dask warns of a slow disk when it makes its folder: true of a busy machine, and no fault of a calibration.
pytestmark = pytest.mark.filterwarnings("ignore:Creating scratch directories:UserWarning")


@pytest.fixture(scope="module")
def answers() -> Responses:
    rng = np.random.default_rng(3)
    theta, b = rng.normal(size=600), np.linspace(-1.5, 1.5, 8)
    table = (rng.random((600, 8)) < 1.0 / (1.0 + np.exp(b - theta[:, None]))).astype(np.float64)
    table[rng.random(table.shape) > 0.8] = np.nan
    return Responses.from_table(table)


@pytest.fixture(scope="module")
def here(answers: Responses) -> Calibration:
    return calibrate(answers, errors=True, shard_count=SHARDS)


@pytest.fixture(scope="module")
def cluster() -> Iterator[Client]:
    """Two workers, each a process of its own, that talk over this machine's own network only."""
    with (
        LocalCluster(n_workers=2, threads_per_worker=1, host="127.0.0.1", dashboard_address=None) as running,
        Client(running) as client,
    ):
        yield client


def assert_same(answers: Responses, executor: Mapper, here: Calibration) -> None:
    found = calibrate(answers, errors=True, executor=executor, shard_count=SHARDS)
    assert found.log_likelihood == pytest.approx(here.log_likelihood, abs=1e-10)
    for there, item in zip(found.items.values(), here.items.values(), strict=True):
        assert isinstance(there.params, ItemParams)
        assert isinstance(item.params, ItemParams)
        assert there.slope == pytest.approx(item.slope, abs=1e-10)
        assert there.params.b == pytest.approx(item.params.b, abs=1e-10)
        assert there.a_se == pytest.approx(item.a_se, abs=1e-10)
        assert there.b_se == pytest.approx(item.b_se, abs=1e-10)


def test_two_processes_find_what_one_finds(answers: Responses, here: Calibration) -> None:
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as pool:
        assert_same(answers, InPool(pool), here)


def test_threads_find_what_one_finds(answers: Responses, here: Calibration) -> None:
    assert_same(answers, InThisProcess(2), here)


def test_a_dask_cluster_of_two_workers_finds_what_one_process_finds(
    answers: Responses, here: Calibration, cluster: Client
) -> None:
    assert len(cluster.scheduler_info()["workers"]) == 2
    assert_same(answers, OnDask(cluster), here)


def test_a_second_calibration_on_the_same_cluster_is_not_answered_with_the_first_ones_shards(
    answers: Responses, cluster: Client
) -> None:
    other = Responses.from_table(np.random.default_rng(4).integers(0, 2, (200, 5)).astype(np.float64))
    calibrate(answers, executor=OnDask(cluster), shard_count=SHARDS)
    assert_same(other, OnDask(cluster), calibrate(other, errors=True, shard_count=SHARDS))
