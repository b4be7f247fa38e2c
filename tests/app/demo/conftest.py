"""The demo's school for tests, and a server on it."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest
from flask import Flask
from sqlalchemy.orm import Session
from werkzeug.serving import make_server

from app.base.db import db
from app.base.services import KEY, Services
from app.demo import queries, service
from app.demo.queries import DemoClass
from app.demo.service import CLASSES, School
from app.factory import create_app
from tests.conftest import settings, stop
from tests.demo_school import copied


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Flask]:
    """The application on a copy of the demo's database, with form tokens as in life."""
    app = create_app(settings(f"sqlite:///{copied(tmp_path)}"))
    with app.app_context():
        yield app
    stop(app)


@pytest.fixture
def demo_parts(demo: Flask) -> Services:
    return cast(Services, demo.extensions[KEY])


@pytest.fixture
def look(demo: Flask) -> Iterator[Session]:
    """A session for looking at what is stored; read what changes in sessions of your own."""
    with Session(db.engine) as session:
        yield session


@pytest.fixture
def group(look: Session) -> DemoClass:
    """Class 5B."""
    return queries.demo_classes(look, CLASSES[0][1])[0]


@pytest.fixture
def school(look: Session, group: DemoClass) -> School:
    return service.known_school(look, group)


@pytest.fixture
def address(demo: Flask) -> Iterator[str]:
    """Address of a server on the demo's database."""
    server = make_server("127.0.0.1", 0, demo, threaded=True)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()
