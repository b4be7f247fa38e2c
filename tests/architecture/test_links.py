"""Whoever reads the documents can follow every link to a file of the project, and see every picture."""

import re
from pathlib import Path

import pytest

from app.config import ROOT

LINK = re.compile(r"\]\((?P<target>[^)#\s]+)[^)]*\)|<img[^>]+src=\"(?P<picture>[^\"]+)\"")
CODE = re.compile(r"^(```+).*?^\1", re.MULTILINE | re.DOTALL)
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])


def targets(document: Path) -> list[str]:
    """Files of the project that a document points to; examples in code are no links."""
    text = CODE.sub("", document.read_text(encoding="utf-8"))
    found = [one["target"] or one["picture"] for one in LINK.finditer(text)]
    return [target for target in found if "://" not in target and not target.startswith("mailto:")]


def test_there_are_links_to_follow():
    assert "docs/architecture.md" in targets(ROOT / "README.md")


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_leads_somewhere(document):
    assert [target for target in targets(document) if not (document.parent / target).exists()] == []


def test_every_decision_is_in_the_index():
    decisions = {path.name for path in (ROOT / "docs" / "decisions").glob("[0-9]*.md")}
    assert set(targets(ROOT / "docs" / "decisions" / "README.md")) == decisions
