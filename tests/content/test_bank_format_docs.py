"""The authors' page says all there is to say, and its example works."""

import re
from pathlib import Path

import pytest

from content.check import examine
from content.expressions import DISPLAYS, FUNCTIONS
from content.front import BANK_KEYS, MISCONCEPTION_KEYS, SKILL_KEYS
from content.parse import SECTIONS
from content.schema import Generator
from content.settings import FORMS, ITEM_KEYS, KINDS

PAGE = (Path(__file__).parents[2] / "docs/authors/bank-format.md").read_text(encoding="utf-8")
EXAMPLE = re.search(r"````markdown\n(.*?)````", PAGE, re.DOTALL)[1]
PROSE = PAGE.replace(EXAMPLE, "")


@pytest.mark.parametrize("key", sorted({*BANK_KEYS, *SKILL_KEYS, *MISCONCEPTION_KEYS, *ITEM_KEYS, *KINDS, FORMS[1]}))
def test_every_key_is_explained(key):
    assert f"`{key}`" in PROSE


@pytest.mark.parametrize("section", SECTIONS)
def test_every_section_is_explained(section):
    assert f"`### {section.title()}`" in PROSE


@pytest.mark.parametrize("function", sorted(FUNCTIONS | DISPLAYS))
def test_every_function_is_explained(function):
    assert f"{function}(" in PROSE


def test_the_example_is_a_bank_without_a_single_finding():
    parsed = examine(EXAMPLE)

    assert parsed.findings == ()
    assert {item.answer.kind for item in parsed.bank.items} == set(KINDS)
    assert any(isinstance(item, Generator) for item in parsed.bank.items)
