"""The style pages in a real Chromium: what axe says, and what each page's script does when the network misbehaves."""

import json
import re
import threading
import time
from contextlib import contextmanager
from types import SimpleNamespace
from urllib.parse import urljoin

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Response, render_template, request
from playwright.sync_api import expect, sync_playwright

from app.base import styleguide
from app.base.styleguide import teachers
from tests.app.base.style_site import make_site, serving
from tests.shared_data import chromium

pytestmark = pytest.mark.browser
SAMPLES = styleguide.samples()
COLOURS = {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}


@pytest.fixture(scope="module")
def browser():
    program = chromium()
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield running
        running.close()


@contextmanager
def opened(browser, name, replies=None, **options):
    """Open one style page of a site with these replies; fails if its script or policy complained."""
    site = make_site(replies)
    with serving(site) as address:
        context = browser.new_context(viewport={"width": 1366, "height": 768}, **options)
        page = context.new_page()
        complaints = []
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda said: complaints.append(said.text) if "Content Security" in said.text else None)
        page.goto(f"{address}/styleguide/{name}", wait_until="domcontentloaded")
        yield page, site
        context.close()
    assert complaints == []


def _posts(site, endpoint):
    return [form for name, form in site.seen if name == endpoint]


def _step(name, **changes):
    step = SAMPLES[f"station-{name}"].context["step"]
    return lambda **_: render_template("practice/_step.html", step=SimpleNamespace(**{**vars(step), **changes}))


def test_axe_finds_nothing_on_any_page(browser):
    with opened(browser, "doors", bypass_csp=True) as (page, _):
        found = []
        for name in SAMPLES:
            page.emulate_media(color_scheme="light")
            page.goto(urljoin(page.url, name), wait_until="domcontentloaded")
            found += _faults(page, name)
            page.emulate_media(color_scheme="dark")
            found += _faults(page, f"{name}, dark", runOnly=COLOURS)  # the same page in other colours
        assert found == []


def _faults(page, name, **options):
    page.wait_for_timeout(300)  # colours are judged after the panel has settled
    violations = Axe().run(page, options={"resultTypes": ["violations"], **options}).response["violations"]
    return [f"{name}: {one['id']} {one['nodes'][0]['html'][:90]}" for one in violations]


def test_no_page_is_wider_than_its_window_at_double_zoom(browser):
    with opened(browser, "doors") as (page, _):
        page.set_viewport_size({"width": 683, "height": 384})
        wide = []
        for name in SAMPLES:
            page.goto(urljoin(page.url, name), wait_until="domcontentloaded")
            if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
                wide.append(name)
        assert wide == []


def _enter(page, text):
    expect(page.get_by_label("Your answer")).to_be_focused()  # nobody has to click first
    page.keyboard.type(text)
    page.keyboard.press("Enter")


# -- The student's page -----------------------------------------------------------------------------------------


def test_an_answer_typed_and_entered_brings_the_next_step(browser):
    with opened(browser, "station-number", {"practice.answer": _step("right")}) as (page, site):
        _enter(page, "12")
        expect(page.get_by_role("heading", name="Yes, that is right.")).to_be_visible()
        expect(page.get_by_text("Saved", exact=True)).to_be_visible()
        expect(page.get_by_role("button", name="Next")).to_be_focused()
        assert _posts(site, "practice.answer")[0]["number"] == ["12"]


def test_an_answer_that_cannot_be_sent_is_kept_and_sent_again_under_the_same_name(browser):
    with opened(browser, "station-number", {"practice.answer": _step("right")}) as (page, site):
        names = []

        def away(route):
            names.append(re.search(r"client_id=([0-9a-f-]{36})", route.request.post_data).group(1))
            route.abort() if len(names) == 1 else route.continue_()

        page.route("**/servings/**", away)
        _enter(page, "12")
        expect(page.get_by_text("Saved here. We will send it.")).to_be_visible()
        assert page.get_by_text("Saved", exact=True).count() == 0
        expect(page.get_by_role("heading", name="Yes, that is right.")).to_be_visible(timeout=5000)
        assert len(names) == 2
        assert names[0] == names[1] == _posts(site, "practice.answer")[0]["client_id"][0]
        expect(page.get_by_text("Saved here. We will send it.")).to_have_count(0)


def test_a_busy_server_is_asked_again(browser):
    turns = iter([lambda: ("busy", 503), _step("right")])

    def busy_once(**_):
        return next(turns)()

    with opened(browser, "station-number", {"practice.answer": busy_once}) as (page, site):
        _enter(page, "12")
        expect(page.get_by_role("heading", name="Yes, that is right.")).to_be_visible(timeout=5000)
        first, second = _posts(site, "practice.answer")
        assert first["client_id"] == second["client_id"]


