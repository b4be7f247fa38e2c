"""Starting and stopping the servers that are measured: gunicorn with the project's own settings, on a free port."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from app.config import ROOT

HOST = "127.0.0.1"
START_WITHIN_S = 30.0
STOP_WITHIN_S = 10.0
LISTENING = "0A"
TICKS_PER_S = os.sysconf("SC_CLK_TCK")


class NotOursError(RuntimeError):
    """The server did not come up, or somebody else's answers at its port."""


def free_port() -> int:
    """A port at which nothing listens."""
    with closing(socket.socket()) as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


class Process(Protocol):
    """What a server's first process can be asked: the part of `subprocess.Popen` that is needed here."""

    @property
    def pid(self) -> int:
        """Its number."""

    def poll(self) -> int | None:
        """How it ended; None while it lives."""

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end."""

    def terminate(self) -> None:
        """Ask it to end."""


@dataclass(frozen=True, slots=True)
class Server:
    """A running gunicorn: its port, and the process that leads its group."""

    port: int
    process: Process

    def cpu_s(self) -> float:
        """Seconds of processor time that the server's processes have used so far."""
        return sum(map(_cpu_s, _family(self.process.pid)))

    def kill(self) -> None:
        """Kill every process of the server at once, as a power button would."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def stop(self) -> float:
        """Ask the server to stop; returns the seconds it took."""
        began = time.monotonic()
        self.process.terminate()
        try:
            self.process.wait(STOP_WITHIN_S)
        except subprocess.TimeoutExpired:
            self.kill()
        return time.monotonic() - began


def start(
    application: str, environment: Mapping[str, str], *, log: Path | None = None, port: int | None = None
) -> Server:
    """Serve an application (``module:name``) and wait until it answers.

    Raises
    ------
    NotOursError
        It ended, did not answer in time, or the port is another process's.
    """
    port = port or free_port()
    command = [sys.executable, "-m", "gunicorn", "-c", "gunicorn.conf.py", "--bind", f"{HOST}:{port}", application]
    with (log or Path(os.devnull)).open("ab") as output:
        process = subprocess.Popen(
            command, cwd=ROOT, env=dict(environment), stdout=output, stderr=output, start_new_session=True
        )
    return wait_for(Server(port, process))


def wait_for(server: Server) -> Server:
    """Wait until a server that was just started answers; it is killed when it does not.

    Raises
    ------
    NotOursError
        It ended, did not answer in time, or the port is another process's.
    """
    try:
        _wait(server)
    except BaseException:
        if server.process.poll() is None:
            server.kill()
        raise
    return server


@contextmanager
def serving(application: str, environment: Mapping[str, str], *, log: Path | None = None) -> Iterator[Server]:
    """Serve an application for as long as the block runs."""
    server = start(application, environment, log=log)
    try:
        yield server
    finally:
        server.stop()


def _wait(server: Server) -> None:
    deadline = time.monotonic() + START_WITHIN_S
    while time.monotonic() < deadline:
        if server.process.poll() is not None:
            raise NotOursError("The server ended while starting; see its log.")
        if _answers(server.port):
            if not _listens(server):
                raise NotOursError(f"Port {server.port} belongs to another process.")
            return
        time.sleep(0.02)
    raise NotOursError(f"The server did not answer within {START_WITHIN_S:.0f} s.")


def _answers(port: int) -> bool:
    """Whether a request gets a response: the port opens before the application is loaded."""
    try:
        with closing(socket.create_connection((HOST, port), timeout=START_WITHIN_S)) as connection:
            connection.sendall(b"GET /static/nothing HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            return connection.recv(12).startswith(b"HTTP/1.1 ")
    except OSError:
        return False


def _family(pid: int) -> list[int]:
    """A process and its children."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    return [pid, *(grandchild for child in children for grandchild in _family(int(child)))]


def _cpu_s(pid: int) -> float:
    # Fields are counted behind the command's closing bracket: the command may hold spaces.
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS_PER_S


def _listens(server: Server) -> bool:
    """Whether one of the server's own processes holds the socket that listens at its port."""
    held = {link for pid in _family(server.process.pid) for link in _open_files(pid)}
    return any(f"socket:[{inode}]" in held for inode in _listening_at(server.port))


def _open_files(pid: int) -> Iterator[str]:
    for entry in Path(f"/proc/{pid}/fd").iterdir():
        try:
            yield str(entry.readlink())
        except FileNotFoundError:  # closed meanwhile
            continue


def _listening_at(port: int) -> list[str]:
    lines = Path("/proc/net/tcp").read_text(encoding="ascii").splitlines()[1:]
    rows = [line.split() for line in lines]
    return [row[9] for row in rows if row[3] == LISTENING and row[1].endswith(f":{port:04X}")]
