"""The chance of the next answer: trained on a school's answers, used where it helps, dropped where it does not."""

from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np
import pytest
import time_machine
from flask import Flask
from sqlalchemy import insert
from sqlalchemy.orm import Session
from structlog.types import EventDict

from app.bank import queries as bank
from app.bank.catalogue import Catalogue, catalogues
from app.base import clock
from app.base.errors import InvalidError
from app.base.ids import new_id
from app.base.jobs import one_at_a_time
from app.base.policy import Forecast as Rule
from app.base.services import Services
from app.calibration import forecasting, service
from app.calibration.forecasting import Trained
from app.practice.forecasting import known_before
from app.practice.progress import newcomer
from app.practice.tables import AnswerTable, ServingTable, SittingTable
from app.rostering.tables import PersonTable
from models import selection
from models.forecast import FEATURES, Forecast
from models.forecast_training import Evaluation, Scores
from models.irt import p_correct
from tests.app.calibration.conftest import night
from tests.app.calibration.test_calibrating import POLICY
from tests.app.practice.desk import Desk
from tests.factories import School

STUDENTS, EACH = 60, 40
MISJUDGED = "A.2"
TOO_HARD = 1.5
_SCORES = Scores(0.75, 0.5, 0.17, 0.02)


@pytest.fixture
def catalogue(session: Session, north: School) -> Catalogue:
    return catalogues.of_bank(session, north.district_id, north.bank_id)


def practise(
    parts: Services, school: School, catalogue: Catalogue, *, students: int = STUDENTS, harder: float = TOO_HARD
) -> None:
    """Store answers of simulated students; the items of one skill are harder than their author thinks."""
    parts.writer.run(_practised, school, catalogue, students, harder)


def _practised(
    session: Session, school: School, catalogue: Catalogue, students: int, harder: float, *, now: datetime, rng: object
) -> None:
    draws = np.random.default_rng(5)
    theta = draws.normal(0, 0.6**0.5, (students, 1)) + draws.normal(0, 0.4**0.5, (students, len(catalogue.places)))
    people, sittings, servings, answers = [], [], [], []
    for student in range(students):
        person, sitting = new_id(), new_id()
        common = {"district_id": school.district_id, "student_id": person}
        people.append(_person(school, person))
        sittings.append({**common, "id": sitting, **_sitting(school, now)})
        for n in range(EACH):
            item = catalogue.items[int(draws.integers(len(catalogue.items)))]
            at = now - timedelta(days=2) + timedelta(minutes=n)
            ability = theta[student, catalogue.places[item.skill_id]]
            ability -= harder if item.skill_id == school.skills[MISJUDGED] else 0.0
            right = bool(draws.random() < p_correct(ability, item.parameters))
            serving = new_id()
            servings.append({**common, "id": serving, "sitting_id": sitting, **_serving(school, catalogue, item, at)})
            answers.append({**common, "id": new_id(), "serving_id": serving, **_answer(n, right, at)})
    for table, rows in (
        (PersonTable, people),
        (SittingTable, sittings),
        (ServingTable, servings),
        (AnswerTable, answers),
    ):
        session.execute(insert(table.__table__), rows)


def _person(school: School, person: int) -> dict[str, object]:
    return {
        "district_id": school.district_id,
        "id": person,
        "school_id": school.school_id,
        "role": "student",
        "name": "Somebody",
        "email": None,
        "picture": "owl",
        "secret_hash": "none",
    }


def _sitting(school: School, now: datetime) -> dict[str, object]:
    return {
        "class_id": school.class_id,
        "bank_id": school.bank_id,
        "block_id": None,
        "slot": 0,
        "skills": [],
        "seed": 1,
        "started_at": now - timedelta(days=2),
        "ends_at": now - timedelta(days=1),
        "ended_at": now - timedelta(days=1),
        "answered": EACH,
        "right": 0,
        "course": {},
    }


