"""Answer types: what a right answer is, how it is marked, what the browser may see of it.

One module per type. Marking is total: any text of any length gets a `Mark` in bounded time.
"""

from collections.abc import Collection

from content.answers import algebra, choice, fraction, gaps, line, number, ordering, plot, several, table
from content.answers.parts import count as parts
from content.answers.results import Given, Mark, Presentation, Slot
from content.schema import Algebra, Choice, Gaps, Item, Number, NumberLine, Ordering, Plot, Several, Table

__all__ = ["Given", "Mark", "Presentation", "Slot", "fields", "in_words", "key", "mark", "parts", "shown", "wrong"]


def mark(item: Item, given: Given, *, seed: int, most: int | None = None) -> Mark:
    """Mark an answer.

    Parameters
    ----------
    item : Item
        A written item, or a generator realised from `seed`.
    given : mapping of str to str
        The form fields that `fields` named; others are ignored. A fraction may also come as one field
        ``text`` such as "1 1/2".
    seed : int
        Of the serving: it gives the order in which options were shown.
    most : int or None
        Of the serving: at most so many options were shown; None where all were.

    Examples
    --------
    >>> from fractions import Fraction
    >>> item = Item("half", "4.NF.A.1", "Half?", Number(Fraction(1, 2)))
    >>> mark(item, {"number": ".5"}, seed=0).status
    'right'
    """
    answer = item.answer
    if isinstance(answer, Choice):
        return choice.mark(answer, given, choice.order(answer, item.id, seed, most))
    if isinstance(answer, Number):
        return number.mark(answer, given)
    if isinstance(answer, NumberLine):
        return line.mark(answer, given)
    if isinstance(answer, Several):
        return several.mark(answer, given, several.order(answer, item.id, seed))
    if isinstance(answer, Ordering):
        return ordering.mark(answer, given, ordering.order(answer, item.id, seed))
    if isinstance(answer, Gaps):
        return gaps.mark(answer, given, gaps.orders(answer, item.id, seed))
    if isinstance(answer, Table):
        return table.mark(answer, given)
    if isinstance(answer, Algebra):
        return algebra.mark(answer, given, item.id, seed)
    return plot.mark(answer, given) if isinstance(answer, Plot) else fraction.mark(answer, given)


def fields(item: Item, *, seed: int, tried: Collection[str] = (), most: int | None = None) -> Presentation:
    """Say what a browser may see of the answer.

    Parameters
    ----------
    tried : collection of str
        `Mark.chosen` of the answers already given in this serving; those options are flagged.
    most : int or None
        As in `mark`.
    """
    answer = item.answer
    if isinstance(answer, Choice):
        return choice.present(answer, choice.order(answer, item.id, seed, most), tried)
    if isinstance(answer, NumberLine):
        return line.present(answer)
    if isinstance(answer, Several):
        return several.present(answer, several.order(answer, item.id, seed))
    if isinstance(answer, Ordering):
        return ordering.present(answer, ordering.order(answer, item.id, seed))
    if isinstance(answer, Gaps):
        return gaps.present(answer, gaps.orders(answer, item.id, seed))
    if isinstance(answer, Table):
        return table.present(answer)
    if isinstance(answer, Plot):
        return plot.present(answer)
    if isinstance(answer, Algebra):
        return algebra.present(answer)
    return number.present(answer) if isinstance(answer, Number) else fraction.present(answer)


def key(item: Item, *, seed: int, most: int | None = None) -> dict[str, str]:
    """Give the form fields of the right answer: for simulated students and tests, never for a page."""
    answer = item.answer
    if isinstance(answer, Choice):
        return choice.key(answer, choice.order(answer, item.id, seed, most))
    if isinstance(answer, NumberLine):
        return line.key(answer)
    if isinstance(answer, Several):
        return several.key(answer, several.order(answer, item.id, seed))
    if isinstance(answer, Ordering):
        return ordering.key(answer, ordering.order(answer, item.id, seed))
    if isinstance(answer, Gaps):
        return gaps.key(answer, gaps.orders(answer, item.id, seed))
    if isinstance(answer, Table):
        return table.key(answer)
    if isinstance(answer, Plot):
        return plot.key(answer)
    if isinstance(answer, Algebra):
        return algebra.key(answer)
    return number.key(answer) if isinstance(answer, Number) else fraction.key(answer)


def wrong(item: Item, *, seed: int, misconception: str | None = None, most: int | None = None) -> dict[str, str] | None:
    """Give the form fields of a wrong answer, one that carries `misconception` when that is given.

    Returns
    -------
    dict or None
        None when the item has no such answer.
    """
    answer = item.answer
    if isinstance(answer, Choice):
        return choice.wrong(answer, choice.order(answer, item.id, seed, most), misconception)
    if isinstance(answer, Number):
        return number.wrong(answer, misconception)
    if isinstance(answer, NumberLine):
        return line.wrong(answer, misconception)
    if isinstance(answer, Several):
        return several.wrong(answer, several.order(answer, item.id, seed), misconception)
    if isinstance(answer, Ordering):
        return ordering.wrong(answer, ordering.order(answer, item.id, seed), misconception)
    if isinstance(answer, Gaps):
        return gaps.wrong(answer, gaps.orders(answer, item.id, seed), misconception)
    if isinstance(answer, Table):
        return table.wrong(answer, misconception)
    if isinstance(answer, Algebra):
        return algebra.wrong(answer, misconception, item.id, seed)
    return plot.wrong(answer, misconception) if isinstance(answer, Plot) else fraction.wrong(answer, misconception)


def in_words(item: Item) -> str:
    """Say the right answer (Markdown), for a page that follows it."""
    return shown(item, mark(item, key(item, seed=0), seed=0).chosen)


def shown(item: Item, chosen: str) -> str:
    """Give the words for a stored `Mark.chosen`, for a teacher's page: the option's text (Markdown), or the number."""
    answer = item.answer
    if isinstance(answer, Choice) and chosen.isdecimal() and int(chosen) < len(answer.options):
        return answer.options[int(chosen)].text
    if isinstance(answer, Several):
        return several.said(answer, chosen)
    if isinstance(answer, Ordering):
        return ordering.said(answer, chosen)
    return gaps.said(answer, chosen) if isinstance(answer, Gaps) else chosen
