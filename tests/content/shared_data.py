"""Where the data for tests lies: beside the project, never in it."""

import os
from pathlib import Path

import pytest

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"


def shared(name: str) -> Path:
    """Give a folder of ../shared/data; without it a test is skipped, but in CI it fails."""
    folder = SHARED / name
    if not folder.exists():
        message = f"../shared/data/{name} is not here"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    return folder
