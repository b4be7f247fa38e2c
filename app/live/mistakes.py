"""What the class gets wrong today: misconceptions that several share, then the items missed most often. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from app.bank.catalogue import Catalogue, realised
from app.live.queries import Miss
from content.answers import shown
from content.render import to_inline_html
from content.schema import Generator

LEAST = 2
"""A wrong answer given once says nothing about the class."""
EXAMPLE_SEED = 1


@dataclass(frozen=True, slots=True)
class Mistake:
    """A row of the board's panel: `n` students or misses, whatever `unit` says; `text` is clean HTML."""

    skill_title: str
    text: str
    n: int
    unit: str


def shared(
    recents: Iterable[Sequence[Mapping[str, Any]]], since_ms: int, catalogue: Catalogue, least: int
) -> list[Mistake]:
    """Misconceptions that at least so many students showed since then, the most common first."""
    counts: Counter[tuple[str, int]] = Counter()
    for recent in recents:
        lately = [entry for entry in recent if entry["at"] >= since_ms and entry["misconception"]]
        counts.update({(entry["misconception"], entry["skill"]) for entry in lately})
    return [
        Mistake(catalogue.skills[skill].title, catalogue.misconceptions[key].title, n, "student")
        for (key, skill), n in counts.most_common()
        if n >= least and key in catalogue.misconceptions and skill in catalogue.skills
    ]


def hardest(misses: Sequence[Miss], catalogue: Catalogue) -> list[Mistake]:
    """Items that the class missed more than once, each with the wrong answer that came most often."""
    counts: Counter[int] = Counter()
    for miss in misses:
        if miss.item_id in catalogue.by_item:
            counts[miss.item_id] += miss.n
    often = [(item, n) for item, n in counts.most_common() if n >= LEAST]
    return [_item(item, n, [miss for miss in misses if miss.item_id == item], catalogue) for item, n in often]


def _item(item_id: int, n: int, misses: Sequence[Miss], catalogue: Catalogue) -> Mistake:
    served = catalogue.items[catalogue.by_item[item_id]]
    item = realised(served, EXAMPLE_SEED)
    question = Markup(to_inline_html(item.stem.split("\n\n")[-1]))
    text = question
    if isinstance(served.content, Generator):
        text = Markup("Questions such as: {}").format(question)
    elif misses[0].n >= LEAST:
        often = Markup(to_inline_html(shown(item, misses[0].chosen)))
        text = Markup("{} Often answered: {}").format(question, often)
    return Mistake(catalogue.skills[served.skill_id].title, text, n, "miss")
