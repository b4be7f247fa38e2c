"""Reads a bank as its author wrote it: every fault with its line and what to do, and all that could be read.

The format is described for authors in ``docs/authors/bank-format.md``. Reading looks at one item at a time; what
concerns the meaning of the whole bank is the task of `content.check`.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from content.blocks import Block, Line, blocks, join
from content.expressions import ExpressionError, Shown, parse_shown
from content.findings import Faults, in_order, suggestion
from content.front import ID, LANGUAGE, read_front
from content.generators import settle
from content.placeholders import fill, find, show
from content.schema import AnswerTemplate, Bank, Finding, Generator, Item, Parsed, Translation
from content.sections import AnswerReader, read_hints
from content.settings import ALGEBRA, Settings, SettingsReader, check_names, note, split

MAX_BYTES = 5_000_000
SECTIONS = ("answer", "hints", "solution", "translation")
TRANSLATION = "translation"


@dataclass(slots=True)
class Layout:
    """Where the parts of a bank stand in its file, for findings of later checks.

    Parameters
    ----------
    declared : dict
        ("skill", code), ("misconception", id) or ("word", word) to line.
    parts : dict
        (line of the item, part, index) to line, where part is stem, translation, answer, option, mistake, hint
        or solution.
    opened : set of str
        Codes of skills whose heading was read, declared or not.
    faulty : set of int
        Lines of items in which a fault was found already; there is no use in trying their seeds.
    unread : list of Generator
        Outlines of items that are missing from the bank, because their answer could not be read.
    """

    declared: dict[tuple[str, str], int] = field(default_factory=dict)
    parts: dict[tuple[int, str, int], int] = field(default_factory=dict)
    opened: set[str] = field(default_factory=set)
    faulty: set[int] = field(default_factory=set)
    unread: list[Generator] = field(default_factory=list)

    def line(self, item: int, part: str, index: int = 0) -> int:
        """Find the line of a part of the item on line `item`; the item's own where it is not known."""
        return self.parts.get((item, part, index), item)


def parse(text: str, *, name: str = "") -> Parsed:
    """Read a bank from text.

    Parameters
    ----------
    text : str
        The whole file.
    name : str
        Id of the bank where the file names none, such as the name of the file.

    Returns
    -------
    Parsed
        The bank, partial where there were faults, and the findings sorted by line. No text raises.
    """
    return parse_with_layout(text, name)[0]


def read(path: Path) -> Parsed:
    """Read a bank from a file; a file that cannot be read is a finding, not an exception."""
    text, fault = read_text(path)
    return Parsed(Bank(path.stem, "", "", "", ""), (fault,)) if fault else parse(text, name=path.stem)


def read_text(path: Path) -> tuple[str, Finding | None]:
    """Read the text of a file, or say what is the matter with it."""
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        reason = error.strerror or "it is not there"
        return "", Finding(0, "no-file", f"{path.name} cannot be read: {reason}", "Check the path.")
    if len(data) > MAX_BYTES:
        return "", Finding(0, "too-large", f"{path.name} has more than 5 MB", "Split it into several banks.")
    try:
        return data.decode("utf-8-sig"), None
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        hint = "Save the file as UTF-8 in your editor."
        return "", Finding(line, "bad-encoding", "The file is not UTF-8 text", hint)


def parse_with_layout(text: str, name: str = "") -> tuple[Parsed, Layout]:
    """Read a bank and remember where its parts stand."""
    faults = Faults()
    lines = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    front = read_front(lines, name, faults)
    reader = _BodyReader(front.bank, faults)
    reader.layout.declared = front.lines
    bank = reader.read(blocks(lines, front.body_from, faults))
    return Parsed(bank, in_order(faults.sorted())), reader.layout


@dataclass(slots=True)
class _Draft:
    """An item while it is read."""

    heading: Block
    skill: str
    sections: dict[str, Block] = field(default_factory=dict)


