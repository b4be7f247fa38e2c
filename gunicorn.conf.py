"""How gunicorn serves Waystation: ``gunicorn -c gunicorn.conf.py wsgi:app``, in the demo and in production alike.

One process with many threads. On SQLite it must be one, because the group-commit writer is the only one who writes;
on PostgreSQL several may stand behind a load balancer, each with its own outbox tailer (set WEB_CONCURRENCY).

Every open board holds a thread for as long as it is open, so there are threads for the boards and some for everyone
else. Figures and reasons: docs/decisions.
"""

import ctypes
import gc
import signal
from contextlib import suppress
from pathlib import Path
from types import FrameType
from typing import Any

from app.base.db import db
from app.base.services import KEY, Services
from app.config import Settings

M_ARENA_MAX = -8
"""glibc's number of this option of mallopt."""

_settings = Settings()

bind = "127.0.0.1:8000"
worker_class = "gthread"
if _settings.database_url.startswith("sqlite"):
    workers = 1
threads = 64 + 3 * _settings.boards
worker_connections = 4_000
backlog = 2_048
keepalive = 30
# Streams end by themselves when the server stops (see `post_worker_init`); this is for answers on their way.
graceful_timeout = 3
max_requests = 0
# No request line is logged: it could tell who worked on what.
accesslog = None
# Managed from outside by signals; a control socket in somebody's home directory is one door too many.
control_socket_disable = True
# A worker proves that it lives by touching a file, which on a disk that is busy with commits could take too long.
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108  # gunicorn makes a private file there


def _parts(worker: Any) -> Services | None:
    """Long-lived parts of the application that a worker serves; None when it failed to start, or is another one."""
    extensions = getattr(getattr(worker, "wsgi", None), "extensions", {})
    return extensions.get(KEY)


def _end_streams(worker: Any) -> None:
    parts = _parts(worker)
    if parts is not None:
        parts.hub.close()


def _share_memory() -> None:
    """Let all threads take memory from two pools, not from one for every few of them.

    Only one thread computes at a time, so more pools win nothing, and each keeps what its busiest moment needed: with
    64 connections the server held 740 MB, with two pools 230 MB.
    """
    with suppress(OSError, AttributeError):  # another C library than glibc has no such pools
        ctypes.CDLL(None).mallopt(M_ARENA_MAX, 2)


def _collect_seldom() -> None:
    """Let the garbage collector look at what requests leave behind, not at what was loaded to stay.

    Requests leave next to no cycles, and a look every 700 objects, as Python has it, is a tenth of a request's time.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)


def post_fork(server: Any, worker: Any) -> None:
    """Before the application is loaded and threads start."""
    _share_memory()


def post_worker_init(worker: Any) -> None:
    """On SIGTERM end the boards' streams at once: gunicorn waits for open responses before it calls any hook."""
    _collect_seldom()

    def stop(number: int, frame: FrameType | None) -> None:
        _end_streams(worker)
        worker.handle_exit(number, frame)

    signal.signal(signal.SIGTERM, stop)
    signal.siginterrupt(signal.SIGTERM, False)


def worker_int(worker: Any) -> None:
    """On SIGINT and SIGQUIT too, threads can only end when their streams do."""
    _end_streams(worker)


def worker_exit(server: Any, worker: Any) -> None:
    """Finish the writes that wait, then close the database."""
    parts = _parts(worker)
    if parts is None:
        return
    parts.hub.close()
    parts.writer.stop()
    parts.tailer.stop()
    with worker.wsgi.app_context():
        db.engine.dispose()
