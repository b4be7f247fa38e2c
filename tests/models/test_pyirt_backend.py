"""The second engine: it finds what was simulated, keeps to itself, and says plainly when it cannot be had."""

import logging
import shutil
from pathlib import Path

import numpy as np
import pytest

from models import pyirt_backend
from models.pyirt_backend import PyirtFit, PyirtUnavailableError, Settings, calibrate_with_pyirt
from tests.shared_data import missing

COARSE = Settings(points=11, tolerance=1e-3, most_rounds=8)
A = np.tile([0.5, 1.0, 2.0], 4)
B = np.linspace(-1.5, 1.5, 12)
MEAN, SD = 0.4, 1.3
"""Of the simulated abilities, on the scale of A and B."""


def simulated(n, seed=5):
    """Every student's answers to every item of A and B."""
    rng = np.random.default_rng(seed)
    chances = 1.0 / (1.0 + np.exp(-A * (rng.normal(MEAN, SD, (n, 1)) - B)))
    students, items = np.indices(chances.shape).reshape(2, -1)
    return students, items, (rng.random(chances.shape) < chances).ravel().astype(int)


@pytest.fixture(scope="module")
def run(tmp_path_factory) -> tuple[PyirtFit, dict, dict]:
    """One run of the engine, and what the parent's settings were before and after it."""
    if shutil.which("cc") is None:
        missing("No C compiler is installed (Debian: apt-get install build-essential python3.11-dev)")
    before = _settings()
    folder = tmp_path_factory.mktemp("pyirt")
    found = calibrate_with_pyirt(*simulated(500), timeout_s=100, n_items=13, settings=COARSE, build_folder=folder)
    return found, before, _settings()


def _settings():
    root = logging.getLogger()
    return {"numpy": np.geterr(), "level": root.level, "handlers": list(root.handlers)}


def test_simulated_items_are_found_again(run):
    found = run[0]
    assert np.corrcoef(found.b[:12], B)[0, 1] > 0.95
    assert np.corrcoef(found.a[:12], A)[0, 1] > 0.95


def test_the_scale_is_the_one_on_which_the_students_are_standard_normal(run):
    found = run[0]
    assert np.sqrt(np.mean((found.b[:12] - (B - MEAN) / SD) ** 2)) < 0.25
    assert np.exp(np.mean(np.log(found.a[:12] / A))) == pytest.approx(SD, rel=0.12)


def test_the_report_says_how_the_run_went(run):
    report = run[0].report
    assert 1 <= report.rounds <= COARSE.most_rounds
    assert report.stopped in {"converged", "likelihood fell", "out of rounds"}
    assert report.at_bounds == ()
    assert report.seconds > 0.0


def test_an_item_that_nobody_answered_has_no_parameters(run):
    found = run[0]
    assert np.isnan(found.a[12])
    assert np.isnan(found.b[12])


def test_the_program_that_asked_is_left_as_it_was(run):
    _, before, after = run
    assert before == after


def test_a_machine_without_a_compiler_is_told_what_to_do(monkeypatch, tmp_path: Path):
    monkeypatch.setenv("CC", "/nowhere/cc")
    with pytest.raises(PyirtUnavailableError, match=r"cannot be loaded.*Install a C compiler.*own engine"):
        calibrate_with_pyirt([0, 1], [0, 0], [1, 0], timeout_s=60, build_folder=tmp_path)


def test_a_run_that_fails_inside_is_reported_in_one_line(monkeypatch):
    def failing(answers, logger):
        raise ArithmeticError("singular\nmatrix")

    monkeypatch.setattr(pyirt_backend, "_pyirt", lambda folder: (failing, None))
    task = {"students": [0], "items": [0], "scores": [1], "settings": {}}
    said = pyirt_backend._found(task, "")["error"]
    assert said == "pyirt failed: ArithmeticError: singular matrix. Go on with the own engine."


def test_a_run_that_takes_too_long_is_stopped(tmp_path: Path):
    with pytest.raises(PyirtUnavailableError, match=r"within 0\.2 s"):
        calibrate_with_pyirt([0, 1], [0, 0], [1, 0], timeout_s=0.2, build_folder=tmp_path)


def test_a_folder_that_cannot_be_made_is_said_to_be_so(tmp_path: Path):
    in_the_way = tmp_path / "file"
    in_the_way.write_text("")
    with pytest.raises(PyirtUnavailableError, match="build folder"):
        calibrate_with_pyirt([0], [0], [1], timeout_s=5, build_folder=in_the_way / "below")


@pytest.mark.parametrize(
    ("students", "items", "scores", "says"),
    [
        ([0, 1], [0], [1, 0], "same length"),
        ([], [], [], "same length"),
        ([0, 1], [0, 0], [0.5, 1], "right"),
        ([0, -1], [0, 0], [0, 1], "indices"),
        ([0, 0], [3, 3], [0, 1], "1 answers repeat"),
        ([0, 1], [0, 9], [0, 1], "there are 4 items"),
    ],
)
def test_lists_that_do_not_fit_are_refused_before_anything_starts(students, items, scores, says):
    with pytest.raises(ValueError, match=says):
        calibrate_with_pyirt(np.array(students, dtype=int), items, scores, timeout_s=0.0, n_items=4)


@pytest.mark.parametrize("unfit", [{"least_a": 0.0}, {"least_a": 6.0}, {"points": 2}, {"most_rounds": 0}])
def test_settings_out_of_range_are_refused(unfit):
    with pytest.raises(ValueError, match=r"needed|bounds"):
        Settings(**unfit)
