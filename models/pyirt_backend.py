"""The second engine: pyirt, a calibration written by others, to check our own against.

pyirt runs in a process of its own (``python -m models.pyirt_backend``, JSON in and out) and is imported
nowhere else: importing it compiles C through a global import hook, makes numpy raise on overflow and
turns on every log message of the program. Its child is also the only way to stop it in time. What it
calls beta is an easiness, its usual bounds and grid are too narrow for a school's bank, and its scale is
whatever its population came out as; all three are put right here.
"""

from __future__ import annotations

import importlib
import json
import logging
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

WHAT_TO_DO = (
    "Install a C compiler (Debian: apt-get install gcc python3-dev) or go on with the own engine, which needs none."
)
PASSED_ON = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "LD_LIBRARY_PATH", "CC", "CFLAGS", "CPATH", "LIBRARY_PATH")
"""The child sees these settings only: it needs a compiler, and none of the server's secrets."""
LAST_WORDS = 300
"""Characters of a failed child's last message that are worth repeating."""


class PyirtUnavailableError(RuntimeError):
    """pyirt cannot be had on this machine, failed, or took too long; the own engine is not affected."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What pyirt is told; wider and finer than its defaults.

    Parameters
    ----------
    least_a, most_a : float
        Bounds of the discrimination (pyirt: 0.25 and 2).
    most_easiness : float
        Bound of the size of easiness -ab (pyirt: 2).
    reach : float
        Abilities reckoned with lie within +- this many logits (pyirt: 4).
    points : int
        How many abilities (pyirt: 11).
    most_rounds : int
        Rounds of its EM (pyirt: 10).
    tolerance : float
        It stops once the geometric mean chance of an answer grows by less (pyirt: 1e-3).
    """

    least_a: float = 0.05
    most_a: float = 5.0
    most_easiness: float = 10.0
    reach: float = 5.0
    points: int = 31
    most_rounds: int = 60
    tolerance: float = 1e-6

    def __post_init__(self) -> None:
        if not 0.0 < self.least_a < self.most_a or not (self.most_easiness > 0.0 and self.reach > 0.0):
            raise ValueError("bounds must be positive and the lower below the upper")
        if self.points < 3 or self.most_rounds < 1 or not self.tolerance > 0.0:
            raise ValueError("at least 3 points, one round and a positive tolerance are needed")


@dataclass(frozen=True, slots=True)
class PyirtReport:
    """How the run went.

    Parameters
    ----------
    rounds : int
        Rounds of EM.
    stopped : str
        Why it stopped: "converged", "likelihood fell" or "out of rounds".
    mean, sd : float
        Of the abilities on pyirt's own scale, before it was made N(0, 1).
    at_bounds : tuple of int
        Items whose discrimination or easiness ran to a bound; their numbers mean little.
    seconds : float
        Of the whole run, with starting the process.
    """

    rounds: int
    stopped: str
    mean: float
    sd: float
    at_bounds: tuple[int, ...]
    seconds: float


@dataclass(frozen=True, eq=False, slots=True)
class PyirtFit:
    """2PL parameters on the scale where the abilities are N(0, 1); NaN for items nobody answered.

    Parameters
    ----------
    a, b : ndarray of shape (n_items,)
        Discrimination per logit and difficulty in logits.
    report : PyirtReport
    """

    a: Floats
    b: Floats
    report: PyirtReport


