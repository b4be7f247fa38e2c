"""What a bank holds for students with supports: translations, a calculator where it is allowed, words to look up."""

import pytest

from content.check import examine
from content.generators import realise
from content.glossary import with_words
from content.identity import content_hash
from content.parse import parse
from content.render import to_html
from content.schema import Term, Translation
from tests.content.strategies import half
from tests.content.test_parse import HEAD, ITEM, MADE

GLOSSARY = "glossary:\n  - word: half\n    meaning: One of two equal parts.\n    forms: [halves]\n---\n"


def read(item: str, head: str = HEAD):
    parsed = parse(head + item)
    assert parsed.findings == ()
    return parsed.bank


def test_a_translation_is_read_and_a_generator_fills_its_numbers_in() -> None:
    (written,) = read(ITEM.replace("Stem", "Stem\n### Translation es\nUno\n### Translation pt-BR\nUm")).items
    (made,) = read(MADE.replace("Stem [[a]]", "Stem [[a]]\n### Translation es\nUno [[a]]")).items

    assert written.translations == (Translation("es", "Uno"), Translation("pt-BR", "Um"))
    one = realise(made, 3)
    assert one.translations[0].stem.split() == ["Uno", one.stem.split()[1]]


def test_a_calculator_is_allowed_only_where_the_author_says_so() -> None:
    (silent,) = read(ITEM).items
    (allowed,) = read(ITEM.replace("answer: number", "answer: number\ncalculator: yes")).items

    assert (silent.calculator, allowed.calculator) == (False, True)


def test_the_glossary_is_read() -> None:
    bank = read(ITEM, HEAD.removesuffix("---\n") + GLOSSARY)

    assert bank.glossary == (Term("half", "One of two equal parts.", ("halves",)),)


@pytest.mark.parametrize(
    ("old", "new", "code", "line"),
    [
        ("Stem", "Stem\n### Translation\nUno", "bad-language", 6),
        ("Stem", "Stem\n### Translation Spanish!\nUno", "bad-language", 6),
        ("Stem", "Stem\n### Translation es\n", "empty-translation", 6),
        ("Stem", "Stem\n### Translation es\nUno\n### Translation es\nDos", "duplicate-section", 8),
        ("Stem", "Stem\n### Translation es\nUno [[x]]", "unknown-name", 7),
        ("Stem", "Stem\n### Translations es\nUno", "unknown-section", 6),
        ("answer: number", "answer: number\ncalculator: maybe", "bad-calculator", 4),
        ("answer: number", "answer: number\naudio: ../lake.mp3", "bad-audio", 4),
        ("answer: number", "answer: number\naudio: lake.exe", "bad-audio", 4),
    ],
)
def test_a_fault_is_found_on_its_line(old: str, new: str, code: str, line: int) -> None:
    findings = parse(HEAD + ITEM.replace(old, new)).findings

    assert (code, line) in [(one.code, one.line - HEAD.count("\n")) for one in findings]


@pytest.mark.parametrize(
    ("entry", "code"), [("word: half", "missing-key"), ("meaning: x", "missing-key"), ("wort: half", "unknown-key")]
)
def test_a_glossary_entry_without_word_or_meaning_is_found_on_its_line(entry: str, code: str) -> None:
    head = HEAD.removesuffix("---\n") + f"glossary:\n  - {entry}\n---\n"

    assert (code, HEAD.count("\n") + 1) in [(one.code, one.line) for one in parse(head + ITEM).findings]


def test_items_without_supports_keep_the_version_that_they_had_before_there_were_any() -> None:
    assert content_hash(half()) == "5c756b9371ee523275d2476159f734d6def4fcc31664484a9eb1c5404ab3a5c2"


TERMS = (
    Term("number", "How many."),
    Term("mixed number", "Whole and part.", ("mixed numbers",)),
    Term("x", "A letter."),
)


def test_a_word_becomes_a_button_where_it_first_stands() -> None:
    html, found = with_words(to_html("Mixed numbers are a number. A number is $x$."), TERMS)

    assert [word.word for word in found] == ["number", "mixed number"]
    assert html.count("<button") == 2
    assert '>Mixed numbers</button> are a <button type="button"' in html
    assert 'popovertarget="word-0" aria-describedby="word-0">number</button>. A number' in html
    assert "<mi>x</mi>" in html


@pytest.mark.parametrize("text", ["`number`", "$number$", "numbering & unnumbered"])
def test_code_maths_and_parts_of_words_are_left_alone(text: str) -> None:
    assert with_words(to_html(text), TERMS[:1]) == (to_html(text), ())


def test_a_generator_has_no_recording_because_its_numbers_change() -> None:
    findings = examine(HEAD + MADE.replace("answer: number", "answer: number\naudio: lake.mp3")).findings

    assert ("audio-of-generator", 2) in [(one.code, one.line - HEAD.count("\n")) for one in findings]
