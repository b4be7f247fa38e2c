"""Where the published answers and the reference figures of another programme lie."""

import os
from pathlib import Path

import pytest

SHARED = Path(__file__).parents[3] / "shared" / "data"


def shared(*parts: str) -> Path:
    """Path of a shared file; where the folder is absent the test is skipped, in CI it fails."""
    path = SHARED.joinpath(*parts)
    if path.exists():
        return path
    if os.environ.get("CI"):
        pytest.fail(f"{'/'.join(parts)} of the shared data is needed in CI")
    pytest.skip(f"{'/'.join(parts)} of the shared data is not here")
