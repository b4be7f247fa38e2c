"""A network that fails in the ways of a classroom's: a relay before a server that drops what it is told to drop."""

import socket
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Literal

Trouble = Literal["none", "requests_lost", "responses_lost", "slow_drip", "reset"]
TROUBLES: tuple[Trouble, ...] = ("requests_lost", "responses_lost", "slow_drip", "reset")
CHUNK = 65_536
DRIP_BYTES = 20
DRIP_S = 0.5


@dataclass
class BadNetwork:
    """A relay to the port `target`; `trouble` says what becomes of what passes, also on connections that are open.

    Parameters
    ----------
    target : int
        Port of the server, which may change.
    trouble : str
        ``requests_lost``: nothing reaches the server. ``responses_lost``: the server does what was asked, and its
        answer gets lost. ``slow_drip``: answers come at 40 bytes a second. ``reset``: connections break in the middle.
    """

    target: int
    trouble: Trouble = "none"
    port: int = 0
    _listening: socket.socket = field(default_factory=socket.socket)

    def start(self) -> None:
        """Listen on a free port."""
        self._listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._listening.bind(("127.0.0.1", 0))
        self._listening.listen(64)
        self.port = self._listening.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def stop(self) -> None:
        """Stop listening."""
        self._listening.close()

    def _accept(self) -> None:
        while True:
            try:
                near, _address = self._listening.accept()
            except OSError:
                return
            threading.Thread(target=self._relay, args=(near,), daemon=True).start()

    def _relay(self, near: socket.socket) -> None:
        try:
            far = socket.create_connection(("127.0.0.1", self.target), timeout=5)
        except OSError:
            near.close()
            return
        far.settimeout(None)
        threading.Thread(target=self._carry, args=(near, far, False), daemon=True).start()
        self._carry(far, near, True)

    def _carry(self, source: socket.socket, sink: socket.socket, answers: bool) -> None:
        try:
            while data := source.recv(CHUNK):
                if not self._pass_on(data, sink, answers):
                    break
        except OSError:
            pass
        if self.trouble == "reset":
            break_off(source)
            break_off(sink)
        close(source)
        close(sink)

    def _pass_on(self, data: bytes, sink: socket.socket, answers: bool) -> bool:
        trouble = self.trouble
        if trouble == "requests_lost" or (trouble == "responses_lost" and answers):
            return False
        if trouble == "reset" and answers:
            sink.sendall(data[: len(data) // 2])
            return False
        if trouble == "slow_drip" and answers:
            return self._drip(data, sink)
        sink.sendall(data)
        return True

    def _drip(self, data: bytes, sink: socket.socket) -> bool:
        for start in range(0, len(data), DRIP_BYTES):
            if self.trouble != "slow_drip":
                sink.sendall(data[start:])
                return True
            sink.sendall(data[start : start + DRIP_BYTES])
            time.sleep(DRIP_S)
        return True


def break_off(one: socket.socket) -> None:
    """Make closing this socket a reset, as when the access point goes."""
    with suppress(OSError):
        one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def close(one: socket.socket) -> None:
    """Close both directions; whoever waits in the other thread wakes up."""
    with suppress(OSError):
        one.shutdown(socket.SHUT_RDWR)
    one.close()


@contextmanager
def bad_network(target: int) -> Iterator[BadNetwork]:
    """A relay that passes everything on until it is told otherwise."""
    network = BadNetwork(target)
    network.start()
    yield network
    network.stop()
