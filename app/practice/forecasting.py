"""From a student's standing to the chance that the choice of items aims with: pure, and the same in training.

Only what the choice has at hand anyway is used: the standing, which holds what is believed, the counts, and how
P(mastery) went after the last answers of each skill.
"""

from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from app.bank.catalogue import Catalogue
from app.base.policy import Policy
from app.practice.course import Correct
from app.practice.progress import Standing, untouched
from models import ability
from models.ability import Normal
from models.forecast import features

DAY = timedelta(days=1)


def known_before(standing: Standing, skill: int, now: datetime, policy: Policy) -> tuple[Normal, tuple[float, ...]]:
    """What is known before an answer in a skill: the belief about it by itself, and `models.forecast.features`."""
    progress = standing.skills.get(skill) or untouched(policy)
    belief = ability.marginal(standing.general, progress.now_belief(now, policy))
    return belief, features(
        standing.general,
        belief,
        scored=progress.scored,
        scored_in_all=sum(one.scored for one in standing.skills.values()),
        days=0.0 if progress.last_at is None else (now - progress.last_at) / DAY,
        trail=progress.trail,
    )


def correction(catalogue: Catalogue, standing: Standing, now: datetime, policy: Policy) -> Correct | None:
    """What makes of the IRT chances the ones to aim with; None where no forecast is adopted."""
    forecast = catalogue.forecast
    if forecast is None:
        return None

    def correct(skill: int, irt: NDArray[np.float64]) -> NDArray[np.float64]:
        _belief, row = known_before(standing, skill, now, policy)
        return forecast.chances(irt, forecast.level(skill, row))

    return correct
