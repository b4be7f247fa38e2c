"""From a student's standing to the chance that the choice of items aims with: pure, and the same in training.

Only what the choice has at hand anyway is used: the standing, which holds what is believed, the counts, and how
P(mastery) went after the last answers of each skill.
"""

from datetime import datetime, timedelta
from functools import partial

import numpy as np
from numpy.typing import NDArray

from app.bank.catalogue import Catalogue
from app.base.policy import Policy
from app.practice.course import Correct
from app.practice.progress import Standing, untouched
from models import ability
from models.ability import Normal
from models.forecast import Forecast, features

DAY = timedelta(days=1)


def known_before(standing: Standing, skill: int, now: datetime, policy: Policy) -> tuple[Normal, tuple[float, ...]]:
    """What is known before an answer in a skill: the belief about it by itself, and `models.forecast.features`."""
    progress = standing.skills.get(skill) or untouched(policy)
    belief = ability.marginal(standing.general, progress.now_belief(now, policy))
    return belief, said(standing, skill, belief, now)


def said(standing: Standing, skill: int, belief: Normal, now: datetime) -> tuple[float, ...]:
    """`models.forecast.features` of a skill whose belief as of now, by itself, is worked out already."""
    progress = standing.skills.get(skill)
    scored, last_at, trail = (progress.scored, progress.last_at, progress.trail) if progress else (0, None, ())
    return features(
        standing.general,
        belief,
        scored=scored,
        scored_in_all=sum([one.scored for one in standing.skills.values()]),
        days=0.0 if last_at is None else (now - last_at) / DAY,
        trail=trail,
    )


def correction(catalogue: Catalogue, standing: Standing, now: datetime) -> Correct | None:
    """What makes of the IRT chances the ones to aim with; None where no forecast is adopted."""
    forecast = catalogue.forecast
    return None if forecast is None else partial(_corrected, forecast, standing, now)


def _corrected(
    forecast: Forecast, standing: Standing, now: datetime, skill: int, belief: Normal, irt: NDArray[np.float64]
) -> NDArray[np.float64]:
    return forecast.chances(irt, forecast.level(skill, said(standing, skill, belief, now)))
