"""What every command line of ours does alike."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec

import click
from sqlalchemy.exc import DBAPIError

from app.base.errors import WaystationError

P = ParamSpec("P")

BEHIND = "The database's tables are missing or of an older version. Run `flask --app wsgi db upgrade`, then try again."
# undefined_table, undefined_column; SQLite has no code for them
UNDEFINED = frozenset({"42P01", "42703"})


def in_words(command: Callable[P, None]) -> Callable[P, None]:
    """Print what can go wrong for a person as a sentence, and end with status 1."""

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            command(*args, **kwargs)
        except WaystationError as error:
            raise click.ClickException(str(error)) from error
        except DBAPIError as error:
            if _is_behind(error):
                raise click.ClickException(BEHIND) from error
            raise

    return run


def _is_behind(error: DBAPIError) -> bool:
    fault = error.orig
    return getattr(fault, "sqlstate", None) in UNDEFINED or str(fault).startswith(("no such table", "no such column"))
