"""What the documents for school IT must say about each setting and each threshold: one table row each."""

import re
from pathlib import Path

from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo

from app.base.policy import Policy
from app.config import ROOT, Settings

SETTINGS = ROOT / "docs" / "it" / "settings.md"
POLICY = ROOT / "docs" / "it" / "policy.md"
_ROW = re.compile(r"^\| `(?P<name>[^`]+)` \|.*\|$", re.MULTILINE)


def setting_rows() -> dict[str, str]:
    """Row of each setting, by the name of its environment variable."""
    prefix = Settings.model_config["env_prefix"].upper()
    return {
        f"{prefix}{name}".upper(): _row(f"{prefix}{name.upper()}", field)
        for name, field in Settings.model_fields.items()
    }


def policy_rows() -> dict[str, str]:
    """Row of each threshold, by section and name."""
    return {
        f"{section}.{name}": _row(f"{section}.{name}", field)
        for section, about in Policy.model_fields.items()
        for name, field in _fields(about).items()
    }


def rows_in(document: Path) -> dict[str, str]:
    """Table rows of a document that explain something, by the name they explain."""
    return {found["name"]: found[0] for found in _ROW.finditer(document.read_text(encoding="utf-8"))}


def _fields(section: FieldInfo) -> dict[str, FieldInfo]:
    rules = section.annotation
    assert isinstance(rules, type)
    assert issubclass(rules, BaseModel)
    return rules.model_fields


def _row(name: str, field: FieldInfo) -> str:
    assert field.description, f"{name} has no description"
    return f"| `{name}` | {_shown(field.default)} | {field.description} |"


def _shown(value: object) -> str:
    if value is None:
        return "not set"
    if isinstance(value, SecretStr):
        return "known to everyone"
    # The place of the project differs from machine to machine.
    return f"`{value}`".replace(f"{ROOT}/", "")
