"""Each rule of the house is broken once, in a copy of the project, to see that its check notices.

The checks are those of ``make check``: import-linter's contracts, and the architecture tests.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from app.config import ROOT

COPIED = ("app", "content", "models", "migrations", "tests", "docs", "pyproject.toml", "wsgi.py", "package-lock.json")
NOT_NEEDED = shutil.ignore_patterns("__pycache__", "build", "banks", "pictures")
CHECK_S = 120


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Copy the project's source to where it may be spoilt."""
    for name in COPIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, tmp_path / name, ignore=NOT_NEEDED)
        else:
            shutil.copyfile(source, tmp_path / name)
    return tmp_path


def run(project: Path, *command: str) -> tuple[int, str]:
    """Exit code and output of a check in this copy."""
    environment = {**os.environ, "PYTHONPATH": str(project), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        command, cwd=project, env=environment, capture_output=True, text=True, timeout=CHECK_S, check=False
    )
    return done.returncode, done.stdout + done.stderr


def lint_imports(project: Path) -> tuple[int, str]:
    """Check the contracts about who may import whom."""
    return run(project, str(Path(sys.executable).with_name("lint-imports")), "--no-logo", "--no-cache")


def architecture(project: Path, name: str) -> tuple[int, str]:
    """Run one file of the architecture tests; those on PostgreSQL would only repeat it."""
    test = f"tests/architecture/test_{name}.py"
    return run(project, sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-m", "not postgresql", test)


def add(project: Path, path: str, code: str) -> None:
    """Write code at the end of a module, or a new module."""
    file = project / path
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("a", encoding="utf-8") as end:
        end.write(f"\n\n{code}\n")


def replace(project: Path, path: str, old: str, new: str) -> None:
    """Change a module."""
    file = project / path
    before = file.read_text(encoding="utf-8")
    assert old in before
    file.write_text(before.replace(old, new, 1), encoding="utf-8")


@pytest.mark.parametrize(
    ("path", "code", "contract", "named"),
    [
        ("content/parse.py", "import flask", "content knows no web", "content.parse -> flask"),
        ("content/check.py", "import models.irt", "content knows no web", "content.check -> models.irt"),
        ("content/schema.py", "import numpy", "content knows no web", "content.schema -> numpy"),
        ("models/irt.py", "import app.config", "models knows no web", "models.irt -> app.config"),
        ("models/ability.py", "import content.schema", "models knows no web", "models.ability -> content.schema"),
        ("models/ability.py", "import sqlalchemy", "models knows no web", "models.ability -> sqlalchemy"),
        ("models/irt.py", "import pyirt", "only models.pyirt_backend", "models.irt -> pyirt"),
        (
            "app/practice/service/answering.py",
            "import app.stations.routes",
            "domains build upon each other",
            "app.practice.service.answering -> app.stations.routes",
        ),
        (
            "app/bank/queries.py",
            "import app.rostering.queries",
            "domains build upon each other",
            "app.bank.queries -> app.rostering.queries",
        ),
        ("app/base/clock.py", "import app.factory", "domains build upon each other", "app.base.clock -> app.factory"),
        ("app/surprise/tables.py", "", "domains build upon each other", "surprise"),
        (
            "app/practice/queries.py",
            "import app.practice.service.answering",
            "inside a domain",
            "app.practice.queries -> app.practice.service.answering",
        ),
        (
            "app/rostering/tables.py",
            "import app.rostering.queries",
            "inside a domain",
            "app.rostering.tables -> app.rostering.queries",
        ),
        (
            "app/stations/clock.py",
            "import app.stations.queries",
            "what only reckons",
            "app.stations.clock -> app.stations.queries",
        ),
        ("app/practice/progress.py", "import flask", "what only reckons", "app.practice.progress -> flask"),
        (
            "app/live/words.py",
            "import app.practice.routes",
            "only the factory imports routes",
            "app.live.words -> app.practice.routes",
        ),
        ("content/schema.py", "import content.parse", "no cycles anywhere", ".schema -> .parse"),
    ],
)
def test_an_import_that_is_not_allowed_fails_its_contract(project, path, code, contract, named):
    new_package = project / Path(path).parent / "__init__.py"
    add(project, path, code)
    new_package.touch()
    code_of_exit, said = lint_imports(project)
    broken = [line for line in said.splitlines() if line.startswith(contract) and " BROKEN" in line]
    assert code_of_exit == 1, said
    assert broken, said
    assert named in said


def test_the_contracts_hold_where_nothing_is_planted(project):
    code, said = lint_imports(project)
    assert code == 0, said


def undeclared_route(project: Path) -> None:
    add(project, "app/rostering/routes.py", '@bp.get("/undeclared")\ndef undeclared() -> str:\n    return ""')


def second_head(project: Path) -> None:
    versions = project / "migrations" / "versions"
    last = max(versions.glob("*.py")).name[:4]
    twins = (f"{int(last) + 1:04d}", f"{int(last) + 2:04d}")
    for revision in twins:
        (versions / f"{revision}_planted.py").write_text(f'revision = "{revision}"\ndown_revision = "{last}"\n')


def undocumented_setting(project: Path) -> None:
    replace(
        project,
        "app/config.py",
        "    log_level:",
        '    planted: int = Field(1, description="Planted.")\n    log_level:',
    )


def undocumented_threshold(project: Path) -> None:
    replace(
        project, "app/base/policy.py", "    fast_s:", '    planted: int = Field(1, description="Planted.")\n    fast_s:'
    )


def outdated_document(project: Path) -> None:
    replace(
        project, "docs/it/settings.md", "| `WAYSTATION_WRITE_QUEUE` | `512` |", "| `WAYSTATION_WRITE_QUEUE` | `9` |"
    )


def table_without_migration(project: Path) -> None:
    replace(project, "app/bank/tables.py", "    grade: Mapped[str]", "    grade: Mapped[str]\n    planted: Mapped[str]")


def table_without_district(project: Path) -> None:
    table = '    __tablename__ = "planted"\n    id: Mapped[int] = mapped_column(primary_key=True)'
    add(project, "app/bank/tables.py", f"class PlantedTable(Base):\n{table}")


def third_party_host(project: Path) -> None:
    add(project, "app/templates/base.html", '<script src="https://cdn.example.com/htmx.js"></script>')


def address_in_a_style(project: Path) -> None:
    add(project, "app/static/css/base.css", "@import url(//fonts.example.com/a.css);")


def factory_in_the_package(project: Path) -> None:
    add(project, "app/__init__.py", "from app.factory import create_app")


def unpickling(project: Path) -> None:
    add(project, "models/irt.py", "import pickle")


def evaluating(project: Path) -> None:
    add(project, "content/expressions.py", 'TWO = eval("1 + 1")')


def select_outside_queries(project: Path) -> None:
    add(project, "app/bank/service.py", "from sqlalchemy import select")


@pytest.mark.parametrize(
    ("tests", "planted"),
    [
        ("routes", {undeclared_route: "rostering.undeclared"}),
        ("migrations", {second_head: "test_there_is_one_head"}),
        ("migrations", {table_without_migration: "Write a migration"}),
        (
            "documents",
            {
                undocumented_setting: "WAYSTATION_PLANTED",
                undocumented_threshold: "pace.planted",
                outdated_document: "WAYSTATION_WRITE_QUEUE",
            },
        ),
        ("tables", {table_without_district: "planted"}),
        ("hosts", {third_party_host: "cdn.example.com", address_in_a_style: "fonts.example.com"}),
        ("source", {factory_in_the_package: "late imports"}),
        (
            "source",
            {
                unpickling: "models/irt.py",
                evaluating: "content/expressions.py",
                select_outside_queries: "app/bank/service.py",
            },
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "-".join(plant.__name__ for plant in value),
)
def test_a_broken_rule_fails_its_test(project, tests: str, planted: dict[Callable[[Path], None], str]):
    for plant in planted:
        plant(project)
    code, output = architecture(project, tests)
    assert code == 1, output
    assert [said for said in planted.values() if said not in output] == [], output
