"""The demo's school on a small scale, made once for each process of a test run and then copied."""

import shutil
import tempfile
from functools import cache
from pathlib import Path
from typing import cast

from flask_migrate import upgrade

from app.authoring.service import bank_at
from app.base.db import db
from app.base.services import KEY, Services
from app.config import ROOT
from app.demo.seeding import Making, seed
from app.factory import create_app
from tests.conftest import settings, stop

BANK = ROOT / "content" / "banks" / "fractions-and-ratios.md"
NUMBER = 7
DAYS = 5


@cache
def _seeded() -> tuple[Path, tuple[str, ...]]:
    """A database with the demo's school, and what making it said."""
    file = Path(tempfile.mkdtemp(prefix="waystation-")) / "demo.sqlite"
    app = create_app(settings(f"sqlite:///{file}"))
    with app.app_context():
        upgrade()
        making = Making(db.engine, cast(Services, app.extensions[KEY]), NUMBER, DAYS)
        said = tuple(seed(making, lambda: bank_at(BANK), 3))
        stop(app)
    return file, said


def copied(folder: Path) -> Path:
    """A copy of the seeded database in a folder."""
    copy = folder / "demo.sqlite"
    shutil.copyfile(_seeded()[0], copy)
    return copy


def said_while_seeding() -> tuple[str, ...]:
    """What seeding reported."""
    return _seeded()[1]
