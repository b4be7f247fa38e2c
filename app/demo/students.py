"""Who the simulated students are and what they answer; pure, and the same for history and for the live lesson.

A student's learner follows from the demo's seed and the student's class and name, so that every process draws the same
one. What they have learnt since is added by how often they have answered.
"""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Literal

import numpy as np

from content import answers as marking
from content.schema import Algebra, Answer, Choice, FractionAnswer, Item, Number, NumberLine, mistakes_of, options_of
from models.ability import Prior
from models.irt import ItemParams
from models.simulate import Learner, draw_class, responds

SECOND_TRY = 0.45
"""Chance that a nudge helps somebody who was wrong."""
HINT_HELPS = 0.6
"""Chance that hints lead to the right answer."""
SECOND_TRY_SHARE = 0.6
"""A second try takes this share of the time of a first."""
Part = Literal["weak", "guesser", "dreamer", "hinter"]
PARTS: tuple[Part, ...] = ("weak", "guesser", "dreamer", "hinter")
"""Parts that someone in each class plays, so that every state of the board can be seen."""
EVERY = 12
"""One student in so many plays a given part: two in a class."""
LEVEL = 0.9
"""Logits above the mean of the population: most of these classes have met most of this."""
CLASS = Prior(general_variance=0.25, skill_variance=0.4)
"""Logits**2. Students of one class differ less than those of all classes together."""
WEAK = 1.6
"""Logits that a weak learner is below it in every skill, at the least."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What a student does with a question.

    Parameters
    ----------
    fields : mapping
        The answer's form fields.
    seconds : float
        Time it takes, without hints and dreams.
    hints : int
        Opened before the answer.
    drifts, asks : bool
        Drifts off for a while; raises a hand.
    """

    fields: Mapping[str, str]
    seconds: float
    hints: int
    drifts: bool = False
    asks: bool = False


def random_for(*names: object) -> np.random.Generator:
    """Random numbers that depend on these names alone, alike in every process."""
    digest = hashlib.sha256(":".join(map(str, names)).encode()).digest()
    return np.random.default_rng(int.from_bytes(digest[:8], "big"))


def learner_of(
    seed: int, class_name: str, name: str, place: int, skills: Sequence[str], misconceptions: Sequence[str]
) -> Learner:
    """The learner behind a student before their first answer.

    Parameters
    ----------
    seed : int
        Of the demo.
    place : int
        The student's place in the class; some places play a part.
    skills, misconceptions : sequence of str
        Codes of the bank, in any order.
    """
    rng = random_for(seed, class_name, name)
    [drawn] = draw_class(1, sorted(skills), rng, misconceptions=sorted(misconceptions), prior=CLASS)
    learner, part = shifted(drawn, LEVEL), part_of(place)
    return learner if part is None else play(learner, part)


def part_of(place: int) -> Part | None:
    """The part that a student plays, by place in the class; most play none."""
    part = place % EVERY
    return PARTS[part] if part < len(PARTS) else None


def shifted(learner: Learner, by: float) -> Learner:
    """The learner so many logits more able in every skill."""
    moved = {skill: theta + by for skill, theta in learner.abilities.items()}
    return replace(learner, general=learner.general + by, abilities=MappingProxyType(moved))


def play(learner: Learner, part: Part) -> Learner:
    """Give a learner a part."""
    if part == "weak":
        low = shifted(learner, min(0.0, -learner.general) - WEAK)
        return replace(low, gain=learner.gain / 4, guess=0.02, idle=0.0)
    if part == "guesser":
        return replace(learner, guess=0.35)
    if part == "dreamer":
        return replace(learner, idle=0.12)
    return replace(learner, hint=0.85)


def practised(learner: Learner, answered: Mapping[str, int]) -> Learner:
    """The learner after so many answers in each skill."""
    grown = {skill: theta + learner.gain * answered.get(skill, 0) for skill, theta in learner.abilities.items()}
    return replace(learner, abilities=MappingProxyType(grown))


def reply(
    learner: Learner,
    skill: str,
    item: Item,
    parameters: ItemParams,
    seed: int,
    rng: np.random.Generator,
    *,
    tried: Collection[str] = (),
    most: int | None = None,
) -> Reply:
    """What the learner answers to an item.

    Parameters
    ----------
    item : Item
        As it was shown, made from `seed`.
    tried : collection of str
        Wrong answers given before in this serving, in normal form.
    most : int or None
        At most so many options were shown.
    """
    response = responds(learner, skill, parameters, rng, offered=offered(item))
    if tried:
        right = bool(rng.random() < SECOND_TRY)
        seconds = response.seconds * SECOND_TRY_SHARE
        return Reply(_fields(item, seed, right, None, tried, rng, most), seconds, 0)
    # Who knows it needs no hint; whom a hint helps would have missed it alone.
    hints = 0 if response.right else min(response.hints, len(item.hints))
    right = response.right or (hints > 0 and bool(rng.random() < HINT_HELPS))
    fields = _fields(item, seed, right, response.misconception, tried, rng, most)
    drifts, asks = rng.random(2) < (learner.idle, learner.hand)
    return Reply(fields, response.seconds, hints, bool(drifts), bool(asks))


def offered(item: Item) -> list[str]:
    """Misconceptions that some wrong answer to this item shows."""
    found = [option.misconception for option in options_of(item.answer)]
    found += [mistake.misconception for mistake in mistakes_of(item.answer)]
    return sorted({misconception for misconception in found if misconception is not None})


def _fields(
    item: Item,
    seed: int,
    right: bool,
    misconception: str | None,
    tried: Collection[str],
    rng: np.random.Generator,
    most: int | None,
) -> dict[str, str]:
    if right:
        return marking.key(item, seed=seed, most=most)
    if misconception is not None:
        given = marking.wrong(item, seed=seed, misconception=misconception, most=most)
        if given is not None:
            return given
    return _slip(item, seed, tried, rng, most)


def _slip(item: Item, seed: int, tried: Collection[str], rng: np.random.Generator, most: int | None) -> dict[str, str]:
    """A wrong answer with no thought behind it: any option left, or a number beside the right one."""
    if isinstance(item.answer, Choice):
        return _another_option(item, seed, tried, rng, most)
    unexpected = replace(item, answer=_without_mistakes(item.answer))
    given = marking.wrong(unexpected, seed=seed)
    return given if given is not None else marking.key(item, seed=seed)


def _without_mistakes(answer: Answer) -> Answer:
    # Two branches, because the two kinds of mistakes are two types.
    if isinstance(answer, Algebra):
        return replace(answer, mistakes=())
    if isinstance(answer, Number | FractionAnswer | NumberLine):
        return replace(answer, mistakes=())
    return answer


def _another_option(
    item: Item, seed: int, tried: Collection[str], rng: np.random.Generator, most: int | None
) -> dict[str, str]:
    shown = marking.fields(item, seed=seed, tried=tried, most=most)
    [name] = shown.inputs
    left = [{name: value} for value, _text, used in shown.options if not used]
    wrong = [given for given in left if marking.mark(item, given, seed=seed, most=most).status == "wrong"]
    return wrong[int(rng.integers(len(wrong)))] if wrong else marking.key(item, seed=seed, most=most)
