"""Commands about banks: publishing what an author wrote, and adopting a parameter set."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from math import log
from statistics import fmean
from typing import Any

from sqlalchemy import delete, insert, update
from sqlalchemy.orm import Session

from app.bank import queries
from app.bank.catalogue import options
from app.bank.queries import ServedItem
from app.bank.tables import (
    AUTHOR,
    CALIBRATED,
    PREDICTED,
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
from app.base.errors import InvalidError, NotFoundError
from app.base.ids import new_id
from app.base.policy import Mastery, Policy
from content import serial
from content.answers import parts
from content.check import check
from content.identity import content_hash
from content.schema import Bank, Generator, Item
from models.forecast import Forecast
from models.irt import AUTHOR_SD, ItemParams

FORECAST = "forecast"


@dataclass(frozen=True, slots=True)
class Published:
    """What a publication did.

    Parameters
    ----------
    versions : int
        Item versions that are served from now on.
    fresh : int
        How many of them are new wordings.
    retired : int
        Items that were served before and are no longer.
    predicted : int
        Items that are served with a predicted difficulty.
    """

    bank_id: int
    set_id: int
    versions: int
    fresh: int
    retired: int
    predicted: int = 0


def publish(
    session: Session,
    district_id: int,
    bank: Bank,
    policy: Policy,
    predicted: Mapping[str, ItemParams] | None = None,
    recordings: Mapping[str, bytes] | None = None,
    *,
    now: datetime,
    rng: object,
) -> Published:
    """Publish a bank: new wordings become versions, and a new parameter set is adopted.

    A wording that has not changed keeps its version, and its parameters if they are calibrated. Any other item gets
    what was predicted for it (`predicted`, by the author's name), else keeps what it has, else what its author says.
    Nothing published earlier is changed. `recordings` are those that the items name (see `content.recordings`).

    Raises
    ------
    InvalidError
        The bank has faults that `content.check` calls errors, or names a recording that is not there.
    """
    faults = [finding for finding in check(bank) if finding.severity == "error"]
    if faults:
        raise InvalidError(f"{bank.title} has {len(faults)} faults; the first: {faults[0].message}. {faults[0].hint}")
    bank_id = _bank(session, district_id, bank)
    before = queries.current_set(session, district_id, bank_id)
    skills = _skills(session, district_id, bank_id, bank)
    _misconceptions(session, district_id, bank_id, bank)
    _recordings(session, district_id, bank, recordings or {})
    versions, fresh = _versions(session, district_id, bank_id, bank, skills, now)
    served = [] if before is None else queries.served_items(session, district_id, before)
    kept = {item.version_id: item for item in served}
    start = {version: _start(item, kept.get(version), predicted or {}) for version, item in versions.items()}
    parameters = {version: found for version, (found, _) in start.items()}
    origins = {version: origin for version, (_, origin) in start.items()}
    cuts = {skills[skill.code]: _cut(skill.code, versions, parameters, policy.mastery) for skill in bank.skills}
    set_id = add_parameter_set(
        session, district_id, bank_id, AUTHOR, parameters, cuts, policy.hash, origins, now=now, rng=rng
    )
    adopt(session, district_id, bank_id, set_id, now=now, rng=rng)
    retired = {item.key for item in served} - {item.id for item in bank.items}
    counts = len(versions), fresh, len(retired), list(origins.values()).count(PREDICTED)
    return Published(bank_id, set_id, *counts)


def _start(
    item: Item | Generator, before: ServedItem | None, predicted: Mapping[str, ItemParams]
) -> tuple[ItemParams, str]:
    """Parameters that an item is published with, and where they come from."""
    if before is not None and before.origin == CALIBRATED:
        return before.parameters, CALIBRATED
    if item.id in predicted:
        return predicted[item.id], PREDICTED
    if before is not None:
        return before.parameters, before.origin
    return from_author(item), AUTHOR


def from_author(item: Item | Generator) -> ItemParams:
    """Parameters of an item that has only its author's difficulty, or none."""
    return ItemParams.from_author(item.difficulty, options(item), parts(item.answer))


def add_parameter_set(
    session: Session,
    district_id: int,
    bank_id: int,
    source: str,
    parameters: Mapping[int, ItemParams],
    cuts: Mapping[int, float],
    policy_hash: str,
    origins: Mapping[int, str] | None = None,
    *,
    now: datetime,
    rng: object,
) -> int:
    """Store parameters of item versions, and the cuts of their skills, as a set of their own; returns its id.

    `origins` says where each version's parameters come from; the author, where it says nothing.
    """
    known = origins or {}
    set_id = new_id()
    session.execute(
        insert(ParameterSetTable).values(
            district_id=district_id,
            id=set_id,
            bank_id=bank_id,
            source=source,
            policy_hash=policy_hash,
            cuts={str(skill): cut for skill, cut in cuts.items()},
            created_at=now,
        )
    )
    rows = [
        {
            "district_id": district_id,
            "set_id": set_id,
            "version_id": version,
            "model": item.model,
            "a": item.a,
            "b": item.b,
            "c": item.c,
            "b_sd": item.b_sd,
            "origin": known.get(version, AUTHOR),
        }
        for version, item in parameters.items()
    ]
    if rows:
        session.execute(insert(ItemParametersTable), rows)
    return set_id


def add_forecast(
    session: Session,
    district_id: int,
    bank_id: int,
    set_id: int,
    forecast: Forecast,
    evaluation: Mapping[str, Any],
    policy_hash: str,
    *,
    now: datetime,
    rng: object,
) -> int:
    """Store a parameter set's parameters once more, as a set with this forecast; returns its id.

    A set of its own, because sets never change: each serving names the one that its chance was worked out with.
    """
    cuts = queries.cuts(session, district_id, set_id)
    made = add_parameter_set(session, district_id, bank_id, FORECAST, {}, cuts, policy_hash, now=now, rng=rng)
    columns, rows = queries.parameters_as(district_id, set_id, made)
    session.execute(insert(ItemParametersTable).from_select(columns, rows))
    row = {"district_id": district_id, "set_id": made, "from_set_id": set_id}
    session.execute(insert(ForecastTable).values(**row, numbers=forecast.to_json(), evaluation=dict(evaluation)))
    return made


def adopt(session: Session, district_id: int, bank_id: int, set_id: int, *, now: datetime, rng: object) -> None:
    """Serve a bank with this parameter set from the next serving on.

    Raises
    ------
    NotFoundError
        The set belongs to another bank.
    """
    if queries.bank_of_set(session, district_id, set_id) != bank_id:
        raise NotFoundError("This parameter set belongs to another bank.")
    session.execute(
        insert(AdoptionTable).values(
            district_id=district_id, id=new_id(), bank_id=bank_id, set_id=set_id, adopted_at=now
        )
    )
    queries.forget_current_set(session, district_id, bank_id)


def _bank(session: Session, district_id: int, bank: Bank) -> int:
    about = {
        "title": bank.title,
        "grade": bank.grade,
        "language": bank.language,
        "licence": bank.licence,
        "source": bank.source,
        "glossary": [[term.word, term.meaning, list(term.forms)] for term in bank.glossary],
        "languages": sorted({each.language for item in bank.items for each in item.translations}),
    }
    try:
        bank_id = queries.bank_with_key(session, district_id, bank.id).id
    except NotFoundError:
        bank_id = new_id()
        session.execute(insert(BankTable).values(district_id=district_id, id=bank_id, key=bank.id, **about))
    else:
        session.execute(
            update(BankTable).where(BankTable.district_id == district_id, BankTable.id == bank_id).values(**about)
        )
    return bank_id


def _skills(session: Session, district_id: int, bank_id: int, bank: Bank) -> dict[str, int]:
    known = queries.skill_ids(session, district_id, bank_id)
    for position, skill in enumerate(bank.skills):
        about = {
            "title": skill.title,
            "example": skill.example,
            "position": position,
        }
        if skill.code in known:
            session.execute(
                update(SkillTable)
                .where(SkillTable.district_id == district_id, SkillTable.id == known[skill.code])
                .values(**about)
            )
        else:
            known[skill.code] = new_id()
            session.execute(
                insert(SkillTable).values(
                    district_id=district_id, id=known[skill.code], bank_id=bank_id, code=skill.code, **about
                )
            )
    _prerequisites(session, district_id, bank, known)
    return known


def _cut(
    code: str, versions: Mapping[int, Item | Generator], parameters: Mapping[int, ItemParams], rule: Mastery
) -> float:
    """The ability (logits) of someone with the mastery chance on the skill's typical item.

    Items of which nothing is known do not tell what is typical.

    References
    ----------
    Mitzel, Lewis, Patz & Green (2001), The Bookmark procedure, in Cizek, Setting Performance Standards (RP67).
    """
    own = [parameters[version] for version, item in versions.items() if item.skill == code]
    known = [item.b for item in own if item.b_sd <= AUTHOR_SD]
    return fmean(known) + log(rule.cut_chance / (1 - rule.cut_chance)) if known else rule.default_cut


def _prerequisites(session: Session, district_id: int, bank: Bank, ids: Mapping[str, int]) -> None:
    for skill in bank.skills:
        session.execute(
            delete(PrerequisiteTable).where(
                PrerequisiteTable.district_id == district_id, PrerequisiteTable.skill_id == ids[skill.code]
            )
        )
        for code in skill.prerequisites:
            session.execute(
                insert(PrerequisiteTable).values(
                    district_id=district_id, skill_id=ids[skill.code], prerequisite_id=ids[code]
                )
            )


def _misconceptions(session: Session, district_id: int, bank_id: int, bank: Bank) -> None:
    known = queries.misconceptions(session, district_id, bank_id)
    for misconception in bank.misconceptions:
        about = {"title": misconception.title, "nudge": misconception.nudge}
        if misconception.id in known:
            session.execute(
                update(MisconceptionTable)
                .where(
                    MisconceptionTable.district_id == district_id,
                    MisconceptionTable.bank_id == bank_id,
                    MisconceptionTable.key == misconception.id,
                )
                .values(**about)
            )
        else:
            session.execute(
                insert(MisconceptionTable).values(
                    district_id=district_id, id=new_id(), bank_id=bank_id, key=misconception.id, **about
                )
            )


def _recordings(session: Session, district_id: int, bank: Bank, given: Mapping[str, bytes]) -> None:
    """Keep the recordings that are new; they are named by their content, so the others are there already."""
    for name in sorted({item.audio for item in bank.items if item.audio}):
        if queries.recording(session, district_id, name) is not None:
            continue
        if name not in given:
            raise InvalidError(f"The recording {name} is not there. Publish the bank from its file.")
        session.execute(insert(RecordingTable).values(district_id=district_id, name=name, data=given[name]))


def _versions(
    session: Session, district_id: int, bank_id: int, bank: Bank, skills: Mapping[str, int], now: datetime
) -> tuple[dict[int, Item | Generator], int]:
    items = queries.item_ids(session, district_id, bank_id)
    known = queries.version_ids(session, district_id, bank_id)
    served: dict[int, Item | Generator] = {}
    fresh = 0
    for item in bank.items:
        if item.id not in items:
            items[item.id] = new_id()
            session.execute(
                insert(ItemTable).values(district_id=district_id, id=items[item.id], bank_id=bank_id, key=item.id)
            )
        wording = content_hash(item)
        version = known.get((items[item.id], wording))
        if version is None:
            version = new_id()
            fresh += 1
            session.execute(
                insert(ItemVersionTable).values(
                    district_id=district_id,
                    id=version,
                    item_id=items[item.id],
                    skill_id=skills[item.skill],
                    content_hash=wording,
                    family=item.family or item.id,
                    body=serial.dump(item),
                    published_at=now,
                )
            )
        served[version] = item
    return served, fresh
