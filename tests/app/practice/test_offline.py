"""Answers that waited on a device, and questions in reserve, as the server sees them."""

import re
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.bank.tables import ItemVersionTable
from app.practice.tables import AnswerTable
from content import serial
from content.generators import realise
from tests.app.practice.desk import Desk
from tests.learner import fields_of_spare, spare_in

WEEK_S = 7 * 86_400


def ticket_of(desk: Desk) -> str:
    """The ticket that the student's page carries."""
    return re.findall(r'data-ticket="([^"]+)"', desk.client.get("/practice").text)[0]


def reserve(desk: Desk) -> list[dict[str, str]]:
    answer = desk.client.get("/practice/spares")
    assert answer.status_code == 200
    return answer.json["spares"]


def name_of(card: dict[str, str]) -> str:
    return re.findall(r'data-spare="([^"]+)"', card["html"])[0]


def hand_in(desk: Desk, ticket: str, *answers: dict[str, Any]) -> dict[str, list[str]]:
    sent = desk.client.post("/practice/late", json={"ticket": ticket, "answers": list(answers)})
    assert sent.status_code == 200, sent.text
    return sent.json


def to_spare(desk: Desk, card: dict[str, str], *, right: bool = True, **more: Any) -> dict[str, Any]:
    """A late answer to a question in reserve."""
    name = name_of(card)
    fields = fields_of_spare(desk.session, name, right=right)
    return {"id": card["id"], "spare": name, "fields": fields, "seconds": 20, "over": True, **more}


def to_screen(desk: Desk, *, right: bool, name: str = "late-1", **more: Any) -> dict[str, Any]:
    """A late answer to the question on the screen."""
    fields = desk.right() if right else desk.wrong()
    return {"id": name, "serving": str(desk.serving_id), "fields": fields, "seconds": 12, **more}


def test_three_questions_are_kept_for_a_drop_and_nothing_is_written_for_them(desk: Desk) -> None:
    desk.begin("A.1", "A.2", "B.1")
    before = len(desk.servings())
    cards = reserve(desk)
    assert len(cards) == 3
    assert len({card["item"] for card in cards}) == 3
    assert len(desk.servings()) == before
    assert all('data-kind="question"' in card["html"] and "hx-post" not in card["html"] for card in cards)


def test_a_question_in_reserve_tells_no_key(desk: Desk, session: Session) -> None:
    desk.begin("A.1", "A.2", "B.1")
    ticket = ticket_of(desk)
    for card in reserve(desk):
        assert hand_in(desk, ticket, to_spare(desk, card))["taken"] == [card["id"]]
        spare = desk.servings()[-1]
        body = session.execute(
            select(ItemVersionTable.body).where(ItemVersionTable.id == spare.version_id)
        ).scalar_one()
        item = realise(serial.load(body), spare.seed)
        assert item.hints
        assert not any(hint in card["html"] for hint in (*item.hints, item.solution))
        assert not any(tag in card["html"] for tag in ("misconception", "solution", "correct", "data-key"))


def test_there_is_nothing_in_reserve_outside_of_a_sitting(desk: Desk) -> None:
    desk.sit_down("A.1")
    desk.move_on(1, kind="table")
    assert reserve(desk) == []


def test_late_answers_are_stored_once_and_in_order(desk: Desk) -> None:
    desk.begin("A.1", "A.2", "B.1")
    ticket, cards = ticket_of(desk), reserve(desk)
    sent = [to_screen(desk, right=True, over=True), *(to_spare(desk, card) for card in cards)]
    desk.wait(90)
    said = hand_in(desk, ticket, *sent)
    assert said == {"taken": [one["id"] for one in sent], "refused": []}
    assert hand_in(desk, ticket, *sent) == said
    assert [one.client_id for one in desk.answers()] == [one["id"] for one in sent]
    assert [one.answered_at for one in desk.answers()] == sorted(one.answered_at for one in desk.answers())


def test_an_answer_that_was_stored_and_not_confirmed_is_not_doubled(desk: Desk) -> None:
    desk.begin("A.1")
    ticket, sent = ticket_of(desk), to_screen(desk, right=True, name="same")
    desk.send(sent["fields"], "same")
    cards = reserve(desk)
    hand_in(desk, ticket, {**sent, "over": True}, to_spare(desk, cards[0]))
    assert [one.client_id for one in desk.answers()] == ["same", cards[0]["id"]]


