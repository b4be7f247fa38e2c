"""Calibration without anyone waiting: asked for, or at night where answers have come in."""

from datetime import timedelta

import pytest
import structlog
from flask import Flask
from sqlalchemy.orm import Session

from app.bank import queries as banks
from app.bank.catalogue import Catalogue
from app.base import clock
from app.base.jobs import one_at_a_time
from app.base.policy import Calibration, Policy
from app.base.services import KEY, Services
from app.calibration import queries, runs, service
from tests.app.calibration.classroom import answers, store
from tests.app.calibration.conftest import night, typed
from tests.factories import School

NORTH = ("--district", "North district")


@pytest.fixture
def school(parts: Services, north: School, catalogue: Catalogue) -> School:
    """The north school after 150 students have answered."""
    store(parts, north, catalogue, answers(catalogue, 1, students=150))
    return north


def sets(session: Session, school: School) -> list[queries.StoredSet]:
    session.rollback()
    return queries.parameter_sets(session, school.district_id, school.bank_id)


def events(lines: list[structlog.types.EventDict]) -> list[str]:
    return [line["event"] for line in lines if line["event"].startswith("calibration")]


def test_what_is_asked_for_later_is_staged_and_served_to_nobody(
    app: Flask, school: School, session: Session, catalogue: Catalogue
) -> None:
    told = typed(app, "stage", "--later", *NORTH)
    assert told.output.startswith("Asked for.")
    newest, first = sets(session, school)
    assert (newest.source, newest.served, first.served) == ("calibration", False, True)
    assert 0 < newest.differing <= newest.items == len(catalogue.items)
    listed = typed(app, "sets", *NORTH).output
    assert str(newest.set_id) in listed
    assert [line.split()[0] for line in listed.splitlines() if "served now" in line] == [str(first.set_id)]


def test_the_night_stages_where_answers_have_come_in_and_only_once(
    app: Flask, school: School, south: School, session: Session, lines: list[structlog.types.EventDict]
) -> None:
    night(app)
    assert sorted(events(lines)) == ["calibration_not_due", "calibration_staged"]
    night(app)
    assert events(lines)[2:] == ["calibration_not_due", "calibration_not_due"]
    assert [one.served for one in sets(session, school)] == [False, True]
    assert len(sets(session, south)) == 1


def test_new_answers_are_counted_from_the_last_calibration(
    app: Flask, school: School, session: Session, parts: Services, catalogue: Catalogue
) -> None:
    def fresh() -> int:
        session.rollback()
        return queries.fresh_answers(session, school.district_id, school.bank_id, runs.SOURCES)

    assert fresh() == 3000
    typed(app, "stage", *NORTH)
    assert fresh() == 0
    store(parts, school, catalogue, answers(catalogue, 2, students=2), clock.now() + timedelta(minutes=5))
    assert fresh() == 40


def test_the_night_serves_what_it_found_only_where_the_policy_says_so(
    app: Flask, school: School, session: Session, parts: Services
) -> None:
    policy = Policy(calibration=Calibration(adopt=True))
    app.extensions[KEY] = Services(parts.settings, policy, parts.writer, parts.tailer, parts.hub)
    night(app)
    assert [(one.source, one.served) for one in sets(session, school)] == [("calibration", True), ("author", False)]


def test_two_calibrations_of_a_district_do_not_run_at_once(
    app: Flask, school: School, session: Session, lines: list[structlog.types.EventDict]
) -> None:
    with app.app_context(), one_at_a_time(f"calibration-{school.district_id}", "Busy."):
        told = typed(app, "stage", *NORTH)
        assert told.exit_code == 1
        assert "A calibration of this district is running." in told.output
        night(app)
    assert "calibration_refused" in events(lines)
    assert len(sets(session, school)) == 1


def test_a_calibration_that_fails_in_the_night_leaves_nothing_half_written(
    app: Flask, school: School, session: Session, monkeypatch, lines: list[structlog.types.EventDict]
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("Ana")

    monkeypatch.setattr(service.banks, "adopt", broken)
    monkeypatch.setattr(service, "_cut", broken)
    night(app)
    failed = [line for line in lines if line["event"] == "job_failed"]
    assert [(line["job"], line["district_id"]) for line in failed] == [("calibrate_if_due", school.district_id)]
    assert len(sets(session, school)) == 1
    assert banks.current_set(session, school.district_id, school.bank_id) == sets(session, school)[0].set_id


def test_too_few_answers_for_a_fit_are_said_so_in_the_log(
    app: Flask, parts: Services, north: School, catalogue: Catalogue, lines: list[structlog.types.EventDict]
) -> None:
    store(parts, north, catalogue, answers(catalogue, 1, students=20))
    night(app)
    said = next(line for line in lines if line["event"] == "calibration_refused")
    assert said["why"].startswith("20 students have answered")
    assert said["district"] == north.district_id
