"""The ``key: value`` lines under an item's heading: how the answer is marked, and the numbers of a generator."""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Literal, get_args

from content.blocks import Line
from content.expressions import ExpressionError, is_name, parse
from content.findings import Faults, suggestion
from content.recordings import NAME as RECORDING
from content.recordings import TYPES
from content.schema import Form, Kind, Parameter

ITEM_KEYS = (
    "answer",
    "difficulty",
    "form",
    "denominator",
    "tolerance",
    "unit",
    "shuffle",
    "calculator",
    "audio",
    "from",
    "to",
    "step",
    "variables",
    "decimals",
    "solve",
    "family",
    "source",
    "licence",
    "param",
    "let",
    "where",
)
KINDS: tuple[Kind, ...] = get_args(Kind)
ALGEBRA = ("expression", "equation")
FORMS: tuple[Form, ...] = ("any", "simplest", "factored", "expanded")
WIDEST = 10**9
HARDEST = 10

# Keys that mean something for some answer types only.
_BELONGS = {
    "form": ("fraction", "expression"),
    "denominator": ("fraction",),
    "tolerance": ("number", "line"),
    "unit": ("number", "fraction"),
    "shuffle": ("choice", "several"),
    "from": ("line", "plot"),
    "to": ("line", "plot"),
    "step": ("line", "plot"),
    "variables": ALGEBRA,
    "decimals": ("expression",),
    "solve": ("equation",),
}
# The ends of a number line are `from` and `to` for authors; the first of them is a word of Python.
_FIELDS = {"from": "low", "to": "high"}
_EXPRESSIONS = ("denominator", "tolerance", "from", "to", "step")
_NAMED = ("param", "let")
_REPEATABLE = ("param", "let", "where")
_SETTING = re.compile(r"([A-Za-z]+)(?:[ \t]+([^\s:]+))?[ \t]*:(?:[ \t]+(.*?))?[ \t]*")
_RANGE = re.compile(r"(-?[0-9]{1,12})\s*\.\.\s*(-?[0-9]{1,12})")
_LETTER = re.compile("[A-Za-z]")
_YES = {"yes": True, "true": True, "on": True, "no": False, "false": False, "off": False}


@dataclass(frozen=True, slots=True)
class Setting:
    """One ``key name: value`` line."""

    line: int
    key: str
    name: str
    value: str


@dataclass(slots=True)
class Settings:
    """What the lines under a heading say; what could not be read has its default.

    Parameters
    ----------
    kind : str
        Answer type; empty where none is given.
    numbers : set of str
        Names that texts and answers may use.
    """

    kind: Kind | Literal[""] = ""
    difficulty: float | None = None
    form: Form = "any"
    denominator: str = ""
    tolerance: str = ""
    unit: str = ""
    shuffle: bool = True
    calculator: bool = False
    audio: str = ""
    low: str = ""
    high: str = ""
    step: str = ""
    variables: tuple[str, ...] = ()
    decimals: bool = True
    solve: str = ""
    family: str = ""
    source: str = ""
    licence: str = ""
    parameters: list[Parameter] = field(default_factory=list)
    lets: list[tuple[str, str]] = field(default_factory=list)
    conditions: list[str] = field(default_factory=list)
    numbers: set[str] = field(default_factory=set)


def split(lines: list[Line], faults: Faults) -> tuple[list[Setting], list[Line]]:
    """Part the settings of an item from its stem, which starts behind the first empty line."""
    start = next((index for index, line in enumerate(lines) if not line.blank), len(lines))
    found: list[Setting] = []
    for index, line in enumerate(lines[start:], start=start):
        if line.blank:
            return found, lines[index:]
        setting = _setting(line)
        if setting is None:
            return found, _stem_too_early(lines[index:], faults)
        found.append(setting)
    return found, []


def _setting(line: Line) -> Setting | None:
    match = _SETTING.fullmatch(line.text)
    if not match or (match[2] and match[1].lower() not in _NAMED):
        return None
    return Setting(line.number, match[1].lower(), match[2] or "", match[3] or "")


def _stem_too_early(lines: list[Line], faults: Faults) -> list[Line]:
    hint = "Under the heading write lines 'key: value', then an empty line, then the question."
    faults.add(lines[0].number, "bad-setting", f"'{lines[0].text.strip()[:40]}' is no 'key: value' line", hint)
    return lines


def check_expression(line: int, text: str, numbers: set[str] | frozenset[str], faults: Faults, *, what: str) -> bool:
    """Note an expression that cannot be read, names a number nobody declared, or fails without any numbers."""
    try:
        expression = parse(text)
        if not numbers and not expression.names:
            expression.number({})
    except ExpressionError as error:
        note(line, text, error, faults, what=what)
        return False
    return check_names(line, expression.names, numbers, faults, what=what)


