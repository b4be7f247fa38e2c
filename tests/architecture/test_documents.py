"""Whoever runs Waystation finds every setting and every threshold explained, with the default that is in force."""

import pytest

from tests.architecture.documented import POLICY, SETTINGS, policy_rows, rows_in, setting_rows


@pytest.mark.parametrize(
    ("document", "rows"),
    [pytest.param(SETTINGS, setting_rows(), id="settings"), pytest.param(POLICY, policy_rows(), id="policy")],
)
class TestDocumentsOfSchoolIT:
    """Two documents, one rule: a row for each name, and for nothing else."""

    def test_everything_that_can_be_set_is_explained(self, document, rows):
        explained = rows_in(document)
        missing = [row for name, row in rows.items() if name not in explained]
        assert not missing, f"Put these rows into {document.name}:\n" + "\n".join(missing)

    def test_the_default_and_the_meaning_are_those_in_force(self, document, rows):
        explained = rows_in(document)
        outdated = [row for name, row in rows.items() if explained.get(name, row) != row]
        assert not outdated, f"These rows of {document.name} should read:\n" + "\n".join(outdated)

    def test_nothing_is_explained_that_cannot_be_set(self, document, rows):
        assert sorted(rows_in(document).keys() - rows.keys()) == []
