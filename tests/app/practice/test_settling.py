"""When a sitting is over its answers are weighed once more, so that their order does not count."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.base.policy import Policy
from app.practice import queries
from app.practice.progress import Evidence, Standing, learn, newcomer, prior, settle, untouched
from app.practice.service.standing import check_abilities, evidence_of
from models import sitting as model
from models.ability import marginal, prior_skill
from models.irt import ItemParams
from tests.app.practice.desk import Desk

PATTERN = (True, False, True, True, False, True, False, True, True, True, False, True)


def practise(desk: Desk, pattern: tuple[bool, ...] = PATTERN) -> None:
    for right in pattern:
        desk.do(right=right)


def beat(desk: Desk) -> None:
    assert desk.client.post("/practice/heartbeat").status_code == 200


def standing(desk: Desk) -> Standing:
    desk.session.rollback()
    student = desk.school.students[desk.name]
    return queries.standings(desk.session, desk.school.district_id, desk.school.bank_id, [student])[student]


def replayed_alike(desk: Desk) -> bool:
    desk.session.rollback()
    return check_abilities(desk.session, desk.school.district_id, desk.parts.policy).different == ()


def as_the_models_settle(desk: Desk) -> dict[int, float]:
    """Mean of every skill as it follows from the answers of a first sitting."""
    desk.session.rollback()
    policy, district = desk.parts.policy, desk.school.district_id
    given = list(queries.scored_answers(desk.session, district))
    heard = [model.Answer(one.skill_id, evidence_of(desk.session, district, one).item, one.score) for one in given]
    blank = dict.fromkeys((one.skill_id for one in given), prior_skill(prior(policy)))
    general, skills = model.settle(newcomer(policy).general, blank, heard)
    return {skill: marginal(general, belief).mean for skill, belief in skills.items()}


def test_after_a_sitting_beliefs_are_those_of_all_its_answers_together(desk: Desk) -> None:
    desk.begin("A.1", "A.2", "B.1", minutes=20)
    practise(desk, (False,) * 3 + (True,) * 9)
    before = standing(desk)
    assert desk.sitting().settled is None
    desk.wait(1200)
    beat(desk)
    after = standing(desk)
    assert len(after.skills) >= 2
    # The models know no time; in a quarter of an hour a skill's variance grows by a ten-thousandth.
    settled = {skill: marginal(after.general, one.belief).mean for skill, one in after.skills.items()}
    assert settled == pytest.approx(as_the_models_settle(desk), abs=2e-4)
    followed = {skill: marginal(before.general, one.belief).mean for skill, one in before.skills.items()}
    assert settled != pytest.approx(followed, abs=1e-3)
    assert desk.sitting().settled > max(answer.id for answer in desk.answers())
    assert replayed_alike(desk)


def test_only_beliefs_change_and_not_what_the_answers_have_led_to(desk: Desk) -> None:
    desk.begin("A.1", "A.2", minutes=20)
    practise(desk)
    before = standing(desk)
    desk.wait(1200)
    beat(desk)
    after = standing(desk)
    for skill, progress in after.skills.items():
        assert progress._replace(belief=before.skills[skill].belief) == before.skills[skill]
    assert after != before


def test_a_sitting_is_settled_once(desk: Desk) -> None:
    desk.begin("A.1", minutes=10)
    practise(desk, PATTERN[:5])
    desk.wait(700)
    beat(desk)
    settled, after = desk.sitting().settled, standing(desk)
    desk.wait(10)
    beat(desk)
    assert (desk.sitting().settled, standing(desk)) == (settled, after)


def test_the_bell_may_still_be_taken_back_for_a_minute(desk: Desk) -> None:
    desk.begin("A.1", minutes=60)
    practise(desk, PATTERN[:5])
    beat(desk)
    assert desk.sitting().settled is None
    desk.move_on(1, kind="table")
    desk.wait(50)
    beat(desk)
    assert desk.sitting().settled is None
    desk.wait(15)
    beat(desk)
    assert desk.sitting().settled is not None
    assert replayed_alike(desk)


def test_an_answer_that_comes_after_all_counts_and_is_replayed(desk: Desk) -> None:
    desk.begin("A.1", minutes=60)
    practise(desk, PATTERN[:5])
    late = desk.right()
    serving = desk.serving_id
    desk.move_on(1, kind="table")
    desk.wait(70)
    beat(desk)
    before = standing(desk)
    desk.send(late, serving_id=serving)
    assert standing(desk) != before
    assert replayed_alike(desk)


def test_where_nobody_was_there_to_see_the_bell_the_next_sitting_settles_the_last(desk: Desk) -> None:
    desk.begin("A.1", minutes=10)
    practise(desk, PATTERN[:6])
    first = desk.sitting().id
    desk.wait(700)
    desk.move_on(1, skills=("A.1", "A.2"))
    desk.start()
    assert desk.sitting().id != first
    known = desk.as_stored(first)
    assert known.settled is not None
    desk.read_on()
    practise(desk, PATTERN[:4])
    assert replayed_alike(desk)


def test_a_sitting_that_ends_because_nothing_is_left_is_settled_at_once(desk: Desk) -> None:
    desk.begin("A.1", minutes=60)
    while desk.kind != "done":
        desk.do(right=len(desk.answers()) % 3 > 0) if desk.kind == "question" else desk.next()
    assert desk.sitting().ended_at is not None
    assert desk.sitting().settled is not None
    assert replayed_alike(desk)


def test_a_sitting_without_a_scored_answer_leaves_nothing_behind(desk: Desk) -> None:
    desk.begin("A.1", minutes=10)
    desk.wait(700)
    beat(desk)
    assert desk.sitting().settled is not None
    assert replayed_alike(desk)


ORDERED = st.lists(
    st.tuples(
        st.integers(0, 3), st.floats(0.5, 2.0), st.floats(-2.0, 2.0), st.sampled_from([0.0, 0.25]), st.booleans()
    ),
    min_size=2,
    max_size=15,
)
START = datetime(2026, 9, 1, 9, tzinfo=UTC)


def sat(policy: Policy, given: list[tuple[int, ItemParams, float]]) -> dict[int, float]:
    """Mean of every skill after a newcomer's sitting with these answers, one every half minute."""
    now, said, heard = newcomer(policy), [], []
    for place, (skill, item, score) in enumerate(given):
        evidence = Evidence(item, score, True, 0.0, START + timedelta(seconds=30 * place))
        general, progress, site = learn(now.general, now.skills.get(skill) or untouched(policy), evidence, policy)
        now = Standing(general, {**now.skills, skill: progress})
        heard.append((skill, evidence))
        said.append(site)
    after = settle(now, heard, said)
    return {skill: marginal(after.general, one.belief).mean for skill, one in after.skills.items()}


@given(ORDERED, st.randoms(use_true_random=False))
@settings(max_examples=60, deadline=None)
def test_the_order_of_answers_within_a_sitting_moves_no_mean_by_a_twentieth(drawn: list, random) -> None:
    policy = Policy()
    answers = [(skill, ItemParams("3PL" if c else "2PL", a, b, c), float(right)) for skill, a, b, c, right in drawn]
    other = random.sample(answers, len(answers))
    hardest_last = sorted(answers, key=lambda one: (one[2], one[1].b))
    means = sat(policy, answers)
    for order in (other, hardest_last, hardest_last[::-1]):
        assert sat(policy, order) == pytest.approx(means, abs=0.05)


def test_what_was_forgotten_meanwhile_is_not_taken_back_out() -> None:
    policy = Policy()
    item = ItemParams("2PL", 1.5, 0.0)
    blank = newcomer(policy)
    first = Evidence(item, 1.0, True, 0.0, START)
    general, progress, site = learn(blank.general, untouched(policy), first, policy)
    later = Evidence(item, 0.0, True, 0.0, START + timedelta(days=3))
    general, progress, other = learn(general, progress, later, policy)
    long = Standing(general, {1: progress})
    assert settle(long, [(1, first), (1, later)], [site, other]) is long
