"""A shared Chromebook: one child after another, nobody sees the last one's work, and a forgotten sign-in ends."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.http import parse_date

from app.base.services import Services
from app.rostering.tables import SignInTable
from tests.factories import PASSWORD, School, assign, sign_in_student
from tests.pages import lasting

COOKIE = "waystation"
HTMX = {"HX-Request": "true"}


class Later:
    """Moves the wall clock on, step by step."""

    def __init__(self, traveller: time_machine.Traveller) -> None:
        self.traveller = traveller

    def __call__(self, **time: float) -> None:
        self.traveller.shift(timedelta(**time))


@pytest.fixture
def later() -> Iterator[Later]:
    with time_machine.travel(datetime.now(UTC)) as traveller:
        yield Later(traveller)


def cookie(client: FlaskClient) -> str:
    found = client.get_cookie(COOKIE)
    assert found is not None
    return found.value


def with_cookie(app: Flask, value: str) -> FlaskClient:
    """Another browser that got hold of a cookie."""
    client = app.test_client()
    client.set_cookie(COOKIE, value)
    return client


def is_signed_in(client: FlaskClient) -> bool:
    return client.get("/practice").status_code == 200


def test_signing_in_gives_a_new_cookie_and_the_old_one_opens_nothing(
    app: Flask, client: FlaskClient, north: School
) -> None:
    client.get("/sign-in")
    planted = cookie(client)
    sign_in_student(client, north)
    assert cookie(client) != planted
    assert is_signed_in(client)
    assert not is_signed_in(with_cookie(app, planted))


def test_signing_in_gives_new_form_tokens(client: FlaskClient, north: School) -> None:
    client.get("/sign-in")
    with client.session_transaction() as kept:
        before = kept["csrf_token"]
    sign_in_student(client, north)
    client.get("/practice")
    with client.session_transaction() as kept:
        assert kept["csrf_token"] != before


def test_each_sign_in_has_a_token_of_its_own(app: Flask, north: School) -> None:
    tokens = set()
    for _ in range(3):
        client = app.test_client()
        sign_in_student(client, north)
        with client.session_transaction() as kept:
            tokens.add(kept["sign_in"])
    assert len(tokens) == 3


def test_the_next_child_on_the_device_ends_the_last_ones_sign_in(
    app: Flask, client: FlaskClient, north: School, session: Session
) -> None:
    sign_in_student(client, north, "Ana")
    anas = cookie(client)
    sign_in_student(client, north, "Ben")
    assert not is_signed_in(with_cookie(app, anas))
    ended = dict(session.execute(select(SignInTable.person_id, SignInTable.ended_at)).all())
    assert ended[north.students["Ana"]] is not None
    assert ended[north.students["Ben"]] is None


def test_signing_out_ends_it_here_and_for_copies_of_the_cookie(app: Flask, client: FlaskClient, north: School) -> None:
    sign_in_student(client, north)
    copy = with_cookie(app, cookie(client))
    assert is_signed_in(copy)
    answer = client.post("/sign-out")
    assert (answer.status_code, answer.location) == (303, "/")
    assert '"cache"' in answer.headers["Clear-Site-Data"]
    assert '"storage"' in answer.headers["Clear-Site-Data"]
    assert not is_signed_in(client)
    assert not is_signed_in(copy)


def test_going_back_after_signing_out_shows_nothing(client: FlaskClient, parts: Services, north: School) -> None:
    assign(parts, north)
    sign_in_student(client, north)
    pages = [
        client.get("/practice"),
        client.post("/practice/start", headers=HTMX),
        client.get("/", follow_redirects=True),
    ]
    for page in pages:
        assert page.headers["Cache-Control"] == "no-store"
    client.post("/sign-out")
    for address in ("/practice", "/"):
        back = client.get(address, follow_redirects=True)
        assert "Ana" not in lasting(back.text)
        assert back.headers["Cache-Control"] == "no-store"
    assert client.post("/practice/next", headers=HTMX).headers["HX-Redirect"] == "/"


def test_a_page_knows_whose_it_is_without_saying_so(client: FlaskClient, north: School) -> None:
    sign_in_student(client, north, "Ana")
    page = client.get("/practice")
    viewer = page.headers["X-Viewer"]
    assert f'data-viewer="{viewer}"' in page.text
    assert str(north.students["Ana"]) not in viewer
    sign_in_student(client, north, "Ben")
    assert client.get("/practice").headers["X-Viewer"] != viewer
    client.post("/sign-out")
    assert "X-Viewer" not in client.get("/sign-in").headers


def test_the_cookie_ends_with_the_browser_and_scripts_cannot_read_it(client: FlaskClient, north: School) -> None:
    answer = client.post(f"/sign-in/{north.code}/{north.students['Ana']}", data={"pick": ["sun", "moon", "star"]})
    said = next(line for line in answer.headers.getlist("Set-Cookie") if line.startswith(f"{COOKIE}="))
    assert "HttpOnly" in said
    assert "SameSite=Lax" in said
    assert not re.search(r"expires|max-age", said, re.IGNORECASE)


def test_a_childs_sign_in_ends_after_twenty_five_idle_minutes(client: FlaskClient, north: School, later: Later) -> None:
    sign_in_student(client, north)
    later(minutes=24, seconds=50)
    assert is_signed_in(client)
    later(minutes=24, seconds=50)
    assert is_signed_in(client)
    later(minutes=25, seconds=1)
    assert not is_signed_in(client)


def test_an_idle_sign_in_cannot_be_woken_again(app: Flask, client: FlaskClient, north: School, later: Later) -> None:
    sign_in_student(client, north)
    kept = cookie(client)
    later(minutes=26)
    assert not is_signed_in(client)
    assert not is_signed_in(with_cookie(app, kept))


def test_the_pages_own_heartbeat_does_not_keep_a_sign_in_alive(
    client: FlaskClient, parts: Services, north: School, later: Later
) -> None:
    assign(parts, north)
    sign_in_student(client, north)
    for _ in range(26):
        later(minutes=1)
        beat = client.post("/practice/heartbeat", data={"input": "1"}, headers={"Accept": "application/json"})
    assert beat.status_code == 401
    assert not is_signed_in(client)


def test_a_child_who_works_is_not_signed_out_by_the_heartbeats_beside_it(
    client: FlaskClient, parts: Services, north: School, later: Later
) -> None:
    assign(parts, north)
    sign_in_student(client, north)
    for _ in range(30):
        later(minutes=1, seconds=1)
        client.post("/practice/heartbeat", headers={"Accept": "application/json"})
        later(seconds=0.5)  # the sign-in was just looked up, and still this click must count
        assert is_signed_in(client)


def test_an_adults_sign_in_lasts_a_morning_and_ends_after_four_idle_hours(
    client: FlaskClient, north: School, later: Later
) -> None:
    client.post("/sign-in/adult", data={"email": north.teacher_email, "password": PASSWORD})
    later(hours=3, minutes=59)
    assert client.get("/").location != "/sign-in"
    later(hours=4, seconds=1)
    assert client.get("/").location == "/sign-in"


def test_a_working_child_costs_no_write_for_each_page(
    client: FlaskClient, north: School, session: Session, later: Later
) -> None:
    sign_in_student(client, north)
    first = session.scalar(select(SignInTable.seen_at))
    later(seconds=30)
    client.get("/practice")
    assert session.scalar(select(SignInTable.seen_at)) == first
    later(seconds=31)
    client.get("/practice")
    assert session.scalar(select(SignInTable.seen_at)) > first


@pytest.mark.parametrize("value", ["", "nonsense", "x.y.z", "eyJzaWduX2luIjoiMS54In0.aaaa.bbbb"])
def test_a_forged_cookie_opens_nothing(app: Flask, value: str) -> None:
    assert not is_signed_in(with_cookie(app, value))


@pytest.mark.parametrize("token", ["", "x", "1.x", "-1.x", f"{2**70}.x", f"{2**63}.x", "1.", ".x", "\u0661.x"])
def test_a_token_that_was_never_given_opens_nothing(client: FlaskClient, token: str) -> None:
    with client.session_transaction() as kept:
        kept["sign_in"] = token
    assert not is_signed_in(client)


def test_a_token_of_one_district_opens_nothing_in_another(client: FlaskClient, north: School, south: School) -> None:
    sign_in_student(client, north)
    with client.session_transaction() as kept:
        kept["sign_in"] = f"{south.district_id}.{kept['sign_in'].partition('.')[2]}"
    assert not is_signed_in(client)


def test_pages_say_their_date_but_never_let_themselves_be_kept(client: FlaskClient) -> None:
    answer = client.get("/sign-in")
    assert answer.headers["Cache-Control"] == "no-store"
    assert parse_date(answer.headers.get("Expires")) is None


def test_htmx_and_scripts_are_sent_to_the_door_in_their_own_way(client: FlaskClient) -> None:
    assert client.get("/practice").location == "/"
    fragment = client.post("/practice/next", headers=HTMX)
    assert (fragment.status_code, fragment.headers["HX-Redirect"]) == (204, "/")
    assert client.post("/practice/heartbeat", headers={"Accept": "application/json"}).status_code == 401
