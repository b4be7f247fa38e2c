"""Skills of the bank from OATutor's skill model, with names for people."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256

from content.schema import Skill

_CAPITALS = {"lcd", "gcf", "lcm", "foil", "u.s."}
_NAMES = {"fahrenheit", "celsius"}
_SUPERSCRIPTS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
LONGEST_CODE = 80
"""Characters of a skill's code."""


@dataclass(frozen=True, slots=True)
class Named:
    """The skill of a step, and what had to be decided to find it."""

    skill: Skill
    note: str = ""


def skill_model(raw: object) -> dict[str, tuple[str, ...]]:
    """Read ``skillModel.json``: the names of the skills of each step; whatever is not that is left out."""
    if not isinstance(raw, dict):
        return {}
    return {step: named for step, names in raw.items() if (named := _names(names))}


def _names(raw: object) -> tuple[str, ...]:
    names = raw if isinstance(raw, list) else []
    return tuple(
        name for name in names if isinstance(name, str) and len(name) <= 300 and name.isprintable() and slug(name)
    )


def skill_of(step: str, model: Mapping[str, tuple[str, ...]], lesson: str) -> Named:
    """Find the skill of a step; one made from its lesson where the model names none."""
    names = model.get(step, ())
    if not names:
        title = " ".join(lesson.split()) or "No lesson"
        return Named(Skill(slug(title) or "no-lesson", title), "skill made from the lesson: the skill model names none")
    if len(names) > 1 and any(name.startswith("and_") for name in names):
        whole = ",_".join(names)
        return Named(Skill(slug(whole), title_of(whole)), "skill name put together again: it was split at its commas")
    others = ", ".join(names[1:])
    return Named(Skill(slug(names[0]), title_of(names[0])), f"further skills not kept: {others}" if others else "")


def slug(name: str) -> str:
    """Make a code of lower-case letters, digits and hyphens; a long one is cut and told apart by a digest.

    >>> slug("solve_equations_of_the_form_ax**2_=_k")
    'solve-equations-of-the-form-ax-2-k'
    """
    plain = unicodedata.normalize("NFKD", re.sub("[\u2010-\u2015]", "-", name)).encode("ascii", "ignore").decode()
    code = re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")
    if len(code) <= LONGEST_CODE:
        return code
    return f"{code[: LONGEST_CODE - 7].strip('-')}-{sha256(code.encode()).hexdigest()[:6]}"


def title_of(name: str) -> str:
    """Write a skill's name for people.

    >>> title_of("find_the_x__and_y__intercepts_from_ax**2")
    'Find the x- and y-intercepts from ax²'
    """
    text = re.sub(r"(?<![a-z])([a-z])__(?=and_)", r"\1-_", name)
    text = re.sub(r"(?<![a-z])([a-z])__", r"\1-", text)
    text = re.sub(r"\*\*(\d+)", lambda match: match[1].translate(_SUPERSCRIPTS), text).replace("**", "^")
    whole = " ".join(_cased(word) for word in text.replace("_", " ").split())
    return whole[:1].upper() + whole[1:]


def _cased(word: str) -> str:
    if word in _CAPITALS:
        return word.upper()
    return word.capitalize() if word in _NAMES else word
