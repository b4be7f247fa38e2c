"""The student's station: practise, ask for a hint, raise a hand, be there."""

from dataclasses import replace
from io import BytesIO
from zoneinfo import ZoneInfo

from flask import Blueprint, make_response, redirect, render_template, request, send_file, session, url_for
from werkzeug.wrappers import Response

from app.bank import queries as bank
from app.base import assets, clock, services
from app.base.auth import Caller, Role, allow, by_ticket, caller, everyone, passive
from app.base.db import db
from app.base.errors import NotFoundError
from app.base.ids import read_id
from app.base.web import render, wants_fragment
from app.practice import tickets
from app.practice.forms import AnswerForm, LateAnswer, LateForm
from app.practice.service import now as present
from app.practice.service import sitting as sittings
from app.practice.service.answering import AnswerGiven, answer_item
from app.practice.service.offline import Late, answer_late, in_order, spares
from app.practice.service.steps import Step, segment_at
from app.practice.view import time_of_day, view
from app.rostering import service as people
from content.recordings import TYPES

# What the student's page is made of, for the service worker to keep.
KEPT = (
    "css/tokens.css",
    "css/base.css",
    "css/components.css",
    "css/student.css",
    "css/parts.css",
    "css/supports.css",
    "build/htmx.min.js",
    "js/app.js",
    "js/practice.js",
    "js/parts.js",
    "js/supports.js",
    "js/device.js",
    "js/offline.js",
    "svg/favicon.svg",
)
bp = Blueprint("practice", __name__, template_folder="templates")


@bp.get("/practice")
@allow(Role.STUDENT)
def station() -> str:
    """Show where the student stands."""
    step = sittings.current_step(db.session(), caller(), services.policy(), clock.now())
    return _page(step, tools_open=request.args.get("tools") == "open")


@bp.post("/practice/start")
@allow(Role.STUDENT)
def start() -> str | Response:
    """Begin at this station, or go on."""
    return _answered(services.writer().run(sittings.start, caller(), services.policy()))


@bp.post("/practice/next")
@allow(Role.STUDENT)
def next_item() -> str | Response:
    """Show the next item, or go on with what a student who is done early has picked."""
    picked = request.form.get("pick", "")
    if picked:
        return _answered(services.writer().run(sittings.go_on_with, caller(), picked, services.policy()))
    return _answered(services.writer().run(sittings.next_item, caller(), services.policy()))


@bp.post("/servings/<int:serving_id>/answer")
@allow(Role.STUDENT)
def answer(serving_id: int) -> str | Response:
    """Take an answer."""
    form = AnswerForm.from_request(request)
    given = AnswerGiven(form.client_id, form.fields, form.sure)
    return _answered(services.writer().run(answer_item, caller(), serving_id, given, services.policy()))


@bp.post("/servings/<int:serving_id>/hint")
@allow(Role.STUDENT)
def hint(serving_id: int) -> str | Response:
    """Open the next hint."""
    fields = AnswerForm.from_request(request).fields
    return _answered(services.writer().run(sittings.open_hint, caller(), serving_id, fields, services.policy()))


@bp.post("/practice/hand")
@allow(Role.STUDENT)
def hand() -> str | Response:
    """Raise or lower the hand; what was typed so far stays on the page."""
    services.writer().run(present.set_hand, caller(), request.form.get("up") != "0")
    step = sittings.current_step(db.session(), caller(), services.policy(), clock.now())
    return _answered(_with_typed(step, AnswerForm.from_request(request).fields))


@bp.post("/practice/supports")
@allow(Role.STUDENT)
def supports() -> str | Response:
    """Put one of the student's supports away, or take it out again; what was typed so far stays on the page."""
    name = request.form.get("hide") or request.form.get("show", "")
    services.writer().run(people.show_support, caller(), name, "show" in request.form)
    if not wants_fragment():
        return redirect(url_for("practice.station", tools="open"), 303)
    step = sittings.current_step(db.session(), caller(), services.policy(), clock.now())
    return _page(_with_typed(step, AnswerForm.from_request(request).fields), tools_open=True)


