"""How difficult an item will be that nobody has answered yet.

A ridge regression of calibrated difficulties on what can be seen of an item without a student: its
skill, kind of answer, length, numbers, and its author's rating. Linear, because it can be written down
as a few named numbers and read by the next person. What matters most is the standard deviation beside
the prediction: it decides how fast the first answers may move the item. It is taken from items of
families (for a new skill: of skills) that the regression had not seen.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from math import inf, isfinite, log1p, sqrt
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.linear_model import Ridge
from sklearn.model_selection import GroupKFold

from models.irt import AUTHOR_SD, UNKNOWN_SD, ItemParams

Floats = NDArray[np.float64]
Groups = Sequence[str]
Source = Literal["features", "author", "skill", "bank"]

LEAST_ITEMS = 40
"""Calibrated items from which features are trusted; with fewer the regression mostly learns noise."""
LEAST_GROUPS = 5
"""Families or skills to leave out in turn."""
LEAST_RESIDUALS = 15
"""Items left out from which a standard deviation is read; 15 give it to within a fifth."""
PENALTIES = (0.3, 1.0, 3.0, 10.0, 30.0, 100.0)
MEASURES = ("author", "length", "numbers", "largest")
"""Columns that are amounts: brought to one spread before the penalty, and never extrapolated."""
PRIOR_ITEMS = 5.0
"""A skill's few items count against this many imagined ones of the bank."""


@dataclass(frozen=True, slots=True)
class ItemFeatures:
    """What can be seen of an item before anyone answers it.

    Parameters
    ----------
    skill, family, answer_type : str
        Siblings of one family are variants of one another.
    length : int
        Words of the question.
    numbers : int
        How many numbers it holds.
    largest : float
        The largest of them by size; 0 without numbers.
    author : float or None
        The author's rating in logits; None where nobody has rated the item.

    Raises
    ------
    ValueError
        If a count is negative or a number not finite.
    """

    skill: str
    family: str
    answer_type: str
    length: int
    numbers: int = 0
    largest: float = 0.0
    author: float | None = None

    def __post_init__(self) -> None:
        if min(self.length, self.numbers) < 0:
            raise ValueError("an item cannot have fewer than 0 words or numbers")
        if not (isfinite(self.largest) and isfinite(self.author or 0.0)):
            raise ValueError("an item's largest number and rating must be finite")


@dataclass(frozen=True, slots=True)
class Prediction:
    """A difficulty before the first answer, b ~ N(b, sd**2) in logits, and what it was taken from."""

    b: float
    sd: float
    source: Source

    def item(self, options: int | None, parts: int = 1) -> ItemParams:
        """Parameters to serve the item with; options and parts as in `ItemParams.from_author`.

        Examples
        --------
        >>> Prediction(0.3, 0.4, "features").item(options=4)
        ItemParams(model='3PL', a=1.0, b=0.3, c=0.25, b_sd=0.4, parts=1)
        """
        return replace(ItemParams.from_author(self.b, options, parts), b_sd=self.sd)


