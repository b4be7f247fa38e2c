"""Every route says who may call it, and one that says nothing is refused."""

import pytest
from flask import Flask

from app.config import Settings
from app.factory import create_app


@pytest.fixture(params=["development", "test"])
def application(request, tmp_path) -> Flask:
    """An application that nobody has called yet; the style pages exist in development only."""
    url = f"sqlite:///{tmp_path / 'empty.sqlite'}"
    return create_app(Settings(environment=request.param, database_url=url, _env_file=None))


def test_every_route_declares_who_may_call_it(application):
    undeclared = [name for name, view in application.view_functions.items() if not hasattr(view, "allowed")]
    assert undeclared == [], "Put @allow(Role...) or @everyone (app/base/auth.py) on these routes"


def test_a_route_that_declares_nothing_is_refused(application):
    application.add_url_rule("/undeclared", view_func=lambda: "secret")
    assert application.test_client().get("/undeclared").status_code == 403
