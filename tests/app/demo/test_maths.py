"""Check our maths: the page compares with the truth, says how much it knows, and names nobody."""

import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask_migrate import upgrade
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from app.base import clock
from app.base.services import Services
from app.demo import queries, service
from app.demo.maths import INTERVAL_Z, Estimate, Forecast, check, wilson
from app.demo.queries import DemoClass
from app.demo.reading import checked
from app.demo.service import School
from app.factory import create_app
from tests.conftest import settings, stop
from tests.demo_school import NUMBER, running


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Flask]:
    """The school as `make demo` shows it."""
    with running(tmp_path, doors=True) as app:
        yield app


estimates = st.lists(
    st.builds(Estimate, st.floats(-4, 4), st.floats(-4, 4), st.floats(0.05, 2), st.integers(1, 60)), max_size=40
)
forecasts = st.lists(st.builds(Forecast, st.floats(0, 1), st.booleans()), max_size=200)


@given(estimates, forecasts)
def test_every_estimate_and_forecast_is_counted_once(known: list[Estimate], asked: list[Forecast]) -> None:
    found = check(known, asked)
    assert sum(band.n for band in found.bands) == len(known)
    assert sum(bin.n for bin in found.bins) == len(asked) == found.forecasts


def test_an_honest_estimator_covers_nine_in_ten_and_states_its_error() -> None:
    draw = random.Random(3)
    known = []
    for _ in range(4_000):
        true, sd = draw.gauss(0, 1), draw.uniform(0.2, 0.8)
        known.append(Estimate(true, draw.gauss(true, sd), sd, draw.randint(1, 30)))
    found = check(known, [])
    assert found.covered == pytest.approx(0.9, abs=0.02)
    assert all(band.rmse == pytest.approx(band.sd, rel=0.12) for band in found.bands)


def test_an_estimator_that_is_too_sure_of_itself_is_found_out() -> None:
    draw = random.Random(3)
    known = [Estimate(0.0, draw.gauss(0, 1.0), 0.3, 12) for _ in range(2_000)]
    assert check(known, []).covered < 0.5


def test_forecasts_that_come_true_have_no_error_and_boasts_have_much() -> None:
    draw = random.Random(5)
    chances = [draw.random() for _ in range(20_000)]
    honest = check([], [Forecast(p, draw.random() < p) for p in chances])
    boasting = check([], [Forecast(p, draw.random() < p - 0.2) for p in chances])
    assert honest.calibration_error < 0.015
    assert boasting.calibration_error > 0.12


def test_a_sure_forecast_belongs_to_the_last_bin() -> None:
    assert [bin.label for bin in check([], [Forecast(1.0, True)]).bins] == ["90 to 100%"]


def test_few_answers_are_too_few_to_judge() -> None:
    assert [bin.judged for bin in check([], [Forecast(0.5, True)] * 19).bins] == [False]
    assert [bin.judged for bin in check([], [Forecast(0.5, True)] * 20).bins] == [True]


@given(st.integers(1, 500), st.data())
def test_the_interval_of_a_share_holds_the_share(n: int, data: st.DataObject) -> None:
    share = data.draw(st.integers(0, n)) / n
    low, high = wilson(share, n)
    assert -1e-12 <= low <= share + 1e-12
    assert share - 1e-12 <= high <= 1 + 1e-12


def test_the_demos_estimates_agree_with_the_truth(look: Session, demo_parts: Services, school: School) -> None:
    found = checked(look, NUMBER, demo_parts.policy, clock.now())
    assert len(found.estimates) > 100
    assert found.correlation > 0.6
    assert 0.75 < found.covered < 0.99
    assert found.forecasts > 500


def test_other_students_are_not_the_ones_who_answered(look: Session, demo_parts: Services, school: School) -> None:
    """The truth comes from the demo's number: with another one the estimates fit nobody."""
    right, wrong = (checked(look, number, demo_parts.policy, clock.now()) for number in (NUMBER, NUMBER + 1))
    assert wrong.rmse > right.rmse + 0.1
    assert wrong.correlation < right.correlation - 0.1


def test_the_page_shows_the_figures_and_no_name(demo: Flask, look: Session, group: DemoClass) -> None:
    page = demo.test_client().get("/demo/maths")
    assert page.status_code == 200
    assert "logits of typical error" in page.text
    assert page.text.count("plot-dot") > 100
    names = {name for one in queries.demo_classes(look, service.CLASSES[0][1]) for _, name in
             queries.students(look, one.district_id, one.id)}  # fmt: skip  # one thought
    assert not [name for name in names if f">{name}<" in page.text or f" {name} " in page.text]


def test_the_fourth_door_opens(demo: Flask) -> None:
    assert 'href="/demo/maths"' in demo.test_client().get("/").text


def test_a_school_has_no_such_page(app: Flask) -> None:
    assert app.test_client().get("/demo/maths").status_code == 404


def test_without_a_demo_school_the_page_says_what_to_do(tmp_path: Path) -> None:

    app = create_app(settings(f"sqlite:///{tmp_path / 'empty.sqlite'}", demo=True))
    with app.app_context():
        upgrade()
        assert "Nobody has practised yet." in app.test_client().get("/demo/maths").text
    stop(app)


def test_ninety_per_cent_of_a_normal_lie_within_the_interval() -> None:
    draw = random.Random(1)
    within = sum(abs(draw.gauss(0, 1)) <= INTERVAL_Z for _ in range(50_000)) / 50_000
    assert within == pytest.approx(0.9, abs=0.01)
