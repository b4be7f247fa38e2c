"""What the set-up page sends."""

from collections.abc import Mapping
from dataclasses import dataclass

SLOT_MINUTES = (5, 60)
TRANSITION_S = (0, 300)
DIGITS = 19
THIRDS = {"offline": "A task on paper", "practice": "Practice once more"}


@dataclass(frozen=True, slots=True)
class BlockForm:
    """A lesson as it was filled in; `errors` are (field, sentence) and empty when all of it can be used."""

    lesson: int
    slot_minutes: int
    transition_seconds: int
    third: str
    seed: int | None
    errors: tuple[tuple[str, str], ...] = ()

    @classmethod
    def read(cls, sent: Mapping[str, str], usual: "BlockForm") -> "BlockForm":
        """Read a form; what is missing keeps its usual value, what cannot be used is named."""
        errors: list[tuple[str, str]] = []
        minutes = _number(sent, "slot_minutes", usual.slot_minutes, SLOT_MINUTES, "minutes", errors)
        walk = _number(sent, "transition_seconds", usual.transition_seconds, TRANSITION_S, "seconds", errors)
        third = sent.get("third", usual.third)
        return cls(
            lesson=_identifier(sent.get("lesson", "")) or usual.lesson,
            slot_minutes=minutes,
            transition_seconds=walk,
            third=third if third in THIRDS else usual.third,
            seed=_identifier(sent.get("seed", "")),
            errors=tuple(errors),
        )


def _identifier(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < DIGITS else None


def _number(
    sent: Mapping[str, str],
    name: str,
    usual: int,
    limits: tuple[int, int],
    unit: str,
    errors: list[tuple[str, str]],
) -> int:
    text = sent.get(name, str(usual)).strip()
    low, high = limits
    value = _identifier(text)
    if value is None or not low <= value <= high:
        errors.append((name, f"Give a whole number of {unit} from {low} to {high}."))
        return usual
    return value
