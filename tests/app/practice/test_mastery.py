"""Got it, Secure, lapse and reviews, as a student's answers lead to them over days."""

from datetime import timedelta

from tests.app.practice.desk import Desk
from tests.factories import sign_in_student

DAY = 24 * 3600


def practise(desk: Desk, count: int, *, right: bool) -> None:
    """Work through so many questions, or until nothing is left."""
    for _ in range(count):
        desk.read_on()
        if desk.kind != "question":
            return
        desk.do(right=right)


def got_it(desk: Desk, slots: int = 4) -> int:
    """Practise A.1 alone until it is got; returns the slot that is next."""
    desk.begin("A.1")
    for slot in range(1, slots):
        practise(desk, 12, right=True)
        progress = desk.progress("A.1")
        if progress is not None and progress.got_it_at is not None:
            return slot
        desk.move_on(slot, skills=("A.1",))
        desk.start()
    raise AssertionError("never got")


def come_back(desk: Desk, days: float, slot: int, skill: str) -> None:
    """Come back some days later."""
    desk.wait(days * DAY)
    sign_in_student(desk.client, desk.school)
    desk.move_on(slot, skills=(skill,))
    desk.start()
    desk.read_on()


def review(desk: Desk, days: float, slot: int, *, right: bool) -> None:
    """Come back when A.1 is due, and answer the question that reviews it."""
    come_back(desk, days, slot, "A.2")
    assert (desk.serving.skill_id, desk.serving.purpose) == (desk.school.skills["A.1"], "review")
    desk.do(right=right)


def secured(desk: Desk, slot: int) -> int:
    """Be right in mixed reviews day after day until A.1 is secure; returns the slot that is next."""
    for later in range(6):
        come_back(desk, 1.01, slot + later, "A.1")
        for _ in range(8):
            if desk.kind == "done":
                desk.pick("review")
            if desk.kind != "question":
                break
            desk.do(right=True)
            progress = desk.progress("A.1")
            if progress.secure_at is not None:
                assert progress.p >= 0.95
                return slot + later + 1
            assert progress.p < 0.95 or desk.answers()[-1].answered_at < progress.got_it_at + timedelta(days=1)
    raise AssertionError("never secure")


def test_a_skill_is_secure_after_a_right_answer_on_another_day_and_not_before(desk: Desk) -> None:
    slot = got_it(desk)
    assert desk.progress("A.1").secure_at is None
    secured(desk, slot)
    progress = desk.progress("A.1")
    assert progress.secure_at - progress.got_it_at >= timedelta(days=1)


def test_each_review_doubles_the_half_life_and_a_miss_halves_it(desk: Desk) -> None:
    slot = got_it(desk)
    assert desk.progress("A.1").half_life_days == 7
    review(desk, 3, slot, right=True)
    assert desk.progress("A.1").half_life_days == 14
    come_back(desk, 3, slot + 1, "A.2")
    assert desk.serving.purpose != "review"  # not due before 14 days have worn it down
    review(desk, 3, slot + 2, right=False)
    progress = desk.progress("A.1")
    assert progress.got_it_at is None or progress.half_life_days == 7


def test_a_missed_review_ends_secure(desk: Desk) -> None:
    slot = got_it(desk)
    slot = secured(desk, slot)
    review(desk, 1.01 + 0.5 * desk.progress("A.1").half_life_days, slot, right=False)
    assert desk.progress("A.1").secure_at is None


def test_got_it_lapses_when_misses_bring_p_below_four_fifths(desk: Desk) -> None:
    slot = got_it(desk)
    lapsed = []
    for later in range(4):
        come_back(desk, 3, slot + later, "A.1")
        practise(desk, 3, right=False)
        progress = desk.progress("A.1")
        assert (progress.got_it_at is not None) == (progress.p >= 0.80) or lapsed
        if progress.got_it_at is None:
            lapsed.append(progress.p)
    assert lapsed
    assert progress.half_life_days is None
    assert progress.reviewed_at is None
