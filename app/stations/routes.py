"""The lesson from the teacher's side: set up and start it, and move its clock."""

import secrets
from collections.abc import Callable

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from app.base import clock, services
from app.base.auth import Role, allow, caller
from app.base.db import db
from app.base.web import render
from app.rostering.queries import class_for
from app.stations import queries, setup
from app.stations.forms import BlockForm
from app.stations.service import blocks
from app.stations.service.blocks import SEEDS, BlockSetup

bp = Blueprint("stations", __name__, template_folder="templates")

TEACHING = (Role.TEACHER, Role.ADMIN)


@bp.get("/classes/<int:class_id>/block")
@allow(*TEACHING)
def block(class_id: int) -> str:
    """Show the set-up page, with the groups that a lesson would have."""
    found = class_for(db.session(), caller(), class_id)
    return _page(found.id, _form(found.id))


@bp.post("/classes/<int:class_id>/block/start")
@allow(*TEACHING)
def start(class_id: int) -> ResponseReturnValue:
    """Start a lesson."""
    class_for(db.session(), caller(), class_id)
    form = _form(class_id)
    if form.errors:
        return _page(class_id, form), 422
    chosen = BlockSetup(
        form.lesson,
        form.slot_minutes * 60,
        form.transition_seconds,
        "practice" if form.third == "practice" else "offline",
        form.seed,
    )
    services.writer().run(blocks.start_block, caller(), class_id, chosen, services.policy())
    return _board(class_id)


@bp.post("/classes/<int:class_id>/block/pause")
@allow(*TEACHING)
def pause(class_id: int) -> Response:
    """Stop the clock."""
    return _run(blocks.pause, class_id)


@bp.post("/classes/<int:class_id>/block/resume")
@allow(*TEACHING)
def resume(class_id: int) -> Response:
    """Let the clock go on."""
    return _run(blocks.resume, class_id)


@bp.post("/classes/<int:class_id>/block/extend")
@allow(*TEACHING)
def extend(class_id: int) -> Response:
    """Make the present slot a minute longer."""
    return _run(blocks.extend, class_id, services.policy())


@bp.post("/classes/<int:class_id>/block/rotate")
@allow(*TEACHING)
def rotate(class_id: int) -> Response:
    """Send the groups on."""
    return _run(blocks.rotate, class_id)


@bp.post("/classes/<int:class_id>/block/undo")
@allow(*TEACHING)
def undo(class_id: int) -> Response:
    """Take the rotation back."""
    return _run(blocks.undo, class_id, services.policy())


@bp.post("/classes/<int:class_id>/block/end")
@allow(*TEACHING)
def end(class_id: int) -> Response:
    """End the lesson."""
    return _run(blocks.end, class_id)


def _run(command: Callable[..., None], class_id: int, *more: object) -> Response:
    services.writer().run(command, caller(), class_id, *more)
    return _board(class_id)


def _board(class_id: int) -> Response:
    """Go on to the board; htmx follows and swaps it in as it now stands."""
    return redirect(url_for("live.board", class_id=class_id), 303)


def _form(class_id: int) -> BlockForm:
    session, who = db.session(), caller()
    last = queries.newest_block(session, who.district_id, class_id)
    known = setup.published(session, who.district_id)
    usual = setup.usual(known, None if last is None else last.lesson_skill_id, services.policy())
    return BlockForm.read(request.values, usual)


def _page(class_id: int, form: BlockForm) -> str:
    session, who = db.session(), caller()
    found = class_for(session, who, class_id)
    known = setup.published(session, who.district_id)
    lesson = queries.lesson(session, who.district_id, class_id)
    now = clock.now()
    running = lesson is not None and lesson.clock.at(now).state not in ("none", "ended")
    seed = form.seed if form.seed is not None else secrets.randbelow(SEEDS)
    page = setup.setup_page(session, found, known, form, seed, running, now, services.policy())
    return render("stations/block.html", setup=page)
