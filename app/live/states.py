"""What a student's tile says: one small pure rule a state (product rules, section 2).

Each rule folds over the student's recent first responses, so what it says depends on them alone: a board that starts
anew, in another process or after a restart, shows the same. A rule that clears begins anew with the next answer.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from statistics import median
from typing import Any

from app.base.clock import to_ms
from app.base.policy import Policy
from app.practice.progress import Progress

ALERTS = ("hand", "stuck", "fast", "hints", "idle", "offline")
"""States that may stand in the alerts strip, most urgent first."""
PRIORITY = (
    "hand",
    "stuck",
    "early",
    "fast",
    "hints",
    "idle",
    "offline",
    "pace",
    "secure",
    "got",
    "ready",
    "working",
    "table",
    "absent",
)
PACE_GAPS = 5
"""Times between answers that a student's usual pace takes."""


@dataclass(frozen=True, slots=True)
class Watched:
    """A student as the rules see them.

    Parameters
    ----------
    recent : sequence of mapping
        First responses, newest last (see `app.practice.service.now.Recent`).
    skill : int or None
        What is practised now.
    skills : mapping of skill to Progress
        Standing in each skill with a scored answer.
    lesson_from : datetime
        What came before belongs to another lesson; it counts as evidence, but raises no flag.
    at_device_since : datetime or None
        Since when the lesson has put this student at a device; None elsewhere.
    paused : bool
        The clock stands still, so nobody is expected to work.
    ready : sequence of (P, scored answers)
        One for each prerequisite of the lesson.
    was : str
        State shown so far, for the rules with a band.
    """

    recent: Sequence[Mapping[str, Any]]
    skill: int | None
    skills: Mapping[int, Progress]
    lesson_from: datetime
    at_device_since: datetime | None
    paused: bool
    seen_at: datetime | None
    input_at: datetime | None
    idle_after_s: float
    extra_time: bool
    hand_at: datetime | None
    visited_at: datetime | None
    ready: Sequence[tuple[float, int]]
    was: str
    now: datetime

    @property
    def progress(self) -> Progress | None:
        """Standing in the present skill."""
        return None if self.skill is None else self.skills.get(self.skill)

    def lately(self) -> list[Mapping[str, Any]]:
        """Responses of this lesson."""
        begun = to_ms(self.lesson_from)
        return [entry for entry in self.recent if entry["at"] >= begun]

    def on_skill(self) -> list[Mapping[str, Any]]:
        """Responses of this lesson on the present skill."""
        return [entry for entry in self.lately() if entry["skill"] == self.skill]

    def quiet_s(self, last: datetime | None) -> float | None:
        """Seconds since something was last heard, counted from when the student came to the device; None elsewhere."""
        if self.at_device_since is None or last is None:
            return None
        return (self.now - max(last, self.at_device_since)).total_seconds()


@dataclass(frozen=True, slots=True)
class Seen:
    """A state with the sentence that says why, and the evidence behind it."""

    state: str
    reason: str
    why: tuple[str, ...] = ()


Rule = Callable[[Watched, Policy], Seen | None]


def state_of(student: Watched, policy: Policy) -> Seen:
    """The state that a tile shows: the first rule that holds, from the most urgent down."""
    for rule in RULES:
        seen = rule(student, policy)
        if seen is not None:
            return seen
    return Seen("working", "Not at a device now." if student.at_device_since is None else "Practising.")


def hand(student: Watched, policy: Policy) -> Seen | None:
    """The student's own button; cleared by the student or the teacher."""
    if student.hand_at is None:
        return None
    return Seen("hand", f"For {_for((student.now - student.hand_at).total_seconds())}.")


def stuck(student: Watched, policy: Policy) -> Seen | None:
    """No progress over many answers, or misses in a row although the worked example was shown."""
    for skill in dict.fromkeys(entry["skill"] for entry in reversed(student.lately())):
        reason = _StuckOn(skill, student, policy).reason()
        if reason:
            entries = [entry for entry in student.lately() if entry["skill"] == skill]
            p = [entry["p"] for entry in entries if entry["p"] is not None][-1:]
            return Seen("stuck", reason, (*(_chance(last) for last in p), *_evidence(entries)))
    return None


