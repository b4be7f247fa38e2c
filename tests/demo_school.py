"""The demo's school on a small scale, made once for each process of a test run and then copied."""

import logging
import shutil
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import cast

from flask import Flask
from flask_migrate import upgrade
from werkzeug.serving import make_server

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


@contextmanager
def running(folder: Path, *, doors: bool = False) -> Iterator[Flask]:
    """The application on a copy of the seeded database, with form tokens as in life; a demo's `doors` are its own."""
    app = create_app(settings(f"sqlite:///{copied(folder)}", demo=doors))
    with app.app_context():
        yield app
    stop(app)


@contextmanager
def served(app: Flask) -> Iterator[str]:
    """Address of a server with many threads."""
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()
