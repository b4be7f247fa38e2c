"""The next item: hard enough to matter, easy enough to go on, and not the same for everyone."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.irt import ItemParams, information, p_correct
from models.selection import Pool, choose, choose_by_chance, choose_probe, expected_success
from tests.models.strategies import items, numbers

TARGET = 0.75


def bank(n=200, skills=4, seed=1):
    rng = np.random.default_rng(seed)
    made = [ItemParams("2PL", float(rng.lognormal(0, 0.2)), float(rng.normal()), b_sd=0.2) for _ in range(n)]
    return Pool.build(made, [i % skills for i in range(n)], [i // 4 for i in range(n)], [f"item{i}" for i in range(n)])


def chosen(pool, times=200, **options):
    rng = np.random.default_rng(7)
    means, variances = np.zeros(4), np.full(4, 0.5)
    return {
        choose(pool, means, variances, **{"allowed": None, "target": TARGET, "rng": rng, **options})
        for _ in range(times)
    }


@given(items(uncertain=True), numbers(-2.5, 2.5), numbers(0.0, 2.0))
@settings(max_examples=200)
def test_expected_success_is_the_chance_averaged_over_what_we_do_not_know(item, mean, variance):
    pool = Pool.build([item], [0], [0], ["only"])
    x = np.linspace(-8, 8, 2001)
    density = np.exp(-0.5 * x * x)
    exact = (density * p_correct(mean + np.sqrt(variance) * x, item)).sum() / density.sum()
    steep = item.a**2 * (variance + item.b_sd**2) > 2.25
    assert expected_success(pool, [mean], [variance])[0] == pytest.approx(exact, abs=0.018 if steep else 0.008)


def test_each_item_is_judged_by_its_own_skill():
    item = ItemParams("2PL", 1.0, 0.0)
    pool = Pool.build([item, item], [1, 0], [0, 1], ["one", "zero"])
    np.testing.assert_allclose(
        expected_success(pool, [2.0, -2.0], [0.0, 0.0]), [p_correct(-2.0, item), p_correct(2.0, item)]
    )


def test_a_hopeless_item_has_no_chance_and_raises_no_warning():
    pool = Pool.build([ItemParams("2PL", 4.0, 500.0)], [0], [0], ["x"])
    assert 0.0 <= expected_success(pool, [0.0], [0.0])[0] < 1e-300


def test_the_chosen_items_are_the_five_nearest_the_target():
    pool = bank()
    distance = np.abs(expected_success(pool, np.zeros(4), np.full(4, 0.5)) - TARGET)
    assert chosen(pool) == set(np.argsort(distance)[:5].tolist())


def test_neighbours_do_not_all_see_the_same_item():
    assert len(chosen(bank(), times=40)) == 5
    assert len(chosen(bank(), times=40, top=1)) == 1


@given(st.lists(st.booleans(), min_size=200, max_size=200).filter(any), st.integers(1, 250))
@settings(max_examples=50)
def test_an_item_that_is_not_allowed_is_never_chosen(flags, top):
    pool, allowed = bank(), np.array(flags)
    assert all(allowed[i] for i in chosen(pool, times=5, allowed=allowed, top=top))


def test_in_a_bank_nobody_has_rated_every_item_is_served():
    pool = Pool.build([ItemParams.from_author(None, None)] * 40, [0] * 40, range(40), range(40))
    assert len(chosen(pool, times=1000)) == 40


def test_when_no_item_is_left_it_says_so():
    pool, nothing = bank(), np.zeros(200, dtype=bool)
    with pytest.raises(LookupError, match="no item is allowed"):
        chosen(pool, times=1, allowed=nothing)
    with pytest.raises(LookupError, match="no item is allowed"):
        choose_probe(pool, cut=0.0, margin=0.3, allowed=nothing, rng=np.random.default_rng(1))


def test_the_same_seed_chooses_the_same_items():
    pool = bank()
    runs = [
        [
            choose(pool, np.zeros(4), np.ones(4), allowed=None, target=TARGET, rng=rng)
            for rng in [np.random.default_rng(11)]
            for _ in range(20)
        ]
        for _ in range(2)
    ]
    assert runs[0] == runs[1]


def probes(pool, **options):
    rng = np.random.default_rng(3)
    return {choose_probe(pool, **{"margin": 0.3, "allowed": None, "rng": rng, **options}) for _ in range(100)}


def test_a_probe_counts_as_hard_and_tells_most_at_the_cut():
    rng = np.random.default_rng(1)
    made = [ItemParams("2PL", float(rng.lognormal(0, 0.2)), float(rng.normal())) for _ in range(2000)]
    pool = Pool.build(made, [0] * 2000, range(2000), range(2000))
    hard = [place for place, item in enumerate(made) if item.b >= 0.5 - 0.3]
    best = sorted(hard, key=lambda place: -float(information(0.5, made[place])))
    assert probes(pool, cut=0.5) == set(best[:5])


def test_of_two_probes_the_better_known_one_comes_first():
    made = [ItemParams("2PL", 1.0, 0.0, b_sd=sd) for sd in (0.9, 0.1, 0.5)]
    assert probes(Pool.build(made, [0] * 3, range(3), range(3)), cut=0.0, top=1) == {1}


def test_of_items_alike_for_the_student_those_that_tell_most_come_first():
    made = [ItemParams("2PL", a, b) for a, b in ((0.8, -1.37), (1.6, -0.69), (1.2, -0.92), (2.5, 1.0))]
    pool = Pool.build(made, [0] * 4, range(4), range(4))
    chances, rng = expected_success(pool, np.zeros(1), np.full(1, 1e-9)), np.random.default_rng(1)
    plain = {"allowed": None, "target": TARGET, "rng": rng}
    assert np.all(np.abs(chances[:3] - TARGET) < 0.01)
    alike = [choose_by_chance(chances, top=2, worth=pool.worth, slack=0.05, **plain) for _ in range(50)]
    assert set(alike) == {1, 2}
    assert {choose_by_chance(chances, top=3, worth=pool.worth, slack=0.0, **plain) for _ in range(50)} == {0, 1, 2}


def test_items_worth_the_same_come_by_their_distance():
    pool = Pool.build(
        [ItemParams("2PL", 1.0, b) for b in (-0.85, -1.0, -1.1, -1.2, -1.35)], [0] * 5, range(5), range(5)
    )
    chances = expected_success(pool, np.zeros(1), np.full(1, 1e-9))
    options = {"allowed": None, "target": TARGET, "rng": np.random.default_rng(1), "worth": pool.worth, "slack": 0.05}
    assert {choose_by_chance(chances, top=2, **options) for _ in range(50)} == {2, 3}


def test_a_probe_of_a_bank_without_hard_items_is_its_hardest():
    easy = [ItemParams("2PL", 1.0, -3.0 + 0.1 * i) for i in range(10)]
    pool = Pool.build(easy, [0] * 10, range(10), range(10))
    assert probes(pool, cut=1.0, top=2) == {8, 9}


def test_a_probe_may_have_a_cut_for_each_skill():
    made = [ItemParams("2PL", 1.0, b) for b in (-1.0, 0.0, 1.0)] * 2
    pool = Pool.build(made, [0, 0, 0, 1, 1, 1], range(6), range(6))
    cut = np.array([-1.0, 1.0])
    assert probes(pool, cut=cut, top=1, allowed=pool.mask(skills={0})) == {0}
    assert probes(pool, cut=cut, top=1, allowed=pool.mask(skills={1})) == {5}


def test_of_two_probes_the_one_we_know_better_is_preferred():
    pool = Pool.build([ItemParams.from_author(None, None), ItemParams("2PL", 1, 0.1)], [0, 0], [0, 1], "ab")
    assert probes(pool, cut=0.0, top=1) == {1}


def test_a_mask_keeps_the_wanted_skills_and_drops_the_families_seen():
    pool = bank()
    allowed = pool.mask(skills={1, 2}, without_families={0, 3})
    assert set(pool.skill[allowed]) == {1, 2}
    assert set(pool.family[~allowed & np.isin(pool.skill, [1, 2])]) == {0, 3}
    assert pool.mask().all()


def test_choosing_leaves_the_pool_as_it_was():
    pool = bank()
    with pytest.raises(ValueError, match="read-only"):
        pool.b[0] = 9.0


def test_a_pool_that_does_not_fit_together_is_refused():
    item = ItemParams("2PL", 1.0, 0.0)
    for arguments in [([], [], [], []), ([item], [0, 1], [0], ["a"]), ([item], [-1], [0], ["a"])]:
        with pytest.raises(ValueError, match=r"pool|start at 0"):
            Pool.build(*arguments)
