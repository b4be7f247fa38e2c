"""A student who knows the key: reads the serving from a page, looks the item up in the database, and answers."""

import re

from itsdangerous import URLSafeTimedSerializer
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.bank.tables import ItemVersionTable
from app.practice.service.offline import Spare
from app.practice.tables import ServingTable
from content import answers, serial
from content.generators import realise
from content.schema import Item


def serving_in(page: str) -> int:
    """The serving that a page asks about."""
    found = re.search(r"/servings/(\d+)/answer", page)
    assert found, page
    return int(found.group(1))


def item_of(session: Session, version_id: int, seed: int) -> Item:
    """An item's version with its numbers drawn."""
    body = session.execute(select(ItemVersionTable.body).where(ItemVersionTable.id == version_id)).scalar_one()
    return realise(serial.load(body), seed)


def fields_of(session: Session, serving_id: int, *, right: bool) -> dict[str, str]:
    """Form fields of a right or a wrong answer."""
    serving = session.execute(select(ServingTable).where(ServingTable.id == serving_id)).scalar_one()
    return _fields(item_of(session, serving.version_id, serving.seed), serving.seed, serving.options, right=right)


def spare_in(name: str) -> Spare:
    """The question in reserve that was signed with this name, without a look at the signature."""
    return Spare(*URLSafeTimedSerializer("").loads_unsafe(name)[1][1:])


def fields_of_spare(session: Session, name: str, *, right: bool) -> dict[str, str]:
    """Form fields of a right or a wrong answer to a question in reserve."""
    spare = spare_in(name)
    return _fields(item_of(session, spare.version_id, spare.seed), spare.seed, spare.options, right=right)


def _fields(item: Item, seed: int, most: int | None, *, right: bool) -> dict[str, str]:
    give = answers.key if right else answers.wrong
    given = give(item, seed=seed, most=most)
    assert given is not None
    return given
