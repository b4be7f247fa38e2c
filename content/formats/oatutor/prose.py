r"""OATutor's text as Markdown: ``$$x**2$$`` becomes ``$x^{2}$``, and whatever Markdown would misread is escaped.

OATutor's texts mix three notations: LaTeX between double dollars, Python-like maths (``a**2``, ``sqrt(x)``) in running
text, and pictures named ``##figure1.gif##``. A line break is a real one or the two characters ``\n``.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from content.formats.oatutor.faults import UnusableError

_PICTURE = re.compile(r"##\s*([^#\n]{1,200}?)\s*(?:##|(?=\n|$))|\bimage\d+\b")
_WRITTEN_BREAK = re.compile(r"\\n(?!eq|(?:e|i|u|ot|abla)\b)")
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+")
_IN_BRACKETS = re.compile(r"\s*\([^()]*\$\$variable=answer\$\$[^()]*\)")
_ABOUT_NAMING = re.compile(r"\$\$variable=answer\$\$|\bmultiple answers\b", re.IGNORECASE)
_SUPERSCRIPTS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
_SPECIAL = re.compile(r"[\\`*_\[\]<>$~]|&(?=#?\w+;)")
_LINE_START = re.compile(r"^(#|[-+=](?=\s|$|[-=])|\d{1,9}(?=[.)](?:\s|$)))")
_WORD = re.compile(r"[A-Za-z]{4,}")

Rule = tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]]

_IN_TEXT: tuple[Rule, ...] = (
    (re.compile(r" ?\\neq(?![A-Za-z]) ?"), " ≠ "),
    (re.compile(r"-->"), " → "),
    (re.compile(r"\*\*\s?(\d{1,4})\b"), lambda match: match[1].translate(_SUPERSCRIPTS)),
    (re.compile(r"\*\*"), "^"),
    (re.compile(r"\bsqrt(?=\()"), "√"),
    (re.compile(r"(?<=[(\[,-])-?inf\b"), lambda match: match[0].replace("-inf", "-∞").replace("inf", "∞")),
    (re.compile(r"(?<=[\w)])(?:\*| \* )(?=[\w($])|^\s*\*\s*$"), " · "),
)
_IN_MATHS: tuple[Rule, ...] = (
    (re.compile(r"\\!|\\big[lr]?(?![A-Za-z])"), ""),
    (re.compile(r"\\operatorname\{(-?[\d.]+)\}"), r"\1"),
    (re.compile(r"\*\*\s?(-?\d+|[A-Za-z](?![A-Za-z]))"), r"^{\1}"),
    (re.compile(r"\*\*"), "^"),
    (re.compile(r"\*"), r"\\cdot "),
    (re.compile(r"(?<!\\text)(?<!\\texttt)(?<!\\operatorname)\{([A-Za-z]{3,})\}"), r"{\\text{\1}}"),
    (re.compile(r"(?<![_^]\d)(?<=\d) ?(?=\\d?frac)"), r"\\cdot "),  # the source never writes mixed numbers
    (re.compile(r"\[(?=\[)|\](?=\])"), r"\g<0> "),
    (re.compile(r"(?<!\\)\$"), r"\\$"),
)


@dataclass(frozen=True, slots=True)
class Prose:
    """A text of the source, ready for a bank.

    Parameters
    ----------
    text : str
        Markdown with ``$maths$``; paragraphs parted by an empty line.
    pictures : tuple of str
        Names of pictures that stood in the text and were taken out.
    """

    text: str
    pictures: tuple[str, ...] = ()


def prose(raw: str) -> Prose:
    r"""Rewrite a text of the source in the bank's Markdown.

    Raises
    ------
    UnusableError
        If the double dollars do not pair.

    Examples
    --------
    >>> prose(r"Evaluate $$x**2$$ at $5 a*b\n##figure1.gif##")
    Prose(text='Evaluate $x^{2}$ at \\$5 a · b', pictures=('figure1.gif',))
    """
    pictures = tuple(match[1] or match[0] for match in _PICTURE.finditer(raw))
    pieces = _PICTURE.sub(" ", raw).split("$$")
    if len(pieces) % 2 == 0:
        raise UnusableError("broken maths: the $$ do not pair")
    return Prose(_paragraphs(_joined(_pieces(pieces))), pictures)


def line(raw: str) -> str:
    """Rewrite a text that must stay on one line, such as an option."""
    return " ".join(prose(raw).text.split())


def without_sentences(text: str, about: re.Pattern[str]) -> str:
    """Leave out the sentences in which the pattern is found.

    >>> without_sentences("Look at the image. Add 0.5 to it.", re.compile("image"))
    'Add 0.5 to it.'
    """
    paragraphs = (_SENTENCE_END.split(paragraph) for paragraph in text.split("\n\n"))
    kept = (" ".join(one for one in sentences if not about.search(one)) for sentences in paragraphs)
    return "\n\n".join(paragraph for paragraph in kept if paragraph)


def without_naming(raw: str) -> str:
    """Leave out of a source's text how to write ``variable=answer``, since only the number is typed here."""
    return without_sentences(_IN_BRACKETS.sub("", raw), _ABOUT_NAMING)


def _pieces(pieces: list[str]) -> Iterator[str]:
    for place, piece in enumerate(pieces):
        yield _maths(piece) if place % 2 else _words(piece)


def _joined(pieces: Iterator[str]) -> str:
    """Put words and formulas together in turn; a formula that touches another or a digit would not be seen as one."""
    whole = ""
    for place, piece in enumerate(pieces):
        before, after = whole[-1:], piece[:1]
        inside = place % 2 == 1 and after == "$"
        behind = place % 2 == 0 and before == "$" and not whole.endswith("\\$")
        touching = (inside and (before.isdigit() or before == "$")) or (behind and after.isdigit())
        whole += f" {piece}" if touching else piece
    return whole


def _paragraphs(text: str) -> str:
    lines = (" ".join(line.split()) for line in text.split("\n"))
    return "\n\n".join(_LINE_START.sub(_escaped_start, line) for line in lines if line)


def _escaped_start(match: re.Match[str]) -> str:
    """Escape what would open a heading, a rule or a list: for ``1.`` the dot, otherwise the sign."""
    return f"{match[0]}\\" if match[0].isdigit() else f"\\{match[0]}"


def _words(piece: str) -> str:
    return _escaped(_apply(_IN_TEXT, _WRITTEN_BREAK.sub("\n", piece).replace("\r", "\n")))


def _escaped(text: str) -> str:
    return _SPECIAL.sub(r"\\\g<0>", text)


def _maths(piece: str) -> str:
    tex = " ".join(piece.split())
    if named := re.fullmatch(r"([a-z])-intercept(s?)", tex):
        return f"${named[1]}$-intercept{named[2]}"
    if _is_wording(tex):
        return _escaped(tex.replace("\\$", "$"))
    tex = _apply(_IN_MATHS, tex).strip()
    return f"${tex}$" if tex else ""


def _is_wording(tex: str) -> bool:
    r"""Tell words, blanks and prices that were wrapped as maths (``\\$7.60``, ``___``, ``distance=rate time``)."""
    plain = tex.replace("\\$", "$")
    if "\\" in plain:
        return False
    return bool(_WORD.search(plain) or re.fullmatch(r"_+|\$[\d.,]+", plain))


def _apply(rules: tuple[Rule, ...], text: str) -> str:
    for pattern, replacement in rules:
        text = pattern.sub(replacement, text)
    return text
