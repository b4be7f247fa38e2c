"""Publishing a bank: versions are for ever, parameters follow the wording, practice follows the adoption."""

from dataclasses import replace
from datetime import datetime

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.bank import queries, service
from app.bank.catalogue import catalogues
from app.bank.service import Published, adopt, publish
from app.bank.tables import (
    AdoptionTable,
    BankTable,
    ItemTable,
    ItemVersionTable,
    ParameterSetTable,
    PrerequisiteTable,
    SkillTable,
)
from app.base.errors import InvalidError, NotFoundError
from app.base.services import Services
from app.base.statements import stand_or_fall_together
from content.parse import parse
from content.schema import Bank
from models.irt import ItemParams
from tests.app.practice.desk import HTMX, Desk
from tests.bank_text import bank_text
from tests.factories import School, assign, sign_in_student
from tests.learner import fields_of, serving_in


def small(**changed: str) -> Bank:
    """The small bank, with some of its text changed."""
    text = bank_text()
    for old, new in changed.values():
        assert old in text, old
        text = text.replace(old, new)
    parsed = parse(text)
    assert not list(parsed.errors()), parsed.findings
    return parsed.bank


def put(parts: Services, school: School, bank: Bank) -> Published:
    return parts.writer.run(publish, school.district_id, bank, parts.policy)


def counts(session: Session) -> dict[str, int]:
    tables = (BankTable, SkillTable, ItemTable, ItemVersionTable, ParameterSetTable, AdoptionTable)
    return {one.__tablename__: session.scalar(select(func.count()).select_from(one)) for one in tables}


def parameters(session: Session, school: School, set_id: int) -> dict[str, ItemParams]:
    session.rollback()
    return {one.key: one.parameters for one in queries.served_items(session, school.district_id, set_id)}


WORDING = {"one": ("Item 1 of A.1: which is", "Item 1 of A.1: how much is")}


def test_publishing_the_same_bank_again_makes_no_new_versions(parts: Services, north: School, session: Session) -> None:
    before = counts(session)
    first = queries.current_set(session, north.district_id, north.bank_id)
    done = put(parts, north, small())
    assert (done.bank_id, done.fresh, done.retired) == (north.bank_id, 0, 0)
    after = counts(session)
    assert after == {**before, "parameter_sets": before["parameter_sets"] + 1, "adoptions": before["adoptions"] + 1}
    assert parameters(session, north, done.set_id) == parameters(session, north, first)


def test_a_changed_wording_is_one_new_version_and_the_old_one_stays(
    parts: Services, north: School, session: Session
) -> None:
    before = counts(session)
    done = put(parts, north, small(**WORDING))
    assert (done.fresh, done.retired) == (1, 0)
    after = counts(session)
    assert after["item_versions"] == before["item_versions"] + 1
    assert after["items"] == before["items"]
    key = select(ItemTable.id).where(ItemTable.key == "a1-choice-1", ItemTable.district_id == north.district_id)
    bodies = session.execute(select(ItemVersionTable.body).where(ItemVersionTable.item_id == key.scalar_subquery()))
    assert sorted("how much" in str(body) for body in bodies.scalars()) == [False, True]


def test_a_changed_difficulty_is_a_new_version_with_the_authors_new_number(
    parts: Services, north: School, session: Session
) -> None:
    done = put(
        parts,
        north,
        small(
            one=("## a1-choice-1\nanswer: choice\ndifficulty: -1.25", "## a1-choice-1\nanswer: choice\ndifficulty: 1.5")
        ),
    )
    assert done.fresh == 1
    assert parameters(session, north, done.set_id)["a1-choice-1"].b == 1.5


