"""Which of a student's supports an item can serve. Pure."""

from app.bank.catalogue import Catalogue
from app.rostering.supports import NAMES, Supports
from content.schema import Item, Translation


def translation_of(item: Item, supports: Supports) -> Translation | None:
    """The stem in the student's language, where the author wrote it and the student has it out."""
    if not supports.on("translation"):
        return None
    return next((each for each in item.translations if each.language == supports.translation), None)


def may_calculate(item: Item, supports: Supports) -> bool:
    """Whether the student has a calculator out and the author allows one."""
    return item.calculator and supports.on("calculator")


def in_force(item: Item, catalogue: Catalogue, supports: Supports, options: int | None) -> list[str] | None:
    """Supports under which an answer to this item is given, as they are kept with it; None where there are none.

    Parameters
    ----------
    options : int or None
        Of the serving. Fewer options were shown or not, whatever the student has put away since.
    """
    limited = {
        "glossary": bool(catalogue.glossary),
        "translation": translation_of(item, supports) is not None,
        "calculator": may_calculate(item, supports),
        "fewer_options": options is not None,
    }
    names = [name for name in NAMES if limited.get(name, True) and (supports.on(name) or name == "fewer_options")]
    return supports._replace(fewer_options=True).in_words(names) or None
