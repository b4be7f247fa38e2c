"""The front door: class code, who are you, three pictures; e-mail and password for adults; signing out."""

import re
import secrets
from dataclasses import dataclass
from typing import cast

from flask import Blueprint, Response, current_app, g, make_response, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from werkzeug.local import LocalProxy

from app.base import services
from app.base.auth import SESSION_KEY, Caller, Role, allow, caller, caller_or_none, everyone
from app.base.db import db
from app.base.errors import InvalidError, NotFoundError
from app.base.ids import read_id
from app.base.passwords import verify
from app.base.web import limiter, render
from app.rostering import queries, service
from app.rostering.queries import ClassInfo, Credentials
from app.rostering.signing import sign_ins

bp = Blueprint("rostering", __name__, template_folder="templates")

# In the cookie of a device whose last child has left, until the next one has said who they are.
LEFT = "left"
DEVICE = "waystation_device"
DEVICE_S = 400 * 24 * 3600
OUR_DEVICE = re.compile(r"[\w-]{16}", re.ASCII)
# Sign-in attempts are counted for the account, the class and the device, never for the address: a school is one.
PER_ACCOUNT = "6 per 5 minutes"
PER_CLASS = "200 per 5 minutes"
PER_DEVICE = "30 per 5 minutes"
TEACHING = (Role.TEACHER, Role.ADMIN)
CODE_MOST = 12
EMAIL_MOST = 254
PASSWORD_MOST = 1024


def _device() -> str:
    known = request.cookies.get(DEVICE, "")
    return known if OUR_DEVICE.fullmatch(known) else cast(str, g.setdefault("device", secrets.token_urlsafe(12)))


@bp.after_app_request
def _remember_device(response: Response) -> Response:
    if "device" in g:
        secure = services.services().settings.secure_cookies
        response.set_cookie(DEVICE, g.device, max_age=DEVICE_S, httponly=True, samesite="Lax", secure=secure)
    found = caller_or_none()
    if found is not None:
        response.headers["X-Viewer"] = viewer_key(found)
    return response


def viewer_key(who: Caller) -> str:
    """Tells one signed-in person from another, and says nothing about them."""
    return f"{who.sign_in_id:x}"


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who is signed in, as every page shows it."""

    key: str
    name: str
    picture: str | None
    is_student: bool


def _viewer() -> Viewer | None:
    found = caller_or_none()
    if found is None:
        return None
    name, picture = queries.face(db.session(), found)
    return Viewer(viewer_key(found), name, picture, found.role is Role.STUDENT)


@dataclass(frozen=True, slots=True)
class NavEntry:
    """An entry of the adults' navigation."""

    label: str
    url: str
    icon: str
    current: bool


def _nav() -> list[NavEntry]:
    found = caller_or_none()
    if found is None or found.role not in TEACHING:
        return []
    here = (request.blueprint or "") in ("live", "stations")
    return [NavEntry("Classes", url_for("live.classes"), "layout-dashboard", here)]


@bp.app_context_processor
def _about_the_viewer() -> dict[str, object]:
    # Asked for by whole pages only; a fragment costs no query.
    return {"viewer": LocalProxy(_viewer), "nav": LocalProxy(_nav)}


def home(role: Role) -> str:
    """Address of the page that a person starts from."""
    if role is Role.STUDENT:
        return url_for("practice.station")
    return url_for("live.classes") if role in TEACHING else url_for("rostering.doors")


@bp.get("/")
@everyone
def doors() -> ResponseReturnValue:
    """Show the first page: the demo's four doors, or the way in."""
    found = caller_or_none()
    if found is not None and found.role is not Role.AUTHOR:
        return redirect(home(found.role))
    if services.services().settings.demo:
        return render("rostering/doors.html", school_name=None, doors=_demo_doors())
    return redirect(url_for("rostering.sign_in"))


@dataclass(frozen=True, slots=True)
class Door:
    """A door of the demo; `url` is None where it does not open yet."""

    title: str
    text: str
    url: str | None
    icon: str
    note: str | None = None


