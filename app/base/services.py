"""What lives as long as the application does: settings, policy, the writer, the outbox tailer, the hub of wake-ups."""

from dataclasses import dataclass
from typing import cast

from flask import current_app

from app.base.outbox import Tailer
from app.base.policy import Policy
from app.base.sse import Hub
from app.base.writer import Writer
from app.config import Settings

KEY = "waystation"


@dataclass(frozen=True, slots=True)
class Services:
    """The application's long-lived parts."""

    settings: Settings
    policy: Policy
    writer: Writer
    tailer: Tailer
    hub: Hub


def services() -> Services:
    """Return the present application's long-lived parts."""
    return cast(Services, current_app.extensions[KEY])


def writer() -> Writer:
    """Return the one door for writes."""
    return services().writer


def policy() -> Policy:
    """Return the thresholds in force."""
    return services().policy
