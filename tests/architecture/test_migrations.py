"""Migrations are one numbered line; each goes up, down and up again on both databases; all together make the tables."""

import re
from pathlib import Path

import flask_migrate
import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, MetaData, Table, insert, inspect, select

from app.base.db import db
from app.config import ROOT
from app.factory import create_app
from tests.conftest import administer, settings, stop

VERSIONS = ROOT / "migrations" / "versions"
NAME = "waystation_migrated"
PARAMETERS = "item_parameters"


def scripts() -> ScriptDirectory:
    """The migrations as Alembic reads them."""
    return ScriptDirectory.from_config(Config(config_args={"script_location": str(ROOT / "migrations")}))


def in_order() -> list[str]:
    """Revisions from the first to the last."""
    return [one.revision for one in reversed(list(scripts().walk_revisions()))]


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def empty(request, tmp_path: Path):
    """The application on a database without any table."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'empty.sqlite'}"
    else:
        address = request.getfixturevalue("postgresql_address")
        administer(address, f"DROP DATABASE IF EXISTS {NAME}")
        administer(address, f"CREATE DATABASE {NAME}")
        url = f"{address}/{NAME}"
    application = create_app(settings(url))
    with application.app_context():
        yield application
        stop(application)


def schema() -> dict[str, dict[str, object]]:
    """What the database itself says about its tables."""
    found = inspect(db.engine)
    return {
        table: {
            "columns": [(one["name"], str(one["type"]), one["nullable"]) for one in found.get_columns(table)],
            "key": found.get_pk_constraint(table),
            "references": sorted(map(str, found.get_foreign_keys(table))),
            "unique": sorted(map(str, found.get_unique_constraints(table))),
            "indexes": sorted(map(str, found.get_indexes(table))),
        }
        for table in found.get_table_names()
        if table != "alembic_version"
    }


def test_there_is_one_head():
    assert len(scripts().get_heads()) == 1, "Two migrations follow the same one: renumber the later"


def test_migrations_are_numbered_one_after_another():
    assert in_order() == [f"{number:04d}" for number in range(1, len(in_order()) + 1)]


def test_each_file_is_named_by_its_number_and_what_it_does():
    names = {path.name for path in VERSIONS.glob("*.py")}
    assert {name[:4] for name in names} == set(in_order())
    assert all(re.fullmatch(r"\d{4}(_[a-z0-9]+)+\.py", name) for name in names)


def test_the_migrations_make_the_tables_that_the_application_expects(empty):
    flask_migrate.upgrade()
    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, db.metadata) == [], "Write a migration: flask --app wsgi db migrate"


def test_each_migration_goes_up_down_and_up_again(empty):
    before = "base"
    for revision in in_order():
        shape = schema()
        flask_migrate.upgrade(revision=revision)
        made = schema()
        assert made != shape, f"{revision} changes nothing"
        flask_migrate.downgrade(revision=before)
        assert schema() == shape, f"{revision} does not take back what it did"
        flask_migrate.upgrade(revision=revision)
        assert schema() == made, f"{revision} does not do again what it did"
        before = revision
    flask_migrate.downgrade(revision="base")
    assert schema() == {}


def without_parents(connection: Connection) -> None:
    """Let rows in whose parents are missing, on this connection only."""
    if connection.dialect.name == "sqlite":
        connection.connection.driver_connection.execute("PRAGMA foreign_keys = OFF")
    else:
        connection.exec_driver_sql("SET session_replication_role = replica")


def test_who_had_extra_time_keeps_it(empty):
    ours = next(one for one in scripts().walk_revisions() if one.path.endswith("_supports.py"))
    before, latest = str(ours.down_revision), ours.revision
    flask_migrate.upgrade(revision=before)
    people = Table("people", MetaData(), autoload_with=db.engine)
    person = {"district_id": 1, "school_id": 1, "role": "student", "name": "Ana", "secret_hash": ""}
    with db.engine.connect() as connection:
        without_parents(connection)
        for number, extra_time in ((1, True), (2, False)):
            connection.execute(insert(people).values(person | {"id": number, "extra_time": extra_time}))
        connection.commit()
        connection.invalidate()
    flask_migrate.upgrade(revision=latest)
    given = Table("supports", MetaData(), autoload_with=db.engine)
    with db.engine.connect() as connection:
        assert connection.execute(select(given.c.student_id, given.c.given)).all() == [(1, {"extra_time": 1.5})]
        connection.rollback()
    flask_migrate.downgrade(revision=before)
    with db.engine.connect() as connection:
        found = connection.execute(select(people.c.id, people.c.extra_time).order_by(people.c.id)).all()
    assert [tuple(one) for one in found] == [(1, True), (2, False)]


def test_what_a_calibration_changed_is_told_from_what_it_left_alone(empty):
    flask_migrate.upgrade(revision="0002")
    sets, parameters = (Table(name, MetaData(), autoload_with=db.engine) for name in ("parameter_sets", PARAMETERS))
    shared = {"district_id": 1, "bank_id": 1, "policy_hash": "", "cuts": "{}", "created_at": 0}
    curve = {"district_id": 1, "model": "2PL", "a": 1.0, "c": 0.0, "b_sd": 0.5}
    with db.engine.connect() as connection:
        without_parents(connection)
        for number, source in ((1, "author"), (2, "calibration")):
            connection.execute(insert(sets).values(shared | {"id": number, "source": source}))
        for number, version, b in ((1, 7, 0.5), (1, 8, -0.25), (2, 7, 0.625), (2, 8, -0.25)):
            connection.execute(insert(parameters).values(curve | {"set_id": number, "version_id": version, "b": b}))
        connection.commit()
        connection.invalidate()
    flask_migrate.upgrade()
    after = Table(PARAMETERS, MetaData(), autoload_with=db.engine)
    with db.engine.connect() as connection:
        origins = connection.execute(select(after.c.set_id, after.c.version_id, after.c.origin)).all()
    assert sorted(map(tuple, origins)) == [
        (1, 7, "author"),
        (1, 8, "author"),
        (2, 7, "calibrated"),
        (2, 8, "author"),
    ]
