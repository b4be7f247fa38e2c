"""The living style page: every component and every template in every state, with made-up people.

The factory offers these pages in development only; tests take their pictures. They show what templates make of the
contexts written at their tops, so a template that changes its context changes its sample here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from flask import render_template

from app.base.assets import ANIMALS, ICONS, OBJECTS
from app.base.errors import NotFoundError

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
    """Render one sample.

    Raises
    ------
    NotFoundError
        There is no sample of that name.
    """
    sample = samples().get(name)
    if sample is None:
        raise NotFoundError("The style page has no sample of this name.")
    return render_template(sample.template, **sample.context)


def index() -> str:
    """Render the components and the list of sample pages."""
    return render_template("styleguide/index.html", pages=pages(), animals=ANIMALS, objects=OBJECTS, icons=ICONS)


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
_LINE = SimpleNamespace(
    kind="line", options=[], unit="", inputs=("point",), marks=("0", "1/4", "1/2", "3/4", "1", "5/4", "3/2", "7/4", "2")
)
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
        "stretch": "slot-2",
        "now_ms": NOON_MS,
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
        "dots": ("done", "done", "done", "now", "todo", "todo"),
        "ends_at_ms": NOON_MS + 372_000,
        "ends_at_text": "8:40",
        "choices": [],
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
        "said": {"hint0": "Are the pieces the same size?"},
    }
    return _tools(**{**given, **changes})


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
        "line": ("Question: number line", _step("question", stem_html=_SUM, presentation=_LINE)),
        "choice": ("Question: choice, one option tried", _step("question", stem_html=half, presentation=_CHOICE)),
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
        "done": ("Done", _step("done", **no_question, choices=[("review", "Mixed review"), ("stretch", "Stretch")])),
        "table": ("Called to the teacher", _step("table", **no_question)),
    }


def _station() -> dict[str, Sample]:
    return {
        f"station-{name}": Sample(f"Station: {title}", "practice/step.html", {"step": step, "viewer": _CHILD})
        for name, (title, step) in _steps().items()
    }


# -- The way in --------------------------------------------------------------------------------------------------

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


def _sign_in() -> dict[str, Sample]:
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


# -- Teachers ---------------------------------------------------------------------------------------------------

_TEACHER = SimpleNamespace(key="sample-teacher", name="Teacher", picture=None, is_student=False)
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


def _classes() -> dict[str, Any]:
    rows = [("5A", "CEDAR4", 24, "none", 0), ("5B", "MAPLE7", 26, "running", 25), ("6C", "BIRCH2", 22, "none", 0)]
    classes = [
        SimpleNamespace(class_id=place, name=name, code=code, size=size, state=state, here=here)
        for place, (name, code, size, state, here) in enumerate(rows)
    ]
    return {"classes": classes, "viewer": _TEACHER, "nav": _NAV}


def _drawer() -> SimpleNamespace:
    stem = "<p>1/3 + 1/4 = ?</p>"
    seen = [("7/12", True, 0, 21), ("2/7", False, 1, 34), ("2/7", False, 0, 12), ("5", None, 0, 2)]
    answers = [
        SimpleNamespace(
            stem_html=stem, given_html=given, right=right, hints=hints, seconds=seconds, ago_text="2 min ago"
        )
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
        supports=_given(),
    )


def _given() -> SimpleNamespace:
    checks = [
        ("read_aloud", "Read aloud", "A button reads each text.", True, False),
        ("large_print", "Large print", "All text a third larger.", True, True),
        ("less_motion", "Less motion", "Nothing slides or fades.", False, False),
    ]
    return SimpleNamespace(
        checks=[
            SimpleNamespace(name=name, label=label, hint=hint, given=given, hidden=hidden)
            for name, label, hint, given, hidden in checks
        ],
        languages=[("", "None"), ("es", "Spanish")],
        language="es",
        language_hint="The question in this language beside it, where the bank has it.",
        extra_times=[("1", "None"), ("1.5", "1.5 times as long")],
        extra_time="1.5",
        words=["Read aloud", "Large print", "Translation: Spanish", "Extra time: 1.5 times as long"],
        open=True,
        saved=True,
    )


def _students() -> dict[str, Any]:
    rows = [("Ana", "fox", []), ("Ben", "owl", ["Glossary", "Translation: Spanish"]), ("Cy", "bear", ["Large print"])]
    students = [
        SimpleNamespace(student_id=place, name=name, picture=animal, words=words)
        for place, (name, animal, words) in enumerate(rows)
    ]
    return {"class_id": CLASS_ID, "class_name": "5B", "students": students, "viewer": _TEACHER, "nav": _NAV}


def _projector() -> SimpleNamespace:
    rows = [
        ("Practice", "Open your laptop.", "Otters", "otter"),
        ("Teacher's table", "Bring a pencil.", "Owls", "owl"),
        ("Partner task", "Take one sheet for two.", "Foxes", "fox"),
    ]
    stations = [
        SimpleNamespace(name=name, kind="", direction=direction, groups=[SimpleNamespace(name=group, picture=animal)])
        for name, direction, group, animal in rows
    ]
    return SimpleNamespace(
        class_id=CLASS_ID,
        class_name="5B",
        updated_at_ms=NOON_MS,
        block=_RUNNING,
        headline="Work at your station.",
        stations=stations,
    )


def _plan() -> SimpleNamespace:
    roster = [
        ("Ana", 92, "9 answers in 21 days", "Start"),
        ("Ben", 85, "8 answers in 21 days", "Start"),
        ("Cy", 31, "12 answers in 21 days", "Pull"),
        ("Dee", 22, "10 answers in 21 days", "Pull"),
        ("Eli", None, "3 answers in 21 days", "Check"),
    ]
    slips = [
        SimpleNamespace(text="2/7", means="adds tops and bottoms"),
        SimpleNamespace(text="2/4", means="larger bottom"),
    ]
    openers = [
        SimpleNamespace(
            title="On the focus: equivalent fractions", stem_html=_SUM, answer_html="<p>7/12</p>", expected=slips
        ),
        SimpleNamespace(title="From the lesson", stem_html=_SUM, answer_html="<p>7/12</p>", expected=[]),
    ]
    return SimpleNamespace(
        class_id=CLASS_ID,
        class_name="5B",
        group_name="Otters",
        group_picture="otter",
        lesson_title="Add fractions with unlike denominators",
        printed_at_text="Monday 8:12",
        decision_word="Split",
        confidence="Medium",
        sentence=_CARD.sentence,
        why=["Expected ready: 2.92 of 5; chance that 4 or more are ready: 25%.", "Enough evidence for 4 of 5 (80%)."],
        roster=[SimpleNamespace(name=n, ready_percent=r, evidence=e, action=a) for n, r, e, a in roster],
        openers=openers,
        strategy=["Begin with fraction strips for Cy and Dee.", "Give Eli two questions, then decide."],
        exit_html=_SUM,
    )


def _setup() -> SimpleNamespace:
    stations = ["Practice", "Teacher's table", "Partner task"]
    groups = [
        ("Otters", "otter", "Ana Ben Cy Dee Elif"),
        ("Owls", "owl", "Finn Hugo Ida"),
        ("Foxes", "fox", "Jo Kai Kim"),
    ]
    rotation = [
        SimpleNamespace(
            group_name=name, picture=animal, students=names.split(), stations=stations[place:] + stations[:place]
        )
        for place, (name, animal, names) in enumerate(groups)
    ]
    return SimpleNamespace(
        class_id=CLASS_ID,
        class_name="5B",
        lessons=[("5.NF.A.1", "Add fractions with unlike denominators"), ("5.NF.B.4", "Multiply fractions")],
        lesson="5.NF.A.1",
        slot_minutes=20,
        transition_seconds=90,
        slots=["Slot 1", "Slot 2", "Slot 3"],
        third="offline",
        thirds=[("offline", "A task on paper"), ("practice", "Practice once more")],
        seed=7,
        rotation=rotation,
        running=False,
        errors=[],
    )


def _board() -> dict[str, Sample]:
    empty = _a_board(block=None, alerts=[], more_alerts=0, card=None, stations=[], class_wrong=[], not_visited=[])
    return {
        "classes": Sample("Classes of a teacher", "live/classes.html", _classes()),
        "board": Sample("Board: a lesson runs", "live/board.html", _a_board()),
        "board-paused": Sample("Board: paused, nobody waits", "live/board.html", _a_board(block=_PAUSED, alerts=[])),
        "board-empty": Sample("Board: nobody has joined", "live/board.html", empty),
        "projector": Sample("Projector", "live/projector.html", {"projector": _projector()}),
        "plan": Sample("Plan of the next group", "live/plan.html", {"plan": _plan(), "viewer": _TEACHER, "nav": _NAV}),
        "block": Sample(
            "Starting a lesson", "stations/block.html", {"setup": _setup(), "viewer": _TEACHER, "nav": _NAV}
        ),
        "drawer": Sample("Board: one student", "live/drawer.html", {"student": _drawer(), "viewer": _TEACHER}),
        "students": Sample("Students of a class and their supports", "live/students.html", _students()),
    }


def _errors() -> dict[str, Sample]:
    return {
        f"error-{status}": Sample(f"Error {status}", "errors/error.html", {"status": status, "message": ""})
        for status in (400, 403, 404, 409, 429, 500, 503)
    }
