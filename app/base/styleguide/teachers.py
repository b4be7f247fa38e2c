"""Samples of the teacher's pages: classes, board, card and plan of the next group, one student."""

from types import SimpleNamespace
from typing import Any

from app.base.styleguide.sample import A_SUM, CLASS_ID, NOON_MS, Sample

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


def drawer() -> SimpleNamespace:
    """What the page of one student reads."""
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


def projector() -> SimpleNamespace:
    """What the projector reads."""
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
            title="On the focus: equivalent fractions", stem_html=A_SUM, answer_html="<p>7/12</p>", expected=slips
        ),
        SimpleNamespace(title="From the lesson", stem_html=A_SUM, answer_html="<p>7/12</p>", expected=[]),
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
        exit_html=A_SUM,
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


def board() -> dict[str, Sample]:
    """The teacher's pages."""
    empty = _a_board(block=None, alerts=[], more_alerts=0, card=None, stations=[], class_wrong=[], not_visited=[])
    return {
        "classes": Sample("Classes of a teacher", "live/classes.html", _classes()),
        "board": Sample("Board: a lesson runs", "live/board.html", _a_board()),
        "board-paused": Sample("Board: paused, nobody waits", "live/board.html", _a_board(block=_PAUSED, alerts=[])),
        "board-empty": Sample("Board: nobody has joined", "live/board.html", empty),
        "projector": Sample("Projector", "live/projector.html", {"projector": projector()}),
        "plan": Sample("Plan of the next group", "live/plan.html", {"plan": _plan(), "viewer": _TEACHER, "nav": _NAV}),
        "block": Sample(
            "Starting a lesson", "stations/block.html", {"setup": _setup(), "viewer": _TEACHER, "nav": _NAV}
        ),
        "drawer": Sample("Board: one student", "live/drawer.html", {"student": drawer(), "viewer": _TEACHER}),
        "students": Sample("Students of a class and their supports", "live/students.html", _students()),
    }
