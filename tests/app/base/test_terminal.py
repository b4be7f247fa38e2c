"""What goes wrong on the command line is told in words, with what to do."""

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from app.base.db import db
from app.base.terminal import in_words


@pytest.mark.parametrize("change", ["RENAME TO earlier", "RENAME COLUMN id TO earlier"], ids=["table", "column"])
def test_tables_that_are_missing_or_older_are_told_with_what_to_do(app: Flask, change: str) -> None:
    with app.app_context(), db.engine.begin() as connection:
        connection.execute(text(f"ALTER TABLE districts {change}"))
    told = app.test_cli_runner().invoke(args=["rebuild", "abilities", "--check"])
    assert told.exit_code == 1
    assert told.output.startswith("Error: The database's tables are missing or of an older version.")
    assert "flask --app wsgi db upgrade" in told.output


def test_another_fault_of_the_database_is_not_taken_for_that(app: Flask) -> None:
    @in_words
    def faulty() -> None:
        with db.engine.connect() as connection:
            connection.execute(text("SELECT 1 +"))

    with app.app_context(), pytest.raises(DBAPIError):
        faulty()
