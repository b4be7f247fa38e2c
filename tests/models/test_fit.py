"""Whether items and students fit: the figures of R's mirt, and false alarms no more often than promised."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.answer_table import AnswerTable
from models.cells import LEAST, Table, collapse
from models.fit import s_x2, sum_score_chances
from models.irt import ItemParams, p_correct
from models.polytomous import PolyParams
from models.residuals import item_fit, lz_star, student_fit, zh
from models.scoring import eap, maximum_a_posteriori, maximum_likelihood, weighted_likelihood
from tests.models.reference import columns, reference

CALIBRATIONS = (
    "lsat6_2PL",
    "lsat6_Rasch",
    "sat12_2PL",
    "sat12_3PL_beta5_17",
    "science_Rasch",
    "science_gpcm",
    "science_graded",
)
BANK = [ItemParams("2PL", 0.8 + 0.05 * i, b) for i, b in enumerate(np.linspace(-2.0, 2.0, 15))]


def answers(theta, items, rng):
    right = rng.random((len(theta), len(items))) < np.array([p_correct(theta, item) for item in items]).T
    return right.astype(float)


@pytest.mark.parametrize("name", CALIBRATIONS)
def test_infit_and_outfit_of_items_are_those_of_another_programme(name):
    known, golden = reference(name), columns(f"{name}_infit.csv")
    theta = eap(known.responses, known.items, known.prior).theta
    ours = item_fit(known.responses, known.items, theta)
    for figure in ("outfit", "infit"):
        assert getattr(ours, figure) == pytest.approx(golden[figure], abs=0.01)
        assert getattr(ours, f"{figure}_z") == pytest.approx(golden[f"z.{figure}"], abs=0.01)


@pytest.mark.parametrize("name", CALIBRATIONS)
def test_the_fit_of_students_is_that_of_another_programme(name):
    known, golden = reference(name), columns(f"{name}_personfit.csv")
    row = golden["row"].astype(int) - 1
    theta = eap(known.responses, known.items, known.prior).theta
    ours = student_fit(known.responses, known.items, theta)
    for figure in ("outfit", "infit"):
        assert getattr(ours, figure)[row] == pytest.approx(golden[figure], abs=0.01)
        assert getattr(ours, f"{figure}_z")[row] == pytest.approx(golden[f"z.{figure}"], abs=0.01)
    assert zh(known.responses, known.items, theta)[row] == pytest.approx(golden["Zh"], abs=0.01)


@pytest.mark.parametrize("name", CALIBRATIONS)
def test_s_x2_is_that_of_another_programme(name):
    known, golden = reference(name), columns(f"{name}_sx2.csv")
    one_slope = name.endswith("Rasch")
    free = [1 if isinstance(item, ItemParams) else len(item.b) for item in known.items] if one_slope else None
    ours = s_x2(known.responses, known.items, known.prior, parameters=free, shared=int(one_slope))
    assert ours.chi2 == pytest.approx(golden["S_X2"], abs=0.01)
    assert ours.df.tolist() == golden["df.S_X2"].tolist()
    assert ours.p == pytest.approx(golden["p.S_X2"], abs=0.01)


def test_s_x2_of_items_that_fit_raises_the_alarm_one_time_in_twenty():
    rng = np.random.default_rng(1)
    alarms = []
    for _ in range(60):
        responses = AnswerTable.from_matrix(answers(rng.normal(size=500), BANK, rng))
        alarms.append(s_x2(responses, BANK, parameters=[0] * 15).p < 0.05)
    assert 0.03 < np.mean(alarms) < 0.07  # 900 items: two and a half standard deviations


def test_s_x2_finds_an_item_with_the_wrong_curve():
    rng = np.random.default_rng(2)
    responses = AnswerTable.from_matrix(answers(rng.normal(size=2000), BANK, rng))
    believed = [ItemParams("2PL", 2.2, BANK[0].b + 1.0), *BANK[1:]]
    assert s_x2(responses, believed, parameters=[0] * 15).p[0] < 0.001


def test_s_x2_refuses_answers_with_gaps():
    with pytest.raises(ValueError, match="gaps"):
        s_x2(AnswerTable.from_matrix([[1.0, np.nan]]), BANK[:2])


def test_an_item_without_a_degree_of_freedom_has_no_verdict():
    responses = AnswerTable.from_matrix([[0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    given = s_x2(responses, BANK[:2])
    assert given.df.tolist() == [0, 0]
    assert np.isnan(given.p).all()


def test_graded_items_among_right_or_wrong_ones_have_a_statistic_each():
    rng = np.random.default_rng(4)
    matrix = np.column_stack([answers(rng.normal(size=400), BANK[:6], rng), rng.integers(0, 4, 400)])
    given = s_x2(AnswerTable.from_matrix(matrix), [*BANK[:6], PolyParams("GPCM", 1.0, (-1.0, 0.0, 1.0))])
    assert np.isfinite(given.chi2).all()


def alarm_rates(rng):
    """Share of students whose pattern lies in the lowest twentieth, by lz and by each lz*."""
    responses = AnswerTable.from_matrix(answers(rng.normal(size=6000), BANK, rng))
    warm, mode = weighted_likelihood(responses, BANK), maximum_a_posteriori(responses, BANK)
    likely = maximum_likelihood(responses, BANK)
    low = {
        "lz": zh(responses, BANK, warm.theta),
        "WLE": lz_star(responses, BANK, warm.theta),
        "MAP": lz_star(responses, BANK, mode.theta, estimate="MAP"),
        "ML": lz_star(responses, BANK, likely.theta, estimate="ML")[likely.finite],
    }
    return {name: np.mean(values < -1.645) for name, values in low.items()}


def test_odd_patterns_are_found_at_the_promised_rate_only_after_the_correction():
    rates = alarm_rates(np.random.default_rng(7))
    assert rates.pop("lz") < 0.042
    assert all(0.04 < rate < 0.06 for rate in rates.values())


def test_easy_items_wrong_and_hard_ones_right_is_an_odd_pattern():
    backwards = np.array([[0.0] * 8 + [1.0] * 7, [1.0] * 8 + [0.0] * 7])
    responses = AnswerTable.from_matrix(backwards)
    odd, plain = lz_star(responses, BANK, weighted_likelihood(responses, BANK).theta)
    assert odd < -3.0
    assert plain > 0.0


def test_a_student_without_answers_has_no_fit():
    responses = AnswerTable.from_answers([1], [0], [1], n_students=2, n_items=15)
    assert np.isnan(zh(responses, BANK, np.zeros(2))[0])
    assert np.isnan(student_fit(responses, BANK, np.zeros(2)).outfit[0])
    assert np.isnan(item_fit(responses, BANK, np.zeros(2)).infit[1])


@given(st.lists(st.lists(st.floats(0.01, 0.99), min_size=2, max_size=2), min_size=1, max_size=8))
def test_the_sum_scores_chances_have_the_mean_and_variance_of_independent_answers(rows):
    right = np.array(rows)
    sums = sum_score_chances([np.stack([1.0 - p, p], axis=1) for p in right])
    score = np.arange(sums.shape[1])
    assert sums.sum(axis=1) == pytest.approx(np.ones(2))
    assert sums @ score == pytest.approx(right.sum(axis=0))
    assert sums @ score**2 - (sums @ score) ** 2 == pytest.approx((right * (1.0 - right)).sum(axis=0))


@given(st.integers(2, 4), st.integers(1, 12), st.integers(0, 2**32 - 1))
def test_joining_cells_keeps_every_student_and_leaves_no_sparse_cell(columns, rows, seed):
    rng = np.random.default_rng(seed)
    observed = rng.poisson(1.5, (rows, columns)).astype(float)
    expected = rng.dirichlet(np.ones(columns), rows) * observed.sum(axis=1, keepdims=True)
    joined = collapse(Table(observed, expected))
    assert joined.observed.sum() == observed.sum()
    assert joined.expected.sum() == pytest.approx(observed.sum())
    if len(joined.expected) > 1:
        assert np.all((joined.expected >= LEAST) | (joined.expected == 0.0))
