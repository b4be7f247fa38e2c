"""What a device keeps, signed: a ticket that hands in one student's answers, and the questions in reserve.

A ticket outlives its sign-in: whoever signs in next at the device, it brings the answers that could not be sent. It can
hand in answers of this student, and nothing else: no page takes it, and it is told no verdict.
"""

from typing import Any

from flask import current_app
from itsdangerous import BadSignature, URLSafeTimedSerializer

from app.base.auth import Caller, Role
from app.practice.service.offline import Spare

LIFE_S = 7 * 86_400
"""How long answers may wait on a device; a school week and its weekend."""


def _signer(salt: str) -> URLSafeTimedSerializer:
    key = current_app.secret_key
    if key is None:
        raise RuntimeError("The application has no secret key. Set WAYSTATION_SECRET_KEY.")
    return URLSafeTimedSerializer(key, salt=f"waystation.{salt}")


def ticket_for(caller: Caller) -> str:
    """Make a ticket for a student; it holds numbers only."""
    who = [caller.district_id, caller.school_id, caller.person_id, caller.sign_in_id, caller.class_id]
    return _signer("ticket").dumps(who)


def holder(ticket: str) -> Caller | None:
    """Who a ticket was made for; None where it is not ours, or too old."""
    who = _read("ticket", ticket)
    if who is None:
        return None
    district_id, school_id, person_id, sign_in_id, class_id = who
    return Caller(district_id, school_id, person_id, Role.STUDENT, sign_in_id, class_id)


def name_of(spare: Spare, caller: Caller) -> str:
    """Sign a question in reserve, for this student only."""
    return _signer("spare").dumps([caller.person_id, *spare])


def spare_named(name: str, caller: Caller) -> Spare | None:
    """Read back what `name_of` has signed; None where it is not ours, too old, or another student's."""
    said = _read("spare", name)
    if said is None or said[0] != caller.person_id:
        return None
    return Spare(*said[1:])


def _read(salt: str, text: str) -> list[Any] | None:
    try:
        read: list[Any] = _signer(salt).loads(text, max_age=LIFE_S)
    except BadSignature:  # too old is one of its kinds
        return None
    return read
