"""What our prediction of the next answer is measured against, fitted by scikit-learn in the same run.

Each baseline sees what ours sees: the training students' answers, and of a held-out student the answers before the
one it predicts. Its hyperparameter is chosen on a fifth of the training students that the fit for it has not seen.

References
----------
Pavlik, Cen & Koedinger (2009), Performance Factors Analysis, AIED. Pelanek (2016), Applications of the Elo rating
system in adaptive educational systems, Computers & Education 98. Gervet, Koedinger, Schneider & Mitchell (2020), When
is deep learning the best approach to knowledge tracing?, Journal of Educational Data Mining 12(3): Best-LR.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import product

import numpy as np
from scipy import sparse
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss

from models.history import RIGHT, WRONG
from models.jit import compiled
from models.prediction import per_skill
from models.rasch_map import Answers, Floats, Ints

PENALTIES = (0.3, 1.0)
"""Values of C that are tried. With 3 the training students set apart were predicted worse or no better."""
WINDOWS = (1, 3, 10, 30)
"""Answers that a recency window reaches back, of all and of the skill; the data have no times."""
ELO_STARTS, ELO_SLOWDOWNS = (0.6, 1.0, 1.6), (0.02, 0.05, 0.1)
"""Elo: a step is start / (1 + slowdown * answers so far)."""
SMOOTHING = 10
"""Answers' weight of the skill's share in an item's."""


@dataclass(frozen=True, eq=False, slots=True)
class Side:
    """Answers with their features of `models.history`."""

    answers: Answers
    features: Floats


Columns = Callable[[Side], sparse.csr_array]


def item_mean(training: Answers, skill_of: Ints) -> Callable[[Answers], Floats]:
    """Share of right answers of the item, drawn to its skill's."""
    n_skills = skill_of.max() + 1
    right, all_of_skill = (np.bincount(training.skill, weights, n_skills) for weights in (training.right, None))
    share = (right + 1) / (all_of_skill + 2)
    n = np.bincount(training.item, None, skill_of.size)
    right = np.bincount(training.item, training.right, skill_of.size)
    mean = (right + SMOOTHING * share[skill_of]) / (n + SMOOTHING)
    return lambda new: mean[new.item]


def elo(training: Answers, n_items: int) -> Callable[[Answers], Floats]:
    """Ratings of students and items that each answer moves; a held-out student moves only their own."""
    apart = _apart(training)
    some, rest = training.where(~apart), training.where(apart)

    def rated(answers: Answers, settings: tuple[float, float], b: Floats | None = None) -> tuple[Floats, Floats]:
        start = np.zeros(n_items) if b is None else b
        return _elo(answers.student, answers.item, answers.right, start, b is None, *settings)

    def loss(settings: tuple[float, float]) -> float:
        return float(log_loss(rest.right, rated(rest, settings, rated(some, settings)[1])[0]))

    best = min(product(ELO_STARTS, ELO_SLOWDOWNS), key=loss)
    b = rated(training, best)[1]
    return lambda new: rated(new, best, b)[0]


@compiled
def _elo(
    student: Ints, item: Ints, right: Ints, b: Floats, moving: bool, start: float, slowdown: float
) -> tuple[Floats, Floats]:
    chance, b, seen = np.empty(student.size), b.copy(), np.zeros(b.size)
    theta = answered = 0.0
    for i in range(student.size):
        if i == 0 or student[i] != student[i - 1]:
            theta = answered = 0.0
        j = item[i]
        chance[i] = 1.0 / (1.0 + np.exp(b[j] - theta))
        surprise = right[i] - chance[i]
        theta += start / (1.0 + slowdown * answered) * surprise
        answered += 1.0
        if moving:
            b[j] -= start / (1.0 + slowdown * seen[j]) * surprise
            seen[j] += 1.0
    return chance, b


def regressions(training: Side, skill_of: Ints) -> dict[str, Callable[[Side], Floats]]:
    """PFA, Best-LR, and Best-LR with recency windows.

    All three take logarithms of counts, as Gervet et al. do.
    """
    n_skills = int(skill_of.max()) + 1

    def practice(side: Side) -> sparse.csr_array:
        return per_skill(side.features, side.answers.skill, n_skills)

    def items(side: Side) -> sparse.csr_array:
        n = len(side.answers)
        return sparse.csr_array((np.ones(n), (np.arange(n), side.answers.item)), shape=(n, skill_of.size))

    counts = _standardised(lambda side: side.features[:, [0, 1, RIGHT, WRONG]], training)
    windows = _standardised(lambda side: _windows(side.answers), training)
    return {
        "pfa": _fitted(training, practice),
        "best_lr": _fitted(training, practice, items, counts),
        "best_lr_windows": _fitted(training, practice, items, counts, windows),
    }


def _standardised(columns: Callable[[Side], Floats], training: Side) -> Columns:
    """Columns with mean 0 and spread 1 in training, without which the fits need three times as long."""
    seen = columns(training)
    mean, spread = seen.mean(axis=0), seen.std(axis=0)
    return lambda side: sparse.csr_array((columns(side) - mean) / spread)


def _windows(answers: Answers) -> Floats:
    """Logarithms of right answers and of answers among the last few, of all and of the skill."""
    order = np.lexsort((np.arange(len(answers)), answers.skill, answers.student))
    by_skill = np.column_stack([answers.student, answers.skill])[order]
    of_skill = np.empty((len(answers), 2 * len(WINDOWS)))
    of_skill[order] = _windows_of(by_skill, answers.right[order])
    return np.hstack([_windows_of(answers.student[:, None], answers.right), of_skill])


def _windows_of(group: Ints, right: Ints) -> Floats:
    """Two columns for each window, over rows whose groups stand together."""
    place = np.arange(right.size)
    begins = np.append(True, np.any(np.diff(group, axis=0) != 0, axis=1))
    first = np.maximum.accumulate(np.where(begins, place, 0))
    before = np.append(0, np.cumsum(right))
    columns = []
    for reach in WINDOWS:
        since = np.maximum(first, place - reach)
        columns += [np.log1p(before[place] - before[since]), np.log1p(place - since)]
    return np.column_stack(columns)


def _apart(answers: Answers) -> np.ndarray:
    """One in five students, to choose hyperparameters on."""
    students, index = np.unique(answers.student, return_inverse=True)
    return np.asarray((np.random.default_rng(1).permutation(students.size) % 5 == 0)[index])


def _fitted(training: Side, *blocks: Columns) -> Callable[[Side], Floats]:
    """Chances by a logistic regression on these columns."""

    def columns(side: Side) -> sparse.csr_array:
        return sparse.hstack([block(side) for block in blocks], format="csr")

    seen, right, apart = columns(training), training.answers.right, _apart(training.answers)

    def loss(penalty: float) -> float:
        return float(log_loss(right[apart], _fit(seen[~apart], right[~apart], penalty).predict_proba(seen[apart])))

    model = _fit(seen, right, min(PENALTIES, key=loss))
    return lambda side: np.asarray(model.predict_proba(columns(side))[:, 1])


def _fit(columns: sparse.csr_array, right: Ints, penalty: float) -> LogisticRegression:
    return LogisticRegression(C=penalty, max_iter=1000, tol=1e-4).fit(columns, right)
