"""Fit the items of a bank on the answers that students gave, and say of each whether the result may be used.

A proposal is worked out from what was read, outside any write; storing it as a parameter set and adopting the set are
commands. Nothing is overwritten: an adopted set can be taken back by adopting the one before.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from math import log
from statistics import fmean

import numpy as np
from sqlalchemy.orm import Session

from app.bank import queries as bank_queries
from app.bank import service as banks
from app.bank.catalogue import Catalogue
from app.bank.queries import ServedItem
from app.bank.tables import CALIBRATED
from app.base.errors import InvalidError, NotFoundError
from app.base.policy import Calibration, Policy
from app.calibration import queries
from app.calibration.engines import ENGINES, Fitted, Name, Served
from app.calibration.queries import FirstAnswers
from models.ability import Prior
from models.irt import AUTHOR_SD, ItemParams
from models.responses import Responses

CALIBRATION = "calibration"
LEAST_SD = 0.05
"""Logits; no difficulty is known better than this."""
LEAST_STUDENTS = 30
"""Fewer students than this tell nothing about how abilities differ."""


@dataclass(frozen=True, slots=True)
class Change:
    """What a calibration found about one item version.

    Parameters
    ----------
    answers : int
        First answers behind it.
    fitted : ItemParams or None
        What was fitted; None where nobody answered.
    slope_error : float
        Standard error of a.
    refused : str
        Why what was fitted is not used, in words; empty when it is.
    """

    item: ServedItem
    answers: int
    fitted: ItemParams | None
    slope_error: float
    refused: str

    @property
    def after(self) -> ItemParams:
        """Parameters that the item would be served with."""
        return self.item.parameters if self.refused or self.fitted is None else self.fitted

    @property
    def origin(self) -> str:
        """Where those parameters would come from."""
        return self.item.origin if self.refused or self.fitted is None else CALIBRATED


@dataclass(frozen=True, slots=True)
class Proposal:
    """A calibration, looked at but not stored.

    Parameters
    ----------
    prior : Prior or None
        How abilities differ: what all skills share, and what is each skill's own; None where the engine cannot tell.
    level : float
        How far the students' mean lies above 0 on the scale that the bank is served on (logits), over all items.
    cuts : mapping
        Ability (logits) from which each skill counts as mastered, on the new difficulties.
    """

    changes: Sequence[Change]
    students: int
    answers: int
    prior: Prior | None
    level: float
    cuts: Mapping[int, float]
    cycles: int
    converged: bool

    @property
    def accepted(self) -> list[Change]:
        """Items whose parameters would change."""
        return [change for change in self.changes if not change.refused]


def propose(catalogue: Catalogue, given: FirstAnswers, policy: Policy, engine: Name = "own") -> Proposal:
    """Fit every item that is served now and was answered.

    Raises
    ------
    InvalidError
        There are too few students or skills to calibrate anything, or the engine cannot be had; says what to do.
    """
    served, responses = usable(catalogue, given)
    found = ENGINES[engine](responses, served)
    counts = dict(zip(responses.items, np.bincount(responses.item, minlength=len(responses.items)), strict=True))
    levels = {scale: _level(served, found, scale) for scale in set(found.scales.values())}
    rule = policy.calibration
    changes = [_change(item, int(counts.get(item.version_id, 0)), found, levels, rule) for item in catalogue.items]
    cuts = {skill: _cut(skill, changes, info.cut, policy) for skill, info in catalogue.skills.items()}
    level = fmean(levels[found.scales[version]] for version in found.items)
    students = len(responses.students)
    return Proposal(changes, students, len(responses), found.prior, level, cuts, found.cycles, found.converged)


def usable(catalogue: Catalogue, given: FirstAnswers) -> tuple[Served, Responses]:
    """Items that are served now, by version, and the first answers to them.

    Raises
    ------
    InvalidError
        They are of too few students or skills; says how many there are.
    """
    served: Served = {item.version_id: item for item in catalogue.items}
    known = np.isin(given.versions, [item.version_id for item in catalogue.items])
    students = np.unique(given.students[known]).size
    skills = {served[version].skill_id for version in np.unique(given.versions[known]).tolist()}
    if students < LEAST_STUDENTS or len(skills) < 2:
        raise InvalidError(
            f"{students} students have answered items of {len(skills)} skills; a calibration needs at least "
            f"{LEAST_STUDENTS} students and two skills. Let them practise, and try again."
        )
    versions = given.versions[known]
    parts = np.array([served[version].parameters.parts for version in versions.tolist()])
    right = np.rint(given.scores[known] * parts)
    return served, Responses.from_lists(given.students[known], versions, right, repeats="first")


def _level(served: Served, found: Fitted, scale: int) -> float:
    """How far to move what was fitted together, so that the bank stays on its scale.

    A fit puts the mean of its own students at 0, whoever they are. All answered items are common to both scales, so the
    middle of their differences, weighted by how sure either side is, links the two (mean linking: Kolen & Brennan 2014,
    Test Equating, Scaling, and Linking, ch. 6; the median, because a miskeyed item must not move all others). The
    spread needs no linking: both scales have ability at variance 1.
    """
    together = [version for version in found.items if found.scales[version] == scale]
    if not together:
        return 0.0
    before = np.array([served[version].parameters.b for version in together])
    unsure = np.array([served[version].parameters.b_sd for version in together])
    after = np.array([found.items[version].b for version in together])
    errors = np.array([found.items[version].b_sd for version in together])
    weights = 1.0 / (np.maximum(unsure, LEAST_SD) ** 2 + errors**2)
    order = np.argsort(before - after)
    middle = np.searchsorted(np.cumsum(weights[order]), 0.5 * weights.sum())
    return float((before - after)[order][middle])


def _change(item: ServedItem, answers: int, found: Fitted, levels: Mapping[int, float], rule: Calibration) -> Change:
    fitted = found.items.get(item.version_id)
    if fitted is not None:
        fitted = replace(fitted, b=fitted.b + levels[found.scales[item.version_id]])
    error = found.slope_errors.get(item.version_id, float("nan"))
    settled = found.converged and item.version_id not in found.unsettled
    return Change(item, answers, fitted, error, refusal(fitted, answers, settled, rule))


def refusal(fitted: ItemParams | None, answers: int, settled: bool, rule: Calibration) -> str:
    """Why a fitted item may not be used; empty when it may.

    Examples
    --------
    >>> refusal(ItemParams("2PL", 1.1, 0.4, b_sd=0.2), 80, True, Calibration())
    ''
    >>> refusal(ItemParams("2PL", 1.1, 0.4, b_sd=0.9), 80, True, Calibration())
    'uncertain: standard error of the difficulty .90, at most .50'
    """
    if fitted is None or answers < rule.answers:
        return f"too few to judge: {answers} of {rule.answers} answers"
    if not settled:
        return "its calibration did not settle"
    if not rule.flattest <= fitted.a <= rule.steepest:
        return f"discrimination {fitted.a:.2f} outside {rule.flattest:g} to {rule.steepest:g}"
    if abs(fitted.b) > rule.furthest:
        return f"difficulty {fitted.b:.1f} further than {rule.furthest:g} logits out"
    if fitted.b_sd > rule.error:
        errors = f"{fitted.b_sd:.2f}".lstrip("0"), f"{rule.error:.2f}".lstrip("0")
        return f"uncertain: standard error of the difficulty {errors[0]}, at most {errors[1]}"
    return ""


def _cut(skill: int, changes: Sequence[Change], before: float, policy: Policy) -> float:
    """The ability of someone with the mastery chance on the skill's typical item, as when a bank is published."""
    own = [change for change in changes if change.item.skill_id == skill]
    if all(change.refused for change in own):
        return before
    known = [change.after.b for change in own if change.after.b_sd <= AUTHOR_SD]
    chance = policy.mastery.cut_chance
    return fmean(known) + log(chance / (1 - chance)) if known else before


