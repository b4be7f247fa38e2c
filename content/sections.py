"""The sections of an item: options, expected mistakes and hints, each entry with its line."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from content.blocks import Block, Line
from content.findings import Faults
from content.schema import AnswerTemplate, Kind
from content.settings import ALGEBRA, Settings, check_expression

_OPTION = re.compile(r" {0,2}[-*+][ \t]+(.*)")
_BOX = re.compile(r"\[([ xX]?)\]\s*(.*)", re.DOTALL)
_VALUE = re.compile(r" {0,2}([=!])[ \t]*(.*)")
_HINT = re.compile(r" {0,2}[0-9]{1,3}[.)][ \t]+(.*)")
_PAIR = re.compile(r" {0,2}([-*+!])[ \t]+(.*)")
_ARROW = re.compile(r"\s+(?:->|→)\s+")
_POINT = re.compile(r"\(\s*(.*?)\s*,\s*([^,]*?)\s*\)")
# Braces with a bar in them; those of LaTeX have none.
_GAP = re.compile(r"\{([^{}\n]*\|[^{}\n]*)\}")
_RULE = re.compile(r"\|?(?:\s*:?-+:?\s*\|)*\s*:?-+:?\s*\|?")
# An escaped character, maths, or the braces that name a misconception.
_TAG = re.compile(r"\\.|\$\$.*?\$\$|\$[^$]*\$|\{([^{}\n]*)\}", re.DOTALL)


@dataclass(slots=True)
class Entry:
    """An entry of a section: its marker, its text and the line where it starts."""

    line: int
    match: re.Match[str]
    lines: list[str] = field(default_factory=list)

    def text(self, group: int) -> str:
        """Join what follows the marker (its group `group`) with the lines that continue it."""
        return "\n".join([self.match[group], *self.lines]).strip()


def entries(
    lines: list[Line], marker: re.Pattern[str], indent: int, *, lazy: bool = False
) -> tuple[list[Entry], list[Line]]:
    """Cut the lines of a section at its markers.

    Parameters
    ----------
    marker : pattern
        Matches the whole first line of an entry.
    indent : int
        Spaces taken off the lines that continue an entry.
    lazy : bool
        Whether a line may continue an entry without being indented.

    Returns
    -------
    list of Entry, and the lines that belong to none
    """
    found: list[Entry] = []
    strays: list[Line] = []
    for line in lines:
        match = None if line.fenced else marker.fullmatch(line.text)
        if match:
            found.append(Entry(line.number, match))
        elif found and (lazy or line.blank or line.fenced or line.text[0] == " "):
            found[-1].lines.append(_dedented(line.text, indent))
        elif not line.blank:
            strays.append(line)
    return found, strays


def _dedented(text: str, indent: int) -> str:
    return text[min(indent, len(text) - len(text.lstrip(" "))) :]


def tagged(text: str) -> tuple[str, str | None, str | None]:
    r"""Part an entry into its text, its misconception and its nudge.

    Examples
    --------
    >>> tagged(r"$\frac{1}{4}$ {bigger-is-bigger} Count again.")
    ('$\\frac{1}{4}$', 'bigger-is-bigger', 'Count again.')
    """
    tag = next((match for match in _TAG.finditer(text) if match[1] is not None), None)
    if tag is None:
        return text.strip(), None, None
    return text[: tag.start()].strip(), tag[1].strip() or None, text[tag.end() :].strip() or None


def read_hints(block: Block, faults: Faults) -> list[tuple[str, int]]:
    """Read the numbered list of hints with their lines."""
    found, strays = entries(block.lines, _HINT, 3, lazy=True)
    if strays:
        hint = "Number the hints: '1. Look at ...', and indent lines that belong to one by three spaces."
        faults.add(strays[0].number, "hint-format", "This line is no numbered hint", hint)
    return [(entry.text(1), entry.line) for entry in found if _is_said(entry, faults)]


def _is_said(entry: Entry, faults: Faults) -> bool:
    if not entry.text(1):
        faults.add(entry.line, "empty-hint", "The hint is empty", "Write it, or delete the number.")
    return bool(entry.text(1))


class AnswerReader:
    """Reads the section Answer and notes every fault.

    Parameters
    ----------
    settings : Settings
        With the answer type; where that is missing, the section itself shows it.
    block : Block
    """

    def __init__(self, settings: Settings, faults: Faults, block: Block) -> None:
        self._settings = settings
        self._faults = faults
        self._block = block
        self.lines: dict[tuple[str, int], int] = {}

    def read(self) -> AnswerTemplate:
        """Read the answer; a value that cannot be read is left empty."""
        options, strays = entries(self._block.lines, _OPTION, 6)
        kind = self._settings.kind or ("choice" if options else "")
        if kind in ("choice", "several"):
            return self._choice(options, strays)
        several_parts = {
            "order": self._order,
            "match": self._pairs,
            "sort": self._pairs,
            "cloze": self._cloze,
            "table": self._table,
            "plot": self._plot,
        }
        return several_parts.get(kind, self._typed)()

    def _rows(self, rows: Iterable[tuple[int, tuple[str, ...]]], spare: tuple[str, ...] = ()) -> AnswerTemplate:
        """An answer of several parts, each row with its line."""
        found = list(rows)
        for index, (line, _row) in enumerate(found):
            self.lines["row", index] = line
        settings = self._settings
        return AnswerTemplate(
            settings.kind or "order",
            rows=tuple(row for _line, row in found),
            spare=spare,
            low=settings.low,
            high=settings.high,
            step=settings.step,
        )

    def _order(self) -> AnswerTemplate:
        found, strays = entries(self._block.lines, _HINT, 3)
        for stray in strays:
            self._stray(stray, "order-format", "Number the things in the right order: '1. ...', '2. ...'.")
        return self._rows((entry.line, (entry.text(1),)) for entry in found)

    def _pairs(self) -> AnswerTemplate:
        hint = "Write '- ' and a thing, ' -> ' and where it belongs; '! ' and a partner that fits nothing."
        found, strays = entries(self._block.lines, _PAIR, 2)
        for stray in strays:
            self._stray(stray, "pair-format", hint)
        spare = tuple(entry.text(2) for entry in found if entry.match[1] == "!")
        if spare and self._settings.kind == "sort":
            line = next(entry.line for entry in found if entry.match[1] == "!")
            self._faults.add(line, "spare-box", "A box to sort into that stays empty", "Delete the line.")
        return self._rows((self._pair(entry, hint) for entry in found if entry.match[1] != "!"), spare)

    def _pair(self, entry: Entry, hint: str) -> tuple[int, tuple[str, ...]]:
        left, *right = _ARROW.split(entry.text(2), maxsplit=1)
        if not right:
            self._faults.add(entry.line, "pair-format", "There is no ' -> ' on the line", hint)
        return entry.line, (left.strip(), right[0].strip() if right else "")

    def _cloze(self) -> AnswerTemplate:
        text = self._block.text()
        pieces = _GAP.split(text)
        rows = []
        for before, options in zip(pieces[::2], pieces[1::2], strict=False):
            rows.append((self._block.line, (before, *(option.strip() for option in options.split("|")))))
        if not rows:
            hint = "Write the text with gaps {right | other | other}, the right word first."
            self._faults.add(self._block.line, "no-key", "The text has no gaps", hint)
        return self._rows(rows, (pieces[-1],) if pieces[-1].strip() else ())

    def _table(self) -> AnswerTemplate:
        rows = []
        for line in self._block.lines:
            text = line.text.strip()
            if line.blank or _RULE.fullmatch(text):
                continue
            if not text.startswith("|") or not text.endswith("|") or text == "|":
                self._stray(line, "table-format", "Write rows '| 2 | = 6 |'; '= ' marks a cell to be filled in.")
                continue
            cells = tuple(cell.strip() for cell in re.split(r"(?<!\\)\|", text[1:-1]))
            rows.append((line.number, tuple(self._cell(line.number, cell) for cell in cells)))
        return self._rows(rows)

    def _cell(self, line: int, cell: str) -> str:
        if not cell.startswith("="):
            return cell
        return f"= {self._expression(line, cell[1:], 'The cell') or ''}"

    def _plot(self) -> AnswerTemplate:
        hint = "Write each point as '= (2, 3)'."
        found, strays = entries(self._block.lines, _VALUE, 2)
        for stray in strays:
            self._stray(stray, "point-format", hint)
        rows = []
        for entry in found:
            point = _POINT.fullmatch(entry.text(2))
            if entry.match[1] != "=" or point is None:
                self._faults.add(entry.line, "point-format", "This is no point", hint)
                continue
            values = (self._expression(entry.line, text, "The point") or "" for text in point.groups())
            rows.append((entry.line, tuple(values)))
        return self._rows(rows)

    def _stray(self, line: Line, code: str, hint: str) -> None:
        message = f"'{line.text.strip()[:40]}' cannot be read as part of the answer"
        self._faults.add(line.number, code, message, hint)

    def _choice(self, found: list[Entry], strays: list[Line]) -> AnswerTemplate:
        hint = "Write each option as '- [ ] text', the right one as '- [x] text'."
        for stray in strays:
            self._stray(stray, "option-format", hint)
        options = tuple(self._option(entry, hint) for entry in found)
        for index, entry in enumerate(found):
            self.lines["option", index] = entry.line
        kind: Kind = "several" if self._settings.kind == "several" else "choice"
        return AnswerTemplate(kind, options=options, shuffle=self._settings.shuffle)

    def _option(self, entry: Entry, hint: str) -> tuple[str, bool, str | None, str | None]:
        box = _BOX.fullmatch(entry.text(1))
        if box is None:
            self._faults.add(entry.line, "option-format", "The option has no box [ ]", hint)
        text, misconception, nudge = tagged(box[2] if box else entry.text(1))
        return text, bool(box and box[1] in "xX" and box[1]), misconception, nudge

    def _typed(self) -> AnswerTemplate:
        found, strays = entries(self._block.lines, _VALUE, 2)
        hint = "Write '= ' and the right value, then '! ' and an expected wrong value, '{misconception}', a nudge."
        for stray in strays:
            self._stray(stray, "answer-format", hint)
        values = [entry for entry in found if entry.match[1] == "="]
        mistakes = [entry for entry in found if entry.match[1] == "!"]
        value = self._value(values, hint)
        read = tuple(self._mistakes(mistakes))
        return self._template(value, read)

    def _template(self, value: str, mistakes: tuple[tuple[str, str | None, str | None], ...]) -> AnswerTemplate:
        settings = self._settings
        if settings.kind == "number":
            return AnswerTemplate("number", value, mistakes=mistakes, tolerance=settings.tolerance, unit=settings.unit)
        if settings.kind == "line":
            return AnswerTemplate(
                "line",
                value,
                mistakes=mistakes,
                tolerance=settings.tolerance,
                low=settings.low,
                high=settings.high,
                step=settings.step,
            )
        if settings.kind in ALGEBRA:
            return AnswerTemplate(
                "equation" if settings.kind == "equation" else "expression",
                value,
                mistakes=mistakes,
                form=settings.form,
                variables=settings.variables,
                decimals=settings.decimals,
                solve=settings.solve,
            )
        return AnswerTemplate(
            "fraction",
            value,
            mistakes=mistakes,
            denominator=settings.denominator,
            form=settings.form,
            unit=settings.unit,
        )

    def _value(self, values: list[Entry], hint: str) -> str:
        if not values:
            self._faults.add(self._block.line, "no-key", "The answer has no right value", hint)
            return ""
        for extra in values[1:]:
            self._faults.add(extra.line, "two-keys", "The answer has a second right value", "Keep one of them.")
        text, misconception, nudge = tagged(values[0].text(2))
        if misconception or nudge:
            message = "A right value carries no misconception"
            self._faults.add(values[0].line, "answer-format", message, "Delete what stands behind the value.")
        return self._expression(values[0].line, text, "The right value") or ""

    def _mistakes(self, found: list[Entry]) -> Iterator[tuple[str, str | None, str | None]]:
        index = 0
        for entry in found:
            text, misconception, nudge = tagged(entry.text(2))
            expression = self._expression(entry.line, text, "The expected mistake")
            if expression is not None:
                self.lines["mistake", index] = entry.line
                index += 1
                yield expression, misconception, nudge

    def _expression(self, line: int, text: str, what: str) -> str | None:
        text = " ".join(text.split())
        if self._settings.kind in ALGEBRA:
            if not text:
                self._faults.add(line, "bad-algebra", f"{what} is empty", "Write algebra such as 3(x + 2).")
            return text or None
        fine = check_expression(line, text, self._settings.numbers, self._faults, what=what)
        return text if fine else None
