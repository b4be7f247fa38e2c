"""The prediction that practice is served with, on the same answers: the belief and what else a standing holds.

`models.forecast` corrects the IRT chance by what the choice of an item has at hand: the belief of `models.ability`,
counts, and how P(mastery) went. Of the rest that an answer could be predicted from, a standing keeps nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from math import log

import numpy as np

from models import ability, mastery, selection
from models.ability import Prior, SkillBelief
from models.filter import Settings
from models.forecast import FEATURES, features
from models.forecast_training import Examples
from models.irt import ItemParams
from models.rasch_map import Answers, Difficulties, Floats, Ints

TRAIL = 6
"""Values of P(mastery) that a standing keeps."""
MASTERED = log(0.67 / 0.33)
"""Logits above a skill's typical item from which it counts as mastered (bookmark method, RP67)."""


@dataclass(slots=True)
class _Skill:
    belief: SkillBelief
    scored: int = 0
    trail: tuple[float, ...] = field(default=())


def by_fold(answers: Answers, fold: Ints, difficulties: Sequence[Difficulties], settings: Settings) -> Examples:
    """Examples to train on, each student's from difficulties that their answers did not shape."""
    parts = [examples(answers.where(fold == k), one.b, settings) for k, one in enumerate(difficulties)]
    columns = zip(*((one.student, one.skill, one.irt, one.rows, one.right) for one in parts), strict=True)
    return Examples(*(np.concatenate(column) for column in columns))


def examples(answers: Answers, b: Floats, settings: Settings) -> Examples:
    """Answers with what a standing held before each, one after the other as the answer command folds them."""
    prior = Prior(settings.general_variance, settings.skill_variance)
    items = [ItemParams("2PL", 1.0, one) for one in b.tolist()]
    cuts = _typical(answers, b) + MASTERED
    rows, means, variances = np.empty((len(answers), len(FEATURES))), np.empty(len(answers)), np.empty(len(answers))
    last, general, skills = -1, ability.prior_general(prior), dict[int, _Skill]()
    columns = zip(
        *(column.tolist() for column in (answers.student, answers.skill, answers.item, answers.right)), strict=True
    )
    for i, (student, k, item, right) in enumerate(columns):
        if student != last:
            last, general, skills = student, ability.prior_general(prior), {}
        own = skills.get(k) or _Skill(ability.prior_skill(prior))
        before = ability.marginal(general, own.belief)
        means[i], variances[i] = before.mean, before.variance
        scored_in_all = sum(one.scored for one in skills.values())
        rows[i] = features(general, before, scored=own.scored, scored_in_all=scored_in_all, days=0.0, trail=own.trail)
        general, belief = ability.update(general, own.belief, items[item], float(right))
        p = mastery.p_mastery(ability.marginal(general, belief), cuts[k])
        skills[k] = replace(own, belief=belief, scored=own.scored + 1, trail=(*own.trail, p)[-TRAIL:])
    irt = _irt([items[item] for item in answers.item.tolist()], means, variances)
    return Examples(answers.student, answers.skill, irt, rows, answers.right)


def _typical(answers: Answers, b: Floats) -> Floats:
    """Mean difficulty of each skill's answered items."""
    items, first = np.unique(answers.item, return_index=True)
    skill = answers.skill[first]
    n = np.bincount(skill)
    return np.asarray(np.bincount(skill, b[items]) / np.maximum(n, 1))


def _irt(items: Sequence[ItemParams], means: Floats, variances: Floats) -> Floats:
    """The chance that selection works out, of each answer by its own belief."""
    each = range(len(items))
    return selection.expected_success(selection.Pool.build(items, each, [0] * len(items), each), means, variances)
