"""Statements of the hot path, compiled once.

SQLAlchemy spends 40 to 60 microseconds on each execution of a statement that it has compiled before: session,
transaction, cache key, parameters, result. On SQLite the statement itself takes five to ten, and an answer needs a
dozen of them. So the few statements that every answer needs are written in SQLAlchemy's expression language like all
others, and then carried out on the driver's own connection, inside the session's transaction.

On PostgreSQL, where a round trip costs more than all of that, SQLAlchemy carries them out as usual.
"""

from collections import deque
from collections.abc import Callable, Collection, Mapping, MutableMapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any, cast
from weakref import WeakKeyDictionary

import orjson
from sqlalchemy import JSON, ClauseElement, CursorResult, Dialect, Engine, Executable, PoolProxiedConnection
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from app.base.db import Instant, from_micros, to_micros

# Without it SQLAlchemy gives -1 for an INSERT, also for one that ON CONFLICT left undone.
_COUNTED = {"preserve_rowcount": True}

Convert = Callable[[Any], Any]
Values = Mapping[str, Any]
Rows = Sequence[Sequence[Any]]

# Connections kept for looks outside any transaction: the pool's own book-keeping takes longer than such a look.
LOOKERS = 8
_lookers: MutableMapping[Engine, deque[PoolProxiedConnection]] = WeakKeyDictionary()

DRIVER = "waystation_driver"
"""Where a session that lives for one transaction keeps the driver's connection, so that it need not be looked up."""
_TOGETHER = "waystation_together"


def stand_or_fall_together(session: Session) -> None:
    """Say that no command of this session can be taken back alone, so that they may share what they found out."""
    session.info[_TOGETHER] = {}


def shared(session: Session) -> dict[Any, Any] | None:
    """What the commands of this transaction share; None where one can be taken back alone."""
    found: dict[Any, Any] | None = session.info.get(_TOGETHER)
    return found


@dataclass(frozen=True, slots=True)
class _Compiled:
    """A statement for SQLite: its text, and how each value goes in and comes out; None where it stays as it is."""

    text: str
    pick: Callable[[Values], tuple[Any, ...]]
    fixed: Values
    into: Sequence[tuple[int, Convert]]
    out: Sequence[tuple[int, Convert]]

    def parameters(self, values: Values) -> Sequence[Any]:
        picked = self.pick({**self.fixed, **values} if self.fixed else values)
        if not self.into:
            return picked
        found = list(picked)
        for place, convert in self.into:
            found[place] = convert(found[place])
        return found

    def rows(self, raw: Rows) -> Rows:
        if not self.out:
            return raw
        made = [list(row) for row in raw]
        for row in made:
            for place, convert in self.out:
                row[place] = convert(row[place])
        return made


class Statement:
    """A statement that is carried out often and always with the same parameters.

    Parameters
    ----------
    statement : Executable, or a mapping of dialect name to Executable
        Written with `bindparam`; for an INSERT, values for all columns are given at each execution.

    Notes
    -----
    On SQLite faults are the driver's own exceptions, not SQLAlchemy's.
    """

    def __init__(self, statement: Executable | Mapping[str, Executable]) -> None:
        self._variants = statement if isinstance(statement, Mapping) else {}
        self._statement = None if isinstance(statement, Mapping) else statement
        self._compiled: _Compiled | None = None

    def rows(self, session: Session, values: Values) -> Rows:
        """Every row, as plain sequences."""
        driver = _driver(session)
        if driver is None:
            return session.execute(self._for(session.get_bind().dialect), values).all()
        compiled = self._compiled or self._compile(session.get_bind().dialect, values)
        return compiled.rows(driver.execute(compiled.text, compiled.parameters(values)).fetchall())

    def row(self, session: Session, values: Values) -> Sequence[Any] | None:
        """The one row that there can be, or None."""
        found = self.rows(session, values)
        return found[0] if found else None

    def run(self, session: Session, values: Values) -> int:
        """Change something; returns how many rows."""
        driver = _driver(session)
        if driver is None:
            statement = self._for(session.get_bind().dialect)
            done = session.execute(statement, values, execution_options=_COUNTED)
            return cast(CursorResult[Any], done).rowcount
        compiled = self._compiled or self._compile(session.get_bind().dialect, values)
        count: int = driver.execute(compiled.text, compiled.parameters(values)).rowcount
        return count

    def look(self, engine: Engine, values: Values) -> Sequence[Any] | None:
        """The one row that there can be, seen outside any transaction of ours."""
        if engine.dialect.name != "sqlite":
            with engine.connect() as connected:
                return connected.execute(self._for(engine.dialect), values).first()
        compiled = self._compiled or self._compile(engine.dialect, values)
        lookers = _lookers.setdefault(engine, deque())
        try:
            connection = lookers.pop()
        except IndexError:
            connection = engine.raw_connection()
        driver: Any = connection.driver_connection
        found = compiled.rows(driver.execute(compiled.text, compiled.parameters(values)).fetchall())
        if len(lookers) < LOOKERS:
            lookers.append(connection)
        return found[0] if found else None

    def _for(self, dialect: Dialect) -> Executable:
        return self._variants[dialect.name] if self._statement is None else self._statement

    def _compile(self, dialect: Dialect, values: Values) -> _Compiled:
        self._compiled = _compile(self._for(dialect), dialect, values)
        return self._compiled