@dataclass(frozen=True, slots=True)
class DifficultyModel:
    """What calibrated items have taught about the difficulty of new ones; plain values throughout.

    Parameters
    ----------
    items : int
        Calibrated items learnt from.
    intercept : float
    weights : mapping of column to float
        Logits per unit of each column; empty where there were too few items for a regression.
    ranges : mapping of measure to (low, high)
        What the measures were among those items; beyond, the nearest end counts.
    sds : mapping
        Standard deviation in logits of "known skill" and "new skill", each "rated" and "unrated".
    author_sd : float
        Of the author's ratings from the calibrated values.
    trusts_author : bool
        Whether a rating alone comes nearer than the regression.
    skills : mapping of skill to (b, sd)
        Shrunken means, for want of a regression.
    bank : (b, sd)
        For items of which nothing is known.
    """

    items: int
    intercept: float
    weights: Mapping[str, float]
    ranges: Mapping[str, tuple[float, float]]
    sds: Mapping[str, float]
    author_sd: float
    trusts_author: bool
    skills: Mapping[str, tuple[float, float]]
    bank: tuple[float, float]

    def predict(self, item: ItemFeatures) -> Prediction:
        """The difficulty to expect of a new item, from the best source there is for it."""
        if item.author is not None and (self.trusts_author or not self.weights):
            return Prediction(item.author, self.author_sd, "author")
        if self.weights:
            columns = _columns(item)
            b = sum(self.weights.get(name, 0.0) * self._within(name, value) for name, value in columns.items())
            known = f"skill {item.skill}" in self.weights
            return Prediction(self.intercept + b, self.sds[_case(item, known=known)], "features")
        if item.skill in self.skills:
            return Prediction(*self.skills[item.skill], "skill")
        return Prediction(*self.bank, "bank")

    def _within(self, name: str, value: float) -> float:
        low, high = self.ranges.get(name, (-inf, inf))
        return min(max(value, low), high)

    def to_plain(self) -> dict[str, Any]:
        """The model as plain values that JSON can hold."""
        return asdict(self)

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> DifficultyModel:
        """Read back what `to_plain` gave.

        Raises
        ------
        ValueError
            If a part is missing or a number not finite.
        """
        try:
            model = cls(
                items=int(plain["items"]),
                intercept=float(plain["intercept"]),
                weights={str(name): float(value) for name, value in plain["weights"].items()},
                ranges={str(name): _pair(value) for name, value in plain["ranges"].items()},
                sds={str(name): float(value) for name, value in plain["sds"].items()},
                author_sd=float(plain["author_sd"]),
                trusts_author=bool(plain["trusts_author"]),
                skills={str(name): _pair(value) for name, value in plain["skills"].items()},
                bank=_pair(plain["bank"]),
            )
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"this is not a model of difficulties: {error!r}") from error
        model._check()
        return model

    def _check(self) -> None:
        pairs = [number for pair in (self.bank, *self.skills.values(), *self.ranges.values()) for number in pair]
        numbers = [self.intercept, self.author_sd, *self.weights.values(), *self.sds.values(), *pairs]
        if not all(map(isfinite, numbers)):
            raise ValueError("a model of difficulties holds a number that is not finite")
        if self.weights and set(self.sds) != set(CASES):
            raise ValueError(f"a regression needs the standard deviations of {', '.join(CASES)}")


CASES = ("known skill, rated", "known skill, unrated", "new skill, rated", "new skill, unrated")


def fit(items: Sequence[ItemFeatures], difficulties: ArrayLike) -> DifficultyModel:
    """Learn from calibrated items how difficult new ones will be.

    Parameters
    ----------
    items : sequence of ItemFeatures
        May be empty: then ratings are taken as they are.
    difficulties : array_like of shape (n_items,)
        Calibrated b in logits. Their own errors stay in the standard deviations, on the safe side.

    Raises
    ------
    ValueError
        If the lengths differ or a difficulty is not finite.

    References
    ----------
    Fischer (1973), The linear logistic test model as an instrument in educational research, Acta
    Psychologica 37, for difficulties as sums of features; Hoerl & Kennard (1970), Technometrics 12(1).

    Examples
    --------
    >>> new = ItemFeatures("fractions", "f1", "number", length=12, author=0.4)
    >>> fit([], []).predict(new)
    Prediction(b=0.4, sd=0.5, source='author')
    """
    b = np.asarray(difficulties, dtype=np.float64)
    if b.shape != (len(items),) or not np.isfinite(b).all():
        raise ValueError(f"{len(items)} items need as many finite difficulties")
    author_sd = _author_sd(items, b)
    skills, bank = _means(items, b)
    families = [item.family for item in items]
    if len(items) < LEAST_ITEMS or len(set(families)) < LEAST_GROUPS:
        return DifficultyModel(len(items), 0.0, {}, {}, {}, author_sd, True, skills, bank)
    penalty = min(PENALTIES, key=lambda each: _rms(_left_out(items, b, families, each)))
    sds = _sds(items, b, penalty)
    intercept, weights = _regress(items, b, penalty)
    trusts_author = author_sd < sds["known skill, rated"]
    return DifficultyModel(len(items), intercept, weights, _ranges(items), sds, author_sd, trusts_author, skills, bank)


def _columns(item: ItemFeatures) -> dict[str, float]:
    """The item as named columns; sizes as logarithms, a rating that is missing as a column of its own."""
    rating = {"unrated": 1.0} if item.author is None else {"author": item.author}
    return {
        **rating,
        "length": log1p(item.length),
        "numbers": log1p(item.numbers),
        "largest": log1p(abs(item.largest)),
        f"answer {item.answer_type}": 1.0,
        f"skill {item.skill}": 1.0,
    }


