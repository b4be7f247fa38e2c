"""The demo's own page: check our maths. Only there while the demo is; nobody real is in it, and no name either."""

from flask import Blueprint

from app.base import clock, services
from app.base.auth import everyone
from app.base.db import db
from app.base.web import render
from app.demo.maths import FEWEST, REACH
from app.demo.reading import checked

bp = Blueprint("demo", __name__, template_folder="templates")


@bp.get("/demo/maths")
@everyone
def maths() -> str:
    """Show true against estimated ability, and how far forecasts came true."""
    parts = services.services()
    found = checked(db.session(), parts.settings.demo_seed, parts.policy, clock.now())
    return render("demo/maths.html", found=found, reach=REACH, fewest=FEWEST)
