"""From answers to parameters: fitted on the bank's own scale, used only when they may be, and taken back at will."""

from dataclasses import replace

import numpy as np
import pytest
from flask import Flask
from sqlalchemy.orm import Session

from app.bank import queries as banks
from app.bank.catalogue import Catalogue
from app.base.errors import InvalidError, NotFoundError
from app.base.policy import Calibration, Policy
from app.base.services import Services
from app.calibration import engines, queries, service
from app.calibration.queries import FirstAnswers
from app.calibration.service import propose, refusal
from app.calibration.words import table
from models.domain import calibrate_domain
from models.irt import ItemParams
from tests.app.calibration.classroom import answers
from tests.app.calibration.conftest import typed
from tests.app.practice.desk import Desk
from tests.factories import School

POLICY = Policy()


@pytest.mark.parametrize("level", [0.0, 1.0])
def test_the_bank_stays_on_its_scale_whoever_answers(catalogue: Catalogue, level: float) -> None:
    found = propose(catalogue, answers(catalogue, 1, level=level), POLICY)
    errors = [change.fitted.b - change.item.parameters.b for change in found.changes if change.fitted]
    assert found.level == pytest.approx(level, abs=0.25)
    assert abs(np.mean(errors)) < 0.15
    assert np.sqrt(np.mean(np.square(errors))) < 0.5
    assert len(found.accepted) > len(catalogue.items) / 2


def test_items_that_may_not_change_keep_their_parameters(catalogue: Catalogue) -> None:
    found = propose(catalogue, answers(catalogue, 2, students=60), POLICY)
    refused = [change for change in found.changes if change.refused]
    assert refused
    assert all(change.after is change.item.parameters for change in refused)
    assert all("too few to judge" in change.refused for change in refused if change.answers < 50)


def test_cuts_move_with_the_difficulties(catalogue: Catalogue) -> None:
    """An item that turns out harder than its author thought raises its skill's cut, and moves no other item."""
    given = answers(catalogue, 3)
    hard = catalogue.items[0]
    all_in = Policy(calibration=Calibration(error=9, furthest=9))
    few = np.arange(given.scores.size) % 8 == 0
    scores = np.where(given.versions == hard.version_id, few, given.scores).astype(np.uint8)
    before = propose(catalogue, given, all_in)
    after = propose(catalogue, FirstAnswers(given.students, given.versions, scores), all_in)
    assert after.level == pytest.approx(before.level, abs=0.1)
    assert after.changes[0].after.b > before.changes[0].after.b + 1.0


def test_only_the_first_of_two_answers_counts(catalogue: Catalogue) -> None:
    given = answers(catalogue, 4, students=60)
    twice = FirstAnswers(
        np.tile(given.students, 2), np.tile(given.versions, 2), np.concatenate([given.scores, 1 - given.scores])
    )
    once, again = propose(catalogue, given, POLICY), propose(catalogue, twice, POLICY)
    assert again.answers == once.answers
    assert [change.fitted for change in again.changes] == [change.fitted for change in once.changes]


def test_parts_of_an_item_are_fitted_as_a_partial_credit_item(catalogue: Catalogue) -> None:
    """One item in two has three parts; slope and difficulty of each part are found again."""
    manifold = {item.version_id: 3 if place % 2 else 1 for place, item in enumerate(catalogue.items)}
    items = tuple(
        replace(item, parameters=replace(item.parameters, model="2PL", c=0.0, parts=manifold[item.version_id]))
        for item in catalogue.items
    )
    bank = replace(catalogue, items=items)
    rng = np.random.default_rng(12)
    g = rng.normal(0.0, np.sqrt(0.6), 500)
    theta = g[:, None] + rng.normal(0.0, np.sqrt(0.4), (500, len(bank.places)))
    who, what = np.repeat(np.arange(500), len(items)), np.tile(np.arange(len(items)), 500)
    place = np.array([bank.places[item.skill_id] for item in items])[what]
    b = np.array([item.parameters.b for item in items])
    parts = np.array([item.parameters.parts for item in items])[what]
    right = rng.binomial(parts, 1.0 / (1.0 + np.exp(-(theta[who, place] - b[what]))))
    versions = np.array([item.version_id for item in items])[what]
    found = propose(bank, FirstAnswers(who, versions, right / parts), POLICY)
    assert found.answers == who.size
    assert {change.answers for change in found.changes} == {500}
    slopes, difficulties = np.array([(change.fitted.a, change.fitted.b) for change in found.changes]).T
    assert slopes == pytest.approx(1.0, abs=0.45)
    assert np.sqrt(np.mean(np.square(difficulties - b))) < 0.3
    tight = [change.fitted.b_sd for change in found.changes if change.item.parameters.parts == 3]
    loose = [change.fitted.b_sd for change in found.changes if change.item.parameters.parts == 1]
    assert np.mean(tight) < 0.85 * np.mean(loose)


def test_too_few_students_are_refused_in_words(catalogue: Catalogue) -> None:
    with pytest.raises(InvalidError, match="29 students have answered"):
        propose(catalogue, answers(catalogue, 5, students=29), POLICY)


def test_answers_to_items_of_long_ago_are_left_aside(catalogue: Catalogue) -> None:
    given = answers(catalogue, 6, students=60)
    more = FirstAnswers(
        np.append(given.students, 7), np.append(given.versions, 123456), np.append(given.scores, 1).astype(np.uint8)
    )
    assert propose(catalogue, more, POLICY).answers == propose(catalogue, given, POLICY).answers


