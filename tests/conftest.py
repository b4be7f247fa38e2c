"""What tests share: an application on each database, a founded school, clients, and where the real data lies."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_migrate import upgrade
from hypothesis import settings as hypothesis_settings
from sqlalchemy import create_engine, text
from sqlalchemy.orm import Session

from app.base.db import db, driver_url
from app.base.services import KEY, Services
from app.config import Settings
from app.factory import create_app
from tests import postgresql_server
from tests.factories import School, found_school, reading
from tests.shared_data import missing

TEMPLATE = "waystation_template"

# How long one example takes says more about who shares the machine than about the code.
hypothesis_settings.register_profile("waystation", deadline=None)
hypothesis_settings.load_profile("waystation")


def settings(url: str, *, demo: bool = False, jobs_file: Path | None = None) -> Settings:
    """Settings of an application under test."""
    return Settings(
        environment="test",
        database_url=url,
        limits_storage="memory://",
        demo=demo,
        jobs_file=jobs_file,
        _env_file=None,
    )


@dataclass(frozen=True)
class Seeded:
    """A database with two founded schools, to be copied."""

    url: str
    north: School
    south: School


def _seed(url: str) -> Seeded:
    app = create_app(settings(url))
    with app.app_context():
        upgrade()
        parts = cast(Services, app.extensions[KEY])
        seeded = Seeded(url, found_school(parts, "North"), found_school(parts, "South"))
        stop(app)
    return seeded


def stop(app: Flask) -> None:
    """End the application's threads and connections."""
    with app.app_context():
        parts = cast(Services, app.extensions[KEY])
        parts.hub.close()
        parts.writer.stop()
        parts.tailer.stop()
        db.engine.dispose()


@pytest.fixture(scope="session")
def sqlite_seed(tmp_path_factory: pytest.TempPathFactory) -> Seeded:
    return _seed(f"sqlite:///{tmp_path_factory.mktemp('seed') / 'seed.sqlite'}")


@pytest.fixture(scope="session")
def postgresql_address() -> Iterator[str]:
    if postgresql_server.binaries() is None:
        missing(postgresql_server.HOW_TO_INSTALL)
    with postgresql_server.server() as address:
        yield address


def administer(address: str, statement: str) -> None:
    """Run one statement outside any transaction, such as CREATE DATABASE."""
    engine = create_engine(driver_url(f"{address}/postgres"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()


@pytest.fixture(scope="session")
def postgresql_seed(postgresql_address: str) -> Seeded:
    administer(postgresql_address, f"CREATE DATABASE {TEMPLATE}")
    return _seed(f"{postgresql_address}/{TEMPLATE}")


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def seed(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Seeded]:
    """A fresh copy of the seeded database, once on SQLite and once on PostgreSQL."""
    if request.param == "sqlite":
        original = cast(Seeded, request.getfixturevalue("sqlite_seed"))
        yield _copied_file(original, tmp_path)
        return
    original = cast(Seeded, request.getfixturevalue("postgresql_seed"))
    address = request.getfixturevalue("postgresql_address")
    copy = _copied_database(original, address)
    yield copy
    # Hundreds of databases would be gigabytes, written to the disk only to be thrown away.
    administer(address, f"DROP DATABASE {copy.url.rpartition('/')[2]} WITH (FORCE)")


_count = iter(range(1_000_000))


def _copied_file(original: Seeded, folder: Path) -> Seeded:
    copy = folder / "test.sqlite"
    shutil.copyfile(original.url.removeprefix("sqlite:///"), copy)
    return Seeded(f"sqlite:///{copy}", original.north, original.south)


def _copied_database(original: Seeded, address: str) -> Seeded:
    name = f"test_{next(_count)}"
    administer(address, f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}")
    return Seeded(f"{address}/{name}", original.north, original.south)


@pytest.fixture
def app(seed: Seeded, tmp_path: Path) -> Iterator[Flask]:
    """The application on a seeded database, without form tokens (tests/app/test_forms.py checks those)."""
    application = create_app(settings(seed.url, jobs_file=tmp_path / "test.jobs"))
    application.config["WTF_CSRF_ENABLED"] = False
    yield application
    stop(application)


@pytest.fixture
def parts(app: Flask) -> Services:
    """The application's long-lived parts."""
    return cast(Services, app.extensions[KEY])


@pytest.fixture
def north(seed: Seeded) -> School:
    """The school that most tests are about."""
    return seed.north


@pytest.fixture
def south(seed: Seeded) -> School:
    """A school of another district."""
    return seed.south


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def session(app: Flask) -> Iterator[Session]:
    """A session for looking at what was stored."""
    with reading(app) as opened:
        yield opened
