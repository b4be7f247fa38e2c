"""A student's desk for each test that needs one."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from app.base.services import Services
from tests.app.practice.desk import Desk
from tests.factories import School


@pytest.fixture
def time() -> Iterator[time_machine.Traveller]:
    """The wall clock, to be moved on."""
    with time_machine.travel(datetime.now(UTC), tick=False) as traveller:
        yield traveller


@pytest.fixture
def desk(
    app: Flask,
    client: FlaskClient,
    parts: Services,
    north: School,
    session: Session,
    time: time_machine.Traveller,
) -> Desk:
    """Ana's desk."""
    return Desk(client, parts, north, session, time)


@pytest.fixture
def neighbour(app: Flask, parts: Services, north: School, session: Session, time: time_machine.Traveller) -> Desk:
    """Ben's desk, in the same class."""
    return Desk(app.test_client(), parts, north, session, time, "Ben")