def test_the_hint_waits_for_its_time_and_brings_back_what_was_typed(browser):
    now = int(time.time() * 1000)
    soon = _step("fraction", now_ms=now, hint_opens_at_ms=now + 1500)
    with opened(browser, "station-start", {"practice.start": soon, "practice.hint": _step("hints")}) as (page, site):
        page.get_by_role("button", name="Start").click()
        hint = page.get_by_role("button", name="Hint 1 of 3")
        expect(hint).to_be_disabled()
        expect(hint).to_be_enabled(timeout=4000)
        page.get_by_label("top").fill("7")
        hint.click()
        expect(page.get_by_role("heading", name="Hint 1")).to_be_visible()
        assert _posts(site, "practice.hint")[0]["top"] == ["7"]


def test_help_raises_the_hand_without_an_answer(browser):
    with opened(browser, "station-choice", {"practice.hand": _step("hints")}) as (page, site):
        page.get_by_role("button", name="Help").click()
        expect(page.get_by_role("button", name="Hand is up")).to_be_visible()
        assert _posts(site, "practice.hand")[0]["up"] == ["1"]
        assert _posts(site, "practice.answer") == []


def test_a_hidden_clock_stays_hidden_at_the_next_step(browser):
    with opened(browser, "station-number", {"practice.answer": _step("right")}) as (page, _):
        page.locator("[data-clock] summary").click()
        expect(page.get_by_text("Station ends 8:40")).to_be_hidden()
        page.get_by_label("Your answer").fill("12")
        page.get_by_role("button", name="Check").click()
        expect(page.get_by_role("heading", name="Yes, that is right.")).to_be_visible()
        expect(page.get_by_text("Station ends 8:40")).to_be_hidden()


def test_five_minutes_before_the_end_a_screen_reader_hears_it(browser):
    now = int(time.time() * 1000)
    late = _step("number", now_ms=now, ends_at_ms=now + 299_500)
    with opened(browser, "station-start", {"practice.start": late}) as (page, _):
        page.get_by_role("button", name="Start").click()
        expect(page.locator("#announcer")).to_have_text("Five minutes left.", timeout=4000)


def test_the_page_moves_on_when_the_heartbeat_says_so(browser):
    replies = {
        "practice.heartbeat": lambda: {"changed": True},
        "practice.station": lambda: render_template(
            "practice/step.html", step=SAMPLES["station-table"].context["step"], viewer=None
        ),
    }
    with opened(browser, "station-wait", replies) as (page, site):
        expect(page.get_by_role("heading", name="Go to the teacher's table.")).to_be_visible(timeout=14_000)
        assert _posts(site, "practice.heartbeat")[0]["stretch"] == ["slot-2"]


def test_a_page_of_another_child_reloads_itself(browser):
    def beat():
        return Response(
            json.dumps({"changed": False}), headers={"X-Viewer": "someone-else"}, mimetype="application/json"
        )

    with (
        opened(browser, "station-number", {"practice.heartbeat": beat}) as (page, _),
        page.expect_navigation(timeout=14_000),
    ):
        pass


def test_three_pictures_are_sent_at_once_and_in_order(browser):
    with opened(browser, "sign-in-pictures") as (page, site):
        page.get_by_role("link", name="Start again").click()
        page.locator("form[data-secret]").evaluate("form => form.action = '/practice/start'")
        for name in ("kite", "sun", "bell"):
            page.get_by_role("button", name=name).click()
        page.wait_for_timeout(300)
        (form,) = _posts(site, "practice.start")
        assert form["picked"] + form["pick"] == ["kite", "sun", "bell"]


# -- The teacher's board ----------------------------------------------------------------------------------------


def _fragment(**changes):
    board = SAMPLES["board"].context["board"]
    return render_template("live/_board.html", board=SimpleNamespace(**{**vars(board), **changes}))


class Stream:
    """A stream of the board that the test pushes frames into."""

    def __init__(self):
        self.frames, self.changed, self.open = [], threading.Condition(), True

    def push(self, event, data):
        lines = "".join(f"data: {line}\n" for line in data.splitlines())
        with self.changed:
            self.frames.append(f"event: {event}\n{lines}\n")
            self.changed.notify_all()

    def close(self):
        with self.changed:
            self.open = False
            self.changed.notify_all()

    def response(self):
        return Response(self._run(), mimetype="text/event-stream")

    def _run(self):
        yield ": hello\n\n"
        sent = 0
        while self.open:
            with self.changed:
                self.changed.wait(timeout=1)
                fresh = self.frames[sent:]
            yield from fresh
            sent += len(fresh)