def calibrate_with_pyirt(
    students: ArrayLike,
    items: ArrayLike,
    scores: ArrayLike,
    *,
    timeout_s: float,
    n_items: int | None = None,
    guesses: Mapping[int, float] | None = None,
    settings: Settings | None = None,
    build_folder: Path | None = None,
) -> PyirtFit:
    """Calibrate 2PL items with pyirt.

    Parameters
    ----------
    students, items : array_like of int, shape (n_answers,)
        Index of the student and of the item of each answer, from 0.
    scores : array_like of shape (n_answers,)
        1 right, 0 wrong. One answer for each student and item: the caller has kept the first.
    timeout_s : float
        Seconds after which the run is stopped.
    n_items : int, optional
        Items of the bank; by default as many as the largest index says.
    guesses : mapping of item to float, optional
        Chance of a right guess of items that have one; pyirt keeps it as it is. 0 for all others.
    settings : Settings, optional
    build_folder : Path, optional
        Where pyirt's C code is compiled once; by default the user's cache folder.

    Raises
    ------
    ValueError
        If the lists do not fit together, a score is neither 0 nor 1, or an answer is there twice.
    PyirtUnavailableError
        If there is no compiler, or pyirt fails or does not finish in time; it says what to do.
    """
    student, item, score = _checked(students, items, scores)
    count = int(item.max()) + 1 if n_items is None else n_items
    if item.max() >= count:
        raise ValueError(f"an answer is to item {item.max()}, but there are {count} items")
    task = {
        "students": student.tolist(),
        "items": item.tolist(),
        "scores": score.tolist(),
        "guesses": list((guesses or {}).items()),
        "settings": asdict(settings or Settings()),
    }
    began = time.monotonic()
    found = _in_a_child(json.dumps(task), timeout_s, build_folder or _cache())
    return _read(found, count, settings or Settings(), time.monotonic() - began)


