"""What the tests of calibration share."""

from collections.abc import Iterator

import pytest
import structlog
from click.testing import Result
from flask import Flask
from sqlalchemy.orm import Session

from app.bank.catalogue import Catalogue, catalogues
from app.base.jobs import jobs
from tests.factories import School


@pytest.fixture
def catalogue(session: Session, north: School) -> Catalogue:
    """What the north school's bank is served with."""
    return catalogues.of_bank(session, north.district_id, north.bank_id)


def typed(app: Flask, *words: str) -> Result:
    """What a command of `flask calibrate` does."""
    return app.test_cli_runner().invoke(args=["calibrate", *words])


@pytest.fixture
def lines() -> Iterator[list[structlog.types.EventDict]]:
    """What is logged."""
    with structlog.testing.capture_logs() as caught:
        yield caught


def night(app: Flask) -> None:
    """Carry out what comes round every night."""
    with app.app_context():
        jobs().later("learn_every_night")
