"""The folder on disk: which files it holds, and their JSON, within bounds.

A content folder is downloaded, unzipped, edited by hand. So nothing in it is trusted: links are not followed (they
may lead out of the folder), only regular files are opened, and a file, a listing and a nesting have a largest size.
"""

import json
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from content.formats.oatutor.faults import UnusableError

LARGEST_FILE = 16 * 2**20
"""Bytes of a JSON file; the skill model of the whole OATutor pool has 1.3 million."""

MOST_FILES = 200_000
"""Files and empty folders; the whole OATutor pool has about 60,000."""

DEEPEST = 8
"""Folders within folders; OATutor has five."""


@dataclass(frozen=True, slots=True)
class Found:
    """One file of the folder, or something else that lies there.

    Parameters
    ----------
    path : PurePosixPath
        Relative to the folder.
    fault : str
        Why it cannot be read; empty for an ordinary file.
    """

    path: PurePosixPath
    fault: str = ""


def listing(root: Path) -> list[Found]:
    """List everything in the folder, sorted by path, without following links.

    Raises
    ------
    UnusableError
        If there is no such folder or it cannot be listed.
    """
    if not root.is_dir():
        raise UnusableError("not a folder")
    found: list[Found] = []
    for one in _walk(root, PurePosixPath(), 0):
        if len(found) >= MOST_FILES:
            found.append(
                Found(PurePosixPath("..."), f"too many files: the rest after {MOST_FILES:,} was not looked at")
            )
            break
        found.append(one)
    return sorted(found, key=lambda one: one.path.parts)


def _walk(folder: Path, relative: PurePosixPath, depth: int) -> Iterator[Found]:
    try:
        with os.scandir(folder) as scan:
            entries = list(scan)
    except OSError as error:
        yield Found(relative, f"cannot be listed: {error.strerror}")
        return
    if not entries and depth:
        yield Found(relative, "empty folder")
    for entry in entries:
        yield from _look(entry, relative / _printable(entry.name), depth)


def _look(entry: os.DirEntry[str], relative: PurePosixPath, depth: int) -> Iterator[Found]:
    if entry.is_symlink():
        yield Found(relative, "a link: links are not followed")
    elif entry.is_dir(follow_symlinks=False):
        if depth >= DEEPEST:
            yield Found(relative, f"too deep: more than {DEEPEST} folders within each other")
        else:
            yield from _walk(Path(entry.path), relative, depth + 1)
    elif entry.is_file(follow_symlinks=False):
        yield Found(relative)
    else:
        yield Found(relative, "not an ordinary file")


def _printable(name: str) -> str:
    """Make a name that is not UTF-8 printable; it will not be opened under that name."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def load(root: Path, path: PurePosixPath) -> object:
    """Read one JSON file of the folder.

    Raises
    ------
    UnusableError
        If it is missing, a link, too large, not UTF-8 or not JSON.
    """
    raw = _bytes(root / path)
    try:
        return json.loads(raw.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise UnusableError("not UTF-8 text") from error
    except json.JSONDecodeError as error:
        raise UnusableError(f"not valid JSON: line {error.lineno}, {error.msg}") from error
    except (RecursionError, ValueError) as error:  # nested without end, or a number of thousands of digits
        raise UnusableError("not valid JSON: nested too deeply or a number too long") from error


def _bytes(path: Path) -> bytes:
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except (OSError, ValueError) as error:
        raise UnusableError("cannot be opened") from error
    with os.fdopen(handle, "rb") as file:
        status = os.fstat(file.fileno())
        if not stat.S_ISREG(status.st_mode):
            raise UnusableError("not an ordinary file")
        if status.st_size > LARGEST_FILE:
            raise UnusableError(f"too large: more than {LARGEST_FILE:,} bytes")
        return file.read(LARGEST_FILE)
