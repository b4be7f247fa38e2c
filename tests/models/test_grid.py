"""The grid belief is exact, and agrees with the tree where the tree is exact too."""

import numpy as np
import pytest
from hypothesis import given

from models.ability import Normal
from models.grid import answer, eap, most_informative, prior, tabulate
from models.irt import ItemParams, information
from models.moments import moment_match
from tests.models.strategies import items, numbers

BANK = [ItemParams("2PL", 1.0 + 0.1 * i, -2.0 + 0.4 * i) for i in range(11)]


@given(items(), numbers(-1, 1), numbers(0.2, 1.0))
def test_after_one_answer_grid_and_moment_match_agree(item, mean, variance):
    table = tabulate([item])
    for right in (True, False):
        belief = eap(table, answer(table, prior(table, Normal(mean, variance)), 0, right))
        expected = moment_match(mean, variance, item, float(right))
        assert (belief.mean, belief.variance) == pytest.approx(expected, abs=2e-4)


def test_the_grid_does_not_care_in_which_order_answers_came():
    table = tabulate(BANK)
    answers = [(i, i % 3 != 0) for i in range(11)]
    beliefs = []
    for order in (answers, answers[::-1]):
        posterior = prior(table, Normal(0.0, 1.0))
        for item, right in order:
            posterior = answer(table, posterior, item, right)
        beliefs.append(eap(table, posterior))
    assert beliefs[0].mean == pytest.approx(beliefs[1].mean, abs=1e-12)


def test_the_most_informative_allowed_item_is_chosen():
    table, allowed = tabulate(BANK), np.ones(11, dtype=bool)
    best = most_informative(table, 0.4, allowed)
    tells = [information(0.4, item) for item in BANK]
    assert best == int(np.argmax(tells))
    allowed[best] = False
    assert most_informative(table, 0.4, allowed) == int(np.argsort(tells)[-2])
    with pytest.raises(LookupError, match="no item"):
        most_informative(table, 0.4, np.zeros(11, dtype=bool))


@pytest.mark.parametrize(("ability", "edge"), [(-99.0, 0), (99.0, 60)])
def test_an_ability_beyond_the_grid_is_looked_up_at_its_edge(ability, edge):
    table = tabulate(BANK)
    best = most_informative(table, ability, np.ones(11, dtype=bool))
    assert best == int(table.information[edge].argmax())
