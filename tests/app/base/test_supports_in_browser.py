"""A student's supports in a real Chromium: the voice, the words, the calculator, the look; by keyboard."""

import pytest
from playwright.sync_api import Page, expect

from tests.app.base.test_pages_in_browser import SAMPLES, _faults, _posts, _step, browser, opened

pytestmark = pytest.mark.browser
__all__ = ["browser"]  # the fixture of the other module's browser
HERE, ELSEWHERE = "{localService: true, lang: '%s'}", "{localService: false, lang: '%s'}"
VOICES = """
window.heard = [];
window.SpeechSynthesisUtterance = function (text) { this.text = text; };
Object.defineProperty(window, 'speechSynthesis', { value: {
  getVoices: () => [VOICES],
  speak: (speech) => window.heard.push([speech.text, speech.voice.localService, speech.lang]),
  cancel: () => window.heard.push('hush'),
  addEventListener: () => {},
} });
"""
SUMS = {
    "7*8=": "56",
    ".1+.2=": "0.3",
    "2+3x4=": "14",
    "(2+3)*4=": "20",
    "1/3=": "0.3333333333",
    "8-12=": "\u22124",
    "12/0=": "That does not work.",
    "2+=": "That does not work.",
    "5/2=*4=": "10",
    "5+1=7": "7",
    "12<+1=": "2",
}


def with_voices(page: Page, *voices: str) -> None:
    page.add_init_script(VOICES.replace("VOICES", ", ".join(voices)))
    page.reload()


def test_a_text_is_read_by_a_voice_that_lives_on_the_device_and_by_no_other(browser) -> None:
    with opened(browser, "station-supports") as (page, _):
        with_voices(page, ELSEWHERE % "en-US", HERE % "en-GB", ELSEWHERE % "es-MX")
        reader = page.get_by_role("button", name="Read to me", exact=True)
        expect(reader).to_have_count(2)  # the question and its hint; the translation has no voice here
        reader.first.press("Enter")
        assert page.evaluate("heard.at(-1)") == ["A cake needs 3 cups of flour.", True, "en-GB"]
        page.get_by_role("button", name="Stop").press("Enter")
        assert page.evaluate("heard.at(-1)") == "hush"
        expect(reader).to_have_count(2)


def test_where_there_is_no_voice_there_is_no_button(browser) -> None:
    with opened(browser, "station-supports") as (page, _):
        with_voices(page, ELSEWHERE % "en-US", HERE % "fr-FR")
        expect(page.get_by_label("Your answer")).to_be_visible()
        expect(page.locator(".say:visible")).to_have_count(0)


def test_a_word_opens_and_closes_by_keyboard_and_says_its_meaning(browser) -> None:
    with opened(browser, "station-supports", java_script_enabled=False) as (page, _):
        word = page.get_by_role("button", name="flour")
        expect(word).to_have_accessible_description("flour What bread is made of.")
        meaning = page.get_by_text("What bread is made of.")
        expect(meaning).to_be_hidden()
        word.press("Enter")
        expect(meaning).to_be_visible()
        page.keyboard.press("Escape")
        expect(meaning).to_be_hidden()
        expect(word).to_be_focused()


def test_the_calculator_reckons_by_keyboard_alone(browser) -> None:
    with opened(browser, "station-supports") as (page, site):
        page.locator(".calculator summary").press("Enter")
        display = page.locator("[data-display]")
        for typed, shown in SUMS.items():
            page.get_by_role("button", name="clear all").press("Enter")
            expect(display).to_have_text("0")
            for key in typed:
                page.keyboard.press("Backspace" if key == "<" else key)
            expect(display).to_have_text(shown)
        page.get_by_role("button", name="7").press("Enter")  # a key that has the focus is pressed
        page.get_by_role("button", name="times").press("Space")
        page.get_by_role("button", name="6").press("Enter")
        page.get_by_role("button", name="equals").press("Enter")
        expect(display).to_have_text("42")
        assert _posts(site, "practice.answer") == []  # nothing of it sends the answer


def test_a_tool_is_put_away_and_the_page_follows(browser) -> None:
    tools = vars(SAMPLES["station-supports-large"].context["step"].tools)
    plain = _step(
        "supports", tools=type(SAMPLES["station-supports"].context["step"].tools)(**tools | {"print": "", "open": True})
    )
    with opened(browser, "station-supports-large", {"practice.supports": plain}) as (page, site):
        look = page.locator("html")
        expect(look).to_have_attribute("data-print", "large")
        page.get_by_label("Your answer").fill("12")
        page.locator(".tools summary").press("Enter")
        page.get_by_role("button", name="Big text").press("Enter")
        expect(look).not_to_have_attribute("data-print", "large")
        expect(look).to_have_attribute("data-contrast", "more")
        [sent] = _posts(site, "practice.supports")
        assert (sent["show"], sent["number"]) == (["large_print"], ["12"])
        expect(page.locator("#tool-large_print")).to_be_focused()


def test_axe_finds_nothing_in_large_print_with_strong_lines_at_double_zoom(browser) -> None:
    with opened(browser, "station-supports-large", bypass_csp=True) as (page, _):
        page.set_viewport_size({"width": 683, "height": 384})
        page.locator(".tools summary").click()
        page.locator(".calculator summary").click()
        assert _faults(page, "all open") == []
        page.get_by_role("button", name="flour").click()
        assert _faults(page, "a word open") == []
        assert page.evaluate("getComputedStyle(document.documentElement).fontSize") == "24px"
