"""The pictures of the documents show what the code does today."""

import re
import xml.etree.ElementTree as ET

import pytest

from app.config import ROOT
from benchmarks.pictures import FOLDER, PICTURES, table

NUMBER = re.compile(r"\d+(?:\.\d+)?")
PAGE = (ROOT / "docs" / "measurement.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", PICTURES)
def test_a_committed_picture_is_what_the_command_draws(name):
    """To a tenth of a point: another processor may round a coordinate the other way."""
    drawn, stored = PICTURES[name](), (FOLDER / f"{name}.svg").read_text(encoding="utf-8")
    assert NUMBER.sub("0", drawn) == NUMBER.sub("0", stored), "Run make pictures"
    here, there = ([float(one) for one in NUMBER.findall(text)] for text in (drawn, stored))
    assert here == pytest.approx(there, abs=0.11), "Run make pictures"


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_is_small_and_says_what_it_shows(name):
    path = FOLDER / f"{name}.svg"
    assert path.stat().st_size < 20_000
    title = ET.parse(path).getroot().find("{http://www.w3.org/2000/svg}title")  # noqa: S314 - our own file
    assert title is not None
    assert len(title.text or "") > 60
    assert re.search(rf'<img src="pictures/{name}\.svg"[^>]* alt="[^"]{{60,}}"', PAGE)


def test_the_table_of_the_page_is_what_the_command_prints():
    assert [row for row in table() if row not in PAGE] == [], "Run make pictures and copy its table"
