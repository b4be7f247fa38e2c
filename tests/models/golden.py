"""Data to compare with that is no part of the project: see data/README.md in the shared folder."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

SHARED = Path(__file__).parents[2].parent / "shared"


def shared(*parts: str) -> Path:
    """Path of a shared file; the test is skipped where the folder is absent, but not in CI."""
    path = SHARED.joinpath(*parts)
    if not path.exists():
        if "CI" in os.environ:
            pytest.fail(f"{path.name} is not in the shared folder")
        pytest.skip("the shared folder is absent")
    return path
