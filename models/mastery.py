"""When a student has got a skill, has it securely, and should see it again.

The thresholds come in as a `MasteryRule`; the application's policy holds their values. Three
right answers in a row are no evidence: items aimed at 75% success are easy, and a student one
standard deviation below the cut gets three in a row sooner or later. So the rule asks for a
probability and for right answers on items near the cut.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp2

from models.ability import Normal, p_above
from models.irt import ItemParams


@dataclass(frozen=True, slots=True)
class MasteryRule:
    """Thresholds of mastery.

    Parameters
    ----------
    p : float
        Got it needs at least this P(theta > cut).
    scored : int
        ... and at least this many scored answers.
    hard_right : int
        ... of which so many unaided and right on hard items.
    hard_margin : float
        An item is hard if its difficulty is at most this many logits below the cut.
    lapse : float
        Got it lapses when P falls below this.
    secure_p : float
        Secure needs at least this P.
    secure_days : float
        ... and a right answer at least so many days after Got it.

    Raises
    ------
    ValueError
        If a probability is outside [0, 1], a count negative, or Got it would lapse at once.
    """

    p: float
    scored: int
    hard_right: int
    hard_margin: float
    lapse: float
    secure_p: float
    secure_days: float

    def __post_init__(self) -> None:
        if not 0.0 <= self.lapse <= self.p <= self.secure_p <= 1.0:
            raise ValueError("need 0 <= lapse <= p <= secure_p <= 1")
        if min(self.scored, self.hard_right, self.hard_margin, self.secure_days) < 0:
            raise ValueError("counts, margin and days cannot be negative")


def p_mastery(normal: Normal, cut: float) -> float:
    """Chance that the student's ability lies above the cut of the skill (logits).

    Examples
    --------
    >>> round(p_mastery(Normal(1.28155, 1.0), cut=0.0), 4)
    0.9
    """
    return p_above(normal, cut)


def is_hard(item: ItemParams, cut: float, rule: MasteryRule) -> bool:
    """Whether a right answer to the item counts as one near the cut."""
    return item.b >= cut - rule.hard_margin


def got_it(p: float, scored: int, hard_right: int, rule: MasteryRule) -> bool:
    """Whether the student has got the skill.

    Parameters
    ----------
    p : float
        P(theta > cut), from `p_mastery`.
    scored : int
        Scored answers on the skill.
    hard_right : int
        Those unaided and right on items for which `is_hard` holds.
    rule : MasteryRule

    Examples
    --------
    >>> rule = MasteryRule(p=0.9, scored=4, hard_right=2, hard_margin=0.3, lapse=0.8,
    ...                    secure_p=0.95, secure_days=1.0)
    >>> got_it(0.93, 5, 2, rule), got_it(0.99, 9, 1, rule)
    (True, False)
    """
    return p >= rule.p and scored >= rule.scored and hard_right >= rule.hard_right


def still_got_it(had: bool, p: float, scored: int, hard_right: int, rule: MasteryRule) -> bool:
    """Whether Got it holds after an answer: once shown it stays until P falls below the lapse."""
    return p >= rule.lapse if had else got_it(p, scored, hard_right, rule)


def secure(got: bool, p: float, days_to_later_right: float | None, rule: MasteryRule) -> bool:
    """Whether the skill is secure.

    Parameters
    ----------
    got : bool
        Got it holds.
    p : float
        P(theta > cut).
    days_to_later_right : float or None
        Days from Got it to the latest unaided right answer; None if there is none.
    rule : MasteryRule
    """
    if not got or days_to_later_right is None:
        return False
    return p >= rule.secure_p and days_to_later_right >= rule.secure_days


def recall(days: float, half_life: float) -> float:
    """Chance that a mastered skill is still at hand: 2**(-days / half-life).

    Parameters
    ----------
    days : float
        Days since it was last practised, >= 0.
    half_life : float
        Days after which the chance is one half, > 0.

    References
    ----------
    Settles & Meeder (2016), A trainable spaced repetition model for language learning, ACL.

    Examples
    --------
    >>> recall(7, half_life=7)
    0.5
    """
    if days < 0.0 or half_life <= 0.0:
        raise ValueError(f"need days >= 0 and half-life > 0, not {days} and {half_life}")
    return exp2(-days / half_life)


def review_due(days: float, half_life: float, threshold: float) -> bool:
    """Whether a mastered skill should be reviewed: its recall has fallen below the threshold.

    Examples
    --------
    >>> review_due(2, half_life=7, threshold=0.75), review_due(3, half_life=7, threshold=0.75)
    (False, True)
    """
    return recall(days, half_life) < threshold


def after_review(half_life: float, success: bool) -> float:
    """Half-life in days after a review: doubled by a success, halved by a miss.

    Examples
    --------
    >>> after_review(7.0, success=True), after_review(7.0, success=False)
    (14.0, 3.5)
    """
    return half_life * 2.0 if success else half_life / 2.0
