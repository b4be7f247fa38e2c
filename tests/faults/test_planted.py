"""Each rule of the house is broken once, in a copy of the project, to see that its check notices.

The checks are those of ``make check``: import-linter's contracts, and the architecture tests. Rules that do not
get into each other's way are broken together, and each has to be named where its own check reports.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest

from app.config import ROOT

COPIED = ("app", "content", "models", "migrations", "tests", "docs", "pyproject.toml", "wsgi.py", "package-lock.json")
NOT_NEEDED = shutil.ignore_patterns("build", "banks", "pictures")
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


def broken_contracts(project: Path) -> dict[str, str]:
    """What import-linter says about each contract that is broken."""
    _, said = lint_imports(project)
    _, _, report = said.partition("Broken contracts\n")
    _, *parts = re.split(r"\n\n(.+)\n-{3,}\n", report)
    return dict(zip(parts[::2], parts[1::2], strict=True))


def failures(project: Path, *names: str) -> dict[str, str]:
    """What fails in these files of the architecture tests, by file; on PostgreSQL they would only repeat themselves."""
    tests = [f"tests/architecture/test_{name}.py" for name in names]
    plain = ("-q", "-p", "no:cacheprovider", "-m", "not postgresql", "--junitxml=told.xml")
    code, said = run(project, sys.executable, "-m", "pytest", *plain, *tests)
    assert code in (0, 1), said
    told = dict.fromkeys(names, "")
    for case in ElementTree.parse(project / "told.xml").iter("testcase"):  # noqa: S314 - pytest has just written it
        name = case.attrib["classname"].partition("test_")[2].partition(".")[0]
        told[name] += "".join(f"{case.attrib['name']}\n{fault.text}\n" for fault in case.iter("failure"))
    return told


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


# (module, line added to it, beginning of the contract it breaks, how the report names it)
IMPORTS = [
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
]


def test_each_import_that_is_not_allowed_fails_its_contract(project):
    for path, code, _, _ in IMPORTS:
        add(project, path, code)
        (project / path).with_name("__init__.py").touch()
    broken = broken_contracts(project)
    for path, _, contract, named in IMPORTS:
        assert [told for title, told in broken.items() if title.startswith(contract) and named in told], (path, broken)


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
    "planted",
    [
        {
            undeclared_route: ("routes", "rostering.undeclared"),
            table_without_migration: ("migrations", "Write a migration"),
            undocumented_setting: ("documents", "WAYSTATION_PLANTED"),
            undocumented_threshold: ("documents", "pace.planted"),
            outdated_document: ("documents", "WAYSTATION_WRITE_QUEUE"),
            third_party_host: ("hosts", "cdn.example.com"),
            address_in_a_style: ("hosts", "fonts.example.com"),
            unpickling: ("source", "models/irt.py"),
            evaluating: ("source", "content/expressions.py"),
            select_outside_queries: ("source", "app/bank/service.py"),
        },
        {
            second_head: ("migrations", "test_there_is_one_head"),
            table_without_district: ("tables", "planted"),
            factory_in_the_package: ("source", "late imports"),
        },
    ],
    ids=["together", "apart"],
)
def test_a_broken_rule_fails_its_test(project, planted: dict[Callable[[Path], None], tuple[str, str]]):
    for plant in planted:
        plant(project)
    told = failures(project, *dict.fromkeys(name for name, _ in planted.values()))
    for plant, (name, said) in planted.items():
        assert said in told[name], (plant.__name__, told)
