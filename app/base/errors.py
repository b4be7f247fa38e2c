"""What can go wrong for a person, each with the sentence that tells them what to do."""


class WaystationError(Exception):
    """Base of every error that a person may see; `str()` is the sentence for them."""

    status = 500


class NotFoundError(WaystationError):
    """The record does not exist, or lies outside what the caller may see; the two look the same on purpose."""

    status = 404


class ConflictError(WaystationError):
    """The command does not fit the present state, such as resuming a lesson that was never paused."""

    status = 409


class InvalidError(WaystationError):
    """The input cannot be used; the message says what to change."""

    status = 400


class BusyError(WaystationError):
    """Too many writes are waiting; nothing was stored and the client should try again shortly."""

    status = 503
    retry_after_s = 2