def test_the_device_says_how_long_an_answer_took_and_never_longer_than_it_can_have_been(desk: Desk) -> None:
    desk.begin("A.1")
    ticket, (first, second, *_) = ticket_of(desk), reserve(desk)
    desk.wait(100)
    hand_in(desk, ticket, to_screen(desk, right=True), to_spare(desk, first, seconds=25))
    hand_in(desk, ticket, to_spare(desk, second, seconds=90_000))
    assert [one.elapsed_ms for one in desk.answers()] == [12_000, 25_000, 100_000]


def test_who_has_gone_on_gets_no_second_try_but_a_sibling_later(desk: Desk) -> None:
    desk.begin("A.1")
    missed = desk.serving_id
    hand_in(desk, ticket_of(desk), to_screen(desk, right=False, over=True))
    assert desk.stored(missed).closed_at is not None
    assert desk.sitting().course["siblings"]
    desk.look()
    assert desk.kind == "solution"


def test_who_has_not_gone_on_tries_again(desk: Desk) -> None:
    desk.begin("A.1")
    hand_in(desk, ticket_of(desk), to_screen(desk, right=False))
    desk.look()
    assert desk.kind == "not_yet"


def test_a_late_answer_counts_like_any_other(desk: Desk) -> None:
    desk.begin("A.1")
    ticket, card = ticket_of(desk), reserve(desk)[0]
    desk.wait(60)
    hand_in(desk, ticket, to_screen(desk, right=True, over=True), to_spare(desk, card, right=False))
    assert desk.progress("A.1").scored == 2
    assert desk.sitting().answered == 2
    assert [one.score for one in desk.answers()] == [1.0, 0.0]


def test_practice_goes_on_behind_late_answers(desk: Desk) -> None:
    desk.begin("A.1", "A.2", "B.1")
    ticket, cards = ticket_of(desk), reserve(desk)
    hand_in(desk, ticket, to_screen(desk, right=True, over=True), *(to_spare(desk, card) for card in cards))
    desk.look()
    assert desk.kind in ("right", "solution")
    desk.next()
    desk.read_on()
    assert desk.kind == "question"
    served = [one.item_id for one in desk.servings()]
    assert desk.sitting().course["items"] == served


def test_what_the_teacher_has_queued_comes_behind_late_answers(desk: Desk) -> None:
    desk.begin("A.1", "B.1")
    ticket, card = ticket_of(desk), reserve(desk)[0]
    desk.queue({"skill": desk.school.skills["B.1"], "purpose": "transfer", "target": 0.75})
    desk.answer(right=True)  # the queued one is chosen, and nobody has seen it
    hand_in(desk, ticket, to_spare(desk, card))
    desk.look()
    desk.next()
    desk.read_on()
    assert desk.serving.purpose == "transfer"


def test_answers_that_come_after_the_bell_count_for_the_sitting_in_which_they_were_given(desk: Desk) -> None:
    desk.begin("A.1")
    ticket, cards, before = ticket_of(desk), reserve(desk), desk.sitting().id
    late = [to_spare(desk, cards[0])]
    desk.answer(right=True)
    desk.move_on(1)
    desk.start()
    desk.read_on()
    on_screen = desk.serving_id
    hand_in(desk, ticket, *late)
    assert [desk.stored(one.serving_id).sitting_id for one in desk.answers()][-1] == before
    desk.look()
    assert desk.serving_id == on_screen


def test_a_ticket_works_without_signing_in_and_hands_in_answers_only(desk: Desk) -> None:
    desk.begin("A.1")
    ticket, late = ticket_of(desk), to_screen(desk, right=True)
    desk.client.post("/sign-out")
    for path in ("/practice", "/practice/spares"):
        assert desk.client.get(path, headers={"Authorization": f"Bearer {ticket}"}).status_code in (302, 401)
    said = hand_in(desk, ticket, late)
    assert said == {"taken": [late["id"]], "refused": []}
    assert len(desk.answers()) == 1


