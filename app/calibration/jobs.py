"""Learning without anyone waiting: when asked for, and every night where enough answers have come in.

What a calibration finds is staged; it is served once someone has looked and adopted it, or at once where the policy
says so. The chance of the next answer is judged on students set apart, and used or dropped by that alone.
"""

import structlog
from sqlalchemy.orm import Session

from app.bank import service as banks
from app.base.db import db
from app.base.errors import ConflictError, InvalidError
from app.base.jobs import Job, jobs
from app.base.services import policy, writer
from app.calibration import queries, runs
from app.calibration.engines import Name
from app.calibration.runs import Retrained, Staged

log = structlog.get_logger(__name__)


def stage(district_id: int, bank_id: int, engine: Name) -> None:
    """Fit a bank and store the result, because someone asked for it."""
    _staged(district_id, bank_id, engine)


def every_night() -> None:
    """Ask for a calibration and a training of every bank, so that one that fails keeps no other from its turn."""
    with Session(db.engine) as session:
        known = queries.every_bank(session)
    for district_id, bank_id in known:
        jobs().later("calibrate_if_due", district_id=district_id, bank_id=bank_id)
        # After the calibration: new parameters begin without what the old ones taught.
        jobs().later("train_forecast_if_due", district_id=district_id, bank_id=bank_id)


def if_due(district_id: int, bank_id: int) -> None:
    """Fit a bank and store the result, if enough answers have come in since the last time."""
    rule = policy().calibration
    with Session(db.engine) as session:
        fresh = queries.fresh_answers(session, district_id, bank_id, runs.SOURCES)
    if fresh < rule.fresh_answers:
        log.info("calibration_not_due", district=district_id, bank=bank_id, fresh=fresh, needed=rule.fresh_answers)
        return
    staged = _staged(district_id, bank_id, "own")
    if staged is not None and rule.adopt:
        writer().run(banks.adopt, district_id, bank_id, staged.set_id)
        log.info("calibration_adopted", district=district_id, bank=bank_id, set=staged.set_id)


def _staged(district_id: int, bank_id: int, engine: Name) -> Staged | None:
    """Stage, and log how it went; why it was refused may be logged, because these sentences speak of counts only."""
    try:
        staged = runs.stage(district_id, bank_id, engine)
    except (InvalidError, ConflictError) as error:
        log.warning("calibration_refused", district=district_id, bank=bank_id, why=str(error))
        return None
    _report(district_id, bank_id, staged)
    return staged


def _report(district_id: int, bank_id: int, staged: Staged) -> None:
    found = staged.proposal
    log.info(
        "calibration_staged",
        district=district_id,
        bank=bank_id,
        set=staged.set_id,
        students=found.students,
        answers=found.answers,
        changed=len(found.accepted),
        items=len(found.changes),
    )


def train_forecast(district_id: int, bank_id: int) -> None:
    """Train what corrects the chance of the next answer, because someone asked for it."""
    try:
        done = runs.retrain(district_id, bank_id)
    except (InvalidError, ConflictError) as error:
        log.warning("forecast_not_trained", district=district_id, bank=bank_id, why=str(error))
        return
    _report_training(district_id, bank_id, done)


def train_forecast_if_due(district_id: int, bank_id: int) -> None:
    """Train what corrects the chance of the next answer, if enough answers have come in since the last one."""
    needed = policy().forecast.fresh_answers
    with Session(db.engine) as session:
        fresh = queries.fresh_answers(session, district_id, bank_id, (banks.FORECAST,))
    if fresh < needed:
        log.info("forecast_not_due", district=district_id, bank=bank_id, fresh=fresh, needed=needed)
    else:
        train_forecast(district_id, bank_id)


def _report_training(district_id: int, bank_id: int, done: Retrained) -> None:
    trained = done.trained
    log.info(
        "forecast_dropped" if done.dropped else "forecast_trained",
        district=district_id,
        bank=bank_id,
        set=done.set_id,
        students=trained.students,
        answers=trained.answers,
        refused=trained.refused,
    )


JOBS = (
    Job("stage_calibration", stage),
    Job("calibrate_if_due", if_due),
    Job("train_forecast", train_forecast),
    Job("train_forecast_if_due", train_forecast_if_due),
    Job("learn_every_night", every_night, nightly=True),
)
