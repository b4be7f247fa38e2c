"""What tests need from outside the project: the data beside it, and programs of the machine."""

import os
import shutil
from pathlib import Path

import pytest

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"


def missing(what: str) -> None:
    """Skip on a laptop with one line that says what to install; fail in CI, where nothing may be missing."""
    if os.environ.get("CI"):
        pytest.fail(what)
    pytest.skip(what)


def shared(name: str) -> Path:
    """Give a folder or file of ../shared/data; without it a test is skipped, but in CI it fails."""
    folder = SHARED / name
    if not folder.exists():
        missing(f"../shared/data/{name} is not here")
    return folder


def chromium() -> str:
    """Give the system's browser."""
    program = shutil.which("chromium")
    if program is None:
        missing("Chromium is not installed (Debian: apt-get install chromium)")
    return str(program)
