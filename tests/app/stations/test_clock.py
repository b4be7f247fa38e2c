"""The lesson's clock: whatever the teacher does, slots stay in order and no time is lost."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.base.errors import ConflictError
from app.stations.clock import BlockEvent, BlockPlan, Clock, apply, fold, stretches

START = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
PLAN = BlockPlan(slots=3, slot_s=1200, transition_s=60)


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def clock_after(*events: tuple[str, float], plan: BlockPlan = PLAN) -> Clock:
    made = [BlockEvent(kind, at(seconds), 60.0 if kind == "extend" else 0.0) for kind, seconds in events]
    return fold(plan, [BlockEvent("start", START), *made])


def slots_of(clock: Clock) -> list[tuple[float, float]]:
    return [((a - START).total_seconds(), (b - START).total_seconds()) for _slot, a, b in clock.timeline()]


def test_slots_follow_each_other_with_time_to_walk_in_between() -> None:
    clock = clock_after()
    assert slots_of(clock) == [(0, 1200), (1260, 2460), (2520, 3720)]
    assert clock.at(at(0)).state == "running"
    assert clock.at(at(1199.9)).slot == 0
    walking = clock.at(at(1200))
    assert (walking.state, walking.slot, walking.left_s) == ("moving", 1, 60)
    assert (clock.at(at(1260)).state, clock.at(at(1260)).slot) == ("running", 1)
    assert clock.at(at(3720)).state == "ended"


def test_a_pause_moves_every_later_bell_by_as_long_as_it_lasted() -> None:
    clock = clock_after(("pause", 300), ("resume", 500))
    assert slots_of(clock) == [(0, 1400), (1460, 2660), (2720, 3920)]


def test_a_stopped_clock_stands_still() -> None:
    clock = clock_after(("pause", 300))
    for seconds in (300, 301, 90_000):
        position = clock.at(at(seconds))
        assert (position.state, position.slot, position.left_s, position.ends_at) == ("paused", 0, 900, None)


def test_a_minute_more_moves_the_present_bell_and_all_later_ones() -> None:
    assert slots_of(clock_after(("extend", 1300))) == [(0, 1200), (1260, 2520), (2580, 3780)]


def test_a_minute_more_while_stopped_is_there_on_resuming() -> None:
    clock = clock_after(("pause", 300), ("extend", 350), ("resume", 400))
    assert slots_of(clock)[0] == (0, 1360)


def test_rotate_sends_the_groups_on_now() -> None:
    clock = clock_after(("rotate", 700))
    assert slots_of(clock) == [(0, 700), (760, 1960), (2020, 3220)]
    assert clock.at(at(700)).state == "moving"


def test_rotate_while_groups_walk_is_refused() -> None:
    with pytest.raises(ConflictError, match="already walking"):
        clock_after(("rotate", 700), ("rotate", 710))


def test_rotate_in_the_last_slot_ends_the_lesson() -> None:
    assert clock_after(("rotate", 3000)).at(at(3000)).state == "ended"


def test_rotate_while_stopped_lets_the_clock_run_again() -> None:
    clock = clock_after(("pause", 300), ("rotate", 400))
    assert clock.paused_at is None
    assert slots_of(clock) == [(0, 400), (460, 1660), (1720, 2920)]


def test_undo_brings_back_what_was_and_only_once() -> None:
    clock = clock_after(("extend", 100), ("rotate", 700), ("undo", 705))
    assert slots_of(clock) == slots_of(clock_after(("extend", 100)))
    with pytest.raises(ConflictError, match="no rotation"):
        clock_after(("extend", 100), ("rotate", 700), ("undo", 705), ("undo", 706))


def test_a_rotation_can_be_taken_back_for_ten_seconds_unless_something_else_was_done() -> None:
    clock = clock_after(("rotate", 700))
    assert clock.can_undo(at(710), 10)
    assert not clock.can_undo(at(710.01), 10)
    assert not clock_after(("rotate", 700), ("pause", 702)).can_undo(at(703), 10)


def test_ending_cuts_everything_that_was_still_to_come() -> None:
    clock = clock_after(("end", 1300))
    assert slots_of(clock) == [(0, 1200), (1260, 1300)]
    assert clock.at(at(1300)).state == "ended"
    with pytest.raises(ConflictError, match="No lesson is running"):
        clock_after(("end", 1300), ("pause", 1301))


@pytest.mark.parametrize(
    ("events", "sentence"),
    [
        ([("resume", 10)], "running already"),
        ([("pause", 10), ("pause", 11)], "stopped already"),
        ([("undo", 10)], "no rotation"),
        ([("start", 10)], "started already"),
        ([("extend", 4000)], "No lesson is running"),
    ],
)
def test_what_does_not_fit_is_refused_in_words(events: list[tuple[str, float]], sentence: str) -> None:
    with pytest.raises(ConflictError, match=sentence):
        clock_after(*events)


# -- Whatever a teacher does ------------------------------------------------------------------------------------

plans = st.builds(BlockPlan, slots=st.integers(1, 5), slot_s=st.integers(60, 3600), transition_s=st.integers(0, 300))
taps = st.lists(
    st.tuples(st.sampled_from(["pause", "resume", "extend", "rotate", "undo", "end"]), st.integers(0, 2000)),
    max_size=25,
)


def played(plan: BlockPlan, tapped: list[tuple[str, int]]) -> tuple[Clock, datetime, list[BlockEvent]]:
    """The clock after the taps that fitted, when that was, and their events."""
    moment = START
    events = [BlockEvent("start", START)]
    clock = fold(plan, events)
    for kind, gap in tapped:
        moment += timedelta(seconds=gap)
        event = BlockEvent(kind, moment, 60.0 if kind == "extend" else 0.0)  # type: ignore[arg-type]
        try:
            clock = apply(plan, clock, event)
        except ConflictError:
            continue
        events.append(event)
    return clock, moment, events


@given(plans, taps)
def test_slots_never_overlap_and_stay_in_order(plan: BlockPlan, tapped: list[tuple[str, int]]) -> None:
    clock, _now, _events = played(plan, tapped)
    moments = [moment for _slot, starts, ends in clock.timeline() for moment in (starts, ends)]
    assert moments == sorted(moments)
    assert [slot for slot, _starts, _ends in clock.timeline()] == list(range(len(clock.timeline())))
    through = stretches(clock)
    assert all(one[3] == two[2] for one, two in pairwise(through))


@given(plans, taps)
def test_the_events_alone_give_the_clock(plan: BlockPlan, tapped: list[tuple[str, int]]) -> None:
    clock, _now, events = played(plan, tapped)
    assert fold(plan, events) == clock


@given(plans, taps, st.integers(0, 20_000), st.integers(0, 20_000))
def test_time_only_moves_forward(plan: BlockPlan, tapped: list[tuple[str, int]], one: int, two: int) -> None:
    clock, now, _events = played(plan, tapped)
    early, late = sorted((one, two))
    before, after = (clock.at(now + timedelta(seconds=seconds)) for seconds in (early, late))
    if before.state == "paused":
        assert after == before
    elif before.state == "ended":
        assert after.state == "ended"
    else:
        assert after.state == "ended" or (after.slot or 0) >= (before.slot or 0)


@given(plans, taps, st.integers(1, 5000))
def test_a_pause_loses_no_time(plan: BlockPlan, tapped: list[tuple[str, int]], length: int) -> None:
    clock, now, _events = played(plan, tapped)
    before = clock.at(now)
    if before.state not in ("running", "moving"):
        return
    paused = apply(plan, clock, BlockEvent("pause", now))
    resumed_at = now + timedelta(seconds=length)
    after = apply(plan, paused, BlockEvent("resume", resumed_at)).at(resumed_at)
    assert (after.state, after.slot, after.left_s) == (before.state, before.slot, before.left_s)


@given(plans, taps, st.integers(0, 10))
def test_undo_restores_exactly(plan: BlockPlan, tapped: list[tuple[str, int]], later: int) -> None:
    clock, now, _events = played(plan, tapped)
    if clock.at(now).walking or clock.at(now).state in ("none", "ended"):
        return
    rotated = apply(plan, clock, BlockEvent("rotate", now))
    undone = apply(plan, rotated, BlockEvent("undo", now + timedelta(seconds=later)))
    assert replace(undone, last_at=None, before_rotation=None) == replace(clock, last_at=None, before_rotation=None)


@given(plans, taps)
def test_a_minute_more_shifts_exactly_what_is_still_to_come(plan: BlockPlan, tapped: list[tuple[str, int]]) -> None:
    clock, now, _events = played(plan, tapped)
    if clock.at(now).state in ("none", "ended"):
        return
    longer = apply(plan, clock, BlockEvent("extend", now, 60.0))
    since = clock.paused_at or now
    for one, two in zip(clock.bounds, longer.bounds, strict=True):
        for before, after in zip(one, two, strict=True):
            assert after - before == timedelta(seconds=60 if before > since else 0)


def test_an_event_from_a_server_whose_clock_lags_counts_as_simultaneous() -> None:
    events = [BlockEvent("start", START), BlockEvent("pause", at(300)), BlockEvent("resume", at(299))]
    assert slots_of(fold(PLAN, events)) == slots_of(clock_after())
