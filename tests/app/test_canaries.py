"""Before the answer nothing tells it: a bank full of canaries, and every response searched for them."""

import re
from dataclasses import dataclass, field, replace
from itertools import islice

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from app.bank import queries, service
from app.base.services import Services
from tests.app.practice.desk import HTMX, Desk, publish
from tests.app.routes import addresses
from tests.factories import School, sign_in_teacher

A, B, C, B_SD, CUT = 1.31415926, -0.57721566, 0.27182818, 0.16180339, 0.69314718
PARAMETERS = ("31415926", "57721566", "27182818", "16180339", "69314718")
KEYS = ("918273645", "192837465", "827364519")
MISTAKES = ("564738291", "647382915", "473829156")
WORDS = ("kanari-mis", "Kanarititle", "Kanarimisnudge", "Kanarinudge", "Kanarisolution", "Kanarihint", "kanari-item")

BANK = """---
id: kanari-bank
title: Birds
grade: 4-6
language: en
licence: CC BY 4.0
skills:
  - code: K.1
    title: Birds
  - code: K.2
    title: More birds
    prerequisites: [K.1]
misconceptions:
  - id: kanari-mis-1
    title: Kanarititle one
    nudge: Kanarimisnudge one?
  - id: kanari-mis-2
    title: Kanarititle two
    nudge: Kanarimisnudge two?
---
""" + "\n".join(
    f"""
# {skill}

Look at a bird.

## kanari-item-choice-{skill.lower()}
answer: choice
difficulty: -0.5

Which bird sings, {skill}?

### Answer
- [x] The first bird.
- [ ] The second bird. {{kanari-mis-1}}
- [ ] The third bird. {{kanari-mis-2}} Kanarinudge three.
- [ ] The fourth bird.

### Hints
1. Kanarihint one.
2. Kanarihint two.

### Solution
Kanarisolution one.

## kanari-item-number-{skill.lower()}
answer: number
difficulty: 0

How many birds, {skill}?

### Answer
= 918273645
! 564738291 {{kanari-mis-1}}
! 647382915 {{}} Kanarinudge four.

### Hints
1. Kanarihint three.

### Solution
Kanarisolution two.

## kanari-item-generator-{skill.lower()}
answer: fraction
difficulty: 0.5
param n: 2..9

What part of [[n]] birds, {skill}?

### Answer
= 192837465 / (n * 827364519)
! 473829156 / n {{kanari-mis-2}}

### Hints
1. Kanarihint four.

### Solution
Kanarisolution three.

## kanari-item-more-{skill.lower()}
answer: number
difficulty: 0.2
param n: 2..9

What is [[n]] more birds, {skill}?

### Answer
= 918273645 + n

### Solution
Kanarisolution four.
"""
    for skill in ("K.1", "K.2")
)


@dataclass
class Nest:
    """A student on the canary bank, the teacher who watches, and everything that both were sent."""

    desk: Desk
    teacher: FlaskClient
    app: Flask
    sent: list[tuple[str, str]] = field(default_factory=list)

    def keep(self, what: str, answer: TestResponse) -> str:
        body = answer.get_data(as_text=True)
        cookies = " ".join(str(self.desk.client.get_cookie(name)) for name in ("waystation", "waystation_device"))
        self.sent.append((what, f"{body}\n{answer.headers}\n{cookies}"))
        return body

    def told(self) -> list[tuple[str, str]]:
        """What was sent since the last look."""
        sent, self.sent = self.sent, []
        return sent


@pytest.fixture
def nest(app: Flask, desk: Desk, parts: Services, north: School, session: Session) -> Nest:
    desk.school = publish(parts, north, BANK)
    _fit(parts, desk.school, session)
    teacher = app.test_client()
    sign_in_teacher(teacher, north.teacher_email)
    return Nest(desk, teacher, app)


def _fit(parts: Services, school: School, session: Session) -> None:
    """Adopt unmistakable parameters."""
    set_id = queries.current_set(session, school.district_id, school.bank_id)
    served = queries.served_items(session, school.district_id, set_id)
    fitted = {
        one.version_id: replace(one.parameters, model="3PL", a=A, b=B + n, c=C, b_sd=B_SD)
        for n, one in enumerate(served)
    }
    cuts = dict.fromkeys(queries.cuts(session, school.district_id, set_id), CUT)
    session.rollback()
    made = parts.writer.run(
        service.add_parameter_set, school.district_id, school.bank_id, "calibration", fitted, cuts, "hash"
    )
    parts.writer.run(service.adopt, school.district_id, school.bank_id, made)


def look_around(nest: Nest) -> None:
    """Ask for everything that can be asked for while the question is open."""
    client, serving = nest.desk.client, nest.desk.serving_id
    nest.keep("page", client.get("/practice"))
    nest.keep("start", client.post("/practice/start", headers=HTMX))
    nest.keep("next", client.post("/practice/next", headers=HTMX))
    nest.keep("next without script", client.post("/practice/next", follow_redirects=True))
    nest.keep("hint too soon", client.post(f"/servings/{serving}/hint", headers=HTMX))
    nest.keep("heartbeat", client.post("/practice/heartbeat", data={"input": "1"}))
    nest.keep("hand", client.post("/practice/hand", data={"up": "1"}, headers=HTMX))
    nest.keep("unreadable", client.post(f"/servings/{serving}/answer", data={"number": "?"}, headers=HTMX))


