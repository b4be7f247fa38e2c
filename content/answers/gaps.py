"""Choose the right word in each of several places: matching, sorting, and gaps in a text."""

from content.answers import parts
from content.answers.results import Given, Mark, Presentation, Slot
from content.schema import Gap, Gaps
from content.stream import Stream

FIELD = "gap"


def orders(answer: Gaps, name: str, seed: int) -> list[list[int]]:
    """List for each gap the author's places of its options in the order in which they are shown.

    Boxes to sort into stay where the author put them; partners are shown in one order for all.
    """
    if answer.kind == "sort":
        return [list(range(len(gap.options))) for gap in answer.gaps]
    if answer.kind == "match":
        shared = Stream(f"{name}/order", seed).order(len(answer.gaps[0].options)) if answer.gaps else []
        return [shared for _gap in answer.gaps]
    return [Stream(f"{name}/gap{at}", seed).order(len(gap.options)) for at, gap in enumerate(answer.gaps)]


def mark(answer: Gaps, given: Given, shown: list[list[int]]) -> Mark:
    """Mark the chosen place in each gap."""
    chosen = [_chosen(given.get(f"{FIELD}{at}", ""), own) for at, own in enumerate(shown)]
    if None in chosen:
        return parts.missing(parts.count(answer))
    found = [place for place in chosen if place is not None]
    right = sum(place == gap.right for place, gap in zip(found, answer.gaps, strict=True))
    return parts.verdict(right, parts.count(answer), right == len(answer.gaps), parts.places(found))


def _chosen(text: str, shown: list[int]) -> int | None:
    values = {str(at): place for at, place in enumerate(shown)}
    return values.get(text.strip())


def present(answer: Gaps, shown: list[list[int]]) -> Presentation:
    """Show the gaps, each with its options."""
    slots = tuple(_slot(gap, at, own) for at, (gap, own) in enumerate(zip(answer.gaps, shown, strict=True)))
    return Presentation(answer.kind, tuple(slot.name for slot in slots), gaps=slots, after=answer.after)


def _slot(gap: Gap, at: int, shown: list[int]) -> Slot:
    options = tuple((str(value), gap.options[place]) for value, place in enumerate(shown))
    return Slot(f"{FIELD}{at}", gap.before, options)


def key(answer: Gaps, shown: list[list[int]]) -> dict[str, str]:
    """Give the form fields of the right answer."""
    return {f"{FIELD}{at}": str(own.index(answer.gaps[at].right)) for at, own in enumerate(shown)}


def wrong(answer: Gaps, shown: list[list[int]], misconception: str | None) -> dict[str, str] | None:
    """Give the form fields with another option than the right one in the first gap that has one."""
    if misconception is not None:
        return None
    fields = key(answer, shown)
    for at, own in enumerate(shown):
        other = next((value for value, place in enumerate(own) if place != answer.gaps[at].right), None)
        if other is not None:
            return {**fields, f"{FIELD}{at}": str(other)}
    return None


def said(answer: Gaps, chosen: str) -> str:
    """The words of a stored answer."""
    found = zip(answer.gaps, chosen.split(","), strict=False)
    words = [gap.options[place] for gap, text in found for place in parts.read_places(text, len(gap.options))]
    return ", ".join(words)
