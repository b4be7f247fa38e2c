"""The last gate: an item is taken only if the bank's own check finds no error in it."""

from content.check import check
from content.formats.oatutor.faults import UnusableError
from content.schema import Bank, Item, Skill


def verify(item: Item, skill: Skill) -> None:
    """Check one item as if it were a bank of its own.

    Raises
    ------
    UnusableError
        With the first error of the check; warnings, such as that nobody knows the difficulty, do not matter.
    """
    alone = Bank("alone", "Alone", "9-12", "en", item.licence, skills=(skill,), items=(item,))
    for finding in check(alone):
        if finding.severity == "error":
            raise UnusableError(f"refused by the bank's check: {finding.message} ({finding.code})")
