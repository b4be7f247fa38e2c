"""Who is calling, and may they.

Every route declares who may call it with `allow` (or `everyone`); a route that declares nothing is refused at once and
fails a test. The sign-in behind a request is looked up by a function that the factory hands in, because the tables of
rostering lie above this package.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from flask import Flask, abort, current_app, g, redirect, request, session, url_for
from werkzeug.wrappers import Response

from app.base.errors import NotFoundError

Route = TypeVar("Route", bound=Callable[..., object])


class Role(StrEnum):
    """What a person is, which decides what they may do."""

    STUDENT = "student"
    TEACHER = "teacher"
    AUTHOR = "author"
    ADMIN = "admin"


ADULTS = (Role.TEACHER, Role.AUTHOR, Role.ADMIN)


@dataclass(frozen=True, slots=True)
class Caller:
    """The signed-in person behind a request.

    Parameters
    ----------
    class_id : int or None
        The class a student signed in to; None for adults.
    """

    district_id: int
    school_id: int
    person_id: int
    role: Role
    sign_in_id: int
    class_id: int | None = None


LoadCaller = Callable[[str, bool], Caller | None]
"""From the cookie, and whether a person is behind this request, to who they are."""

SESSION_KEY = "sign_in"


def allow(*roles: Role) -> Callable[[Route], Route]:
    """Declare that only people with one of these roles may call a route."""

    def declare(route: Route) -> Route:
        vars(route)["allowed"] = frozenset(roles)
        return route

    return declare


def everyone(route: Route) -> Route:
    """Declare that a route may be called without signing in."""
    vars(route)["allowed"] = None
    return route


def passive(route: Route) -> Route:
    """Declare that a page calls this route by itself: it does not keep a sign-in from idling out."""
    vars(route)["passive"] = True
    return route


def by_ticket(route: Route) -> Route:
    """Declare that what a request carries says who it is for, not the cookie: so no form token is asked for."""
    vars(route)["by_ticket"] = True
    return everyone(route)


def caller() -> Caller:
    """Return the signed-in person; only for routes that `allow` roles."""
    found: Caller | None = g.get("caller")
    if found is None:
        raise NotFoundError("Please sign in.")
    return found


def caller_or_none() -> Caller | None:
    """Return the signed-in person, if any."""
    found: Caller | None = g.get("caller")
    return found


def _admit(load: LoadCaller) -> Response | None:
    endpoint = request.endpoint
    if endpoint is None:
        return None
    view = current_app.view_functions[endpoint]
    if not hasattr(view, "allowed"):
        abort(403)
    token = session.get(SESSION_KEY)
    found = g.caller = load(token, not getattr(view, "passive", False)) if token else None
    roles = view.allowed
    if roles is None or (found is not None and found.role in roles):
        return None
    if found is None:
        session.pop(SESSION_KEY, None)
        return _to_the_door()
    raise NotFoundError("There is nothing here for you.")


def _to_the_door() -> Response:
    door = url_for("rostering.doors")
    if request.headers.get("HX-Request"):
        return Response(status=204, headers={"HX-Redirect": door})
    if request.method != "GET" or "text/html" not in request.headers.get("Accept", "text/html"):
        return Response("Please sign in.", status=401, mimetype="text/plain")
    return redirect(door)


def install(app: Flask, load: LoadCaller) -> None:
    """Check every request of this application against what its route declares."""
    app.before_request(lambda: _admit(load))
    # Flask's own route for css, js and pictures holds nothing about anyone.
    if "static" in app.view_functions:
        everyone(app.view_functions["static"])
