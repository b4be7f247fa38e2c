"""Fit the correction of `models.forecast`, and say on students it was not fitted to whether it helps."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss, roc_auc_score

from models.forecast import Forecast, logits_of

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

PENALTY = 1.0
"""C of the logistic regression on standardised columns: mild, so that a skill's faulty level still shows."""
FOLDS = 5
_BINS = 10


@dataclass(frozen=True, eq=False, slots=True)
class Examples:
    """Answers to learn from, each with what was known before it.

    Parameters
    ----------
    student, skill : ndarray of int64, shape (n_answers,)
        By whatever the caller knows them by.
    irt : ndarray of shape (n_answers,)
        Chance by IRT.
    rows : ndarray of shape (n_answers, len(FEATURES))
    right : ndarray of int64, shape (n_answers,)
        1 right, 0 wrong.
    """

    student: Ints
    skill: Ints
    irt: Floats
    rows: Floats
    right: Ints

    def __len__(self) -> int:
        """Count the answers."""
        return self.right.size

    def where(self, kept: NDArray[np.bool_]) -> Examples:
        """Answers that the mask keeps."""
        return Examples(self.student[kept], self.skill[kept], self.irt[kept], self.rows[kept], self.right[kept])


@dataclass(frozen=True, eq=False, slots=True)
class Columns:
    """How examples become the columns of the regression: standardised numbers, then one column for each skill."""

    mean: Floats
    scale: Floats
    skills: Ints

    @classmethod
    def of(cls, examples: Examples) -> Columns:
        """As these examples ask for; a number that does not vary in them stays out of the regression."""
        table = _table(examples)
        spread = table.std(axis=0)
        scale = np.divide(1.0, spread, out=np.zeros_like(spread), where=spread > 1e-9)
        return cls(table.mean(axis=0), scale, np.unique(examples.skill))

    def build(self, examples: Examples) -> sparse.csr_array:
        """Columns of examples whose skills are all known."""
        numbers = (_table(examples) - self.mean) * self.scale
        place = np.searchsorted(self.skills, examples.skill)
        levels = (np.ones(len(examples)), (np.arange(len(examples)), place))
        blocks = [sparse.csr_array(numbers), sparse.csr_array(levels, shape=(len(examples), self.skills.size))]
        return sparse.hstack(blocks, format="csr")


def regression(examples: Examples) -> tuple[Columns, LogisticRegression]:
    """Fit scikit-learn's logistic regression."""
    columns = Columns.of(examples)
    fitted = LogisticRegression(C=PENALTY, max_iter=500).fit(columns.build(examples), examples.right)
    return columns, fitted


def plain(columns: Columns, fitted: LogisticRegression) -> Forecast:
    """The regression's numbers by themselves; they give the chances that its ``predict_proba`` gives."""
    n = columns.mean.size
    weights = fitted.coef_[0, :n] * columns.scale
    intercept = float(fitted.intercept_[0] - weights @ columns.mean)
    levels = fitted.coef_[0, n:].tolist()
    skills = {int(skill): level for skill, level in zip(columns.skills, levels, strict=True)}
    return Forecast(float(weights[0]), intercept, tuple(weights[1:].tolist()), skills)


def train(examples: Examples) -> Forecast:
    """Fit, and keep the plain numbers.

    Raises
    ------
    ValueError
        All answers are right, or all wrong.
    """
    return plain(*regression(examples))


def predicted(forecast: Forecast, examples: Examples) -> Floats:
    """Corrected chance of each example being right."""
    own = np.array([forecast.skills.get(skill, 0.0) for skill in examples.skill.tolist()])
    levels = forecast.intercept + examples.rows @ np.array(forecast.weights) + own
    return forecast.chances(examples.irt, levels)


@dataclass(frozen=True, slots=True)
class Scores:
    """How good chances are: AUC, log loss a answer (nats), Brier score, and expected calibration error (ten bins)."""

    auc: float
    log_loss: float
    brier: float
    ece: float


@dataclass(frozen=True, slots=True)
class Evaluation:
    """A forecast against the IRT chance, on students it was not fitted to.

    Parameters
    ----------
    irt, forecast : Scores
    gain : float
        Log loss that the forecast saves an answer.
    gain_error : float
        Its standard error; students are drawn, not answers.
    """

    answers: int
    students: int
    irt: Scores
    forecast: Scores
    gain: float
    gain_error: float


def evaluate(examples: Examples, *, seed: int = 0) -> Evaluation:
    """Fit to all students but a fifth, predict that fifth, five times over.

    Raises
    ------
    ValueError
        There are fewer students than folds, or too few right or wrong answers to fit to.
    """
    students, index = np.unique(examples.student, return_inverse=True)
    if students.size < FOLDS:
        raise ValueError(f"{students.size} students cannot be dealt into {FOLDS} folds")
    fold = (np.random.default_rng(seed).permutation(students.size) % FOLDS)[index]
    chance = np.empty(len(examples))
    for k in range(FOLDS):
        forecast = train(examples.where(fold != k))
        chance[fold == k] = predicted(forecast, examples.where(fold == k))
    saved = _losses(examples.irt, examples.right) - _losses(chance, examples.right)
    gain = float(saved.mean())
    by_student = np.bincount(index, saved - gain)
    error = sqrt(float(by_student @ by_student)) / len(examples)
    return Evaluation(
        len(examples), students.size, scores(examples.irt, examples.right), scores(chance, examples.right), gain, error
    )


def scores(chance: Floats, right: Ints) -> Scores:
    """Scores of chances against what came."""
    bins = np.minimum((chance * _BINS).astype(np.int64), _BINS - 1)
    gaps = np.abs(np.bincount(bins, chance - right, _BINS)).sum() / right.size
    return Scores(
        float(roc_auc_score(right, chance)),
        float(log_loss(right, chance)),
        float(np.mean((chance - right) ** 2)),
        float(gaps),
    )


def _losses(chance: Floats, right: Ints) -> Floats:
    logits = logits_of(chance)
    return np.logaddexp(0.0, np.where(right == 1, -logits, logits))


def _table(examples: Examples) -> Floats:
    return np.column_stack([logits_of(examples.irt), examples.rows])
