"""Logs for machines and people: one JSON line an event, with identifiers and never a name, an answer or an address."""

import logging
import sys

import structlog


def install(level: str) -> None:
    """Send structlog and the standard library's loggers to standard error."""
    threshold = logging.getLevelNamesMapping()[level]
    logging.basicConfig(stream=sys.stderr, level=max(threshold, logging.WARNING), format="%(levelname)s %(name)s")
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(threshold),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=True,
    )
