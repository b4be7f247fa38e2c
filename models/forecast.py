"""The chance that the choice of items aims with: the IRT chance, corrected by what a student's standing says beyond it.

The IRT chance knows the belief and the item. It does not know that a bank's authors took one skill for easier than
it is, that beliefs are a little too sure, or that the last answers went better than those before. A logistic
regression by scikit-learn learns that from stored answers:

    logit(chance) = slope * logit(IRT chance) + intercept + weights . features + level of the skill

All that depends on the student is one number for each skill, so adjusting the chances of a whole bank costs one
multiplication and one addition an item. Nothing else than plain numbers is kept: they need no scikit-learn to be
used, and run nothing when they are read. `models.forecast_training` fits them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import exp, log, log1p, sqrt

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit

from models.ability import General, Normal

Floats = NDArray[np.float64]

FEATURES = (
    "general_mean",
    "general_sd",
    "skill_mean",
    "skill_sd",
    "scored_in_skill",
    "scored_in_all",
    "days_since",
    "new",
    "last_rise",
    "recent_rise",
)
_KEEP = 0.5 ** (1.0 / 1.5)
"""Weight that a rise of P(mastery) keeps with each one after it: a half-life of one and a half answers."""
_STEEPEST = 4.0
"""Logits in which a change of P(mastery) is still told apart; beyond, P is 0 or 1 to two digits."""
_LEAST = 1.0 / (1.0 + exp(_STEEPEST))
_NEVER_0_OR_1 = 1e-6


def features(
    general: General, skill: Normal, *, scored: int, scored_in_all: int, days: float, trail: Sequence[float]
) -> tuple[float, ...]:
    """What a student's standing says about their next answer in a skill, in the order of FEATURES.

    Parameters
    ----------
    general : General
        The general ability.
    skill : Normal
        The skill's ability as of now, by itself.
    scored, scored_in_all : int
        Scored answers in the skill, and in all skills of the bank.
    days : float
        Since the last scored answer in the skill; 0 where there is none.
    trail : sequence of float
        P(mastery) of the skill after each of the last answers in it, oldest first. After a right answer it rises,
        after a wrong one it falls, so it says how the last answers went.

    Examples
    --------
    >>> said = features(General(0.0, 0.6), Normal(0.0, 1.0), scored=0, scored_in_all=0, days=0.0, trail=())
    >>> dict(zip(FEATURES, said, strict=True))["new"]
    1.0
    """
    last = recent = 0.0
    if trail:
        before = _logit(trail[0])
        for p in trail[1:]:
            after = _logit(p)
            last, before = after - before, after
            recent = recent * _KEEP + last
    return (
        general.mean,
        sqrt(general.variance),
        skill.mean,
        sqrt(skill.variance),
        log1p(scored),
        log1p(scored_in_all),
        log1p(max(days, 0.0)),
        0.0 if scored else 1.0,
        last,
        recent,
    )


def _logit(p: float) -> float:
    if p <= _LEAST:
        return -_STEEPEST
    return _STEEPEST if p >= 1.0 - _LEAST else log(p / (1.0 - p))


@dataclass(frozen=True, slots=True)
class Forecast:
    """A fitted correction, in plain numbers.

    Parameters
    ----------
    slope : float
        Of the IRT chance's logit.
    intercept : float
    weights : tuple of float
        One for each of FEATURES.
    skills : mapping of int to float
        Level of each skill, by whatever the caller knows it by; one not met in training has 0.
    """

    slope: float
    intercept: float
    weights: tuple[float, ...]
    skills: Mapping[int, float]

    def level(self, skill: int, row: Sequence[float]) -> float:
        """What is added to the logits of a skill's items for a student with these `features` in it."""
        return self.intercept + sum(map(float.__mul__, self.weights, row)) + self.skills.get(skill, 0.0)

    def chances(self, irt: Floats, level: float | Floats) -> Floats:
        """Corrected chances.

        Parameters
        ----------
        irt : ndarray of shape (n_items,)
            Chances by IRT, from `models.selection.expected_success`.
        level : float or ndarray of shape (n_items,)
            From `level`: one for all, or one for each item.

        Returns
        -------
        ndarray of shape (n_items,)
        """
        # In place throughout: this runs over a whole bank while a student waits.
        logits = logits_of(irt)
        logits *= self.slope
        logits += level
        return np.asarray(expit(logits, out=logits))

    def to_json(self) -> dict[str, object]:
        """All numbers, exactly."""
        skills = {str(skill): level for skill, level in self.skills.items()}
        weights = dict(zip(FEATURES, self.weights, strict=True))
        return {"slope": self.slope, "intercept": self.intercept, "weights": weights, "skills": skills}

    @classmethod
    def from_json(cls, stored: Mapping[str, object]) -> Forecast | None:
        """Read what `to_json` wrote; None where it was made with other features, and so cannot be used."""
        read = json.loads(json.dumps(stored))
        if tuple(read["weights"]) != FEATURES:
            return None
        skills = {int(skill): level for skill, level in read["skills"].items()}
        return cls(read["slope"], read["intercept"], tuple(read["weights"].values()), skills)


def logits_of(chance: Floats) -> Floats:
    """Logits of chances, of which none counts as 0 or 1."""
    held = np.minimum(chance, 1.0 - _NEVER_0_OR_1)
    np.maximum(held, _NEVER_0_OR_1, out=held)
    return np.asarray(logit(held, out=held))
