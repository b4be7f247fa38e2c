"""The simulated people's browser, against a small site of its own."""

import threading
from collections.abc import Iterator

import pytest
from flask import Flask, Response, make_response, redirect, request
from werkzeug.serving import make_server

from app.demo.browser import Browser, NoAnswerError

PAGE = """
<form action="/first"><input name="a" value="1"><input type="radio" name="r" value="x">
  <select name="s"><option value="p">P<option value="q" selected>Q</select>
  <button name="go" value="7">Go <b>on</b></button>
</form>
<section id="step" data-kind="question"><form action="/x/12/answer"><input type="hidden" name="t"></form></section>
<a href="/away">Away</a>
"""


@pytest.fixture
def site() -> Iterator[str]:
    app = Flask("site")
    busy = iter([503, 200])

    @app.get("/")
    def page() -> Response:
        response = make_response(PAGE)
        response.set_cookie("seen", "yes")
        return response

    @app.post("/moved")
    def moved() -> object:
        return redirect("/echo", 303)

    @app.get("/echo")
    def echo() -> str:
        return f"{request.method} {request.cookies.get('seen', 'no')} {request.headers.get('HX-Request', 'no')}"

    @app.post("/htmx")
    def htmx() -> Response:
        return Response(status=204, headers={"HX-Redirect": "/echo"})

    @app.get("/busy")
    def busy_once() -> Response:
        return Response("busy", status=next(busy), headers={"Retry-After": "7"})

    @app.get("/forget")
    def forget() -> Response:
        response = make_response("gone")
        response.delete_cookie("seen")
        return response

    @app.get("/round")
    def round_and_round() -> object:
        return redirect("/round")

    server = make_server("127.0.0.1", 0, app, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_forms_are_read_with_what_they_carry(site: str) -> None:
    page = Browser(site).get("/")
    form = page.form("/first")
    assert form is not None
    assert form.fields == {"a": "1", "s": "q"}
    assert form.buttons == [("go", "7", "Go on")]
    assert page.form("/nothing") is None
    assert page.attributes("step")["data-kind"] == "question"
    assert page.links == ["/away"]


def test_cookies_are_kept_and_forgotten_as_told(site: str) -> None:
    browser = Browser(site)
    browser.get("/")
    assert browser.get("/echo").text == "GET yes no"
    browser.get("/forget")
    assert browser.get("/echo").text == "GET no no"


def test_redirects_are_followed_by_getting(site: str) -> None:
    browser = Browser(site)
    assert browser.post("/moved", {"a": "1"}).text == "GET no no"
    assert browser.post("/htmx", {}, htmx=True).path == "/echo"


def test_a_busy_server_says_when_to_come_back(site: str) -> None:
    browser = Browser(site)
    with pytest.raises(NoAnswerError) as trouble:
        browser.get("/busy")
    assert trouble.value.after_s == 7
    assert browser.get("/busy").status == 200


def test_endless_redirects_are_given_up(site: str) -> None:
    with pytest.raises(NoAnswerError):
        Browser(site).get("/round")


def test_an_address_must_be_plain_http() -> None:
    with pytest.raises(ValueError, match="not an address"):
        Browser("ftp://example.org")
