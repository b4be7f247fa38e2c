"""Command line of practice: rebuild what we believe, show the thresholds."""

import click
from flask.cli import AppGroup
from sqlalchemy.orm import Session

from app.base import services
from app.base.db import db
from app.base.terminal import in_words
from app.practice.service import standing
from app.rostering.queries import district_ids

rebuild = AppGroup("rebuild", help="Make projections anew from the answers, or check them.")
policy = AppGroup("policy", help="The thresholds in force.")


@rebuild.command("abilities")
@click.option("--check", is_flag=True, help="Only compare; exit 1 when a stored ability differs.")
@in_words
def abilities(check: bool) -> None:
    """Fold every answer again, district by district."""
    different = 0
    for district_id in _districts():
        found = _checked(district_id) if check else _rebuilt(district_id)
        different += len(found.different)
        click.echo(
            f"district {district_id}: {found.answers} answers, {found.abilities} abilities, "
            f"{len(found.different)} different"
        )
    if check and different:
        raise click.exceptions.Exit(1)


def _districts() -> list[int]:
    with Session(db.engine) as session:
        return district_ids(session)


def _checked(district_id: int) -> standing.Rebuilt:
    with Session(db.engine) as session:
        return standing.check_abilities(session, district_id, services.policy())


def _rebuilt(district_id: int) -> standing.Rebuilt:
    return services.writer().run(standing.rebuild_abilities, district_id, services.policy())


@policy.command("show")
def show() -> None:
    """Print every threshold with its meaning and source."""
    for section, rules in services.policy():
        click.echo(f"[{section}]")
        for name, about in type(rules).model_fields.items():
            click.echo(f"  {name} = {getattr(rules, name)}  # {about.description}")
    click.echo(f"hash {services.policy().hash}")
