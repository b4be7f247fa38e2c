"""Guessing is slowed down for the account, the class and the device, and never for the address: a school is one."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.databases import only_sqlite
from tests.factories import NAMES, PASSWORD, PICTURES, School

# Tries are counted in memory, whatever the database.
pytestmark = only_sqlite
WRONG = ("tree", "boat", "kite")
ACCOUNT_TRIES, CLASS_TRIES, DEVICE_TRIES = 6, 200, 30


def sign_in(
    client: FlaskClient, school: School, name: str, pictures: tuple[str, ...] = PICTURES, code: str | None = None
) -> TestResponse:
    return client.post(f"/sign-in/{code or school.code}/{school.students[name]}", data={"pick": list(pictures)})


def use_up(app: Flask, school: School, name: str = "Ana", code: str | None = None) -> None:
    """Guess a child's pictures on many devices until no more guesses are taken."""
    for _ in range(ACCOUNT_TRIES):
        assert sign_in(app.test_client(), school, name, WRONG, code).status_code == 422


def test_an_account_takes_six_wrong_tries_and_then_none_for_a_while(app: Flask, north: School) -> None:
    use_up(app, north)
    refused = sign_in(app.test_client(), north, "Ana")
    assert refused.status_code == 429
    assert "Too many tries." in refused.text


def test_a_throttled_account_opens_again_after_five_minutes(app: Flask, north: School) -> None:
    use_up(app, north)
    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=5, seconds=1)):
        assert sign_in(app.test_client(), north, "Ana").status_code == 303


def test_another_child_at_the_same_address_and_class_still_signs_in(app: Flask, north: School) -> None:
    use_up(app, north)
    for name in NAMES[1:]:
        assert sign_in(app.test_client(), north, name).status_code == 303


def test_right_tries_are_not_counted(app: Flask, north: School) -> None:
    for _ in range(ACCOUNT_TRIES + 2):
        assert sign_in(app.test_client(), north, "Ana").status_code == 303


def test_looking_at_pages_and_picking_halfway_is_not_counted(client: FlaskClient, north: School) -> None:
    address = f"/sign-in/{north.code}/{north.students['Ana']}"
    for _ in range(ACCOUNT_TRIES + 2):
        assert client.get(address).status_code == 200
        assert client.post(address, data={"pick": "sun"}).status_code == 200
    assert sign_in(client, north, "Ana").status_code == 303


def test_typing_the_code_in_another_way_gives_no_more_tries(app: Flask, north: School) -> None:
    use_up(app, north, code=north.code.lower())
    assert sign_in(app.test_client(), north, "Ana").status_code == 429


def test_a_device_is_slowed_down_whomever_it_tries(app: Flask, north: School) -> None:
    device = app.test_client()
    tried = [sign_in(device, north, name, WRONG).status_code for name in NAMES for _ in range(ACCOUNT_TRIES - 1)]
    assert tried == [422] * DEVICE_TRIES
    assert sign_in(device, north, "Ana").status_code == 429
    assert sign_in(app.test_client(), north, "Ana").status_code == 303


@pytest.mark.parametrize("typed", ["{code}", "%20{lower}"])
def test_a_class_is_slowed_down_however_its_code_is_typed(
    app: Flask, north: School, monkeypatch: pytest.MonkeyPatch, typed: str
) -> None:
    guesses = 0
    code = typed.format(code=north.code, lower=north.code.lower())
    monkeypatch.setattr("app.rostering.routes.verify", lambda *_: False)
    while guesses < CLASS_TRIES:
        # Guesses at children who are not there count too: else the class could be searched for free.
        answer = app.test_client().post(f"/sign-in/{code}/{10**6 + guesses}", data={"pick": list(WRONG)})
        assert answer.status_code in (404, 422)
        guesses += 1
    assert app.test_client().post(f"/sign-in/{north.code}/1", data={"pick": list(WRONG)}).status_code == 429


def test_a_device_that_tries_class_codes_is_slowed_down(app: Flask, north: School) -> None:
    device = app.test_client()
    device.get("/sign-in")
    for n in range(DEVICE_TRIES):
        device.post("/sign-in", data={"code": f"GUESS{n}"})
    assert device.post("/sign-in", data={"code": north.code}).status_code == 429
    assert app.test_client().post("/sign-in", data={"code": north.code}).status_code == 303


def test_an_adults_account_is_slowed_down_and_another_adults_is_not(app: Flask, north: School) -> None:
    typed = {"email": north.teacher_email, "password": "wrong"}
    for _ in range(ACCOUNT_TRIES):
        assert app.test_client().post("/sign-in/adult", data=typed).status_code == 422
    right = {"email": f" {north.teacher_email.upper()}", "password": PASSWORD}
    assert app.test_client().post("/sign-in/adult", data=right).status_code == 429
    other = {"email": north.admin_email, "password": PASSWORD}
    assert app.test_client().post("/sign-in/adult", data=other).status_code == 303


def test_a_made_up_device_name_is_not_taken_over(app: Flask, north: School) -> None:
    client = app.test_client()
    client.set_cookie("waystation_device", "x" * 4000)
    answer = sign_in(client, north, "Ana")
    assert answer.status_code == 303
    given = client.get_cookie("waystation_device")
    assert given is not None
    assert len(given.value) == 16


def test_a_device_keeps_its_name(app: Flask, north: School) -> None:
    client = app.test_client()
    sign_in(client, north, "Ana", WRONG)
    first = client.get_cookie("waystation_device")
    sign_in(client, north, "Ana", WRONG)
    assert client.get_cookie("waystation_device") == first
    assert first is not None
    assert first.http_only