def _demo_doors() -> list[Door]:
    first = queries.first_class_code(db.session())
    code = f"Class code {first}." if first else "The demo has no class yet."
    return [
        Door(
            "Live board",
            "See who needs you now, and the card for the next group.",
            url_for("rostering.sign_in_adult"),
            "layout-dashboard",
            "E-mail teacher@waystation.example, password maple-river-7.",
        ),
        Door(
            "Be a student",
            "Practise at a station, on items that fit.",
            url_for("rostering.sign_in"),
            "play",
            f"{code} Every student's pictures are sun, moon, star.",
        ),
        Door("Author", "Write items in a text file and see every fault at once.", None, "pen-line"),
        Door("Check our maths", "True against estimated ability, with its error.", url_for("demo.maths"), "chart-line"),
    ]


@bp.get("/sign-in")
@everyone
def sign_in() -> str:
    """Ask for the class code."""
    return render("rostering/sign_in_code.html", action=url_for("rostering.enter_class"), code="", error=None)


@bp.post("/sign-in")
@everyone
@limiter.limit(PER_DEVICE, key_func=_device)
def enter_class() -> ResponseReturnValue:
    """Look up the class code."""
    code = request.form.get("code", "").strip().upper()[:CODE_MOST]
    found = queries.class_with_code(db.session(), code)
    if found is None:
        error = "We do not know this code. Look again."
        page = render("rostering/sign_in_code.html", action=url_for("rostering.enter_class"), code=code, error=error)
        return page, 422
    return redirect(url_for("rostering.who", code=found.code), 303)


def _class(code: str) -> ClassInfo:
    found = queries.class_with_code(db.session(), code)
    if found is None:
        raise NotFoundError("We do not know this class code. Look again.")
    return found


@dataclass(frozen=True, slots=True)
class Face:
    """A student on the page that asks who you are."""

    person_id: int
    name: str
    picture: str


@bp.get("/sign-in/<code>")
@everyone
def who(code: str) -> str:
    """Ask which picture is yours."""
    found = _class(code)
    students = queries.students_of(db.session(), found.district_id, found.id)
    return render(
        "rostering/sign_in_who.html",
        action=url_for("rostering.choose_who", code=code),
        back_url=url_for("rostering.sign_in"),
        class_name=found.name,
        error=None,
        students=[Face(student.id, student.name, student.picture) for student in students],
    )


@bp.post("/sign-in/<code>")
@everyone
def choose_who(code: str) -> ResponseReturnValue:
    """Go on to the secret pictures of the one who was chosen."""
    person = read_id(request.form.get("person", ""))
    if person is None:
        return redirect(url_for("rostering.who", code=code), 303)
    session.pop(LEFT, None)
    return redirect(url_for("rostering.pictures", code=code, student_id=person), 303)


def _pictures_page(found: ClassInfo, student_id: int, picked: list[str], error: str | None) -> str:
    students = queries.students_of(db.session(), found.district_id, found.id)
    student = next((one for one in students if one.id == student_id), None)
    if student is None:
        raise NotFoundError("There is no such student in this class.")
    return render(
        "rostering/sign_in_pictures.html",
        action=url_for("rostering.pictures", code=found.code, student_id=student_id),
        back_url=url_for("rostering.who", code=found.code),
        name=student.name,
        face=student.picture,
        pictures=service.SECRET_PICTURES,
        picked=picked,
        error=error,
    )


@bp.get("/sign-in/<code>/<int:student_id>")
@everyone
def pictures(code: str, student_id: int) -> ResponseReturnValue:
    """Ask for the three secret pictures; not on the way Back, which would greet the child who left."""
    page = _pictures_page(_class(code), student_id, [], None)
    return redirect(url_for("rostering.who", code=code)) if session.get(LEFT) else page


def _account() -> str:
    arguments = request.view_args or {}
    return f"student:{arguments.get('student_id')}" if "student_id" in arguments else f"adult:{_email()}"


