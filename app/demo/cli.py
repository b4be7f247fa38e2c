"""Command line of the demo: seed a school, run it, and let simulated students practise."""

import os
import signal
from collections.abc import Callable
from pathlib import Path
from types import FrameType

import click
from flask.cli import AppGroup, with_appcontext
from flask_migrate import upgrade
from sqlalchemy.orm import Session

from app.authoring.service import bank_at
from app.base import services
from app.base.db import db
from app.base.errors import WaystationError
from app.config import ROOT
from app.demo import people, queries, run, seeding
from app.demo.crowd import Crowd
from app.demo.service import CLASSES, TEACHER

OWN_BANK = ROOT / "content" / "banks" / "fractions-and-ratios.md"
SEED = 7
THREADS = 16
URL = "http://127.0.0.1:8000"

demo = AppGroup("demo", help="A school to look around in.")
_bank = click.option(
    "--bank",
    type=click.Path(exists=True, path_type=Path),
    help="A bank's file, or a folder to import from; our own bank otherwise.",
)
_seed = click.option("--seed", default=SEED, show_default=True, help="The same number gives the same school.")


@demo.command("seed")
@_bank
@_seed
@click.option("--classes", default=len(CLASSES), show_default=True, help="At least so many classes.")
@click.option("--fresh", is_flag=True, help="Begin with an empty SQLite file.")
def seed_command(bank: Path | None, seed: int, classes: int, fresh: bool) -> None:
    """Make the school, its people, two weeks of history and a lesson that runs."""
    if fresh:
        _begin_anew()
    upgrade()
    try:
        making = seeding.Making(db.engine, services.services(), seed)
        for line in seeding.seed(making, lambda: bank_at(bank or OWN_BANK), classes):
            click.echo(line)
    except WaystationError as error:
        raise click.ClickException(str(error)) from error


def _begin_anew() -> None:
    url = services.services().settings.database_url
    if not url.startswith("sqlite:///"):
        raise click.ClickException("--fresh is for SQLite files. Empty a PostgreSQL database with dropdb and createdb.")
    db.engine.dispose()
    for ending in ("", "-wal", "-shm"):
        Path(url.removeprefix("sqlite:///") + ending).unlink(missing_ok=True)


@demo.command("run")
@click.option("--port", default=8000, show_default=True)
@_bank
@_seed
@click.option("--seconds", type=float, help="Stop by itself after so many seconds.")
@click.option("--no-students", is_flag=True, help="Leave the students to you.")
def run_command(port: int, bank: Path | None, seed: int, seconds: float | None, no_students: bool) -> None:
    """Serve the demo until Ctrl-C."""
    env = run.environment(bank, seed)
    running = run.Running(env)
    try:
        run.refuse_taken_port(port)
        _prepare(env, bank, seed)
        running.on_signals()
        running.start(run.server_command(port))
        run.wait_until_ready(port, running)
        address = f"http://{run.HOST}:{port}"
        if not no_students and not running.stopping.is_set():
            running.start(run.flask_command("simulate", "--url", address, "--seed", str(seed)))
        click.echo(_welcome(address))
        running.wait(seconds)
    except run.CannotRunError as error:
        raise click.ClickException(str(error)) from error
    finally:
        running.stop()


def _prepare(env: dict[str, str], bank: Path | None, seed: int) -> None:
    arguments = ["--bank", str(bank.resolve())] if bank is not None else []
    if not run.seeded(env, seed, *arguments):
        raise run.CannotRunError("The demo's school could not be made; the message above says why.")


def _welcome(address: str) -> str:
    _name, email, password = TEACHER
    return "\n".join(
        (
            "",
            f"Waystation's demo is at {address}",
            f"  Live board       {address}/sign-in/adult   {email} / {password}",
            f"  Be a student     {address}/sign-in         class code {CLASSES[0][1]}, any face, then sun, moon, star",
            "  Author           not open yet",
            f"  Check our maths  {address}/demo/maths",
            "Ctrl-C stops it.",
            "",
        )
    )


@click.command("simulate")
@click.option("--classes", default=1, show_default=True, help="So many classes take part.")
@click.option("--students", type=int, help="At most so many students; more than there are adds classes.")
@click.option("--url", default=URL, show_default=True, help="Where the server is.")
@click.option("--minutes", type=float, help="Stop after so many minutes; until Ctrl-C otherwise.")
@_seed
@click.option("--pace", default=1.0, show_default=True, help="So many times as fast as life.")
@with_appcontext
def simulate(classes: int, students: int | None, url: str, minutes: float | None, seed: int, pace: float) -> None:
    """Let simulated students practise over HTTP."""
    needed = max(classes, people.classes_for(students))
    with Session(db.engine) as session:
        missing = needed > len(queries.demo_classes(session, CLASSES[0][1]))
    if missing:
        _add_classes(needed, seed)
    crowd = Crowd(THREADS)
    joined = people.join(crowd, db.engine, url, seed, needed, students, pace)
    _stop_on_signals(crowd.stop)
    click.echo(f"{joined} simulated students are on their way to {url}.")
    crowd.run(None if minutes is None else minutes * 60)
    click.echo(", ".join(f"{n} {what}" for what, n in sorted(crowd.counts.items())) or "nothing happened")


def _add_classes(needed: int, seed: int) -> None:
    if not run.seeded(os.environ, seed, "--classes", str(needed)):
        raise click.ClickException("The classes could not be added; the message above says why.")


def _stop_on_signals(stop: Callable[[], None]) -> None:
    def on_signal(_number: int, _frame: FrameType | None) -> None:
        stop()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, on_signal)
