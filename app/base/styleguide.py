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


def _board() -> dict[str, Sample]:
    return {}


def _errors() -> dict[str, Sample]:
    return {}