def _serving(school: School, catalogue: Catalogue, item: bank.ServedItem, at: datetime) -> dict[str, object]:
    return {
        "class_id": school.class_id,
        "item_id": item.item_id,
        "version_id": item.version_id,
        "set_id": catalogue.set_id,
        "skill_id": item.skill_id,
        "seed": 1,
        "purpose": "core",
        "expected": 0.75,
        "served_at": at,
        "shown_at": at,
        "closed_at": at,
        "tries": 1,
        "hints": 0,
        "quick_hints": 0,
        "hint_at": None,
        "tried": [],
    }


def _answer(n: int, right: bool, at: datetime) -> dict[str, object]:
    return {
        "client_id": f"c{n}",
        "attempt": 1,
        "given": {},
        "chosen": "",
        "status": "right" if right else "wrong",
        "score": float(right),
        "misconception": None,
        "hints": 0,
        "elapsed_ms": 20_000,
        "fast": False,
        "policy_hash": POLICY.hash,
        "answered_at": at,
    }


def typed(app: Flask, *words: str) -> str:
    """What a command prints."""
    done = app.test_cli_runner().invoke(args=["predict", *words, "--district", "North district"])
    assert done.exit_code == 0, done.output
    return done.output


def present(session: Session, school: School) -> Catalogue:
    session.rollback()
    return catalogues.of_bank(session, school.district_id, school.bank_id)


def test_the_next_item_is_chosen_by_what_the_answers_taught(
    app: Flask, parts: Services, north: School, session: Session, catalogue: Catalogue, desk: Desk
) -> None:
    practise(parts, north, catalogue)
    assert "It may be used." in typed(app, "look")
    assert present(session, north) is catalogue  # a look stores nothing
    said = typed(app, "train")
    assert "IRT chance" in said
    assert "corrected chance" in said
    assert "Used from the next item on" in said
    served = present(session, north)
    assert served.set_id != catalogue.set_id
    assert [one.parameters for one in served.items] == [one.parameters for one in catalogue.items]
    assert served.forecast is not None
    desk.begin(MISJUDGED)
    serving = desk.stored(desk.serving_id)
    skill = north.skills[MISJUDGED]
    assert (serving.set_id, serving.skill_id) == (served.set_id, skill)
    _belief, row = known_before(newcomer(POLICY), skill, serving.served_at, POLICY)
    irt = _irt(served)[served.index[serving.version_id]]
    level = served.forecast.level(skill, row)
    corrected = served.forecast.chances(np.array([irt]), level)[0]
    assert serving.expected == pytest.approx(corrected, abs=1e-12)
    assert irt > serving.expected + 0.1  # by IRT alone this item would have looked too easy to serve


def _irt(catalogue: Catalogue) -> np.ndarray:
    n = len(catalogue.places)
    return selection.expected_success(catalogue.pool, np.zeros(n), np.ones(n))


def trained(catalogue: Catalogue) -> Trained:
    """A forecast that calls every item much harder, as if it had been trained and had passed."""
    found = Evaluation(3000, 80, _SCORES, _SCORES, 0.01, 0.002)
    return Trained(catalogue.set_id, 3000, 80, Forecast(1.0, -1.0, (0.0,) * len(FEATURES), {}), found, "")


def test_dropping_it_brings_back_the_irt_chance(
    app: Flask, parts: Services, north: School, session: Session, catalogue: Catalogue, desk: Desk
) -> None:
    where = north.district_id, north.bank_id
    parts.writer.run(forecasting.adopt, *where, trained(catalogue), POLICY)
    assert present(session, north).forecast is not None
    assert "the IRT chance is used" in typed(app, "drop")
    assert present(session, north) is catalogue
    assert "in use already" in typed(app, "drop")
    desk.begin(MISJUDGED)
    serving = desk.stored(desk.serving_id)
    assert serving.expected == pytest.approx(_irt(catalogue)[catalogue.index[serving.version_id]], abs=1e-12)