def test_a_ticket_hands_in_no_other_students_answers(desk: Desk, neighbour: Desk) -> None:
    desk.begin("A.1")
    neighbour.begin("A.1")
    mine, others = ticket_of(desk), reserve(neighbour)[0]
    theirs = to_screen(neighbour, right=True, name="theirs")
    said = hand_in(desk, mine, theirs, to_spare(neighbour, others))
    assert said["taken"] == []
    assert sorted(said["refused"]) == sorted(["theirs", others["id"]])
    assert [*neighbour.answers(), *desk.answers()] == []


@pytest.mark.parametrize("spoil", [lambda text: text[:-2] + "xx", lambda _text: "", lambda _text: "a.b.c"])
def test_a_ticket_that_is_not_ours_takes_nothing(desk: Desk, spoil: Any) -> None:
    desk.begin("A.1")
    late = to_screen(desk, right=True)
    assert hand_in(desk, spoil(ticket_of(desk)), late) == {"taken": [], "refused": [late["id"]]}
    assert desk.answers() == []


def test_a_ticket_lasts_a_week(desk: Desk) -> None:
    desk.begin("A.1")
    ticket, late = ticket_of(desk), to_screen(desk, right=True)
    desk.wait(WEEK_S - 60)
    assert hand_in(desk, ticket, late)["taken"]
    desk.wait(120)
    assert not hand_in(desk, ticket, {**late, "id": "another"})["taken"]


@pytest.mark.parametrize(
    "sent",
    [None, [], {}, {"ticket": 3}, {"answers": "x"}, {"ticket": "x", "answers": [{}] * 101}],
    ids=["nothing", "a list", "empty", "a number", "a text", "too many"],
)
def test_what_cannot_be_read_is_refused_in_words(desk: Desk, sent: Any) -> None:
    answer = desk.client.post("/practice/late", json=sent)
    assert answer.status_code == 400
    assert "answers" in answer.text


@pytest.mark.parametrize(
    "wild",
    [
        {"fields": {"answer": "\x00\ud800"}},
        {"fields": {"answer": ["a"]}, "seconds": "soon"},
        {"fields": 7, "seconds": -5, "sure": 9, "over": "yes"},
        {"fields": {str(n): "x" for n in range(500)}, "seconds": 1e308},
    ],
)
def test_wild_answers_are_stored_as_what_they_are(desk: Desk, wild: dict[str, Any]) -> None:
    desk.begin("A.1")
    said = hand_in(desk, ticket_of(desk), {**to_screen(desk, right=True), **wild})
    assert said["taken"] == ["late-1"]
    stored = desk.session.execute(select(AnswerTable)).scalar_one()
    assert "\x00" not in str(stored.given)


def test_an_unreadable_late_answer_is_kept_and_the_question_asked_again(desk: Desk) -> None:
    desk.begin("A.1")
    ticket, card = ticket_of(desk), reserve(desk)[0]
    hand_in(desk, ticket, to_screen(desk, right=True, over=True), {**to_spare(desk, card), "fields": {}})
    assert [one.status for one in desk.answers()] == ["right", "unreadable"]
    desk.look()
    assert desk.kind == "question"
    assert desk.serving.seed == spare_in(name_of(card)).seed


def test_at_sign_out_what_waits_stays_on_the_device_and_else_nothing(desk: Desk) -> None:
    desk.begin("A.1")
    kept = desk.client.post("/sign-out", data={"keep": "1"})
    assert kept.headers["Clear-Site-Data"] == '"cache"'


def test_the_kept_page_and_the_worker_hold_nothing_about_anyone(desk: Desk) -> None:
    desk.begin("A.1")
    page, worker = desk.client.get("/practice/offline").text, desk.client.get("/worker.js")
    stranger = desk.client.application.test_client()
    token = re.compile(r'content="[^"]*" *name="csrf-token"|name="csrf-token" content="[^"]*"')
    assert worker.text == stranger.get("/worker.js").text
    assert worker.mimetype == "text/javascript"
    plain = stranger.get("/practice/offline").text
    assert desk.name not in plain
    assert 'data-viewer=""' in plain
    assert token.search(page)
    for address in re.findall(r'"(/static/[^"]+)"', worker.text):
        with stranger.get(address) as file:
            assert file.status_code == 200
