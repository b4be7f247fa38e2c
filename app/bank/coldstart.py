"""Difficulties for items that nobody has answered, learnt from the district's items that many have answered.

What is seen of an item without a student: its skill, kind of answer, length, numbers, and its author's rating. The
prediction is used only if, on calibrated items left out family by family, it comes clearly nearer than the author.
"""

import re
from collections.abc import Iterable, Sequence

from app.bank.catalogue import options
from app.bank.queries import ServedItem
from app.base.policy import ColdStart
from content.answers import parts
from content.schema import Bank, Generator, Item
from models import coldstart
from models.coldstart import DifficultyModel, ItemFeatures, Prediction
from models.irt import UNKNOWN_SD, ItemParams

NUMBER = re.compile(r"\d+(?:\.\d+)?")
PLACEHOLDER = re.compile(r"\[\[.*?\]\]")


def predictions(known: Sequence[tuple[str, ServedItem]], bank: Bank, rule: ColdStart) -> dict[str, ItemParams]:
    """Parameters of those items of a bank that can be predicted well enough, by the author's name.

    The standard deviation of each is the root mean square error on items that the regression had not seen: of other
    families for a known skill, of other skills for a new one.

    Parameters
    ----------
    known : sequence of (key of the bank, item)
        The district's calibrated items.
    """
    if len(known) < rule.items:
        return {}
    model = coldstart.fit(
        [features(key, item.content) for key, item in known], [item.parameters.b for _, item in known]
    )
    expected = [(item, model.predict(features(bank.id, item))) for item in bank.items]
    better = [(item, found) for item, found in expected if _is_better(found, item, model, rule)]
    return {item.id: found.item(options(item), parts(item.answer)) for item, found in better}


def _is_better(found: Prediction, item: Item | Generator, model: DifficultyModel, rule: ColdStart) -> bool:
    otherwise = UNKNOWN_SD if item.difficulty is None else model.author_sd
    return found.source == "features" and found.sd <= rule.better * otherwise


def features(bank: str, item: Item | Generator) -> ItemFeatures:
    """What can be seen of an item; a generator's numbers count as the largest that it can draw."""
    numbers = [abs(float(one)) for one in NUMBER.findall(PLACEHOLDER.sub(" ", item.stem))]
    places = len(PLACEHOLDER.findall(item.stem))
    drawn = list(_drawn(item)) if isinstance(item, Generator) else []
    return ItemFeatures(
        skill=f"{bank} {item.skill}",
        family=f"{bank} {item.family or item.id}",
        answer_type=item.answer.kind,
        length=len(item.stem.split()),
        numbers=len(numbers) + places,
        largest=max([*numbers, *drawn], default=0.0),
        author=item.difficulty,
    )


def _drawn(item: Generator) -> Iterable[float]:
    """Largest size of each number that a generator draws."""
    for parameter in item.parameters:
        sizes = parameter.choices or (parameter.low, parameter.high)
        yield max(abs(float(size)) for size in sizes)