def test_one_that_no_longer_may_be_used_is_dropped(
    app: Flask, parts: Services, north: School, session: Session, catalogue: Catalogue
) -> None:
    where = north.district_id, north.bank_id
    parts.writer.run(forecasting.adopt, *where, trained(catalogue), POLICY)
    said = typed(app, "train")
    assert "too few answers" in said
    assert "The one in use is dropped" in said
    assert present(session, north) is catalogue


def test_one_trained_again_is_for_the_same_parameters_as_before(
    parts: Services, north: School, session: Session, catalogue: Catalogue
) -> None:
    where = north.district_id, north.bank_id
    first, second = (parts.writer.run(forecasting.adopt, *where, trained(catalogue), POLICY) for _ in range(2))
    assert first != second
    assert present(session, north).set_id == second
    assert bank.without_forecast(session, north.district_id, second) == catalogue.set_id
    assert bank.sets_like(session, north.district_id, catalogue.set_id) == {catalogue.set_id, first, second}


def test_one_that_may_not_be_used_cannot_be_adopted(parts: Services, north: School, catalogue: Catalogue) -> None:
    refused = replace(trained(catalogue), refused="it would call harder items easier")
    with pytest.raises(InvalidError, match="may not be used: it would call"):
        parts.writer.run(forecasting.adopt, north.district_id, north.bank_id, refused, POLICY)


def test_the_night_trains_where_answers_have_come_in_and_uses_what_helps(
    app: Flask, parts: Services, north: School, session: Session, catalogue: Catalogue, lines: list[EventDict]
) -> None:
    practise(parts, north, catalogue)
    night(app)
    assert sorted(events(lines)) == ["forecast_not_due", "forecast_trained"]
    served = present(session, north)
    assert served.forecast is not None
    trained_line = next(line for line in lines if line["event"] == "forecast_trained")
    assert (trained_line["set"], trained_line["answers"]) == (served.set_id, STUDENTS * EACH)
    night(app)
    assert sorted(events(lines)[2:]) == ["forecast_not_due", "forecast_not_due"]
    assert present(session, north) is served


def test_the_night_drops_what_no_longer_may_be_used(
    app: Flask, parts: Services, north: School, session: Session, catalogue: Catalogue, lines: list[EventDict]
) -> None:
    parts.writer.run(forecasting.adopt, north.district_id, north.bank_id, trained(catalogue), POLICY)
    practise(parts, north, catalogue, students=30)
    with time_machine.travel(clock.now() + timedelta(days=3)):
        practise(parts, north, catalogue, students=15)
        night(app)
    dropped = next(line for line in lines if line["event"] == "forecast_dropped")
    assert dropped["refused"].startswith("too few answers")
    assert present(session, north) is catalogue


def test_a_training_that_is_asked_for_later_is_carried_out_by_the_jobs(
    app: Flask, parts: Services, north: School, session: Session, catalogue: Catalogue, lines: list[EventDict]
) -> None:
    practise(parts, north, catalogue, students=20)
    assert typed(app, "train", "--later").startswith("Asked for.")
    assert events(lines) == ["forecast_trained"]
    (told,) = (line for line in lines if line["event"] == "forecast_trained")
    assert told["refused"].startswith("too few answers")
    with app.app_context(), one_at_a_time(f"forecast-{north.district_id}", "Busy."):
        typed(app, "train", "--later")
    assert events(lines)[1:] == ["forecast_not_trained"]
    assert present(session, north) is catalogue


def events(lines: list[EventDict]) -> list[str]:
    return [line["event"] for line in lines if line["event"].startswith("forecast")]


def test_too_few_answers_leave_the_irt_chance(
    app: Flask, parts: Services, north: School, session: Session, catalogue: Catalogue
) -> None:
    practise(parts, north, catalogue, students=20)
    said = typed(app, "train")
    assert "too few answers with the present parameters: 800 of 2000" in said
    assert "The IRT chance is used, as before" in said
    assert present(session, north) is catalogue


