"""A small browser for simulated people: one connection, cookies, forms; standard library only.

It sends what a browser with htmx sends and reads tokens and identifiers from pages, never from anywhere else.
"""

import http.client
from dataclasses import dataclass, field
from functools import cached_property
from html.parser import HTMLParser
from http.cookies import CookieError, SimpleCookie
from urllib.parse import urlencode, urljoin, urlsplit

TIMEOUT_S = 20.0
REDIRECTS = 5
TRY_LATER = frozenset({429, 500, 502, 503, 504})
WAIT_S = 2.0
AGENT = "Waystation simulated student"


class NoAnswerError(Exception):
    """The server could not be reached or asked to come back; `after_s` says when."""

    def __init__(self, reason: str, after_s: float = WAIT_S) -> None:
        super().__init__(reason)
        self.after_s = after_s


@dataclass(slots=True)
class Form:
    """A form of a page: where it goes, what it carries already, and its buttons as (name, value, words)."""

    action: str
    fields: dict[str, str] = field(default_factory=dict)
    buttons: list[tuple[str, str, str]] = field(default_factory=list)


class _Reader(HTMLParser):
    """Reads forms, links and the attributes of elements that have an id."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.forms: list[Form] = []
        self.links: list[str] = []
        self.by_id: dict[str, dict[str, str]] = {}
        self._form: Form | None = None
        self._select: str | None = None
        self._button = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        had = {name: value or "" for name, value in attrs}
        if "id" in had:
            self.by_id[had["id"]] = had
        if tag == "a" and "href" in had:
            self.links.append(had["href"])
        if tag == "form":
            self._form = Form(had.get("action", ""))
            self.forms.append(self._form)
        elif self._form is not None:
            self._in_form(self._form, tag, had)

    def _in_form(self, form: Form, tag: str, had: dict[str, str]) -> None:
        name = had.get("name", "")
        if tag == "input" and had.get("type") not in ("radio", "checkbox", "submit") and name:
            form.fields[name] = had.get("value", "")
        elif tag == "select":
            self._select = name
        elif tag == "option" and self._select and ("selected" in had or self._select not in form.fields):
            form.fields[self._select] = had.get("value", "")
        elif tag == "button":
            form.buttons.append((name, had.get("value", ""), ""))
            self._button = True

    def handle_data(self, data: str) -> None:
        if self._button and self._form is not None:
            name, value, words = self._form.buttons[-1]
            self._form.buttons[-1] = (name, value, f"{words} {data.strip()}".strip())

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag == "select":
            self._select = None
        elif tag == "button":
            self._button = False


@dataclass(frozen=True)
class Page:
    """What came back.

    Parameters
    ----------
    path : str
        Where it came from in the end, after redirects.
    viewer : str
        The server's mark of the sign-in behind the page, empty where nobody is signed in.
    """

    path: str
    status: int
    text: str
    viewer: str

    @cached_property
    def _read(self) -> _Reader:
        reader = _Reader()
        reader.feed(self.text)
        return reader

    @property
    def forms(self) -> list[Form]:
        """Forms in the order of the page."""
        return self._read.forms

    @property
    def links(self) -> list[str]:
        """Addresses of the page's links."""
        return self._read.links

    def form(self, ending: str) -> Form | None:
        """The first form whose action ends like this."""
        return next((form for form in self.forms if form.action.endswith(ending)), None)

    def attributes(self, element_id: str) -> dict[str, str]:
        """Attributes of an element; empty when it is not there."""
        return self._read.by_id.get(element_id, {})


class Browser:
    """One person's browser.

    Parameters
    ----------
    url : str
        Such as ``http://127.0.0.1:8000``; only plain HTTP, because it is for trying things out.
    """

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme != "http" or parts.hostname is None:
            raise ValueError(f"{url} is not an address such as http://127.0.0.1:8000.")
        self._connection = http.client.HTTPConnection(parts.hostname, parts.port or 80, timeout=TIMEOUT_S)
        self._cookies: dict[str, str] = {}

    def get(self, path: str, *, htmx: bool = False) -> Page:
        """Open an address.

        Raises
        ------
        NoAnswerError
            The server could not be reached, or is too busy.
        """
        return self._follow("GET", path, None, {"HX-Request": "true"} if htmx else {})

    def post(self, path: str, fields: dict[str, str] | list[tuple[str, str]], *, htmx: bool = False) -> Page:
        """Send a form.

        Raises
        ------
        NoAnswerError
            The server could not be reached, or is too busy; the form may or may not have arrived.
        """
        return self._follow("POST", path, urlencode(fields), {"HX-Request": "true"} if htmx else {})

    def close(self) -> None:
        """Hang up."""
        self._connection.close()

    def _follow(self, method: str, path: str, body: str | None, extra: dict[str, str]) -> Page:
        for _ in range(REDIRECTS):
            response, text = self._once(method, path, body, extra)
            target = response.getheader("HX-Redirect") or response.getheader("Location")
            if target is None or (response.status not in (301, 302, 303) and "HX-Redirect" not in response.headers):
                if response.status in TRY_LATER:
                    raise NoAnswerError(f"status {response.status}", _after(response))
                return Page(path, response.status, text, response.getheader("X-Viewer") or "")
            method, body, extra, path = "GET", None, {}, urlsplit(urljoin(path, target)).path
        raise NoAnswerError("too many redirects")

    def _once(
        self, method: str, path: str, body: str | None, extra: dict[str, str]
    ) -> tuple[http.client.HTTPResponse, str]:
        try:
            return self._send(method, path, body, extra)
        except (OSError, http.client.HTTPException):
            # The server may have closed a connection that was idle; a second failure is a real one.
            self._connection.close()
        try:
            return self._send(method, path, body, extra)
        except (OSError, http.client.HTTPException) as error:
            self._connection.close()
            raise NoAnswerError(type(error).__name__) from error

    def _send(
        self, method: str, path: str, body: str | None, extra: dict[str, str]
    ) -> tuple[http.client.HTTPResponse, str]:
        headers = {"User-Agent": AGENT, "Accept": "text/html", **extra}
        if self._cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self._cookies.items())
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        self._connection.request(method, path, body, headers)
        response = self._connection.getresponse()
        text = response.read().decode("utf-8", "replace")
        self._take_cookies(response)
        return response, text

    def _take_cookies(self, response: http.client.HTTPResponse) -> None:
        for line in response.headers.get_all("Set-Cookie") or ():
            try:
                jar = SimpleCookie(line)
            except CookieError:
                continue
            for name, morsel in jar.items():
                if morsel.value and morsel["max-age"] != "0":
                    self._cookies[name] = morsel.value
                else:
                    self._cookies.pop(name, None)


def _after(response: http.client.HTTPResponse) -> float:
    asked = response.getheader("Retry-After") or ""
    return float(asked) if asked.isdecimal() else WAIT_S
