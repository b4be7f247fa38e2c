"""What a student gets beside the question: set by the teacher, hidden and shown again by the student.

Pure: no request, no database. Each support has one name everywhere: in the row, in the forms, on the answers.
"""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

EXTRA_TIMES = (1.25, 1.5, 2.0)
"""What a teacher can choose from; a quarter, a half and as much again are what plans for students usually grant."""


class Supports(NamedTuple):
    """A student's supports.

    Parameters
    ----------
    translation : str
        Language (BCP 47) of the stem's translation; empty for none.
    extra_time : float
        So many times as much time as others; 1 for none.
    fewer_options : bool
        A choice is shown with fewer options, and counts with parameters of its own.
    hidden : tuple of str
        Supports that the student has put away.
    """

    read_aloud: bool = False
    glossary: bool = False
    translation: str = ""
    extra_time: float = 1.0
    calculator: bool = False
    large_print: bool = False
    high_contrast: bool = False
    fewer_options: bool = False
    less_motion: bool = False
    hidden: tuple[str, ...] = ()

    def has(self, name: str) -> bool:
        """Whether the teacher gave this support."""
        return name in NAMES and getattr(self, name) != getattr(NONE, name)

    def on(self, name: str) -> bool:
        """Whether it was given and is not put away."""
        return self.has(name) and name not in self.hidden

    def given(self) -> dict[str, Any]:
        """What is stored of the teacher's choice: the supports that were given, by name."""
        return {name: getattr(self, name) for name in NAMES if self.has(name)}

    def in_words(self, names: Iterable[str]) -> list[str]:
        """These supports as they are kept with an answer, each with its value where it has one.

        Examples
        --------
        >>> Supports(translation="es", calculator=True).in_words(["translation", "calculator"])
        ['translation:es', 'calculator']
        """
        return [_in_words(name, getattr(self, name)) for name in names]


def _in_words(name: str, value: bool | float | str) -> str:
    if value is True:
        return name
    return f"{name}:{value:g}" if isinstance(value, float) else f"{name}:{value}"


NAMES = tuple(name for name in Supports._fields if name != "hidden")
NONE = Supports()
# There is nothing to see of extra time, so there is nothing to hide.
HIDEABLE = tuple(name for name in NAMES if name != "extra_time")


def from_stored(given: Mapping[str, Any], hidden: Iterable[str]) -> Supports:
    """Read a student's row; what is stored under a name that we do not know is left out."""
    return Supports(**{name: value for name, value in given.items() if name in NAMES}, hidden=tuple(hidden))
