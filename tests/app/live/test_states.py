"""Each state of product rules 2: when it comes, when it goes, and what it must not be mistaken for."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.base.clock import to_ms
from app.base.policy import Policy
from app.live.states import Watched, state_of
from app.practice.progress import Progress
from models.ability import SkillBelief

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
POLICY = Policy()
SKILL = 7


def answer(n: int, right: bool = True, **changes: Any) -> dict[str, Any]:
    """The n-th answer before now, half a minute apart."""
    usual = {
        "at": to_ms(NOW - timedelta(seconds=30 * n)),
        "item": n,
        "skill": SKILL,
        "right": right,
        "score": float(right),
        "fast": False,
        "hints": 0,
        "quick_hints": 0,
        "after_example": False,
        "seconds": 20.0,
        "chosen": "1",
        "misconception": None,
        "p": 0.5,
    }
    return {**usual, **changes}


def answers(*each: dict[str, Any]) -> list[dict[str, Any]]:
    """Give a list of answers their times, oldest first."""
    return [{**one, "at": to_ms(NOW - timedelta(seconds=30 * (len(each) - place)))} for place, one in enumerate(each)]


def progress(p: float, scored: int = 4, **changes: Any) -> Progress:
    return Progress(SkillBelief(0.0, 1.0, 0.4), scored=scored, p=p)._replace(**changes)


CALM = Watched(
    recent=(),
    skill=SKILL,
    skills={},
    lesson_from=NOW - timedelta(minutes=30),
    at_device_since=NOW - timedelta(minutes=20),
    paused=False,
    seen_at=NOW - timedelta(seconds=5),
    input_at=NOW - timedelta(seconds=5),
    idle_after_s=120.0,
    extra_time=False,
    hand_at=None,
    visited_at=None,
    ready=(),
    was="",
    now=NOW,
)


def state(progress: Progress | None = None, **changes: Any) -> str:
    """The state of a calm student, but for these changes."""
    skills = {} if progress is None else {SKILL: progress}
    return state_of(replace(CALM, skills=skills, **changes), POLICY).state


def test_a_student_who_practises_is_working() -> None:
    assert state() == "working"


def test_a_raised_hand_comes_before_everything() -> None:
    slow = answers(*[answer(0, right=False, after_example=True, p=0.1)] * 3)
    assert state(hand_at=NOW, recent=slow, progress=progress(0.1)) == "hand"


STUCK_P = [0.30, 0.31, 0.31, 0.32, 0.32, 0.33]


def stuck_recent(chances: list[float]) -> list[dict[str, Any]]:
    return answers(*[answer(0, right=bool(n % 2), p=p) for n, p in enumerate(chances)])


def test_ten_answers_without_progress_are_stuck() -> None:
    assert state(recent=stuck_recent(STUCK_P), progress=progress(0.33, scored=10)) == "stuck"


def test_nine_answers_are_not_stuck_yet() -> None:
    assert state(recent=stuck_recent(STUCK_P), progress=progress(0.33, scored=9)) != "stuck"


@pytest.mark.parametrize(("first", "p"), [(0.20, 0.31), (0.30, 0.35)])
def test_a_student_who_rises_or_is_near_enough_is_not_stuck(first: float, p: float) -> None:
    chances = [first, *STUCK_P[1:5], p]
    assert state(recent=stuck_recent(chances), progress=progress(p, scored=12)) != "stuck"


def missed_after_example(n: int, p: float = 0.2) -> list[dict[str, Any]]:
    return answers(*[answer(0, right=False, after_example=True, p=p)] * n)


def test_three_misses_after_the_worked_example_are_stuck() -> None:
    assert state(recent=missed_after_example(3), progress=progress(0.2)) == "stuck"
    assert state(recent=missed_after_example(2), progress=progress(0.2)) != "stuck"


def test_three_misses_are_stuck_only_in_a_row_and_only_when_they_were_read() -> None:
    missed = missed_after_example(3)
    between = answers(*missed[:2], answer(0, after_example=True, p=0.2), *missed[:1])
    assert state(recent=between, progress=progress(0.2)) != "stuck"
    unread = answers(*missed[:2], answer(0, right=False, after_example=True, fast=True, score=None, p=None))
    assert state(recent=unread, progress=progress(0.2)) != "stuck"


def test_stuck_stays_until_half_a_chance() -> None:
    recovering = [answer(0, after_example=True, p=0.3), answer(0, after_example=True, p=0.49)]
    recent = answers(*missed_after_example(3), *recovering)
    assert state(recent=recent, progress=progress(0.49)) == "stuck"
    recent = answers(*recent, answer(0, after_example=True, p=0.5))
    assert state(recent=recent, progress=progress(0.5)) != "stuck"


def test_a_visit_clears_stuck_until_there_is_new_evidence() -> None:
    recent = missed_after_example(3)
    assert state(recent=recent, progress=progress(0.2), visited_at=NOW) != "stuck"
    visited = NOW - timedelta(seconds=45)
    assert state(recent=recent, progress=progress(0.2), visited_at=visited) != "stuck"
    again = [*recent[:1], *({**one, "at": to_ms(NOW)} for one in missed_after_example(3))]
    assert state(recent=again, progress=progress(0.2), visited_at=visited) == "stuck"


def test_after_a_visit_no_progress_takes_five_more_answers() -> None:
    recent = stuck_recent([*STUCK_P, 0.33, 0.33, 0.33, 0.33])
    known = progress(0.33, scored=20)
    assert state(recent=recent, progress=known) == "stuck"
    assert state(recent=recent, progress=known, visited_at=NOW - timedelta(seconds=100)) != "stuck"
    assert state(recent=recent, progress=known, visited_at=NOW - timedelta(seconds=200)) == "stuck"


def test_stuck_outlasts_items_mixed_in_but_not_a_change_of_skill() -> None:
    mixed = [answer(0, skill=SKILL + 1)] * 2
    assert state(recent=answers(*missed_after_example(3), *mixed), progress=progress(0.2), skill=SKILL + 1) == "stuck"
    changed = answers(*missed_after_example(3), *mixed, answer(0, skill=SKILL + 1))
    assert state(recent=changed, progress=progress(0.2), skill=SKILL + 1) != "stuck"


def test_the_stored_trail_counts_where_the_remembered_answers_do_not_reach_back() -> None:
    known = progress(0.33, scored=10, trail=(0.31, 0.31, 0.32, 0.32, 0.33, 0.33))
    assert state(recent=stuck_recent([0.33]), progress=known) == "stuck"
    rising = progress(0.33, scored=10, trail=(0.20, 0.31, 0.32, 0.32, 0.33, 0.33))
    assert state(recent=stuck_recent([0.33]), progress=rising) != "stuck"


def test_yesterdays_flags_are_gone_today() -> None:
    today = NOW - timedelta(seconds=10)
    assert state(recent=missed_after_example(3), progress=progress(0.2), lesson_from=today) != "stuck"
    back_at_it = answers(*missed_after_example(3), answer(0, p=0.2))
    assert state(recent=back_at_it, progress=progress(0.2)) == "stuck"
    assert state(recent=back_at_it, progress=progress(0.2), lesson_from=NOW - timedelta(seconds=40)) != "stuck"
    assert state(recent=struggling(*[False] * 6), progress=progress(0.2), lesson_from=today) != "early"
    assert state(recent=paced(True, True, True), lesson_from=today) != "fast"
    assert state(recent=hinted(2, 2), lesson_from=today) != "hints"


def struggling(*rights: bool) -> list[dict[str, Any]]:
    return answers(*[answer(0, right=right, p=0.2) for right in rights])


def test_six_answers_with_three_right_are_an_early_struggle() -> None:
    assert state(recent=struggling(True, True, True, False, False, False), progress=progress(0.2)) == "early"
    assert state(recent=struggling(True, True, True, True, False, False), progress=progress(0.2)) != "early"
    assert state(recent=struggling(True, True, False, False, False), progress=progress(0.2)) != "early"


def test_two_right_clear_an_early_struggle() -> None:
    rights = (False, False, False, False, False, False, True, True)
    assert state(recent=struggling(*rights), progress=progress(0.2)) != "early"
    assert state(recent=struggling(*rights[:-1]), progress=progress(0.2)) == "early"


def paced(*fast: bool) -> list[dict[str, Any]]:
    return answers(*[answer(0, fast=one, score=None if one else 1.0, p=None if one else 0.5) for one in fast])


def test_three_fast_answers_in_a_row_are_too_fast() -> None:
    assert state(recent=paced(False, True, True, True)) == "fast"
    assert state(recent=paced(True, True, False)) != "fast"


def test_three_of_ten_fast_answers_are_too_fast_though_never_in_a_row() -> None:
    assert state(recent=paced(True, False, False, True, False, False, False, True, False, False)) == "fast"


def test_three_at_normal_speed_clear_it() -> None:
    assert state(recent=paced(True, True, True, False, False)) == "fast"
    assert state(recent=paced(True, True, True, False, False, False)) != "fast"


def hinted(*quick: int) -> list[dict[str, Any]]:
    return answers(*[answer(0, hints=3 if n else 0, quick_hints=n) for n in quick])


def test_hints_skipped_on_two_of_four_items_are_seen() -> None:
    assert state(recent=hinted(2, 0, 2)) == "hints"
    assert state(recent=hinted(2, 0, 1)) != "hints"
    assert state(recent=hinted(2, 1, 1, 1, 2)) != "hints"


def test_two_unaided_tries_clear_skipping_hints() -> None:
    assert state(recent=hinted(2, 2, 0)) == "hints"
    assert state(recent=hinted(2, 2, 0, 0)) != "hints"


def test_no_input_for_longer_than_the_item_takes_is_idle() -> None:
    assert state(input_at=NOW - timedelta(seconds=121)) == "idle"
    assert state(input_at=NOW - timedelta(seconds=120)) != "idle"
    assert state(input_at=NOW - timedelta(seconds=150), extra_time=True) != "idle"
    assert state(input_at=NOW - timedelta(seconds=300), at_device_since=None) != "idle"


def test_nobody_is_idle_or_slow_while_the_clock_stands_still() -> None:
    assert state(input_at=NOW - timedelta(seconds=300), paused=True) != "idle"
    assert state(recent=at_pace([*range(900, 420, -30), 200, 100]), paused=True) != "pace"


def test_who_has_just_come_to_the_device_is_neither_idle_nor_offline() -> None:
    away = NOW - timedelta(minutes=15)
    assert state(seen_at=away, input_at=away, at_device_since=NOW - timedelta(seconds=15)) == "working"
    assert state(seen_at=away, input_at=away, at_device_since=NOW - timedelta(seconds=21)) == "offline"
    assert state(input_at=away, at_device_since=NOW - timedelta(seconds=120)) == "working"
    assert state(input_at=away, at_device_since=NOW - timedelta(seconds=121)) == "idle"


def test_two_missed_heartbeats_are_offline_and_never_idle() -> None:
    away = NOW - timedelta(seconds=300)
    assert state(seen_at=away, input_at=away) == "offline"
    assert state(seen_at=NOW - timedelta(seconds=20)) == "working"
    assert state(seen_at=NOW - timedelta(seconds=21)) == "offline"


def at_pace(seconds_ago: list[int]) -> list[dict[str, Any]]:
    return [answer(0, at=to_ms(NOW - timedelta(seconds=ago))) for ago in seconds_ago]


def test_half_the_usual_pace_is_said_without_alarm() -> None:
    usual = list(range(900, 420, -30))
    assert state(recent=at_pace([*usual, 200, 100])) == "pace"
    assert state(recent=at_pace([*usual, *range(420, 0, -30)])) != "pace"
    slow = at_pace([*usual, 200, 100])
    assert state(recent=slow, at_device_since=NOW - timedelta(seconds=299)) != "pace"
    assert state(recent=slow, at_device_since=NOW - timedelta(seconds=300)) == "pace"


def test_once_off_pace_it_takes_seventy_percent_to_clear() -> None:
    recent = at_pace([*range(900, 300, -30), 300, 250, 200, 150, 100, 50])
    assert state(recent=recent) != "pace"
    assert state(recent=recent, was="pace") == "pace"


def test_got_it_and_secure_are_shown() -> None:
    assert state(progress=progress(0.92, got_it_at=NOW)) == "got"
    assert state(progress=progress(0.96, got_it_at=NOW, secure_at=NOW)) == "secure"


def test_ready_needs_every_prerequisite_with_enough_answers() -> None:
    assert state(ready=((0.80, 4), (0.95, 9))) == "ready"
    assert state(ready=((0.79, 4), (0.95, 9))) != "ready"
    assert state(ready=((0.80, 3), (0.95, 9))) != "ready"


def test_ready_stays_until_a_prerequisite_falls_below_its_lower_band() -> None:
    assert state(ready=((0.66, 4),), was="ready") == "ready"
    assert state(ready=((0.64, 4),), was="ready") != "ready"


def test_every_state_says_why() -> None:
    assert state_of(replace(CALM, hand_at=NOW - timedelta(minutes=2)), POLICY).reason == "For 2 min."
