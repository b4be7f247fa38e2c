"""What one answer does to what we believe: pure, so that a replay of all answers gives the stored state to the bit.

The answer command and `flask rebuild abilities` fold answers with the same function, `learn`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import NamedTuple

from app.base.policy import Policy
from models import ability, mastery, sitting
from models.ability import General, Prior, SkillBelief
from models.irt import ItemParams
from models.sitting import Answer, Site, Skill

DAY = timedelta(days=1)
# Values of P kept for "risen over the last answers", one more than the longest window looks back.
TRAIL = 6


@dataclass(frozen=True, slots=True)
class Evidence:
    """A scored answer.

    Parameters
    ----------
    score : float
        1 when right unaided, 0 when not; of an item with several parts the share that was right unaided.
    unaided : bool
        No hint was opened before it.
    cut : float
        Ability (logits) from which the skill counts as mastered.
    """

    item: ItemParams
    score: float
    unaided: bool
    cut: float
    at: datetime


def as_answered(item: ItemParams, guess: float | None) -> ItemParams:
    """Parameters that an answer counts with: with fewer options shown, its chance of a right guess was another."""
    return item if guess is None else replace(item, model="3PL", c=guess)


class Progress(NamedTuple):
    """A student's standing in one skill; the fields are those of `SkillAbilityTable`."""

    belief: SkillBelief
    scored: int = 0
    hard_right: int = 0
    p: float = 0.0
    trail: tuple[float, ...] = ()
    evidence_at: tuple[datetime, ...] = ()
    last_at: datetime | None = None
    got_it_at: datetime | None = None
    secure_at: datetime | None = None
    half_life_days: float | None = None
    reviewed_at: datetime | None = None

    def now_belief(self, now: datetime, policy: Policy) -> SkillBelief:
        """Belief as of now: less sure with every day since the last evidence."""
        return self.belief if self.last_at is None else _grown(self.belief, self.last_at, now, policy)

    def review_due(self, now: datetime, policy: Policy) -> bool:
        """Whether a mastered skill has faded far enough to be asked again."""
        if self.got_it_at is None or self.half_life_days is None or self.reviewed_at is None:
            return False
        days = (now - self.reviewed_at) / DAY
        return mastery.review_due(days, self.half_life_days, policy.mastery.review_below)

    def stuck(self, policy: Policy) -> bool:
        """Whether many answers have not helped, so that the skill should rest for today (product rules 1 and 2)."""
        board = policy.board
        if self.scored < board.stuck_answers or len(self.trail) <= board.stuck_window:
            return False
        risen = self.p - self.trail[-1 - board.stuck_window]
        return self.p < board.stuck_p and risen < board.stuck_rise

    def evidence_since(self, since: datetime) -> int:
        """How many of the remembered unaided answers came after this moment."""
        return sum(at >= since for at in self.evidence_at)


@dataclass(frozen=True, slots=True)
class Standing:
    """A student's standing in a domain: the general ability and every skill with evidence."""

    general: General
    skills: Mapping[int, Progress]


def prior(policy: Policy) -> Prior:
    """How students differ before any answer."""
    return Prior(policy.practice.general_variance, policy.practice.skill_variance)


def newcomer(policy: Policy) -> Standing:
    """Standing of a student of whom nothing is known."""
    return Standing(ability.prior_general(prior(policy)), {})


def untouched(policy: Policy) -> Progress:
    """Progress in a skill without evidence."""
    return Progress(ability.prior_skill(prior(policy)))


def learn(general: General, before: Progress, evidence: Evidence, policy: Policy) -> tuple[General, Progress, Site]:
    """Fold one scored answer into the general ability and the skill's progress.

    Parameters
    ----------
    general : General
    before : Progress
        Of the item's skill; `untouched` where there is no evidence yet.
    evidence : Evidence
    policy : Policy

    Returns
    -------
    (General, Progress, Site)
        The two rows that the answer changes, and what it says, to be weighed again when the sitting is over.
    """
    rule = policy.mastery.rule
    grown = before.now_belief(evidence.at, policy)
    general, belief, site = sitting.hear(general, grown, _answer(None, evidence))
    p = mastery.p_mastery(ability.marginal(general, belief), evidence.cut)
    right = evidence.score == 1.0 and evidence.unaided
    hard = right and mastery.is_hard(evidence.item, evidence.cut, rule)
    after = before._replace(
        belief=belief,
        scored=before.scored + 1,
        hard_right=before.hard_right + hard,
        p=p,
        trail=(*before.trail, p)[-TRAIL:],
        evidence_at=(*before.evidence_at, *((evidence.at,) if evidence.unaided else ()))[-policy.readiness.answers :],
        last_at=evidence.at,
    )
    return general, _judged(before, after, right, evidence.at, policy), site


def settle(standing: Standing, heard: Sequence[tuple[int, Evidence]], said: Sequence[Site]) -> Standing:
    """Weigh a sitting's answers once more, each judged by all others, so that their order does not count.

    Only beliefs change: how many answers there were, and what they have led to, stays. A sitting of more than a day is
    left alone, since what has been forgotten meanwhile cannot be taken back out of the belief.

    Parameters
    ----------
    standing : Standing
        Contains the answers.
    heard : sequence of (skill, Evidence)
        The sitting's scored answers in the order in which they came.
    said : sequence of Site
        What each said, as `learn` gave it.
    """
    if not heard or heard[-1][1].at - heard[0][1].at > DAY:
        return standing
    beliefs = {skill: standing.skills[skill].belief for skill, _evidence in heard}
    answers = [_answer(skill, evidence) for skill, evidence in heard]
    general, settled, _said = sitting.weigh(standing.general, beliefs, answers, said)
    changed = {skill: standing.skills[skill]._replace(belief=belief) for skill, belief in settled.items()}
    return Standing(general, {**standing.skills, **changed})


def _answer(skill: Skill, evidence: Evidence) -> Answer[Skill]:
    """An answer as the measurement hears it: each part of an item counts."""
    return Answer(skill, evidence.item, evidence.score, float(evidence.item.parts))


def _judged(before: Progress, after: Progress, right: bool, at: datetime, policy: Policy) -> Progress:
    """Decide Got it, Secure and the next review."""
    rule = policy.mastery.rule
    had = before.got_it_at is not None
    has = mastery.still_got_it(had, after.p, after.scored, after.hard_right, rule)
    if not has:
        return after._replace(got_it_at=None, secure_at=None, half_life_days=None, reviewed_at=None)
    if not had:
        return after._replace(got_it_at=at, half_life_days=policy.mastery.half_life_days, reviewed_at=at)
    reviewed = _reviewed(before, after, right, at, policy)
    return _secured(reviewed, right, at, rule)


def _reviewed(before: Progress, after: Progress, right: bool, at: datetime, policy: Policy) -> Progress:
    if not before.review_due(at, policy) or before.half_life_days is None:
        return after
    secure_at = after.secure_at if right else None  # a failed review ends Secure
    return after._replace(
        half_life_days=mastery.after_review(before.half_life_days, right), reviewed_at=at, secure_at=secure_at
    )


def _secured(progress: Progress, right: bool, at: datetime, rule: mastery.MasteryRule) -> Progress:
    if not right or progress.secure_at is not None or progress.got_it_at is None:
        return progress
    days = (at - progress.got_it_at) / DAY
    return progress._replace(secure_at=at) if mastery.secure(True, progress.p, days, rule) else progress


def _grown(belief: SkillBelief, since: datetime, now: datetime, policy: Policy) -> SkillBelief:
    days = max(0.0, (now - since) / DAY)
    return ability.grow(belief, days, rate=policy.practice.forgetting)
