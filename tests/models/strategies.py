"""Items and beliefs for property tests, within the ranges a classroom meets and somewhat beyond."""

from hypothesis import strategies as st

from models.ability import General, SkillBelief
from models.irt import ItemParams


def numbers(low, high):
    return st.floats(low, high, allow_nan=False, allow_infinity=False)


def items(*, uncertain=False):
    """3PL items, one in a few of them without guessing."""
    return st.builds(
        ItemParams,
        model=st.just("3PL"),
        a=numbers(0.2, 4.0),
        b=numbers(-4.0, 4.0),
        c=st.one_of(st.just(0.0), numbers(0.0, 0.5)),
        b_sd=numbers(0.0, 1.5) if uncertain else st.just(0.0),
    )


def generals():
    return st.builds(General, numbers(-3.0, 3.0), numbers(0.01, 3.0))


def skills():
    return st.builds(SkillBelief, numbers(-2.0, 2.0), numbers(0.0, 1.5), numbers(0.01, 2.0))
