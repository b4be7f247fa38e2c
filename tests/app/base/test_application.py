"""What was verified a moment ago is not verified again, and nothing else gets through because of that."""

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Response, render_template_string, request, session
from flask.testing import FlaskClient
from werkzeug.test import create_environ

from app.base.application import MORE_HEADERS, SOCKET_BYTES, Application, FormTokens
from app.base.turns import turns

COOKIE = "session"


def application(key: str) -> Application:
    """A form, and a counter in the session."""
    app = Application(__name__)
    app.config.update(SECRET_KEY=key, WTF_CSRF_TIME_LIMIT=None)
    tokens = FormTokens()
    tokens.init_app(app)

    @app.get("/")
    def form() -> str:
        session["visits"] = session.get("visits", 0) + 1
        return tokens.token()

    @app.post("/")
    def send() -> str:
        return str(session.get("visits", 0))

    return app


@pytest.fixture
def app() -> Application:
    return application("one key")


@pytest.fixture
def client(app: Application) -> FlaskClient:
    return app.test_client()


def send(client: FlaskClient, token: str, address: str = "/") -> int:
    return client.post(address, data={"csrf_token": token}).status_code


def test_a_form_can_be_sent_again_and_again(client: FlaskClient) -> None:
    token = client.get("/").text
    assert [send(client, token) for _ in range(3)] == [200, 200, 200]


def test_a_pages_own_token_does_not_open_another_persons_session(app: Application, client: FlaskClient) -> None:
    token = client.get("/").text
    assert send(client, token) == 200
    other = app.test_client()
    other.get("/")
    assert send(other, token) == 400
    assert send(app.test_client(), token) == 400


def test_an_invented_token_is_refused_wherever_it_was_sent_before(client: FlaskClient) -> None:
    client.get("/")
    assert send(client, "invented", "/nowhere") == 404
    assert send(client, "invented") == 400
    assert send(client, "invented") == 400


def test_a_visitor_without_a_form_cannot_send_one(client: FlaskClient) -> None:
    assert send(client, "") == 400


def test_what_a_request_changes_in_its_session_stays_in_its_own_cookie(client: FlaskClient) -> None:
    client.get("/")
    first = client.get_cookie(COOKIE)
    assert first is not None
    token = client.get("/").text
    assert client.post("/", data={"csrf_token": token}).text == "2"
    client.set_cookie(COOKIE, first.value)
    for _ in range(2):
        assert client.post("/", data={"csrf_token": token}).text == "1"


def test_a_cookie_that_one_application_knows_opens_nothing_at_another(client: FlaskClient) -> None:
    client.get("/")
    cookie = client.get_cookie(COOKIE)
    assert cookie is not None
    stranger = application("another key").test_client()
    stranger.set_cookie(COOKIE, cookie.value)
    token = stranger.get("/").text
    assert stranger.post("/", data={"csrf_token": token}).text == "1"


def test_a_cookie_that_was_changed_by_one_letter_is_not_recognised(client: FlaskClient) -> None:
    token = client.get("/").text
    cookie = client.get_cookie(COOKIE)
    assert cookie is not None
    assert send(client, token) == 200
    before, letter, after = cookie.value[:-9], cookie.value[-9], cookie.value[-8:]
    client.set_cookie(COOKIE, f"{before}{'A' if letter != 'A' else 'B'}{after}")
    assert send(client, token) == 400


def test_templates_too_sign_a_token_once(app: Application) -> None:
    """The library would hand its own function to every template, and sign again for each form."""
    with app.test_request_context("/"):
        tokens = {
            app.jinja_env.from_string("{{ csrf_token() }}").render(),
            render_template_string("{{ csrf_token() }}"),
        }
    assert len(tokens) == 1


def test_headers_for_every_response_do_not_replace_those_of_a_page() -> None:
    app = application("one key")

    @app.after_request
    def more(response: Response) -> Response:
        request.environ[MORE_HEADERS] = [("cache-control", ("Cache-Control", "no-store")), ("x-more", ("X-More", "1"))]
        return response

    @app.get("/own")
    def own() -> tuple[str, dict[str, str]]:
        return "page", {"cache-control": "max-age=5"}

    assert app.test_client().get("/own").headers.getlist("Cache-Control") == ["max-age=5"]
    assert app.test_client().get("/own").headers["X-More"] == "1"
    assert app.test_client().get("/").headers.getlist("Cache-Control") == ["no-store"]


def answered(app: Application, address: str, *, threads: bool) -> Any:
    """What a server gets from the application, not closed yet."""
    environ = create_environ(address, multithread=threads)
    return app.wsgi_app(environ, lambda status, headers, exc_info=None: lambda data: None)


@pytest.fixture
def taking(app: Application) -> Iterator[Application]:
    @app.get("/stream")
    def stream() -> Response:
        return Response(iter(["one", "two"]))

    @app.get("/large")
    def large() -> str:
        return "x" * (SOCKET_BYTES + 1)

    @app.get("/fault")
    def fault() -> str:
        raise KeyboardInterrupt

    app.takes_turns = True
    yield app
    assert not turns.mine()


def test_a_page_is_sent_before_the_next_request_has_its_turn(taking: Application) -> None:
    response = answered(taking, "/", threads=True)
    assert turns.mine()
    response.close()
    assert not turns.mine()


@pytest.mark.parametrize("address", ["/stream", "/large"])
def test_what_may_take_long_to_send_holds_nobody_up(taking: Application, address: str) -> None:
    response = answered(taking, address, threads=True)
    assert not turns.mine()
    response.close()


def test_a_server_without_threads_may_forget_to_close(taking: Application) -> None:
    answered(taking, "/", threads=False)
    assert not turns.mine()


def test_a_request_that_is_broken_off_gives_the_turn_back(taking: Application) -> None:
    with pytest.raises(KeyboardInterrupt):
        answered(taking, "/fault", threads=True)
    assert not turns.mine()
