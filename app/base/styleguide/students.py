"""Samples of the student's pages: the station in every state, and the way in."""

from types import SimpleNamespace
from typing import Any

from app.base.assets import ANIMALS, OBJECTS
from app.base.styleguide.sample import A_SUM, NOON_MS, Sample

_CHILD = SimpleNamespace(key="sample", name="Mia", picture="fox", is_student=True)


def _fraction(top: int, bottom: int) -> str:
    return f"<p><math><mfrac><mn>{top}</mn><mn>{bottom}</mn></mfrac></math></p>"


_FRACTION = SimpleNamespace(kind="fraction", options=[], unit="", inputs=("whole", "top", "bottom"))
_NUMBER = SimpleNamespace(kind="number", options=[], unit="cups", inputs=("number",))
_LINE = SimpleNamespace(
    kind="line", options=[], unit="", inputs=("point",), marks=("0", "1/4", "1/2", "3/4", "1", "5/4", "3/2", "7/4", "2")
)
_EXPRESSION = SimpleNamespace(kind="expression", options=[], unit="", inputs=("expression",))
_EQUATION = SimpleNamespace(kind="equation", options=[], unit="", inputs=("equation",))
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


_WORDS = (("0", "4/8"), ("1", "2/8"), ("2", "3/8"))
_PARTS = {
    "Tick all": SimpleNamespace(
        kind="several",
        inputs=("pick0", "pick1", "pick2"),
        options=[("0", _fraction(2, 4), False), ("1", _fraction(4, 8), False), ("2", _fraction(1, 4), False)],
    ),
    "Order": SimpleNamespace(
        kind="order",
        inputs=("place0", "place1", "place2"),
        options=[("0", _fraction(1, 2), False), ("1", _fraction(1, 8), False), ("2", _fraction(1, 4), False)],
    ),
    "Match": SimpleNamespace(
        kind="match",
        inputs=("gap0", "gap1"),
        gaps=[
            SimpleNamespace(name="gap0", before="One half", options=_WORDS, label="One half"),
            SimpleNamespace(name="gap1", before="One quarter", options=_WORDS, label="One quarter"),
        ],
    ),
    "Gaps": SimpleNamespace(
        kind="cloze",
        inputs=("gap0", "gap1"),
        gaps=[
            SimpleNamespace(name="gap0", before="Half of 8 is", options=(("0", "3"), ("1", "4")), label="Gap 1"),
            SimpleNamespace(name="gap1", before=". That is", options=(("0", "more"), ("1", "less")), label="Gap 2"),
        ],
        after="than 3.",
    ),
    "Table": SimpleNamespace(
        kind="table",
        inputs=("cell2x1", "cell3x0"),
        rows=[
            [("pizzas", ""), ("slices", "")],
            [("1", ""), ("8", "")],
            [("2", ""), ("", "cell2x1")],
            [("", "cell3x0"), ("24", "")],
        ],
    ),
    "Grid": SimpleNamespace(kind="plot", inputs=("x0", "y0", "x1", "y1"), marks=tuple(map(str, range(9))), options=[]),
}


def _step(kind: str, **changes: Any) -> SimpleNamespace:
    usual: dict[str, Any] = {
        "kind": kind,
        "stretch": "slot-2",
        "now_ms": NOON_MS,
        "serving_id": 7,
        "client_id": "0190a000-0000-7000-8000-000000000001",
        "skill_title": "Add fractions",
        "stem_html": A_SUM,
        "worked_html": "",
        "presentation": _FRACTION,
        "answer_html": "",
        "labels": ("one half", "one eighth", "one fourth"),
        "given": {},
        "hints_html": [],
        "hint_count": 3,
        "hint_opens_at_ms": NOON_MS,
        "hand_up": False,
        "message": "",
        "nudge_html": "",
        "solution_html": "",
        "dots": ("done", "done", "done", "now", "todo", "todo"),
        "ends_at_ms": NOON_MS + 372_000,
        "ends_at_text": "8:40",
        "choices": [],
        "asks_sure": False,
        "recap": None,
        "tools": _tools(),
    }
    return SimpleNamespace(**{**usual, **changes})


