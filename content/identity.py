"""What stays the same of an item, and what makes a version of it."""

import json
from hashlib import sha256

from content import serial
from content.schema import Generator, Item


def item_key(bank_id: str, item: Item | Generator) -> str:
    """Name an item for good: its words may change, its key does not.

    Examples
    --------
    >>> from content.schema import Choice
    >>> item_key("fractions", Item("half", "4.NF.A.1", "", Choice(())))
    'fractions/half'
    """
    return f"{bank_id}/{item.id}"


def content_hash(item: Item | Generator) -> str:
    """Digest all that an item says; a new digest is a new version.

    The line in the author's file is left out, so that moving an item makes no version.

    Returns
    -------
    str
        SHA-256 in hexadecimal over the item's JSON with sorted keys, without spaces, in ASCII.
    """
    said = serial.dump(item)
    del said["line"]
    text = json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)
    return sha256(text.encode()).hexdigest()