def _class_code() -> str:
    # As it leads to the class: however it is typed, it is one class.
    return f"class:{queries.normal_code((request.view_args or {}).get('code', ''))}"


def _email() -> str:
    return request.form.get("email", "").strip().lower()[:EMAIL_MOST]


@bp.post("/sign-in/<code>/<int:student_id>")
@everyone
@limiter.limit(PER_ACCOUNT, key_func=_account, deduct_when=lambda _: bool(g.get("failed")))
@limiter.limit(PER_CLASS, key_func=_class_code, deduct_when=lambda _: bool(g.get("failed")))
@limiter.limit(PER_DEVICE, key_func=_device, deduct_when=lambda _: bool(g.get("failed")))
def check_pictures(code: str, student_id: int) -> ResponseReturnValue:
    """Take the next secret picture; with three, sign in."""
    found = _class(code)
    picked = [*request.form.getlist("picked"), *request.form.getlist("pick")][: service.SECRET_LENGTH]
    if len(picked) < service.SECRET_LENGTH:
        return _pictures_page(found, student_id, picked, None)
    credentials = queries.student_credentials(db.session(), found.district_id, found.id, student_id)
    if not verify(credentials.secret_hash if credentials else None, _secret(picked)) or credentials is None:
        g.failed = True
        return _pictures_page(found, student_id, [], "Not these three. Try once more."), 422
    return _let_in(credentials, found)


def _secret(picked: list[str]) -> str:
    try:
        return service.picture_secret(picked)
    except InvalidError:
        return ""


@bp.get("/sign-in/adult")
@everyone
def sign_in_adult() -> str:
    """Ask for e-mail and password."""
    return _adult_page([])


def _adult_page(errors: list[tuple[str, str]]) -> str:
    action = url_for("rostering.check_password")
    return render("rostering/sign_in_adult.html", action=action, email=_email(), errors=errors, next_url=None)


@bp.post("/sign-in/adult")
@everyone
@limiter.limit(PER_ACCOUNT, key_func=_account, deduct_when=lambda _: bool(g.get("failed")))
@limiter.limit(PER_DEVICE, key_func=_device, deduct_when=lambda _: bool(g.get("failed")))
def check_password() -> ResponseReturnValue:
    """Sign an adult in."""
    password = request.form.get("password", "")[:PASSWORD_MOST]
    candidates = queries.adult_credentials(db.session(), _email())
    matching = [one for one in candidates if verify(one.secret_hash, password)]
    if not candidates:
        verify(None, password)
    if len(matching) != 1:
        g.failed = True
        return _adult_page([("email", "E-mail address and password do not belong together.")]), 422
    return _let_in(matching[0], None)


def _let_in(credentials: Credentials, found: ClassInfo | None) -> ResponseReturnValue:
    """Start a fresh session: a new cookie and new form tokens, nothing kept from before."""
    token = services.writer().run(
        service.sign_in,
        credentials.district_id,
        credentials.person_id,
        None if found is None else found.id,
        _device(),
        caller_or_none(),
    )
    _forget()
    session[SESSION_KEY] = token
    session["zone"] = "UTC" if found is None else found.time_zone
    return redirect(home(credentials.role), 303)


def _forget() -> None:
    """Drop everything that this browser's cookie carried."""
    sign_ins(current_app).forget(session.get(SESSION_KEY, ""))
    session.clear()


@bp.post("/sign-out")
@allow(*Role)
def sign_out() -> ResponseReturnValue:
    """End the sign-in, here and in the browser's memory."""
    services.writer().run(service.sign_out, caller())
    _forget()
    session[LEFT] = True
    response = make_response(redirect(url_for("rostering.doors"), 303))
    # Answers that could not be sent stay on the device, sealed, until it has the network again.
    keeps = request.form.get("keep") == "1"
    response.headers["Clear-Site-Data"] = '"cache"' if keeps else '"cache", "storage"'
    return response
