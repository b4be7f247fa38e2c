"""How long a calibration takes beside other packages, and how near it comes to the truth.

Simulated 2PL answers, 10% seen. Every contestant runs in a process of its own, on the same files,
warms up on a small table and then fits; ours and the peers take turns and medians are compared.
The peers live in a virtual environment of their own in the user's cache folder.

Run ``python -m benchmarks.calibration [--quick]``; --quick leaves out 100,000 x 500; pyirt and girth are not run.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import venv
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

PEERS = Path.home() / ".cache" / "waystation" / "peers-calibration"
PACKAGES = ["mirt==1.2.*", "theta-irt==0.1.*"]
SMALL, LARGE = (10_000, 200), (100_000, 500)

COMMON = """
import sys, json, time, resource
import numpy as np
data = np.load(sys.argv[1]); rounds = int(sys.argv[2])
s, i, x, n, j = data["student"], data["item"], data["score"], int(data["n"]), int(data["j"])
def table(hole):
    full = np.full((n, j), hole, dtype=np.int64)
    full[s, i] = x
    return full
def report(fit, warm, of):
    warm()
    taken = []
    for _ in range(rounds):
        began = time.perf_counter(); found = fit(); taken.append(time.perf_counter() - began)
    a, b = of(found)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"s": sorted(taken)[rounds // 2], "a": list(map(float, a)), "b": list(map(float, b)),
                      "mb": peak}))
"""
OURS = """
from models.calibration import calibrate
from models.responses import Responses
answers = Responses.from_lists(s, i, x, bank=range(j))
ERRORS = {errors}
of = lambda c: ([v.slope for v in c.items.values()], [v.params.b for v in c.items.values()])
fit = lambda: calibrate(answers, errors=ERRORS)
report(fit, fit, of)
"""
MIRT = """
import mirt
answers = table(-1)
fit = lambda: mirt.fit_mirt(answers, model="2PL", n_quadpts=41, compute_standard_errors={errors})
warm = lambda: mirt.fit_mirt(answers[:200, :20], model="2PL", n_quadpts=41, max_iter=5, compute_standard_errors=False)
of = lambda r: (np.ravel(r.model.parameters["discrimination"]), np.ravel(r.model.parameters["difficulty"]))
report(fit, warm, of)
"""
THETA = """
import theta
answers = table(0).astype(float); answers[:] = np.nan; answers[s, i] = x
fit = lambda: theta.fit(answers, "2PL", n_points=41)
report(fit, fit, lambda r: (r.a, r.b))
"""


def peers_python() -> str:
    """Python of the peers' environment, made on first use."""
    python = PEERS / "bin" / "python"
    if not python.exists():
        venv.create(PEERS, with_pip=True)
        subprocess.run([python, "-m", "pip", "install", "-q", *PACKAGES], check=True)
    return str(python)


def simulate(students: int, items: int, path: Path) -> tuple[np.ndarray, np.ndarray]:
    """Write 2PL answers, 10% of the table, to a file; the true a and b."""
    rng = np.random.default_rng(11)
    a, b, theta = rng.lognormal(0.0, 0.3, items), rng.normal(size=items), rng.normal(size=students)
    student, item = np.nonzero(rng.random((students, items)) < 0.1)
    score = rng.random(student.size) < 1.0 / (1.0 + np.exp(-a[item] * (theta[student] - b[item])))
    np.savez(path, student=student, item=item, score=score.astype(np.int8), n=students, j=items)
    return a, b


def run(python: str, script: str, data: Path, rounds: int) -> dict[str, Any]:
    """One contestant in a fresh process: median seconds, a, b and peak MB."""
    environment = os.environ | {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "PYTHONPATH": str(Path.cwd())}
    command = [python, "-c", COMMON + script, str(data), str(rounds)]
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=environment)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def compare(
    size: tuple[int, int], contestants: dict[str, tuple[str, str]], turns: int, rounds: int
) -> dict[str, dict[str, float]]:
    """Median seconds, RMSE of a and b, and peak MB of each contestant; they take turns."""
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "answers.npz"
        a, b = simulate(*size, data)
        taken: dict[str, list[dict[str, Any]]] = {name: [] for name in contestants}
        for _ in range(turns):
            for name, (python, script) in contestants.items():
                taken[name].append(run(python, script, data, rounds))
    return {
        name: {
            "s": median(found["s"] for found in results),
            "rmse_a": float(np.sqrt(np.mean((np.array(results[0]["a"]) - a) ** 2))),
            "rmse_b": float(np.sqrt(np.mean((np.array(results[0]["b"]) - b) ** 2))),
            "mb": max(found["mb"] for found in results),
        }
        for name, results in taken.items()
    }


def show(title: str, results: dict[str, dict[str, float]]) -> None:
    """Print a table."""
    print(f"{title:<24}{'s':>9}{'RMSE a':>9}{'RMSE b':>9}{'MB':>7}")
    for name, row in results.items():
        print(f"{name:<24}{row['s']:>9.3f}{row['rmse_a']:>9.4f}{row['rmse_b']:>9.4f}{row['mb']:>7.0f}")


def main() -> None:
    """Print the tables and, as the last line, the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="leave out 100,000 x 500")
    parser.add_argument("--drill", action="store_true", help="more turns")
    asked = parser.parse_args()
    python, turns = peers_python(), 1 if asked.quick else 5 if asked.drill else 3
    ours = (sys.executable, OURS.format(errors=False))
    peers = {"mirt": (python, MIRT.format(errors=False)), "theta-irt": (python, THETA)}
    small = compare(SMALL, {"ours": ours} | peers, turns, 3)
    show("10,000 x 200, 10% seen", small)
    pair = {"ours": (sys.executable, OURS.format(errors=True)), "mirt": (python, MIRT.format(errors=True))}
    with_errors = compare(SMALL, pair, turns, 1)
    show("with standard errors", with_errors)
    figures = {
        "ratio_sparse_10k": round(min(small[name]["s"] for name in peers) / small["ours"]["s"], 2),
        "se_s_ratio": round(with_errors["mirt"]["s"] / with_errors["ours"]["s"], 2),
    }
    if asked.quick:
        print("left out: 100,000 x 500 (ratio_100k, rmse_a_100k, rmse_b_100k, peak_mb)")
    else:
        large = compare(LARGE, {"ours": ours} | peers, 1, 1)
        show("100,000 x 500, 10% seen", large)
        figures |= {
            "ratio_100k": round(min(large[name]["s"] for name in peers) / large["ours"]["s"], 2),
            "rmse_a_100k": round(large["ours"]["rmse_a"], 4),
            "rmse_b_100k": round(large["ours"]["rmse_b"], 4),
            "peak_mb": round(large["ours"]["mb"]),
        }
    print(json.dumps({"benchmark": "calibration", "figures": figures, "peers": {"mirt": "1.2", "theta-irt": "0.1"}}))


if __name__ == "__main__":
    main()
