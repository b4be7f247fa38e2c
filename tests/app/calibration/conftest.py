"""What the tests of calibration share."""

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy.orm import Session

from app.bank.catalogue import Catalogue, catalogues
from tests.factories import School


@pytest.fixture
def catalogue(session: Session, north: School) -> Catalogue:
    """What the north school's bank is served with."""
    return catalogues.of_bank(session, north.district_id, north.bank_id)


def typed(app: Flask, *words: str) -> Result:
    """What a command of `flask calibrate` does."""
    return app.test_cli_runner().invoke(args=["calibrate", *words])
