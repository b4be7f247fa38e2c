"""Command line of calibration: ``flask calibrate look``, ``stage``, ``adopt``, ``back``, ``crosscheck``."""

import json
from collections.abc import Iterable
from typing import get_args

import click
from flask.cli import AppGroup
from sqlalchemy.orm import Session

from app.bank import queries as bank_queries
from app.bank import service as banks
from app.bank.catalogue import Catalogue, catalogues
from app.base.db import db
from app.base.errors import InvalidError
from app.base.services import policy, writer
from app.base.terminal import in_words
from app.calibration import comparison, queries, service, words
from app.calibration.engines import Name
from app.calibration.queries import FirstAnswers
from app.rostering import service as rostering

calibrate = AppGroup("calibrate", help="Fit item parameters on students' answers.")
_bank = click.option("--bank", metavar="KEY", help="Which bank; needed where there are several.")
_district = click.option("--district", metavar="NAME", help="Which district; needed where there are several.")
_engine = click.option(
    "--engine",
    type=click.Choice(get_args(Name)),
    default="own",
    show_default=True,
    help="pyirt is slow, needs a C compiler, and is there to compare with.",
)


def _where(session: Session, bank: str | None, district: str | None) -> tuple[int, int]:
    """District and bank that a command is for."""
    _name, district_id = rostering.district_called(session, district)
    if bank is not None:
        return district_id, bank_queries.bank_with_key(session, district_id, bank).id
    known = bank_queries.banks(session, district_id)
    if len(known) != 1:
        raise InvalidError(f"Choose a bank with --bank: {', '.join(one.key for one in known) or 'none is published'}.")
    return district_id, known[0].id


def _answered(bank: str | None, district: str | None) -> tuple[int, int, Catalogue, FirstAnswers]:
    """District, bank, what it is served with, and the answers to it."""
    with Session(db.engine) as session:
        district_id, bank_id = _where(session, bank, district)
        catalogue = catalogues.of_bank(session, district_id, bank_id)
        return district_id, bank_id, catalogue, queries.first_answers(session, district_id, bank_id)


@calibrate.command("look")
@_bank
@_district
@_engine
@in_words
def look(bank: str | None, district: str | None, engine: Name) -> None:
    """Fit, and show what would change; nothing is stored."""
    _district_id, _bank_id, catalogue, given = _answered(bank, district)
    _print(words.told(service.propose(catalogue, given, policy(), engine)))
    click.echo("Nothing is stored. `flask calibrate stage` stores this as a parameter set.")


@calibrate.command("stage")
@_bank
@_district
@_engine
@in_words
def stage(bank: str | None, district: str | None, engine: Name) -> None:
    """Fit, and store the result as a parameter set that is served to nobody yet."""
    district_id, bank_id, catalogue, given = _answered(bank, district)
    proposal = service.propose(catalogue, given, policy(), engine)
    _print(words.told(proposal))
    set_id = writer().run(service.stage, district_id, bank_id, proposal, policy())
    click.echo(f"Stored as parameter set {set_id}. `flask calibrate adopt {set_id}` serves it.")


@calibrate.command("crosscheck")
@_bank
@_district
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@in_words
def crosscheck(bank: str | None, district: str | None, as_json: bool) -> None:
    """Fit the same answers with our own engine and with pyirt, and say whether they agree; nothing is stored."""
    _district_id, _bank_id, catalogue, given = _answered(bank, district)
    found = comparison.compare(catalogue, given)
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


def _print(lines: Iterable[str]) -> None:
    for line in lines:
        click.echo(line)
