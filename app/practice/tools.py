"""What a student's supports put on the page, beside the question itself."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from app.bank.catalogue import Catalogue
from app.practice.aids import may_calculate, translation_of
from app.rostering.supports import HIDEABLE, Supports
from content.glossary import Word, with_words
from content.render import to_html
from content.schema import Item
from content.speech import spoken

WORDS: Mapping[str, tuple[str, str]] = {
    "read_aloud": ("Voice", "volume-2"),
    "glossary": ("Word help", "book-open"),
    "translation": ("My language", "languages"),
    "calculator": ("Calculator", "calculator"),
    "large_print": ("Big text", "a-large-small"),
    "high_contrast": ("Strong lines", "contrast"),
    "fewer_options": ("Fewer answers", "list-minus"),
    "less_motion": ("Nothing moves", "pause"),
}
"""What each support is called for students, and its icon."""


@dataclass(frozen=True, slots=True)
class Tool:
    """A support that the student can put away or take out; `out` says which it is now."""

    name: str
    words: str
    icon: str
    out: bool


@dataclass(frozen=True, slots=True)
class Tools:
    """What `practice/_tools.html` reads.

    Parameters
    ----------
    buttons : sequence of Tool
    open : bool
        Whether the panel with the buttons is open.
    contrast, print, motion : str
        How the whole page looks: "more", "large", "less", or empty.
    language : str
        Of the bank; empty where nothing is to be read aloud.
    stem_say : str
        The question and its options as a voice says them; with `language` only.
    translation_html, translation_language, translation_say : str
        Empty where there is none.
    words : sequence of Word
        Words that are buttons in the texts of the page.
    calculator : bool
    audio : str
        Name of the author's recording of the question; empty where there is none.
    said : mapping of str to str
        The texts of the card as a voice says them, by name: stem, worked, nudge, solution, hint0, hint1, ...
    """

    buttons: Sequence[Tool] = ()
    open: bool = False
    contrast: str = ""
    print: str = ""
    motion: str = ""
    language: str = ""
    stem_say: str = ""
    translation_html: str = ""
    translation_language: str = ""
    translation_say: str = ""
    words: Sequence[Word] = ()
    calculator: bool = False
    audio: str = ""
    said: Mapping[str, str] = field(default_factory=dict)

    def say(self, html: str) -> str:
        """A text as a voice says it; empty where nothing is to be read aloud."""
        return spoken(html, self.language) if self.language and html else ""


NO_TOOLS = Tools()


def tools_for(supports: Supports, catalogue: Catalogue | None) -> Tools:
    """What holds for every card of a student."""
    return Tools(
        buttons=[Tool(name, *WORDS[name], supports.on(name)) for name in HIDEABLE if supports.has(name)],
        contrast="more" if supports.on("high_contrast") else "",
        print="large" if supports.on("large_print") else "",
        motion="less" if supports.on("less_motion") else "",
        language=catalogue.language if catalogue is not None and supports.on("read_aloud") else "",
    )


def with_item(
    tools: Tools, supports: Supports, item: Item, stem_html: str, options: Sequence[tuple[str, str]]
) -> Tools:
    """Add what belongs to an item that is asked; `options` are (letter, HTML)."""
    said = [f"{letter}: {tools.say(html)}" for letter, html in options]
    found = translation_of(item, supports)
    translated = to_html(found.stem) if found is not None else ""
    language = found.language if found is not None else ""
    return replace(
        tools,
        stem_say="\n".join([tools.say(stem_html), *said]) if tools.language else "",
        translation_html=translated,
        translation_language=language,
        translation_say=spoken(translated, language) if tools.language and translated else "",
        calculator=may_calculate(item, supports),
        audio=item.audio if tools.language else "",
    )


def with_help(
    tools: Tools, supports: Supports, catalogue: Catalogue, texts: Mapping[str, str]
) -> tuple[Tools, Mapping[str, str]]:
    """Make buttons of glossary words in the texts of a card, by name; returns the texts with them."""
    if not supports.on("glossary") or not catalogue.glossary:
        return tools, texts
    made = {name: with_words(html, catalogue.glossary, f"word-{name}") for name, html in texts.items()}
    words = [word for _html, found in made.values() for word in found]
    return replace(tools, words=words), {name: html for name, (html, _found) in made.items()}
