"""The same answers fitted by both engines, and how far the results are apart."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import nan
from statistics import median

import numpy as np

from app.bank.catalogue import Catalogue
from app.base.errors import InvalidError
from app.calibration.engines import Fitted, fit_own, fit_pyirt
from app.calibration.queries import FirstAnswers
from app.calibration.service import usable
from models.crosscheck import LARGEST_GAP, CrossCheck, Gap, cross_check
from models.irt import ItemParams
from models.linking import LinkingError
from models.responses import Responses


@dataclass(frozen=True, slots=True)
class Pair:
    """One item by both engines; pyirt's values are on the own engine's scale."""

    key: str
    answers: int
    own: ItemParams
    other_a: float
    other_b: float

    @property
    def apart(self) -> bool:
        """Whether the difficulties differ by more than sound engines differ."""
        return abs(self.other_b - self.own.b) > LARGEST_GAP


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two calibrations of one set of answers.

    Parameters
    ----------
    pairs : sequence of Pair
        Items that both engines have parameters of, those furthest apart first.
    moved : mapping of skill's code to float
        Logits by which pyirt's fit of the skill was moved to lie on the own engine's scale.
    """

    check: CrossCheck
    pairs: Sequence[Pair]
    moved: Mapping[str, float]
    students: int
    answers: int


def compare(catalogue: Catalogue, given: FirstAnswers) -> Comparison:
    """Fit the answers with both engines.

    Raises
    ------
    InvalidError
        There are too few answers, or pyirt cannot be had; says what to do.
    """
    served, responses = usable(catalogue, given)
    own = fit_own(responses, served)
    other = fit_pyirt(responses, served, {version: item.c for version, item in own.items.items()})
    moved = _moves(own, other)
    names = [served[version].key for version in responses.items]
    on_own = {one: replace(item, b=item.b + moved[other.scales[one]]) for one, item in other.items.items()}
    try:
        check = cross_check(names, _curves(responses, own.items), _curves(responses, on_own))
    except LinkingError as error:
        raise InvalidError(f"The engines cannot be compared: {error}.") from error
    counts = np.bincount(responses.item, minlength=len(names)).tolist()
    found = {name: (count, own.items[one]) for name, count, one in zip(names, counts, responses.items, strict=True)}
    pairs = [_pair(gap, *found[str(gap.item)]) for gap in check.gaps]
    by_code = {catalogue.skills[skill].code: shift for skill, shift in moved.items()}
    return Comparison(check, pairs, by_code, len(responses.students), len(responses))


def _curves(responses: Responses, items: Mapping[Hashable, ItemParams]) -> tuple[list[float], list[float]]:
    """Return a and b of every item that was answered; NaN where there are none."""
    found = [items.get(version) for version in responses.items]
    return [item.a if item else nan for item in found], [item.b if item else nan for item in found]


def _pair(gap: Gap, answers: int, own: ItemParams) -> Pair:
    return Pair(str(gap.item), answers, own, own.a + gap.a, own.b + gap.b)


def _moves(own: Fitted, other: Fitted) -> dict[int, float]:
    """How far each of the other engine's scales is from the own one: the median, which one odd item does not move."""
    gaps: dict[int, list[float]] = {}
    for version, item in other.items.items():
        gaps.setdefault(other.scales[version], []).append(own.items[version].b - item.b)
    return {scale: median(values) for scale, values in gaps.items()}
