"""The peer catsim, which picks the most informative item and finds the likeliest ability by search.

It lives in a virtual environment of its own in the user's cache, made on first use, so that the
project never depends on it. This file is both ends of the line between them: `Peer` starts it as a
script under the other interpreter, where it answers each line of JSON with one of its own.
"""

from __future__ import annotations

import io
import json
import subprocess
import sys
import venv
from collections.abc import Iterator, Sequence
from math import sqrt
from pathlib import Path
from statistics import median
from time import perf_counter_ns
from types import TracebackType
from typing import Any

import numpy as np

HOME = Path.home() / ".cache" / "waystation" / "peers-catsim"
VERSION = "0.21.0"


class Peer:
    """catsim in a process of its own; used as a context, which ends the process."""

    def __init__(self) -> None:
        # -P: the benchmarks' own module names must not hide the peer's.
        command = [str(_interpreter()), "-P", __file__]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def __enter__(self) -> Peer:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._process.communicate()

    def ask(self, what: str, bank: Sequence[tuple[float, float]], **options: Any) -> dict[str, float]:
        """Have the peer do a piece of work on a 2PL bank of (a, b) pairs; see `WORK`."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"what": what, "bank": list(bank), **options}) + "\n")
        self._process.stdin.flush()
        answer: dict[str, float] = json.loads(self._process.stdout.readline())
        return answer


def _interpreter() -> Path:
    """Python of the peer's environment, which is made where it is missing."""
    python = HOME / "bin" / "python"
    if not python.exists():
        venv.create(HOME, with_pip=True)
    installed = subprocess.run([python, "-P", "-c", "import catsim"], capture_output=True, check=False)
    if installed.returncode:
        subprocess.run([python, "-m", "pip", "install", "--quiet", f"catsim=={VERSION}"], check=True)
    return python


def speed(bank: np.ndarray, *, students: int, answers: int, seed: int) -> dict[str, float]:
    """Median microseconds to find the ability and choose the next item, over tests of `answers` items."""
    taken = []
    for student in _students(bank, students, seed):
        for _, _, us, count in student:
            taken.append(us)
            if count == answers:
                break
    return {"us": median(taken)}


def until_sure(bank: np.ndarray, *, students: int, error: float, most: int, seed: int) -> dict[str, float]:
    """Mean items until the standard error is below `error`, and root mean square error of the ability."""
    items, misses = [], []
    for student in _students(bank, students, seed):
        for miss, standard_error, _, count in student:
            if standard_error < error or count == most:
                items.append(count)
                misses.append(miss)
                break
    return {"items": float(np.mean(items)), "rmse": sqrt(float(np.mean(np.square(misses))))}


WORK = {"speed": speed, "until_sure": until_sure}


def _students(bank: np.ndarray, n: int, seed: int) -> Iterator[Iterator[tuple[float, float, float, int]]]:
    rng = np.random.default_rng(seed)
    for _ in range(n):
        yield _test(bank, rng)


def _test(bank: np.ndarray, rng: np.random.Generator) -> Iterator[tuple[float, float, float, int]]:
    """Error, standard error, microseconds and number of answers after each answer of one student."""
    from catsim.estimation import NumericalSearchEstimator
    from catsim.item_bank import ItemBank
    from catsim.selection import MaxInfoSelector

    items, selector, estimator = ItemBank(bank), MaxInfoSelector(), NumericalSearchEstimator()
    theta, estimate = rng.normal(), 0.0
    served: list[int] = []
    rights: list[bool] = []
    index = selector.select(item_bank=items, administered_items=served, est_theta=estimate)
    while True:
        chances = 1.0 / (1.0 + np.exp(-bank[:, 0] * (theta - bank[:, 1])))
        served.append(index)
        rights.append(bool(rng.random() < chances[index]))
        began = perf_counter_ns()
        estimate = estimator.estimate(
            item_bank=items, administered_items=served, response_vector=rights, est_theta=estimate
        )
        index = selector.select(item_bank=items, administered_items=served, est_theta=estimate)
        us = (perf_counter_ns() - began) / 1000.0
        yield estimate - theta, _standard_error(bank[served], estimate), us, len(served)


def _standard_error(items: np.ndarray, theta: float) -> float:
    p = 1.0 / (1.0 + np.exp(-items[:, 0] * (theta - items[:, 1])))
    return float(1.0 / np.sqrt(max(float((items[:, 0] ** 2 * p * (1.0 - p)).sum()), 1e-12)))


def main() -> None:
    """Answer lines of JSON until there are no more."""
    line_out, sys.stdout = sys.stdout, io.StringIO()  # catsim prints remarks, which are no answers
    for line in sys.stdin:
        asked = json.loads(line)
        work = WORK[asked.pop("what")]
        print(json.dumps(work(np.array(asked.pop("bank")), **asked)), file=line_out, flush=True)


if __name__ == "__main__":
    main()