def test_calibrated_parameters_survive_a_publication_that_changes_other_items(
    parts: Services, north: School, session: Session
) -> None:
    set_id = queries.current_set(session, north.district_id, north.bank_id)
    served = queries.served_items(session, north.district_id, set_id)
    fitted = {one.version_id: replace(one.parameters, a=1.7, b=0.123, b_sd=0.1) for one in served}
    cuts = queries.cuts(session, north.district_id, set_id)
    session.rollback()
    better = parts.writer.run(
        service.add_parameter_set, north.district_id, north.bank_id, "calibration", fitted, cuts, "hash"
    )
    parts.writer.run(adopt, north.district_id, north.bank_id, better)
    done = put(parts, north, small(**WORDING))
    now = parameters(session, north, done.set_id)
    assert {one.b for key, one in now.items() if key != "a1-choice-1"} == {0.123}
    assert now["a1-choice-1"].b != 0.123


def test_an_item_that_is_left_out_is_served_no_more_and_its_versions_stay(
    parts: Services, north: School, session: Session
) -> None:
    before = counts(session)
    bank = small()
    less = replace(bank, items=tuple(one for one in bank.items if one.id != "a1-choice-1"))
    done = put(parts, north, less)
    assert (done.fresh, done.retired) == (0, 1)
    assert "a1-choice-1" not in parameters(session, north, done.set_id)
    assert counts(session)["item_versions"] == before["item_versions"]
    back = put(parts, north, bank)
    assert (back.fresh, back.retired) == (0, 0)
    assert "a1-choice-1" in parameters(session, north, back.set_id)


def test_a_serving_keeps_the_wording_and_numbers_it_was_made_with(desk: Desk) -> None:
    desk.begin()
    before = desk.page.partition('id="stem"')[2].partition("</div>")[0]
    serving = desk.serving
    everything_new = parse(bank_text().replace("Item ", "Thing ").replace("Generator ", "Maker ")).bank
    put(desk.parts, desk.school, everything_new)
    assert desk.look().partition('id="stem"')[2].partition("</div>")[0] == before
    assert "feedback-right" in desk.answer(right=True)
    desk.next()
    assert "Thing" in desk.page or "Maker" in desk.page
    assert desk.serving.set_id != serving.set_id


def test_practice_follows_the_adoption_at_the_next_serving(desk: Desk) -> None:
    desk.begin()
    first = desk.serving.set_id
    done = put(desk.parts, desk.school, small())
    desk.answer(right=True)
    desk.next()
    assert desk.serving.set_id == done.set_id != first
    desk.parts.writer.run(adopt, desk.school.district_id, desk.school.bank_id, first)
    desk.answer(right=True)
    desk.next()
    assert desk.serving.set_id == first
    assert catalogues.of_bank(desk.session, desk.school.district_id, desk.school.bank_id).set_id == first


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("- [x] 2\n", "- [ ] 2\n"),
        ("answer: number\ndifficulty: -0.90\nparam a: 1..9", "answer: number\ndifficulty: -0.90\nparam a: 0..0"),
        ("prerequisites: [A.1, A.2]", "prerequisites: [A.1, Z.9]"),
        ("! a / b * 2 + 1 {glued}", "! a / b * 2 + 1 {unknown}"),
    ],
)
def test_a_bank_with_faults_is_refused_and_nothing_is_stored(
    parts: Services, north: School, session: Session, old: str, new: str
) -> None:
    before = counts(session)
    assert old in bank_text()
    faulty = parse(bank_text().replace(old, new, 1)).bank
    with pytest.raises(InvalidError, match="faults"):
        put(parts, north, replace(faulty, id="small"))
    assert counts(session) == before


def test_an_item_without_a_difficulty_is_more_uncertain(parts: Services, north: School, session: Session) -> None:
    done = put(
        parts,
        north,
        small(one=("## a1-choice-1\nanswer: choice\ndifficulty: -1.25\n", "## a1-choice-1\nanswer: choice\n")),
    )
    now = parameters(session, north, done.set_id)
    assert now["a1-choice-1"].b_sd > 1.5 * now["a1-choice-2"].b_sd


