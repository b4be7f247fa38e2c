"""What every page shares: rendering for browsers with and without htmx, headers, errors, form tokens."""

import gzip
import secrets
from collections.abc import Collection, Sequence
from functools import cache
from typing import Any
from wsgiref.headers import Headers

import structlog
from flask import Flask, Response, abort, g, make_response, render_template, request
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException
from werkzeug.routing import IntegerConverter, Map

from app.base.application import MORE_HEADERS, FormTokens
from app.base.errors import BusyError, WaystationError
from app.base.ids import LARGEST_ID

limiter = Limiter(key_func=get_remote_address, headers_enabled=False)
log = structlog.get_logger(__name__)

STATIC_PREFIX = "/static/"
SAFE = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), interest-cohort=()",
}
PRIVATE = {"Cache-Control": "no-store", "Vary": "HX-Request, Cookie, Accept-Encoding"}
# Below this the time to compress is worth more than the bytes; a verdict is smaller, a question is larger.
WORTH_COMPRESSING = 3_000
COMPRESSED = frozenset({"text/html", "application/json", "text/javascript"})
# Headers of an error that its page must keep.
KEPT = ("Allow", "Retry-After")
EXPLAINED = frozenset({400, 403, 404, 405, 409, 413, 429, 500, 503})


def wants_fragment() -> bool:
    """Whether htmx asked, so that only the fragment is wanted."""
    environ = request.environ
    return environ.get("HTTP_HX_REQUEST") == "true" and environ.get("HTTP_HX_HISTORY_RESTORE_REQUEST") != "true"


def render(template: str, /, **context: object) -> str:
    """Render a page, or for htmx the fragment beside it: ``practice/step.html`` has ``practice/_step.html``."""
    if wants_fragment():
        folder, _, name = template.rpartition("/")
        template = f"{folder}/_{name}"
    return render_template(template, **context)


def nonce() -> str:
    """Return the nonce that this response's inline scripts must carry; none are used so far."""
    if "nonce" not in g:
        g.nonce = secrets.token_urlsafe(12)
    found: str = g.nonce
    return found


def file_headers(headers: Headers, _path: str, _url: str) -> None:
    """Give a static file the headers of every response; such a file never passes through the application."""
    for name, value in SAFE.items():
        headers[name] = value
    headers["Content-Security-Policy"] = _policy("")


def _throttle(app: Flask, blueprints: Collection[str]) -> None:
    """Let the limiter look only at requests to the blueprints that declare limits.

    By itself it looks for limits on every request, which costs as much as marking an answer.
    """
    hooks: Sequence[Any] = (app.before_request_funcs, app.after_request_funcs, app.teardown_request_funcs)
    ours = [len(functions.get(None, ())) for functions in hooks]
    limiter.init_app(app)
    for functions, count in zip(hooks, ours, strict=True):
        for name in blueprints:
            functions.setdefault(name, []).extend(functions[None][count:])
        del functions[None][count:]


def _policy(nonce_source: str) -> str:
    return (
        f"default-src 'none'; script-src 'self' {nonce_source}; style-src 'self'; img-src 'self' data:; "
        "font-src 'self'; connect-src 'self'; media-src 'self'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'; manifest-src 'self'; worker-src 'self'"
    )


@cache
def _wanted(nonce_source: str, private: bool) -> Sequence[tuple[str, tuple[str, str]]]:
    """Every response's headers: the name in lower case, and the header."""
    wanted = {**SAFE, "Content-Security-Policy": _policy(nonce_source)}
    if private:
        # The next child on this device must not find the last one's pages.
        wanted |= PRIVATE
    return [(name.lower(), (name, value)) for name, value in wanted.items()]


def _headers(response: Response) -> Response:
    private = not request.path.startswith(STATIC_PREFIX) or response.status_code >= 400
    # Flask checks and copies each header of a response three times; these are constants, so they join at the end.
    request.environ[MORE_HEADERS] = (
        _wanted("", private) if "nonce" not in g else _wanted.__wrapped__(f"'nonce-{g.nonce}'", private)
    )
    return response


def _compress(response: Response) -> Response:
    """Compress a page for a browser that takes it, at the level that costs least.

    Cookies are not sent along with requests of other sites (SameSite), so nobody can learn a form's token by asking for
    pages again and again and looking at how large they are.
    """
    if response.mimetype not in COMPRESSED or response.is_streamed or response.direct_passthrough:
        return response
    if "gzip" not in request.environ.get("HTTP_ACCEPT_ENCODING", "") or "Content-Encoding" in response.headers:
        return response
    plain = response.get_data()
    if len(plain) >= WORTH_COMPRESSING:
        response.set_data(gzip.compress(plain, 1, mtime=0))
        response.headers["Content-Encoding"] = "gzip"
    return response


class IdConverter(IntegerConverter):
    """An identifier in an address; a number that no database column holds is "not found", not a fault."""

    def __init__(self, url_map: Map) -> None:
        super().__init__(url_map, max=LARGEST_ID)


def _refuse_nul() -> None:
    """Refuse the one character that PostgreSQL does not store, wherever it was typed or smuggled in."""
    form = request.form
    texts = (request.path, *(request.args.values() if request.query_string else ()), *form, *form.values())
    if "\x00" in "".join(texts):
        abort(400)


def _explain(status: int, message: str, headers: dict[str, str] | None = None) -> Response:
    known = status if status in EXPLAINED else 500
    body = render_template("errors/error.html", status=known, message=message)
    response = make_response(body, status)
    response.headers.update(headers or {})
    return response


def _on_ours(error: WaystationError) -> Response:
    headers = {"Retry-After": str(error.retry_after_s)} if isinstance(error, BusyError) else None
    return _explain(error.status, str(error), headers)


def _on_http(error: HTTPException) -> Response:
    if error.response is not None and error.code is None:
        return make_response(error.response)
    headers = {name: value for name, value in error.get_headers() if name in KEPT}
    return _explain(error.code or 500, "", headers)


def _on_token(error: CSRFError) -> Response:
    return _explain(400, "This page was open for a long time. Go back, load it again and repeat what you did.")


def _on_anything(error: Exception) -> Response:
    log.exception("request_failed", endpoint=request.endpoint, error=type(error).__name__)
    return _explain(500, "")


def install(app: Flask, *, throttled: Collection[str]) -> None:
    """Attach headers, form tokens, throttling (of these blueprints) and error pages."""
    app.url_map.converters["int"] = IdConverter
    app.before_request(_refuse_nul)
    FormTokens().init_app(app)
    _throttle(app, throttled)
    app.after_request(_compress)  # what is registered first comes last
    app.after_request(_headers)
    app.register_error_handler(WaystationError, _on_ours)
    app.register_error_handler(CSRFError, _on_token)
    app.register_error_handler(HTTPException, _on_http)
    if not app.testing:
        app.register_error_handler(Exception, _on_anything)
    app.jinja_env.globals["nonce"] = nonce
