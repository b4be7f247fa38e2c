"""Whether the next group is ready, and what the teacher should do first.

The number of students ready for a lesson is a sum of unlike coin tosses, one for each student: a
Poisson-binomial variable. Decisions are taken on its distribution, never on a class average, in a
fixed order and with hysteresis so that a card does not flicker. Students are handled by id; no
name enters here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

StudentId = Hashable
Decision = Literal["not_enough", "go", "start_with", "split"]
Confidence = Literal["High", "Medium", "Low"]

_ROUNDING = 1e-9
"""Thresholds are shares such as 3 of 5; a last binary digit must not decide."""


@dataclass(frozen=True, slots=True)
class ReadinessRule:
    """Thresholds of the decision about the next group.

    Parameters
    ----------
    answers : int
        Evidential answers (scored, unaided, not too fast, recent) that suffice for a skill.
    enough : float
        Share of the group with sufficient evidence below which nothing is decided.
    share : float
        Share of the group that has to be ready.
    go, start_with : float
        Go from this P(enough are ready) upwards; Start with a skill from this P downwards ...
    gap : float
        ... if the group's mean gap in one skill is at least this.
    pull, skip : float
        Pull students with r up to this, let those from this upwards start alone.
    pull_most : int
        Seats at the teacher's table.
    hysteresis : float
        A standing decision is left only beyond its threshold by this, another entered likewise.
    lesson_weight : float
        Weight of each coming lesson that needs a skill, when the focus is chosen.
    own_prerequisites : float
        A skill is worth focusing on if the group's mean P over its own prerequisites is this.
    coverage : float
        Probability that the range of the number ready holds, such as 0.9.
    high, high_width : float, int
        Confidence is High with this share of evidence and a range at most this wide.
    probes : int
        Questions queued for a student who lacks evidence.
    misconception_students, misconception_share, misconception_times, misconception_window
        A misconception is shared by at least so many students and this share of the group, each
        having chosen it so many times in the last so many chances.
    """

    answers: int
    enough: float
    share: float
    go: float
    start_with: float
    gap: float
    pull: float
    skip: float
    pull_most: int
    hysteresis: float
    lesson_weight: float
    own_prerequisites: float
    coverage: float
    high: float
    high_width: int
    probes: int
    misconception_students: int
    misconception_share: float
    misconception_times: int
    misconception_window: int

    def __post_init__(self) -> None:
        if not 0.0 <= self.start_with < self.go <= 1.0:
            raise ValueError("need 0 <= start_with < go <= 1")
        if not 0.0 <= self.pull < self.skip <= 1.0:
            raise ValueError("need 0 <= pull < skip <= 1")
        if not (0.0 < self.coverage < 1.0 and 0.0 < self.share <= 1.0):
            raise ValueError("need 0 < coverage < 1 and 0 < share <= 1")


@dataclass(frozen=True, slots=True)
class Student:
    """What is known about a student of the group.

    Parameters
    ----------
    id : hashable
    p : mapping of skill to probability
        P(theta > cut) for each prerequisite of the lesson, and for their own prerequisites.
    answers : mapping of skill to int
        Evidential answers for each prerequisite of the lesson; a missing skill has none.
    r : float or None
        Chance that all prerequisites are above their cuts, from the joint belief
        (`models.ability.p_all_above` or `joint_ready`); None where only the marginals are known.
    """

    id: StudentId
    p: Mapping[str, float]
    answers: Mapping[str, int]
    r: float | None = None


@dataclass(frozen=True, slots=True)
class Lesson:
    """The lesson the group is meant to have next.

    Parameters
    ----------
    needs : tuple of str
        Prerequisite skills, in the order of teaching; at least one.
    upcoming : mapping of skill to int
        Lessons of the next days that need the skill.
    prerequisites : mapping of skill to its own prerequisite skills
    """

    needs: tuple[str, ...]
    upcoming: Mapping[str, int] = field(default_factory=dict)
    prerequisites: Mapping[str, Sequence[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Needed:
    """Evidence that is missing: the student needs so many more answers in the skill."""

    student: StudentId
    skill: str
    answers: int


@dataclass(frozen=True, slots=True)
class Readiness:
    """The decision about the next group, with everything it rests on.

    Attributes
    ----------
    decision : {"not_enough", "go", "start_with", "split"}
    start_with : str or None
        The skill to start with, for that decision only.
    focus : str or None
        Skill the teacher's table should work on; None if each one's own prerequisites are missing.
    r : mapping of student to float
        Chance that the student is ready.
    size, enough_ready : int
        Students in the group, and m, how many of them have to be ready.
    expected : float
        Expected number ready.
    low, high : int
        Narrowest range that holds the number ready with the rule's coverage.
    p_ready : float
        P(K >= m).
    evidence : float
        C, the share of the group with sufficient evidence.
    gaps : mapping of skill to float
        Mean of 1 - P over the group.
    pull, skip, check : tuple of student ids
        Whom to take to the table, who can start alone, whom to check; for a split only.
    needed : tuple of Needed
        Missing evidence, by student and skill.
    probes : int
        Questions queued for each student who lacks evidence.
    confidence : {"High", "Medium", "Low"}
    """

    decision: Decision
    start_with: str | None
    focus: str | None
    r: Mapping[StudentId, float]
    size: int
    enough_ready: int
    expected: float
    low: int
    high: int
    p_ready: float
    evidence: float
    gaps: Mapping[str, float]
    pull: tuple[StudentId, ...]
    skip: tuple[StudentId, ...]
    check: tuple[StudentId, ...]
    needed: tuple[Needed, ...]
    probes: int
    confidence: Confidence


@dataclass(frozen=True, slots=True)
class Shared:
    """A misconception that several students of the group hold."""

    misconception: str
    students: tuple[StudentId, ...]


def poisson_binomial(r: ArrayLike) -> NDArray[np.float64]:
    """Distribution of the number of successes among unlike independent trials, exactly.

    Parameters
    ----------
    r : array_like of shape (n,)
        Chance of each trial.

    Returns
    -------
    ndarray of shape (n + 1,)
        P(K = 0) to P(K = n).

    Raises
    ------
    ValueError
        If a chance is outside [0, 1].

    References
    ----------
    Hong (2013), On computing the distribution function for the Poisson binomial distribution,
    Computational Statistics & Data Analysis 59 (recursive convolution).

    Examples
    --------
    >>> poisson_binomial([0.5, 0.5])
    array([0.25, 0.5 , 0.25])
    """
    pmf = np.ones(1)
    for chance in np.asarray(r, dtype=np.float64).ravel():
        if not 0.0 <= chance <= 1.0:
            raise ValueError(f"a chance lies in [0, 1], not {chance}")
        pmf = np.convolve(pmf, [1.0 - chance, chance])
    return pmf


def joint_ready(draws: ArrayLike, cuts: ArrayLike) -> float:
    """Share of joint draws in which every skill is above its cut.

    Parameters
    ----------
    draws : array_like of shape (n_draws, n_skills)
        From `models.ability.joint_draws`, in logits.
    cuts : array_like of shape (n_skills,)

    Examples
    --------
    >>> joint_ready([[0.2, 0.3], [0.2, -0.1]], cuts=[0.0, 0.0])
    0.5
    """
    above = np.asarray(draws, dtype=np.float64) > np.asarray(cuts, dtype=np.float64)
    return float(np.mean(np.all(above, axis=1)))


def decide(
    students: Sequence[Student], lesson: Lesson, rule: ReadinessRule, previous: Decision | None = None
) -> Readiness:
    """Decide what the group called next should do.

    Parameters
    ----------
    students : sequence of Student
        The group, at least one; their order is kept in every answer.
    lesson : Lesson
        At least one prerequisite skill.
    rule : ReadinessRule
    previous : decision or None
        The decision that stands; it is left only when a threshold is passed by the hysteresis.

    Returns
    -------
    Readiness

    Raises
    ------
    ValueError
        If the group or the lesson's prerequisites are empty, or a student lacks a P.
    """
    _check(students, lesson)
    r = {student.id: _ready(student, lesson) for student in students}
    pmf = poisson_binomial(list(r.values()))
    m = ceil(rule.share * len(students) - _ROUNDING)
    p_ready = min(1.0, float(pmf[m:].sum()))
    low, high = _range(pmf, rule.coverage)
    needed = _needed(students, lesson, rule)
    short = {need.student for need in needed}
    evidence = (len(students) - len(short)) / len(students)
    gaps = {skill: 1.0 - _mean_p(students, [skill]) for skill in lesson.needs}
    decision = _decision(evidence, p_ready, max(gaps.values()), rule, previous)
    pull, skip, check = _split(r, short, rule) if decision == "split" else ((), (), ())
    return Readiness(
        decision=decision,
        start_with=_start_with(gaps, students, lesson, rule) if decision == "start_with" else None,
        focus=_focus(gaps, students, lesson, rule),
        r=r,
        size=len(students),
        enough_ready=m,
        expected=sum(r.values()),
        low=low,
        high=high,
        p_ready=p_ready,
        evidence=evidence,
        gaps=gaps,
        pull=pull,
        skip=skip,
        check=check,
        needed=needed,
        probes=rule.probes,
        confidence=_confidence(evidence, high - low, rule),
    )


def shared_misconceptions(
    chosen: Mapping[StudentId, Sequence[str | None]], group_size: int, rule: ReadinessRule
) -> tuple[Shared, ...]:
    """Misconceptions that enough of the group hold to be worth a few minutes together.

    Parameters
    ----------
    chosen : mapping of student to sequence
        For each chance, oldest first, the misconception of the option chosen, or None. Only the
        last `misconception_window` chances are looked at.
    group_size : int
        Students in the group, with or without answers.
    rule : ReadinessRule

    Returns
    -------
    tuple of Shared
        The most widely held first.
    """
    holders: dict[str, list[StudentId]] = {}
    for student, chances in chosen.items():
        times = Counter(tag for tag in chances[-rule.misconception_window :] if tag is not None)
        for tag, count in times.items():
            if count >= rule.misconception_times:
                holders.setdefault(tag, []).append(student)
    least = max(rule.misconception_students, rule.misconception_share * group_size - _ROUNDING)
    found = [Shared(tag, tuple(who)) for tag, who in holders.items() if len(who) >= least]
    return tuple(sorted(found, key=lambda shared: (-len(shared.students), shared.misconception)))


def _check(students: Sequence[Student], lesson: Lesson) -> None:
    if not students:
        raise ValueError("a group without students cannot be ready or not")
    if not lesson.needs:
        raise ValueError("a lesson without prerequisites needs no readiness decision")
    if len({student.id for student in students}) < len(students):
        raise ValueError("a student is in the group twice")
    lacking = [skill for skill in lesson.needs if any(skill not in student.p for student in students)]
    if lacking:
        raise ValueError(f"every student needs a P for {', '.join(lacking)}")


def _ready(student: Student, lesson: Lesson) -> float:
    if student.r is not None:
        return student.r
    return min(student.p[skill] for skill in lesson.needs)


def _range(pmf: NDArray[np.float64], coverage: float) -> tuple[int, int]:
    """Find the narrowest run of numbers that holds the coverage, and of those the likeliest.

    With so few students equal tails would be a lottery of the last per mille: in the worked example
    P(K <= 1) is .0504, so the .05 quantile is 1 although 2 to 4 hold 92%.
    """
    upto = np.concatenate([[0.0], np.cumsum(pmf)])
    enough = min(coverage, upto[-1]) - _ROUNDING
    held = (np.round(upto[width:] - upto[:-width], 9) for width in range(1, pmf.size + 1))
    runs = next(run for run in held if run.max() >= enough)
    low = int(runs.argmax())
    return low, low + pmf.size - runs.size


def _needed(students: Sequence[Student], lesson: Lesson, rule: ReadinessRule) -> tuple[Needed, ...]:
    missing = (
        Needed(student.id, skill, rule.answers - student.answers.get(skill, 0))
        for student in students
        for skill in lesson.needs
    )
    return tuple(need for need in missing if need.answers > 0)


def _mean_p(students: Sequence[Student], skills: Sequence[str]) -> float:
    values = [student.p[skill] for student in students for skill in skills if skill in student.p]
    return sum(values) / len(values) if values else 1.0


def _decision(
    evidence: float, p_ready: float, widest_gap: float, rule: ReadinessRule, previous: Decision | None
) -> Decision:
    """Decide in the order of product section 3."""
    band = {decision: _band(decision, rule, previous) for decision in ("not_enough", "go", "start_with")}
    if evidence < rule.enough + band["not_enough"] - _ROUNDING:
        return "not_enough"
    if p_ready >= rule.go - band["go"] - _ROUNDING:
        return "go"
    wide = widest_gap >= rule.gap - band["start_with"] - _ROUNDING
    if wide and p_ready <= rule.start_with + band["start_with"] + _ROUNDING:
        return "start_with"
    return "split"


def _band(decision: str, rule: ReadinessRule, previous: Decision | None) -> float:
    """How far a decision's threshold is widened: for the standing one, against any other."""
    if previous is None:
        return 0.0
    return rule.hysteresis if decision == previous else -rule.hysteresis