def check_names(
    line: int, names: frozenset[str], numbers: set[str] | frozenset[str], faults: Faults, *, what: str
) -> bool:
    """Note names that nobody declared."""
    unknown = sorted(names - numbers)
    for name in unknown:
        hint = suggestion(name, sorted(numbers)) if numbers else f"Add a line 'param {name}: 2..9'."
        faults.add(line, "unknown-name", f"{what} uses '{name}', which is not declared", hint)
    return not unknown


def note(line: int, text: str, error: ExpressionError, faults: Faults, *, what: str) -> None:
    """Turn the fault of an expression into a finding with its column."""
    where = f" (character {error.column} of '{text}')" if error.column else f" ('{text}')"
    faults.add(line, error.code, f"{what}: {error.message}{where}", "Write it like (a + b) / 12.")


class SettingsReader:
    """Reads the settings of one item and notes every fault."""

    def __init__(self, faults: Faults) -> None:
        self._faults = faults
        self.settings = Settings()

    def read(self, found: list[Setting], heading: int) -> Settings:
        """Read all settings; `heading` is the line of the item."""
        for setting in self._once(found):
            self._read_one(setting)
        self._numbers(found)
        self._check_kind(found, heading)
        for name in _EXPRESSIONS:
            self._check_value(found, name)
        return self.settings

    def _once(self, found: list[Setting]) -> Iterator[Setting]:
        """Pass known keys that are not repeated, and note the rest."""
        seen: set[str] = set()
        for setting in found:
            if setting.key not in ITEM_KEYS:
                hint = f"{suggestion(setting.key, ITEM_KEYS)} An empty line parts these lines from the question."
                self._faults.add(setting.line, "unknown-key", f"There is no '{setting.key}' line", hint)
            elif setting.key in seen:
                message = f"'{setting.key}' is given twice"
                self._faults.add(setting.line, "duplicate-key", message, "Keep one of the two.")
            elif setting.key not in _REPEATABLE:
                seen.add(setting.key)
                yield setting

    def _read_one(self, setting: Setting) -> None:
        reader = getattr(self, f"_read_{setting.key}", None)
        if not setting.value and setting.key != "answer":
            hint = "Write something behind the colon, or delete the line."
            self._faults.add(setting.line, "empty-value", f"'{setting.key}' has no value", hint)
        elif reader:
            reader(setting)
        else:
            setattr(self.settings, _FIELDS.get(setting.key, setting.key), setting.value)

    def _read_answer(self, setting: Setting) -> None:
        kind = next((kind for kind in KINDS if kind == setting.value), None)
        if kind:
            self.settings.kind = kind
        else:
            message = f"'{setting.value}' is no answer type"
            self._faults.add(setting.line, "bad-answer-type", message, suggestion(setting.value, KINDS))

    def _read_difficulty(self, setting: Setting) -> None:
        try:
            value = float(setting.value)
        except ValueError:
            value = math.nan
        if abs(value) <= HARDEST:
            self.settings.difficulty = value
            return
        hint = "Write logits: -2 is very easy, 0 is as hard as the average item, 2 is very hard."
        self._faults.add(setting.line, "bad-difficulty", f"'{setting.value}' is no difficulty", hint)

    def _read_form(self, setting: Setting) -> None:
        form = next((form for form in FORMS if form == setting.value), None)
        if form:
            self.settings.form = form
        else:
            message = f"'{setting.value}' is no form"
            self._faults.add(setting.line, "bad-form", message, suggestion(setting.value, FORMS))

    def _read_shuffle(self, setting: Setting) -> None:
        self._read_yes_or_no(setting, "Write no.")

    def _read_calculator(self, setting: Setting) -> None:
        self._read_yes_or_no(setting, "Write yes where a calculator leaves the skill itself to the student.")

    def _read_decimals(self, setting: Setting) -> None:
        self._read_yes_or_no(setting, "Write no where the numbers have to be whole or fractions.")

    def _read_variables(self, setting: Setting) -> None:
        letters = tuple(setting.value.replace(",", " ").split())
        odd = next((letter for letter in letters if not _LETTER.fullmatch(letter)), None)
        if odd is None:
            self.settings.variables = tuple(dict.fromkeys(letters))
            return
        hint = "Write single letters: 'variables: x, y'."
        self._faults.add(setting.line, "bad-variable", f"'{odd}' is not one letter", hint)

    def _read_yes_or_no(self, setting: Setting, hint: str) -> None:
        value = _YES.get(setting.value.lower())
        if value is None:
            self._faults.add(setting.line, f"bad-{setting.key}", f"'{setting.value}' is neither yes nor no", hint)
        else:
            setattr(self.settings, setting.key, value)

    def _read_audio(self, setting: Setting) -> None:
        if RECORDING.fullmatch(setting.value):
            self.settings.audio = setting.value
            return
        hint = f"Write the name of a file beside the bank that ends in {', '.join(TYPES)}, without a folder."
        self._faults.add(setting.line, "bad-audio", f"'{setting.value}' is no name of a recording", hint)

    def _check_kind(self, found: list[Setting], heading: int) -> None:
        if not any(setting.key == "answer" for setting in found):
            hint = f"Add a line such as 'answer: choice' under the heading; there are {', '.join(KINDS)}."
            self._faults.add(heading, "no-answer-type", "The item does not say its answer type", hint)
        for setting in found:
            kinds = _BELONGS.get(setting.key)
            if kinds and self.settings.kind and self.settings.kind not in kinds:
                message = f"'{setting.key}' means nothing for a {self.settings.kind} answer"
                self._faults.warn(setting.line, "idle-key", message, "Delete the line.")
        if self.settings.kind in ("line", "plot"):
            self._check_line(heading)
        if self.settings.kind == "fraction" and self.settings.form not in FORMS[:2]:
            line = next(setting.line for setting in found if setting.key == "form")
            message = f"A fraction cannot be asked for as '{self.settings.form}'"
            self._faults.add(line, "bad-form", message, suggestion(self.settings.form, FORMS[:2]))

    def _check_line(self, heading: int) -> None:
        """A number line, or the axes of a grid, need their ends and the distance of their marks."""
        for key in ("from", "to", "step"):
            if not getattr(self.settings, _FIELDS.get(key, key)):
                what = "number line" if self.settings.kind == "line" else "grid"
                hint = f"Say where the {what} begins, ends and has marks: 'from: 0', 'to: 2', 'step: 1/4'."
                self._faults.add(heading, "no-line", f"The {what} has no '{key}' line", hint)

    def _check_value(self, found: list[Setting], key: str) -> None:
        for setting in found:
            if setting.key == key and setting.value:
                check_expression(setting.line, setting.value, self.settings.numbers, self._faults, what=f"'{key}'")

    def _numbers(self, found: list[Setting]) -> None:
        """Read the numbers of a generator: parameters first, whatever the order of the lines."""
        for key, read in (("param", self._parameter), ("let", self._let), ("where", self._where)):
            for setting in found:
                if setting.key == key:
                    read(setting)
        others = [setting for setting in found if setting.key in ("let", "where")]
        if others and not any(setting.key == "param" for setting in found):
            hint = "Add a line such as 'param a: 2..9', or delete this one."
            self._faults.add(others[0].line, "no-param", "Only an item with param lines has numbers", hint)

    def _declare(self, setting: Setting) -> bool:
        if not is_name(setting.name):
            hint = f"Write '{setting.key} a: ...' with a name of letters, digits and _."
            self._faults.add(setting.line, "bad-name", f"'{setting.name}' cannot name a number", hint)
            return False
        if setting.name in self.settings.numbers:
            message = f"There are two numbers '{setting.name}'"
            self._faults.add(setting.line, "duplicate-name", message, "Give one of them another name.")
            return False
        self.settings.numbers.add(setting.name)
        return True

    def _parameter(self, setting: Setting) -> None:
        if not self._declare(setting):
            return
        span = _RANGE.fullmatch(setting.value)
        parameter = self._range(setting, span) if span else self._choices(setting)
        if parameter:
            self.settings.parameters.append(parameter)

    def _range(self, setting: Setting, span: re.Match[str]) -> Parameter | None:
        low, high = int(span[1]), int(span[2])
        if low <= high and max(abs(low), abs(high)) <= WIDEST:
            return Parameter(setting.name, low, high)
        hint = f"Write the smaller number first, such as 2..9, within {WIDEST}."
        self._faults.add(setting.line, "bad-param", f"'{setting.value}' is no range", hint)
        return None

    def _choices(self, setting: Setting) -> Parameter | None:
        values: list[Fraction] = []
        for part in setting.value.split(","):
            try:
                values.append(parse(part.strip()).number({}))
            except ExpressionError as error:
                hint = "Write a range such as 2..9, or numbers such as 2, 3, 5, 1/2."
                message = f"'{part.strip()}' is no number: {error.message}"
                self._faults.add(setting.line, "bad-param", message, hint)
                return None
        return Parameter(setting.name, choices=tuple(values))

    def _let(self, setting: Setting) -> None:
        what = f"'let {setting.name}'"
        known = frozenset(self.settings.numbers)
        fine = self._declare(setting)
        if check_expression(setting.line, setting.value, known, self._faults, what=what) and fine:
            self.settings.lets.append((setting.name, setting.value))

    def _where(self, setting: Setting) -> None:
        if check_expression(setting.line, setting.value, self.settings.numbers, self._faults, what="'where'"):
            self.settings.conditions.append(setting.value)
