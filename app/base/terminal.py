"""What every command line of ours does alike."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec

import click

from app.base.errors import WaystationError

P = ParamSpec("P")


def in_words(command: Callable[P, None]) -> Callable[P, None]:
    """Print what can go wrong for a person as a sentence, and end with status 1."""

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            command(*args, **kwargs)
        except WaystationError as error:
            raise click.ClickException(str(error)) from error

    return run
