"""What a student's tile says: one small pure rule a state (product rules, section 2).

Each rule folds over the student's recent first responses, so what it says depends on them alone: a board that starts
anew, in another process or after a restart, shows the same. A rule that clears begins anew with the next answer.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
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
PACE_WINDOW_S = 300.0
PACE_GAPS = 5


@dataclass(frozen=True, slots=True)
class Watched:
    """A student as the rules see them.

    Parameters
    ----------
    recent : sequence of mapping
        First responses, newest last (see `app.practice.service.now.Recent`).
    skill : int or None
        What is practised now.
    progress : Progress or None
        Standing in that skill; None without a scored answer.
    practising : bool
        The lesson has put this student at a device.
    ready : tuple of (P, scored answers)
        One for each prerequisite of the lesson.
    was : str
        State shown so far, for the rules with a band.
    """

    recent: Sequence[Mapping[str, Any]]
    skill: int | None
    progress: Progress | None
    practising: bool
    seen_at: datetime | None
    input_at: datetime | None
    idle_after_s: float
    extra_time: bool
    hand_at: datetime | None
    visited_at: datetime | None
    ready: Sequence[tuple[float, int]]
    was: str
    now: datetime

    def on_skill(self) -> list[Mapping[str, Any]]:
        """Responses on the present skill."""
        return [entry for entry in self.recent if entry["skill"] == self.skill]

    def since_visit(self, entries: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
        """Responses after the teacher's last visit."""
        if self.visited_at is None:
            return list(entries)
        visited = to_ms(self.visited_at)
        return [entry for entry in entries if entry["at"] > visited]


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
    return Seen("working", "Practising." if student.practising else "Not at a device now.")


def hand(student: Watched, policy: Policy) -> Seen | None:
    """The student's own button; cleared by the student or the teacher."""
    if student.hand_at is None:
        return None
    return Seen("hand", f"For {_for(student.now - student.hand_at)}.")


def stuck(student: Watched, policy: Policy) -> Seen | None:
    """No progress over many answers, or misses although the worked example was shown."""
    board = policy.board
    p = student.progress.p if student.progress is not None else None
    if p is not None and p >= board.stuck_clear_p:
        return None
    entries = student.since_visit(student.on_skill())
    after_example = _misses_after_example(entries, board.stuck_clear_p)
    if after_example >= board.stuck_misses_after_example:
        return Seen("stuck", f"{after_example} misses after the worked example.", _evidence(entries))
    if student.progress is None or student.progress.scored < board.stuck_answers or p is None:
        return None
    chances = [entry["p"] for entry in entries if entry["p"] is not None]
    if len(chances) <= board.stuck_window or p >= board.stuck_p:
        return None
    rise = p - chances[-1 - board.stuck_window]
    if rise >= board.stuck_rise:
        return None
    reason = f"{student.progress.scored} answers and no progress over the last {board.stuck_window}."
    return Seen("stuck", reason, (_chance(p), *_evidence(entries)))


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
    for entry in student.recent:
        answered, fast = answered + 1, fast + entry["fast"]
        row, normal = (row + 1, 0) if entry["fast"] else (0, normal + 1)
        if flagged and normal >= board.fast_clear:
            flagged, answered, fast = False, 0, 0
        elif row >= board.fast_run or (fast >= board.fast_run and fast >= board.fast_sitting * answered):
            flagged = True
    if not flagged:
        return None
    return Seen("fast", f"{fast} of {answered} answers came too fast to read.", _evidence(student.recent))


def skipping_hints(student: Watched, policy: Policy) -> Seen | None:
    """Hints opened hard upon one another on several of the last items."""
    board = policy.board
    window: list[bool] = []
    unaided = 0
    flagged = False
    for entry in student.recent:
        window = [*window, entry["quick_hints"] >= board.skip_hints][-board.skip_window :]
        unaided = unaided + 1 if entry["hints"] == 0 else 0
        if flagged and unaided >= board.skip_clear:
            flagged, window = False, []
        elif sum(window) >= board.skip_items:
            flagged = True
    if not flagged:
        return None
    return Seen("hints", "Opened hints without time to read them.", _evidence(student.recent))


def idle(student: Watched, policy: Policy) -> Seen | None:
    """No input for long; never said of someone who is offline."""
    if not student.practising or student.input_at is None or _is_offline(student, policy):
        return None
    limit = student.idle_after_s * (policy.board.idle_extra_time if student.extra_time else 1.0)
    quiet = (student.now - student.input_at).total_seconds()
    if quiet <= limit:
        return None
    return Seen("idle", f"No input for {_for(student.now - student.input_at)}.")


def offline(student: Watched, policy: Policy) -> Seen | None:
    """The page has missed its heartbeats."""
    if not student.practising or student.seen_at is None or not _is_offline(student, policy):
        return None
    return Seen("offline", f"Last heard of {_for(student.now - student.seen_at)} ago.")


def _is_offline(student: Watched, policy: Policy) -> bool:
    missed = timedelta(seconds=policy.board.heartbeat_s * policy.board.offline_beats)
    return student.seen_at is not None and student.now - student.seen_at > missed


def off_pace(student: Watched, policy: Policy) -> Seen | None:
    """Much slower than usual for this student; information, no alert."""
    if not student.practising:
        return None
    times = [entry["at"] / 1000 for entry in student.recent]
    gaps = [later - sooner for sooner, later in pairwise(times) if later - sooner < PACE_WINDOW_S]
    now = to_ms(student.now) / 1000
    begun = _begin_of_sitting(times)
    if len(gaps) < PACE_GAPS or begun is None or now - begun < policy.board.off_pace_after_s:
        return None
    usual = policy.board.off_pace_after_s / max(median(gaps), 1.0)
    share = sum(at >= now - policy.board.off_pace_after_s for at in times) / usual
    limit = policy.board.off_pace_clear if student.was == "pace" else policy.board.off_pace_enter
    return Seen("pace", f"{share:.0%} of the usual pace.") if share < limit else None


def _begin_of_sitting(times: Sequence[float]) -> float | None:
    """When the present run of answers began; a long silence begins a new one."""
    begun = None
    for sooner, later in pairwise((float("-inf"), *times)):
        if later - sooner >= 2 * PACE_WINDOW_S:
            begun = later
    return begun


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


def _misses_after_example(entries: Sequence[Mapping[str, Any]], clear_p: float) -> int:
    misses = 0
    for entry in entries:
        if entry["p"] is not None and entry["p"] >= clear_p:
            misses = 0
        elif entry["after_example"] and not entry["right"] and not entry["fast"]:
            misses += 1
    return misses


def _evidence(entries: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    last = entries[-5:]
    right = sum(entry["right"] for entry in last)
    hints = sum(entry["hints"] for entry in last)
    usual = median([entry["seconds"] for entry in last]) if last else 0.0
    said = [f"{right} of the last {len(last)} right.", f"Usual time {usual:.0f} seconds."]
    return (*said, f"{hints} {'hint' if hints == 1 else 'hints'} opened.") if hints else tuple(said)


def _chance(p: float) -> str:
    return f"{p:.0%} likely to have it."


def _for(span: timedelta) -> str:
    """Whole minutes: seconds would redraw every board every few seconds."""
    minutes = int(span.total_seconds() // 60)
    return f"{minutes} min" if minutes > 0 else "less than a minute"
