"""A calibration from reading the answers to storing the result, for whoever asks for it: a person or the night."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from app.bank.catalogue import Catalogue, catalogues
from app.base.db import db
from app.base.jobs import one_at_a_time
from app.base.services import policy, writer
from app.calibration import queries, service
from app.calibration.engines import Name
from app.calibration.queries import FirstAnswers
from app.calibration.service import Proposal

BUSY = "A calibration of this district is running. Wait until it has finished, then ask again."
SOURCES = (service.CALIBRATION,)
"""Parameter sets that came from answers."""


@dataclass(frozen=True, slots=True)
class Staged:
    """A calibration, and the parameter set it is stored as."""

    proposal: Proposal
    set_id: int


def answered(district_id: int, bank_id: int) -> tuple[Catalogue, FirstAnswers]:
    """What a bank is served with, and the answers to it."""
    with Session(db.engine) as session:
        catalogue = catalogues.of_bank(session, district_id, bank_id)
        return catalogue, queries.first_answers(session, district_id, bank_id)


def stage(district_id: int, bank_id: int, engine: Name) -> Staged:
    """Fit a bank and store the result as a parameter set that is served to nobody yet.

    Nothing is stored before the fit has ended, and then in one write.

    Raises
    ------
    ConflictError
        Another calibration of this district is running.
    InvalidError
        There are too few answers, or nothing would change; says what to do.
    """
    with one_at_a_time(f"calibration-{district_id}", BUSY):
        proposal = service.propose(*answered(district_id, bank_id), policy(), engine)
        return Staged(proposal, writer().run(service.stage, district_id, bank_id, proposal, policy()))
