"""Contrast of every pair of text and ground that the style sheets use (WCAG 2.2: 1.4.3, 1.4.6, 1.4.11)."""

import re

import pytest

from app.base.assets import STATIC

SHEET = (STATIC / "css" / "tokens.css").read_text()
THEMES = ("light", "dark", "more")
STATES = ("hand", "stuck", "early", "fast", "hints", "idle", "offline", "pace", "got", "ready")
STUDENT_PAIRS = [
    ("ink", "paper"),
    ("ink", "card"),
    ("ink", "sunken"),
    ("ink-soft", "paper"),
    ("ink-soft", "card"),
    ("on-brand", "brand"),
    ("good-ink", "good-soft"),
    ("warm-ink", "warm-soft"),
    ("calm-ink", "calm-soft"),
    ("alarm-ink", "alarm-soft"),
    ("alarm-ink", "card"),
]
ADULT_PAIRS = [
    ("brand", "paper"),
    ("brand", "card"),
    ("brand-strong", "brand-soft"),
    ("ink-soft", "sunken"),
    *((f"state-{state}-ink", f"state-{state}") for state in STATES),
]
EDGES = [("line-strong", "card"), ("line-strong", "paper"), ("brand", "card"), ("focus", "card"), ("focus", "paper")]


def _block(start: str) -> dict[str, str]:
    found = re.search(re.escape(start) + r"\s*\{(.*?)\}", SHEET, re.S)
    assert found, start
    return dict(re.findall(r"--([\w-]+):\s*(#[0-9a-f]{6});", found.group(1)))


def _theme(name: str) -> dict[str, str]:
    light = _block("\n:root")
    if name == "dark":
        return {**light, **_block("@media (prefers-color-scheme: dark) {\n  :root")}
    if name == "more":
        return {**light, **_block(':root[data-contrast="more"]')}
    return light


def _luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _contrast(one: str, other: str) -> float:
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def _below(pairs: list[tuple[str, str]], theme: str, least: float) -> list[str]:
    colours = _theme(theme)
    ratios = [(ink, ground, _contrast(colours[ink], colours[ground])) for ink, ground in pairs]
    return [f"{ink} on {ground}: {ratio:.2f}" for ink, ground, ratio in ratios if ratio < least]


def test_contrast_is_computed_as_the_standard_says():
    assert _contrast("#000000", "#ffffff") == pytest.approx(21)
    assert _contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("theme", THEMES)
def test_what_students_read_has_a_contrast_of_seven(theme):
    assert _below(STUDENT_PAIRS, theme, 7) == []


@pytest.mark.parametrize("theme", THEMES)
def test_what_adults_read_has_a_contrast_of_four_and_a_half(theme):
    assert _below(ADULT_PAIRS, theme, 4.5) == []


@pytest.mark.parametrize("theme", THEMES)
def test_edges_of_fields_and_the_focus_ring_can_be_seen(theme):
    assert _below(EDGES, theme, 3) == []


def test_colours_are_named_in_the_tokens_only():
    sheets = [path for path in (STATIC / "css").glob("*.css") if path.name != "tokens.css"]
    lines = [f"{path.name}: {line}" for path in sheets for line in path.read_text().splitlines()]
    assert [line for line in lines if re.search(r":\s.*(#[0-9a-f]{3,8}\b|rgb)", line)] == []
