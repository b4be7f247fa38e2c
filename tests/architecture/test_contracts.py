"""The contracts of pyproject.toml speak of every part of the application."""

import tomllib

from app.config import ROOT

SHARED = {"base", "static", "templates"}


def contract(name: str) -> dict[str, object]:
    """One of import-linter's contracts."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    found: dict[str, object] = next(one for one in project["tool"]["importlinter"]["contracts"] if one["id"] == name)
    return found


def test_every_domain_keeps_its_order_of_routes_service_queries_and_tables():
    folders = {path.parent.name for path in (ROOT / "app").glob("*/__init__.py")}
    assert {f"app.{name}" for name in folders - SHARED} == set(contract("inside")["containers"])


def test_a_new_domain_has_to_find_its_place():
    assert contract("domains")["exhaustive"] is True
