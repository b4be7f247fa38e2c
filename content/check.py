"""What must hold for a bank before a student sees it: keys, names, texts, and every seed of every generator.

Reading (`content.parse`) finds what cannot be read; this finds what makes no sense. Both are reported together by
`examine`.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

from content.findings import Fault, Faults, in_order, suggestion
from content.glossary import term_pattern
from content.parse import Layout, parse_with_layout, read_text
from content.render import text_faults
from content.schema import Bank, Finding, Generator, Item, Parsed
from content.soundness import item_faults
from content.trials import outline_faults, trial_faults

MAX_HINTS = 3
# Maths between dollar signs, and what a generator fills in outside of it; escaped dollars are money.
_FORMULA = re.compile(r"(?<!\\)\$[^$]*\$|\[\[[^\[\]]*\]\]")


def examine(text: str, name: str = "") -> Parsed:
    """Read a bank and check it: all findings of both, sorted by line.

    Parameters
    ----------
    text : str
        The whole file.
    name : str
        Id of the bank where the file names none.
    """
    parsed, layout = parse_with_layout(text, name)
    return Parsed(parsed.bank, in_order((*parsed.findings, *_check(parsed.bank, layout))))


def examine_file(path: Path) -> Parsed:
    """Read and check a file; one that cannot be read is a finding, not an exception."""
    text, fault = read_text(path)
    return Parsed(Bank(path.stem, "", "", "", ""), (fault,)) if fault else examine(text, path.stem)


def check(bank: Bank) -> tuple[Finding, ...]:
    """Find what makes no sense in a bank, sorted by line.

    Returns
    -------
    tuple of Finding
        Errors keep the bank from being published, warnings do not. Lines are those of the items' headings; 0 for
        what concerns the bank. `examine` knows the exact lines.
    """
    return _check(bank, Layout())


def _check(bank: Bank, layout: Layout) -> tuple[Finding, ...]:
    faults = Faults()
    _check_head(bank, layout, faults)
    _check_prerequisites(bank, layout, faults)
    _check_items(bank, layout, faults)
    _check_glossary(bank, layout, faults)
    return faults.sorted()


def _repeated(names: Iterable[str]) -> list[str]:
    return [name for name, count in Counter(names).items() if count > 1]


def _check_head(bank: Bank, layout: Layout, faults: Faults) -> None:
    """Check what the top of the file declares."""
    names = {
        "skill": [skill.code for skill in bank.skills],
        "misconception": [misconception.id for misconception in bank.misconceptions],
        "word": [word.casefold() for term in bank.glossary for word in (term.word, *term.forms)],
    }
    for what, declared in names.items():
        for name in _repeated(declared):
            line = layout.declared.get((what, name), 0)
            faults.add(line, f"duplicate-{what}", f"The {what} '{name}' is declared twice", "Delete one of them.")
    texts = [("skill", skill.code, skill.example) for skill in bank.skills]
    texts += [("misconception", each.id, each.nudge) for each in bank.misconceptions]
    texts += [("word", each.word, each.meaning) for each in bank.glossary]
    for what, name, text in texts:
        for fault in text_faults(text):
            message = f"Text of the {what} '{name}': {fault.message}"
            faults.add(layout.declared.get((what, name), 0), fault.code, message, fault.hint)


def _check_prerequisites(bank: Bank, layout: Layout, faults: Faults) -> None:
    codes = [skill.code for skill in bank.skills]
    graph = {skill.code: set(skill.prerequisites) & set(codes) for skill in bank.skills}
    for skill in bank.skills:
        for name in skill.prerequisites:
            if name not in graph:
                message = f"'{skill.code}' needs '{name}', which is not declared"
                line = layout.declared.get(("skill", skill.code), 0)
                faults.add(line, "unknown-prerequisite", message, suggestion(name, codes))
    while cycle := _cycle(graph):
        line = layout.declared.get(("skill", cycle[0]), 0)
        message = f"Skills need each other in a circle: {' needs '.join(cycle)}"
        faults.add(line, "prerequisite-cycle", message, "Delete one of these prerequisites.")
        graph[cycle[0]].discard(cycle[1])  # so that the next circle is found too


def _cycle(graph: dict[str, set[str]]) -> list[str]:
    """Find a circle, from each skill to the one that it needs; empty where there is none."""
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        circle: list[str] = error.args[1]
        return circle[::-1]
    return []


def _check_items(bank: Bank, layout: Layout, faults: Faults) -> None:
    lines: dict[str, int] = {}
    items = sorted((*bank.items, *layout.unread), key=lambda item: item.line)
    for item in items:
        if item.id in lines:
            first = f", the first on line {lines[item.id]}" if lines[item.id] else ""
            message = f"There are two items '{item.id}'{first}"
            faults.add(item.line, "duplicate-id", message, "Give one of them another id.")
        lines.setdefault(item.id, item.line)
        for fault in _item_faults(item, bank, layout):
            note = faults.warn if fault.warning else faults.add
            note(layout.line(item.line, fault.part, fault.index), fault.code, fault.message, fault.hint)
    for skill in bank.skills:
        if not any(item.skill == skill.code for item in items):
            line = layout.declared.get(("skill", skill.code), 0)
            message = f"The skill '{skill.code}' has no items"
            faults.warn(line, "empty-skill", message, f"Write items below a heading '# {skill.code}'.")


def _check_glossary(bank: Bank, layout: Layout, faults: Faults) -> None:
    """Remark on words that no question or example uses, which are mostly spelt in another way there."""
    items = (*bank.items, *layout.unread)
    texts = [text for item in items for text in (item.stem, *item.hints, item.solution)]
    used = "\n".join((*texts, *(skill.example for skill in bank.skills)))
    for term in bank.glossary:
        if term.word and not term_pattern(term).search(used):
            line = layout.declared.get(("word", term.word), 0)
            hint = "Delete it, or list under 'forms' how the items spell it."
            faults.warn(line, "unused-word", f"No item uses the word '{term.word}'", hint)


def _translation_faults(item: Item | Generator, bank: Bank) -> Iterator[Fault]:
    """Check that a translation is one, and that it says the same maths."""
    for index, each in enumerate(item.translations):
        if each.language.casefold() == bank.language.casefold():
            message = f"The bank itself is in '{each.language}'"
            yield Fault("own-language", message, "Delete the translation.", "translation", index)
        if Counter(_FORMULA.findall(each.stem)) != Counter(_FORMULA.findall(item.stem)):
            message = f"The translation to '{each.language}' has other maths than the question"
            hint = "Copy everything between dollar signs and in [[ ]] from the question."
            yield Fault("translation-maths", message, hint, "translation", index, warning=True)


def _item_faults(item: Item | Generator, bank: Bank, layout: Layout) -> Iterator[Fault]:
    yield from _frame_faults(item, bank, layout)
    yield from _translation_faults(item, bank)
    known = [misconception.id for misconception in bank.misconceptions]
    if isinstance(item, Item):
        yield from item_faults(item, known)
    elif item.line in layout.faulty:
        yield from outline_faults(item, known)
    else:
        yield from trial_faults(item, known)


def _frame_faults(item: Item | Generator, bank: Bank, layout: Layout) -> Iterator[Fault]:
    """Check what does not depend on numbers."""
    if bank.skill(item.skill) is None and item.skill not in layout.opened:
        hint = suggestion(item.skill, [skill.code for skill in bank.skills])
        yield Fault("unknown-skill", f"The skill '{item.skill}' is not declared", hint)
    if not item.stem:
        hint = "Write it below the settings, behind an empty line."
        yield Fault("no-stem", "The item has no question", hint)
    if len(item.hints) > MAX_HINTS:
        message = f"The item has {len(item.hints)} hints; students get at most {MAX_HINTS}"
        hint = "Join or delete some; let the last one be a worked step."
        yield Fault("too-many-hints", message, hint, "hint", MAX_HINTS)
    if item.audio and isinstance(item, Generator):
        hint = "Delete 'audio', or write the item out without param lines."
        yield Fault("audio-of-generator", "A recording cannot say the numbers that a generator draws", hint)
    if not item.solution:
        hint = "Add '### Solution': students read it after a second miss."
        yield Fault("no-solution", "The item has no worked solution", hint, warning=True)
    if item.difficulty is None:
        hint = "Add a line 'difficulty: 0' in logits: -2 is very easy, 2 is very hard."
        yield Fault("no-difficulty", "Nobody said how hard the item is", hint, warning=True)
