"""A class signs in: class code, who are you, three secret pictures; adults by e-mail and password."""

import re

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from app.base.services import Services
from app.rostering import service
from app.rostering.tables import PersonTable, SignInTable
from tests.factories import PASSWORD, PICTURES, School, assign, sign_in_student, sign_in_teacher
from tests.pages import lasting


def enter(client: FlaskClient, code: str) -> TestResponse:
    return client.post("/sign-in", data={"code": code})


def pick(client: FlaskClient, school: School, name: str, pictures: tuple[str, ...]) -> TestResponse:
    return client.post(f"/sign-in/{school.code}/{school.students[name]}", data={"pick": list(pictures)})


def is_signed_in(client: FlaskClient) -> bool:
    return client.get("/practice").status_code == 200


def test_a_child_signs_in_step_by_step(client: FlaskClient, parts: Services, north: School) -> None:
    assign(parts, north)
    assert "class code" in client.get("/sign-in").text
    who = client.get(enter(client, north.code).location).text
    assert all(name in who for name in north.students)
    chosen = client.post(f"/sign-in/{north.code}", data={"person": north.students["Cy"]})
    page = client.get(chosen.location).text
    assert "Hello Cy!" in page
    assert all(f'value="{one}"' in page for one in service.SECRET_PICTURES)
    done = pick(client, north, "Cy", PICTURES)
    assert (done.status_code, done.location) == (303, "/practice")
    assert "Hello Cy!" in client.get("/practice").text


def test_without_script_each_picture_is_a_page_of_its_own(client: FlaskClient, north: School) -> None:
    address = f"/sign-in/{north.code}/{north.students['Ana']}"
    first = client.post(address, data={"pick": "sun"}).text
    assert "1 of 3 picked" in first
    second = client.post(address, data={"picked": "sun", "pick": "moon"}).text
    assert re.findall(r'name="picked" value="(\w+)"', second) == ["sun", "moon"]
    assert not is_signed_in(client)
    assert client.post(address, data={"picked": ["sun", "moon"], "pick": "star"}).status_code == 303
    assert is_signed_in(client)


@pytest.mark.parametrize("typed", ["{code}", "  {code} ", "{lower}", "\t{lower}\n"])
def test_the_class_code_may_be_typed_carelessly(client: FlaskClient, north: School, typed: str) -> None:
    answer = enter(client, typed.format(code=north.code, lower=north.code.lower()))
    assert answer.status_code == 303
    assert north.code in answer.location


@pytest.mark.parametrize("typed", ["", " ", "NOSUCH", "NORAA2X", "'; DROP TABLE classes; --", "ÅÄÖ", "9" * 5000])
def test_an_unknown_class_code_is_told_so_kindly(client: FlaskClient, typed: str) -> None:
    answer = enter(client, typed)
    assert answer.status_code == 422
    assert "We do not know this code. Look again." in answer.text


@pytest.mark.parametrize("code", ["NOSUCH", "9" * 300])
def test_an_address_with_an_unknown_code_is_not_found(client: FlaskClient, code: str) -> None:
    assert client.get(f"/sign-in/{code}").status_code == 404
    assert client.get(f"/sign-in/{code}/1").status_code == 404
    assert client.post(f"/sign-in/{code}/1", data={"pick": list(PICTURES)}).status_code == 404


@pytest.mark.parametrize(
    ("address", "typed"),
    [
        ("/sign-in", {"code": "A\x00B"}),
        ("/sign-in/A%00B", None),
        ("/sign-in/A%00B/1", {"pick": "sun"}),
        ("/sign-in/adult", {"email": "a\x00@b", "password": "x"}),
        ("/sign-in/adult", {"email": "a@b", "password": "x\x00"}),
        ("/practice?x=%00", None),
    ],
)
def test_a_character_that_no_database_stores_is_refused_everywhere(
    client: FlaskClient, address: str, typed: dict[str, str] | None
) -> None:
    answer = client.get(address) if typed is None else client.post(address, data=typed)
    assert answer.status_code == 400
    assert "check what you typed" in answer.text


@pytest.mark.parametrize("person", ["", "x", "-1", "1.5", "0", "9" * 30, "9" * 5000, "\u0663"])
def test_a_person_who_is_not_in_the_class_gets_nowhere(client: FlaskClient, north: School, person: str) -> None:
    answer = client.post(f"/sign-in/{north.code}", data={"person": person}, follow_redirects=True)
    assert answer.status_code in (200, 404)
    assert "Hello" not in answer.text


@pytest.mark.parametrize("stranger", ["other_class", "other_district", "teacher", "huge"])
def test_nobody_enters_a_class_they_are_not_in(
    client: FlaskClient, north: School, south: School, stranger: str
) -> None:
    person = {
        "other_class": north.other_students["Gil"],
        "other_district": south.students["Ana"],
        "teacher": north.teacher_id,
        "huge": 10**30,
    }[stranger]
    address = f"/sign-in/{north.code}/{person}"
    assert client.get(address).status_code == 404
    assert client.post(address, data={"pick": list(PICTURES)}).status_code in (404, 405)
    assert not is_signed_in(client)


