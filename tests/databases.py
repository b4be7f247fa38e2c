"""Marks for the tests that are about one database only; all others run on both."""

import pytest

only_sqlite = pytest.mark.parametrize("seed", ["sqlite"], indirect=True)
only_postgresql = pytest.mark.parametrize(
    "seed", [pytest.param("postgresql", marks=pytest.mark.postgresql)], indirect=True
)
