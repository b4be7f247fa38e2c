"""What comes next in a sitting: which skill, aiming at which success, and which item.

Pure: the sitting's course so far, the beliefs and the catalogue go in; a `Pick` comes out. The order of product rules 1
is kept here: reviews that are due, queued items, a new skill in a row after its worked example, then some interleaving;
every fourth item near the cut; easier after two misses, a worked example after three; one exit item at the end. Who is
done early mixes what is known, or goes on to what builds on it.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from app.bank.catalogue import Catalogue
from app.base.policy import Policy
from content.generators import SEEDS
from models import selection
from models.ability import Normal
from models.selection import Draws

Mask = NDArray[np.bool_]
Avoid = Callable[["Course", Catalogue], Mask]
Extra = Literal["", "review", "stretch"]
Correct = Callable[[int, Normal, NDArray[np.float64]], NDArray[np.float64]]
# Items of one family are kept this far apart unless a sibling is called for.
FAMILY_GAP = 3
# Probes are drawn from so many items nearest the cut.
PROBES = 3


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
    examples_due : list of int
        Skills whose worked example misses have called for; it comes before the next item of the skill.
    siblings : list of [family, from, by]
        Families to come back to, with the first and the last number in the sitting that the item may have.
    asked : list of str
        Families that were come back to, or will be; once in a sitting is enough.
    reviews : list of int
        Skills due for review at the start.
    recent : list of int
        Written items that this student saw in the last days, before this sitting.
    stopped : list of int
        Skills that stop for today.
    struggles : dict
        Misses by skill since the worked example that earlier misses had led to.
    said : list of [precision, shift]
        What each scored answer said of its skill (`models.sitting.Site`), in the order in which they came.
    capped : list of int
        Unmastered skills that had all their items in an earlier part of the stretch.
    exit : int
        1 once the exit item was chosen: nothing comes after it.
    extra : {"", "review", "stretch"}
        What a student who was done early has picked.
    spent : list of str
        What was picked before at this station: each is used up when the student is done again.
    """

    items: list[int] = field(default_factory=list)
    skills: list[int] = field(default_factory=list)
    misses: dict[str, int] = field(default_factory=dict)
    since_probe: int = 0
    in_a_row: dict[str, int] = field(default_factory=dict)
    example: dict[str, int] = field(default_factory=dict)
    examples: list[int] = field(default_factory=list)
    examples_due: list[int] = field(default_factory=list)
    siblings: list[list[Any]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    reviews: list[int] = field(default_factory=list)
    recent: list[int] = field(default_factory=list)
    stopped: list[int] = field(default_factory=list)
    struggles: dict[str, int] = field(default_factory=dict)
    said: list[list[float]] = field(default_factory=list)
    capped: list[int] = field(default_factory=list)
    exit: int = 0
    extra: Extra = ""
    spent: list[str] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        """What is stored."""
        return {name: getattr(self, name) for name in self.__slots__}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "Course":
        """Read what `to_json` wrote, leaving the stored value alone."""
        own: dict[str, Any] = {
            name: value if isinstance(value, int | str) else value.copy() for name, value in stored.items()
        }
        return cls(**own)

    def worn_out(self, longest: int) -> int | None:
        """The skill of which the longest run that is allowed was just served, if any."""
        run = self.skills[-longest:]
        return run[-1] if len(run) == longest and len(set(run)) == 1 else None

    def record(self, skill: int, *, missed: bool, policy: Policy) -> None:
        """Note the first verdict on an item of a skill."""
        key = str(skill)
        self.misses[key] = self.misses.get(key, 0) + 1 if missed else 0
        if missed and key in self.struggles:
            self.struggles[key] += 1
            if self.struggles[key] >= policy.board.stuck_misses_after_example:
                self.stop(skill)
        elif missed and self.misses[key] == policy.practice.example_after_misses:
            self.examples_due.append(skill)
            self.struggles[key] = 0

    def used_up(self, policy: Policy) -> list[int]:
        """Skills that had all the items that one unmastered skill may have."""
        return [skill for skill in set(self.skills) if self.skills.count(skill) >= policy.practice.most_per_skill]

    def stop(self, skill: int) -> None:
        """Let a skill that the student is stuck in rest for today."""
        if skill not in self.stopped:
            self.stopped.append(skill)

    def take_back(self, item: int) -> None:
        """Forget the last item, which nobody has seen."""
        if self.items and self.items[-1] == item:
            self.items.pop()
            self.skills.pop()

    def ask_sibling(self, family: str, policy: Policy) -> None:
        """Ask for another item of this family a few items later, once in a sitting."""
        if family not in self.asked:
            self.asked.append(family)
            n, rule = len(self.items), policy.practice
            self.siblings.append([family, n + rule.sibling_after, n + rule.sibling_before])


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
    correct : callable or None
        Makes of the IRT chances the ones to aim with, given the skill and the belief about it; None leaves them.
    too_long : ndarray of bool or None
        Items that the time left will not hold, by place in the pool.
    """

    catalogue: Catalogue
    assigned: Sequence[int]
    queued: Sequence[Mapping[str, Any]]
    views: Mapping[int, SkillView]
    means: NDArray[np.float64]
    variances: NDArray[np.float64]
    policy: Policy
    correct: Correct | None = None
    too_long: Mask | None = None

    def mastered(self, skill: int) -> bool:
        """Whether the student has got this skill."""
        view = self.views.get(skill)
        return view is not None and view.got_it

    def chances(self, skill: int) -> NDArray[np.float64]:
        """Chance of success on every item of a skill, at its place in the pool; other items' numbers mean nothing."""
        irt = selection.expected_success(self.catalogue.pool, self.means, self.variances)
        if self.correct is None:
            return irt
        place = self.catalogue.places[skill]
        return self.correct(skill, Normal(self.means.item(place), self.variances.item(place)), irt)

    def new(self, skill: int) -> bool:
        """Whether there is no scored answer in this skill."""
        view = self.views.get(skill)
        return view is None or view.scored == 0


@dataclass(frozen=True, slots=True)
class Wish:
    """What the next item should be like.

    Parameters
    ----------
    target : float
        The wanted chance of success.
    family : str or None
        Of the item that this one is to be a sibling of.
    queued : int or None
        Place in the queue of the entry that this wish comes from.
    """

    skill: int
    purpose: str
    target: float
    family: str | None = None
    queued: int | None = None


@dataclass(frozen=True, slots=True)
class Pick:
    """The next item: its place in the catalogue, its seed, and the wish that it fulfils."""

    place: int
    seed: int
    expected: float
    wish: Wish


def choose(course: Course, outlook: Outlook, draws: Draws) -> Pick | None:
    """Choose the next item; the course stays as it is until `note` is told that the item is served.

    Returns
    -------
    Pick or None
        None when nothing is left that would do this student good today.
    """
    put_off: list[Wish] = []
    for wish in _wishes(course, outlook, draws):
        pick = _fulfil(wish, course, outlook, draws, _avoids(wish))
        if pick is not None:
            return pick
        put_off.append(wish)
    # Nothing fresh is left in any skill, so something seen before has to do.
    for avoid in _AVOIDS[1:]:
        for wish in put_off:
            pick = None if wish.family is not None else _fulfil(wish, course, outlook, draws, (avoid,))
            if pick is not None:
                return pick
    return None


def choose_exit(course: Course, outlook: Outlook, draws: Draws) -> Pick | None:
    """Choose the item that a sitting ends with: of the assigned skill that was practised most, and not seen lately.

    Returns
    -------
    Pick or None
        None when no skill of the sitting has an item that fits.
    """
    known = [skill for skill in outlook.assigned if skill in outlook.catalogue.places and skill not in course.stopped]
    for skill in sorted(known, key=course.skills.count, reverse=True):
        wish = Wish(skill, "exit", outlook.policy.practice.target_success)
        pick = _fulfil(wish, course, outlook, draws, _AVOIDS)
        if pick is not None:
            return pick
    return None


def _wishes(course: Course, outlook: Outlook, draws: Draws) -> Iterator[Wish]:
    """Wishes in the order in which to try them, those for a skill that has been on for long enough last."""
    worn_out = course.worn_out(outlook.policy.practice.longest_run)
    put_off: list[Wish] = []
    for wish in _by_urgency(course, outlook, draws):
        if wish.skill == worn_out:
            put_off.append(wish)
        else:
            yield wish
    yield from put_off


def _by_urgency(course: Course, outlook: Outlook, draws: Draws) -> Iterator[Wish]:
    """Wishes, later ones second best; the first is nearly always fulfilled, so each is made when it is asked for."""
    practice = outlook.policy.practice
    yield from _after_example(course, outlook)
    for review in course.reviews:
        yield _review(review, practice.review_success)
    for place, entry in enumerate(outlook.queued):
        yield Wish(entry["skill"], entry["purpose"], entry["target"], queued=place)
    yield from _sibling(course, outlook)
    if course.extra:
        yield from _mixed(course, outlook, draws) if course.extra == "review" else _stretch(course, outlook)
        return
    skill = _skill(course, outlook, draws)
    if skill is not None:
        yield _core(skill, course, outlook)
        yield Wish(skill, "core", practice.target_success)
    for other in _candidates(course, outlook):
        if other != skill:
            yield Wish(other, "core", practice.target_success)


def _mixed(course: Course, outlook: Outlook, draws: Draws) -> Iterator[Wish]:
    """What the student has worked on before, in an order that is drawn."""
    left = _practised(course, outlook)
    while left:
        yield _review(left.pop(int(draws.random() * len(left))), outlook.policy.practice.review_success)


def _stretch(course: Course, outlook: Outlook) -> Iterator[Wish]:
    """What comes next: open skills that build on mastered ones, then harder items of the mastered ones."""
    practice, known = outlook.policy.practice, outlook.catalogue.skills
    for skill, info in known.items():
        ready = info.prerequisites and all(outlook.mastered(need) for need in info.prerequisites)
        if ready and not outlook.mastered(skill) and _open(skill, course, outlook):
            yield Wish(skill, "core", practice.target_success)
    for skill in sorted(_practised(course, outlook), key=course.skills.count):
        if outlook.mastered(skill):
            yield Wish(skill, "stretch", practice.lowest_success)


def _review(skill: int, target: float) -> Wish:
    return Wish(skill, "review", target)


def _after_example(course: Course, outlook: Outlook) -> list[Wish]:
    """Easy items of the skills whose worked example misses have called for."""
    target = outlook.policy.practice.easier_success
    return [Wish(skill, "easier", target) for skill in course.examples_due if _open(skill, course, outlook)]


def _sibling(course: Course, outlook: Outlook) -> list[Wish]:
    """A family to come back to when its time has come; a new skill's items in a row are not broken before they must."""
    number = len(course.items) + 1
    for family, due, latest in course.siblings:
        skill = _skill_of_family(outlook.catalogue, family)
        if skill is None or not due <= number <= latest or not _open(skill, course, outlook):
            continue
        if not course.in_a_row or number == latest:
            return [Wish(skill, "sibling", outlook.policy.practice.target_success, family)]
    return []


def _skill_of_family(catalogue: Catalogue, family: str) -> int | None:
    return next((item.skill_id for item in catalogue.items if item.family == family), None)


def _open(skill: int, course: Course, outlook: Outlook) -> bool:
    """Whether a skill may still be practised in this sitting."""
    if skill in course.stopped or skill in course.capped or skill not in outlook.catalogue.places:
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
    """The skill to practise: the one just begun, else the most wanted one, with others mixed in."""
    practice = outlook.policy.practice
    if course.in_a_row and _open(course.in_a_row["skill"], course, outlook):
        return course.in_a_row["skill"]
    candidates = _candidates(course, outlook)
    if not candidates:
        return None
    worn_out = course.worn_out(practice.longest_run)
    main = next((skill for skill in candidates if skill != worn_out), candidates[0])
    # A skill that is the last one to practise takes turns with what is known.
    if draws.random() >= practice.interleaved_share and main != worn_out:
        return main
    others = [skill for skill in _practised(course, outlook) if skill not in (main, worn_out)]
    return others[int(draws.random() * len(others))] if others else main


def _practised(course: Course, outlook: Outlook) -> list[int]:
    """Skills to mix in: assigned ones, and whatever the student has worked on before."""
    pool = dict.fromkeys((*outlook.assigned, *outlook.views))
    return [skill for skill in pool if _open(skill, course, outlook) and not outlook.new(skill)]


def _core(skill: int, course: Course, outlook: Outlook) -> Wish:
    practice = outlook.policy.practice
    misses = course.misses.get(str(skill), 0)
    if misses >= practice.easier_after_misses:
        return Wish(_step_back(skill, course, outlook), "easier", practice.easier_success)
    # A new skill opens gently, whatever the count of probes says.
    probe = course.since_probe >= practice.probe_every - 1 and not course.in_a_row and not outlook.new(skill)
    if probe and not outlook.mastered(skill):
        return Wish(skill, "probe", practice.target_success)
    return Wish(skill, "core", practice.target_success)


def _step_back(skill: int, course: Course, outlook: Outlook) -> int:
    """The skill itself while it has items that are easy enough, else its weakest open prerequisite."""
    pool = outlook.catalogue.pool
    best = outlook.chances(skill)[pool.skill == outlook.catalogue.places[skill]].max(initial=0.0)
    if best >= outlook.policy.practice.target_success:
        return skill
    weaker = _prerequisites([skill], course, outlook)
    return min(weaker, key=lambda need: outlook.means[outlook.catalogue.places[need]], default=skill)


def _avoids(wish: Wish) -> Sequence[Avoid]:
    """What a wish does without: another skill is better than an item seen lately, unless this one is called for."""
    if wish.family is not None:
        return _SIBLING_AVOIDS
    return _AVOIDS[:1] if wish.purpose in ("core", "probe") else _AVOIDS


def _fulfil(wish: Wish, course: Course, outlook: Outlook, draws: Draws, avoids: Sequence[Avoid]) -> Pick | None:
    catalogue = outlook.catalogue
    place = catalogue.places.get(wish.skill)
    if place is None:
        return None
    wanted = catalogue.pool.skill == place
    if outlook.too_long is not None:
        wanted &= ~outlook.too_long
    if wish.family is not None:
        wanted &= np.array([item.family == wish.family for item in catalogue.items])
    for avoid in avoids:
        allowed = wanted & ~avoid(course, catalogue)
        if allowed.any():
            chances = outlook.chances(wish.skill)
            if catalogue.fresh is not None and wish.purpose == "core":
                allowed = _seeded(allowed, catalogue.fresh, chances, course, outlook.policy)
            index = _nearest(wish, outlook, allowed, chances, draws)
            return Pick(index, int(draws.random() * SEEDS), float(chances[index]), wish)
    return None


def _seeded(allowed: Mask, fresh: Mask, chances: NDArray[np.float64], course: Course, policy: Policy) -> Mask:
    """Now and then only items not calibrated yet, so that they get answers, if some are about as hard as due."""
    practice = policy.practice
    if (len(course.items) + 1) % practice.pretest_every:
        return allowed
    new = allowed & fresh & (chances >= practice.lowest_success) & (chances <= practice.highest_success)
    return new if new.any() else allowed


def _nearest(wish: Wish, outlook: Outlook, allowed: Mask, chances: NDArray[np.float64], draws: Draws) -> int:
    policy = outlook.policy
    if wish.purpose == "probe":
        return selection.choose_probe(
            outlook.catalogue.pool,
            cut=outlook.catalogue.skills[wish.skill].cut,
            margin=policy.mastery.hard_margin,
            allowed=allowed,
            rng=draws,
            top=PROBES,
        )
    return selection.choose_by_chance(
        chances,
        allowed=allowed,
        target=wish.target,
        rng=draws,
        top=_near_enough(wish, allowed, chances, policy),
        worth=outlook.catalogue.pool.worth,
        slack=policy.practice.target_slack,
    )


def _near_enough(wish: Wish, allowed: Mask, chances: NDArray[np.float64], policy: Policy) -> int:
    """How many items to draw from: those within the band around the target, so that a small skill keeps its aim."""
    practice = policy.practice
    low = wish.target - (practice.target_success - practice.lowest_success)
    high = wish.target + (practice.highest_success - practice.target_success)
    within = int(np.count_nonzero(allowed & (chances >= low) & (chances <= high)))
    return max(1, min(practice.randomesque, within))


def _places(items: Sequence[int], catalogue: Catalogue) -> Mask:
    mask = np.zeros(len(catalogue.items), dtype=np.bool_)
    mask[[catalogue.by_item[item] for item in items if item in catalogue.by_item]] = True
    return mask


def _families(items: Sequence[int], catalogue: Catalogue) -> Mask:
    places = [catalogue.by_item[item] for item in items if item in catalogue.by_item]
    if not places:
        return np.zeros(len(catalogue.items), dtype=np.bool_)
    family = catalogue.pool.family
    listed = np.zeros(len(catalogue.items), dtype=np.bool_)
    listed[family[places]] = True
    return listed[family]


def _seen_lately(course: Course, catalogue: Catalogue) -> Mask:
    """Written items of the last days and of this sitting, and families just served."""
    written = _places((*course.recent, *course.items), catalogue) & ~catalogue.generators
    return written | _families(course.items[-FAMILY_GAP:], catalogue)


def _seen_in_sitting(course: Course, catalogue: Catalogue) -> Mask:
    written = _places(course.items, catalogue) & ~catalogue.generators
    return written | _families(course.items[-1:], catalogue)


def _just_seen(course: Course, catalogue: Catalogue) -> Mask:
    return _places(course.items[-FAMILY_GAP:], catalogue)


def _seen_at_all(course: Course, catalogue: Catalogue) -> Mask:
    written = _places(course.items, catalogue) & ~catalogue.generators
    return written | _places(course.items[-1:], catalogue)


_AVOIDS: Sequence[Avoid] = (_seen_lately, _seen_in_sitting, _just_seen)
"""What not to serve, from the most careful to what a small skill allows."""
_SIBLING_AVOIDS: Sequence[Avoid] = (_seen_at_all,)
"""A sibling asks the same with other numbers, so it is never the very item that was missed."""


def note(course: Course, outlook: Outlook, pick: Pick) -> None:
    """Note in the course that an item is served."""
    item = outlook.catalogue.items[pick.place]
    skill, wish = item.skill_id, pick.wish
    course.exit |= wish.purpose == "exit"
    if wish.purpose == "review" and skill in course.reviews:
        course.reviews.remove(skill)
    number = len(course.items) + 1
    # An item of the family is the sibling, whatever it was chosen for.
    course.siblings = [entry for entry in course.siblings if entry[0] != item.family or number < entry[1]]
    if skill in course.examples_due:
        course.examples_due.remove(skill)
        _show_example(course, outlook, skill)
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
    if skill not in course.examples:
        _show_example(course, outlook, skill)


def _show_example(course: Course, outlook: Outlook, skill: int) -> None:
    if outlook.catalogue.skills[skill].example:
        course.example = {"skill": skill, "shown": 0}
