"""A bank as practice serves it, in memory: immutable, so it is read from the database once.

A parameter set never changes and neither do the item versions it holds; the newest set is found by its id, which
every serving names.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from app.bank import queries
from app.bank.queries import ServedItem, SkillInfo
from app.bank.tables import CALIBRATED
from app.base.errors import NotFoundError
from content.answers.choice import shown_count
from content.generators import realise
from content.schema import AnswerTemplate, Choice, Generator, Item, Misconception, Term
from models.forecast import Forecast
from models.selection import Pool

KEPT = 32


@dataclass(frozen=True, eq=False, slots=True)
class Catalogue:
    """Everything that serving from one parameter set needs.

    Parameters
    ----------
    items : tuple of ServedItem
        In the order of the pool.
    index : mapping of version id to place in `items`.
    skills : mapping of skill id to skill, in the author's order.
    places : mapping of skill id to its index in the pool's skills.
    generators : ndarray of bool
        Which items are generators, which may come again with other numbers.
    fresh : ndarray of bool, or None
        Which items are not calibrated yet; None where all or none are, so that there is nothing to tell apart.
    forecast : Forecast or None
        What corrects the IRT chances; None where they are used as they are.
    language : str
        Of the bank.
    glossary : tuple of Term
        Words that a student may look up.
    """

    district_id: int
    bank_id: int
    set_id: int
    items: tuple[ServedItem, ...]
    index: Mapping[int, int]
    skills: Mapping[int, SkillInfo]
    places: Mapping[int, int]
    misconceptions: Mapping[str, Misconception]
    pool: Pool
    generators: NDArray[np.bool_]
    by_item: Mapping[int, int]
    fresh: NDArray[np.bool_] | None = None
    forecast: Forecast | None = None
    language: str = "en"
    glossary: tuple[Term, ...] = ()

    def version(self, version_id: int) -> ServedItem:
        """The item version with its parameters in this set."""
        return self.items[self.index[version_id]]


def _build(session: Session, district_id: int, set_id: int) -> Catalogue:
    bank_id = queries.bank_of_set(session, district_id, set_id)
    items = tuple(queries.served_items(session, district_id, set_id))
    skills = {skill.id: skill for skill in queries.skills(session, district_id, bank_id, set_id)}
    places = {skill: place for place, skill in enumerate(skills)}
    pool = _pool(items, places)
    return Catalogue(
        district_id,
        bank_id,
        set_id,
        items,
        {item.version_id: place for place, item in enumerate(items)},
        skills,
        places,
        queries.misconceptions(session, district_id, bank_id),
        pool,
        np.array([isinstance(item.content, Generator) for item in items]),
        {item.item_id: place for place, item in enumerate(items)},
        _fresh(items),
        queries.forecast(session, district_id, set_id),
        *queries.words(session, district_id, bank_id),
    )


def _pool(items: Sequence[ServedItem], places: Mapping[int, int]) -> Pool:
    families: dict[str, int] = {}
    return Pool.build(
        [item.parameters for item in items],
        [places[item.skill_id] for item in items],
        [families.setdefault(item.family, len(families)) for item in items],
        [item.version_id for item in items],
    )


def options(item: Item | Generator) -> int | None:
    """How many options an item offers; None where the answer is typed."""
    answer = item.answer
    if isinstance(answer, Choice) or (isinstance(answer, AnswerTemplate) and answer.kind == "choice"):
        return len(answer.options)
    return None


def options_shown(served: ServedItem, most: int | None) -> int | None:
    """How many options of a choice are shown where at most so many are wanted; None where all are, or it is none."""
    count = options(served.content)
    if most is None or count is None:
        return None
    shown = shown_count(count, most)
    return shown if shown < count else None


def _with_fewer(catalogue: Catalogue, most: int) -> Catalogue:
    """The same items as they are for a student with fewer options, with the parameters that they then have."""
    counted = ((item, options_shown(item, most)) for item in catalogue.items)
    items = tuple(
        item if shown is None else replace(item, parameters=item.parameters.among(shown)) for item, shown in counted
    )
    return replace(catalogue, items=items, pool=_pool(items, catalogue.places))


def _fresh(items: Sequence[ServedItem]) -> NDArray[np.bool_] | None:
    fresh = np.array([item.origin != CALIBRATED for item in items])
    return fresh if fresh.any() and not fresh.all() else None


class Catalogues:
    """The catalogues in use, least recently used dropped first."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: OrderedDict[tuple[int, int, int], Catalogue] = OrderedDict()

    def of_set(self, session: Session, district_id: int, set_id: int) -> Catalogue:
        """Return the catalogue of a parameter set, reading it when it is not in memory."""
        return self._get((district_id, set_id, 0), lambda: _build(session, district_id, set_id))

    def with_fewer(self, catalogue: Catalogue, most: int) -> Catalogue:
        """Return a catalogue as it is for a student to whom a choice shows at most so many options."""
        key = (catalogue.district_id, catalogue.set_id, most)
        return self._get(key, lambda: _with_fewer(catalogue, most))

    def _get(self, key: tuple[int, int, int], build: Callable[[], Catalogue]) -> Catalogue:
        with self._lock:
            found = self._kept.get(key)
            if found is not None:
                self._kept.move_to_end(key)
                return found
        built = build()
        with self._lock:
            self._kept[key] = built
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        return built

    def of_bank(self, session: Session, district_id: int, bank_id: int) -> Catalogue:
        """Return the catalogue that a bank is served with now.

        Raises
        ------
        NotFoundError
            The bank was never published.
        """
        set_id = queries.current_set(session, district_id, bank_id)
        if set_id is None:
            raise NotFoundError("This bank has not been published yet.")
        return self.of_set(session, district_id, set_id)


catalogues = Catalogues()


class Realised:
    """Items made from their seeds, kept by version: hashing a whole generator costs more than making the item."""

    def __init__(self, most: int = 16_384) -> None:
        self._most = most
        self._kept: dict[tuple[int, int], Item] = {}

    def __call__(self, served: ServedItem, seed: int) -> Item:
        """Return the item of this seed."""
        if isinstance(served.content, Item):
            return served.content
        key = (served.version_id, seed)
        item = self._kept.get(key)
        if item is None:
            if len(self._kept) >= self._most:
                self._kept.clear()
            item = self._kept[key] = realise(served.content, seed)
        return item


realised = Realised()
