"""Command line of calibration: ``flask calibrate``, and ``flask predict`` for the chance of the next answer."""

from collections.abc import Callable, Sequence
from functools import wraps
from typing import ParamSpec

import click
from flask.cli import AppGroup
from sqlalchemy.orm import Session

from app.bank import queries as bank_queries
from app.bank import service as banks
from app.bank.catalogue import catalogues
from app.base.db import db
from app.base.errors import InvalidError, WaystationError
from app.base.services import policy, writer
from app.calibration import forecasting, queries, service
from app.calibration.forecasting import Trained
from app.calibration.service import Change, Proposal
from app.rostering import service as rostering

P = ParamSpec("P")

calibrate = AppGroup("calibrate", help="Fit item parameters on students' answers.")
predict = AppGroup("predict", help="Train what corrects the chance of the next answer.")
_bank = click.option("--bank", metavar="KEY", help="Which bank; needed where there are several.")
_district = click.option("--district", metavar="NAME", help="Which district; needed where there are several.")


def _in_words(command: Callable[P, None]) -> Callable[P, None]:
    """Print what can go wrong as a sentence and end with status 1."""

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            command(*args, **kwargs)
        except WaystationError as error:
            raise click.ClickException(str(error)) from error

    return run


def _where(session: Session, bank: str | None, district: str | None) -> tuple[int, int]:
    """District and bank that a command is for."""
    _name, district_id = rostering.district_called(session, district)
    if bank is not None:
        return district_id, bank_queries.bank_with_key(session, district_id, bank).id
    known = bank_queries.banks(session, district_id)
    if len(known) != 1:
        raise InvalidError(f"Choose a bank with --bank: {', '.join(one.key for one in known) or 'none is published'}.")
    return district_id, known[0].id


def _proposed(bank: str | None, district: str | None) -> tuple[int, int, Proposal]:
    with Session(db.engine) as session:
        district_id, bank_id = _where(session, bank, district)
        catalogue = catalogues.of_bank(session, district_id, bank_id)
        given = queries.first_answers(session, district_id, bank_id)
    return district_id, bank_id, service.propose(catalogue, given, policy())


@calibrate.command("look")
@_bank
@_district
@_in_words
def look(bank: str | None, district: str | None) -> None:
    """Fit, and show what would change; nothing is stored."""
    _district_id, _bank_id, proposal = _proposed(bank, district)
    _print(proposal)
    click.echo("Nothing is stored. `flask calibrate stage` stores this as a parameter set.")


@calibrate.command("stage")
@_bank
@_district
@_in_words
def stage(bank: str | None, district: str | None) -> None:
    """Fit, and store the result as a parameter set that is served to nobody yet."""
    district_id, bank_id, proposal = _proposed(bank, district)
    _print(proposal)
    set_id = writer().run(service.stage, district_id, bank_id, proposal, policy())
    click.echo(f"Stored as parameter set {set_id}. `flask calibrate adopt {set_id}` serves it.")


@calibrate.command("adopt")
@click.argument("set_id", type=int)
@_bank
@_district
@_in_words
def adopt(set_id: int, bank: str | None, district: str | None) -> None:
    """Serve a stored parameter set, from every student's next item on."""
    with Session(db.engine) as session:
        district_id, bank_id = _where(session, bank, district)
    writer().run(banks.adopt, district_id, bank_id, set_id)
    click.echo(f"Parameter set {set_id} is served from the next item on. `flask calibrate back` takes it back.")


@calibrate.command("back")
@_bank
@_district
@_in_words
def back(bank: str | None, district: str | None) -> None:
    """Serve the parameters again that came before the present ones."""
    with Session(db.engine) as session:
        district_id, bank_id = _where(session, bank, district)
    set_id = writer().run(service.take_back, district_id, bank_id)
    click.echo(f"Parameter set {set_id} is served again, from the next item on.")


def _print(proposal: Proposal) -> None:
    shared = proposal.prior.general_variance
    click.echo(f"{proposal.answers} first answers of {proposal.students} students.")
    click.echo(f"{100 * shared:.0f}% of how abilities differ is shared by all skills, the rest is each skill's own.")
    where = "above" if proposal.level >= 0 else "below"
    click.echo(f"The students' mean lies {abs(proposal.level):.2f} logits {where} that of the bank's scale.")
    settled = "settled" if proposal.converged else "did NOT settle"
    click.echo(f"The fit {settled} after {proposal.cycles} cycles.")
    click.echo(f"{len(proposal.accepted)} of {len(proposal.changes)} items would change.\n")
    for line in table(proposal.changes):
        click.echo(line)


def table(changes: Sequence[Change]) -> list[str]:
    """One line an item: answers, difficulty before and after, discrimination, verdict."""
    width = max(4, *(len(change.item.key) for change in changes))
    head = f"{'item':<{width}}  answers  b before   b after    error         a    error  verdict"
    return [head, *(_line(change, width) for change in changes)]


def _line(change: Change, width: int) -> str:
    before, fitted = change.item.parameters, change.fitted
    start = f"{change.item.key:<{width}}  {change.answers:>7}  {before.b:>8.2f}"
    if fitted is None:
        return f"{start}  {'':>8}  {'':>7}  {'':>8}  {'':>7}  {change.refused}"
    numbers = f"{fitted.b:>8.2f}  {fitted.b_sd:>7.2f}  {fitted.a:>8.2f}  {change.slope_error:>7.2f}"
    return f"{start}  {numbers}  {change.refused or 'would be used'}"


def _trained(bank: str | None, district: str | None) -> tuple[int, int, Trained]:
    with Session(db.engine) as session:
        district_id, bank_id = _where(session, bank, district)
        trained = forecasting.train(session, district_id, bank_id, policy())
    for line in report(trained):
        click.echo(line)
    return district_id, bank_id, trained


@predict.command("look")
@_bank
@_district
@_in_words
def look_ahead(bank: str | None, district: str | None) -> None:
    """Train, and show how well students set apart are predicted; nothing is stored."""
    _trained(bank, district)
    click.echo("Nothing is stored. `flask predict train` uses the result where it may be used.")


@predict.command("train")
@_bank
@_district
@_in_words
def train(bank: str | None, district: str | None) -> None:
    """Train, and aim with the result from the next item on where it helps; else with the IRT chance."""
    district_id, bank_id, trained = _trained(bank, district)
    if not trained.refused:
        set_id = writer().run(forecasting.adopt, district_id, bank_id, trained, policy())
        click.echo(f"Used from the next item on, as parameter set {set_id}. `flask predict drop` takes it back.")
    elif writer().run(forecasting.drop, district_id, bank_id):
        click.echo("The one in use is dropped: from the next item on the IRT chance is used.")
    else:
        click.echo("The IRT chance is used, as before.")


@predict.command("drop")
@_bank
@_district
@_in_words
def drop(bank: str | None, district: str | None) -> None:
    """Aim with the IRT chance again."""
    with Session(db.engine) as session:
        district_id, bank_id = _where(session, bank, district)
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
