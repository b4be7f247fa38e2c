"""A text as a voice should say it: formulas become words, because voices read two stacked numbers as one.

Only what is said differs from what is shown; nothing here adds to a text.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from html.parser import HTMLParser

_BLOCKS = frozenset(["p", "li", "tr", "h3", "h4", "h5", "h6", "blockquote", "pre", "br"])
_CELLS = frozenset(("td", "th"))
_PLAIN_FRACTION = re.compile(r"(?<![\w/.])(?:(\d+) )?(\d+)/(\d+)(?![\w/])")


@dataclass(frozen=True, slots=True)
class Words:
    """What signs and fractions are called in a language.

    Parameters
    ----------
    parts : mapping of int to (str, str)
        What a denominator is called after 1, and after other numbers.
    """

    over: str
    joined: str
    power: str
    root: str
    signs: Mapping[str, str]
    parts: Mapping[int, tuple[str, str]]

    def fraction(self, top: str, bottom: str) -> str:
        """Say a fraction: "3 fourths", or "a over b" where there is no name for it."""
        name = self.parts.get(int(bottom)) if bottom.isdecimal() and top.isdecimal() else None
        return f"{top} {self.over} {bottom}" if name is None else f"{top} {name[top != '1']}"


def _plural(names: str, end: str = "s") -> dict[int, tuple[str, str]]:
    return {bottom: (name, name + end) for bottom, name in enumerate(names.split(), start=2)}


_ENGLISH = Words(
    "over",
    "and",
    "to the power of",
    "square root of",
    {
        "+": "plus", "-": "minus", "\u2212": "minus", "\u00d7": "times", "⋅": "times", "·": "times", "÷": "divided by",
        "=": "equals", "<": "is less than", ">": "is more than", "≤": "is at most", "≥": "is at least", "?": "blank",
        "%": "percent",
    },
    _plural("half third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth") | {2: ("half", "halves")}
    | {100: ("hundredth", "hundredths")},
)  # fmt: skip
_SPANISH = Words(
    "sobre",
    "y",
    "elevado a",
    "raíz cuadrada de",
    {
        "+": "más", "-": "menos", "\u2212": "menos", "\u00d7": "por", "⋅": "por", "·": "por", "÷": "entre",
        "=": "es igual a", "<": "es menor que", ">": "es mayor que", "≤": "es como mucho", "≥": "es al menos",
        "?": "hueco", "%": "por ciento",
    },
    _plural("medio tercio cuarto quinto sexto séptimo octavo noveno décimo onceavo doceavo")
    | {100: ("centésimo", "centésimos")},
)  # fmt: skip
# A voice of any other language names the signs itself.
_OTHERS = Words("/", "", "^", "√", {}, {})
LANGUAGES: Mapping[str, Words] = {"en": _ENGLISH, "es": _SPANISH}


@lru_cache(maxsize=4096)
def spoken(html: str, language: str) -> str:
    r"""Give the words of clean HTML, one sentence or paragraph a line.

    Parameters
    ----------
    html : str
        From `content.render`.
    language : str
        BCP 47; signs are named in English and Spanish.

    Examples
    --------
    >>> from content.render import to_html
    >>> spoken(to_html(r"What is $2\frac{3}{4} - \frac{1}{2}$?"), "en")
    'What is 2 and 3 fourths minus 1 half?'
    """
    words = LANGUAGES.get(language.partition("-")[0].lower(), _OTHERS)
    reader = _Reader()
    reader.feed(html)
    reader.close()
    text = "".join(_of_text(reader.root, words))
    lines = (re.sub(r"\s+([,.;:?!])", r"\1", " ".join(line.split())) for line in text.split("\n"))
    return "\n".join(line for line in lines if line)


@dataclass(slots=True)
class _Node:
    tag: str
    children: list["_Node | str"] = field(default_factory=list)


class _Reader(HTMLParser):
    """Builds the tree of a text that is known to be well-formed."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = _Node("")
        self._open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        node = _Node(tag)
        self._open[-1].children.append(node)
        if tag not in ("br", "hr", "mspace", "none"):
            self._open.append(node)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._open[-1].children.append(_Node(tag))

    def handle_endtag(self, tag: str) -> None:
        if len(self._open) > 1 and self._open[-1].tag == tag:
            self._open.pop()

    def handle_data(self, data: str) -> None:
        self._open[-1].children.append(data)


def _of_text(node: _Node, words: Words) -> Iterator[str]:
    """Say a part of the text outside formulas."""
    for child in node.children:
        if isinstance(child, str):
            yield _PLAIN_FRACTION.sub(lambda found: _plain_fraction(found, words), child)
        elif child.tag == "math":
            yield f" {_formula(child, words)} "
        else:
            yield from _of_text(child, words)
            yield "\n" if child.tag in _BLOCKS else ", " if child.tag in _CELLS else ""


def _plain_fraction(found: re.Match[str], words: Words) -> str:
    whole, top, bottom = found.groups()
    part = words.fraction(top, bottom)
    return part if whole is None else f"{whole} {words.joined} {part}"


def _formula(node: _Node, words: Words) -> str:
    """Say a formula or a part of one."""
    parts = [child for child in node.children if isinstance(child, _Node)]
    if not parts:
        text = "".join(child for child in node.children if isinstance(child, str)).strip()
        return words.signs.get(text, text) if node.tag in ("mo", "mi") else text
    said = [_formula(part, words) for part in parts]
    if node.tag == "mfrac" and len(said) == 2:
        return words.fraction(*said)
    if node.tag == "msup" and len(said) == 2:
        return f"{said[0]} {words.power} {said[1]}"
    if node.tag == "msqrt":
        return f"{words.root} {' '.join(said)}"
    return " ".join(_with_and(parts, said, words))


def _with_and(parts: list[_Node], said: list[str], words: Words) -> Iterator[str]:
    """Join the whole number of a mixed number to its fraction."""
    for place, (part, text) in enumerate(zip(parts, said, strict=True)):
        if part.tag == "mfrac" and place and parts[place - 1].tag == "mn" and words.joined:
            yield words.joined
        yield text
