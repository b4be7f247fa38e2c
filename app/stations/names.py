"""What groups are called: several of their animal, as a class says it."""

from collections.abc import Mapping

IRREGULAR: Mapping[str, str] = {"deer": "deer", "fish": "fish", "mouse": "mice", "octopus": "octopuses"}
HISSING = ("s", "x", "ch", "sh")


def group_name(picture: str) -> str:
    """Name of the group with this animal.

    Examples
    --------
    >>> [group_name(animal) for animal in ("otter", "fox", "butterfly", "mouse")]
    ['Otters', 'Foxes', 'Butterflies', 'Mice']
    """
    return _plural(picture).capitalize()


def _plural(animal: str) -> str:
    if animal in IRREGULAR:
        return IRREGULAR[animal]
    if animal.endswith(HISSING):
        return f"{animal}es"
    if animal.endswith("y") and animal[-2] not in "aeiou":
        return f"{animal[:-1]}ies"
    return f"{animal}s"
