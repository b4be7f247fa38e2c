r"""Author's text as HTML: Markdown, and ``$maths$`` as MathML, which browsers lay out and screen readers speak.

Nothing in a text can load, link or run anything: raw HTML, links and pictures are switched off, and what comes out
is cleaned once more against a list of allowed elements.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from xml.etree.ElementTree import Element

import nh3
from latex2mathml.converter import convert, convert_to_element
from markdown_it import MarkdownIt
from markdown_it.token import Token
from mdit_py_plugins.dollarmath import dollarmath_plugin

MAX_FORMULA = 1000

_TEXT_TAGS = "p em strong br hr blockquote ul ol li code pre table thead tbody tr th td h3 h4 h5 h6"
_MATHS_TAGS = (
    "math mrow mfrac mn mi mo mtext msqrt mroot msup msub msubsup mover munder munderover mtable mtr mtd mstyle "
    "mspace mpadded mphantom menclose mmultiscripts mprescripts none"
)
_TAGS = set(f"{_TEXT_TAGS} {_MATHS_TAGS}".split())
_ATTRIBUTES = {
    "math": {"display"},
    "mo": {"stretchy", "fence", "form", "accent", "lspace", "rspace", "minsize", "maxsize", "largeop"},
    "mi": {"mathvariant"},
    "mstyle": {"displaystyle", "scriptlevel"},
    "mfrac": {"linethickness"},
    "mspace": {"width"},
    "mpadded": {"width", "height", "depth", "lspace", "voffset"},
    "mtable": {"columnalign", "columnlines", "rowlines"},
    "mtd": {"columnalign"},
    "mover": {"accent"},
    "menclose": {"notation"},
    "ol": {"start"},
}
_ARGUMENTS = {"mfrac": 2, "mroot": 2, "msup": 2, "msub": 2, "mover": 2, "munder": 2, "msubsup": 3, "munderover": 3}
_COMMAND = re.compile(r"\\[A-Za-z]+")
_LINK = re.compile(r"!?\[[^\[\]]*\]\([^()\s]*[:/.][^()\s]*\)")
_HTML = re.compile(r"</?[A-Za-z][^<>]*>")


class MathsError(ValueError):
    """A formula that cannot be read."""


@dataclass(frozen=True, slots=True)
class TextFault:
    """Something in a text that a student would see as garbage."""

    code: str
    message: str
    hint: str


@lru_cache(maxsize=4096)
def to_mathml(formula: str, *, display: bool = False) -> str:
    r"""Turn a formula into MathML.

    Raises
    ------
    MathsError
        When it cannot be read, or holds a command that nobody knows.

    Examples
    --------
    >>> "<mfrac>" in to_mathml(r"\frac{1}{2}")
    True
    """
    if len(formula) > MAX_FORMULA:
        raise MathsError(f"it has more than {MAX_FORMULA} characters")
    _check_braces(formula)
    try:
        elements = convert_to_element(formula)
        mathml = str(convert(formula, display="block" if display else "inline"))
    except Exception as error:  # the converter raises whatever it trips over, IndexError and RecursionError too
        raise MathsError("brackets or arguments are missing") from error
    _check_elements(elements)
    return mathml


def _check_braces(formula: str) -> None:
    """Refuse unpaired braces, which the converter closes by itself where it likes."""
    depth = 0
    for brace in re.sub(r"\\.", "", formula):
        depth += (brace == "{") - (brace == "}")
        if depth < 0:
            break
    if depth:
        raise MathsError("a brace { } has no partner")


def _check_elements(root: Element) -> None:
    """Refuse what the converter lets pass: unknown commands, and a fraction without a denominator."""
    for element in root.iter():
        unknown = _COMMAND.search(element.text or "")
        if unknown:
            raise MathsError(f"{unknown[0]} is not known")
        if len(element) != _ARGUMENTS.get(element.tag, len(element)):
            raise MathsError("brackets or arguments are missing")


def _render_maths(formula: str, *, display: bool) -> str:
    """Render one formula; a checked bank never gets to the second branch."""
    try:
        return to_mathml(formula, display=display)
    except MathsError:
        return f"<code>{escape(formula)}</code>"


def _maths_rule(_: object, tokens: Sequence[Token], index: int, *__: object) -> str:
    """Render a formula bare: the plugin's own rule puts a div into paragraphs."""
    token = tokens[index]
    return _render_maths(token.content.strip(), display=token.type != "math_inline")


