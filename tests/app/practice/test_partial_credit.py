"""An answer of several parts earns its share, from the page to the belief and its replay."""

import pytest

from app.practice import queries
from app.practice.service.standing import check_abilities
from tests.app.practice.desk import Desk, head, publish
from tests.learner import fields_of

ITEM = """
## fill-{n}
answer: table
difficulty: 0
param a: 2..9

How many in kind {n}?

### Answer
| boxes | pens |
|---|---|
| 1 | [[a]] |
| 2 | = 2 * a |
| 3 | = 3 * a |
| 4 | = 4 * a |

### Hints
1. Add once more.

### Solution
Add [[a]] again and again.
"""
BANK = head("P.1") + "\n# P.1\n" + "".join(ITEM.format(n=n) for n in range(6))


@pytest.fixture
def at_desk(desk: Desk) -> Desk:
    desk.school = publish(desk.parts, desk.school, BANK)
    desk.begin("P.1")
    return desk


def part_right(desk: Desk, right: int) -> dict[str, str]:
    """Fields with the first so many cells right."""
    key = fields_of(desk.session, desk.serving_id, right=True)
    return {name: value if at < right else "1" for at, (name, value) in enumerate(key.items())}


def mean(desk: Desk) -> float:
    progress = desk.progress("P.1")
    student = desk.school.students[desk.name]
    standing = queries.standings(desk.session, desk.school.district_id, desk.school.bank_id, [student])[student]
    return float(progress.alpha + progress.beta * standing.general.mean)


@pytest.mark.parametrize("right", [0, 1, 2, 3])
def test_the_first_answer_scores_its_share(at_desk: Desk, right: int) -> None:
    at_desk.wait(20)
    page = at_desk.send(part_right(at_desk, right))
    (answer,) = at_desk.answers()
    assert answer.score == pytest.approx(right / 3)
    assert answer.status == ("right" if right == 3 else "wrong")
    if right in (1, 2):
        assert f"{right} of 3 are right so far." in page


def test_more_parts_right_means_a_higher_belief(at_desk: Desk, neighbour: Desk) -> None:
    neighbour.school = at_desk.school
    neighbour.begin("P.1")
    for desk, right in ((at_desk, 1), (neighbour, 2)):
        desk.wait(20)
        desk.send(part_right(desk, right))
    assert mean(at_desk) < mean(neighbour)


def test_after_a_hint_no_part_counts(at_desk: Desk) -> None:
    at_desk.wait(15)
    at_desk.hint()
    at_desk.wait(15)
    at_desk.send(part_right(at_desk, 2))
    (answer,) = at_desk.answers()
    assert (answer.score, answer.hints) == (0.0, 1)


def test_what_is_not_complete_is_given_back_and_not_counted(at_desk: Desk) -> None:
    at_desk.wait(20)
    given = part_right(at_desk, 3)
    page = at_desk.send(given | {next(iter(given)): ""})
    assert "Type a number in every box." in page
    assert list(given.values())[1] in page  # what was typed stays
    at_desk.answer(right=True)
    assert [answer.score for answer in at_desk.answers()] == [None, 1.0]


def test_a_replay_gives_the_same_belief(at_desk: Desk) -> None:
    for right in (1, 3, 2, 0, 3):
        at_desk.wait(20)
        at_desk.send(part_right(at_desk, right))
        if right < 3:
            at_desk.answer(right=True)
        at_desk.next()
        at_desk.read_on()
    at_desk.session.rollback()
    checked = check_abilities(at_desk.session, at_desk.school.district_id, at_desk.parts.policy)
    assert checked.answers >= 5
    assert checked.different == ()