def test_an_item_that_has_not_settled_is_refused_and_no_other(
    catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = answers(catalogue, 3)
    before = propose(catalogue, given, POLICY)
    late = before.accepted[0].item.version_id
    monkeypatch.setattr(
        engines, "calibrate_domain", lambda *given, **told: replace(calibrate_domain(*given, **told), unsettled={late})
    )
    after = propose(catalogue, given, POLICY)
    refused = [change for change in after.changes if "did not settle" in change.refused]
    assert [change.item.version_id for change in refused] == [late]
    assert len(after.accepted) == len(before.accepted) - 1


@pytest.mark.parametrize(
    ("fitted", "answers", "settled", "words"),
    [
        (None, 0, True, "too few"),
        (ItemParams("2PL", 1.0, 0.0, b_sd=0.1), 49, True, "too few"),
        (ItemParams("2PL", 1.0, 0.0, b_sd=0.1), 50, True, ""),
        (ItemParams("2PL", 1.0, 0.0, b_sd=0.1), 50, False, "did not settle"),
        (ItemParams("2PL", 0.1, 0.0, b_sd=0.1), 50, True, "discrimination"),
        (ItemParams("2PL", 4.5, 0.0, b_sd=0.1), 50, True, "discrimination"),
        (ItemParams("2PL", 1.0, -5.5, b_sd=0.1), 50, True, "logits out"),
        (ItemParams("2PL", 1.0, 0.0, b_sd=0.51), 50, True, "uncertain"),
    ],
)
def test_each_gate_says_why(fitted: ItemParams | None, answers: int, settled: bool, words: str) -> None:
    said = refusal(fitted, answers, settled, Calibration())
    assert words in said
    assert bool(said) == bool(words)


def test_a_staged_set_is_served_only_once_it_is_adopted_and_can_be_taken_back(
    parts: Services, north: School, session: Session, catalogue: Catalogue
) -> None:
    proposal = propose(catalogue, answers(catalogue, 7), POLICY)
    before = catalogue.set_id
    set_id = parts.writer.run(service.stage, north.district_id, north.bank_id, proposal, POLICY)
    assert _served(session, north) == before
    parts.writer.run(service.banks.adopt, north.district_id, north.bank_id, set_id)
    assert _served(session, north) == set_id
    changed = {change.item.version_id: change.after for change in proposal.accepted}
    session.rollback()
    staged = banks.served_items(session, north.district_id, set_id)
    assert {one.version_id for one in staged if one.origin == "calibrated"} == changed.keys()
    assert {one.origin for one in staged if one.version_id not in changed} == {"author"}
    stored = {one.version_id: one.parameters for one in staged}
    assert all(stored[version].b == pytest.approx(item.b) for version, item in changed.items())
    assert all(stored[version].b_sd == pytest.approx(item.b_sd) for version, item in changed.items())
    assert banks.cuts(session, north.district_id, set_id) == pytest.approx(dict(proposal.cuts))
    assert parts.writer.run(service.take_back, north.district_id, north.bank_id) == before
    assert _served(session, north) == before
    with pytest.raises(NotFoundError, match="no earlier"):
        parts.writer.run(service.take_back, north.district_id, north.bank_id)


def _served(session: Session, school: School) -> int | None:
    session.rollback()
    return banks.current_set(session, school.district_id, school.bank_id)


def test_a_proposal_without_a_change_is_not_stored(
    parts: Services, north: School, session: Session, catalogue: Catalogue
) -> None:
    nothing = propose(catalogue, answers(catalogue, 8, students=40, each=6), POLICY)
    with pytest.raises(InvalidError, match="No item has enough answers"):
        parts.writer.run(service.stage, north.district_id, north.bank_id, nothing, POLICY)


def test_what_practice_scored_is_what_calibration_reads(desk: Desk, north: School, session: Session) -> None:
    desk.begin()
    desk.answer(right=True)
    session.rollback()
    given = queries.first_answers(session, north.district_id, north.bank_id)
    assert given.scores.tolist() == [1]
    assert given.students.tolist() == [north.students["Ana"]]


def test_another_district_has_no_answers_here(desk: Desk, south: School, session: Session) -> None:
    desk.begin()
    desk.answer(right=True)
    session.rollback()
    assert queries.first_answers(session, south.district_id, south.bank_id).scores.size == 0


def test_the_command_asks_which_district_and_says_what_is_missing(app: Flask, north: School, south: School) -> None:
    assert "several districts" in typed(app, "look").output
    few = typed(app, "look", "--district", "North district")
    assert few.exit_code == 1
    assert "0 students have answered" in few.output
    assert "no earlier parameters" in typed(app, "back", "--district", "North district").output
    assert typed(app, "adopt", "17", "--district", "North district").exit_code == 1


def test_the_command_prints_a_line_for_each_item(catalogue: Catalogue) -> None:
    found = propose(catalogue, answers(catalogue, 9), POLICY)
    lines = table(found.changes)
    assert len(lines) == len(catalogue.items) + 1
    assert all(change.item.key in line for change, line in zip(found.changes, lines[1:], strict=True))
    assert any("would be used" in line for line in lines)
    assert all("author" in line for line in lines[1:])
