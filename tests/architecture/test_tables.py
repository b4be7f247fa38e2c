"""The district is the outer wall: it leads every key, so no row can belong to, or point into, another district."""

from sqlalchemy import ForeignKeyConstraint, Table, UniqueConstraint

import app.factory  # noqa: F401  # loads the tables of every domain
from app.base.db import Base

# A district is its own wall; a wake-up call is numbered in one row for all and says nothing but "look again".
WITHOUT_A_DISTRICT_IN_FRONT = {"districts", "outbox"}


def tables() -> list[Table]:
    """Tables of everything that belongs to a district."""
    return [table for name, table in Base.metadata.tables.items() if name not in WITHOUT_A_DISTRICT_IN_FRONT]


def leads(columns) -> bool:
    """Whether the district comes first."""
    return next(iter(columns)).name == "district_id"


def targets(key: ForeignKeyConstraint) -> str:
    """First column that a foreign key points to."""
    return next(iter(key.elements)).target_fullname


def test_there_are_tables_to_look_at():
    assert {"people", "answers", "banks"} <= {table.name for table in tables()}


def test_the_district_leads_every_primary_key():
    assert [table.name for table in tables() if not leads(table.primary_key.columns)] == []


def test_the_district_leads_every_foreign_key_on_both_sides():
    keys = [key for table in tables() for key in table.foreign_key_constraints]
    wrong = [
        str(key.name)
        for key in keys
        if not leads(key.columns) or targets(key) not in {f"{key.referred_table.name}.district_id", "districts.id"}
    ]
    assert wrong == []


def test_the_district_leads_every_unique_constraint():
    constraints = [one for table in tables() for one in table.constraints if isinstance(one, UniqueConstraint)]
    indexes = [index for table in tables() for index in table.indexes if index.unique]
    assert [str(one.name) for one in (*constraints, *indexes) if not leads(one.columns)] == []


def test_every_table_hangs_on_its_district():
    def reaches_the_district(table: Table, seen: frozenset[str] = frozenset()) -> bool:
        referred = {key.referred_table.name: key.referred_table for key in table.foreign_key_constraints}
        further = [other for name, other in referred.items() if name not in seen | {table.name}]
        return "districts" in referred or any(reaches_the_district(other, seen | {table.name}) for other in further)

    assert [table.name for table in tables() if not reaches_the_district(table)] == []
