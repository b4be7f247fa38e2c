"""What comes next in a sitting: which skill, aiming at which success, and which item.

Pure: the sitting's course so far, the beliefs and the catalogue go in; a `Pick` comes out. The order of product rules 1
is kept here: queued items, reviews that are due, a new skill in a row after its worked example, then some interleaving;
every fourth item near the cut; easier after two misses, a worked example after three.
"""

from collections.abc import Callable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.bank.catalogue import Catalogue
from app.base.policy import Policy
from content.generators import SEEDS
from models import selection
from models.selection import Draws, Pool

Mask = NDArray[np.bool_]
# Items of one family are kept this far apart unless a sibling is called for.
FAMILY_GAP = 3


@dataclass(slots=True)
class Course:
    """What selection needs to know of a sitting so far; stored as JSON in the sitting's row.

    Parameters
    ----------
    items : list of int
        Items served, in order.
    skills : list of int
        Skill of each.
    misses : dict
        Misses in a row by skill.
    since_probe : int
        Items since the last one near the cut.
    in_a_row : dict
        ``{"skill", "left"}`` while a new skill is practised in a row, else empty.
    example : dict
        ``{"skill", "shown"}`` while a worked example is due or on the screen, else empty.
    examples : list of int
        Skills whose worked example was shown in this sitting.
    siblings : list of [family, from, by]
        Families to come back to, by the number of items served.
    reviews : list of int
        Skills due for review at the start.
    recent : list of int
        Written items that this student saw in the last days, before this sitting.
    stopped : list of int
        Skills that stop for today.
    """

    items: list[int] = field(default_factory=list)
    skills: list[int] = field(default_factory=list)
    misses: dict[str, int] = field(default_factory=dict)
    since_probe: int = 0
    in_a_row: dict[str, int] = field(default_factory=dict)
    example: dict[str, int] = field(default_factory=dict)
    examples: list[int] = field(default_factory=list)
    siblings: list[list[Any]] = field(default_factory=list)
    reviews: list[int] = field(default_factory=list)
    recent: list[int] = field(default_factory=list)
    stopped: list[int] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        """What is stored."""
        return {name: getattr(self, name) for name in self.__slots__}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "Course":
        """Read what `to_json` wrote, leaving the stored value alone."""
        own: dict[str, Any] = {name: copy(value) for name, value in stored.items()}
        return cls(**own)

    def run(self) -> int:
        """How many items of one skill were just served in a row."""
        last = self.skills[-1] if self.skills else None
        length = 0
        for skill in reversed(self.skills):
            if skill != last:
                break
            length += 1
        return length

    def record(self, skill: int, *, missed: bool, policy: Policy) -> None:
        """Note the first verdict on an item of a skill."""
        key = str(skill)
        self.misses[key] = self.misses.get(key, 0) + 1 if missed else 0
        if missed and self.misses[key] == policy.practice.example_after_misses:
            self.example = {"skill": skill, "shown": 0}

    def ask_sibling(self, family: str, policy: Policy) -> None:
        """Ask for another item of this family a few items later."""
        n = len(self.items)
        self.siblings.append([family, n + policy.practice.sibling_after, n + policy.practice.sibling_before])


@dataclass(frozen=True, slots=True)
class SkillView:
    """What the course needs to know about a student's standing in one skill."""

    p: float
    scored: int
    got_it: bool


@dataclass(frozen=True, slots=True)
class Outlook:
    """Everything outside the course that the choice depends on.

    Parameters
    ----------
    assigned : sequence of int
        Skills of the assignment, most wanted first.
    queued : sequence of mapping
        ``{"skill", "purpose", "target"}`` to serve before anything else.
    views : mapping of skill to `SkillView`
        Skills with evidence.
    means, variances : sequence of float
        Marginal belief in each skill, in the order of the catalogue's places.
    """

    catalogue: Catalogue
    assigned: Sequence[int]
    queued: Sequence[Mapping[str, Any]]
    views: Mapping[int, SkillView]
    means: NDArray[np.float64]
    variances: NDArray[np.float64]
    policy: Policy

    def mastered(self, skill: int) -> bool:
        """Whether the student has got this skill."""
        view = self.views.get(skill)
        return view is not None and view.got_it

    def new(self, skill: int) -> bool:
        """Whether there is no scored answer in this skill."""
        view = self.views.get(skill)
        return view is None or view.scored == 0


@dataclass(frozen=True, slots=True)
class Wish:
    """What the next item should be like; `target` is the wanted chance of success, `family` a sibling's."""

    skill: int
    purpose: str
    target: float
    family: str | None = None


