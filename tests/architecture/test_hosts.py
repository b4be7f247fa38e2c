"""Pages ask no other host for anything."""

import re
from pathlib import Path

from app.config import ROOT

# `//host.tld`, with or without a scheme; a comment has a space after its slashes.
ADDRESS = re.compile(r"(?:https?:|wss?:)?//[\w-]+(?:\.[\w-]+)+[^\s\"'<>)]*")
# Names of vocabularies, which no browser asks for.
NAMES = ("http://www.w3.org/",)
PAGES = {".html", ".css", ".js", ".svg"}


def addresses(path: Path) -> list[str]:
    """Addresses of other hosts in a file."""
    return [found for found in ADDRESS.findall(path.read_text(encoding="utf-8")) if not found.startswith(NAMES)]


def pages() -> list[Path]:
    """Templates, styles, scripts and drawings that we wrote."""
    files = (ROOT / "app").rglob("*")
    return [path for path in files if path.suffix in PAGES and ROOT / "app/static/build" not in path.parents]


def test_there_are_pages_to_look_at():
    assert {path.suffix for path in pages()} == PAGES


def test_no_template_style_script_or_drawing_names_another_host():
    named = {str(path.relative_to(ROOT)): addresses(path) for path in pages() if addresses(path)}
    assert named == {}


def test_the_policy_of_every_page_allows_no_other_host(client):
    policy = client.get("/").headers["Content-Security-Policy"]
    allowed = {word for rule in policy.split(";") for word in rule.split()[1:]}
    assert policy.startswith("default-src 'none'")
    assert allowed <= {"'none'", "'self'", "data:"}
