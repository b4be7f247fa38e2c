"""Every SELECT about authoring."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.rostering.tables import DistrictTable


def districts(session: Session) -> list[tuple[str, int]]:
    """Names and ids of the installation's districts, by name."""
    rows = session.execute(select(DistrictTable.name, DistrictTable.id).order_by(DistrictTable.name, DistrictTable.id))
    return [(name, id_) for name, id_ in rows]
