"""What a student's page sends."""

from dataclasses import dataclass
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