def _regress(items: Sequence[ItemFeatures], b: Floats, penalty: float) -> tuple[float, dict[str, float]]:
    """Ridge regression; weights are given per unit of the column as it is."""
    rows = [_columns(item) for item in items]
    names = sorted({name for row in rows for name in row})
    table = np.array([[row.get(name, 0.0) for name in names] for row in rows])
    spread = np.array([table[:, i].std() if name in MEASURES else 1.0 for i, name in enumerate(names)])
    spread[spread == 0.0] = 1.0
    ridge = Ridge(alpha=penalty).fit(table / spread, b)
    weights = np.asarray(ridge.coef_) / spread
    return float(ridge.intercept_), {name: float(weight) for name, weight in zip(names, weights, strict=True)}


def _left_out(items: Sequence[ItemFeatures], b: Floats, groups: Groups, penalty: float) -> Floats:
    """Errors of items predicted without their group."""
    errors = np.empty(len(b))
    for train, test in GroupKFold(LEAST_GROUPS).split(b, groups=groups):
        intercept, weights = _regress([items[i] for i in train], b[train], penalty)
        for i in test:
            columns = _columns(items[i])
            errors[i] = b[i] - intercept - sum(weights.get(name, 0.0) * columns[name] for name in columns)
    return errors


def _sds(items: Sequence[ItemFeatures], b: Floats, penalty: float) -> dict[str, float]:
    """Root mean square error of each case; where there were too few, a cautious stand-in."""
    families = [item.family for item in items]
    skills = [item.skill for item in items]
    known = _left_out(items, b, families, penalty)
    fallback = max(_rms(known), UNKNOWN_SD)
    new = _left_out(items, b, skills, penalty) if len(set(skills)) >= LEAST_GROUPS else None
    rated = np.array([item.author is not None for item in items])
    sds = {}
    for case in CASES:
        errors = known if case.startswith("known") else new
        of_case = errors[rated if case.endswith(", rated") else ~rated] if errors is not None else known[:0]
        sds[case] = _rms(of_case) if len(of_case) >= LEAST_RESIDUALS else fallback
    return sds


def _case(item: ItemFeatures, *, known: bool) -> str:
    return f"{'known' if known else 'new'} skill, {'unrated' if item.author is None else 'rated'}"


def _ranges(items: Sequence[ItemFeatures]) -> dict[str, tuple[float, float]]:
    rows = [_columns(item) for item in items]
    seen = {name: [row[name] for row in rows if name in row] for name in MEASURES}
    return {name: (min(values), max(values)) for name, values in seen.items() if values}


def _author_sd(items: Sequence[ItemFeatures], b: Floats) -> float:
    """How far ratings are off, once there are enough of them to tell."""
    errors = np.array([b[i] - item.author for i, item in enumerate(items) if item.author is not None])
    return _rms(errors) if len(errors) >= LEAST_RESIDUALS else AUTHOR_SD


def _means(items: Sequence[ItemFeatures], b: Floats) -> tuple[dict[str, tuple[float, float]], tuple[float, float]]:
    """Mean and standard deviation to expect of a new item, of each skill and of the bank."""
    bank = _shrunken(b, 0.0, UNKNOWN_SD)
    by_skill: dict[str, list[float]] = {}
    for item, difficulty in zip(items, b.tolist(), strict=True):
        by_skill.setdefault(item.skill, []).append(difficulty)
    return {skill: _shrunken(np.array(values), *bank) for skill, values in by_skill.items()}, bank


def _shrunken(b: Floats, mean: float, sd: float) -> tuple[float, float]:
    """Mean and standard deviation of the next item after some, with PRIOR_ITEMS imagined beside them.

    The predictive distribution of a normal sample under its conjugate prior: Gelman et al. (2013),
    Bayesian Data Analysis, 3rd ed., section 3.3.
    """
    n = len(b)
    total = n + PRIOR_ITEMS
    centre = (float(b.sum()) + PRIOR_ITEMS * mean) / total
    squares = PRIOR_ITEMS * sd**2 + float(np.sum((b - centre) ** 2)) + PRIOR_ITEMS * (centre - mean) ** 2
    return centre, sqrt(squares / total * (1.0 + (1.0 / total if n else 0.0)))


def _pair(value: Sequence[float]) -> tuple[float, float]:
    low, high = value
    return float(low), float(high)


def _rms(errors: Floats) -> float:
    return float(np.sqrt(np.mean(errors**2)))
