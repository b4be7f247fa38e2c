"""A student who knows the key: reads the serving from a page, looks the item up in the database, and answers."""

import re

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.bank.tables import ItemVersionTable
from app.practice.tables import ServingTable
from content import answers, serial
from content.generators import realise


def serving_in(page: str) -> int:
    """The serving that a page asks about."""
    found = re.search(r"/servings/(\d+)/answer", page)
    assert found, page
    return int(found.group(1))


def fields_of(session: Session, serving_id: int, *, right: bool) -> dict[str, str]:
    """Form fields of a right or a wrong answer."""
    serving = session.execute(select(ServingTable).where(ServingTable.id == serving_id)).scalar_one()
    body = session.execute(select(ItemVersionTable.body).where(ItemVersionTable.id == serving.version_id)).scalar_one()
    item = realise(serial.load(body), serving.seed)
    give = answers.key if right else answers.wrong
    given = give(item, seed=serving.seed, most=serving.options)
    assert given is not None
    return given
