"""Items that are harder for one group: the figures of another programme, and alarms as rare as promised."""

import csv
import gzip

import numpy as np
import pytest

from models.dif import logistic_dif, mantel_haenszel, sum_scores
from tests.models.reference import columns
from tests.shared_data import shared

ITEMS = 20
DIFFICULTY = np.linspace(-2.0, 2.0, ITEMS)


def verbal_aggression():
    """Answers (yes or perhaps is 1), who is a man, and the items in the data's order."""
    with gzip.open(shared("responses/verbagg.csv.gz"), "rt") as file:
        rows = list(csv.DictReader(file))
    items = list(dict.fromkeys(row["item"] for row in rows))
    men = {int(row["id"]): row["Gender"] == "M" for row in rows}
    people = {person: index for index, person in enumerate(sorted(men))}
    matrix = np.zeros((len(people), len(items)))
    for row in rows:
        matrix[people[int(row["id"])], items.index(row["item"])] = row["r2"] == "Y"
    return matrix, np.array([men[person] for person in sorted(men)]), items


def test_mantel_haenszel_gives_the_figures_of_another_programme():
    matrix, men, items = verbal_aggression()
    golden = columns("verbagg_mh_gender.csv")
    assert [name.removeprefix("y.") for name in golden["item"]] == items
    # There the focal group of this method was the women, of the other one the men.
    found = [mantel_haenszel(answers, ~men, sum_scores(matrix)) for answers in matrix.T]
    assert [item.chi2 for item in found] == pytest.approx(golden["MH_chisq"], abs=0.01)
    assert [item.p for item in found] == pytest.approx(golden["p"], abs=0.01)
    assert [item.odds_ratio for item in found] == pytest.approx(golden["alphaMH"], abs=0.01)
    assert [item.delta for item in found] == pytest.approx(golden["deltaMH"], abs=0.01)


def test_logistic_regression_gives_the_figures_of_another_programme():
    matrix, men, _ = verbal_aggression()
    golden = columns("verbagg_logisticdif_gender.csv")
    found = [logistic_dif(answers, men, sum_scores(matrix)) for answers in matrix.T]
    assert [item.uniform_chi2 for item in found] == pytest.approx(golden["LR_uniform"], abs=0.01)
    assert [item.nonuniform_chi2 for item in found] == pytest.approx(golden["LR_nonuniform"], abs=0.01)
    assert [item.group for item in found] == pytest.approx(golden["beta_group"], abs=0.01)


def classroom(rng, n, *, harder=0.0, flatter=1.0):
    """Answers of two groups of equal ability; the first item may be harder or flatter for the focal group."""
    theta, focal = rng.normal(size=n), rng.random(n) < 0.5
    logit = 1.2 * (theta[:, None] - DIFFICULTY)
    logit[:, 0] = np.where(focal, flatter, 1.0) * 1.2 * (theta - harder * focal)
    return (rng.random((n, ITEMS)) < 1.0 / (1.0 + np.exp(-logit))).astype(float), focal


def test_fair_items_raise_the_alarm_no_more_than_one_time_in_twenty():
    rng = np.random.default_rng(6)
    by_mh, by_regression = [], []
    for _ in range(12):
        matrix, focal = classroom(rng, 600)
        total = sum_scores(matrix)
        by_mh += [mantel_haenszel(answers, focal, total).p < 0.05 for answers in matrix.T]
        by_regression += [logistic_dif(answers, focal, total).uniform_p < 0.05 for answers in matrix.T[::4]]
    assert 0.01 < np.mean(by_mh) < 0.075
    assert np.mean(by_regression) < 0.12  # 60 items


def test_an_item_much_harder_for_one_group_is_found_and_called_large():
    matrix, focal = classroom(np.random.default_rng(8), 3000, harder=1.0)
    found = mantel_haenszel(matrix[:, 0], focal, sum_scores(matrix))
    assert found.delta == pytest.approx(-2.35 * 1.2, abs=0.5)
    assert found.size == "C"
    assert mantel_haenszel(matrix[:, 0], ~focal, sum_scores(matrix)).delta == pytest.approx(-found.delta)
    regression = logistic_dif(matrix[:, 0], focal, sum_scores(matrix))
    assert regression.group < -0.8
    assert regression.jodoin_gierl != "A"
    assert regression.zumbo == "A"


def test_an_item_that_tells_less_about_one_group_is_found_by_regression_only():
    matrix, focal = classroom(np.random.default_rng(9), 4000, flatter=0.2)
    assert logistic_dif(matrix[:, 0], focal, sum_scores(matrix)).nonuniform_p < 1e-6
    assert mantel_haenszel(matrix[:, 0], focal, sum_scores(matrix)).size == "A"


def test_a_published_example_of_one_table():
    # Two strata by hand: odds ratio (40*20/100 + 30*40/100) / (10*30/100 + 20*10/100).
    right = np.repeat([1, 0, 1, 0, 1, 0, 1, 0], [40, 10, 30, 20, 30, 20, 10, 40])
    focal = np.repeat([False, False, True, True] * 2, [40, 10, 30, 20, 30, 20, 10, 40])
    found = mantel_haenszel(right, focal, np.repeat([1, 2], 100))
    assert found.odds_ratio == pytest.approx((8.0 + 12.0) / (3.0 + 2.0))
    assert found.chi2 == pytest.approx((15.0 - 0.5) ** 2 / (50 * 50 * 70 * 30 / 990000 + 50 * 50 * 40 * 60 / 990000))


def test_groups_that_never_meet_are_not_compared():
    found = mantel_haenszel([1, 0, 1, 0], [True, True, False, False], [1, 1, 2, 2])
    assert np.isnan(found.odds_ratio)
    assert found.size == "A"


def test_students_who_did_not_see_the_item_do_not_count():
    matrix, focal = classroom(np.random.default_rng(10), 400)
    total, answers = sum_scores(matrix), matrix[:, 0].copy()
    answers[:50] = np.nan
    assert mantel_haenszel(answers, focal, total) == mantel_haenszel(answers[50:], focal[50:], total[50:])
    assert logistic_dif(answers, focal, total) == logistic_dif(answers[50:], focal[50:], total[50:])


def test_nothing_to_compare_is_said():
    with pytest.raises(ValueError, match="both groups"):
        logistic_dif([1, 1, 1], [True, False, True], [1, 2, 3])
    with pytest.raises(ValueError, match="1, 0 or missing"):
        mantel_haenszel([2, 0], [True, False], [1, 1])
    with pytest.raises(ValueError, match="same length"):
        mantel_haenszel([1, 0], [True], [1, 1])
