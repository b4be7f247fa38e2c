"""Servers for a drill that needs many of them, each there in a fraction of the time.

Half of a server's start is spent on reading modules. Here a process of its own (the standard library's fork server)
reads them once; each server is forked from it, sets up its own settings, database and threads, and is an ordinary
gunicorn with a process group of its own, to be killed like any other.
"""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
from collections.abc import Mapping
from multiprocessing.context import ForkServerProcess
from pathlib import Path

from app.config import ROOT
from benchmarks.server import HOST, Server, free_port, wait_for

READ_ONCE = ["gunicorn.app.wsgiapp", "gunicorn.workers.gthread", "app.factory"]

_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload(READ_ONCE)


class Forked:
    """A forked server as `subprocess.Popen` would show it."""

    def __init__(self, process: ForkServerProcess) -> None:
        self._process = process

    @property
    def pid(self) -> int:
        """The process that leads the server's group."""
        assert self._process.pid is not None
        return self._process.pid

    def poll(self) -> int | None:
        """How the process ended; None while it lives."""
        return self._process.exitcode

    def wait(self, timeout: float | None = None) -> int:
        """Wait for the process to end.

        Raises
        ------
        subprocess.TimeoutExpired
            It lives on.
        """
        self._process.join(timeout)
        ended = self._process.exitcode
        if ended is None:
            raise subprocess.TimeoutExpired("gunicorn", timeout or 0.0)
        return ended

    def terminate(self) -> None:
        """Ask the process to end."""
        self._process.terminate()


def _serve(application: str, environment: Mapping[str, str], log: str, port: int) -> None:
    """Become a gunicorn; runs in the forked process."""
    os.setsid()
    os.chdir(ROOT)
    os.environ.clear()
    os.environ.update(environment)
    output = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    os.dup2(output, 1)
    os.dup2(output, 2)
    from gunicorn.app.wsgiapp import run  # read by the fork server, not by the drill

    sys.argv = ["gunicorn", "-c", "gunicorn.conf.py", "--bind", f"{HOST}:{port}", application]
    run()


def start(application: str, environment: Mapping[str, str], *, log: Path) -> Server:
    """Serve an application (``module:name``) on a free port and wait until it answers.

    Raises
    ------
    NotOursError
        It ended, did not answer in time, or the port is another process's.
    """
    port = free_port()
    process = _context.Process(target=_serve, args=(application, dict(environment), str(log), port))
    process.start()
    return wait_for(Server(port, Forked(process)))