@contextmanager
def board_of(browser, replies=None):
    stream = Stream()
    with opened(browser, "board", {"live.stream": lambda class_id: stream.response(), **(replies or {})}) as (
        page,
        site,
    ):
        page.wait_for_function("() => window.htmx !== undefined")
        yield page, site, stream
        stream.close()


def _with_name(site, name):
    with site.test_request_context():
        return _fragment(not_visited=[name])


def test_a_frame_changes_the_board_and_leaves_the_focus_where_it_was(browser):
    with board_of(browser) as (page, site, stream):
        tile = page.locator("#tile-104")
        tile.focus()
        tile.evaluate("tile => tile.mark = 'the same element'")
        stream.push("board", _with_name(site, "Quentin"))
        expect(page.get_by_text("Quentin")).to_be_visible(timeout=5000)
        expect(tile).to_be_focused()
        assert tile.evaluate("tile => tile.mark") == "the same element"


def test_arrow_keys_walk_over_the_tiles_and_enter_opens_the_drawer(browser):
    drawer = {"live.student": lambda **_: render_template("live/_drawer.html", student=teachers.drawer())}
    with board_of(browser, drawer) as (page, site, stream):
        page.locator("#tile-100").focus()
        for key, place in [("ArrowRight", 101), ("ArrowDown", 103), ("ArrowLeft", 102), ("ArrowUp", 100)]:
            page.keyboard.press(key)
            expect(page.locator(f"#tile-{place}")).to_be_focused()
        page.keyboard.press("Enter")
        expect(page.get_by_role("dialog").get_by_role("heading", name="Kai")).to_be_visible()
        stream.push("board", _with_name(site, "Quentin"))
        expect(page.get_by_text("Quentin")).to_have_count(1)
        expect(page.get_by_role("dialog")).to_be_visible()
        page.keyboard.press("Escape")
        expect(page.locator("#tile-100")).to_be_focused()


def test_the_key_r_rotates_and_the_answer_becomes_the_board(browser):
    def rotated(class_id):
        return _fragment(not_visited=["Quentin"])

    with board_of(browser, {"stations.rotate": rotated}) as (page, site, _):
        page.keyboard.press("r")
        expect(page.get_by_text("Quentin")).to_be_visible()
        assert len(_posts(site, "stations.rotate")) == 1


def test_a_silent_stream_is_told_and_the_board_asks_instead(browser):
    asked = {"live.board_fragment": lambda class_id: ("", 503)}
    with board_of(browser, asked) as (page, _, stream):
        page.evaluate("() => { const real = Date.now; Date.now = () => real() + 16_000; }")
        expect(page.get_by_text("Not live.")).to_be_visible(timeout=5000)
        stream.push("beat", "now")
        expect(page.get_by_text("Not live.")).to_be_hidden(timeout=5000)


def test_a_board_without_a_stream_catches_up_by_asking(browser):
    replies = {
        "live.stream": lambda class_id: ("held back", 503),
        "live.board_fragment": lambda class_id: _fragment(not_visited=["Quentin"]),
    }
    with opened(browser, "board", replies) as (page, _):
        page.evaluate("() => { const real = Date.now; Date.now = () => real() + 16_000; }")
        expect(page.get_by_text("Quentin")).to_be_visible(timeout=8000)
        expect(page.get_by_text("Not live.")).to_be_hidden()


def test_the_clock_counts_down_by_the_servers_time(browser):
    with board_of(browser) as (page, _, _stream):
        expect(page.get_by_role("timer")).to_have_text(re.compile(r"06:1[01]"), timeout=3000)


def test_the_projector_follows_the_lesson(browser):
    def later(class_id):
        assert request.headers["HX-Request"] == "true"
        projector = SimpleNamespace(**{**vars(teachers.projector()), "headline": "Walk to your next station."})
        return render_template("live/_projector.html", projector=projector)

    with opened(browser, "projector", {"live.projector": later}) as (page, _):
        expect(page.get_by_role("heading", name="Walk to your next station.")).to_be_visible(timeout=5000)


def test_the_plan_prints_on_one_page(browser):
    with opened(browser, "plan") as (page, _):
        printed = page.pdf(prefer_css_page_size=True, format="A4")
        assert len(re.findall(rb"/Type\s*/Page\b", printed)) == 1