@bp.get("/practice/recordings/<name>")
@allow(Role.STUDENT)
def recording(name: str) -> Response:
    """Give a recording of a question."""
    data = bank.recording(db.session(), caller().district_id, name)
    if data is None:
        raise NotFoundError("There is no such recording.")
    return send_file(BytesIO(data), mimetype=TYPES[name.rpartition(".")[2]])


@bp.post("/practice/heartbeat")
@allow(Role.STUDENT)
@passive
def heartbeat() -> dict[str, object]:
    """Note that the page is there; tell it whether the lesson has moved on, and whose page it should be."""
    had_input = request.form.get("input") == "1"
    situation = services.writer().run(present.heartbeat, caller(), had_input, services.policy())
    now = clock.now()
    segment = segment_at(situation.assignment, now)
    return {
        "changed": request.form.get("stretch", segment.name) != segment.name,
        "now_ms": clock.to_ms(now),
        "ends_at_ms": None if segment.ends_at is None else clock.to_ms(segment.ends_at),
        "ends_at_text": time_of_day(segment.ends_at, _zone()),
    }


@bp.get("/practice/spares")
@allow(Role.STUDENT)
@passive
def spare_questions() -> dict[str, object]:
    """Give the page questions to go on with while there is no network."""
    who, now, zone = caller(), clock.now(), _zone()
    cards = []
    for spare, step in spares(db.session(), who, services.policy(), now):
        name = tickets.name_of(spare, who)
        shown = view(step, zone, services.policy(), now)
        card = replace(shown, spare=name, client_id=spare.client_id, hint_count=0)
        html = render_template("practice/_step.html", step=card)
        cards.append({"id": spare.client_id, "item": str(spare.item_id), "html": html})
    return {"spares": cards}


@bp.post("/practice/late")
@by_ticket
@passive
def late_answers() -> dict[str, list[str]]:
    """Take answers that waited on a device; the ticket says whose they are, whoever is signed in there now.

    Nothing is told about an answer but whether it is here.
    """
    form = LateForm.from_request(request)
    who = tickets.holder(form.ticket)
    known = [_late(one, who) for one in form.answers] if who is not None else []
    taken: list[str] = []
    for late in in_order([one for one in known if one is not None]):
        try:
            services.writer().run(answer_late, who, late, services.policy())
        except NotFoundError:
            continue
        taken.append(late.client_id)
    return {"taken": taken, "refused": sorted({one.client_id for one in form.answers} - set(taken))}


def _late(sent: LateAnswer, who: Caller) -> Late | None:
    """What was sent, as far as it names a question of this student."""
    question = tickets.spare_named(sent.spare, who) if sent.spare else read_id(sent.serving)
    if question is None or not sent.client_id:
        return None
    if isinstance(question, int):
        return Late(sent.client_id, question, sent.fields, sent.sure, sent.seconds, sent.over)
    # Its own name, whatever the device calls it: a question in reserve is answered once.
    return Late(question.client_id, question, sent.fields, sent.sure, sent.seconds, over=True)


@bp.get("/practice/offline")
@everyone
@passive
def offline() -> str:
    """Show the page that a device keeps for when it is opened without network; it holds nothing about anyone."""
    return render_template("practice/offline.html")


@bp.get("/worker.js")
@everyone
@passive
def worker() -> Response:
    """Give the service worker, with the names of the files that it keeps."""
    response = make_response(assets.with_names("js/worker.js", KEPT, url_for("practice.offline")))
    response.mimetype = "text/javascript"
    return response


def _with_typed(step: Step, fields: dict[str, str]) -> Step:
    return replace(step, given=fields) if step.kind in ("question", "not_yet") and fields else step


def _answered(step: Step) -> str | Response:
    """Give htmx the fragment; without script go back to the station, which shows the same."""
    return _page(step) if wants_fragment() else redirect(url_for("practice.station"), 303)


def _page(step: Step, *, tools_open: bool = False) -> str:
    shown = view(step, _zone(), services.policy(), clock.now(), tools_open=tools_open)
    if wants_fragment():
        return render("practice/step.html", step=shown)
    return render("practice/step.html", step=shown, ticket=tickets.ticket_for(caller()))


def _zone() -> ZoneInfo:
    return ZoneInfo(session.get("zone", "UTC"))
