"""The database: one declarative base, the SQLite that may be used, and how a connection is set up.

SQLite runs in WAL mode with ``synchronous=FULL`` (a commit survives a power cut), foreign keys on, and explicit
transactions: the driver's own implicit ``BEGIN`` is switched off, reads say ``BEGIN`` and the writer says
``BEGIN IMMEDIATE``, so that nobody finds out half way through that somebody else is writing.
"""

from datetime import datetime, timedelta
from typing import Any, cast

import orjson
from flask_sqlalchemy import SQLAlchemy
from pysqlite3 import dbapi2 as sqlite
from sqlalchemy import JSON, BigInteger, Dialect, Engine, ForeignKeyConstraint, MetaData, Table, event
from sqlalchemy.engine import Connection
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, registry
from sqlalchemy.types import TypeDecorator

from app.base.clock import EPOCH, MICROSECOND

# The WAL-reset bug, which could corrupt a database, is fixed from 3.51.3 on and in these two back-ports.
FIXED_SQLITE = (3, 51, 3)
FIXED_BACKPORTS = {(3, 50): 7, (3, 44): 6}
BUSY_TIMEOUT_MS = 10_000
IMMEDIATE = "waystation_immediate"

CONVENTION = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


def to_micros(moment: datetime | None) -> int | None:
    """Turn an aware datetime into microseconds since 1970."""
    return None if moment is None else (moment - EPOCH) // MICROSECOND


def from_micros(micros: int | None) -> datetime | None:
    """Turn microseconds since 1970 into an aware datetime."""
    return None if micros is None else EPOCH + timedelta(microseconds=micros)


class Instant(TypeDecorator[datetime]):
    """A moment in UTC, stored as whole microseconds since 1970: exact, sortable, and alike on every database."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        """Turn an aware datetime into microseconds."""
        return to_micros(value)

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        """Turn microseconds into an aware datetime."""
        return from_micros(value)


class Base(DeclarativeBase):
    """Base of every table class."""

    metadata = MetaData(naming_convention=CONVENTION)
    # A registry of its own, not a type_annotation_map: Flask-SQLAlchemy copies this class's body into a second base.
    registry = registry(
        metadata=metadata,
        type_annotation_map={int: BigInteger, datetime: Instant, dict[str, Any]: JSON, list[Any]: JSON},
    )


class DistrictRow:
    """Mixin of every row that belongs to a district: its key starts with the district."""

    district_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, sort_order=-2)


class OwnedRow(DistrictRow):
    """Mixin of a row with an identifier of its own within the district."""

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, sort_order=-1)


def of_district() -> ForeignKeyConstraint:
    """Foreign key to the district itself, for the tables at the top."""
    return ForeignKeyConstraint(["district_id"], ["districts.id"])


def within(column: str, table: str, *, target: str = "id") -> ForeignKeyConstraint:
    """Foreign key to a row of the same district, so that no reference can cross districts."""
    return ForeignKeyConstraint(["district_id", column], [f"{table}.district_id", f"{table}.{target}"])


db = SQLAlchemy(model_class=Base)


def table_of(mapped: type[Base]) -> Table:
    """The table behind a mapped class, for statements that skip the unit of work."""
    return cast(Table, mapped.__table__)


def refuse_affected_sqlite(version: tuple[int, int, int]) -> None:
    """Stop when this SQLite has the WAL-reset bug.

    Raises
    ------
    RuntimeError
        With the remedy.
    """
    backport = FIXED_BACKPORTS.get(version[:2])
    if version >= FIXED_SQLITE or (backport is not None and version[2] >= backport):
        return
    raise RuntimeError(
        f"SQLite {'.'.join(map(str, version))} has a bug that can corrupt a database in WAL mode. "
        "Install pysqlite3 0.6 or newer (it brings SQLite 3.51.3 or newer), or use PostgreSQL."
    )


# The values of a statement hold names and answers; an error's text ends up in logs.
_DISCREET = {"hide_parameters": True}


def _to_json(value: Any) -> str:
    return orjson.dumps(value).decode()


# Ten times the speed of the standard library's; an answer reads and writes half a dozen JSON columns.
_JSON = {"json_serializer": _to_json, "json_deserializer": orjson.loads}


def engine_options(url: str) -> dict[str, Any]:
    """Keyword arguments of `create_engine` for this database."""
    if url.startswith("sqlite"):
        refuse_affected_sqlite(sqlite.sqlite_version_info)
        return {"module": sqlite, "pool_size": 64, "max_overflow": 64, **_DISCREET, **_JSON}
    return {"pool_size": 16, "max_overflow": 48, "pool_pre_ping": True, **_DISCREET, **_JSON}


def driver_url(url: str) -> str:
    """Name the driver we ship in a plain database URL."""
    return url.replace("postgresql://", "postgresql+psycopg://", 1)


def _set_up_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        f"busy_timeout={BUSY_TIMEOUT_MS}",
        "cache_size=-4000",
        "temp_store=MEMORY",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    immediate = connection.get_execution_options().get(IMMEDIATE, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")


def prepare(engine: Engine) -> None:
    """Attach the connection set-up to an engine; does nothing on PostgreSQL."""
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _set_up_sqlite)
        event.listen(engine, "begin", _begin)
