"""The chance that a student's next answer is right: ability and recent history in one linear model.

scikit-learn fits a logistic regression on the features of `models.history` and, for each skill,
an intercept and slopes for the answers practised in it. What it learned is kept as plain numbers:
one row through scikit-learn's own predict costs a hundred times what a dot product does, and
numbers in JSON, unlike a pickle, can be read by the next version and run nothing when opened.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from math import exp

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.linear_model import LogisticRegression

from models.filter import Settings, tune
from models.history import COLUMNS, EXPECTED, RIGHT, WRONG, History, replay
from models.rasch_map import Answers, Difficulties, Ints

Floats = NDArray[np.float64]

ENOUGH_ANSWERS = 5000
"""Answers below which the chance by ability alone is used: some hundreds of weights would be noise."""
PENALTY = 0.1
"""C of the logistic regression on standardised columns; mild, as answers far outnumber weights."""


@dataclass(frozen=True, slots=True)
class NextAnswerModel:
    """Weights of the linear model, in plain numbers.

    Parameters
    ----------
    trained_on : int
        Answers it was fitted to; below ENOUGH_ANSWERS it gives the chance by ability alone.
    intercept : float
    weights : tuple of float
        One per feature of `models.history`.
    skills : tuple of (float, float, float)
        Of each skill its intercept and its slopes for log(1 + right) and log(1 + wrong) answers.
    """

    trained_on: int
    intercept: float
    weights: tuple[float, ...]
    skills: tuple[tuple[float, float, float], ...]

    def chance(self, features: Floats, skill: int) -> float:
        """Chance that the next answer is right; a skill unknown in training has no slopes of its own."""
        if self.trained_on < ENOUGH_ANSWERS:
            return _logistic(float(features[EXPECTED]))
        row = features.tolist()
        logit = self.intercept + sum(map(float.__mul__, self.weights, row))
        if 0 <= skill < len(self.skills):
            own, per_right, per_wrong = self.skills[skill]
            logit += own + per_right * row[RIGHT] + per_wrong * row[WRONG]
        return _logistic(logit)

    def predict(self, history: History, skill: int, item: int, b: float, day: float = float("nan")) -> float:
        """Chance that the student of this history answers the item of difficulty b right."""
        return self.chance(history.features(skill, item, b, day), skill)

    def to_json(self) -> str:
        """All numbers, exactly."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> NextAnswerModel:
        """Read what `to_json` wrote.

        Raises
        ------
        ValueError
            If it was written for other features.
        """
        read = json.loads(text)
        if len(read["weights"]) != COLUMNS:
            raise ValueError(f"the model has {len(read['weights'])} weights for {COLUMNS} features; train it again")
        skills = tuple((own, per_right, per_wrong) for own, per_right, per_wrong in read["skills"])
        return cls(read["trained_on"], read["intercept"], tuple(read["weights"]), skills)


def training_features(answers: Answers, fold: Ints, difficulties: Sequence[Difficulties]) -> tuple[Floats, Settings]:
    """Features of training answers, each student's from difficulties that their answers did not shape.

    Parameters
    ----------
    answers : Answers
    fold, difficulties
        As `models.rasch_map.cross_fit` gives them.

    Returns
    -------
    features : ndarray of shape (n_answers, COLUMNS)
    settings : Settings
        How these students differ and change; new students' features are made with the same.
    """
    settings = tune(answers.where(fold == 0), difficulties[0].b)
    features = np.empty((len(answers), COLUMNS))
    for k, without in enumerate(difficulties):
        features[fold == k] = replay(answers.where(fold == k), without.b, settings)
    return features, settings


def train(features: Floats, answers: Answers, n_skills: int) -> NextAnswerModel:
    """Fit the linear model.

    Parameters
    ----------
    features : ndarray of shape (n_answers, COLUMNS)
        From `training_features`.
    answers : Answers
        The answers they belong to.
    n_skills : int
        Skills of the bank.
    """
    if len(answers) < ENOUGH_ANSWERS:
        return NextAnswerModel(len(answers), 0.0, (0.0,) * COLUMNS, ((0.0, 0.0, 0.0),) * n_skills)
    mean, spread = features.mean(axis=0), features.std(axis=0)
    # A column that never varies in training, such as hints where none were recorded, must not speak later.
    scale = np.divide(1.0, spread, out=np.zeros_like(spread), where=spread > 1e-9)
    columns = sparse.hstack(
        [sparse.csr_array((features - mean) * scale), per_skill(features, answers.skill, n_skills)], format="csr"
    )
    fitted = LogisticRegression(C=PENALTY, max_iter=300, tol=1e-3).fit(columns, answers.right)
    weights = fitted.coef_[0, :COLUMNS] * scale
    skills = fitted.coef_[0, COLUMNS:].reshape(3, n_skills).T
    return NextAnswerModel(
        len(answers),
        float(fitted.intercept_[0] - weights @ mean),
        tuple(weights.tolist()),
        tuple((own, per_right, per_wrong) for own, per_right, per_wrong in skills.tolist()),
    )


def per_skill(features: Floats, skill: Ints, n_skills: int) -> sparse.csr_array:
    """Intercept and two slopes for each skill as sparse columns, shape (n_answers, 3 * n_skills)."""
    row = np.arange(skill.size)
    values = np.concatenate([np.ones(skill.size), features[:, RIGHT], features[:, WRONG]])
    columns = np.concatenate([skill, skill + n_skills, skill + 2 * n_skills])
    return sparse.csr_array((values, (np.tile(row, 3), columns)), shape=(skill.size, 3 * n_skills))


def chances(model: NextAnswerModel, features: Floats, skill: Ints) -> Floats:
    """Chances of many answers at once, as `NextAnswerModel.chance` gives them one by one."""
    if model.trained_on < ENOUGH_ANSWERS:
        logit = features[:, EXPECTED]
    else:
        own = np.array(model.skills)[skill]
        slopes = own[:, 1] * features[:, RIGHT] + own[:, 2] * features[:, WRONG]
        logit = model.intercept + features @ np.array(model.weights) + own[:, 0] + slopes
    return np.asarray(1.0 / (1.0 + np.exp(-logit)))


def _logistic(logit: float) -> float:
    return 1.0 / (1.0 + exp(-max(min(logit, 700.0), -700.0)))
