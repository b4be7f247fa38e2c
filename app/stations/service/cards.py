"""Keeping the card of the group that comes to the table next: open, changing, frozen at the bell."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from app.base import outbox
from app.base.db import table_of
from app.base.statements import upsert
from app.practice.queries import assignments
from app.stations import queries
from app.stations.tables import CardTable

Probe = Mapping[str, Any]
_put = upsert(table_of(CardTable), ("district_id", "block_id", "slot", "group_id"))


@dataclass(frozen=True, slots=True)
class CardNow:
    """A card as it stands.

    Parameters
    ----------
    bell_at : datetime or None
        When the group is called; None while the clock stands still. From then on the card is frozen.
    probes : mapping of student to entries for `assignments.queued`
        Questions that would give the evidence which is missing.
    """

    block_id: int
    slot: int
    group_id: int
    readiness: Mapping[str, Any]
    bell_at: datetime | None
    policy_hash: str
    probes: Mapping[int, Sequence[Probe]]


def keep_card(session: Session, district_id: int, class_id: int, card: CardNow, *, now: datetime, rng: object) -> None:
    """Store a card that opened or changed; freeze it once the bell has gone, thaw it when the bell is taken back.

    A frozen card keeps what it said. The questions that give missing evidence are queued once a card.
    """
    before = queries.cards(session, district_id, card.block_id).get((card.slot, card.group_id))
    frozen = card.bell_at is not None and card.bell_at <= now
    if before is not None and before.frozen_at is not None and frozen:
        return
    keeps = before is not None and frozen
    queue = bool(card.probes) and not frozen and (before is None or before.probes_at is None)
    probes_at = before.probes_at if before is not None else None
    row = {
        "district_id": district_id,
        "block_id": card.block_id,
        "slot": card.slot,
        "group_id": card.group_id,
        "opened_at": before.opened_at if before is not None else now,
        "frozen_at": card.bell_at if frozen else None,
        "probes_at": now if queue else probes_at,
        "readiness": dict(before.readiness if keeps and before is not None else card.readiness),
        "policy_hash": before.policy_hash if keeps and before is not None else card.policy_hash,
    }
    session.execute(_put[session.get_bind().dialect.name], row)
    if queue:
        _queue(session, district_id, card.probes)
    outbox.announce(session, district_id, outbox.class_topic(class_id), now=now)


def _queue(session: Session, district_id: int, probes: Mapping[int, Sequence[Probe]]) -> None:
    """Put questions before everything else that waits for these students."""
    waiting = queries.queued(session, district_id, list(probes))
    for student, entries in waiting.items():
        session.execute(
            update(assignments)
            .where(assignments.c.district_id == district_id, assignments.c.student_id == student)
            .values(queued=[*probes[student], *entries])
        )