def stage(
    session: Session, district_id: int, bank_id: int, proposal: Proposal, policy: Policy, *, now: datetime, rng: object
) -> int:
    """Store a proposal as a parameter set, served to nobody yet; returns its id.

    Raises
    ------
    InvalidError
        No item would change.
    """
    if not proposal.accepted:
        raise InvalidError("No item has enough answers to change its parameters. Let students practise, and try again.")
    parameters = {change.item.version_id: change.after for change in proposal.changes}
    origins = {change.item.version_id: change.origin for change in proposal.changes}
    return banks.add_parameter_set(
        session, district_id, bank_id, CALIBRATION, parameters, proposal.cuts, policy.hash, origins, now=now, rng=rng
    )


def take_back(session: Session, district_id: int, bank_id: int, *, now: datetime, rng: object) -> int:
    """Serve a bank again with the parameters it had before the present ones; returns their set.

    Raises
    ------
    NotFoundError
        The bank has only ever had the present ones.
    """
    adopted = queries.adoptions(session, district_id, bank_id)
    # A set with a forecast has the parameters of the set that it was trained for.
    present = bank_queries.without_forecast(session, district_id, adopted[0].set_id) if adopted else None
    made_at = next((one.made_at for one in adopted if one.set_id == present), None)
    earlier = [one for one in adopted if made_at is not None and one.made_at < made_at]
    if not earlier:
        raise NotFoundError("There are no earlier parameters to go back to.")
    banks.adopt(session, district_id, bank_id, earlier[0].set_id, now=now, rng=rng)
    return earlier[0].set_id
