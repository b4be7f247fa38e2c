"""What a student's page sends."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from flask import Request

from app.base.errors import InvalidError

CLIENT_ID_MOST = 64
FIELD_MOST = 400
FIELDS_MOST = 40
OURS = frozenset({"csrf_token", "client_id", "up", "hide", "show", "sure"})
SURE = {"1": 1, "2": 2, "3": 3}


@dataclass(frozen=True, slots=True)
class AnswerForm:
    """An answer as it arrived: the identifier that the device made for it, and the fields of the answer."""

    client_id: str
    fields: dict[str, str]
    sure: int | None = None

    @classmethod
    def from_request(cls, request: Request) -> "AnswerForm":
        """Read the form.

        Raises
        ------
        InvalidError
            The device's identifier is longer than any device makes, or there are far too many fields.
        """
        client_id = request.form.get("client_id", "").strip() or str(uuid4())
        fields = {name: value[:FIELD_MOST] for name, value in request.form.items() if name not in OURS}
        if len(client_id) > CLIENT_ID_MOST or len(fields) > FIELDS_MOST:
            raise InvalidError("This answer cannot be read. Load the page again.")
        return cls(client_id, fields, SURE.get(request.form.get("sure", "")))


LATE_MOST = 100


@dataclass(frozen=True, slots=True)
class LateAnswer:
    """An answer that waited on a device, as it arrived: `serving` or `spare` names its question."""

    client_id: str
    serving: str
    spare: str
    fields: dict[str, str]
    sure: int | None
    seconds: float | None
    over: bool


@dataclass(frozen=True, slots=True)
class LateForm:
    """A ticket, and the answers that it hands in, in the order in which they were given."""

    ticket: str
    answers: list[LateAnswer]

    @classmethod
    def from_request(cls, request: Request) -> "LateForm":
        """Read the JSON that a page or its service worker sends.

        Raises
        ------
        InvalidError
            It is none, or there are far too many answers.
        """
        sent = request.get_json(silent=True)
        if not isinstance(sent, dict) or not isinstance(sent.get("answers"), list):
            raise InvalidError("These answers cannot be read.")
        if len(sent["answers"]) > LATE_MOST:
            raise InvalidError(f"Send at most {LATE_MOST} answers at once.")
        return cls(_text(sent, "ticket"), [_late(one) for one in sent["answers"] if isinstance(one, dict)])


def _late(sent: Mapping[str, Any]) -> LateAnswer:
    fields = sent.get("fields")
    given = list(fields.items())[:FIELDS_MOST] if isinstance(fields, dict) else []
    seconds = sent.get("seconds")
    return LateAnswer(
        client_id=_text(sent, "id")[:CLIENT_ID_MOST],
        serving=_text(sent, "serving"),
        spare=_text(sent, "spare"),
        fields={_storable(name): _storable(str(value)) for name, value in given if name not in OURS},
        sure=SURE.get(_text(sent, "sure")),
        seconds=seconds if isinstance(seconds, int | float) and math.isfinite(seconds) else None,
        over=sent.get("over") is True,
    )


def _text(sent: Mapping[str, Any], name: str) -> str:
    value = sent.get(name)
    return _storable(value, 4_000) if isinstance(value, str) else ""


def _storable(text: str, most: int = FIELD_MOST) -> str:
    """Without what no database column holds: JSON can smuggle in what a form cannot."""
    return text[:most].replace("\x00", "").encode("utf-8", "replace").decode("utf-8")
