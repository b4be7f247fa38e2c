"""What the machine can do right now: the disk's fdatasync, and SQLite's bare commit. Times mean little without them."""

from __future__ import annotations

import os
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from pysqlite3 import dbapi2 as sqlite

WRITES = 25
BLOCK = b"\0" * 4096


@dataclass(frozen=True, slots=True)
class Disk:
    """Medians in milliseconds: one block made durable, and one row committed with synchronous=FULL."""

    fdatasync_ms: float
    commit_ms: float


def disk(folder: Path) -> Disk:
    """Measure the disk that holds this folder."""
    return Disk(_fdatasync_ms(folder / "calibrate.bin"), _commit_ms(folder / "calibrate.sqlite"))


def _fdatasync_ms(path: Path) -> float:
    times: list[float] = []
    with path.open("wb", buffering=0) as file:
        for _ in range(WRITES):
            began = time.perf_counter()
            file.write(BLOCK)
            os.fdatasync(file.fileno())
            times.append(time.perf_counter() - began)
    return median(times) * 1000.0


def _commit_ms(path: Path) -> float:
    times: list[float] = []
    with closing(sqlite.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("CREATE TABLE IF NOT EXISTS rows (n INTEGER)")
        for n in range(WRITES):
            began = time.perf_counter()
            connection.execute("INSERT INTO rows VALUES (?)", (n,))
            times.append(time.perf_counter() - began)
    return median(times) * 1000.0


def drifted(values: list[float], most: float = 2.0) -> bool:
    """Whether a quantity moved by more than this factor within a run, so that the run proves nothing."""
    return max(values) > most * min(values)