@dataclass(frozen=True, slots=True)
class Pick:
    """The next item: its place in the catalogue, its seed, and why."""

    place: int
    seed: int
    purpose: str
    expected: float
    from_queue: bool


def advance(course: Course, outlook: Outlook, draws: Draws) -> Pick | None:
    """Choose the next item and note it in the course.

    Returns
    -------
    Pick or None
        None when nothing is left that would do this student good today.
    """
    from_queue = bool(outlook.queued)
    for wish in _wishes(course, outlook, draws):
        pick = _fulfil(wish, course, outlook, draws, from_queue=from_queue and wish.purpose in _QUEUED)
        if pick is not None:
            _note(course, outlook, wish, pick)
            return pick
    return None


_QUEUED = frozenset({"probe-queued", "check"})


def _wishes(course: Course, outlook: Outlook, draws: Draws) -> list[Wish]:
    """Wishes in the order in which to try them; later ones are second best."""
    practice = outlook.policy.practice
    wishes = [Wish(q["skill"], q["purpose"], q["target"]) for q in outlook.queued[:1]]
    wishes += [_review(skill, practice.review_success) for skill in course.reviews[:1]]
    wishes += _sibling(course, outlook)
    skill = _skill(course, outlook, draws)
    if skill is not None:
        wishes.append(_core(skill, course, outlook))
        wishes.append(Wish(skill, "core", practice.target_success))
    others = [other for other in _candidates(course, outlook) if other != skill]
    wishes += [Wish(other, "core", practice.target_success) for other in others]
    wishes += [_review(other, practice.review_success) for other in outlook.assigned if outlook.mastered(other)]
    return wishes


def _review(skill: int, target: float) -> Wish:
    return Wish(skill, "review", target)


def _sibling(course: Course, outlook: Outlook) -> list[Wish]:
    n = len(course.items)
    for family, due, _by in course.siblings:
        if n >= due:
            skill = _skill_of_family(outlook.catalogue, family)
            if skill is not None:
                return [Wish(skill, "sibling", outlook.policy.practice.target_success, family)]
    return []


def _skill_of_family(catalogue: Catalogue, family: str) -> int | None:
    return next((item.skill_id for item in catalogue.items if item.family == family), None)


def _open(skill: int, course: Course, outlook: Outlook) -> bool:
    """Whether a skill may still be practised in this sitting."""
    if skill in course.stopped or skill not in outlook.catalogue.places:
        return False
    return outlook.mastered(skill) or course.skills.count(skill) < outlook.policy.practice.most_per_skill


def _candidates(course: Course, outlook: Outlook) -> list[int]:
    """Assigned skills that are not mastered yet, most wanted first; else their prerequisites."""
    wanted = [skill for skill in outlook.assigned if not outlook.mastered(skill) and _open(skill, course, outlook)]
    return wanted or _prerequisites(outlook.assigned, course, outlook)


def _prerequisites(skills: Sequence[int], course: Course, outlook: Outlook) -> list[int]:
    known = outlook.catalogue.skills
    needed = [need for skill in skills if skill in known for need in known[skill].prerequisites]
    return [need for need in dict.fromkeys(needed) if not outlook.mastered(need) and _open(need, course, outlook)]


def _skill(course: Course, outlook: Outlook, draws: Draws) -> int | None:
    practice = outlook.policy.practice
    if course.in_a_row and _open(course.in_a_row["skill"], course, outlook):
        return course.in_a_row["skill"]
    candidates = _candidates(course, outlook)
    if not candidates:
        return None
    main = candidates[0]
    others = [skill for skill in _practised(course, outlook) if skill != main]
    too_long = course.run() >= practice.longest_run and bool(course.skills) and course.skills[-1] == main
    if others and (too_long or draws.random() < practice.interleaved_share):
        return others[int(draws.random() * len(others))]
    return main


def _practised(course: Course, outlook: Outlook) -> list[int]:
    """Skills to mix in: assigned ones, and whatever the student has worked on before."""
    pool = dict.fromkeys((*outlook.assigned, *outlook.views))
    allowed = [skill for skill in pool if _open(skill, course, outlook)]
    run = course.skills[-outlook.policy.practice.longest_run :]
    worn_out = len(run) == outlook.policy.practice.longest_run and len(set(run)) == 1
    return [skill for skill in allowed if not (worn_out and skill == run[-1]) and not outlook.new(skill)]


def _core(skill: int, course: Course, outlook: Outlook) -> Wish:
    practice = outlook.policy.practice
    misses = course.misses.get(str(skill), 0)
    if misses >= practice.easier_after_misses:
        return Wish(_step_back(skill, course, outlook), "easier", practice.easier_success)
    if course.since_probe >= practice.probe_every - 1 and not outlook.mastered(skill):
        return Wish(skill, "probe", practice.target_success)
    return Wish(skill, "core", practice.target_success)


