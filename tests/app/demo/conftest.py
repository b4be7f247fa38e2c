"""The demo's school for tests, and a server on it."""

from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from app.base.db import db
from app.base.services import KEY, Services
from app.demo import queries, service
from app.demo.queries import DemoClass
from app.demo.service import CLASSES, School
from tests.demo_school import running, served


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Flask]:
    with running(tmp_path) as app:
        yield app


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
    with served(demo) as where:
        yield where
