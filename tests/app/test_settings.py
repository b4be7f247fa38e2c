"""Settings from the environment: what may be set, and what production refuses."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from app.config import Settings
from app.factory import create_app
from tests.conftest import stop

SECRET = "k3-9Zr!vv7Qm2xT8wLp0Yc4Hd6Bn1Js5"


def test_each_setting_is_read_from_its_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WAYSTATION_BOARDS", "7")
    monkeypatch.setenv("WAYSTATION_DATABASE_URL", "postgresql://waystation@db/school")
    made = Settings()
    assert made.boards == 7
    assert made.database_url == "postgresql://waystation@db/school"


@pytest.mark.parametrize("key", [None, "", "short"])
def test_production_needs_a_secret_key_of_its_own(key: str | None) -> None:
    given = {} if key is None else {"secret_key": key}
    with pytest.raises(ValidationError, match="WAYSTATION_SECRET_KEY"):
        Settings(environment="production", **given)


def test_production_never_shows_the_demos_doors() -> None:
    with pytest.raises(ValidationError, match="WAYSTATION_DEMO"):
        Settings(environment="production", secret_key=SECRET, demo=True)


def test_the_secret_key_is_not_shown_by_accident() -> None:
    made = Settings(environment="production", secret_key=SECRET)
    assert SECRET not in repr(made)
    assert SECRET not in str(made.model_dump())


@pytest.mark.parametrize(
    ("name", "value"),
    [("boards", -1), ("write_queue", 0), ("student_idle_minutes", 0), ("environment", "prod"), ("log_level", "LOUD")],
)
def test_a_value_that_makes_no_sense_is_refused_by_name(name: str, value: object) -> None:
    with pytest.raises(ValidationError, match=name):
        Settings(**{name: value})


def test_a_setting_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ValidationError, match="colour"):
        Settings(colour="blue")


def test_settings_do_not_change_while_the_server_runs() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        Settings().boards = 3


@pytest.mark.parametrize(("environment", "secure"), [("production", True), ("development", False)])
def test_production_sends_its_cookies_over_https_only(tmp_path: Path, environment: str, secure: bool) -> None:
    made = Settings(
        environment=environment, secret_key=SECRET, database_url=f"sqlite:///{tmp_path / 'instance' / 'x.sqlite'}"
    )
    app = create_app(made)
    assert app.config["SESSION_COOKIE_SECURE"] is secure
    assert app.config["SESSION_COOKIE_HTTPONLY"] is True
    assert app.config["SESSION_COOKIE_SAMESITE"] == "Lax"
    stop(app)
