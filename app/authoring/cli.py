"""Commands for authors: ``flask banks check``, ``flask banks publish`` and ``flask banks import``."""

from pathlib import Path

import click
from flask.cli import AppGroup
from sqlalchemy.orm import Session

from app.authoring import service
from app.bank.service import publish
from app.base.db import db
from app.base.services import policy, writer
from app.base.terminal import in_words
from app.rostering import service as rostering
from content.formats import oatutor
from content.recordings import Recorded
from content.schema import Finding
from content.write import write

banks = AppGroup("banks", help="Check, publish and import item banks.")
imports = AppGroup("import", help="Take banks over from other systems.")
banks.add_command(imports)

_path = click.argument("path", type=click.Path(path_type=Path))
_district = click.option("--district", metavar="NAME", help="For which district; needed where there are several.")


@banks.command("check")
@_path
@in_words
def check_bank(path: Path) -> None:
    """Print the findings of a bank's file, one a line; ends with status 1 when there are errors."""
    parsed = service.examine_file(path)
    _print_findings(path, parsed.findings)
    errors = len(list(parsed.errors()))
    remarks = len(parsed.findings) - errors
    click.echo(f"{len(parsed.bank.items)} items, {errors} errors, {remarks} remarks", err=True)
    if errors:
        raise click.exceptions.Exit(1)


@banks.command("publish")
@_path
@_district
@in_words
def publish_bank(path: Path, district: str | None) -> None:
    """Publish a bank's file; one with errors is not published and its findings are printed."""
    parsed = service.examine_file(path)
    errors = tuple(parsed.errors())
    if errors:
        _print_findings(path, errors)
        raise click.ClickException(f"{len(errors)} errors: nothing was published.")
    _publish(service.with_recordings(parsed.bank, path), district)


@imports.command("oatutor")
@_path
@click.option(
    "--report", type=click.Path(path_type=Path, dir_okay=False), help="Write the report there; .json for programs."
)
@click.option(
    "--write", "target", type=click.Path(path_type=Path, dir_okay=False), help="Write the bank as a .md file."
)
@_district
@in_words
def import_oatutor(path: Path, report: Path | None, target: Path | None, district: str | None) -> None:
    """Take over an OATutor folder: report on everything in it, and publish what could be taken."""
    imported = oatutor.read(path)
    _report(imported, report)
    if not imported.bank.items:
        raise click.ClickException(f"Nothing in {path} could be taken. Is it a folder with content-pool in it?")
    if target:
        _save(target, write(imported.bank))
    _publish(Recorded(imported.bank), district)


def _print_findings(path: Path, findings: tuple[Finding, ...]) -> None:
    for finding in findings:
        click.echo(f"{path}:{finding.line}: {finding.code}: {finding.message}. {finding.hint}")


def _report(imported: oatutor.Import, path: Path | None) -> None:
    """Print the whole report, or the totals when the rest goes to a file."""
    if path is None:
        click.echo(oatutor.report_text(imported), nl=False)
        return
    as_record = path.suffix.lower() == ".json"
    _save(path, oatutor.report_json(imported) if as_record else oatutor.report_text(imported))
    click.echo(oatutor.totals_text(imported), nl=False)


def _save(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise click.ClickException(f"{path} cannot be written: {error.strerror}.") from error


def _publish(recorded: Recorded, district: str | None) -> None:
    bank = recorded.bank
    with Session(db.engine) as session:
        name, district_id = rostering.district_called(session, district)
        predicted = service.predicted(session, district_id, bank, policy().cold_start)
    done = writer().run(publish, district_id, bank, policy(), predicted, recorded.recordings)
    click.echo(
        f"Published {bank.title} for {name}: {done.versions} items, {done.fresh} of them new or changed, "
        f"{done.retired} no longer served."
    )
    if done.predicted:
        click.echo(f"{done.predicted} difficulties are predicted from items that students have answered.")
