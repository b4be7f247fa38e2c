"""The living style page: every component and every template in every state, with made-up people.

The factory offers these pages in development only; tests take their pictures. They show what templates make of the
contexts written at their tops, so a template that changes its context changes its sample here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from flask import render_template

CLASS_ID = 1
NOON_MS = 1_735_732_800_000
"""A fixed moment, so that pictures of the pages can be compared."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One page or fragment in one state.

    Parameters
    ----------
    title : str
        What it shows, for the list of pages.
    template : str
    context : Mapping
        Everything the template reads beyond the application's own globals.
    """

    title: str
    template: str
    context: Mapping[str, Any]


def pages() -> dict[str, str]:
    """Titles of the sample pages by name, in the order a reader should see them."""
    return {name: sample.title for name, sample in samples().items()}


def page(name: str) -> str:
    """Render one sample; raises KeyError if there is none of that name."""
    sample = samples()[name]
    return render_template(sample.template, **sample.context)


def index() -> str:
    """Render the components and the list of sample pages."""
    return render_template("styleguide/index.html", pages=pages())


def samples() -> dict[str, Sample]:
    """Every sample by name."""
    return {**_sign_in(), **_station(), **_board(), **_errors()}


# -- Students ---------------------------------------------------------------------------------------------------

_CHILD = SimpleNamespace(key="sample", name="Mia", picture="fox", is_student=True)
_SUM = "<p>What is <math><mfrac><mn>1</mn><mn>3</mn></mfrac><mo>+</mo><mfrac><mn>1</mn><mn>4</mn></mfrac></math> ?</p>"


def _fraction(top: int, bottom: int) -> str:
    return f"<p><math><mfrac><mn>{top}</mn><mn>{bottom}</mn></mfrac></math></p>"


_FRACTION = SimpleNamespace(kind="fraction", options=[], unit="", inputs=("whole", "top", "bottom"))
_NUMBER = SimpleNamespace(kind="number", options=[], unit="cups", inputs=("number",))
_CHOICE = SimpleNamespace(
    kind="choice",
    unit="",
    inputs=("option",),
    options=[
        ("0", _fraction(2, 4), False),
        ("1", _fraction(2, 3), True),
        ("2", _fraction(1, 4), False),
        ("3", "<p>They are all the same.</p>", False),
    ],
)


def _step(kind: str, **changes: Any) -> SimpleNamespace:
    usual: dict[str, Any] = {
        "kind": kind,
        "serving_id": 7,
        "client_id": "0190a000-0000-7000-8000-000000000001",
        "skill_title": "Add fractions",
        "stem_html": _SUM,
        "worked_html": "",
        "presentation": _FRACTION,
        "given": {},
        "hints_html": [],
        "hint_count": 3,
        "hint_opens_at_ms": NOON_MS,
        "hand_up": False,
        "message": "",
        "nudge_html": "",
        "solution_html": "",
        "dots": ["done", "done", "done", "now", "todo", "todo"],
        "ends_at_ms": NOON_MS + 372_000,
        "ends_at_text": "8:40",
        "choices": [],
    }
    return SimpleNamespace(**{**usual, **changes})


def _steps() -> dict[str, tuple[str, SimpleNamespace]]:
    typed = {"whole": "", "top": "2", "bottom": "7"}
    right = {"whole": "", "top": "7", "bottom": "12"}
    half = "<p>Which fraction is the same as <math><mfrac><mn>1</mn><mn>2</mn></mfrac></math> ?</p>"
    flour = "<p>A cake needs 3 cups of flour. How much flour do 4 cakes need?</p>"
    worked = (
        "<p>Thirds and fourths both fit into twelfths.</p>"
        "<p><math><mfrac><mn>1</mn><mn>3</mn></mfrac><mo>=</mo><mfrac><mn>4</mn><mn>12</mn></mfrac></math> and "
        "<math><mfrac><mn>1</mn><mn>4</mn></mfrac><mo>=</mo><mfrac><mn>3</mn><mn>12</mn></mfrac></math>.</p>"
        "<p>Together they make <math><mfrac><mn>7</mn><mn>12</mn></mfrac></math>.</p>"
    )
    hints = ["<p>Are the pieces the same size?</p>", "<p>Cut both into twelfths.</p>"]
    no_question: dict[str, Any] = {"skill_title": "", "stem_html": "", "dots": []}
    return {
        "wait": ("Waiting for the teacher", _step("wait", **no_question, ends_at_text="")),
        "start": ("Start of a sitting", _step("start", **no_question)),
        "example": ("Worked example", _step("example", worked_html=worked)),
        "fraction": ("Question: fraction", _step("question")),
        "number": ("Question: number with a unit", _step("question", stem_html=flour, presentation=_NUMBER)),
        "choice": ("Question: choice, one option tried", _step("question", stem_html=half, presentation=_CHOICE)),
        "hints": ("Hints open, hand up", _step("question", hints_html=hints, hand_up=True)),
        "not-yet": (
            "Not yet, with its nudge",
            _step("not_yet", given=typed, nudge_html="<p>Are the pieces the same size?</p>"),
        ),
        "right": ("Right", _step("right", given=right)),
        "solution": ("Worked solution", _step("solution", given=typed, solution_html=worked)),
        "done": ("Done", _step("done", **no_question, choices=[("review", "Mixed review"), ("stretch", "Stretch")])),
        "table": ("Called to the teacher", _step("table", **no_question)),
    }


def _station() -> dict[str, Sample]:
    return {
        f"station-{name}": Sample(f"Station: {title}", "practice/step.html", {"step": step, "viewer": _CHILD})
        for name, (title, step) in _steps().items()
    }


def _sign_in() -> dict[str, Sample]:
    return {}


# -- Teachers ---------------------------------------------------------------------------------------------------

_TEACHER = SimpleNamespace(key="sample-teacher", name="Ms Okoye", picture=None, is_student=False)
_NAV = [
    SimpleNamespace(label="Classes", url="#", icon="layout-dashboard", current=True),
    SimpleNamespace(label="Items", url="#", icon="pen-line", current=False),
]
_PRACTICE = (
    ("Kai", "stuck", "4.NF.A.1", 12, 4),
    ("Leo", "fast", "4.NF.B.3", 9, 5),
    ("Noor", "working", "4.NF.B.3", 8, 6),
    ("Ines", "got", "4.NF.A.2", 11, 10),
    ("Tomasz", "hints", "4.NF.A.1", 7, 3),
    ("Ruby", "idle", "4.NF.B.3", 5, 4),
    ("Yusuf", "early", "4.NF.A.1", 6, 2),
    ("Mia", "hand", "4.NF.B.3", 6, 3),
    ("Guadalupe", "secure", "4.NF.A.2", 14, 13),
)
_TABLE = ("Jo", "Sam", "Ada", "Finn", "Zoe", "Ben", "Ana", "Cy", "Dee")
_OFFLINE = (
    ("Ida", "offline", "5.NF.A.1", 3, 2),
    ("Max", "ready", "5.NF.A.1", 10, 9),
    ("Elif", "pace", "4.NF.A.2", 4, 3),
    ("Oskar", "working", "", 0, 0),
    ("Priya", "working", "4.NF.A.2", 8, 7),
    ("Hugo", "working", "4.NF.A.2", 7, 5),
    ("Lena", "absent", "", 0, 0),
    ("Kim", "working", "4.NF.B.3", 9, 6),
)


def _tile(place: int, name: str, state: str, skill: str, answered: int, right: int) -> SimpleNamespace:
    return SimpleNamespace(
        student_id=place,
        name=name,
        state=state,
        word=None,
        icon=None,
        reason="",
        skill=skill,
        answered=answered,
        right=right,
        since_ms=NOON_MS,
        minutes_since_visit=None,
    )


def _alert(place: int, name: str, state: str, word: str, reason: str, minutes: int | None) -> SimpleNamespace:
    return SimpleNamespace(
        student_id=place, name=name, state=state, word=word, reason=reason, minutes_since_visit=minutes
    )


def _stations() -> list[SimpleNamespace]:
    practice = [_tile(100 + place, *row) for place, row in enumerate(_PRACTICE)]
    table = [_tile(200 + place, name, "table", "", 0, 0) for place, name in enumerate(_TABLE)]
    offline = [_tile(300 + place, *row) for place, row in enumerate(_OFFLINE)]
    return [
        SimpleNamespace(name="Practice", kind="practice", tiles=practice),
        SimpleNamespace(name="Teacher's table", kind="teacher", tiles=table),
        SimpleNamespace(name="Partner task", kind="offline", tiles=offline),
    ]


_CARD = SimpleNamespace(
    group_name="Otters",
    opens_in_text="in 2:10",
    decision_word="Split",
    confidence="Medium",
    sentence="Likely 2 to 4 of 5 are ready. Pull Cy and Dee: equivalent fractions. Check Eli with two questions. "
    "Ana and Ben can start.",
    pull=["Cy", "Dee"],
    check=["Eli"],
    skip=["Ana", "Ben"],
    plan_url="#",
)
_RUNNING = SimpleNamespace(
    state="running", slot_name="Slot 2 of 3", slot_ends_at_ms=NOON_MS + 372_000, paused_left_ms=None, can_undo=False
)
_PAUSED = SimpleNamespace(
    state="paused", slot_name="Slot 2 of 3", slot_ends_at_ms=None, paused_left_ms=372_000, can_undo=True
)


def _a_board(**changes: Any) -> dict[str, Any]:
    usual: dict[str, Any] = {
        "class_id": CLASS_ID,
        "class_name": "5B",
        "code": "MAPLE7",
        "block": _RUNNING,
        "alerts": [
            _alert(107, "Mia", "hand", "Hand up", "for 1 min", 14),
            _alert(100, "Kai", "stuck", "Stuck", "3 misses after the example", None),
            _alert(101, "Leo", "fast", "Very fast", "3 answers under 3 s", 6),
        ],
        "more_alerts": 2,
        "card": _CARD,
        "stations": _stations(),
        "class_wrong": [
            SimpleNamespace(skill_title="Add fractions", text="Adds tops and bottoms: 1/3 + 1/4 = 2/7", n=5),
            SimpleNamespace(skill_title="Compare fractions", text="Thinks a bigger bottom is bigger", n=3),
        ],
        "not_visited": ["Kim", "Raj"],
        "updated_at_ms": NOON_MS,
    }
    return {"board": SimpleNamespace(**{**usual, **changes}), "viewer": _TEACHER, "nav": _NAV}


def _drawer() -> SimpleNamespace:
    stem = "<p>1/3 + 1/4 = ?</p>"
    seen = [("7/12", True, 0, 21), ("2/7", False, 1, 34), ("2/7", False, 0, 12), ("5", None, 0, 2)]
    answers = [
        SimpleNamespace(stem_html=stem, given=given, right=right, hints=hints, seconds=seconds, ago_text="2 min ago")
        for given, right, hints, seconds in seen
    ]
    return SimpleNamespace(
        class_id=CLASS_ID,
        student_id=100,
        name="Kai",
        state="stuck",
        word="Stuck",
        icon=None,
        reason="3 misses after the worked example.",
        hand_up=True,
        skill="Add fractions",
        minutes_since_visit=None,
        why=["12 scored answers, 4 right.", "Chance of mastery 22%, was 19% five answers ago."],
        answers=answers,
    )


def _board() -> dict[str, Sample]:
    empty = _a_board(block=None, alerts=[], more_alerts=0, card=None, stations=[], class_wrong=[], not_visited=[])
    return {
        "board": Sample("Board: a lesson runs", "live/board.html", _a_board()),
        "board-paused": Sample("Board: paused, nobody waits", "live/board.html", _a_board(block=_PAUSED, alerts=[])),
        "board-empty": Sample("Board: nobody has joined", "live/board.html", empty),
        "drawer": Sample("Board: one student", "live/drawer.html", {"student": _drawer(), "viewer": _TEACHER}),
    }


def _errors() -> dict[str, Sample]:
    return {}
