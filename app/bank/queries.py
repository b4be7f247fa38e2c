"""Every SELECT about banks."""

from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Select, bindparam, func, literal, select
from sqlalchemy.orm import Session

from app.bank.tables import (
    AUTHOR,
    CALIBRATED,
    AdoptionTable,
    BankTable,
    ForecastTable,
    ItemParametersTable,
    ItemTable,
    ItemVersionTable,
    MisconceptionTable,
    ParameterSetTable,
    PrerequisiteTable,
    RecordingTable,
    SkillTable,
)
from app.base.db import table_of
from app.base.errors import NotFoundError
from app.base.statements import Statement, shared
from content import serial
from content.answers import parts
from content.schema import Generator, Item, Misconception, Term
from models.forecast import Forecast
from models.irt import ItemParams


@dataclass(frozen=True, slots=True)
class BankInfo:
    """A published bank."""

    district_id: int
    id: int
    key: str
    title: str
    grade: str
    language: str
    licence: str
    source: str


@dataclass(frozen=True, slots=True)
class SkillInfo:
    """A skill as practice needs it; `cut` in logits."""

    id: int
    code: str
    title: str
    example: str
    cut: float
    prerequisites: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ServedItem:
    """An item version with the parameters it is served with, and where they come from."""

    version_id: int
    item_id: int
    key: str
    skill_id: int
    family: str
    content: Item | Generator
    parameters: ItemParams
    origin: str = AUTHOR


_banks = select(
    BankTable.district_id,
    BankTable.id,
    BankTable.key,
    BankTable.title,
    BankTable.grade,
    BankTable.language,
    BankTable.licence,
    BankTable.source,
)


def banks(session: Session, district_id: int) -> list[BankInfo]:
    """Published banks of a district, by title."""
    rows = session.execute(_banks.where(BankTable.district_id == district_id).order_by(BankTable.title))
    return [BankInfo(*row) for row in rows]


def bank_with_key(session: Session, district_id: int, key: str) -> BankInfo:
    """The bank with its author's name.

    Raises
    ------
    NotFoundError
        Nothing of that name is published in this district.
    """
    row = session.execute(_banks.where(BankTable.district_id == district_id, BankTable.key == key)).one_or_none()
    if row is None:
        raise NotFoundError(f"There is no published bank called {key}. Publish it with `flask banks publish PATH`.")
    return BankInfo(*row)


def cuts(session: Session, district_id: int, set_id: int) -> dict[int, float]:
    """Ability (logits) from which each skill counts as mastered, on the scale of a parameter set."""
    stored = session.execute(
        select(ParameterSetTable.cuts).where(
            ParameterSetTable.district_id == district_id, ParameterSetTable.id == set_id
        )
    ).scalar_one()
    return {int(skill): cut for skill, cut in stored.items()}


def skills(session: Session, district_id: int, bank_id: int, set_id: int) -> list[SkillInfo]:
    """Skills that a parameter set of a bank knows, in the author's order, with their prerequisites."""
    known = cuts(session, district_id, set_id)
    needs: dict[int, list[int]] = {}
    pairs = select(PrerequisiteTable.skill_id, PrerequisiteTable.prerequisite_id).join(
        SkillTable,
        (SkillTable.district_id == PrerequisiteTable.district_id) & (SkillTable.id == PrerequisiteTable.skill_id),
    )
    for skill, prerequisite in session.execute(
        pairs.where(PrerequisiteTable.district_id == district_id, SkillTable.bank_id == bank_id).order_by(
            PrerequisiteTable.prerequisite_id
        )
    ):
        needs.setdefault(skill, []).append(prerequisite)
    rows = session.execute(
        select(SkillTable.id, SkillTable.code, SkillTable.title, SkillTable.example)
        .where(SkillTable.district_id == district_id, SkillTable.bank_id == bank_id)
        .order_by(SkillTable.position, SkillTable.id)
    )
    return [
        SkillInfo(id, code, title, example, known[id], tuple(need for need in needs.get(id, ()) if need in known))
        for id, code, title, example in rows
        if id in known
    ]


