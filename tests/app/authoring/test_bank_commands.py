"""Authors' commands as they are typed: ``flask banks check``, ``publish`` and ``import``."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy.orm import Session

from app.authoring.service import bank_at
from app.bank import queries
from app.base.db import db
from app.base.errors import InvalidError
from app.base.services import writer
from app.config import ROOT, Settings
from app.factory import create_app
from app.rostering.service import open_district
from content.parse import parse
from tests.shared_data import shared

OWN_BANK = ROOT / "content" / "banks" / "fractions-and-ratios.md"
GOOD = """---
id: halves
title: Halves
grade: "4"
language: en
licence: CC BY 4.0
skills:
  - code: half
    title: Halves
---
# half

## first
answer: fraction
difficulty: 0

What is half of 1?

### Answer
= 1/2

### Solution
Half of 1 is $\\frac{1}{2}$.
"""


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Flask]:
    settings = Settings(environment="test", database_url=f"sqlite:///{tmp_path / 'test.sqlite'}")
    app = create_app(settings)
    with app.app_context():
        db.create_all()
    yield app
    with app.app_context():
        writer().stop()
        db.engine.dispose()


@pytest.fixture
def school(app: Flask) -> int:
    with app.app_context():
        return writer().run(open_district, "North", "Maple School", "Europe/Dublin").district_id


def run(app: Flask, *words: object) -> Result:
    return app.test_cli_runner().invoke(args=["banks", *map(str, words)])


def published(app: Flask, district: int) -> dict[str, int]:
    """Count the items that are served of each bank."""
    with app.app_context(), Session(db.engine) as session:
        served = {
            bank.key: queries.current_set(session, district, bank.id) for bank in queries.banks(session, district)
        }
        return {key: len(queries.served_items(session, district, set_id or 0)) for key, set_id in served.items()}


def written(folder: Path, text: str) -> Path:
    file = folder / "bank.md"
    file.write_text(text)
    return file


def test_a_good_bank_passes_the_check(app: Flask, tmp_path: Path) -> None:
    result = run(app, "check", written(tmp_path, GOOD))
    assert result.exit_code == 0, result.output
    assert result.stdout == ""
    assert "1 items, 0 errors, 0 remarks" in result.stderr


def test_the_projects_own_bank_passes_the_check(app: Flask) -> None:
    assert run(app, "check", OWN_BANK).exit_code == 0


def test_every_fault_is_printed_with_its_line_and_what_to_do(app: Flask, tmp_path: Path) -> None:
    file = written(tmp_path, GOOD.replace("= 1/2", "= 1/").replace("answer: fraction", "answer: fracton"))
    result = run(app, "check", file)
    assert result.exit_code == 1
    lines = result.stdout.splitlines()
    assert any(line.startswith(f"{file}:14: ") and "fracton" in line for line in lines), lines
    assert all(line.startswith(f"{file}:") for line in lines)


@pytest.mark.parametrize("content", [None, b"\xff\xfe\x00"])
def test_a_file_that_cannot_be_read_is_said_in_words(app: Flask, tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "bank.md"
    if content is not None:
        file.write_bytes(content)
    result = run(app, "check", file)
    assert result.exit_code == 1
    assert str(file) in result.stderr
    assert "Traceback" not in result.stderr


def test_a_bank_is_published(app: Flask, school: int, tmp_path: Path) -> None:
    result = run(app, "publish", written(tmp_path, GOOD))
    assert result.exit_code == 0, result.output
    assert "Published Halves for North: 1 items, 1 of them new or changed" in result.stdout
    assert published(app, school) == {"halves": 1}


def test_publishing_again_makes_no_new_wordings(app: Flask, school: int, tmp_path: Path) -> None:
    run(app, "publish", written(tmp_path, GOOD))
    assert "0 of them new or changed" in run(app, "publish", written(tmp_path, GOOD)).stdout


def test_a_bank_with_errors_is_not_published(app: Flask, school: int, tmp_path: Path) -> None:
    file = written(tmp_path, GOOD.replace("= 1/2", ""))
    result = run(app, "publish", file)
    assert result.exit_code == 1
    assert result.stdout.startswith(f"{file}:")
    assert "nothing was published" in result.stderr
    assert published(app, school) == {}


def test_without_a_district_nothing_can_be_published(app: Flask, tmp_path: Path) -> None:
    result = run(app, "publish", written(tmp_path, GOOD))
    assert result.exit_code == 1
    assert "There is no district yet" in result.stderr


def test_with_two_districts_the_author_chooses(app: Flask, school: int, tmp_path: Path) -> None:
    with app.app_context():
        south = writer().run(open_district, "South", "Oak School", "Europe/Dublin").district_id
    file = written(tmp_path, GOOD)
    assert "Choose with --district: North, South" in run(app, "publish", file).stderr
    assert "There is no district 'West'" in run(app, "publish", file, "--district", "West").stderr
    assert run(app, "publish", file, "--district", "South").exit_code == 0
    assert (published(app, school), published(app, south)) == ({}, {"halves": 1})


def test_an_oatutor_folder_is_imported_reported_written_and_published(app: Flask, school: int, tmp_path: Path) -> None:
    folder, report, target = shared("banks/oatutor"), tmp_path / "report.json", tmp_path / "oatutor.md"
    result = run(app, "import", "oatutor", folder, "--report", report, "--write", target)
    assert result.exit_code == 0, result.output
    assert "Item by item" not in result.stdout
    record = json.loads(report.read_text())
    assert sum(record["totals"]["step"].values()) == 282
    assert published(app, school) == {"oatutor": record["items"]}
    assert len(parse(target.read_text()).bank.items) == record["items"] >= 180
    assert f"Published OATutor for North: {record['items']} items" in result.stdout


def test_without_a_report_file_the_whole_report_is_printed(app: Flask, school: int) -> None:
    result = run(app, "import", "oatutor", shared("banks/oatutor"))
    assert result.stdout.count("\nstep ") == 282
    assert result.stdout.count("\nhint ") == 1134


def test_a_folder_without_problems_is_not_imported(app: Flask, school: int, tmp_path: Path) -> None:
    result = run(app, "import", "oatutor", tmp_path / "nothing")
    assert result.exit_code == 1
    assert "Nothing in" in result.stderr
    assert published(app, school) == {}


def test_a_bank_is_found_in_a_file_and_in_an_oatutor_folder(tmp_path: Path) -> None:
    assert bank_at(written(tmp_path, GOOD)).bank.id == "halves"
    assert bank_at(shared("banks/oatutor")).bank.id == "oatutor"
    with pytest.raises(InvalidError, match="has 1 errors; the first is on line"):
        bank_at(written(tmp_path, GOOD.replace("= 1/2", "= 1/")))
    with pytest.raises(InvalidError, match="could be taken"):
        bank_at(tmp_path)


def test_a_recording_beside_the_bank_is_published_with_it(app: Flask, school: int, tmp_path: Path) -> None:
    path = written(tmp_path, GOOD.replace("difficulty: 0", "difficulty: 0\naudio: half.mp3"))
    missing = run(app, "check", path)
    assert (missing.exit_code, ":13: no-recording: " in missing.stdout) == (1, True)
    names = []
    for sound in (b"one", b"two", b"two"):
        (tmp_path / "half.mp3").write_bytes(sound)
        result = run(app, "publish", path)
        assert result.exit_code == 0, result.output
        with app.app_context(), Session(db.engine) as session:
            bank_id = queries.bank_with_key(session, school, "halves").id
            [item] = queries.served_items(session, school, queries.current_set(session, school, bank_id))
            assert queries.recording(session, school, item.content.audio) == sound
            assert queries.recording(session, school + 1, item.content.audio) is None
        names.append(item.content.audio)
    # Another recording is another version; the same one is not.
    assert names[0] != names[1] == names[2]
    assert "0 of them new or changed" in result.output
