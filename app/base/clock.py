"""The one place that reads the wall clock; commands and queries are told the time."""

from datetime import UTC, datetime, timedelta

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
MILLISECOND = timedelta(milliseconds=1)


def now() -> datetime:
    """Return the current time, aware, in UTC."""
    return datetime.now(UTC)


def to_ms(instant: datetime) -> int:
    """Milliseconds since 1970, for browsers."""
    return (instant - EPOCH) // MILLISECOND


def from_ms(milliseconds: int) -> datetime:
    """Read what `to_ms` wrote."""
    return EPOCH + timedelta(milliseconds=milliseconds)