def _step_back(skill: int, course: Course, outlook: Outlook) -> int:
    """The skill itself while it has items that are easy enough, else its weakest open prerequisite."""
    pool = outlook.catalogue.pool
    chances = selection.expected_success(pool, outlook.means, outlook.variances)
    best = chances[pool.skill == outlook.catalogue.places[skill]].max(initial=0.0)
    if best >= outlook.policy.practice.target_success:
        return skill
    weaker = _prerequisites([skill], course, outlook)
    return min(weaker, key=lambda need: outlook.means[outlook.catalogue.places[need]], default=skill)


def _fulfil(wish: Wish, course: Course, outlook: Outlook, draws: Draws, *, from_queue: bool) -> Pick | None:
    catalogue = outlook.catalogue
    pool = catalogue.pool
    place = catalogue.places.get(wish.skill)
    if place is None:
        return None
    of_skill = pool.skill == place
    if wish.family is not None:
        of_skill = of_skill & np.array([item.family == wish.family for item in catalogue.items])
    choose = _chooser(wish, outlook, draws)
    for avoid in (_seen_lately, _seen_in_sitting, _just_seen):
        allowed = of_skill & ~avoid(course, catalogue)
        if allowed.any():
            index = choose(pool, allowed)
            expected = selection.expected_success(pool, outlook.means, outlook.variances)[index]
            return Pick(index, int(draws.random() * SEEDS), wish.purpose, float(expected), from_queue)
    return None


def _chooser(wish: Wish, outlook: Outlook, draws: Draws) -> Callable[[Pool, Mask], int]:
    top = outlook.policy.practice.randomesque
    if wish.purpose == "probe":
        cut = outlook.catalogue.skills[wish.skill].cut
        margin = outlook.policy.mastery.hard_margin
        return lambda pool, allowed: selection.choose_probe(
            pool, cut=cut, margin=margin, allowed=allowed, rng=draws, top=top
        )
    return lambda pool, allowed: selection.choose(
        pool, outlook.means, outlook.variances, allowed=allowed, target=wish.target, rng=draws, top=top
    )


def _places(items: Sequence[int], catalogue: Catalogue) -> Mask:
    mask = np.zeros(len(catalogue.items), dtype=np.bool_)
    mask[[catalogue.by_item[item] for item in items if item in catalogue.by_item]] = True
    return mask


def _families(items: Sequence[int], catalogue: Catalogue) -> Mask:
    places = [catalogue.by_item[item] for item in items if item in catalogue.by_item]
    if not places:
        return np.zeros(len(catalogue.items), dtype=np.bool_)
    return np.isin(catalogue.pool.family, catalogue.pool.family[places])


def _seen_lately(course: Course, catalogue: Catalogue) -> Mask:
    """Written items of the last days and of this sitting, and families just served."""
    written = _places((*course.recent, *course.items), catalogue) & ~catalogue.generators
    return written | _families(course.items[-FAMILY_GAP:], catalogue)


def _seen_in_sitting(course: Course, catalogue: Catalogue) -> Mask:
    written = _places(course.items, catalogue) & ~catalogue.generators
    return written | _families(course.items[-1:], catalogue)


def _just_seen(course: Course, catalogue: Catalogue) -> Mask:
    return _places(course.items[-FAMILY_GAP:], catalogue)


def _note(course: Course, outlook: Outlook, wish: Wish, pick: Pick) -> None:
    item = outlook.catalogue.items[pick.place]
    skill = item.skill_id
    if wish.purpose == "review" and skill in course.reviews:
        course.reviews.remove(skill)
    if wish.family is not None:
        course.siblings = [entry for entry in course.siblings if entry[0] != wish.family]
    if outlook.new(skill) and skill not in course.skills and wish.purpose == "core":
        _open_skill(course, outlook, skill)
    if course.in_a_row.get("skill") == skill:
        course.in_a_row["left"] -= 1
        if course.in_a_row["left"] <= 0:
            course.in_a_row = {}
    course.items.append(item.item_id)
    course.skills.append(skill)
    course.since_probe = 0 if wish.purpose == "probe" else course.since_probe + 1


def _open_skill(course: Course, outlook: Outlook, skill: int) -> None:
    """A new skill opens with a worked example and some items in a row."""
    course.in_a_row = {"skill": skill, "left": outlook.policy.practice.blocked_items}
    if outlook.catalogue.skills[skill].example and skill not in course.examples:
        course.example = {"skill": skill, "shown": 0}
