"""Two engines on one set of answers, through the command line."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from flask import Flask

from app.bank.catalogue import Catalogue
from app.base.services import Services
from app.calibration import comparison, engines
from app.calibration.comparison import compare
from app.calibration.queries import FirstAnswers
from models.pyirt_backend import PyirtFit, PyirtReport, PyirtUnavailableError, Settings
from models.responses import Responses
from tests.app.calibration.classroom import answers, store
from tests.app.calibration.conftest import typed
from tests.factories import School
from tests.shared_data import missing

NORTH = ("--district", "North district")
FILE_ONLY = pytest.mark.parametrize("seed", ["sqlite"], indirect=True)


def pretend(a, b, stopped="converged"):
    """An engine in pyirt's place that finds these values of every skill."""

    def found(students, items, scores, *, timeout_s, n_items, guesses, settings):
        report = PyirtReport(7, stopped, 0.0, 1.0, (), 0.1)
        return PyirtFit(np.resize(a, n_items), np.resize(b, n_items), report)

    return found


@pytest.fixture
def school(parts: Services, north: School, catalogue: Catalogue) -> School:
    """The north school after 150 students have answered."""
    store(parts, north, catalogue, answers(catalogue, 1, students=150))
    return north


@FILE_ONLY
def test_both_engines_fit_the_answers_of_a_school(
    app: Flask, parts: Services, north: School, catalogue: Catalogue, monkeypatch
) -> None:
    """The real thing, a little coarser than usual: pyirt in its own process, skill by skill."""
    if shutil.which("cc") is None:
        missing("No C compiler is installed (Debian: apt-get install build-essential python3.11-dev)")
    monkeypatch.setattr(engines, "PYIRT", Settings(points=15, tolerance=1e-3, most_rounds=4))
    two_skills = [item.version_id for item in catalogue.items if item.skill_id != north.skills["B.1"]]
    given = answers(catalogue, 1, students=250, each=30)
    known = np.isin(given.versions, two_skills)
    store(parts, north, catalogue, FirstAnswers(given.students[known], given.versions[known], given.scores[known]))
    done = typed(app, "crosscheck", "--json", *NORTH)
    assert done.exit_code == 0, done.output
    told = json.loads(done.output)
    assert told["items"] == 24
    assert told["correlation_b"] > 0.9
    assert told["rmse_b"] < 0.4
    assert sorted(told["moved"]) == ["A.1", "A.2"]
    assert all(item["own"]["b_error"] > 0 for item in told["by_item"])


@FILE_ONLY
def test_a_machine_without_a_compiler_is_told_and_keeps_the_own_engine(
    app: Flask, school: School, monkeypatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("CC", "/nowhere/cc")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    done = typed(app, "stage", "--engine", "pyirt", *NORTH)
    assert done.exit_code == 1
    assert "Install a C compiler" in done.output
    assert "go on with the own engine" in done.output
    assert "Nothing is stored" in typed(app, "look", *NORTH).output


def test_what_pyirt_found_is_staged_on_the_banks_scale(app: Flask, school: School, monkeypatch) -> None:
    """Each of its skills has a zero of its own; all are brought back to where the bank's items are."""
    monkeypatch.setattr(engines, "calibrate_with_pyirt", pretend([1.0, 1.2], np.linspace(-1, 1, 12)))
    looked = typed(app, "look", "--engine", "pyirt", *NORTH)
    assert "Each skill was fitted by itself" in looked.output
    assert "settled after 7 cycles" in looked.output
    staged = typed(app, "stage", "--engine", "pyirt", *NORTH)
    assert "Stored as parameter set" in staged.output, staged.output


def test_a_run_that_pyirt_broke_off_changes_no_item(app: Flask, school: School, monkeypatch) -> None:
    monkeypatch.setattr(engines, "calibrate_with_pyirt", pretend([1.0], [0.0, 0.5, 1.0], "out of rounds"))
    looked = typed(app, "look", "--engine", "pyirt", *NORTH)
    assert "did NOT settle" in looked.output
    assert "0 of 36 items would change" in looked.output


@FILE_ONLY
def test_an_item_that_the_engines_see_differently_is_named(
    app: Flask, school: School, catalogue: Catalogue, monkeypatch
) -> None:
    """An engine that agrees on all but one item, whose difficulty is two logits off."""
    own = engines.fit_own
    odd = catalogue.items[0]

    def other(responses: Responses, served: engines.Served, guesses: object = None) -> engines.Fitted:
        found = own(responses, served)
        moved = {version: item for version, item in found.items.items() if version != catalogue.items[5].version_id}
        moved[odd.version_id] = engines.replace(moved[odd.version_id], b=moved[odd.version_id].b + 2.0)
        return engines.Fitted(moved, {}, {one: served[one].skill_id for one in responses.items}, None, 5, True)

    monkeypatch.setattr(comparison, "fit_pyirt", other)
    told = typed(app, "crosscheck", *NORTH).output
    assert "do not agree" in told
    lines = [line for line in told.splitlines() if line.endswith("apart")]
    assert [line.split()[0] for line in lines][:1] == [odd.key]
    assert f"Parameters from one engine only: {catalogue.items[5].key}." in told


@FILE_ONLY
def test_items_that_are_all_alike_cannot_be_compared(
    parts: Services, north: School, catalogue: Catalogue, monkeypatch
) -> None:
    monkeypatch.setattr(engines, "calibrate_with_pyirt", pretend([1.0], [np.nan]))
    with pytest.raises(engines.InvalidError, match="cannot be compared"):
        compare(catalogue, answers(catalogue, 3, students=60))


def test_what_goes_wrong_inside_pyirt_is_said_in_words(app: Flask, school: School, monkeypatch) -> None:
    def broken(*_: object, **__: object) -> PyirtFit:
        raise PyirtUnavailableError("pyirt did not finish within 900 s. Give it more time or fewer answers.")

    monkeypatch.setattr(engines, "calibrate_with_pyirt", broken)
    done = typed(app, "look", "--engine", "pyirt", *NORTH)
    assert done.exit_code == 1
    assert "did not finish" in done.output
