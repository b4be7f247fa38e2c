"""What is installed is pinned with hashes, complete, and comes from whichever mirror a school uses."""

import json
import re
import tomllib

import pytest

from app.config import ROOT
from tests.architecture.test_hosts import ADDRESS

RUNTIME, DEVELOPMENT = "requirements.lock", "requirements-dev.lock"
# The front-end packages' names and hashes; a digest may hold `//`.
INTEGRITY = re.compile(r'"integrity": "[^"]+"')
PIN = re.compile(
    r"^(?P<name>[a-z0-9-]+)==(?P<version>[^ \\]+).*\n(?P<hashes>(?:    --hash=sha256:[0-9a-f]{64}.*\n)+)", re.M
)


def pins(name: str) -> dict[str, str]:
    """Version of each package that has at least one hash, by its name."""
    return {found["name"]: found["version"] for found in PIN.finditer((ROOT / name).read_text(encoding="utf-8"))}


def wanted(*extras: str) -> set[str]:
    """Names that pyproject.toml asks for, as lock files write them."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    asked = [*project["dependencies"], *(one for extra in extras for one in project["optional-dependencies"][extra])]
    return {re.split(r"[\[<>=~! ;]", one, maxsplit=1)[0].lower().replace("_", "-") for one in asked}


@pytest.mark.parametrize("name", [RUNTIME, DEVELOPMENT])
def test_every_line_of_a_lock_file_is_a_pin_or_its_hash(name):
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    assert len([line for line in lines if not line.startswith("    --hash=")]) == len(pins(name))


def test_everything_that_the_project_asks_for_is_locked():
    assert wanted("build") - pins(RUNTIME).keys() == set(), "Run make lock"
    assert wanted("build", "test") - pins(DEVELOPMENT).keys() == set(), "Run make lock"


def test_what_is_tested_is_what_is_served():
    tested = pins(DEVELOPMENT)
    assert {name: tested.get(name) for name in pins(RUNTIME)} == pins(RUNTIME), "Run make lock"


@pytest.mark.parametrize("name", [RUNTIME, DEVELOPMENT, "package-lock.json"])
def test_a_lock_file_names_no_host(name):
    text = (ROOT / name).read_text(encoding="utf-8")
    assert ADDRESS.findall(INTEGRITY.sub("", text)) == []


def test_every_front_end_package_is_locked_by_its_hash():
    packages = json.loads((ROOT / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    assert [name for name, one in packages.items() if name and not one.get("integrity", "").startswith("sha512-")] == []
