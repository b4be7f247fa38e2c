"""The composition root: the only place that knows every part."""

import atexit
from pathlib import Path

from flask import Flask
from sqlalchemy import Engine
from whitenoise import WhiteNoise

from app.base import assets, auth, logs, styleguide, web
from app.base.application import Application
from app.base.db import db, driver_url, engine_options, prepare
from app.base.lazy import LazyCommand, attach_jobs, attach_migrations
from app.base.outbox import Tailer
from app.base.policy import load as load_policy
from app.base.services import KEY, Services
from app.base.sse import Hub
from app.base.writer import Writer
from app.config import ROOT, Settings
from app.demo import routes as demo
from app.live import routes as live
from app.practice import routes as practice
from app.rostering import routes as rostering
from app.rostering.signing import KEY as SIGN_INS
from app.rostering.signing import SignIns
from app.stations import routes as stations

LONGEST_REQUEST = 512 * 1024
COMMANDS = (
    LazyCommand("db", "flask_migrate.cli", "db", help="Change the database to today's tables, or back."),
    LazyCommand("banks", "app.authoring.cli", "banks", help="Check, publish and import item banks."),
    LazyCommand(
        "rebuild", "app.practice.cli", "rebuild", help="Make projections anew from the answers, or check them."
    ),
    LazyCommand("calibrate", "app.calibration.cli", "calibrate", help="Fit item parameters on students' answers."),
    LazyCommand("jobs", "app.base.jobs", "commands", help="Work that nobody waits for."),
    LazyCommand("predict", "app.calibration.cli", "predict", help="Train what corrects the chance of the next answer."),
    LazyCommand("policy", "app.practice.cli", "policy", help="The thresholds in force."),
    LazyCommand("demo", "app.demo.cli", "demo", help="A school to look at."),
    LazyCommand("simulate", "app.demo.cli", "simulate", help="Let simulated students practise over HTTP."),
)

JOBS = ("app.calibration.jobs",)


def create_app(settings: Settings | None = None) -> Flask:
    """Build the application.

    Parameters
    ----------
    settings : Settings, optional
        From the environment (``WAYSTATION_*``) unless given.

    Raises
    ------
    RuntimeError
        This SQLite must not be used.
    ValueError
        A setting or a policy value is not allowed; says which.
    """
    settings = settings or Settings()
    logs.install(settings.log_level)
    app = Application("app", static_folder="static", template_folder="templates")
    app.config.update(_flask_config(settings))
    _database(app, settings)
    # Another database's answers are worth waiting for side by side.
    app.takes_turns = db_engine(app).dialect.name == "sqlite"
    services = _services(app, settings)
    attach_jobs(app, *JOBS)
    sign_ins = SignIns(db_engine(app), services.writer, settings)
    app.extensions[SIGN_INS] = sign_ins
    web.install(app, throttled=[rostering.bp.name])
    assets.register(app)
    for blueprint in (rostering.bp, practice.bp, stations.bp, live.bp):
        app.register_blueprint(blueprint)
    if settings.demo:
        app.register_blueprint(demo.bp)
    if settings.environment == "development":
        _style_pages(app)
    for command in COMMANDS:
        app.cli.add_command(command)
    auth.install(app, sign_ins)
    _static_files(app)
    return app


def db_engine(app: Flask) -> Engine:
    """The application's engine."""
    with app.app_context():
        return db.engine


def _style_pages(app: Flask) -> None:
    """Show every component in every state, while developing only."""
    app.add_url_rule("/styleguide", "styleguide.index", auth.everyone(styleguide.index))
    app.add_url_rule("/styleguide/<name>", "styleguide.page", auth.everyone(styleguide.page))


def _flask_config(settings: Settings) -> dict[str, object]:
    url = driver_url(settings.database_url)
    return {
        "SECRET_KEY": settings.secret_key.get_secret_value(),
        "TESTING": settings.environment == "test",
        "SQLALCHEMY_DATABASE_URI": url,
        "SQLALCHEMY_ENGINE_OPTIONS": engine_options(url),
        "SESSION_COOKIE_NAME": "waystation",
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": settings.secure_cookies,
        "SESSION_REFRESH_EACH_REQUEST": False,
        "WTF_CSRF_TIME_LIMIT": None,
        "WTF_CSRF_SSL_STRICT": settings.secure_cookies,
        "MAX_CONTENT_LENGTH": LONGEST_REQUEST,
        "RATELIMIT_STORAGE_URI": settings.limits_storage,
        "TEMPLATES_AUTO_RELOAD": False,
    }


def _database(app: Flask, settings: Settings) -> None:
    if settings.database_url.startswith("sqlite:///"):
        Path(settings.database_url.removeprefix("sqlite:///")).parent.mkdir(parents=True, exist_ok=True)
    db.init_app(app)
    attach_migrations(app)
    prepare(db_engine(app))


def _services(app: Flask, settings: Settings) -> Services:
    engine = db_engine(app)
    hub = Hub()
    tailer = Tailer(engine, hub.wake)
    writer = Writer(engine, limit=settings.write_queue, committed=tailer.wake)
    services = Services(settings, load_policy(settings.policy_file), writer, tailer, hub)
    app.extensions[KEY] = services
    atexit.register(hub.close)
    return services


def _static_files(app: Flask) -> None:
    """Serve css, js and fonts before Flask is asked; their addresses change with their content."""
    served = WhiteNoise(
        app.wsgi_app,
        prefix="static/",
        max_age=31_536_000,
        immutable_file_test=lambda *_: True,
        add_headers_function=web.file_headers,
    )
    served.add_files(str(ROOT / "app" / "static"), prefix="static/")
    app.wsgi_app = served  # type: ignore[method-assign]  # the documented way to wrap an application
