"""Words that a student may look up, found where they stand in a text.

A word becomes a button inside the text, and its meaning a pop-up beside it that the browser itself opens and closes:
by pointer, by keyboard, without script. The button is described by its meaning, so a screen reader says it at once.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from content.render import to_inline_html
from content.schema import Term

_TAG = re.compile(r"(<[^>]*>)")
# What stands in these is no running text.
_SKIPPED = ("math", "code", "pre")


@dataclass(frozen=True, slots=True)
class Word:
    """A word that was found.

    Parameters
    ----------
    id : str
        Of the element with the meaning.
    word : str
        As in the glossary.
    meaning_html : str
    """

    id: str
    word: str
    meaning_html: str


@lru_cache(maxsize=1024)
def term_pattern(term: Term) -> re.Pattern[str]:
    """Find a word and its other forms as whole words, large or small letters.

    Examples
    --------
    >>> bool(term_pattern(Term("sum", "What plus gives.", ("sums",))).search("Two Sums."))
    True
    >>> bool(term_pattern(Term("sum", "What plus gives.")).search("summer"))
    False
    """
    # Longer forms first: of "number line" and "number" the one that is meant is the longer.
    forms = sorted((form for form in (term.word, *term.forms) if form), key=len, reverse=True)
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, forms))})(?!\w)", re.IGNORECASE)


@lru_cache(maxsize=4096)
def with_words(html: str, glossary: Sequence[Term], prefix: str = "word") -> tuple[str, tuple[Word, ...]]:
    """Make buttons of the words of a glossary where they first stand in clean HTML.

    Parameters
    ----------
    html : str
        From `content.render.to_html`.
    glossary : tuple of Term
    prefix : str
        Of the ids; tells the words of one text on a page from those of another.

    Returns
    -------
    (str, tuple of Word)
        The HTML, and the words that were found in it, in the glossary's order.

    Examples
    --------
    >>> html, (word,) = with_words("<p>A sum.</p>", (Term("sum", "What plus gives."),))
    >>> word
    Word(id='word-0', word='sum', meaning_html='What plus gives.')
    """
    pieces = _TAG.split(html)
    found: list[Word] = []
    # Longer words first, so that "number line" is not cut by "number"; what is a button already is left alone.
    for place, term in sorted(enumerate(glossary), key=lambda entry: -len(entry[1].word)):
        word = Word(f"{prefix}-{place}", term.word, to_inline_html(term.meaning))
        if _replace_first(pieces, term_pattern(term), word):
            found.append(word)
    return "".join(pieces), tuple(sorted(found, key=lambda word: int(word.id.rpartition("-")[2])))


def _replace_first(pieces: list[str], pattern: re.Pattern[str], word: Word) -> bool:
    """Put a button in place of the first match in running text; says whether there was one."""
    for place in _running_text(pieces):
        match = pattern.search(pieces[place])
        if match:
            before, after = pieces[place][: match.start()], pieces[place][match.end() :]
            button = (
                f'<button type="button" class="word" popovertarget="{word.id}" aria-describedby="{word.id}">',
                match[0],
                "</button>",
            )
            pieces[place : place + 1] = [before, *button, after]
            return True
    return False


def _running_text(pieces: Sequence[str]) -> Iterable[int]:
    """Places of the pieces that are running text: no tag, no maths, no code, no button."""
    depth = 0
    for place, piece in enumerate(pieces):
        tag = re.match(r"<(/?)([a-z0-9]+)", piece)
        if tag is None:
            if depth == 0:
                yield place
        elif tag[2] in (*_SKIPPED, "button"):
            depth += -1 if tag[1] else 1