def test_a_choice_may_be_guessed_and_a_typed_answer_may_not(session: Session, north: School) -> None:
    now = parameters(session, north, queries.current_set(session, north.district_id, north.bank_id))
    assert now["a1-choice-1"].c == pytest.approx(1 / 3)
    assert now["a1-gen-2"].c == 0


def test_cuts_are_stored_with_the_set_and_do_not_move_afterwards(
    parts: Services, north: School, session: Session
) -> None:
    first = queries.current_set(session, north.district_id, north.bank_id)
    before = queries.cuts(session, north.district_id, first)
    assert set(before) == set(north.skills.values())
    assert before[north.skills["A.1"]] < before[north.skills["B.1"]]
    session.rollback()
    harder = put(parts, north, small(one=("difficulty: -1.25", "difficulty: 2.75")))
    assert queries.cuts(session, north.district_id, first) == before
    now = queries.cuts(session, north.district_id, harder.set_id)
    assert now[north.skills["A.1"]] > before[north.skills["A.1"]]


def test_prerequisites_follow_the_newest_publication(parts: Services, north: School, session: Session) -> None:
    put(parts, north, small(one=("prerequisites: [A.1, A.2]", "prerequisites: [A.2]")))
    of_b = select(PrerequisiteTable.prerequisite_id).where(PrerequisiteTable.skill_id == north.skills["B.1"])
    assert list(session.execute(of_b).scalars()) == [north.skills["A.2"]]


def test_a_parameter_set_of_another_bank_or_district_is_not_found(
    parts: Services, north: School, south: School, session: Session
) -> None:
    theirs = queries.current_set(session, south.district_id, south.bank_id)
    session.rollback()
    for wrong in (theirs, 5):
        with pytest.raises(NotFoundError):
            parts.writer.run(adopt, north.district_id, north.bank_id, wrong)


def test_each_district_has_banks_of_its_own(parts: Services, north: School, south: School, session: Session) -> None:
    before = queries.current_set(session, south.district_id, south.bank_id)
    session.rollback()
    put(parts, north, small(**WORDING))
    assert queries.current_set(session, south.district_id, south.bank_id) == before
    with pytest.raises(NotFoundError):
        queries.bank_with_key(session, north.district_id, "none")


def test_a_changed_nudge_reaches_students(client: object, parts: Services, north: School, session: Session) -> None:
    put(parts, north, small(one=("Are you writing the digits side by side?", "What does the plus say?")))
    assign(parts, north)
    sign_in_student(client, north)
    client.post("/practice/start", headers=HTMX)
    page = client.post("/practice/next", headers=HTMX).text
    for _ in range(12):
        serving = serving_in(page)
        wrong = fields_of(session, serving, right=False)
        page = client.post(f"/servings/{serving}/answer", data={**wrong, "client_id": f"{serving}"}, headers=HTMX).text
        assert "side by side" not in page
        if "What does the plus say?" in page:
            return
        client.post(f"/servings/{serving}/answer", data={**wrong, "client_id": f"{serving}b"}, headers=HTMX)
        page = client.post("/practice/next", headers=HTMX).text
        if "Now you try" in page:
            page = client.post("/practice/next", headers=HTMX).text
    pytest.fail("no distractor with this misconception was met")


def test_a_set_adopted_a_moment_ago_is_the_current_one_within_the_same_batch(parts: Services, north: School) -> None:
    """Commands that are committed together share what they looked up, so an adoption must be noticed."""
    first = put(parts, north, small())
    second = put(parts, north, small())

    def adopt_and_look(session: Session, *, now: datetime, rng: object) -> list[int | None]:
        stand_or_fall_together(session)
        found = [queries.current_set(session, north.district_id, first.bank_id)]
        adopt(session, north.district_id, first.bank_id, first.set_id, now=now, rng=rng)
        return [*found, queries.current_set(session, north.district_id, first.bank_id)]

    assert parts.writer.run(adopt_and_look) == [second.set_id, first.set_id]