def watch(nest: Nest) -> None:
    """Ask for everything that the teacher's side shows."""
    school = nest.desk.school
    student = school.students["Ana"]
    for address in addresses(nest.app, class_id=school.class_id, student_id=student):
        # The stream is read by itself; the printed plan tells the teacher what to expect.
        is_page = address.method == "GET" and address.path.startswith("/classes")
        if is_page and not address.path.endswith(("stream", "plan")):
            nest.keep(address.path, nest.teacher.get(address.path))
    nest.keep("stream", first_frame(nest))


def first_frame(nest: Nest) -> TestResponse:
    answer = nest.teacher.get(f"/classes/{nest.desk.school.class_id}/stream", buffered=False)
    frame = b"".join(islice(answer.response, 1))
    answer.close()
    return TestResponse([frame], "200 OK", answer.headers, answer.request)


def assert_no(nest: Nest, canaries: tuple[str, ...]) -> None:
    for what, text in nest.told():
        for canary in canaries:
            assert canary not in text, (what, canary)


def everything_hidden(expected: float) -> tuple[str, ...]:
    return (*PARAMETERS, *KEYS, *MISTAKES, *WORDS, repr(expected)[:10])


def test_before_the_answer_no_response_of_any_kind_tells_anything(nest: Nest) -> None:
    desk = nest.desk
    for what, answer in (("code", desk.client.get("/sign-in")), ("door", desk.client.get("/"))):
        nest.keep(what, answer)
    desk.sit_down("K.1", "K.2")
    nest.sent.append(("first step", desk.page))
    desk.read_on()
    kinds = set()
    for n in range(6):
        if desk.kind != "question":
            break
        kinds.update(re.findall(r'name="(option|number|top)"', desk.page))
        nest.sent.append(("question", desk.page))
        expected = desk.serving.expected
        look_around(nest)
        if n in (0, 3):
            watch(nest)
            assert len(nest.sent) > 14
        assert_no(nest, everything_hidden(expected))
        desk.wait(20)
        desk.send(desk.right())
        desk.next()
        desk.read_on()
    assert kinds == {"option", "number", "top"}


def test_after_a_miss_only_the_nudge_of_the_chosen_answer_is_told(nest: Nest) -> None:
    desk = nest.desk
    desk.begin("K.1", "K.2")
    nudges = 0
    for _ in range(6):
        if desk.kind != "question":
            break
        expected = desk.serving.expected
        desk.wait(20)
        wrong = desk.wrong()
        page = desk.send(wrong)
        shown = re.findall(r"Kanari(?:mis)?nudge \w+", page)
        nudges += len(shown)
        assert len(set(shown)) <= 1
        nest.sent += [("after a miss", page), ("loaded again", desk.look())]
        typed = set(wrong.values())
        hidden = [one for one in everything_hidden(expected) if one not in typed and "nudge" not in one]
        assert_no(nest, tuple(hidden))
        page = desk.send(wrong)
        assert "Kanarisolution" in page
        nest.sent.append(("after two misses", page))
        assert_no(nest, (*PARAMETERS, "kanari-mis", "Kanarititle", "kanari-item", "Kanarihint"))
        desk.next()
        desk.read_on()
    assert nudges >= 2


def test_hints_are_told_one_by_one(nest: Nest) -> None:
    desk = nest.desk
    desk.begin("K.1")
    while "Which bird sings" not in desk.page:
        desk.answer(right=True)
        desk.next()
        desk.read_on()
    desk.wait(20)
    page = desk.hint()
    assert re.findall(r"Kanarihint \w+", page) == ["Kanarihint one"]
    nest.sent.append(("hint", page))
    assert_no(nest, (*PARAMETERS, *KEYS, *MISTAKES, "kanari", "Kanarinudge", "Kanarisolution"))


def test_the_right_option_looks_like_the_others(nest: Nest) -> None:
    desk = nest.desk
    desk.begin("K.1")
    while "Which bird sings" not in desk.page:
        desk.answer(right=True)
        desk.next()
        desk.read_on()
    labels = re.findall(r'<label class="choice.*?</label>', desk.page, re.DOTALL)
    assert len(labels) == 4
    bare = {re.sub(r'value="\d"|autofocus|The \w+ bird\.|choice-letter">.|\s+', "", label) for label in labels}
    assert len(bare) == 1


def test_options_come_in_another_order_for_another_seed(nest: Nest) -> None:
    from content import answers
    from content.schema import Choice, Item, Option

    item = Item("birds", "K.1", "?", Choice((Option("a", True), Option("b", False), Option("c", False))))
    places = {answers.key(item, seed=seed)["option"] for seed in range(60)}
    assert places == {"0", "1", "2"}


def test_the_teachers_side_tells_no_parameter_after_the_answers_either(nest: Nest) -> None:
    desk = nest.desk
    desk.begin("K.1", "K.2")
    for n in range(6):
        if desk.kind != "question":
            break
        desk.do(right=n % 2 == 0)
    watch(nest)
    assert_no(nest, (*PARAMETERS, "kanari-mis", "kanari-item"))