def misconceptions(session: Session, district_id: int, bank_id: int) -> dict[str, Misconception]:
    """Misconceptions of a bank by their author's name."""
    rows = session.execute(
        select(MisconceptionTable.key, MisconceptionTable.title, MisconceptionTable.nudge).where(
            MisconceptionTable.district_id == district_id, MisconceptionTable.bank_id == bank_id
        )
    )
    return {key: Misconception(key, title, nudge) for key, title, nudge in rows}


def words(session: Session, district_id: int, bank_id: int) -> tuple[str, tuple[Term, ...]]:
    """A bank's language, and the words that its students may look up."""
    row = session.execute(
        select(BankTable.language, BankTable.glossary).where(
            BankTable.district_id == district_id, BankTable.id == bank_id
        )
    ).one()
    return row.language, tuple(Term(word, meaning, tuple(forms)) for word, meaning, forms in row.glossary)


def recording(session: Session, district_id: int, name: str) -> bytes | None:
    """A recording of a district's banks; None where there is none of this name."""
    return session.execute(
        select(RecordingTable.data).where(RecordingTable.district_id == district_id, RecordingTable.name == name)
    ).scalar_one_or_none()


def languages(session: Session, district_id: int) -> list[str]:
    """Languages that some question of a district's banks is translated to."""
    rows = session.execute(select(BankTable.languages).where(BankTable.district_id == district_id)).scalars()
    return sorted({language for found in rows for language in found})


# Part of every answer, so it is built once over the table itself.
_adoptions = table_of(AdoptionTable)
_of_bank = (_adoptions.c.district_id == bindparam("district"), _adoptions.c.bank_id == bindparam("bank"))
# Without a LIMIT: SQLite takes five times as long over one, because its number arrives as a parameter.
_latest_adoption = Statement(
    select(_adoptions.c.set_id).where(
        _adoptions.c.district_id == bindparam("district"),
        _adoptions.c.id == select(func.max(_adoptions.c.id)).where(*_of_bank).scalar_subquery(),
    )
)


def current_set(session: Session, district_id: int, bank_id: int) -> int | None:
    """The parameter set that a bank is served with now; None before the first publication."""
    together, key = shared(session), (_adoptions, district_id, bank_id)
    if together is not None and key in together:
        found: int = together[key]
        return found
    row = _latest_adoption.row(session, {"district": district_id, "bank": bank_id})
    if row is None:
        return None
    if together is not None:
        together[key] = row[0]
    return int(row[0])


def forget_current_set(session: Session, district_id: int, bank_id: int) -> None:
    """Look again: another set was adopted in this transaction."""
    together = shared(session)
    if together is not None:
        together.pop((_adoptions, district_id, bank_id), None)


def bank_of_set(session: Session, district_id: int, set_id: int) -> int:
    """The bank that a parameter set belongs to.

    Raises
    ------
    NotFoundError
        There is no such set in this district.
    """
    found = session.execute(
        select(ParameterSetTable.bank_id).where(
            ParameterSetTable.district_id == district_id, ParameterSetTable.id == set_id
        )
    ).scalar_one_or_none()
    if found is None:
        raise NotFoundError("There is no such parameter set.")
    return found


def forecast(session: Session, district_id: int, set_id: int) -> Forecast | None:
    """What corrects the IRT chances of a parameter set; None where nothing does."""
    numbers = session.execute(
        select(ForecastTable.numbers).where(ForecastTable.district_id == district_id, ForecastTable.set_id == set_id)
    ).scalar_one_or_none()
    return None if numbers is None else Forecast.from_json(numbers)


def without_forecast(session: Session, district_id: int, set_id: int) -> int:
    """The set with the same parameters and no forecast: the one that a forecast was trained for, else itself."""
    found = session.execute(
        select(ForecastTable.from_set_id).where(
            ForecastTable.district_id == district_id, ForecastTable.set_id == set_id
        )
    ).scalar_one_or_none()
    return set_id if found is None else found