class _BodyReader:
    """Reads skills and items from blocks."""

    def __init__(self, bank: Bank, faults: Faults) -> None:
        self._bank = bank
        self._faults = faults
        self._examples: dict[str, str] = {}
        self.layout = Layout()

    def read(self, found: list[Block]) -> Bank:
        drafts = self._drafts(found)
        items = [item for item in map(self._item, drafts) if item is not None]
        skills = tuple(replace(skill, example=self._examples.get(skill.code, "")) for skill in self._bank.skills)
        return replace(self._bank, skills=skills, items=tuple(items))

    def _drafts(self, found: list[Block]) -> list[_Draft]:
        """Gather the blocks of each item."""
        drafts: list[_Draft] = []
        skill, current = "", None
        for block in found:
            if block.level == 0:
                self._preamble(block)
            elif block.level == 1:
                skill, current = self._skill(block), None
            elif block.level == 2:
                current = self._start(block, skill)
                drafts.append(current)
            else:
                self._section(block, current)
        return drafts

    def _preamble(self, block: Block) -> None:
        stray = next((line for line in block.lines if not line.blank), None)
        if stray:
            hint = "Move it below a skill (# CODE), or into a comment <!-- -->."
            self._faults.add(stray.number, "stray-text", "This text belongs to no skill", hint)

    def _skill(self, block: Block) -> str:
        code, example = block.title, block.text()
        self.layout.opened.add(code)
        if self._bank.skill(code) is None:
            hint = suggestion(code, [skill.code for skill in self._bank.skills])
            message = f"The skill '{code}' is not declared at the top of the file"
            self._faults.add(block.line, "unknown-skill", message, hint)
        if example and self._examples.get(code):
            hint = "Put all of it under the first heading of the skill."
            self._faults.add(block.line, "second-example", f"'{code}' has two worked examples", hint)
        self._examples[code] = self._examples.get(code) or example
        return code

    def _start(self, block: Block, skill: str) -> _Draft:
        if not ID.fullmatch(block.title):
            hint = "Write '## ' and a short id of letters, digits, dots and hyphens, such as half-of-a-half."
            self._faults.add(block.line, "bad-id", f"'{block.title}' cannot be the id of an item", hint)
        if not skill:
            self.layout.opened.add(skill)
            hint = "Put a heading '# CODE' of a skill above it."
            self._faults.add(block.line, "no-skill", f"The item '{block.title}' stands under no skill", hint)
        return _Draft(block, skill)

    def _section(self, block: Block, current: _Draft | None) -> None:
        name = _section_name(block.title)
        if current is None:
            hint = "Put a heading '## item-id' above it."
            self._faults.add(block.line, "stray-section", f"'{block.title}' belongs to no item", hint)
        elif name.partition(" ")[0] not in SECTIONS:
            hint = suggestion(block.title, [section.title() for section in SECTIONS])
            message = f"An item has no section '{block.title}'"
            self._faults.add(block.line, "unknown-section", message, hint)
        elif name in current.sections:
            message = f"The item has two sections '{block.title}'"
            self._faults.add(block.line, "duplicate-section", message, "Keep one of the two.")
        else:
            current.sections[name] = block

    def _item(self, draft: _Draft) -> Item | Generator | None:
        before = len(self._faults)
        item = _ItemReader(draft, self._faults, self.layout).read()
        if len(self._faults) > before:
            self.layout.faulty.add(draft.heading.line)
        return item


def _section_name(title: str) -> str:
    """Name a section as its reader looks it up: ``answer``, ``translation es``."""
    name, _, language = title.partition(" ")
    return f"{TRANSLATION} {language.strip()}" if name.lower() == TRANSLATION else title.lower().replace(" ", "-")