def _tools(**changes: Any) -> SimpleNamespace:
    """Supports of a student; without changes those of one who has none."""
    usual: dict[str, Any] = {
        "buttons": [],
        "open": False,
        "contrast": "",
        "print": "",
        "motion": "",
        "language": "",
        "stem_say": "",
        "translation_html": "",
        "translation_language": "",
        "translation_say": "",
        "words": [],
        "calculator": False,
        "audio": "",
        "said": {},
    }
    return SimpleNamespace(**{**usual, **changes})


def _all_tools(**changes: Any) -> SimpleNamespace:
    names = (
        ("read_aloud", "Voice", "volume-2", True),
        ("glossary", "Word help", "book-open", True),
        ("translation", "My language", "languages", True),
        ("calculator", "Calculator", "calculator", True),
        ("large_print", "Big text", "a-large-small", False),
        ("high_contrast", "Strong lines", "contrast", False),
        ("fewer_options", "Fewer answers", "list-minus", True),
        ("less_motion", "Nothing moves", "pause", False),
    )
    buttons = [SimpleNamespace(name=name, words=words, icon=icon, out=out) for name, words, icon, out in names]
    word = SimpleNamespace(id="word-stem-0", word="flour", meaning_html="What bread is made of.")
    given: dict[str, Any] = {
        "buttons": buttons,
        "language": "en",
        "stem_say": "A cake needs 3 cups of flour.",
        "translation_html": "<p>Un pastel lleva 3 tazas de harina.</p>",
        "translation_language": "es",
        "translation_say": "Un pastel lleva 3 tazas de harina.",
        "words": [word],
        "calculator": True,
        "audio": "none.mp3",
        "said": {"hint0": "Are the pieces the same size?"},
    }
    return _tools(**{**given, **changes})


_RECAP = SimpleNamespace(
    skills=[("Add fractions", "8 of 10 right at once."), ("Equivalent fractions", "3 of 4 right at once.")],
    got=["Add fractions"],
    remarks=["You were quite sure. And it was right!", "You practised on 4 days in four weeks."],
)


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
    word = (
        '<button type="button" class="word" popovertarget="word-stem-0" aria-describedby="word-stem-0">flour</button>'
    )
    helped: dict[str, Any] = {
        "stem_html": flour.replace("flour", word, 1),
        "presentation": _NUMBER,
        "hints_html": hints[:1],
    }
    no_question: dict[str, Any] = {"skill_title": "", "stem_html": "", "dots": ()}
    return {
        "wait": ("Waiting for the teacher", _step("wait", **no_question, ends_at_text="")),
        "start": ("Start of a sitting", _step("start", **no_question)),
        "example": ("Worked example", _step("example", worked_html=worked)),
        "fraction": ("Question: fraction", _step("question")),
        "number": ("Question: number with a unit", _step("question", stem_html=flour, presentation=_NUMBER)),
        "line": ("Question: number line", _step("question", stem_html=A_SUM, presentation=_LINE)),
        "expression": (
            "Question: expression, in a form that was not asked for",
            _step(
                "question",
                stem_html="<p>Write the price of n pens.</p>",
                presentation=_EXPRESSION,
                given={"expression": "n + n"},
                message="Right value. Now make it simpler.",
            ),
        ),
        "equation": (
            "Question: equation",
            _step("question", stem_html="<p>Write d with t.</p>", presentation=_EQUATION),
        ),
        "choice": ("Question: choice, one option tried", _step("question", stem_html=half, presentation=_CHOICE)),
        **{
            f"parts-{part.kind}": (f"Question: {name.lower()}", _step("question", stem_html=half, presentation=part))
            for name, part in _PARTS.items()
        },
        "supports": ("Question with every support", _step("question", **helped, tools=_all_tools(open=True))),
        "supports-large": (
            "The same in large print and with strong lines",
            _step("question", **helped, tools=_all_tools(contrast="more", print="large", motion="less")),
        ),
        "hints": ("Hints open, hand up", _step("question", hints_html=hints, hand_up=True)),
        "not-yet": (
            "Not yet, with its nudge",
            _step("not_yet", given=typed, nudge_html="<p>Are the pieces the same size?</p>"),
        ),
        "right": ("Right", _step("right", given=right)),
        "solution": ("Worked solution", _step("solution", given=typed, solution_html=worked)),
        "exit": ("The last question", _step("question", hint_count=0, asks_sure=True)),
        "done": (
            "Done early",
            _step(
                "done",
                **no_question,
                message="You did 14 questions here.",
                recap=_RECAP,
                choices=[("review", "Mixed review"), ("stretch", "Something harder")],
            ),
        ),
        "table": ("Called to the teacher", _step("table", **no_question)),
    }