def _split(
    r: Mapping[StudentId, float], short: set[StudentId], rule: ReadinessRule
) -> tuple[tuple[StudentId, ...], tuple[StudentId, ...], tuple[StudentId, ...]]:
    weakest = sorted((i for i in r if i not in short and r[i] <= rule.pull + _ROUNDING), key=lambda i: r[i])
    seated = set(weakest[: rule.pull_most])
    able = {i for i in r if i not in short and r[i] >= rule.skip - _ROUNDING}
    pull = tuple(i for i in r if i in seated)
    skip = tuple(i for i in r if i in able)
    return pull, skip, tuple(i for i in r if i not in seated and i not in able)


def _focus(gaps: Mapping[str, float], students: Sequence[Student], lesson: Lesson, rule: ReadinessRule) -> str | None:
    """Skill whose gap costs most in the coming lessons, among those that can be taught already."""
    teachable = [
        skill
        for skill in lesson.needs
        if _mean_p(students, lesson.prerequisites.get(skill, ())) >= rule.own_prerequisites - _ROUNDING
    ]
    return max(teachable, key=lambda skill: _cost(skill, gaps, lesson, rule), default=None)


def _start_with(gaps: Mapping[str, float], students: Sequence[Student], lesson: Lesson, rule: ReadinessRule) -> str:
    """Pick the focus if its gap is what holds the group back, else the skill with the widest gap."""
    focus = _focus(gaps, students, lesson, rule)
    if focus is not None and gaps[focus] >= rule.gap - _ROUNDING:
        return focus
    return max(lesson.needs, key=lambda skill: gaps[skill])


def _cost(skill: str, gaps: Mapping[str, float], lesson: Lesson, rule: ReadinessRule) -> float:
    return gaps[skill] * (1.0 + rule.lesson_weight * lesson.upcoming.get(skill, 0))


def _confidence(evidence: float, width: int, rule: ReadinessRule) -> Confidence:
    if evidence < rule.enough - _ROUNDING:
        return "Low"
    return "High" if evidence >= rule.high - _ROUNDING and width <= rule.high_width else "Medium"
