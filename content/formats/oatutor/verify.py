"""The last gate: an item is taken only if the bank's check finds no error in it and authors could edit it as text."""

from content.check import check
from content.formats.oatutor.faults import UnusableError
from content.schema import Bank, Item, Skill
from content.write import write


def verify(item: Item, skill: Skill) -> None:
    """Check one item as if it were a bank of its own.

    Raises
    ------
    UnusableError
        With the first error of the check, or when the text does not survive being written. Warnings, such as that
        nobody knows the difficulty, do not matter.
    """
    alone = Bank("alone", "Alone", "9-12", "en", item.licence, skills=(skill,), items=(item,))
    for finding in check(alone):
        if finding.severity == "error":
            raise UnusableError(f"refused by the bank's check: {finding.message} ({finding.code})")
    try:
        write(alone)
    except ValueError as error:
        raise UnusableError("its text cannot be written in the bank format") from error
