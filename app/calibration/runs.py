"""What is learnt from answers, from reading them to storing the result, for whoever asks: a person or the night."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from app.bank.catalogue import Catalogue, catalogues
from app.base.db import db
from app.base.jobs import one_at_a_time
from app.base.services import policy, writer
from app.calibration import forecasting, queries, service
from app.calibration.engines import Name
from app.calibration.forecasting import Trained
from app.calibration.queries import FirstAnswers
from app.calibration.service import Proposal

CALIBRATING = "A calibration of this district is running. Wait until it has finished, then ask again."
TRAINING = (
    "The chance of the next answer is being trained for this district. Wait until it has finished, then ask again."
)
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
    with one_at_a_time(f"calibration-{district_id}", CALIBRATING):
        proposal = service.propose(*answered(district_id, bank_id), policy(), engine)
        return Staged(proposal, writer().run(service.stage, district_id, bank_id, proposal, policy()))


@dataclass(frozen=True, slots=True)
class Retrained:
    """A training, and what it changed.

    Parameters
    ----------
    set_id : int or None
        The set that is served from now on, with what was learnt; None where it may not be used.
    dropped : bool
        Whether one that was in use no longer is.
    """

    trained: Trained
    set_id: int | None = None
    dropped: bool = False


def retrain(district_id: int, bank_id: int) -> Retrained:
    """Train what corrects the chance of the next answer; use it from the next item on if it may be, else none.

    Raises
    ------
    ConflictError
        Another training of this district is running.
    InvalidError
        The bank has got other parameters meanwhile.
    NotFoundError
        The bank was never published.
    """
    with one_at_a_time(f"forecast-{district_id}", TRAINING):
        with Session(db.engine) as session:
            trained = forecasting.train(session, district_id, bank_id, policy())
        if trained.refused:
            return Retrained(trained, dropped=writer().run(forecasting.drop, district_id, bank_id))
        return Retrained(trained, writer().run(forecasting.adopt, district_id, bank_id, trained, policy()))