def upsert(table: Any, keys: tuple[str, ...], *, kept: Collection[str] = ()) -> Mapping[str, Any]:
    """Build INSERT ... ON CONFLICT DO UPDATE for both databases once.

    Parameters
    ----------
    keys : tuple of str
        The primary key.
    kept : collection of str
        Columns that a row which is there already keeps.
    """
    others = [column.name for column in table.columns if column.name not in (*keys, *kept)]
    built = {}
    for name, dialect in (("sqlite", sqlite), ("postgresql", postgresql)):
        statement = dialect.insert(table)
        built[name] = statement.on_conflict_do_update(
            index_elements=list(keys), set_={other: statement.excluded[other] for other in others}
        )
    return built


def _driver(session: Session) -> Any:
    """The SQLite connection that holds the session's transaction; None on other databases."""
    known = session.info.get(DRIVER)
    if known is not None:
        return known
    connection = session.connection()
    return connection.connection.driver_connection if connection.dialect.name == "sqlite" else None


def _compile(statement: Executable, dialect: Dialect, values: Values) -> _Compiled:
    compiled: Any = cast(ClauseElement, statement).compile(dialect=dialect, column_keys=list(values))
    if compiled.insert_prefetch or compiled.update_prefetch:
        raise TypeError("A column has a default that only SQLAlchemy would fill in; give every column a value.")
    names = list(compiled.positiontup)
    types = [compiled.binds[name].type.dialect_impl(dialect) for name in names]
    into = [_into(type_, dialect) for type_ in types]
    results = [column.type.dialect_impl(dialect) for column in _result_columns(statement)]
    out = [_out(type_, dialect) for type_ in results]
    fixed = {name: value for name, value in compiled.params.items() if name not in values and value is not None}
    return _Compiled(compiled.string, _picking(names), fixed, _converting(into), _converting(out))


def _picking(names: Sequence[str]) -> Callable[[Values], tuple[Any, ...]]:
    if len(names) > 1:
        return itemgetter(*names)
    return lambda values: tuple(values[name] for name in names)


def _into(type_: Any, dialect: Dialect) -> Convert | None:
    """How a value goes in; our own types without the layers that SQLAlchemy puts around them."""
    if isinstance(type_, Instant):
        return to_micros
    if isinstance(type_, JSON) and not type_.none_as_null:
        return _to_json
    found: Convert | None = type_.bind_processor(dialect)
    return found


def _out(type_: Any, dialect: Dialect) -> Convert | None:
    """How a value comes out."""
    if isinstance(type_, Instant):
        return from_micros
    if isinstance(type_, JSON):
        return _from_json
    found: Convert | None = type_.result_processor(dialect, None)
    return found


def _to_json(value: Any) -> str:
    return orjson.dumps(value).decode()


def _from_json(text: str | None) -> Any:
    return None if text is None else orjson.loads(text)


def _result_columns(statement: Any) -> Sequence[Any]:
    return tuple(statement.selected_columns) if statement.is_select else ()


def _converting(converts: Sequence[Convert | None]) -> list[tuple[int, Convert]]:
    return [(place, convert) for place, convert in enumerate(converts) if convert is not None]
