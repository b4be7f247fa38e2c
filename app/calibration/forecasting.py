"""Train what corrects the chance of the next answer on a bank's stored answers, and adopt it only where it helps.

A forecast belongs to the parameters that it was trained with: it learns from the answers to items that were served
with them, in any set. Each is predicted from the answers before it, as when the item was chosen, so nothing of an
answer is known before it was given. What is adopted is a set of its own with the same parameters; new parameters begin
without one.
"""

from array import array
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime

import numpy as np
from sqlalchemy.orm import Session

from app.bank import queries as bank_queries
from app.bank import service as banks
from app.base.errors import InvalidError, NotFoundError
from app.base.policy import Forecast as Rule
from app.base.policy import Policy
from app.practice.forecasting import known_before
from app.practice.queries import Scored
from app.practice.service.standing import Replay
from models import forecast_training, selection
from models.ability import Normal
from models.forecast import FEATURES, Forecast
from models.forecast_training import Evaluation, Examples
from models.irt import ItemParams


@dataclass(frozen=True, slots=True)
class Trained:
    """A forecast, looked at but not stored.

    Parameters
    ----------
    set_id : int
        The set without a forecast whose parameters it was trained with.
    forecast, evaluation : optional
        None where there were too few answers to train or to judge.
    refused : str
        Why the IRT chance is used instead, in words; empty when the forecast may be adopted.
    """

    set_id: int
    answers: int
    students: int
    forecast: Forecast | None
    evaluation: Evaluation | None
    refused: str


def present_parameters(session: Session, district_id: int, bank_id: int) -> int:
    """The set without a forecast that holds the parameters which a bank is served with.

    Raises
    ------
    NotFoundError
        The bank was never published.
    """
    set_id = bank_queries.current_set(session, district_id, bank_id)
    if set_id is None:
        raise NotFoundError("This bank has not been published yet.")
    return bank_queries.without_forecast(session, district_id, set_id)


def examples(session: Session, district_id: int, bank_id: int, policy: Policy) -> Examples:
    """Scored answers to items served with the present parameters, each with what was known before it."""
    own = bank_queries.sets_like(session, district_id, present_parameters(session, district_id, bank_id))
    whose, rows, beliefs, items = array("q"), array("d"), array("d"), []
    for answer, parameters, belief, row in _replay(session, district_id, bank_id, policy):
        # What is learnt is the chance of a whole answer; a share of one is something else.
        if answer.set_id in own and parameters.parts == 1:
            whose.extend((answer.student_id, answer.skill_id, answer.score == 1.0))
            rows.extend(row)
            beliefs.extend((belief.mean, belief.variance))
            items.append(parameters)
    student, skill, right = np.array(whose, dtype=np.int64).reshape(-1, 3).T
    mean, variance = np.array(beliefs).reshape(-1, 2).T
    irt = selection.expected_success(_each_its_own(items), mean, variance) if items else np.zeros(0)
    return Examples(student, skill, irt, np.array(rows).reshape(-1, len(FEATURES)), right)


def _each_its_own(items: list[ItemParams]) -> selection.Pool:
    """A pool in which every answer has its own belief, so that the chance is what selection worked out."""
    return selection.Pool.build(items, range(len(items)), [0] * len(items), range(len(items)))


def _replay(
    session: Session, district_id: int, bank_id: int, policy: Policy
) -> Iterator[tuple[Scored, ItemParams, Normal, tuple[float, ...]]]:
    """Every scored answer in a bank with what was known before it, folded as the answer command does."""
    for answer, evidence, standing in Replay(session, district_id, policy):
        if answer.bank_id == bank_id:
            yield answer, evidence.item, *known_before(standing, answer.skill_id, answer.answered_at, policy)


def train(session: Session, district_id: int, bank_id: int, policy: Policy) -> Trained:
    """Train on a bank's answers, and judge on students set apart; nothing is stored."""
    set_id = present_parameters(session, district_id, bank_id)
    given = examples(session, district_id, bank_id, policy)
    students, rule = np.unique(given.student).size, policy.forecast
    few = too_few(given, students, rule)
    if few:
        return Trained(set_id, len(given), students, None, None, few)
    forecast, evaluation = forecast_training.train(given), forecast_training.evaluate(given)
    return Trained(set_id, len(given), students, forecast, evaluation, refusal(forecast, evaluation, rule))


def too_few(given: Examples, students: int, rule: Rule) -> str:
    """Why there is nothing to train on; empty when there is."""
    if len(given) < rule.answers:
        return f"too few answers with the present parameters: {len(given)} of {rule.answers}"
    if students < rule.students:
        return f"too few students: {students} of {rule.students}"
    least = min(int(given.right.sum()), int((1 - given.right).sum()))
    if least < forecast_training.FOLDS * len(FEATURES):
        return "nearly all answers are right, or nearly all wrong"
    return ""


def refusal(forecast: Forecast, evaluation: Evaluation, rule: Rule) -> str:
    """Why a forecast may not be adopted; empty when it may."""
    if forecast.slope <= 0.0:
        return "it would call harder items easier"
    if evaluation.gain < rule.surety * evaluation.gain_error:
        return "it does not predict students set apart better than the IRT chance does"
    if evaluation.forecast.ece > max(rule.error, evaluation.irt.ece):
        return f"calibration error {evaluation.forecast.ece:.3f} on students set apart, at most {rule.error:g}"
    return ""


def adopt(
    session: Session, district_id: int, bank_id: int, trained: Trained, policy: Policy, *, now: datetime, rng: object
) -> int:
    """Serve a bank with this forecast from the next item on; returns the new set.

    Raises
    ------
    InvalidError
        It may not be used, or the bank has other parameters by now.
    """
    if trained.refused or trained.forecast is None or trained.evaluation is None:
        raise InvalidError(f"This forecast may not be used: {trained.refused}.")
    if present_parameters(session, district_id, bank_id) != trained.set_id:
        raise InvalidError("The bank has got other parameters meanwhile. Train again.")
    made = banks.add_forecast(
        session,
        district_id,
        bank_id,
        trained.set_id,
        trained.forecast,
        asdict(trained.evaluation),
        policy.hash,
        now=now,
        rng=rng,
    )
    banks.adopt(session, district_id, bank_id, made, now=now, rng=rng)
    return made


def drop(session: Session, district_id: int, bank_id: int, *, now: datetime, rng: object) -> bool:
    """Serve a bank with the IRT chance again; returns whether a forecast was in use."""
    set_id = present_parameters(session, district_id, bank_id)
    if set_id == bank_queries.current_set(session, district_id, bank_id):
        return False
    banks.adopt(session, district_id, bank_id, set_id, now=now, rng=rng)
    return True