class _ItemReader:
    """Reads one item."""

    def __init__(self, draft: _Draft, faults: Faults, layout: Layout) -> None:
        self._draft = draft
        self._faults = faults
        self._layout = layout
        self._line = draft.heading.line
        self._before = len(faults)
        self._settings = Settings()

    def read(self) -> Item | Generator | None:
        found, stem = split(self._draft.heading.lines, self._faults)
        self._settings = SettingsReader(self._faults).read(found, self._line)
        self._locate("stem", stem)
        self._check_texts(stem)
        template, hints, solution = self._answer(), self._hints(), self._solution()
        common = self._common(join(stem), hints, solution) | {"translations": tuple(self._translations())}
        outline = self._generator(common, template)
        if any(setting.key == "param" for setting in found):
            return outline
        item = self._written(common, template) if template else None
        self._layout.unread += [] if item else [outline]
        return item

    def _locate(self, part: str, lines: list[Line], index: int = 0) -> None:
        first = next((line.number for line in lines if not line.blank), self._line)
        self._layout.parts[self._line, part, index] = first

    def _answer(self) -> AnswerTemplate | None:
        block = self._draft.sections.get("answer")
        if block is None:
            hint = "Add '### Answer' and below it the options, or '= ' and the right value."
            self._faults.add(self._line, "no-answer", "The item has no section Answer", hint)
            return None
        self._layout.parts[self._line, "answer", 0] = block.line
        worded = ("choice", *ALGEBRA)
        self._check_texts(line for line in block.lines if self._settings.kind in worded or "{" in line.text)
        reader = AnswerReader(self._settings, self._faults, block)
        template = reader.read()
        for (part, index), line in reader.lines.items():
            self._layout.parts[self._line, part, index] = line
        return template

    def _hints(self) -> tuple[str, ...]:
        block = self._draft.sections.get("hints")
        if block is None:
            return ()
        self._check_texts(block.lines)
        hints = read_hints(block, self._faults)
        for index, (_, line) in enumerate(hints):
            self._layout.parts[self._line, "hint", index] = line
        return tuple(text for text, _ in hints)

    def _solution(self) -> str:
        block = self._draft.sections.get("solution")
        if block is None:
            return ""
        self._locate("solution", block.lines)
        self._check_texts(block.lines)
        return block.text()

    def _translations(self) -> Iterator[Translation]:
        """Read the stem's translations in their order."""
        found = [(name, block) for name, block in self._draft.sections.items() if name.startswith(TRANSLATION)]
        for index, (name, block) in enumerate(found):
            language, stem = name.partition(" ")[2], block.text()
            self._layout.parts[self._line, TRANSLATION, index] = block.line
            self._check_texts(block.lines)
            if not LANGUAGE.fullmatch(language):
                message = f"'{language}' is no language" if language else "The translation does not say its language"
                self._faults.add(block.line, "bad-language", message, "Write a code: '### Translation es'.")
            elif not stem:
                hint = "Write the question in that language below the heading, or delete the heading."
                self._faults.add(block.line, "empty-translation", "The translation is empty", hint)
            else:
                yield Translation(language, stem)

    def _check_texts(self, lines: Iterable[Line]) -> None:
        """Note every ``[[expression]]`` that cannot be read, line by line."""
        for line in lines:
            for placeholder in find(line.text):
                self._check_placeholder(line.number, placeholder.source)

    def _check_placeholder(self, line: int, source: str | None) -> None:
        if source is None:
            self._faults.add(line, "open-brackets", "[[ is not closed with ]]", "Write [[a + b]] in one line.")
            return
        what = f"[[{source}]]"
        try:
            shown = parse_shown(source)
            if check_names(line, shown.names, self._settings.numbers, self._faults, what=what):
                self._try(shown)
        except ExpressionError as error:
            note(line, source, error, self._faults, what=what)

    def _try(self, shown: Shown) -> None:
        """Work out what stands in a written item, so that a fault is found on its own line."""
        if not self._settings.numbers:
            show(shown, {}, maths=True)

    def _common(self, stem: str, hints: tuple[str, ...], solution: str) -> dict[str, Any]:
        settings = self._settings
        return {
            "id": self._draft.heading.title,
            "skill": self._draft.skill,
            "stem": stem,
            "hints": hints,
            "solution": solution,
            "difficulty": settings.difficulty,
            "family": settings.family or self._draft.heading.title,
            "line": self._line,
            "source": settings.source,
            "licence": settings.licence,
            "calculator": settings.calculator,
            "audio": settings.audio,
        }

    def _generator(self, common: dict[str, Any], template: AnswerTemplate | None) -> Generator:
        settings = self._settings
        return Generator(
            **common,
            answer=template or AnswerTemplate("number"),
            parameters=tuple(settings.parameters),
            lets=tuple(settings.lets),
            conditions=tuple(settings.conditions),
        )

    def _written(self, common: dict[str, Any], template: AnswerTemplate) -> Item | None:
        """Make a written item; the constants in its texts are worked out here and now."""
        try:
            answer = settle(template)
        except ExpressionError as error:
            if len(self._faults) == self._before:  # else the fault is known already, with its own line
                note(self._line, template.value, error, self._faults, what="The answer")
            return None
        texts = {key: _filled(common[key]) for key in ("stem", "solution")}
        hints = tuple(map(_filled, common["hints"]))
        translations = tuple(Translation(each.language, _filled(each.stem)) for each in common["translations"])
        return Item(**{**common, **texts, "hints": hints, "translations": translations}, answer=answer)


def _filled(text: str) -> str:
    """Fill in the constants; where that fails, a finding says so already."""
    try:
        return fill(text, {})
    except ExpressionError:
        return text
