"""Every SELECT of calibration."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.bank.queries import current_set
from app.bank.tables import AdoptionTable, BankTable, ItemParametersTable, ParameterSetTable
from app.practice.tables import AnswerTable, ServingTable

CHUNK = 20_000


@dataclass(frozen=True, slots=True)
class FirstAnswers:
    """Scored first answers to a bank's items, oldest first: student, item version, share that was right unaided."""

    students: NDArray[np.int64]
    versions: NDArray[np.int64]
    scores: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Adopted:
    """A parameter set that a bank is or was served with."""

    set_id: int
    source: str
    made_at: datetime
    adopted_at: datetime


@dataclass(frozen=True, slots=True)
class StoredSet:
    """A parameter set of a bank; `differing` items have another difficulty than what is served now."""

    set_id: int
    source: str
    made_at: datetime
    items: int
    differing: int
    served: bool


def first_answers(session: Session, district_id: int, bank_id: int) -> FirstAnswers:
    """Every scored first answer to items of a bank; read in chunks, kept as plain arrays.

    Answers among fewer options are left out: they are answers to another, easier item.
    """
    rows = session.execute(
        select(AnswerTable.student_id, ServingTable.version_id, AnswerTable.score)
        .join(
            ServingTable,
            (ServingTable.district_id == AnswerTable.district_id) & (ServingTable.id == AnswerTable.serving_id),
        )
        .join(
            ParameterSetTable,
            (ParameterSetTable.district_id == ServingTable.district_id) & (ParameterSetTable.id == ServingTable.set_id),
        )
        .where(
            AnswerTable.district_id == district_id,
            AnswerTable.score.is_not(None),
            AnswerTable.guess.is_(None),
            ParameterSetTable.bank_id == bank_id,
        )
        .order_by(AnswerTable.id),
        execution_options={"yield_per": CHUNK},
    )
    ids: list[NDArray[np.int64]] = []
    scores: list[NDArray[np.float64]] = []
    for chunk in rows.partitions():
        ids.append(np.array([(row[0], row[1]) for row in chunk], dtype=np.int64))
        scores.append(np.array([row[2] for row in chunk], dtype=np.float64))
    table = np.concatenate(ids) if ids else np.zeros((0, 2), dtype=np.int64)
    return FirstAnswers(table[:, 0], table[:, 1], np.concatenate(scores) if scores else np.zeros(0))


def fresh_answers(session: Session, district_id: int, bank_id: int, sources: Sequence[str]) -> int:
    """How many answers to a bank were scored since a parameter set was last made in one of these ways."""
    latest = (
        select(func.max(ParameterSetTable.created_at))
        .where(
            ParameterSetTable.district_id == district_id,
            ParameterSetTable.bank_id == bank_id,
            ParameterSetTable.source.in_(sources),
        )
        .scalar_subquery()
    )
    found = session.scalar(
        select(func.count())
        .select_from(AnswerTable)
        .join(
            ServingTable,
            (ServingTable.district_id == AnswerTable.district_id) & (ServingTable.id == AnswerTable.serving_id),
        )
        .join(
            ParameterSetTable,
            (ParameterSetTable.district_id == ServingTable.district_id) & (ParameterSetTable.id == ServingTable.set_id),
        )
        .where(
            AnswerTable.district_id == district_id,
            AnswerTable.score.is_not(None),
            ParameterSetTable.bank_id == bank_id,
            latest.is_(None) | (AnswerTable.answered_at > latest),
        )
    )
    return int(found or 0)


def every_bank(session: Session) -> list[tuple[int, int]]:
    """District and id of every published bank."""
    rows = session.execute(select(BankTable.district_id, BankTable.id).order_by(BankTable.district_id, BankTable.id))
    return [(district, bank) for district, bank in rows]


def parameter_sets(session: Session, district_id: int, bank_id: int) -> list[StoredSet]:
    """Parameter sets of a bank, newest first, with how many items differ from what is served now."""
    served = current_set(session, district_id, bank_id)
    now = difficulties(session, district_id, served) if served is not None else {}
    rows = session.execute(
        select(ParameterSetTable.id, ParameterSetTable.source, ParameterSetTable.created_at)
        .where(ParameterSetTable.district_id == district_id, ParameterSetTable.bank_id == bank_id)
        .order_by(ParameterSetTable.id.desc())
    ).all()
    found = []
    for set_id, source, made_at in rows:
        theirs = difficulties(session, district_id, set_id)
        differing = sum(now.get(version) != b for version, b in theirs.items())
        found.append(StoredSet(set_id, source, made_at, len(theirs), differing, set_id == served))
    return found


def difficulties(session: Session, district_id: int, set_id: int) -> dict[int, float]:
    """Difficulty of every item version of a parameter set."""
    rows = session.execute(
        select(ItemParametersTable.version_id, ItemParametersTable.b).where(
            ItemParametersTable.district_id == district_id, ItemParametersTable.set_id == set_id
        )
    )
    return {row[0]: row[1] for row in rows}


def adoptions(session: Session, district_id: int, bank_id: int) -> list[Adopted]:
    """What a bank has been served with, newest first."""
    rows = session.execute(
        select(ParameterSetTable.id, ParameterSetTable.source, ParameterSetTable.created_at, AdoptionTable.adopted_at)
        .join(
            AdoptionTable,
            (AdoptionTable.district_id == ParameterSetTable.district_id)
            & (AdoptionTable.set_id == ParameterSetTable.id),
        )
        .where(AdoptionTable.district_id == district_id, AdoptionTable.bank_id == bank_id)
        .order_by(AdoptionTable.id.desc())
    )
    return [Adopted(*row) for row in rows]
