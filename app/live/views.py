"""What the teacher's pages read, beside the board itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from app.live.supports import SupportsView


@dataclass(frozen=True, slots=True)
class ClassView:
    """A class in the teacher's list."""

    class_id: int
    name: str
    code: str
    size: int
    state: str
    here: int


@dataclass(frozen=True, slots=True)
class AnswerView:
    """One of a student's last answers; `right` is None where it was not scored."""

    stem_html: str
    given_html: str
    right: bool | None
    hints: int
    seconds: int
    ago_text: str


@dataclass(frozen=True, slots=True)
class StudentView:
    """What the drawer shows of one student."""

    class_id: int
    student_id: int
    name: str
    state: str
    word: str | None
    icon: str | None
    reason: str
    hand_up: bool
    skill: str
    minutes_since_visit: int | None
    why: Sequence[str]
    answers: Sequence[AnswerView]
    supports: SupportsView


def ago(span: timedelta) -> str:
    """Say how long ago, in the largest whole unit."""
    minutes = int(span.total_seconds() // 60)
    if minutes < 1:
        return "just now"
    if minutes < 120:
        return f"{minutes} min ago"
    hours = minutes // 60
    return f"{hours} h ago" if hours < 48 else f"{hours // 24} days ago"
