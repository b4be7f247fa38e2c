"""Recordings of questions: sound files that lie beside a bank's file, one for each item that names one."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path

from content.schema import Bank, Finding

TYPES: Mapping[str, str] = {
    "mp3": "audio/mpeg",
    "m4a": "audio/mp4",
    "ogg": "audio/ogg",
    "opus": "audio/ogg",
    "wav": "audio/wav",
    "webm": "audio/webm",
}
"""Kinds of files that browsers play, by the end of their name."""
NAME = re.compile(rf"[A-Za-z0-9][A-Za-z0-9._-]{{0,99}}\.({'|'.join(TYPES)})")
LARGEST = 2**20
"""Bytes: two minutes of speech at 64 kbit a second."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """A bank whose items name their recordings by content, with these.

    Parameters
    ----------
    bank : Bank
    recordings : mapping of str to bytes
        By name: the SHA-256 of the content and the end that says its kind. So another recording is another version
        of its item, and no name can lead to a file that was not beside the bank.
    findings : tuple of Finding
        Recordings that are not there or too large, each on the line of its item.
    """

    bank: Bank
    recordings: Mapping[str, bytes] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()


def gather(bank: Bank, folder: Path) -> Recorded:
    """Read the recordings of a bank from the folder that its file lies in."""
    found: dict[str, bytes] = {}
    findings: list[Finding] = []
    items = []
    for item in bank.items:
        kept = item
        if item.audio and NAME.fullmatch(item.audio):
            data = _data(folder / item.audio)
            if data is None:
                message = f"The recording {item.audio} is not beside the bank, or has more than 1 MB"
                findings.append(Finding(item.line, "no-recording", message, "Put it there, or delete 'audio'."))
            else:
                name = f"{sha256(data).hexdigest()}.{item.audio.rpartition('.')[2]}"
                found[name] = data
                kept = replace(item, audio=name)
        items.append(kept)
    return Recorded(replace(bank, items=tuple(items)), found, tuple(findings))


def _data(path: Path) -> bytes | None:
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST + 1)
    except OSError:
        return None
    return data if len(data) <= LARGEST else None
