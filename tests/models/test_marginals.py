"""All skills at once are believed to be what each is believed to be by itself."""

from hypothesis import given
from hypothesis import strategies as st

from models.ability import General, marginal
from models.marginals import marginals
from tests.models.strategies import generals, skills


@given(generals(), st.lists(skills(), max_size=5))
def test_all_skills_at_once_are_each_skill_by_itself(general, beliefs):
    means, variances = marginals(general, beliefs)
    alone = [marginal(general, belief) for belief in beliefs]
    assert means == [normal.mean for normal in alone]
    assert variances == [normal.variance for normal in alone]


def test_a_domain_without_skills_has_no_marginals():
    assert marginals(General(0.0, 1.0), []) == ([], [])
