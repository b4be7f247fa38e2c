"""Logs for machines and people: one JSON line an event, with identifiers and never a name, an answer or an address."""

import logging
import sys
import traceback

import structlog
from structlog.typing import EventDict, WrappedLogger


def discreet(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Say where an error came from and of what type it is; its message may hold a name or an answer."""
    told = event.pop("exc_info", None)
    if told:
        event["exception"] = _origin(told if isinstance(told, BaseException) else sys.exc_info()[1])
    return event


def _origin(error: BaseException | None) -> str:
    parts: list[str] = []
    while error is not None:
        parts += [type(error).__qualname__ + "\n", *traceback.format_tb(error.__traceback__)]
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return "".join(parts)


def install(level: str) -> None:
    """Send structlog and the standard library's loggers to standard error."""
    threshold = logging.getLevelNamesMapping()[level]
    logging.basicConfig(stream=sys.stderr, level=max(threshold, logging.WARNING), format="%(levelname)s %(name)s")
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            discreet,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(threshold),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
    )
