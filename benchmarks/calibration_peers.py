"""Contestants of the calibration benchmark: each a short script for a fresh process, and what it takes to run them.

Every script reads the same file of answers, prepares them in the shape that its package wants, warms up, times
nothing but the fit, and prints one JSON object. The peers live in a virtual environment of their own in the user's
cache folder.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path
from typing import Any

HOME = Path.home() / ".cache" / "waystation" / "peers-calibration"
PACKAGES = {"mirt": "mirt==1.2.*", "theta-irt": "theta-irt==0.1.*", "girth": "girth==0.8.*", "pyirt": "pyirt==0.3.4"}
WITH_ERRORS = ("ours", "mirt")
"""Who gives standard errors; the others are timed without."""
PATIENCE = 540
"""Seconds for one contestant; who takes longer is reported with that."""

COMMON = """
import sys, json, time
from pathlib import Path
import numpy as np
path, kind, rounds, errors = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4] == "errors"
data = np.load(path)
s, i, x, n, j = data["student"], data["item"], data["score"], int(data["n"]), int(data["j"])
def table(hole, of):
    full = np.full((n, j), hole, dtype=of)
    full[s, i] = x
    return full
def timed(fit):
    taken = []
    for _ in range(rounds):
        began = time.perf_counter(); found = fit(); taken.append(time.perf_counter() - began)
    return sorted(taken)[len(taken) // 2], found
def peak_mb():
    # Not getrusage: its peak starts with that of the process which started this one.
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024
def report(fit, warm, of):
    warm()
    seconds, found = timed(lambda: fit(False))
    told = {"s": seconds}
    told.update({name: np.asarray(value, dtype=float).tolist() for name, value in of(found).items()})
    told["mb"] = peak_mb()
    if errors:
        told["with_errors_s"], found = timed(lambda: fit(True))
        told.update({name: np.asarray(value, dtype=float).tolist() for name, value in of(found).items()})
    print(json.dumps(told))
"""
OURS = """
from models.calibration import calibrate
from models.em_priors import Priors
from models.responses import Responses
answers = Responses.from_lists(s, i, x, bank=range(j))
del s, i, x, data
def fit(errors):
    return calibrate(answers, kind, errors=errors)
def of(found):
    items = list(found.items.values())
    told = {"a": [v.slope for v in items], "b": [np.atleast_1d(v.params.b) for v in items]}
    if kind == "3PL":
        told["c"] = [v.params.c for v in items]
    if items[0].a_se is not None:
        told |= {"a_se": [v.a_se for v in items], "b_se": [v.b_se for v in items]}
    return told
report(fit, lambda: fit(errors), of)
"""
MIRT = """
import mirt
from mirt.estimation import BetaPrior
answers = table(-1, np.int8)
told = {"n_quadpts": 41, "model": kind}
if kind == "3PL":
    told["priors"] = {"guessing": BetaPrior(5, 17)}
def fit(errors, answers=answers):
    return mirt.fit_mirt(answers, compute_standard_errors=errors, **told)
def of(found):
    p, e = found.model.parameters, found.standard_errors
    b = next(name for name in ("difficulty", "thresholds", "steps") if name in p)
    told = {"a": np.ravel(p["discrimination"]), "b": np.reshape(p[b], (j, -1))}
    if kind == "3PL":
        told["c"] = p["guessing"]
    if e:
        told |= {"a_se": np.ravel(e["discrimination"]), "b_se": np.reshape(e[b], (j, -1))}
    return told
report(fit, lambda: fit(False, answers[:300, :20]), of)
"""
THETA = """
import theta
answers = table(np.nan, np.float32)
fit = lambda errors: theta.fit(answers, kind, n_points=41)
report(fit, lambda: fit(False), lambda r: {"a": r.a, "b": np.reshape(r.b, (j, -1)), "c": r.c})
"""
GIRTH = """
import girth
answers = table(girth.INVALID_RESPONSE, np.int64).T
method = {"2PL": girth.twopl_mml, "3PL": girth.threepl_mml, "GRM": girth.grm_mml}[kind]
if kind == "GRM":
    answers = answers + 1
fit = lambda errors, answers=answers: method(answers, {"quadrature_n": 41})
def of(found):
    return {"a": found["Discrimination"], "b": np.reshape(found["Difficulty"], (j, -1))}
report(fit, lambda: fit(False, answers[:20, :300]), of)
"""
PYIRT = """
import logging, multiprocessing, pyximport
multiprocessing.set_start_method("fork")
install = pyximport.install
folder = str(Path(sys.executable).parents[1] / "build")
pyximport.install = lambda **options: install(**{**options, "build_dir": folder})
from pyirt.dao import localDAO
from pyirt.solver.model import IRT_MMLE_2PL
logging.disable(logging.CRITICAL)
quiet = logging.getLogger("quiet")
answers = localDAO(list(zip(s.tolist(), i.tolist(), x.tolist())), quiet)
def fit(errors, answers=answers):
    # It looks every check_interval seconds (60 unless told) whether its processes have ended.
    model = IRT_MMLE_2PL(answers, quiet, mode="production", check_interval=0.01)
    model.set_options([-4, 4], 11, [0.25, 4], [-6, 6], 10, 1e-3)  # its own settings, but for wider bounds
    model.set_guess_param({})
    model.solve_EM()
    return model.get_item_param()
def of(found):
    a = np.array([found[k]["alpha"] for k in range(j)])
    easiness = np.array([found[k]["beta"] for k in range(j)])
    return {"a": a, "b": (-easiness / a)[:, None]}
report(fit, lambda: None, of)
"""
SCRIPTS = {"ours": OURS, "mirt": MIRT, "theta-irt": THETA, "girth": GIRTH, "pyirt": PYIRT}

R_MIRT = """
given <- commandArgs(TRUE)
suppressMessages(library(mirt))
answers <- read.csv(given[1])
seconds <- system.time(found <- mirt(answers, 1, given[2], quadpts = 41, verbose = FALSE))[["elapsed"]]
items <- coef(found, IRTpars = TRUE, simplify = TRUE)$items
peak <- as.numeric(gsub("[^0-9]", "", grep("VmHWM", readLines("/proc/self/status"), value = TRUE))) / 1024
list_of <- function(numbers) paste(numbers, collapse = ",")
told <- c(seconds, list_of(items[, "a"]), list_of(items[, "b"]), peak)
cat(do.call(sprintf, c('{"s": %s, "a": [%s], "b": [%s], "mb": %s}\\n', as.list(told))))
"""


def install() -> dict[str, str]:
    """Make the peers' environment on first use; the peers that cannot be installed, and why."""
    python = HOME / "bin" / "python"
    if not python.exists():
        venv.create(HOME, with_pip=True)
    missing = {}
    for name, package in PACKAGES.items():
        if (HOME / f"{name}.installed").exists():
            continue
        done = subprocess.run(
            [python, "-m", "pip", "install", "-q", package], check=False, capture_output=True, text=True
        )
        if done.returncode:
            missing[name] = _last_line(done.stderr)
        else:
            (HOME / f"{name}.installed").touch()
    return missing


def has_r_mirt() -> bool:
    """Whether R and its package mirt are on this machine; nothing is installed for it."""
    if shutil.which("Rscript") is None:
        return False
    done = subprocess.run(["Rscript", "-e", "library(mirt)"], check=False, capture_output=True)
    return done.returncode == 0


def run(name: str, data: Path, kind: str, rounds: int, errors: bool) -> dict[str, Any]:
    """One contestant in a fresh process: what its script printed, or {"failed": why}."""
    environment = os.environ | {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "TQDM_DISABLE": "1"}
    if name == "R mirt":
        command = ["Rscript", "-e", R_MIRT, str(data.with_suffix(".csv")), kind]
    else:
        python = sys.executable if name == "ours" else str(HOME / "bin" / "python")
        command = [python, "-c", COMMON + SCRIPTS[name], str(data), kind, str(rounds), "errors" if errors else "no"]
    if name == "ours":
        environment["PYTHONPATH"] = str(Path.cwd())
    try:
        done = subprocess.run(command, check=False, capture_output=True, text=True, env=environment, timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        return {"failed": f"took more than {PATIENCE} s"}
    if done.returncode:
        return {"failed": _last_line(done.stderr) or f"ended with {done.returncode}"}
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def _last_line(text: str) -> str:
    lines = text.strip().splitlines()
    return lines[-1][:160] if lines else ""
