"""The form in which a teacher gives a student supports, and the list of who has which."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from app.base.errors import InvalidError
from app.rostering.supports import EXTRA_TIMES, Supports, from_stored

CHECKS: Mapping[str, tuple[str, str]] = {
    "read_aloud": ("Read aloud", "A button reads each text. Needs a voice on the device; nothing is sent anywhere."),
    "glossary": ("Glossary", "Words of the bank can be pressed for their meaning."),
    "calculator": ("Calculator", "On items where the author allows one."),
    "large_print": ("Large print", "All text a third larger."),
    "high_contrast": ("High contrast", "Black on white, strong lines."),
    "fewer_options": (
        "Fewer options",
        "One option or more is left out of a choice. Answers count with the higher chance of a guess.",
    ),
    "less_motion": ("Less motion", "Nothing slides or fades."),
}
LANGUAGES: Mapping[str, str] = {
    "ar": "Arabic",
    "de": "German",
    "en": "English",
    "es": "Spanish",
    "fr": "French",
    "ht": "Haitian Creole",
    "ko": "Korean",
    "pl": "Polish",
    "pt": "Portuguese",
    "ru": "Russian",
    "so": "Somali",
    "tr": "Turkish",
    "uk": "Ukrainian",
    "vi": "Vietnamese",
    "zh": "Chinese",
}


@dataclass(frozen=True, slots=True)
class Check:
    """A support that is given or not; `hidden` where the student has put it away."""

    name: str
    label: str
    hint: str
    given: bool
    hidden: bool


@dataclass(frozen=True, slots=True)
class SupportsView:
    """What `live/_supports.html` reads; options are (value, text)."""

    checks: Sequence[Check]
    languages: Sequence[tuple[str, str]]
    language: str
    language_hint: str
    extra_times: Sequence[tuple[str, str]]
    extra_time: str
    words: Sequence[str]
    open: bool
    saved: bool


@dataclass(frozen=True, slots=True)
class StudentRow:
    """A student in the list of a class, with their supports in words."""

    student_id: int
    name: str
    picture: str
    words: Sequence[str]


def language_name(code: str) -> str:
    """Name a language for teachers; one that we have no name for by its code.

    Examples
    --------
    >>> language_name("es"), language_name("pt-BR"), language_name("tlh")
    ('Spanish', 'Portuguese (pt-BR)', 'tlh')
    """
    known = LANGUAGES.get(code.partition("-")[0].lower())
    if known is None:
        return code
    return f"{known} ({code})" if "-" in code else known


def in_words(supports: Supports) -> list[str]:
    """A student's supports as a teacher would say them."""
    found = [label for name, (label, _hint) in CHECKS.items() if supports.has(name)]
    if supports.has("translation"):
        found.append(f"Translation: {language_name(supports.translation)}")
    if supports.has("extra_time"):
        found.append(f"Extra time: {_times(supports.extra_time)}")
    return found


def supports_view(
    supports: Supports, languages: Iterable[str], *, shown: bool = False, saved: bool = False
) -> SupportsView:
    """Show a student's supports as a form; `languages` are those that the banks are translated to."""
    offered = sorted({*languages, *filter(None, [supports.translation])})
    hint = "The question in this language beside it, where the bank has it."
    if not offered:
        hint = "No bank has translations yet."
    if "translation" in supports.hidden and supports.translation:
        hint += " Put away by the student."
    return SupportsView(
        [
            Check(name, label, hint, supports.has(name), supports.has(name) and name in supports.hidden)
            for name, (label, hint) in CHECKS.items()
        ],
        [("", "None"), *((code, language_name(code)) for code in offered)],
        supports.translation,
        hint,
        [("1", "None"), *((f"{times:g}", _times(times)) for times in EXTRA_TIMES)],
        f"{supports.extra_time:g}",
        in_words(supports),
        shown,
        saved,
    )


def _times(factor: float) -> str:
    return f"{factor:g} times as long"


def read_form(sent: Mapping[str, str], languages: Iterable[str]) -> Supports:
    """Read the form.

    Raises
    ------
    InvalidError
        A value is none that the form offers.
    """
    translation, extra_time = sent.get("translation", ""), sent.get("extra_time", "1")
    times = {f"{factor:g}": factor for factor in (1.0, *EXTRA_TIMES)}
    if translation not in ("", *languages) or extra_time not in times:
        raise InvalidError("This form is out of date. Load the page again.")
    checked = {name: sent.get(name) == "1" for name in CHECKS}
    return from_stored({**checked, "translation": translation, "extra_time": times[extra_time]}, ())
