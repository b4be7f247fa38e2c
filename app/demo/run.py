"""Start the demo's server and its students as processes of their own, and stop them together."""

import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from time import monotonic, sleep
from types import FrameType

from app.config import ROOT

HOST = "127.0.0.1"
READY_WITHIN_S = 30.0
STOP_WITHIN_S = 8.0
LOOK_S = 0.2
URL_VARIABLE = "WAYSTATION_DATABASE_URL"


class CannotRunError(RuntimeError):
    """The demo cannot run; says why and what to do."""


def environment(bank: Path | None, seed: int) -> dict[str, str]:
    """Environment of the demo's processes: a database file for each bank, unless the caller chose a database.

    Parameters
    ----------
    bank : Path or None
        None for our own.
    seed : int
        Which students were drawn.
    """
    name = "demo" if bank is None else f"demo-{re.sub(r'[^a-z0-9]+', '-', bank.resolve().stem.lower()).strip('-')}"
    url = os.environ.get(URL_VARIABLE) or f"sqlite:///{ROOT / 'instance' / f'{name}.sqlite'}"
    ours = {URL_VARIABLE: url, "WAYSTATION_DEMO": "1", "WAYSTATION_DEMO_SEED": str(seed)}
    return {**os.environ, **ours, "PYTHONUNBUFFERED": "1"}


def refuse_taken_port(port: int) -> None:
    """Stop early, with a remedy, when something else listens.

    Raises
    ------
    CannotRunError
        The port is taken.
    """
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            raise CannotRunError(
                f"Port {port} is taken. Stop what listens there, or choose another: make demo PORT={port + 1}"
            ) from error


def flask_command(*arguments: str) -> list[str]:
    """A command of ours, run by the same Python."""
    return [sys.executable, "-m", "flask", "--app", "wsgi", *arguments]


def seeded(env: Mapping[str, str], seed: int, *arguments: str) -> bool:
    """Seed the demo in a process of its own; whether it went well, else it has said why not."""
    command = flask_command("demo", "seed", "--seed", str(seed), *arguments)
    done = subprocess.run(command, cwd=ROOT, env=env, check=False)  # noqa: S603  # a list of ours; no shell reads it
    return done.returncode == 0


def server_command(port: int) -> list[str]:
    """Gunicorn with the settings that production has too."""
    return [sys.executable, "-m", "gunicorn", "-c", "gunicorn.conf.py", "-b", f"{HOST}:{port}", "wsgi:app"]


class Running:
    """Child processes that live and end together.

    They get process groups of their own: Ctrl-C reaches only this process, which then stops them in order.
    """

    def __init__(self, env: Mapping[str, str]) -> None:
        self._env = env
        self._children: list[subprocess.Popen[bytes]] = []
        self.stopping = threading.Event()

    def start(self, command: Sequence[str]) -> None:
        """Start one more child."""
        child = subprocess.Popen(command, cwd=ROOT, env=self._env, start_new_session=True)  # noqa: S603  # a list of ours; no shell reads it
        self._children.append(child)

    def on_signals(self) -> None:
        """Stop on Ctrl-C and on SIGTERM."""

        def stop(_number: int, _frame: FrameType | None) -> None:
            self.stopping.set()

        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, stop)

    def ended(self) -> bool:
        """Whether a child ended by itself."""
        return any(child.poll() is not None for child in self._children)

    def wait(self, seconds: float | None) -> None:
        """Wait until told to stop, until a child ends, or for so many seconds."""
        end = None if seconds is None else monotonic() + seconds
        while not self.stopping.is_set() and not self.ended() and (end is None or monotonic() < end):
            self.stopping.wait(LOOK_S)

    def stop(self) -> None:
        """End every child, the last one first; who does not listen is killed."""
        for child in reversed(self._children):
            if child.poll() is None:
                child.terminate()
        for child in reversed(self._children):
            try:
                child.wait(STOP_WITHIN_S)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()


def wait_until_ready(port: int, running: Running) -> None:
    """Wait until the server answers.

    Raises
    ------
    CannotRunError
        It ended, or did not answer in time.
    """
    end = monotonic() + READY_WITHIN_S
    while monotonic() < end and not running.stopping.is_set():
        if running.ended():
            raise CannotRunError("The server ended while starting; its messages above say why.")
        if _answers(port):
            return
        sleep(LOOK_S)
    if not running.stopping.is_set():
        raise CannotRunError(f"The server did not answer within {READY_WITHIN_S:.0f} s.")


def _answers(port: int) -> bool:
    connection = http.client.HTTPConnection(HOST, port, timeout=LOOK_S * 10)
    try:
        connection.request("GET", "/sign-in")
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
