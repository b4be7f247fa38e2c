"""Flask as this application runs it: the same behaviour, with less done anew at every request.

A page sends the same cookie and the same form token with each of its requests. Verifying their signatures costs as much
as marking an answer, so what was verified is remembered for some minutes, by its whole text, in this process only.
"""

import hmac
import threading
from collections.abc import Callable, MutableMapping
from time import monotonic
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from flask import Flask, Request, Response, current_app, g, request, session
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface, SessionMixin
from flask.templating import Environment
from flask_wtf.csrf import CSRFProtect, generate_csrf
from werkzeug.wsgi import ClosingIterator

from app.base.turns import turns

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

REMEMBER_S = 600.0
MOST_REMEMBERED = 10_000
LONGEST = 1_000
TOKEN = "csrf_token"  # noqa: S105  # the name of a field
MORE_HEADERS = "waystation.headers"
"""Where a request's environment keeps headers for every response: (name in lower case, (name, value)) each."""
CHANGING = frozenset({"POST", "PUT", "PATCH", "DELETE"})

SOCKET_BYTES = 65_536
"""A response of no more than this leaves for the socket's buffer in a moment, however slow the other side is."""

V = TypeVar("V")


class Memory(Generic[V]):
    """What was found out about some texts in the last minutes."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[float, V]] = {}
        self._lock = threading.Lock()

    def recall(self, text: str | None) -> V | None:
        """Return what is known about a text, if that is not too long ago."""
        known = self._known.get(text) if text else None
        return known[1] if known is not None and monotonic() - known[0] < REMEMBER_S else None

    def keep(self, text: str, value: V) -> None:
        """Remember something about a text."""
        with self._lock:
            if len(self._known) >= MOST_REMEMBERED:
                self._known.clear()
            self._known[text] = (monotonic(), value)


class Templates(Environment):
    """Templates whose globals are one plain dictionary.

    Jinja keeps them as a chain of two, and at each request compares the keys of every imported macro file with it:
    a fifth of the time of a small fragment. Globals must be set before the first page is rendered.
    """

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        """Join a template's own globals and everyone's."""
        return {**self.globals, **(d or {})}


class Sessions(SecureCookieSessionInterface):
    """Flask's signed cookies, each verified once in some minutes."""

    def __init__(self) -> None:
        self._verified: Memory[dict[str, Any]] = Memory()

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """Return the session of a request's cookie."""
        cookies: str | None = request.environ.get("HTTP_COOKIE")
        known = self._verified.recall(cookies)
        if known is not None:
            return self.session_class(known)
        opened = super().open_session(app, request)
        if cookies and opened and len(cookies) <= LONGEST:
            self._verified.keep(cookies, dict(opened))
        return opened

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Send the session's cookie when there is something new in it."""
        if session.modified or session.permanent:
            super().save_session(app, session, response)


class FormTokens(CSRFProtect):  # type: ignore[misc]  # the library has no types
    """Flask-WTF's form tokens, each signed and verified once in some minutes."""

    def __init__(self) -> None:
        super().__init__()
        self._signed: Memory[str] = Memory()
        self._verified: Memory[str] = Memory()

    def init_app(self, app: Flask) -> None:
        """Check the requests of an application, and give its templates ``csrf_token()``."""
        processors = app.template_context_processors[None]
        count = len(processors)
        super().init_app(app)
        del processors[count:]  # the library's own, which signs a token each time
        app.jinja_env.globals[TOKEN] = self.token

    def token(self) -> str:
        """Return the token for a form on this page."""
        known = self._signed.recall(session.get(TOKEN))
        if known is not None:
            return known
        signed: str = generate_csrf()
        self._signed.keep(session[TOKEN], signed)
        return signed

    def protect(self, apply_exemptions: bool = False) -> None:
        """Refuse a request that changes something without the token of this session.

        A route that goes by a ticket changes nothing on the strength of a cookie, so there is nothing to protect.
        """
        if request.endpoint is not None and hasattr(current_app.view_functions[request.endpoint], "by_ticket"):
            return
        sent = self._get_csrf_token() if request.method in CHANGING else None
        # Over HTTPS the library also looks at where the request comes from, so it is asked each time.
        if sent and not request.is_secure and self._is_known(sent):
            return
        super().protect(apply_exemptions)
        if sent and g.get("csrf_valid"):  # not where the library had nothing to check, such as at no address
            self._verified.keep(sent, session[TOKEN])

    def _is_known(self, sent: str) -> bool:
        known = self._verified.recall(sent)
        return known is not None and hmac.compare_digest(known, session.get(TOKEN, ""))


def _with_more(headers: list[tuple[str, str]], environ: "WSGIEnvironment") -> list[tuple[str, str]]:
    present = {name.lower() for name, _ in headers}
    return headers + [header for name, header in environ.get(MORE_HEADERS, ()) if name not in present]


def _sent_in_a_moment(headers: list[tuple[str, str]]) -> bool:
    return any(name == "Content-Length" and int(value) <= SOCKET_BYTES for name, value in headers)


class Application(Flask):
    """Flask with these templates and sessions."""

    jinja_environment = Templates

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        # One each: what one application has verified, another one with a key of its own has not.
        self.session_interface = Sessions()
        self.takes_turns = False

    def wsgi_app(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Any:
        """Carry out a request, in its turn where the database is this process's own."""
        soon_sent = False

        def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            nonlocal soon_sent
            soon_sent = _sent_in_a_moment(headers)
            return start_response(status, _with_more(headers, environ), exc_info)

        if not self.takes_turns:
            return super().wsgi_app(environ, start)
        turns.take()
        try:
            response = super().wsgi_app(environ, start)
        except BaseException:
            turns.give()
            raise
        if soon_sent and environ["wsgi.multithread"]:
            # Given only when sent: whoever is woken while this thread is still at work has to wait a second time.
            return ClosingIterator(response, turns.give)
        turns.give()
        return response

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """Return the function: nothing here is asynchronous, so there is no need to look at each one each time."""
        return func
