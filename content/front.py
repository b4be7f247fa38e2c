"""The head of a bank file: YAML between two ``---`` lines, read with a line number for every fault.

Scalars are taken as the author typed them (``language: no`` is Norwegian, ``code: 4.10`` keeps its zero), and only
the shapes that a bank needs are followed, so that no alias or nesting can blow up.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import TypeVar

import yaml

from content.findings import Faults, suggestion
from content.schema import Bank, Misconception, Skill, Term

BANK_KEYS = ("id", "title", "grade", "language", "licence", "source", "skills", "misconceptions", "glossary")
SKILL_KEYS = ("code", "title", "prerequisites")
MISCONCEPTION_KEYS = ("id", "title", "nudge")
TERM_KEYS = ("word", "meaning", "forms")
REQUIRED = ("id", "title", "grade", "language", "licence", "skills")

ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]{0,99}")
LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")
RULE = "---"
Entry = TypeVar("Entry")
_SHAPE = "Look at docs/authors/bank-format.md for an example."


@dataclass(frozen=True, slots=True)
class Front:
    """What the head of a file says.

    Parameters
    ----------
    bank : Bank
        Without items; parts that could not be read are empty.
    body_from : int
        Index of the first line behind the head.
    lines : dict of (str, str) to int
        Where skills, misconceptions and words are declared: ("skill", code), ("misconception", id) or ("word", word).
    """

    bank: Bank
    body_from: int
    lines: dict[tuple[str, str], int] = field(default_factory=dict)


def read_front(lines: list[str], name: str, faults: Faults) -> Front:
    """Read the head of a file.

    Parameters
    ----------
    lines : list of str
        The whole file.
    name : str
        Id of the bank where the head names none.
    faults : Faults
        Receives what is found.
    """
    if not lines or lines[0].rstrip() != RULE:
        hint = "Start the file with ---, then id, title, grade, language, licence and skills, then --- again."
        faults.add(1, "no-front-matter", "The file does not start with its description", hint)
        return Front(_bank(name), 0)
    end = _end(lines, faults)
    root = _compose("\n".join(lines[1:end]), faults)
    reader = _Reader(faults)
    bank = reader.bank(root, name) if root is not None else _bank(name)
    return Front(bank, min(end + 1, len(lines)) if _is_rule(lines, end) else end, reader.lines)


def _bank(name: str) -> Bank:
    return Bank(name, "", "", "", "")


def _is_rule(lines: list[str], index: int) -> bool:
    return index < len(lines) and lines[index].rstrip() == RULE


def _end(lines: list[str], faults: Faults) -> int:
    """Find the line that closes the head; where none does, the first heading."""
    for index in range(1, len(lines)):
        if _is_rule(lines, index):
            return index
    faults.add(1, "open-front-matter", "The description at the top is never closed", "Put a line --- behind it.")
    headings = (index for index, line in enumerate(lines) if line.startswith("# "))
    return next(headings, len(lines))


def _compose(text: str, faults: Faults) -> yaml.Node | None:
    """Read YAML into nodes, which know their lines; None where it cannot be read."""
    hint = f"Check indentation and colons; put text with a colon in quotes. {_SHAPE}"
    try:
        node: yaml.Node | None = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 2 if error.problem_mark else 1
        faults.add(line, "bad-front-matter", f"The description cannot be read: {error.problem}", hint)
        return None
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, int(error.position)) + 2
        faults.add(line, "bad-front-matter", "There is a character that cannot be printed", "Delete it.")
        return None
    except RecursionError:
        faults.add(1, "bad-front-matter", "The description is nested too deep", _SHAPE)
        return None
    if node is None:
        faults.add(1, "bad-front-matter", "The description is empty", _SHAPE)
    return node


def _line(node: yaml.Node) -> int:
    return int(node.start_mark.line) + 2  # YAML counts from 0 and starts behind the first rule


class _Reader:
    """Follows the nodes of the head and notes every fault."""

    def __init__(self, faults: Faults) -> None:
        self._faults = faults
        self.lines: dict[tuple[str, str], int] = {}

    def bank(self, root: yaml.Node, name: str) -> Bank:
        nodes = self._mapping(root, BANK_KEYS, "the description")
        texts = {key: self._text(nodes, key) for key in BANK_KEYS[:6]}
        self._require(nodes, texts, _line(root))
        self._validate(nodes, texts)
        return Bank(
            texts["id"] or name,
            texts["title"],
            texts["grade"],
            texts["language"],
            texts["licence"],
            texts["source"],
            tuple(self._entries(nodes.get("skills"), "skills", self._skill)),
            tuple(self._entries(nodes.get("misconceptions"), "misconceptions", self._misconception)),
            glossary=tuple(self._entries(nodes.get("glossary"), "glossary entries", self._term)),
        )

    def _require(self, nodes: dict[str, yaml.Node], texts: dict[str, str], line: int) -> None:
        for key in REQUIRED:
            if key not in nodes or (key in texts and not texts[key]):
                where = _line(nodes[key]) if key in nodes else line
                message = f"The description does not say {key}"
                self._faults.add(where, "missing-key", message, f"Add a line '{key}: ...' between the --- lines.")

    def _validate(self, nodes: dict[str, yaml.Node], texts: dict[str, str]) -> None:
        if texts["id"] and not ID.fullmatch(texts["id"]):
            hint = "Use letters, digits, dots and hyphens, such as fractions-and-ratios."
            self._faults.add(_line(nodes["id"]), "bad-id", f"'{texts['id']}' cannot be an id", hint)
        if texts["language"] and not LANGUAGE.fullmatch(texts["language"]):
            message = f"'{texts['language']}' is no language"
            self._faults.add(_line(nodes["language"]), "bad-language", message, "Write a code such as en or pt-BR.")

    def _skill(self, node: yaml.Node) -> Skill | None:
        nodes = self._mapping(node, SKILL_KEYS, "a skill")
        code, title = self._named(node, nodes, "code", "skill")
        prerequisites = self._texts(nodes.get("prerequisites"))
        return Skill(code, title, prerequisites) if code else None

    def _misconception(self, node: yaml.Node) -> Misconception | None:
        nodes = self._mapping(node, MISCONCEPTION_KEYS, "a misconception")
        name, title = self._named(node, nodes, "id", "misconception")
        nudge = self._text(nodes, "nudge")
        if name and not nudge:
            hint = "Add nudge: one short question that makes the student look again."
            self._faults.add(_line(node), "missing-key", f"Misconception '{name}' has no nudge", hint)
        return Misconception(name, title, nudge) if name else None

    def _term(self, node: yaml.Node) -> Term | None:
        nodes = self._mapping(node, TERM_KEYS, "a glossary entry")
        word, meaning = self._text(nodes, "word"), self._text(nodes, "meaning")
        for key, text in (("word", word), ("meaning", meaning)):
            if not text:
                hint = f"Add '{key}: ...' to it."
                self._faults.add(_line(node), "missing-key", f"A glossary entry has no {key}", hint)
        self.lines.setdefault(("word", word), _line(node))
        return Term(word, meaning, self._texts(nodes.get("forms"))) if word else None

    def _named(self, node: yaml.Node, nodes: dict[str, yaml.Node], key: str, what: str) -> tuple[str, str]:
        """Read the name and the title that every skill and misconception has."""
        name, title = self._text(nodes, key), self._text(nodes, "title")
        for field_name, text in ((key, name), ("title", title)):
            if not text:
                hint = f"Add '{field_name}: ...' to it."
                self._faults.add(_line(node), "missing-key", f"A {what} has no {field_name}", hint)
        if name and not ID.fullmatch(name):
            hint = "Use letters, digits, dots and hyphens."
            self._faults.add(_line(node), "bad-id", f"'{name}' cannot be the {key} of a {what}", hint)
        self.lines.setdefault((what, name), _line(node))
        return name, title

    def _mapping(self, node: yaml.Node, known: tuple[str, ...], what: str) -> dict[str, yaml.Node]:
        if not isinstance(node, yaml.MappingNode):
            hint = f"Write {what} as lines 'key: value'. {_SHAPE}"
            self._faults.add(_line(node), "bad-front-matter", f"Here {what} is expected", hint)
            return {}
        found: dict[str, yaml.Node] = {}
        for key_node, value in node.value:
            key = str(key_node.value) if isinstance(key_node, yaml.ScalarNode) else "?"
            self._check_key(key, key_node, known, found, what)
            found[key] = value
        return found

    def _check_key(self, key: str, node: yaml.Node, known: tuple[str, ...], found: Iterable[str], what: str) -> None:
        if key not in known:
            self._faults.add(_line(node), "unknown-key", f"{what} has no '{key}'", suggestion(key, known))
        if key in found:
            self._faults.add(_line(node), "duplicate-key", f"'{key}' is given twice", "Keep one of the two.")

    def _text(self, nodes: dict[str, yaml.Node], key: str) -> str:
        node = nodes.get(key)
        if node is None:
            return ""
        if isinstance(node, yaml.ScalarNode):
            return str(node.value).strip()
        hint = "Put the text in quotes if it holds brackets or colons."
        self._faults.add(_line(node), "bad-front-matter", f"'{key}' must be plain text", hint)
        return ""

    def _texts(self, node: yaml.Node | None) -> tuple[str, ...]:
        """Read ``[a, b]``, a list with hyphens, or a single word."""
        if node is None:
            return ()
        nodes = node.value if isinstance(node, yaml.SequenceNode) else [node]
        texts = (self._text({"prerequisites": each}, "prerequisites") for each in nodes)
        return tuple(text for text in texts if text)

    def _entries(self, node: yaml.Node | None, what: str, read: Callable[[yaml.Node], Entry | None]) -> Iterator[Entry]:
        if node is None:
            return
        if not isinstance(node, yaml.SequenceNode):
            hint = f"Start each of the {what} with a hyphen. {_SHAPE}"
            self._faults.add(_line(node), "bad-front-matter", f"'{what}' must be a list", hint)
            return
        for each in node.value:
            entry = read(each)
            if entry is not None:
                yield entry