def station() -> dict[str, Sample]:
    """The station in each of its states."""
    return {
        f"station-{name}": Sample(f"Station: {title}", "practice/step.html", {"step": step, "viewer": _CHILD})
        for name, (title, step) in _steps().items()
    }


_CLASS_5B = (
    "Ada, Ana, Ben, Cy, Dee, Elif, Finn, Guadalupe, Hugo, Ida, Ines, Jo, Kai, Kim, Lena, Leo, Max, Mia, Noor, Oskar, "
    "Priya, Ruby, Sam, Tomasz, Yusuf, Zoe"
)
_DOORS = [
    ("Be a student", "Type a class code, find your picture, practise.", "graduation-cap", "Class code MAPLE7"),
    ("Live board", "See class 5B as its teacher does, while it works.", "layout-dashboard", "Signs you in as Teacher"),
    ("Author", "Write an item and see it as a student would.", "pen-line", None),
    ("Check our maths", "True against estimated ability, error, calibration.", "sigma", None),
]


def _doors() -> dict[str, Any]:
    doors = [SimpleNamespace(title=a, text=b, url="#" if d else None, icon=c, note=d) for a, b, c, d in _DOORS]
    return {"doors": doors, "school_name": "Alder Street School"}


def sign_in() -> dict[str, Sample]:
    """The first page, and the ways to sign in."""
    faces = zip(ANIMALS, _CLASS_5B.split(", "), strict=False)
    students = [SimpleNamespace(person_id=place, name=n, picture=p) for place, (p, n) in enumerate(faces)]
    who = {"action": "#", "back_url": "#", "class_name": "5B", "error": None, "students": students}
    secret = {"action": "#", "back_url": "#", "name": "Mia", "face": "fox", "pictures": OBJECTS, "picked": ["sun"]}
    adult = {"action": "#", "email": "okoye@example.org", "next_url": None}
    unknown = [("password", "The e-mail address or the password is not right. Try again.")]
    code = {"action": "#", "code": "MAPEL7", "error": "No class has this code. Look at the board again."}
    return {
        "doors": Sample("First page", "rostering/doors.html", _doors()),
        "sign-in-code": Sample(
            "Sign-in: class code", "rostering/sign_in_code.html", {**code, "code": "", "error": None}
        ),
        "sign-in-code-error": Sample("Sign-in: unknown code", "rostering/sign_in_code.html", code),
        "sign-in-who": Sample("Sign-in: who are you", "rostering/sign_in_who.html", who),
        "sign-in-pictures": Sample("Sign-in: three pictures", "rostering/sign_in_pictures.html", secret),
        "sign-in-adult": Sample("Sign-in: adults", "rostering/sign_in_adult.html", {**adult, "errors": []}),
        "sign-in-adult-error": Sample(
            "Sign-in: not known", "rostering/sign_in_adult.html", {**adult, "errors": unknown}
        ),
    }
