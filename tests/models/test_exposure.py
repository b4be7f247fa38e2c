"""No item wears out, none lies idle, and good items are still preferred."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.exposure import (
    Drawn,
    control_parameters,
    progressive_restricted,
    randomesque,
    sympson_hetter,
    within_ceiling,
)

WORTH = np.linspace(1.0, 0.1, 40)
EVERY = np.ones(40, dtype=bool)


def test_randomesque_draws_each_of_the_best_and_no_other():
    rng = np.random.default_rng(1)
    drawn = [randomesque(WORTH, EVERY, rng, top=4) for _ in range(400)]
    assert set(drawn) == {0, 1, 2, 3}
    assert min(drawn.count(item) for item in range(4)) > 60


@given(st.lists(st.booleans(), min_size=40, max_size=40).filter(any), st.integers(0, 99))
@settings(max_examples=50)
def test_an_item_that_is_not_allowed_is_never_served(flags, seed):
    allowed, rng = np.array(flags), np.random.default_rng(seed)
    counts = rng.integers(0, 5, 40)
    options = {"served": counts, "students": 8, "ceiling": 0.3, "progress": 0.5}
    assert allowed[randomesque(WORTH, allowed, rng)]
    assert allowed[progressive_restricted(WORTH, allowed, rng, **options)]
    assert allowed[sympson_hetter(WORTH, allowed, np.full(40, 0.2), rng).item]


def test_no_item_is_served_to_more_than_its_share_of_students():
    rng, served = np.random.default_rng(2), np.zeros(40, dtype=int)
    for student in range(1, 401):
        allowed = EVERY.copy()
        for place in range(5):
            item = progressive_restricted(
                WORTH, allowed, rng, served=served, students=student, ceiling=0.25, progress=place / 5
            )
            served[item] += 1
            allowed[item] = False
    assert served.max() <= 100
    assert served.min() > 0
    assert served.sum() == 2000
    assert served[:10].mean() > 1.5 * served[-10:].mean()


def test_at_the_end_of_a_test_worth_alone_counts_and_at_its_start_chance_alone():
    rng, none = np.random.default_rng(3), np.zeros(40, dtype=int)
    options = {"served": none, "students": 1, "ceiling": 1.0}
    late = {progressive_restricted(WORTH, EVERY, rng, progress=1.0, **options) for _ in range(50)}
    early = {progressive_restricted(WORTH, EVERY, rng, progress=0.0, **options) for _ in range(600)}
    assert late == {0}
    assert len(early) == 40


def test_where_every_item_is_at_its_ceiling_the_least_seen_is_served():
    served = np.array([9, 7, 8])
    assert within_ceiling(served, 10, 0.2, np.ones(3, dtype=bool)).tolist() == [False, True, False]


def test_an_item_passed_over_was_worth_more_than_the_one_served():
    rng = np.random.default_rng(4)
    for _ in range(100):
        drawn = sympson_hetter(WORTH, EVERY, np.full(40, 0.3), rng)
        assert drawn.passed_over == tuple(range(drawn.item))


def test_where_chance_lets_none_through_the_likeliest_is_served():
    control = np.array([0.0, 0.0, 0.0])
    drawn = sympson_hetter(np.array([3.0, 2.0, 1.0]), np.array([True, False, True]), control, np.random.default_rng(1))
    assert drawn == Drawn(0, (2,))


def simulated(control, rng, *, length=5, students=300):
    """Each student's taste differs a little, as abilities do."""
    selected, served = np.zeros(40, dtype=int), np.zeros(40, dtype=int)
    for _ in range(students):
        worth, allowed = WORTH + rng.normal(0.0, 0.2, 40), EVERY.copy()
        for _ in range(length):
            drawn = sympson_hetter(worth, allowed, control, rng)
            gone = [drawn.item, *drawn.passed_over]
            selected[gone] += 1
            allowed[gone] = False
            served[drawn.item] += 1
    return selected, served, students


def test_control_parameters_found_by_simulation_keep_items_near_their_ceiling():
    def simulate(control, rng):
        selected, _, students = simulated(control, rng)
        return selected, students

    rng = np.random.default_rng(5)
    free = simulated(np.ones(40), rng)[1].max() / 300
    control = control_parameters(simulate, 40, rng, ceiling=0.3, length=5)
    _, served, students = simulated(control, rng, students=1000)
    assert free > 0.4
    assert served.max() / students < 0.36
    assert np.count_nonzero(control == 1.0) >= 5
    assert ((control > 0.0) & (control <= 1.0)).all()


def test_what_cannot_be_kept_is_refused():
    rng = np.random.default_rng(1)
    with pytest.raises(LookupError, match="no item is allowed"):
        randomesque(WORTH, ~EVERY, rng)
    with pytest.raises(ValueError, match="cannot fill"):
        control_parameters(lambda control, rng: (control, 1), 40, rng, ceiling=0.05, length=5)
    with pytest.raises(ValueError, match="progress"):
        progressive_restricted(WORTH, EVERY, rng, served=np.zeros(40, dtype=int), students=1, ceiling=0.5, progress=1.5)
    with pytest.raises(ValueError, match="ceiling"):
        within_ceiling(np.zeros(40, dtype=int), 1, 0.0, EVERY)
    with pytest.raises(ValueError, match="at least one item"):
        randomesque(WORTH, EVERY, rng, top=0)
