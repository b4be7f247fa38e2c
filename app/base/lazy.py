"""What only the command line needs, loaded when it is asked for: a server starts in half the time without it."""

from functools import cache
from importlib import import_module
from typing import Any

import click
from flask import Flask
from werkzeug.local import LocalProxy

from app.base.db import db
from app.config import ROOT

JOBS = "jobs"


class LazyCommand(click.Command):
    """A command, or a group of them, whose module is imported when it is run or explained.

    Parameters
    ----------
    name : str
        What is typed.
    module, attribute : str
        Where the real one is.
    help : str
        One line for ``flask --help``.
    """

    def __init__(self, name: str, module: str, attribute: str, *, help: str) -> None:
        super().__init__(name, help=help)
        self._module, self._attribute = module, attribute

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        """Hand over to the real command: the context is its own, and click runs what the context names."""
        real: click.Command = getattr(import_module(self._module), self._attribute)
        return real.make_context(info_name, args, parent, **extra)


def attach_migrations(app: Flask) -> None:
    """Let ``flask db`` find its settings; Alembic itself is imported by the first command that needs it."""

    @cache
    def settings() -> Any:
        import_module("flask_migrate").Migrate(app, db, directory=str(ROOT / "migrations"), render_as_batch=False)
        made = app.extensions["migrate"]
        app.extensions["migrate"] = proxy
        return made

    proxy = LocalProxy(settings)
    app.extensions["migrate"] = proxy


def attach_jobs(app: Flask, *modules: str) -> None:
    """Let commands find the queue of jobs; it is opened, with the jobs of these modules, when it is first asked for."""

    @cache
    def opened() -> Any:
        known = [job for name in modules for job in import_module(name).JOBS]
        return import_module("app.base.jobs").open_jobs(app, known)

    app.extensions[JOBS] = opened
