"""Every SELECT of calibration."""

from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.bank.tables import AdoptionTable, ParameterSetTable
from app.practice.tables import AnswerTable, ServingTable

CHUNK = 20_000


@dataclass(frozen=True, slots=True)
class FirstAnswers:
    """Scored first answers to a bank's items, oldest first: student, item version, 1 right unaided or 0."""

    students: NDArray[np.int64]
    versions: NDArray[np.int64]
    scores: NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Adopted:
    """A parameter set that a bank is or was served with."""

    set_id: int
    source: str
    made_at: datetime
    adopted_at: datetime


def first_answers(session: Session, district_id: int, bank_id: int) -> FirstAnswers:
    """Every scored first answer to items of a bank; read in chunks, kept as plain arrays."""
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
            ParameterSetTable.bank_id == bank_id,
        )
        .order_by(AnswerTable.id),
        execution_options={"yield_per": CHUNK},
    )
    ids: list[NDArray[np.int64]] = []
    scores: list[NDArray[np.uint8]] = []
    for chunk in rows.partitions():
        ids.append(np.array([(row[0], row[1]) for row in chunk], dtype=np.int64))
        scores.append(np.array([row[2] == 1.0 for row in chunk], dtype=np.uint8))
    table = np.concatenate(ids) if ids else np.zeros((0, 2), dtype=np.int64)
    return FirstAnswers(table[:, 0], table[:, 1], np.concatenate(scores) if scores else np.zeros(0, dtype=np.uint8))


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
