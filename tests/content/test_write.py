"""A bank written out and read again is the same bank."""

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from content.generators import relined
from content.parse import parse
from content.schema import Bank
from content.write import write
from tests.content import strategies
from tests.content.strategies import half


def without_lines(bank: Bank) -> Bank:
    """Leave out what writing may change: line numbers, and families that are the item's own."""
    return replace(bank, items=tuple(replace(relined(item), family=item.family or item.id) for item in bank.items))


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(strategies.banks)
def test_a_written_bank_reads_back_as_the_same_bank_without_a_finding(bank: Bank) -> None:
    parsed = parse(write(bank))

    assert without_lines(parsed.bank) == without_lines(bank)
    assert parsed.findings == ()


@pytest.mark.parametrize(
    "stem",
    ["One\n## two", "One\n# 4.NF.A.1", "One\n### Answer", "One <!-- two", "```\nopen", " padded ", "a\rb", "[[1/2]]"],
)
def test_a_text_that_would_mean_something_else_in_the_format_is_refused_by_name(stem: str) -> None:
    skills = (strategies.Skill(strategies.SKILLS[0], "Equivalent"),)
    bank = Bank("demo", "Demo", "5", "en", "CC0", skills=skills, items=(half(stem=stem),))

    with pytest.raises(ValueError, match="half"):
        write(bank)


@given(st.text(max_size=30).map(str.strip).filter(bool))
def test_any_stem_is_either_refused_or_kept_to_the_letter(stem: str) -> None:
    skills = (strategies.Skill(strategies.SKILLS[0], "Equivalent"),)
    bank = Bank("demo", "Demo", "5", "en", "CC0", skills=skills, items=(half(stem=stem),))
    try:
        text = write(bank)
    except ValueError:
        return

    assert parse(text).bank.items[0].stem == stem


def test_items_keep_their_order_when_skills_alternate() -> None:
    skills = tuple(strategies.Skill(code, "Skill") for code in strategies.SKILLS)
    items = tuple(half(id=f"i{index}", skill=strategies.SKILLS[index % 2]) for index in range(4))
    bank = Bank("demo", "Demo", "5", "en", "CC0", skills=skills, items=items)

    assert [item.id for item in parse(write(bank)).bank.items] == ["i0", "i1", "i2", "i3"]
