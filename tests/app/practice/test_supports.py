"""What a student's supports change in practice: what is served, what an answer counts for, what is kept with it."""

import re
import tempfile
from dataclasses import replace
from datetime import datetime
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from app.bank.catalogue import catalogues
from app.bank.queries import skill_ids
from app.bank.service import publish as publish_bank
from app.calibration.queries import first_answers
from app.practice.service.standing import check_abilities
from app.rostering import service as people
from app.rostering.supports import Supports
from content.parse import parse
from content.recordings import Recorded, gather
from models.ability import Prior, marginal, prior_general, prior_skill, update
from tests.app.practice.desk import HTMX, Desk, head, publish
from tests.factories import School, sign_in_student

CHOICES = (
    head("C.1").replace(
        "---\n", "---\nglossary:\n  - word: sum\n    meaning: What you get when you add.\n    forms: [sums]\n", 1
    )
    + "# C.1\n"
    + "".join(
        f"""
## pick-{n}
answer: choice
calculator: yes
difficulty: 0

Which sum is {n}?

### Translation es
¿Qué suma es {n}?

### Answer
- [x] {n} plus 0
- [ ] {n} plus 1 {{glued}}
- [ ] {n} plus 2 {{glued}} Count.
- [ ] {n} plus 3

### Solution
Add 0.
"""
        for n in range(1, 9)
    )
)


def give(desk: Desk, **supports: Any) -> None:
    """Have the teacher give this student supports."""
    school = desk.school
    student = school.students[desk.name]
    desk.parts.writer.run(people.give_supports, school.teacher(), school.class_id, student, Supports(**supports))


def choosing(desk: Desk, **supports: Any) -> Desk:
    """Sit down at choices of four options with these supports."""
    desk.school = publish(desk.parts, desk.school, CHOICES)
    give(desk, **supports)
    desk.begin("C.1")
    return desk


def options_on(page: str) -> list[str]:
    return re.findall(r'<span class="choice-text">(.*?)</span>', page)


def test_with_fewer_options_one_is_left_out_and_the_right_one_stays(desk: Desk) -> None:
    choosing(desk, fewer_options=True)
    assert len(options_on(desk.page)) == 3
    assert re.findall(r'class="choice-letter">(\w)<', desk.page) == ["A", "B", "C"]
    assert desk.serving.options == 3
    assert "feedback-right" in desk.answer(right=True)


def test_a_voice_names_every_letter_of_a_long_choice(desk: Desk) -> None:
    longer = "".join(f"- [ ] {n} apples\n" for n in range(20, 28))
    desk.school = publish(desk.parts, desk.school, CHOICES.replace("\n### Solution", longer + "\n### Solution"))
    give(desk, read_aloud=True)
    desk.begin("C.1")
    assert re.findall(r'class="choice-letter">(\w)<', desk.page) == list("ABCDEFGHIJKL")
    assert re.findall(r"^([A-Z]):", unescape(desk.page), re.MULTILINE) == list("ABCDEFGHIJKL")


def test_an_answer_among_fewer_options_counts_with_its_own_chance_of_a_guess(desk: Desk) -> None:
    choosing(desk, fewer_options=True)
    desk.answer(right=True)
    (answer,) = desk.answers()
    assert (answer.score, answer.guess, answer.supports) == (1.0, pytest.approx(1 / 3), ["fewer_options"])
    rule = desk.parts.policy.practice
    prior = Prior(rule.general_variance, rule.skill_variance)
    serving = desk.stored(answer.serving_id)
    item = catalogues.of_set(desk.session, serving.district_id, serving.set_id).version(serving.version_id).parameters
    assert item.c == 0.25
    general, skill = update(prior_general(prior), prior_skill(prior), item.among(3), 1.0)
    full = update(prior_general(prior), prior_skill(prior), item, 1.0)
    stored = desk.progress("C.1")
    assert stored is not None
    assert (stored.alpha, stored.beta) == (skill.alpha, skill.beta)
    assert marginal(general, skill).mean < marginal(*full).mean
    # The item is chosen with that chance too, and a replay of the answers comes to the same.
    assert serving.expected == pytest.approx(1 / 3 + (1 - 1 / 3) / 2)
    assert check_abilities(desk.session, desk.school.district_id, desk.parts.policy).different == ()


def test_answers_among_fewer_options_do_not_calibrate_the_item(desk: Desk, neighbour: Desk) -> None:
    choosing(desk, fewer_options=True).answer(right=True)
    neighbour.school = desk.school
    neighbour.begin("C.1")
    neighbour.answer(right=True)
    found = first_answers(desk.session, desk.school.district_id, desk.school.bank_id)
    assert list(found.students) == [desk.school.students["Ben"]]
    assert neighbour.answers()[0].guess is None
    assert neighbour.answers()[0].supports is None


def test_putting_fewer_options_away_leaves_the_question_on_the_screen_as_it_is(desk: Desk) -> None:
    choosing(desk, fewer_options=True)
    desk.client.post("/practice/supports", data={"hide": "fewer_options"})
    assert len(options_on(desk.look())) == 3
    desk.answer(right=True)
    assert desk.answers()[0].guess == pytest.approx(1 / 3)
    desk.next()
    assert len(options_on(desk.page)) in (3, 4)
    desk.answer(right=True)
    desk.next()
    assert len(options_on(desk.page)) == 4


def test_an_answer_keeps_the_supports_that_it_was_given_under(desk: Desk) -> None:
    choosing(desk, translation="es", glossary=True, calculator=True, extra_time=1.5, read_aloud=True, large_print=True)
    desk.client.post("/practice/supports", data={"hide": "large_print"})
    desk.answer(right=True)
    (answer,) = desk.answers()
    assert answer.supports == ["read_aloud", "glossary", "translation:es", "extra_time:1.5", "calculator"]


