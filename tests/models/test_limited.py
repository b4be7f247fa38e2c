"""Whether a test measures one ability: M2 as R's mirt gives it, dependent pairs, reliability."""

import numpy as np
import pytest

from models.ability import Normal
from models.answer_table import AnswerTable
from models.irt import ItemParams, p_correct
from models.irt import information as item_information
from models.limited import empirical_reliability, information, m2, marginal_reliability, q3
from models.polytomous import PolyParams
from models.scoring import Scores, eap
from tests.models.reference import columns, reference

BANK = [ItemParams("2PL", 1.2, b) for b in np.linspace(-2.0, 2.0, 12)]


def answers(theta, rng):
    return (rng.random((len(theta), 12)) < np.array([p_correct(theta, item) for item in BANK]).T).astype(float)


@pytest.mark.parametrize("name", ["lsat6_2PL", "lsat6_Rasch", "sat12_2PL"])
def test_m2_is_that_of_another_programme(name):
    known, golden = reference(name), columns(f"{name}_m2.csv")
    ours = m2(known.responses, known.items, known.prior, one_slope=name.endswith("Rasch"))
    assert ours.m2 == pytest.approx(golden["M2"][0], abs=0.01)
    assert ours.df == golden["df"][0]
    assert ours.p == pytest.approx(golden["p"][0], abs=0.01)
    assert ours.rmsea == pytest.approx(golden["RMSEA"][0], abs=0.001)
    assert ours.rmsea_low == pytest.approx(golden["RMSEA_5"][0], abs=0.001)
    assert ours.rmsea_high == pytest.approx(golden["RMSEA_95"][0], abs=0.001)
    assert ours.srmsr == pytest.approx(golden["SRMSR"][0], abs=0.001)


def test_graded_items_are_tested_by_the_means_of_their_scores():
    theta, rng = np.random.default_rng(2).normal(size=500), np.random.default_rng(3)
    graded = PolyParams("GRM", 1.0, (-0.5, 0.5))
    scores = np.where(rng.random(500) < 1.0 / (1.0 + np.exp(-theta)), 2, 0)
    responses = AnswerTable.from_matrix(np.column_stack([answers(theta, rng), scores]))
    assert m2(responses, [*BANK, graded]).df == 13 + 78 - 24 - 3


def test_too_few_items_cannot_be_tested():
    with pytest.raises(ValueError, match="too few items"):
        m2(AnswerTable.from_matrix([[1.0, 0.0], [0.0, 1.0]]), BANK[:2])


def test_two_questions_on_one_passage_stand_out():
    rng = np.random.default_rng(5)
    matrix = answers(rng.normal(size=3000), rng)
    copied = rng.random(3000) < 0.5
    matrix[copied, 6] = matrix[copied, 5]
    responses = AnswerTable.from_matrix(matrix)
    pairs = q3(responses, BANK, eap(responses, BANK).theta)
    others = pairs[np.triu_indices(12, 1)]
    assert pairs[5, 6] == others.max()
    assert pairs[5, 6] > others.mean() + 0.2


def test_pairs_that_few_students_answered_have_no_correlation():
    pairs = q3(AnswerTable.from_matrix([[1.0, np.nan], [np.nan, 0.0]]), BANK[:2], np.zeros(2))
    assert np.isnan(pairs[0, 1])


def test_what_a_test_tells_is_the_sum_of_what_its_items_tell():
    theta = np.array([-1.0, 0.0, 1.0])
    assert information(theta, BANK) == pytest.approx(sum(item_information(theta, item) for item in BANK))


def test_reliability_before_and_after_testing_agree():
    rng = np.random.default_rng(6)
    responses = AnswerTable.from_matrix(answers(rng.normal(size=4000), rng))
    after = empirical_reliability(eap(responses, BANK))
    assert after == pytest.approx(marginal_reliability(BANK), abs=0.03)
    assert marginal_reliability(BANK * 3) > after
    assert marginal_reliability(BANK, Normal(0.0, 0.1)) < after


def test_one_student_has_no_reliability():
    with pytest.raises(ValueError, match="two students"):
        empirical_reliability(Scores(np.zeros(1), np.ones(1), np.ones(1, dtype=bool)))