class _StuckOn:
    """Whether a student is stuck on one skill: the rule folded over the responses, oldest first.

    It clears when P recovers, when the teacher was there, and when the skill has changed: when so many responses in a
    row were to other skills as interleaving never puts between two of one.
    """

    def __init__(self, skill: int, student: Watched, policy: Policy) -> None:
        self._skill = skill
        self._student = student
        self._board = policy.board
        self._changed_after = policy.practice.longest_run
        progress = student.skills.get(skill)
        own = sum(entry["skill"] == skill and entry["p"] is not None for entry in student.recent)
        self._answers = 0 if progress is None else progress.scored - own
        # The stored trail reaches further back than the remembered responses do.
        trail = () if progress is None else progress.trail
        self._chances = list(trail[: max(0, len(trail) - own)])
        self._misses = 0
        self._others = 0
        self._reason = ""

    def reason(self) -> str:
        """Why, or empty."""
        visited = None if self._student.visited_at is None else to_ms(self._student.visited_at)
        begun = to_ms(self._student.lesson_from)
        for entry in self._student.recent:
            if visited is not None and entry["at"] > visited:
                self._visit()
                visited = None
            self._take(entry, counts=entry["at"] >= begun)
        if visited is not None:
            self._visit()
        return self._reason

    def _visit(self) -> None:
        self._reason, self._misses, self._chances = "", 0, self._chances[-1:]

    def _take(self, entry: Mapping[str, Any], *, counts: bool) -> None:
        if entry["skill"] != self._skill:
            self._others += 1
            if self._others >= self._changed_after:
                self._reason, self._misses = "", 0
            return
        self._others = 0
        if entry["p"] is not None:
            self._answers += 1
            self._chances.append(entry["p"])
        if entry["right"]:
            self._misses = 0
        elif entry["after_example"] and not entry["fast"] and counts:
            self._misses += 1
        if self._chances and self._chances[-1] >= self._board.stuck_clear_p:
            self._reason, self._misses = "", 0
        elif counts:
            self._reason = self._entered() or self._reason

    def _entered(self) -> str:
        board = self._board
        if self._misses >= board.stuck_misses_after_example:
            return f"{self._misses} misses in a row after the worked example."
        window = self._chances[-1 - board.stuck_window :]
        if self._answers < board.stuck_answers or len(window) <= board.stuck_window or window[-1] >= board.stuck_p:
            return ""
        if window[-1] - window[0] >= board.stuck_rise:
            return ""
        return f"{self._answers} answers and no progress over the last {board.stuck_window}."


def early_struggle(student: Watched, policy: Policy) -> Seen | None:
    """Few right of the first answers; grey, and no alert."""
    board = policy.board
    answered = right = row = 0
    flagged = False
    for entry in _scored(student.on_skill()):
        answered, right = answered + 1, right + entry["right"]
        row = row + 1 if entry["right"] else 0
        low = entry["p"] is not None and entry["p"] < board.struggle_p
        if flagged and row >= board.struggle_clear_right:
            flagged, answered, right = False, 0, 0
        elif answered >= board.struggle_answers and right <= board.struggle_right and low:
            flagged = True
    if not flagged:
        return None
    return Seen("early", f"{right} of {answered} right so far.", _evidence(student.on_skill()))


def answering_fast(student: Watched, policy: Policy) -> Seen | None:
    """Answers that came before the item can have been read."""
    board = policy.board
    answered = fast = row = normal = 0
    flagged = False
    for entry in student.lately():
        answered, fast = answered + 1, fast + entry["fast"]
        row, normal = (row + 1, 0) if entry["fast"] else (0, normal + 1)
        if flagged and normal >= board.fast_clear:
            flagged, answered, fast = False, 0, 0
        elif row >= board.fast_run or (fast >= board.fast_run and fast >= board.fast_sitting * answered):
            flagged = True  # a share of fewer answers than make a run says nothing
    if not flagged:
        return None
    return Seen("fast", f"{fast} of {answered} answers came too fast to read.", _evidence(student.lately()))