def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False}).enable("table")
    parser.disable(["link", "image", "autolink", "reference"])
    # Without spaces and digits at its edges, "$5 and $6" stays money.
    parser.use(
        dollarmath_plugin,
        allow_labels=False,
        allow_space=False,
        allow_digits=False,
        double_inline=True,
    )
    for kind in ("math_inline", "math_inline_double", "math_block"):
        parser.add_render_rule(kind, _maths_rule)
    return parser


_PARSER = _parser()
# Keeps escaped characters apart from text, so that \$ can be told from a dollar sign without a partner.
_CHECKER = _parser().disable("text_join")


def _clean(html: str) -> str:
    return nh3.clean(html, tags=_TAGS, attributes=_ATTRIBUTES, link_rel=None, strip_comments=True)


@lru_cache(maxsize=8192)
def to_html(text: str) -> str:
    """Render a text of paragraphs, lists and tables to clean HTML."""
    return _clean(_PARSER.render(text)).strip()


@lru_cache(maxsize=8192)
def to_inline_html(text: str) -> str:
    """Render an option, a hint or a nudge to clean HTML without a paragraph around it."""
    return _clean(_PARSER.renderInline(text)).strip()


def text_faults(text: str) -> tuple[TextFault, ...]:
    r"""List what a student could not read in a text.

    Examples
    --------
    >>> [fault.code for fault in text_faults("It costs $5.")]
    ['open-dollar']
    """
    return tuple(fault for token in _CHECKER.parse(text) for fault in _token_faults(token))


def _token_faults(token: Token) -> Iterator[TextFault]:
    tokens = [token, *(token.children or [])]
    for each in tokens:
        if each.type.startswith("math_"):
            yield from _formula_faults(each)
    yield from _plain_faults("".join(map(_plain, tokens)))


def _plain(token: Token) -> str:
    """Give the words of a token; a character that the author escaped is none of them."""
    if token.type == "text":
        return token.content
    is_word = token.type == "text_special" and token.content.startswith("\\") and len(token.content) > 1
    return token.content if is_word else " "


def _formula_faults(token: Token) -> Iterator[TextFault]:
    try:
        to_mathml(token.content.strip(), display=token.type != "math_inline")
    except MathsError as error:
        message = f"The formula ${token.content.strip()[:60]}$ cannot be read: {error}"
        yield TextFault("bad-maths", message, r"Write maths as LaTeX, such as $\frac{1}{2}$.")


def _plain_faults(text: str) -> Iterator[TextFault]:
    if "$" in text:
        hint = r"Close maths with a second $, with no space inside: $\frac{1}{2}$. For money write \$5."
        yield TextFault("open-dollar", f"A dollar sign has no partner near '{_near(text, '$')}'", hint)
    command = _COMMAND.search(text)
    if command:
        hint = r"Put maths between dollar signs: $\frac{1}{2}$."
        yield TextFault("bare-maths", f"{command[0]} stands outside dollar signs", hint)
    link = _LINK.search(text)
    if link:
        hint = "Say it in words; a student's page loads nothing from elsewhere."
        yield TextFault("no-links", f"{link[0][:40]} would be a link or a picture", hint)
    tag = _HTML.search(text)
    if tag:
        hint = "Use Markdown: *emphasis*, lists, tables; put a space behind < in a comparison."
        yield TextFault("raw-html", f"HTML such as {tag[0][:30]} is shown as it is, not applied", hint)


def _near(text: str, mark: str) -> str:
    place = text.index(mark)
    return text[max(0, place - 15) : place + 15].strip()
