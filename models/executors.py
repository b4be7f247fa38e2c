"""Where the E-step runs: in this process, in a pool, or on a Dask cluster that the caller hands in.

The E-step is a pure map over shards of students whose results are small sums, so an executor needs
to know two things only: how to place the shards once, and how to map a function over them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

Result = TypeVar("Result")


class Mapper(Protocol):
    """Maps a function of (shard, *rest) over shards and returns the results in the shards' order."""

    def place(self, shards: Sequence[Any]) -> Sequence[Any]:
        """Bring the shards to where they will be used; what it returns is passed to `map`."""

    def map(self, function: Callable[..., Result], placed: Sequence[Any], *rest: Any) -> list[Result]:
        """Call function(shard, *rest) for each."""


class InThisProcess:
    """Threads of this process; the kernels let each other run, so two cores halve the time.

    Parameters
    ----------
    threads : int
        At least 1.
    """

    def __init__(self, threads: int = 1) -> None:
        if threads < 1:
            raise ValueError(f"an executor needs a thread at least, not {threads}")
        self._pool = ThreadPoolExecutor(threads) if threads > 1 else None

    def place(self, shards: Sequence[Any]) -> Sequence[Any]:
        """Leave them where they are."""
        return shards

    def map(self, function: Callable[..., Result], placed: Sequence[Any], *rest: Any) -> list[Result]:
        """Call in turn, or in threads."""
        if self._pool is None or len(placed) == 1:
            return [function(shard, *rest) for shard in placed]
        return [task.result() for task in [self._pool.submit(function, shard, *rest) for shard in placed]]


@dataclass(frozen=True, slots=True)
class InPool:
    """Any pool of concurrent.futures, such as a ProcessPoolExecutor; shards travel with each call."""

    pool: Executor

    def place(self, shards: Sequence[Any]) -> Sequence[Any]:
        """Leave them here until they are sent."""
        return shards

    def map(self, function: Callable[..., Result], placed: Sequence[Any], *rest: Any) -> list[Result]:
        """Submit all, then wait for all."""
        return [task.result() for task in [self.pool.submit(function, shard, *rest) for shard in placed]]


@dataclass(frozen=True, slots=True)
class OnDask:
    """A Dask cluster; shards travel once, to the worker that then counts on them in every cycle.

    Parameters
    ----------
    client : distributed.Client
        Of a running cluster whose workers can import `models`.

    Notes
    -----
    Workers get arrays that they may read but not write, for which numba compiles a second version of the kernels.
    """

    client: Any

    def place(self, shards: Sequence[Any]) -> Sequence[Any]:
        """Spread the shards over the workers."""
        # Named by content, a shard of an earlier calibration would be taken for this one's and could be gone by then.
        placed: Sequence[Any] = self.client.scatter(list(shards), hash=False)
        return placed

    def map(self, function: Callable[..., Result], placed: Sequence[Any], *rest: Any) -> list[Result]:
        """Send what all have in common once, run where the shards are, and gather the results."""
        common = self.client.scatter(list(rest), broadcast=True, hash=False)
        tasks = [self.client.submit(function, shard, *common, pure=False) for shard in placed]
        results: list[Result] = self.client.gather(tasks)
        return results
