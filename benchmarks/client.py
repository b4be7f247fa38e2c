"""The load client: HTTP/1.1 over kept connections, cheap enough not to be what is measured.

`Connection` sends one request at a time and reads the whole response. `Browser` is a student behind a connection: a
cookie jar, the form token of the page it looks at, and the question on it.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode

from benchmarks.school import PICTURES, Pupil

HOST = "127.0.0.1"
MOST_COVERS = 4

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_COOKIE = re.compile(rb"\r\nset-cookie: *([^=\r\n]+)=([^;\r\n]*)", re.IGNORECASE)
_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
_SERVING = re.compile(r"/servings/(\d+)/answer")
_CLIENT_ID = re.compile(r'name="client_id" value="([^"]+)"')


class RefusedError(RuntimeError):
    """A response that a measurement must not count."""


@dataclass(frozen=True, slots=True)
class Response:
    """A whole response; `seconds` from the first byte sent to the last one read."""

    status: int
    head: bytes
    body: bytes
    seconds: float

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode()


class Connection(asyncio.Protocol):
    """A kept HTTP/1.1 connection; opens again by itself when the server closed it between two requests."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._transport: asyncio.Transport | None = None
        self._waiting: asyncio.Future[tuple[bytes, bytes]] | None = None
        self._received = bytearray()
        self._head = b""
        self._length = -1

    async def open(self) -> None:
        """Connect."""
        await asyncio.get_running_loop().create_connection(lambda: self, HOST, self._port)

    async def send(self, request: bytes) -> Response:
        """Send a request and read its response.

        Raises
        ------
        ConnectionError
            The server is gone, or went before it had answered.
        """
        if self._transport is None or self._transport.is_closing():
            await self.open()
        assert self._transport is not None
        self._waiting = asyncio.get_running_loop().create_future()
        self._received.clear()
        self._length = -1
        began = time.perf_counter()
        self._transport.write(request)
        head, body = await self._waiting
        return Response(int(head[9:12]), head, body, time.perf_counter() - began)

    def close(self) -> None:
        """Hang up."""
        if self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Part of `asyncio.Protocol`."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def connection_lost(self, exc: Exception | None) -> None:
        """Part of `asyncio.Protocol`."""
        self._transport = None
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_exception(ConnectionResetError("The server hung up before it had answered."))

    def data_received(self, data: bytes) -> None:
        """Part of `asyncio.Protocol`."""
        self._received += data
        if self._length < 0 and not self._read_head():
            return
        if len(self._received) >= self._length and self._waiting is not None and not self._waiting.done():
            self._waiting.set_result((self._head, bytes(self._received[: self._length])))

    def _read_head(self) -> bool:
        end = self._received.find(b"\r\n\r\n")
        if end < 0:
            return False
        self._head = bytes(self._received[: end + 2])
        del self._received[: end + 4]
        stated = _LENGTH.search(self._head)
        self._length = int(stated.group(1)) if stated is not None else 0
        return True


GET_HELLO = b"GET / HTTP/1.1\r\nHost: localhost\r\nAccept: text/html\r\n\r\n"


@dataclass(frozen=True, slots=True)
class Question:
    """What a page asks: the serving, the identifier that the page made for the answer, and its form token."""

    serving: int
    client_id: str


@dataclass(slots=True)
class Browser:
    """A student's browser; the connection is handed in with each request, as by a proxy in front of a school."""

    pupil: Pupil
    token: str = ""
    question: Question | None = None
    pressed: int = 0
    _cookies: dict[str, str] = field(default_factory=dict)

    async def sign_in(self, connection: Connection) -> None:
        """Sign in through the forms: open the page of the secret pictures, pick the three."""
        page = await self._send(connection, "GET", self.pupil.door)
        self._look_at(_allowed(page, 200))
        _allowed(await self._send(connection, "POST", self.pupil.door, [("pick", one) for one in PICTURES]), 303)
        self._look_at(_allowed(await self._send(connection, "GET", "/practice"), 200))

    async def uncover(self, connection: Connection, path: str = "/practice/next") -> None:
        """Press Start or Next until a question is on the page."""
        self.question = None
        for _cover in range(MOST_COVERS):
            self._look_at(_allowed(await self.post(connection, path), 200))
            if self.question is not None:
                return
            path = "/practice/next"
        raise RefusedError("There is no question behind Next.")

    def answer_request(self, fields: Mapping[str, str]) -> bytes:
        """Build the request that answers the question on the page."""
        assert self.question is not None
        form = [("client_id", self.question.client_id), *fields.items()]
        return self._request("POST", f"/servings/{self.question.serving}/answer", form)

    async def answer(self, connection: Connection, fields: Mapping[str, str]) -> Response:
        """Answer the question on the page; another one may be on it afterwards, or none."""
        return await connection.send(self.answer_request(fields))

    async def post(self, connection: Connection, path: str) -> Response:
        """Press a button."""
        self.pressed += 1
        return await self._send(connection, "POST", path, [])

    def look_at(self, response: Response) -> None:
        """Take over what the page shows, such as after a miss."""
        self.question = None
        self._look_at(_allowed(response, 200))

    async def _send(
        self, connection: Connection, method: str, path: str, form: list[tuple[str, str]] | None = None
    ) -> Response:
        response = await connection.send(self._request(method, path, form))
        self._cookies.update((name.decode(), value.decode()) for name, value in _COOKIE.findall(response.head))
        return response

    def _request(self, method: str, path: str, form: list[tuple[str, str]] | None) -> bytes:
        body = b"" if form is None else urlencode([("csrf_token", self.token), *form]).encode()
        cookies = "; ".join(f"{name}={value}" for name, value in self._cookies.items())
        # htmx asks for fragments; whole pages (signing in) do not carry its header.
        htmx = "HX-Request: true\r\n" if path.startswith(("/practice/", "/servings/")) else ""
        head = (
            f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nAccept: text/html\r\nCookie: {cookies}\r\n{htmx}"
            f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        return head.encode() + body

    def _look_at(self, page: str) -> None:
        token = _TOKEN.search(page)
        if token is not None:
            self.token = token.group(1)
        serving, client_id = _SERVING.search(page), _CLIENT_ID.search(page)
        if serving is not None and client_id is not None:
            self.question = Question(int(serving.group(1)), client_id.group(1))


def _allowed(response: Response, status: int) -> str:
    """Return the page, if the response has the status that belongs to it."""
    if response.status != status:
        raise RefusedError(f"Expected {status}, got {response.status}.")
    return response.text
