"""How Alembic reaches the application's database and tables."""

from typing import Any

from alembic import context
from flask import current_app

from app.base.db import IMMEDIATE, Instant

db = current_app.extensions["migrate"].db


def nothing_to_do(migration_context: Any, revision: Any, directives: list[Any]) -> None:
    """Write no empty revision."""
    if getattr(context.config.cmd_opts, "autogenerate", False) and directives[0].upgrade_ops.is_empty():
        directives[:] = []


def plain_type(kind: str, item: Any, _autogenerate: Any) -> str | bool:
    """Write our own types as what they are in the database, so that a migration never depends on today's code."""
    if kind == "type" and isinstance(item, Instant):
        return "sa.BigInteger()"
    return False


def run() -> None:
    """Run the migrations in one transaction; on SQLite DDL is part of it."""
    with db.engine.connect().execution_options(**{IMMEDIATE: True}) as connection:
        context.configure(
            connection=connection,
            target_metadata=db.metadata,
            process_revision_directives=nothing_to_do,
            compare_type=True,
            render_item=plain_type,
            transaction_per_migration=False,
        )
        with context.begin_transaction():
            context.run_migrations()


if context.is_offline_mode():
    raise SystemExit("Migrations need the database; leave out --sql.")
run()