def _checked(
    students: ArrayLike, items: ArrayLike, scores: ArrayLike
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    student, item, score = (np.asarray(column) for column in (students, items, scores))
    if not (student.ndim == 1 and student.shape == item.shape == score.shape and student.size):
        raise ValueError("students, items and scores must be lists of the same length, with an answer at least")
    if student.dtype.kind not in "iu" or item.dtype.kind not in "iu" or min(student.min(), item.min()) < 0:
        raise ValueError("students and items are indices: whole numbers from 0")
    if not np.isin(score, (0, 1)).all():
        raise ValueError("pyirt takes right (1) and wrong (0) answers only")
    pairs = np.unique(np.stack([student, item]), axis=1).shape[1]
    if pairs < student.size:
        raise ValueError(f"{student.size - pairs} answers repeat a student and item; keep the first of each")
    return student.astype(np.int64), item.astype(np.int64), score.astype(np.int64)


def _cache() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "waystation" / "pyirt"


def _in_a_child(task: str, timeout_s: float, build_folder: Path) -> dict[str, Any]:
    if "fork" not in multiprocessing.get_all_start_methods():
        raise PyirtUnavailableError("pyirt needs a system that can fork processes. Go on with the own engine.")
    try:
        build_folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise PyirtUnavailableError(f"pyirt's build folder cannot be made ({error}). {WHAT_TO_DO}") from error
    answer, last_words = _run(task, timeout_s, build_folder)
    try:
        found: dict[str, Any] = json.loads(answer)
    except ValueError as error:
        raise PyirtUnavailableError(f"pyirt's process died: {last_words[-LAST_WORDS:].strip()}") from error
    if "error" in found:
        raise PyirtUnavailableError(found["error"])
    return found


def _run(task: str, timeout_s: float, build_folder: Path) -> tuple[str, str]:
    """Start the child in a session of its own, so that it can be stopped with all it has forked."""
    environment = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    with subprocess.Popen(  # noqa: S603 -- the project's own module; nothing in the command comes from outside
        [sys.executable, "-m", "models.pyirt_backend", str(build_folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).resolve().parents[1],
        env={**environment, "TQDM_DISABLE": "1", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
        start_new_session=True,
    ) as child:
        try:
            return child.communicate(task, timeout=timeout_s)
        except subprocess.TimeoutExpired as error:
            raise PyirtUnavailableError(
                f"pyirt did not finish within {timeout_s:g} s. Give it more time or fewer answers."
            ) from error
        finally:
            with suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGKILL)


def _read(found: dict[str, Any], n_items: int, settings: Settings, seconds: float) -> PyirtFit:
    """Turn easiness into difficulty and pyirt's scale into one of N(0, 1) abilities."""
    items = np.array(found["items"], dtype=np.int64)
    slope, easiness = np.array(found["alpha"]), np.array(found["beta"])
    mean, sd = found["mean"], found["sd"]
    a, b = np.full(n_items, np.nan), np.full(n_items, np.nan)
    a[items] = slope * sd
    b[items] = (-easiness / slope - mean) / sd
    stuck = np.isclose(slope, settings.least_a) | np.isclose(slope, settings.most_a)
    stuck |= np.isclose(np.abs(easiness), settings.most_easiness)
    at_bounds = tuple(sorted(int(item) for item in items[stuck]))
    return PyirtFit(a, b, PyirtReport(found["rounds"], found["stopped"], mean, sd, at_bounds, seconds))


def main(build_folder: str) -> None:
    """Read a task from standard input and write what pyirt finds to standard output: the child's part."""
    # Compilers talk on standard output; the answer must be alone there.
    answer = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    found = _found(json.load(sys.stdin), build_folder)
    with answer:
        json.dump(found, answer)


def _found(task: dict[str, Any], build_folder: str) -> dict[str, Any]:
    """What pyirt finds; whatever goes wrong in there, the parent is told in one line."""
    try:
        load, engine = _pyirt(build_folder)
    except Exception as error:
        return {"error": f"pyirt cannot be loaded: {_line(error)}. {WHAT_TO_DO}"}
    try:
        return _estimate(task, load, engine)
    except Exception as error:
        return {"error": f"pyirt failed: {_line(error)}. Go on with the own engine."}


def _line(error: Exception) -> str:
    return " ".join(f"{type(error).__name__}: {error}".split())[:LAST_WORDS]


def _pyirt(build_folder: str) -> tuple[Any, Any]:
    """Its reader of answers and its model, compiled first if need be."""
    _compile_in(build_folder)
    from pyirt.dao import localDAO
    from pyirt.solver.model import IRT_MMLE_2PL

    return localDAO, IRT_MMLE_2PL


def _estimate(task: dict[str, Any], load: Any, engine: Any) -> dict[str, Any]:
    quiet = logging.getLogger("pyirt")
    quiet.setLevel(logging.CRITICAL)
    told = Settings(**task["settings"])
    answers = list(zip(task["students"], task["items"], task["scores"], strict=True))
    model = engine(load(answers, quiet), quiet, mode="production")
    reach, slopes = [-told.reach, told.reach], [told.least_a, told.most_a]
    easiness = [-told.most_easiness, told.most_easiness]
    model.set_options(reach, told.points, slopes, easiness, told.most_rounds, told.tolerance)
    model.set_guess_param(dict(task["guesses"]))
    model.solve_EM()
    return _outcome(model, told)


def _compile_in(build_folder: str) -> None:
    """Have pyirt compile where we say; on its own it takes a fixed folder that any user may have filled before."""
    multiprocessing.set_start_method("fork", force=True)  # its workers are local functions
    hook: Any = importlib.import_module("pyximport")
    install = hook.install
    hook.install = lambda **options: install(**{**options, "build_dir": build_folder})


def _outcome(model: Any, told: Settings) -> dict[str, Any]:
    parameters = model.get_item_param()
    density = np.asarray(model.theta_density)
    mean = float(density @ model.theta_prior_val)
    variance = float(density @ (model.theta_prior_val - mean) ** 2)
    fell = len(model.ell_list) > 1 and model.ell_list[-1] < model.ell_list[-2]
    out = model.num_iter > told.most_rounds
    return {
        "items": list(parameters),
        "alpha": [float(found["alpha"]) for found in parameters.values()],
        "beta": [float(found["beta"]) for found in parameters.values()],
        "mean": mean,
        "sd": variance**0.5,
        "rounds": len(model.ell_list),
        "stopped": "likelihood fell" if fell else "out of rounds" if out else "converged",
    }


if __name__ == "__main__":
    main(sys.argv[1])
