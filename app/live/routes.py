"""The teacher's live board: classes, board, stream, one student."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import cast

from flask import Blueprint, Response, current_app, render_template, request, session, stream_with_context
from flask.blueprints import BlueprintSetupState
from sqlalchemy.orm import Session

from app.bank import queries as bank
from app.bank.catalogue import catalogues, realised
from app.base import clock, services
from app.base.auth import SESSION_KEY, Caller, Role, allow, caller, passive
from app.base.db import db
from app.base.errors import NotFoundError
from app.base.web import render
from app.live import queries
from app.live.board import BoardView, Memory, look, watched
from app.live.clockface import shown_state
from app.live.plan import plan_view, present_slot
from app.live.projector import projector_view
from app.live.stream import frames
from app.live.supports import StudentRow, in_words, read_form, supports_view
from app.live.views import AnswerView, ClassView, StudentView, ago
from app.practice.service import now as present
from app.rostering import queries as rostering
from app.rostering import service as people
from app.rostering.signing import sign_ins
from app.rostering.supports import NONE
from app.stations import queries as stations
from app.stations.service.cards import keep_card
from app.stations.service.visits import record_visit
from content.answers import shown
from content.render import to_html, to_inline_html

bp = Blueprint("live", __name__, template_folder="templates")
MEMORY = "waystation_boards"
LAST_ANSWERS = 5


@bp.record
def _remember(state: BlueprintSetupState) -> None:
    """Give each application a memory of its own for what its boards showed last."""
    state.app.extensions[MEMORY] = Memory()


def _memory() -> Memory:
    return cast(Memory, current_app.extensions[MEMORY])


@bp.get("/classes")
@allow(Role.TEACHER, Role.ADMIN)
def classes() -> str:
    """List the classes that the caller teaches."""
    found = rostering.classes_of(db.session(), caller())
    ids = [one.id for one in found]
    now = clock.now()
    district = caller().district_id
    clocks = stations.clocks(db.session(), district, ids)
    sizes = queries.sizes(db.session(), district, ids)
    here = queries.here(db.session(), district, ids, now - timedelta(minutes=1))
    views = [
        ClassView(
            one.id,
            one.name,
            one.code,
            sizes.get(one.id, 0),
            shown_state(clocks[one.id].at(now)) if one.id in clocks else "none",
            here.get(one.id, 0),
        )
        for one in found
    ]
    return render("live/classes.html", classes=views)


def _look(who: Caller, class_id: int) -> BoardView:
    """Read the board in a session of its own, closed before anything is sent; store the cards that fall due."""
    with Session(db.engine) as reading:
        view, cards = look(reading, who, class_id, services.policy(), _memory(), clock.now())
    for card in cards:
        services.writer().run(keep_card, who.district_id, class_id, card)
    return view


@bp.get("/classes/<int:class_id>/board")
@allow(Role.TEACHER, Role.ADMIN)
def board(class_id: int) -> str:
    """Show the live board."""
    return render("live/board.html", board=_look(caller(), class_id))


@bp.get("/classes/<int:class_id>/board/fragment")
@allow(Role.TEACHER, Role.ADMIN)
@passive
def board_fragment(class_id: int) -> str:
    """Give the board alone, for pages whose stream is held back."""
    return render_template("live/_board.html", board=_look(caller(), class_id))


@bp.get("/classes/<int:class_id>/stream")
@allow(Role.TEACHER, Role.ADMIN)
@passive
def stream(class_id: int) -> Response:
    """Stream the board: a full snapshot first, whatever the page saw last."""
    who, cookie = caller(), session.get(SESSION_KEY, "")
    parts = services.services()
    rostering.class_for(db.session(), who, class_id)
    db.session.remove()
    parts.tailer.start()

    def admitted() -> bool:
        try:
            with Session(db.engine) as reading:
                rostering.class_for(reading, who, class_id)
        except NotFoundError:
            return False
        return sign_ins(current_app)(cookie, False) is not None

    def events() -> Iterator[str]:
        yield from frames(
            class_id,
            parts.hub,
            parts.policy,
            lambda: _look(who, class_id),
            lambda view: render_template("live/_board.html", board=view),
            admitted,
        )

    response = Response(stream_with_context(events()), mimetype="text/event-stream")
    response.headers["Cache-Control"] = "no-store, no-transform"
    response.headers["X-Accel-Buffering"] = "no"
    return response


@bp.get("/classes/<int:class_id>/students/<int:student_id>")
@allow(Role.TEACHER, Role.ADMIN)
def student(class_id: int, student_id: int) -> str:
    """Show one student: why this state, and the last answers."""
    return render("live/drawer.html", student=_student(class_id, student_id))


@bp.post("/classes/<int:class_id>/students/<int:student_id>/visited")
@allow(Role.TEACHER, Role.ADMIN)
def visited(class_id: int, student_id: int) -> str:
    """Note that the teacher was with this student."""
    services.writer().run(record_visit, caller(), class_id, student_id)
    return render("live/drawer.html", student=_student(class_id, student_id))


@bp.post("/classes/<int:class_id>/students/<int:student_id>/lower-hand")
@allow(Role.TEACHER, Role.ADMIN)
def lower_hand(class_id: int, student_id: int) -> str:
    """Lower the hand of a student who got help."""
    rostering.student_for(db.session(), caller(), class_id, student_id)
    services.writer().run(present.lower_hand, caller().district_id, class_id, student_id)
    return render("live/drawer.html", student=_student(class_id, student_id))


@bp.get("/classes/<int:class_id>/students")
@allow(Role.TEACHER, Role.ADMIN)
def students(class_id: int) -> str:
    """List the students of a class with their supports."""
    with Session(db.engine) as reading:
        found = rostering.class_for(reading, caller(), class_id)
        given = rostering.supports_in(reading, caller().district_id, class_id)
        rows = [
            StudentRow(one.id, one.name, one.picture, in_words(given.get(one.id, NONE)))
            for one in rostering.students_of(reading, caller().district_id, class_id)
        ]
    return render_template("live/students.html", class_id=class_id, class_name=found.name, students=rows)


@bp.post("/classes/<int:class_id>/students/<int:student_id>/supports")
@allow(Role.TEACHER, Role.ADMIN)
def give_supports(class_id: int, student_id: int) -> str:
    """Give a student supports."""
    rostering.student_for(db.session(), caller(), class_id, student_id)
    district = caller().district_id
    before = rostering.supports_of(db.session(), district, student_id)
    chosen = read_form(request.form, (*bank.languages(db.session(), district), before.translation))
    services.writer().run(people.give_supports, caller(), class_id, student_id, chosen)
    return render("live/drawer.html", student=_student(class_id, student_id, saved=True))


def _student(class_id: int, student_id: int, *, saved: bool = False) -> StudentView:
    now = clock.now()
    with Session(db.engine) as reading:
        tile, seen, hand_up = watched(reading, caller(), class_id, student_id, services.policy(), _memory(), now)
        answers = queries.last_answers(reading, caller().district_id, student_id, LAST_ANSWERS)
        views = [_answer(reading, one, now) for one in answers]
        given = rostering.supports_of(reading, caller().district_id, student_id)
        languages = bank.languages(reading, caller().district_id)
    return StudentView(
        class_id,
        student_id,
        tile.name,
        tile.state,
        tile.word,
        tile.icon,
        seen.reason,
        hand_up,
        tile.skill,
        tile.minutes_since_visit,
        seen.why,
        views,
        supports_view(given, languages, shown=request.args.get("supports") == "open", saved=saved),
    )


def _answer(reading: Session, answered: queries.Answered, now: datetime) -> AnswerView:
    catalogue = catalogues.of_set(reading, caller().district_id, answered.set_id)
    item = realised(catalogue.version(answered.version_id), answered.seed)
    return AnswerView(
        to_html(item.stem),
        to_inline_html(shown(item, answered.chosen)),
        None if answered.score is None else answered.status == "right",
        answered.hints,
        round(answered.elapsed_ms / 1000),
        ago(now - answered.answered_at),
    )


@bp.get("/classes/<int:class_id>/projector")
@allow(Role.TEACHER, Role.ADMIN)
@passive
def projector(class_id: int) -> str:
    """Show the class the clock and where each group goes; the page asks again by itself."""
    with Session(db.engine) as reading:
        found = rostering.class_for(reading, caller(), class_id)
        lesson = stations.lesson(reading, caller().district_id, class_id)
    return render("live/projector.html", projector=projector_view(found, lesson, clock.now(), services.policy()))


@bp.get("/classes/<int:class_id>/plan")
@allow(Role.TEACHER, Role.ADMIN)
def plan(class_id: int) -> str:
    """Show the plan of the group that comes to the table next, in the slot that the address names, or now."""
    with Session(db.engine) as reading:
        found = rostering.class_for(reading, caller(), class_id)
        lesson = stations.lesson(reading, caller().district_id, class_id)
        now = clock.now()
        slot = present_slot(lesson, now) if request.args.get("slot") == "now" else request.args.get("slot", type=int)
        view = plan_view(reading, found, lesson, slot, now, services.policy())
    return render_template("live/plan.html", plan=view)