def test_a_support_that_the_item_cannot_serve_is_not_kept_with_its_answer(desk: Desk) -> None:
    give(desk, translation="es", glossary=True, calculator=True)
    desk.begin()
    desk.answer(right=True)
    assert desk.answers()[0].supports is None


def test_with_extra_time_no_item_is_begun_that_the_time_left_will_not_hold(desk: Desk, neighbour: Desk) -> None:
    give(desk, extra_time=2.0)
    for one in (desk, neighbour):
        one.begin(minutes=10)
        left = (one.sitting().ends_at - _now(one)).total_seconds()
        one.answer(right=True, after=left - 1.5 * one.parts.policy.practice.unknown_median_s)
        one.next()
    assert (desk.kind, neighbour.kind) == ("done", "question")


def _now(desk: Desk) -> datetime:
    return datetime.now(desk.sitting().ends_at.tzinfo)


def test_the_page_shows_what_was_given_and_nothing_else(desk: Desk) -> None:
    choosing(desk, translation="es", glossary=True, calculator=True, large_print=True, high_contrast=True)
    page = desk.look()
    assert re.search(r'<html[^>]*data-contrast="more"[^>]*data-print="large"', page, re.S)
    assert '<div class="stem-translated" lang="es">' in page
    assert "¿Qué suma es" in page
    assert 'popovertarget="word-stem-0"' in page
    assert re.search(r'id="word-stem-0" popover>.*?What you get when you add\.', page, re.S)
    assert "data-calculator" in page
    assert "data-say" not in page
    assert "data-motion" not in page.split("</head>")[0]


def test_read_aloud_says_the_question_and_its_options_in_words(desk: Desk) -> None:
    choosing(desk, read_aloud=True)
    said = re.findall(r'data-say="([^"]*)"', desk.look())
    first, *options = said[0].split("\n")
    assert re.fullmatch(r"Which sum is \d\?", first)
    assert [line[:3] for line in options] == ["A: ", "B: ", "C: ", "D: "]
    assert 'data-lang="en"' in desk.page


def test_what_a_student_puts_away_stays_away_until_it_is_taken_out_again(desk: Desk) -> None:
    choosing(desk, translation="es", large_print=True)
    gone = desk.client.post("/practice/supports", data={"hide": "translation"})
    assert (gone.status_code, gone.location) == (303, "/practice?tools=open")
    assert '<details class="tools" open>' in " ".join(desk.client.get(gone.location).text.split())
    assert "¿Qué suma" not in desk.look()
    give(desk, translation="es", glossary=True)  # the teacher's next change does not take it out
    assert "¿Qué suma" not in desk.look()
    shown = desk.client.post("/practice/supports", data={"show": "translation", "option": "1"}, headers=HTMX).text
    assert "¿Qué suma" in shown
    assert re.search(r'value="1"\s+required\s+checked', shown), "what was picked stays"


def test_a_student_can_take_out_only_what_the_teacher_gave(desk: Desk) -> None:
    choosing(desk, glossary=True, extra_time=2.0)
    for name in ("calculator", "extra_time", "hidden", "nothing", ""):
        for command in ("show", "hide"):
            desk.client.post("/practice/supports", data={command: name})
    assert "data-calculator" not in desk.look()
    desk.answer(right=True)
    assert desk.answers()[0].supports == ["glossary", "extra_time:2"]


def test_a_hint_and_a_worked_example_have_their_words_and_voice_too(desk: Desk) -> None:
    desk.school = publish(
        desk.parts,
        desk.school,
        CHOICES.replace("# C.1\n", "# C.1\nA sum of $\\frac{1}{2}$.\n", 1).replace(
            "### Solution\n", "### Hints\n1. A sum is more.\n\n### Solution\n"
        ),
    )
    give(desk, glossary=True, read_aloud=True)
    example = desk.sit_down("C.1")
    assert 'popovertarget="word-worked-0"' in example
    assert 'data-say="A sum of 1 half."' in example
    desk.next()
    desk.wait(15)
    hint = desk.hint()
    assert 'popovertarget="word-hint0-0"' in hint
    assert 'data-say="A sum is more."' in hint


def test_a_student_with_read_aloud_can_play_the_authors_recording(desk: Desk, app: Flask, south: School) -> None:
    bank = gather_from(CHOICES.replace("calculator: yes", "calculator: yes\naudio: sum.mp3"))
    done = desk.parts.writer.run(
        publish_bank, desk.school.district_id, bank.bank, desk.parts.policy, None, bank.recordings
    )
    known = skill_ids(desk.session, desk.school.district_id, done.bank_id)
    desk.school = replace(desk.school, bank_id=done.bank_id, skills=known)
    give(desk, read_aloud=True)
    desk.begin("C.1")
    [address] = re.findall(r'<audio[^>]* src="([^"]*)"', desk.page, re.S)
    heard = desk.client.get(address)
    assert (heard.data, heard.mimetype) == (b"sound", "audio/mpeg")
    stranger = app.test_client()
    sign_in_student(stranger, south)
    assert stranger.get(address).status_code == 404
    desk.client.post("/practice/supports", data={"hide": "read_aloud"})
    assert "<audio" not in desk.look()


def gather_from(text: str) -> Recorded:
    """A bank whose items all name one recording."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "sum.mp3").write_bytes(b"sound")
        return gather(parse(text).bank, Path(folder))
