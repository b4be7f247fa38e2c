"""What the commands for banks share: finding a bank's file and its district."""

from pathlib import Path

from sqlalchemy.orm import Session

from app.bank import queries
from app.base.errors import InvalidError
from app.base.policy import ColdStart
from content.check import examine
from content.findings import in_order
from content.formats import oatutor
from content.recordings import Recorded, gather
from content.schema import Bank, Parsed
from models.irt import ItemParams

LARGEST_BANK = 8 * 2**20
"""Bytes of a bank's file; a bank of a thousand items has about one million."""


def examine_file(path: Path) -> Parsed:
    """Read and check a bank's file.

    Raises
    ------
    InvalidError
        If there is no such file, or it is no text of reasonable size.
    """
    try:
        with path.open("rb") as file:
            raw = file.read(LARGEST_BANK + 1)
    except OSError as error:
        raise InvalidError(f"{path} cannot be read: {error.strerror}. Give the path of a bank's .md file.") from error
    if len(raw) > LARGEST_BANK:
        raise InvalidError(f"{path} has more than {LARGEST_BANK:,} bytes. Split it into several banks.")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidError(f"{path} is not UTF-8 text. Save it as UTF-8 in your editor.") from error
    parsed = examine(text, path.stem)
    missing = gather(parsed.bank, path.parent).findings
    return Parsed(parsed.bank, in_order((*parsed.findings, *missing)))


def with_recordings(bank: Bank, path: Path) -> Recorded:
    """A bank that is about to be published, with the recordings that lie beside its file."""
    return gather(bank, path.parent)


def bank_at(path: Path) -> Recorded:
    """Read a bank, with its recordings, from an author's file or from a folder in a format that can be imported.

    Raises
    ------
    InvalidError
        If it cannot be published: the file has errors, or nothing of the folder could be taken.
    """
    if path.is_dir():
        return Recorded(_taken(oatutor.read(path), path))
    parsed = examine_file(path)
    errors = list(parsed.errors())
    if errors:
        first = errors[0]
        raise InvalidError(f"{path} has {len(errors)} errors; the first is on line {first.line}: {first.message}.")
    return with_recordings(parsed.bank, path)


def predicted(session: Session, district_id: int, bank: Bank, rule: ColdStart) -> dict[str, ItemParams]:
    """Predicted parameters of those items of a bank that are better not left to their author's rating."""
    known = queries.calibrated_items(session, district_id)
    if len(known) < rule.items:
        return {}
    from app.bank.coldstart import predictions  # scikit-learn takes seconds to load, and most publications need none

    return predictions(known, bank, rule)


def _taken(imported: oatutor.Import, path: Path) -> Bank:
    if not imported.bank.items:
        raise InvalidError(f"Nothing in {path} could be taken. Is it a folder with content-pool in it?")
    return imported.bank