def test_where_authors_were_right_nothing_is_adopted(
    app: Flask, parts: Services, north: School, session: Session, catalogue: Catalogue
) -> None:
    practise(parts, north, catalogue, harder=0.0)
    assert "does not predict students set apart better" in typed(app, "train")
    assert present(session, north) is catalogue


def test_new_parameters_begin_without_what_the_old_ones_taught(
    app: Flask, parts: Services, north: School, session: Session, catalogue: Catalogue, desk: Desk
) -> None:
    desk.begin()
    desk.answer(right=True)
    run, where = parts.writer.run, (north.district_id, north.bank_id)
    run(forecasting.adopt, *where, trained(catalogue), POLICY)
    run(service.banks.adopt, *where, _as_calibrated(parts, north, catalogue))
    assert present(session, north).forecast is None
    with pytest.raises(InvalidError, match="other parameters meanwhile"):
        run(forecasting.adopt, *where, trained(catalogue), POLICY)
    assert "0 scored answers of 0 students with the present parameters" in typed(app, "look")


def _as_calibrated(parts: Services, school: School, catalogue: Catalogue) -> int:
    """The same parameters as a set of its own, such as a calibration would make."""
    parameters = {one.version_id: one.parameters for one in catalogue.items}
    cuts = {skill: info.cut for skill, info in catalogue.skills.items()}
    return parts.writer.run(
        service.banks.add_parameter_set,
        school.district_id,
        school.bank_id,
        "calibration",
        parameters,
        cuts,
        POLICY.hash,
    )


def test_taking_parameters_back_goes_past_the_forecast(parts: Services, north: School, catalogue: Catalogue) -> None:
    run, where = parts.writer.run, (north.district_id, north.bank_id)
    later = _as_calibrated(parts, north, catalogue)
    run(service.banks.adopt, *where, later)
    run(forecasting.adopt, *where, replace(trained(catalogue), set_id=later), POLICY)
    assert run(service.take_back, *where) == catalogue.set_id


def test_another_district_s_answers_teach_nothing_here(
    parts: Services, north: School, south: School, session: Session, catalogue: Catalogue
) -> None:
    practise(parts, north, catalogue, students=3)
    session.rollback()
    assert len(forecasting.examples(session, north.district_id, north.bank_id, POLICY)) == 3 * EACH
    assert len(forecasting.examples(session, south.district_id, south.bank_id, POLICY)) == 0


def test_what_an_answer_is_predicted_from_is_what_its_item_was_chosen_by(
    desk: Desk, north: School, session: Session, catalogue: Catalogue
) -> None:
    desk.begin()
    expected = []
    for right in (True, True, False, True):
        expected.append(desk.stored(desk.serving_id).expected)
        desk.answer(right=right)
        if not right:
            desk.answer(right=False)
        desk.next()
        desk.read_on()
    session.rollback()
    given = forecasting.examples(session, north.district_id, north.bank_id, POLICY)
    assert given.right.tolist() == [1, 1, 0, 1]
    assert given.irt == pytest.approx(expected, abs=1e-4)  # beliefs fade a little while the student thinks


@pytest.mark.parametrize(
    ("slope", "gain", "ece", "words"),
    [
        (1.0, 0.010, 0.02, ""),
        (-0.1, 0.010, 0.02, "harder items easier"),
        (1.0, 0.001, 0.02, "does not predict"),
        (1.0, -0.01, 0.02, "does not predict"),
        (1.0, 0.010, 0.04, "calibration error 0.040"),
    ],
)
def test_each_gate_says_why(slope: float, gain: float, ece: float, words: str) -> None:
    forecast = Forecast(slope, 0.0, (0.0,) * len(FEATURES), {})
    found = Evaluation(3000, 80, _SCORES, Scores(0.76, 0.49, 0.16, ece), gain, 0.002)
    said = forecasting.refusal(forecast, found, Rule())
    assert words in said
    assert bool(said) == bool(words)