@pytest.mark.parametrize(
    "pictures",
    [
        ("moon", "sun", "star"),
        ("sun", "sun", "sun"),
        ("sun", "moon", "tree"),
        ("sun", "moon", "dragon"),
        ("sun>moon", "star", ""),
    ],
)
def test_other_pictures_or_another_order_do_not_open(
    client: FlaskClient, north: School, pictures: tuple[str, ...]
) -> None:
    answer = pick(client, north, "Ana", pictures)
    assert answer.status_code == 422
    assert "Not these three. Try once more." in answer.text
    assert "0 of 3 picked" in answer.text
    assert not is_signed_in(client)


def test_more_than_three_pictures_do_not_help_guessing(client: FlaskClient, north: School) -> None:
    answer = pick(client, north, "Ana", ("tree", "boat", "kite", *PICTURES))
    assert answer.status_code == 422
    assert not is_signed_in(client)


def test_a_child_sees_classmates_by_first_name_only(client: FlaskClient, north: School) -> None:
    page = lasting(client.get(f"/sign-in/{north.code}").text)
    assert "Gil" not in page
    assert "Teacher" not in page
    assert "@" not in page


def test_an_adult_signs_in_with_e_mail_and_password(client: FlaskClient, north: School) -> None:
    typed = {"email": f"  {north.teacher_email.upper()} ", "password": PASSWORD}
    assert client.post("/sign-in/adult", data=typed).status_code == 303
    assert client.get("/").status_code == 302


@pytest.mark.parametrize(
    ("email", "password"),
    [
        ("t1@north.example", "wrong"),
        ("t1@north.example", ""),
        ("nobody@north.example", PASSWORD),
        ("", ""),
        ("x" * 10_000, "y" * 10_000),
    ],
)
def test_a_wrong_pair_is_refused_without_telling_which_half(client: FlaskClient, email: str, password: str) -> None:
    answer = client.post("/sign-in/adult", data={"email": email, "password": password})
    assert answer.status_code == 422
    assert "do not belong together" in answer.text
    assert password == "" or f'value="{password}"' not in answer.text
    assert client.get("/practice").status_code == 302


def test_a_child_cannot_sign_in_as_an_adult(client: FlaskClient, north: School, session: Session) -> None:
    hashed = session.scalar(select(PersonTable.email).where(PersonTable.id == north.students["Ana"]))
    assert hashed is None
    answer = client.post("/sign-in/adult", data={"email": "", "password": ">".join(PICTURES)})
    assert answer.status_code == 422


def test_secrets_and_tokens_are_stored_only_as_hashes(client: FlaskClient, north: School, session: Session) -> None:
    sign_in_student(client, north)
    with client.session_transaction() as kept:
        token = kept["sign_in"].partition(".")[2]
    stored = session.execute(select(SignInTable.token_hash)).scalars().all()
    assert len(stored) == 1
    assert token not in stored[0]
    for secret in session.execute(select(PersonTable.secret_hash)).scalars():
        assert secret.startswith("$argon2id$")


def test_two_children_with_the_same_pictures_have_different_hashes(session: Session, north: School) -> None:
    hashes = session.execute(
        select(PersonTable.secret_hash).where(PersonTable.id.in_(list(north.students.values())))
    ).scalars()
    found = list(hashes)
    assert len(set(found)) == len(found) == len(north.students)


def test_each_role_starts_from_its_own_page(client: FlaskClient, parts: Services, north: School) -> None:
    sign_in_student(client, north)
    assert client.get("/").location == "/practice"
    sign_in_teacher(client, north.teacher_email)
    assert client.get("/").location not in ("/practice", "/sign-in")


def test_a_sign_in_is_one_row_however_often_the_page_is_read(
    client: FlaskClient, north: School, session: Session
) -> None:
    sign_in_student(client, north)
    for _ in range(3):
        client.get("/practice")
    assert session.scalar(select(func.count()).select_from(SignInTable)) == 1


def test_after_bye_the_page_of_the_child_who_left_asks_who_is_there_now(
    client: FlaskClient, parts: Services, north: School
) -> None:
    assign(parts, north)
    address = f"/sign-in/{north.code}/{north.students['Ana']}"
    assert "Hello Ana!" in client.get(address).text
    pick(client, north, "Ana", PICTURES)
    client.post("/sign-out")
    assert client.get(address).location == f"/sign-in/{north.code}"
    client.post(f"/sign-in/{north.code}", data={"person": north.students["Ben"]})
    assert "Hello Ben!" in client.get(f"/sign-in/{north.code}/{north.students['Ben']}").text
