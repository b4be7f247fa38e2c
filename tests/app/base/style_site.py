"""A small site that shows the style pages and answers their forms, to test templates and scripts by themselves."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from flask import Flask, request
from flask_wtf import CSRFProtect
from jinja2 import ChoiceLoader, FileSystemLoader
from werkzeug.serving import make_server

from app.base import assets, styleguide

BLOCK = ("block", "start", "pause", "resume", "extend", "rotate", "undo", "end")
RULES = {
    "rostering.doors": "/",
    "rostering.sign_out": "/sign-out",
    "rostering.sign_in_adult": "/sign-in/adult",
    "practice.station": "/practice",
    "practice.spare_questions": "/practice/spares",
    "practice.start": "/practice/start",
    "practice.next_item": "/practice/next",
    "practice.hand": "/practice/hand",
    "practice.recording": "/practice/recordings/<name>",
    "practice.supports": "/practice/supports",
    "practice.heartbeat": "/practice/heartbeat",
    "practice.answer": "/servings/<int:serving_id>/answer",
    "practice.hint": "/servings/<int:serving_id>/hint",
    "live.board": "/classes/<int:class_id>/board",
    "live.board_fragment": "/classes/<int:class_id>/board/fragment",
    "live.stream": "/classes/<int:class_id>/stream",
    "live.projector": "/classes/<int:class_id>/projector",
    "live.plan": "/classes/<int:class_id>/plan",
    "live.student": "/classes/<int:class_id>/students/<int:student_id>",
    "live.students": "/classes/<int:class_id>/students",
    "live.give_supports": "/classes/<int:class_id>/students/<int:student_id>/supports",
    "live.visited": "/classes/<int:class_id>/students/<int:student_id>/visited",
    "live.lower_hand": "/classes/<int:class_id>/students/<int:student_id>/lower-hand",
    **{f"stations.{name}": f"/classes/<int:class_id>/block/{name}" for name in BLOCK},
}
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; media-src 'self'; form-action 'self'; base-uri 'none'"
)
Reply = Callable[..., Any]


def make_site(replies: dict[str, Reply] | None = None) -> Flask:
    """Build the site; `replies` answer the named endpoints, all others say 204. Requests are kept in ``site.seen``."""
    site = Flask("app", root_path=str(assets.ROOT / "app"))
    site.config.update(SECRET_KEY="for this test", TESTING=True, WTF_CSRF_SSL_STRICT=False)
    folders = [assets.ROOT / "app" / "templates", *sorted((assets.ROOT / "app").glob("*/templates"))]
    site.jinja_loader = ChoiceLoader([FileSystemLoader(folder) for folder in folders])
    CSRFProtect(site)
    assets.register(site)
    site.seen = []  # type: ignore[attr-defined]  # what the tests look at
    site.before_request(lambda: site.seen.append((request.endpoint, request.form.to_dict(flat=False))))  # type: ignore[attr-defined]
    for endpoint, rule in RULES.items():
        reply = (replies or {}).get(endpoint, _nothing)
        site.add_url_rule(rule, endpoint, reply, methods=["GET", "POST"])
    site.add_url_rule("/styleguide", "styleguide.index", styleguide.index)
    site.add_url_rule("/styleguide/<name>", "styleguide.page", styleguide.page)
    site.after_request(_strict)
    return site


def _nothing(**_: Any) -> tuple[str, int]:
    return "", 204


def _strict(response: Any) -> Any:
    response.headers["Content-Security-Policy"] = POLICY
    return response


@contextmanager
def serving(site: Flask) -> Iterator[str]:
    """Serve the site on a free port; gives its address."""
    server = make_server("127.0.0.1", 0, site, threaded=True)
    server.daemon_threads = True  # type: ignore[attr-defined]  # an open stream must not hold the test up
    server.block_on_close = False  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
