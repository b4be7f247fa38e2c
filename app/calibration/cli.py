"""Command line of calibration: ``flask calibrate look``, ``stage``, ``adopt``, ``back``."""

from collections.abc import Sequence

import click
from flask.cli import AppGroup
from sqlalchemy.orm import Session

from app.bank import queries as bank_queries
from app.bank import service as banks
from app.bank.catalogue import catalogues
from app.base.db import db
from app.base.errors import InvalidError
from app.base.services import policy, writer
from app.base.terminal import in_words
from app.calibration import queries, service
from app.calibration.service import Change, Proposal
from app.rostering import service as rostering

calibrate = AppGroup("calibrate", help="Fit item parameters on students' answers.")
_bank = click.option("--bank", metavar="KEY", help="Which bank; needed where there are several.")
_district = click.option("--district", metavar="NAME", help="Which district; needed where there are several.")


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
@in_words
def look(bank: str | None, district: str | None) -> None:
    """Fit, and show what would change; nothing is stored."""
    _district_id, _bank_id, proposal = _proposed(bank, district)
    _print(proposal)
    click.echo("Nothing is stored. `flask calibrate stage` stores this as a parameter set.")


@calibrate.command("stage")
@_bank
@_district
@in_words
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
@in_words
def adopt(set_id: int, bank: str | None, district: str | None) -> None:
    """Serve a stored parameter set, from every student's next item on."""
    with Session(db.engine) as session:
        district_id, bank_id = _where(session, bank, district)
    writer().run(banks.adopt, district_id, bank_id, set_id)
    click.echo(f"Parameter set {set_id} is served from the next item on. `flask calibrate back` takes it back.")


@calibrate.command("back")
@_bank
@_district
@in_words
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
