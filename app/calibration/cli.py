"""Command line of calibration, ``flask calibrate``, and of the chance of the next answer, ``flask predict``."""

import json
from collections.abc import Iterable
from typing import get_args

import click
from flask.cli import AppGroup
from sqlalchemy.orm import Session

from app.bank import queries as bank_queries
from app.bank import service as banks
from app.base.db import db
from app.base.errors import InvalidError
from app.base.jobs import jobs
from app.base.services import policy, writer
from app.base.terminal import in_words
from app.calibration import comparison, forecasting, queries, runs, service, words
from app.calibration.engines import Name
from app.calibration.forecasting import Trained
from app.rostering import service as rostering

calibrate = AppGroup("calibrate", help="Fit item parameters on students' answers.")
predict = AppGroup("predict", help="Train what corrects the chance of the next answer.")
_bank = click.option("--bank", metavar="KEY", help="Which bank; needed where there are several.")
_district = click.option("--district", metavar="NAME", help="Which district; needed where there are several.")
_engine = click.option(
    "--engine",
    type=click.Choice(get_args(Name)),
    default="own",
    show_default=True,
    help="pyirt is slow, needs a C compiler, and is there to compare with.",
)


def _place(bank: str | None, district: str | None) -> tuple[int, int]:
    """District and bank that a command is for."""
    with Session(db.engine) as session:
        _name, district_id = rostering.district_called(session, district)
        if bank is not None:
            return district_id, bank_queries.bank_with_key(session, district_id, bank).id
        known = bank_queries.banks(session, district_id)
    if len(known) != 1:
        raise InvalidError(f"Choose a bank with --bank: {', '.join(one.key for one in known) or 'none is published'}.")
    return district_id, known[0].id


@calibrate.command("look")
@_bank
@_district
@_engine
@in_words
def look(bank: str | None, district: str | None, engine: Name) -> None:
    """Fit, and show what would change; nothing is stored."""
    catalogue, given = runs.answered(*_place(bank, district))
    _print(words.told(service.propose(catalogue, given, policy(), engine)))
    click.echo("Nothing is stored. `flask calibrate stage` stores this as a parameter set.")


@calibrate.command("stage")
@_bank
@_district
@_engine
@click.option("--later", is_flag=True, help="Ask `flask jobs run` to do it, and do not wait.")
@in_words
def stage(bank: str | None, district: str | None, engine: Name, later: bool) -> None:
    """Fit, and store the result as a parameter set that is served to nobody yet."""
    district_id, bank_id = _place(bank, district)
    if later:
        jobs().later("stage_calibration", district_id=district_id, bank_id=bank_id, engine=engine)
        click.echo("Asked for. `flask jobs run` does it; `flask calibrate sets` then lists the result.")
        return
    staged = runs.stage(district_id, bank_id, engine)
    _print(words.told(staged.proposal))
    click.echo(f"Stored as parameter set {staged.set_id}. `flask calibrate adopt {staged.set_id}` serves it.")


@calibrate.command("sets")
@_bank
@_district
@in_words
def sets(bank: str | None, district: str | None) -> None:
    """List the parameter sets of a bank, newest first."""
    district_id, bank_id = _place(bank, district)
    with Session(db.engine) as session:
        _print(words.sets_told(queries.parameter_sets(session, district_id, bank_id)))


@calibrate.command("crosscheck")
@_bank
@_district
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@in_words
def crosscheck(bank: str | None, district: str | None, as_json: bool) -> None:
    """Fit the same answers with our own engine and with pyirt, and say whether they agree; nothing is stored."""
    found = comparison.compare(*runs.answered(*_place(bank, district)))
    if as_json:
        click.echo(json.dumps(words.comparison_as_plain(found), ensure_ascii=False, allow_nan=False))
    else:
        _print(words.comparison_told(found))


@calibrate.command("adopt")
@click.argument("set_id", type=int)
@_bank
@_district
@in_words
def adopt(set_id: int, bank: str | None, district: str | None) -> None:
    """Serve a stored parameter set, from every student's next item on."""
    district_id, bank_id = _place(bank, district)
    writer().run(banks.adopt, district_id, bank_id, set_id)
    click.echo(f"Parameter set {set_id} is served from the next item on. `flask calibrate back` takes it back.")


@calibrate.command("back")
@_bank
@_district
@in_words
def back(bank: str | None, district: str | None) -> None:
    """Serve the parameters again that came before the present ones."""
    district_id, bank_id = _place(bank, district)
    set_id = writer().run(service.take_back, district_id, bank_id)
    click.echo(f"Parameter set {set_id} is served again, from the next item on.")


def _print(lines: Iterable[str]) -> None:
    for line in lines:
        click.echo(line)


@predict.command("look")
@_bank
@_district
@in_words
def look_ahead(bank: str | None, district: str | None) -> None:
    """Train, and show how well students set apart are predicted; nothing is stored."""
    district_id, bank_id = _place(bank, district)
    with Session(db.engine) as session:
        _print(report(forecasting.train(session, district_id, bank_id, policy())))
    click.echo("Nothing is stored. `flask predict train` uses the result where it may be used.")


@predict.command("train")
@_bank
@_district
@click.option("--later", is_flag=True, help="Ask `flask jobs run` to do it, and do not wait.")
@in_words
def train(bank: str | None, district: str | None, later: bool) -> None:
    """Train, and aim with the result from the next item on where it helps; else with the IRT chance."""
    district_id, bank_id = _place(bank, district)
    if later:
        jobs().later("train_forecast", district_id=district_id, bank_id=bank_id)
        click.echo("Asked for. `flask jobs run` does it; `flask calibrate sets` then shows what is served.")
        return
    done = runs.retrain(district_id, bank_id)
    _print(report(done.trained))
    if done.set_id is not None:
        click.echo(f"Used from the next item on, as parameter set {done.set_id}. `flask predict drop` takes it back.")
    elif done.dropped:
        click.echo("The one in use is dropped: from the next item on the IRT chance is used.")
    else:
        click.echo("The IRT chance is used, as before.")


@predict.command("drop")
@_bank
@_district
@in_words
def drop(bank: str | None, district: str | None) -> None:
    """Aim with the IRT chance again."""
    district_id, bank_id = _place(bank, district)
    dropped = writer().run(forecasting.drop, district_id, bank_id)
    click.echo("From the next item on the IRT chance is used." if dropped else "The IRT chance is in use already.")


def report(trained: Trained) -> list[str]:
    """How the IRT chance and the corrected one did on students set apart, and the verdict."""
    lines = [f"{trained.answers} scored answers of {trained.students} students with the present parameters."]
    found = trained.evaluation
    if found is not None:
        lines.append(f"{'on students set apart':<24}{'AUC':>8}{'log loss':>10}{'Brier':>8}{'ECE':>8}")
        for name, one in (("IRT chance", found.irt), ("corrected chance", found.forecast)):
            lines.append(f"{name:<24}{one.auc:>8.3f}{one.log_loss:>10.4f}{one.brier:>8.4f}{one.ece:>8.4f}")
        lines.append(f"Log loss saved an answer: {found.gain:.4f}, give or take {found.gain_error:.4f}.")
    lines.append(f"Not used: {trained.refused}." if trained.refused else "It may be used.")
    return lines
