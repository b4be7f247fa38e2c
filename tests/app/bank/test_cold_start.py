"""A new item starts from what the district's calibrated items have taught, where that is better than a rating."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from flask import Flask
from sqlalchemy.orm import Session

from app.bank import queries, service
from app.bank.coldstart import features, predictions
from app.bank.queries import ServedItem
from app.bank.service import adopt, publish
from app.bank.tables import AUTHOR, CALIBRATED, PREDICTED
from app.base.policy import ColdStart
from app.base.services import Services
from content.parse import parse
from content.schema import Bank
from models.irt import AUTHOR_SD
from tests.bank_text import bank_text
from tests.factories import School

RULE = ColdStart()
FILE_ONLY = pytest.mark.parametrize("seed", ["sqlite"], indirect=True)
NORTH = ("--district", "North district")


def bank(name: str) -> Bank:
    return parse(bank_text(name)).bank


def rated(item: ServedItem) -> float:
    return item.content.difficulty or 0.0


def by_kind(item: ServedItem) -> float:
    """Authors rate choices too hard and typed answers too easy, all by the same amount."""
    return rated(item) + (-1.0 if item.content.answer.kind == "choice" else 1.0)


def calibrate(
    parts: Services, school: School, session: Session, name: str, truth: Callable[[ServedItem], float]
) -> int:
    """Publish a bank and serve it with difficulties that students' answers are said to have shown."""
    bank_id = parts.writer.run(publish, school.district_id, bank(name), parts.policy).bank_id
    session.rollback()
    set_id = queries.current_set(session, school.district_id, bank_id)
    served = queries.served_items(session, school.district_id, set_id)
    cuts = queries.cuts(session, school.district_id, set_id)
    noise = np.random.default_rng(len(name)).normal(0.0, 0.1, len(served))
    fitted = {
        one.version_id: replace(one.parameters, b=truth(one) + by, b_sd=0.2)
        for one, by in zip(served, noise, strict=True)
    }
    session.rollback()
    made = parts.writer.run(
        service.add_parameter_set,
        school.district_id,
        bank_id,
        "calibration",
        fitted,
        cuts,
        "hash",
        dict.fromkeys(fitted, CALIBRATED),
    )
    parts.writer.run(adopt, school.district_id, bank_id, made)
    return bank_id


def served(session: Session, school: School, bank_id: int) -> dict[str, ServedItem]:
    session.rollback()
    set_id = queries.current_set(session, school.district_id, bank_id)
    return {one.key: one for one in queries.served_items(session, school.district_id, set_id)}


def publish_file(app: Flask, folder: Path, text: str) -> str:
    path = folder / "more.md"
    path.write_text(text, encoding="utf-8")
    return app.test_cli_runner().invoke(args=["banks", "publish", str(path), *NORTH]).output


def reworded(name: str) -> str:
    """A bank of which one choice and one typed item are new wordings."""
    text = bank_text(name)
    for old, new in (("1 of A.1: which is", "1 of A.1: what is"), ("2 of A.1: work out", "2 of A.1: tell me")):
        assert old in text
        text = text.replace(old, new)
    return text


def test_a_new_wording_starts_from_what_calibrated_items_have_taught(
    app: Flask, parts: Services, north: School, session: Session, tmp_path: Path
) -> None:
    for name in ("small", "more"):
        bank_id = calibrate(parts, north, session, name, by_kind)
    before = served(session, north, bank_id)
    told = publish_file(app, tmp_path, reworded("more"))
    assert "2 difficulties are predicted" in told, told
    after = served(session, north, bank_id)
    new = [key for key, one in after.items() if one.origin == PREDICTED]
    assert sorted(new) == ["a1-choice-1", "a1-gen-2"]
    for key in new:
        assert after[key].parameters.b == pytest.approx(by_kind(after[key]), abs=0.35)
        assert 0.0 < after[key].parameters.b_sd < AUTHOR_SD
        assert after[key].parameters.c == before[key].parameters.c
    kept = [key for key in after if key not in new]
    assert all(after[key].origin == CALIBRATED for key in kept)
    assert all(after[key].parameters == before[key].parameters for key in kept)


def test_the_cut_of_a_skill_goes_with_what_its_items_are_served_with(
    app: Flask, parts: Services, north: School, session: Session, tmp_path: Path
) -> None:
    bank_id = calibrate(parts, north, session, "small", lambda item: rated(item) + 1.0)
    by_author = queries.cuts(session, north.district_id, queries.current_set(session, north.district_id, bank_id))
    publish_file(app, tmp_path, bank_text("small"))
    session.rollback()
    now = queries.cuts(session, north.district_id, queries.current_set(session, north.district_id, bank_id))
    assert all(now[skill] == pytest.approx(by_author[skill] + 1.0, abs=0.2) for skill in now)


@FILE_ONLY
def test_too_few_calibrated_items_leave_the_authors_rating(
    app: Flask, parts: Services, north: School, session: Session, tmp_path: Path
) -> None:
    bank_id = calibrate(parts, north, session, "small", by_kind)
    assert "predicted" not in publish_file(app, tmp_path, reworded("small"))
    item = served(session, north, bank_id)["a1-choice-1"]
    assert (item.origin, item.parameters.b, item.parameters.b_sd) == (AUTHOR, rated(item), AUTHOR_SD)


@FILE_ONLY
def test_ratings_that_are_as_good_as_any_prediction_are_kept(
    app: Flask, parts: Services, north: School, session: Session, tmp_path: Path
) -> None:
    for name in ("small", "more"):
        bank_id = calibrate(parts, north, session, name, rated)
    assert "predicted" not in publish_file(app, tmp_path, reworded("more"))
    assert served(session, north, bank_id)["a1-choice-1"].origin == AUTHOR


@FILE_ONLY
def test_another_districts_items_teach_nothing(
    app: Flask, parts: Services, north: School, south: School, session: Session, tmp_path: Path
) -> None:
    for name in ("small", "more"):
        calibrate(parts, south, session, name, by_kind)
    assert "predicted" not in publish_file(app, tmp_path, reworded("small"))


@FILE_ONLY
def test_items_without_a_rating_are_not_predicted_from_rated_ones_alone(
    parts: Services, north: School, session: Session
) -> None:
    """How far off that would be, nothing has shown yet."""
    for name in ("small", "more"):
        calibrate(parts, north, session, name, by_kind)
    session.rollback()
    known = queries.calibrated_items(session, north.district_id)
    assert len(predictions(known, bank("more"), RULE)) == 36
    unrated = replace(bank("more"), items=tuple(replace(one, difficulty=None) for one in bank("more").items))
    assert predictions(known, unrated, RULE) == {}


def test_what_is_seen_of_a_generator_does_not_depend_on_its_draw() -> None:
    generator = next(one for one in bank("more").items if one.id == "a1-gen-3")
    seen = features("more", generator)
    assert (seen.skill, seen.family, seen.answer_type) == ("more A.1", "more a1-gen-3", "fraction")
    assert seen.numbers == 2 + 3  # two places, and the numbers written out: 3, A.1's, and the factor
    assert seen.largest == 9.0
    assert seen.author == generator.difficulty


def test_what_is_seen_of_a_written_item_is_its_own_text() -> None:
    item = next(one for one in bank("more").items if one.id == "a1-choice-4")
    seen = features("more", item)
    assert (seen.answer_type, seen.numbers, seen.largest, seen.length) == ("choice", 4, 4.0, 7)