def skipping_hints(student: Watched, policy: Policy) -> Seen | None:
    """Hints opened hard upon one another on several of the last items."""
    board = policy.board
    window: list[bool] = []
    unaided = 0
    flagged = False
    for entry in student.lately():
        window = [*window, entry["quick_hints"] >= board.skip_hints][-board.skip_window :]
        unaided = unaided + 1 if entry["hints"] == 0 else 0
        if flagged and unaided >= board.skip_clear:
            flagged, window = False, []
        elif sum(window) >= board.skip_items:
            flagged = True
    if not flagged:
        return None
    return Seen("hints", "Opened hints without time to read them.", _evidence(student.lately()))


def idle(student: Watched, policy: Policy) -> Seen | None:
    """No input for long while the clock runs; never said of someone who is offline."""
    quiet = student.quiet_s(student.input_at)
    if student.paused or quiet is None or _is_offline(student, policy):
        return None
    limit = student.idle_after_s * (policy.board.idle_extra_time if student.extra_time else 1.0)
    return Seen("idle", f"No input for {_for(quiet)}.") if quiet > limit else None


def offline(student: Watched, policy: Policy) -> Seen | None:
    """The page has missed its heartbeats."""
    if student.seen_at is None or not _is_offline(student, policy):
        return None
    return Seen("offline", f"Last heard of {_for((student.now - student.seen_at).total_seconds())} ago.")


def _is_offline(student: Watched, policy: Policy) -> bool:
    quiet = student.quiet_s(student.seen_at)
    return quiet is not None and quiet > policy.board.heartbeat_s * policy.board.offline_beats


def off_pace(student: Watched, policy: Policy) -> Seen | None:
    """Much slower than usual for this student; information, no alert."""
    board = policy.board
    here = student.quiet_s(student.at_device_since)
    if student.paused or here is None or here < board.off_pace_after_s:
        return None
    times = [entry["at"] / 1000 for entry in student.recent]
    gaps = [later - sooner for sooner, later in pairwise(times) if later - sooner < board.off_pace_after_s]
    if len(gaps) < PACE_GAPS:
        return None
    now = to_ms(student.now) / 1000
    usual = board.off_pace_after_s / max(median(gaps), 1.0)
    share = sum(at >= now - board.off_pace_after_s for at in times) / usual
    limit = board.off_pace_clear if student.was == "pace" else board.off_pace_enter
    return Seen("pace", f"{share:.0%} of the usual pace.") if share < limit else None


def secure(student: Watched, policy: Policy) -> Seen | None:
    """Mastered, and shown again at least a day later."""
    if student.progress is None or student.progress.secure_at is None:
        return None
    return Seen("secure", "Still right on a later day.", (_chance(student.progress.p),))


def got_it(student: Watched, policy: Policy) -> Seen | None:
    """Mastered by the rule of section 1."""
    if student.progress is None or student.progress.got_it_at is None:
        return None
    return Seen("got", f"{_chance(student.progress.p)} {student.progress.scored} answers.")


def ready(student: Watched, policy: Policy) -> Seen | None:
    """Everything that the lesson builds on is likely mastered, on enough answers."""
    board = policy.board
    limit = board.ready_leave if student.was == "ready" else board.ready_enter
    if not student.ready or not all(p >= limit and n >= board.ready_answers for p, n in student.ready):
        return None
    return Seen("ready", "Has what the lesson builds on.")


RULES: Sequence[Rule] = (
    hand,
    stuck,
    early_struggle,
    answering_fast,
    skipping_hints,
    idle,
    offline,
    off_pace,
    secure,
    got_it,
    ready,
)


def _scored(entries: Sequence[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    return (entry for entry in entries if entry["score"] is not None)


def _evidence(entries: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    last = entries[-5:]
    right = sum(entry["right"] for entry in last)
    hints = sum(entry["hints"] for entry in last)
    usual = median([entry["seconds"] for entry in last]) if last else 0.0
    said = [f"{right} of the last {len(last)} right.", f"Usual time {usual:.0f} seconds."]
    return (*said, f"{hints} {'hint' if hints == 1 else 'hints'} opened.") if hints else tuple(said)


def _chance(p: float) -> str:
    return f"{p:.0%} likely to have it."


def _for(seconds: float) -> str:
    """Whole minutes: seconds would redraw every board every few seconds."""
    minutes = int(seconds // 60)
    return f"{minutes} min" if minutes > 0 else "less than a minute"