def parameters_as(district_id: int, set_id: int, other_id: int) -> tuple[list[str], Select[Any]]:
    """Names of the columns, and rows that give another set the parameters of this one, to be inserted."""
    table = table_of(ItemParametersTable)
    rest = [column for column in table.columns if column.name not in ("district_id", "set_id")]
    rows = select(literal(district_id), literal(other_id), *rest)
    names = ["district_id", "set_id", *(column.name for column in rest)]
    return names, rows.where(table.c.district_id == district_id, table.c.set_id == set_id)


def sets_like(session: Session, district_id: int, set_id: int) -> frozenset[int]:
    """A set without a forecast, and those that hold its parameters with one."""
    found = session.execute(
        select(ForecastTable.set_id).where(
            ForecastTable.district_id == district_id, ForecastTable.from_set_id == set_id
        )
    )
    return frozenset([set_id, *found.scalars()])


def served_items(session: Session, district_id: int, set_id: int) -> list[ServedItem]:
    """Every item version of a parameter set with its parameters, in a stable order."""
    rows = session.execute(
        select(
            ItemVersionTable.id,
            ItemVersionTable.item_id,
            ItemTable.key,
            ItemVersionTable.skill_id,
            ItemVersionTable.family,
            ItemVersionTable.body,
            ItemParametersTable.model,
            ItemParametersTable.a,
            ItemParametersTable.b,
            ItemParametersTable.c,
            ItemParametersTable.b_sd,
            ItemParametersTable.origin,
        )
        .join(
            ItemVersionTable,
            (ItemVersionTable.district_id == ItemParametersTable.district_id)
            & (ItemVersionTable.id == ItemParametersTable.version_id),
        )
        .join(
            ItemTable,
            (ItemTable.district_id == ItemVersionTable.district_id) & (ItemTable.id == ItemVersionTable.item_id),
        )
        .where(ItemParametersTable.district_id == district_id, ItemParametersTable.set_id == set_id)
        .order_by(ItemVersionTable.id)
    )
    return [
        _served(version, item, key, skill, family, body, ItemParams(model, a, b, c, b_sd), origin)
        for version, item, key, skill, family, body, model, a, b, c, b_sd, origin in rows
    ]


def _served(
    version: int, item: int, key: str, skill: int, family: str, body: dict[str, Any], fitted: ItemParams, origin: str
) -> ServedItem:
    content = serial.load(body)
    return ServedItem(version, item, key, skill, family, content, replace(fitted, parts=parts(content.answer)), origin)


def calibrated_items(session: Session, district_id: int) -> list[tuple[str, ServedItem]]:
    """Every item of a district that is served on students' answers, with the key of its bank."""
    sets = ((bank.key, current_set(session, district_id, bank.id)) for bank in banks(session, district_id))
    return [
        (key, item)
        for key, set_id in sets
        if set_id is not None
        for item in served_items(session, district_id, set_id)
        if item.origin == CALIBRATED
    ]


def skill_ids(session: Session, district_id: int, bank_id: int) -> dict[str, int]:
    """Identifiers of a bank's skills by code."""
    rows = session.execute(
        select(SkillTable.code, SkillTable.id).where(
            SkillTable.district_id == district_id, SkillTable.bank_id == bank_id
        )
    )
    return {row[0]: row[1] for row in rows}


def item_ids(session: Session, district_id: int, bank_id: int) -> dict[str, int]:
    """Identifiers of a bank's items by the author's name."""
    rows = session.execute(
        select(ItemTable.key, ItemTable.id).where(ItemTable.district_id == district_id, ItemTable.bank_id == bank_id)
    )
    return {row[0]: row[1] for row in rows}


def version_ids(session: Session, district_id: int, bank_id: int) -> dict[tuple[int, str], int]:
    """Identifiers of a bank's item versions by item and content hash."""
    rows = session.execute(
        select(ItemVersionTable.item_id, ItemVersionTable.content_hash, ItemVersionTable.id)
        .join(
            ItemTable,
            (ItemTable.district_id == ItemVersionTable.district_id) & (ItemTable.id == ItemVersionTable.item_id),
        )
        .where(ItemTable.district_id == district_id, ItemTable.bank_id == bank_id)
    )
    return {(item, content_hash): version for item, content_hash, version in rows}
