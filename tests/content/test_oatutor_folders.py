"""The OATutor reader on folders made for the test: repairs, broken files, hostile content."""

import json
import os
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from content.formats.oatutor import Entry, Import, folder, read, records, report_text
from content.schema import Choice, FractionAnswer, Item, Number


class Folder:
    """A folder of one problem; whatever a test does not say is ordinary."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.write("skillModel.json", {"p1a": ["order_of_operations"], "p1b": ["order_of_operations"]})
        self.problem()
        self.step("p1a")

    def write(self, path: str, content: object) -> Path:
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content if isinstance(content, str) else json.dumps(content))
        return file

    def problem(self, **changes: object) -> None:
        ordinary = {
            "id": "p1",
            "title": "Sums",
            "body": "Find the sum.",
            "variabilization": {},
            "oer": "https://book.example <Book>",
            "license": "https://creativecommons.org/licenses/by/4.0/ <CC BY 4.0>",
            "lesson": "1.1 Sums",
            "courseName": "Course",
        }
        self.write("content-pool/p1/p1.json", ordinary | changes)

    def step(self, name: str, hints: object = (), **changes: object) -> None:
        ordinary = {
            "id": name,
            "stepAnswer": ["$$4$$"],
            "problemType": "TextBox",
            "stepTitle": "$$1+3$$",
            "stepBody": "",
            "answerType": "arithmetic",
            "variabilization": {},
        }
        self.write(f"content-pool/p1/steps/{name}/{name}.json", ordinary | changes)
        self.write(f"content-pool/p1/steps/{name}/tutoring/{name}DefaultPathway.json", hints or [])

    def read(self) -> Import:
        return read(self.root)

    def item(self) -> Item:
        (item,) = self.read().bank.items
        assert isinstance(item, Item)
        return item

    def entry(self, kind: str, name: str) -> Entry:
        (entry,) = (entry for entry in self.read().entries if (entry.kind, entry.id) == (kind, name))
        return entry


@pytest.fixture
def made(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


def hint(name: str, *needs: str, **more: Any) -> dict[str, Any]:
    text = f"Text of {name}."
    return {"id": name, "type": "hint", "dependencies": needs, "title": "", "text": text, "license": "CC BY 4.0"} | more


def scaffold(name: str, *needs: str, answer: str = "$$2$$", **more: Any) -> dict[str, Any]:
    return hint(name, *needs, type="scaffold", problemType="TextBox", hintAnswer=[answer], **more)


def test_an_ordinary_step_becomes_an_item(made: Folder) -> None:
    item = made.item()
    assert item.stem == "Find the sum.\n\n$1+3$"
    assert item.answer == Number(Fraction(4))
    assert item.solution == "**Answer:** $4$"
    assert (item.source, item.licence, item.skill) == (
        "Book (https://book.example)",
        "CC BY 4.0",
        "order-of-operations",
    )
    assert made.entry("step", "p1a").outcome == "taken"


@pytest.mark.parametrize(
    ("typed", "answer"),
    [
        (r"$$\frac{7}{12}$$", FractionAnswer(Fraction(7, 12))),
        (r"$$-\frac{7}{12}$$", FractionAnswer(Fraction(-7, 12))),
        (r"$$\dfrac{-7}{12}$$", FractionAnswer(Fraction(-7, 12))),
        (r"$$2\frac{1}{3}$$", FractionAnswer(Fraction(7, 3))),
        (r"$$-2\frac{1}{3}$$", FractionAnswer(Fraction(-7, 3))),
        ("3/4", FractionAnswer(Fraction(3, 4))),
        (r"$$\frac{8}{4}$$", Number(Fraction(2))),
        ("$$-0.25$$", Number(Fraction(-1, 4))),
        ("$$12,345$$", Number(Fraction(12345))),
        ("40%", Number(Fraction(40), unit="%")),
        (r"$$40\%$$", Number(Fraction(40), unit="%")),
        ("12 cm", Number(Fraction(12), unit="cm")),
        (r"$$12 \text{ cm}$$", Number(Fraction(12), unit="cm")),
    ],
)
def test_numbers_are_read_exactly(made: Folder, typed: str, answer: object) -> None:
    made.step("p1a", stepAnswer=[typed])
    assert made.item().answer == answer


@pytest.mark.parametrize(
    "typed",
    ["$$4x+12$$", "$$8m$$", r"$$27\sqrt{2}$$", r"$$4.8\times{10}^4$$", "(1, 2)", "x>3", r"$$\frac{1}{0}$$", "1" * 80],
)
def test_what_is_not_one_number_waits_for_its_answer_type(made: Folder, typed: str) -> None:
    made.step("p1a", stepAnswer=[typed])
    entry = made.entry("step", "p1a")
    assert entry.outcome == "not taken"
    assert "comes later" in entry.reason


def test_equal_answers_are_one_and_different_ones_are_refused(made: Folder) -> None:
    made.step("p1a", stepAnswer=["$$0.5$$", r"$$\frac{1}{2}$$"])
    assert made.item().answer == Number(Fraction(1, 2))
    assert made.entry("step", "p1a").outcome == "changed"
    made.step("p1a", stepAnswer=["$$1$$", "$$2$$"])
    assert made.entry("step", "p1a").reason.startswith("several right answers")


def choices(made: Folder, answer: str, *options: str) -> Entry:
    made.step("p1a", problemType="MultipleChoice", stepAnswer=[answer], choices=list(options))
    return made.entry("step", "p1a")


def test_a_key_that_differs_in_spacing_is_matched(made: Folder) -> None:
    entry = choices(made, r"$$\left(x+1\right) y$$", "$$(x+1)y$$", "$$x$$")
    assert entry.outcome == "changed"
    assert entry.reason.startswith("key matched to its choice")


def test_a_key_that_is_not_among_the_choices_is_refused(made: Folder) -> None:
    assert choices(made, "$$5$$", "$$6$$", "$$7$$").reason == "key not among the choices"


def test_repeated_choices_are_dropped(made: Folder) -> None:
    entry = choices(made, "$$5$$", "$$5$$", "$$6$$", "$$ 6 $$")
    assert (entry.outcome, entry.reason) == ("changed", "repeated choices were dropped")
    answer = made.item().answer
    assert isinstance(answer, Choice)
    assert [option.text for option in answer.options] == ["$5$", "$6$"]


def test_a_capital_i_in_words_parts_nothing(made: Folder) -> None:
    choices(made, "Infinitely many", "Infinitely many", "None, I think")
    answer = made.item().answer
    assert isinstance(answer, Choice)
    assert [option.text for option in answer.options] == ["Infinitely many", "None, I think"]


def test_options_that_count_up_keep_their_order(made: Folder) -> None:
    choices(made, "Step 2: no", "Step 1: yes", "Step 2: no")
    assert isinstance(answer := made.item().answer, Choice)
    assert not answer.shuffle


def test_hints_are_told_in_the_order_in_which_they_build_on_each_other(made: Folder) -> None:
    made.step("p1a", hints=[hint("h2", "h1"), hint("h1"), hint("h3", "h2")])
    assert made.item().hints == ("Text of h1.", "Text of h2.", "Text of h3.")
    assert made.entry("hint", "h1").outcome == "taken"
    assert made.entry("hint", "h2").reason.startswith("moved")


def test_hints_in_a_circle_are_all_told_and_the_report_says_so(made: Folder) -> None:
    made.step("p1a", hints=[hint("h1", "h2"), hint("h2", "h1"), hint("h3", "nowhere")])
    item = made.item()
    assert all(f"Text of h{number}." in item.solution for number in (1, 2, 3))
    reasons = [made.entry("hint", name).reason for name in ("h1", "h2", "h3")]
    assert any("circle" in reason for reason in reasons)
    assert "names a hint that is not there: nowhere" in reasons[2]


def test_many_hints_become_three_and_the_solution_keeps_them_all(made: Folder) -> None:
    made.step("p1a", hints=[hint(f"h{number}") for number in range(20)])
    item = made.item()
    assert len(item.hints) == 3
    assert all(f"Text of h{number}." in item.solution for number in range(20))
    assert item.hints[-1].endswith("Text of h19.")
    assert made.entry("hint", "h5").reason.startswith("only in the solution")


def test_the_answer_of_a_scaffold_is_told_in_the_last_hint_and_the_solution_only(made: Folder) -> None:
    made.step("p1a", hints=[scaffold("h1", answer="$$71$$"), hint("h2"), scaffold("h3", answer="$$73$$")])
    item = made.item()
    assert "71" not in "".join(item.hints)
    assert item.hints[2] == "Text of h3.\n\nAnswer: $73$"
    assert "Answer: $71$" in item.solution


def test_hints_within_hints_are_told_with_them(made: Folder) -> None:
    inner = [hint("h1-s1"), scaffold("h1-s2", "h1-s1", answer="$$9$$")]
    made.step("p1a", hints=[scaffold("h1", answer="$$8$$", subHints=inner)])
    assert made.item().solution == (
        "Text of h1.\n\nText of h1-s1.\n\nText of h1-s2.\n\nAnswer: $9$\n\nAnswer: $8$\n\n**Answer:** $4$"
    )
    assert made.entry("hint", "h1-s2").outcome == "changed"


def test_a_hint_that_cannot_be_read_is_reported_and_the_others_are_told(made: Folder) -> None:
    made.step("p1a", hints=[hint("h1", text=5), hint("h2", text="$$broken"), "no record", hint("h4")])
    assert made.item().hints == ("Text of h4.",)
    assert made.entry("hint", "h1").reason == "wrong type: text is not text"
    assert made.entry("hint", "h2").reason.startswith("broken maths")
    assert made.entry("hint", "p1a-h3").reason == "not a record"


def test_a_step_without_a_skill_gets_one_from_its_lesson(made: Folder) -> None:
    made.write("skillModel.json", {})
    assert made.item().skill == "1-1-sums"
    assert made.entry("step", "p1a").reason.startswith("skill made from the lesson")


@pytest.mark.parametrize("licence", ["", "CC4.0"])
def test_a_licence_that_is_missing_or_unclear_is_the_folders_own_and_reported(made: Folder, licence: str) -> None:
    made.problem(license=licence)
    assert made.item().licence == "CC BY 4.0 (CAHLR/OATutor-Content)"
    assert made.entry("problem", "p1").outcome == "changed"
    assert made.entry("problem", "p1").reason.startswith("licence")


def test_another_licence_is_kept_as_it_is(made: Folder) -> None:
    made.problem(license="CC BY-NC-SA 4.0")
    assert made.item().licence == "CC BY-NC-SA 4.0"


def test_text_that_markdown_would_misread_is_escaped(made: Folder) -> None:
    made.problem(body="# $5 and $6 *not* _so_ <b> [[2+2]] a**2\\n1. x\\neq0")
    assert made.item().stem == (
        "\\# \\$5 and \\$6 \\*not\\* \\_so\\_ \\<b\\> \\[\\[2+2\\]\\] a²\n\n1\\. x ≠ 0\n\n$1+3$"
    )


def test_what_the_banks_check_refuses_is_not_taken(made: Folder) -> None:
    made.problem(body=r"Find $$\frac{1}{$$ of it.")
    entry = made.entry("step", "p1a")
    assert entry.outcome == "not taken"
    assert entry.reason.startswith("refused by the bank's check: Stem: The formula")


def test_a_formula_beside_a_digit_stays_a_formula(made: Folder) -> None:
    made.problem(body="From 2$$x$$3 to $$a$$$$b$$.")
    assert made.item().stem.startswith("From 2 $x$ 3 to $a$ $b$.")


def test_a_whole_number_times_a_fraction_does_not_read_as_a_mixed_number(made: Folder) -> None:
    made.problem(body=r"$$12\frac{5}{6}$$ and $$\log_3\frac{5}{6}$$")
    assert made.item().stem.startswith(r"$12\cdot \frac{5}{6}$ and $\log_3\frac{5}{6}$")


def test_a_picture_that_lies_in_the_folder_is_reported_too(made: Folder) -> None:
    made.write("content-pool/p1/figures/figure1.gif", "GIF89a")
    assert made.entry("file", "content-pool/p1/figures/figure1.gif").reason.startswith("a picture")


def test_another_pathway_is_reported_hint_by_hint(made: Folder) -> None:
    made.step("p1a", hints=[hint("h1")])
    made.write("content-pool/p1/steps/p1a/tutoring/p1aOther.json", [hint("x1"), hint("h1")])
    assert made.entry("hint", "x1").reason == "another pathway: p1aOther.json"
    assert made.entry("hint", "h1 (2)").outcome == "not taken"
    assert made.item().hints == ("Text of h1.",)


def test_two_steps_of_one_id_do_not_both_become_items(made: Folder) -> None:
    made.step("p1b", id="p1a")
    assert len(made.read().bank.items) == 1
    assert made.entry("step", "p1a (2)").reason.startswith("id used before")


def test_the_pool_alone_can_be_read_too(made: Folder) -> None:
    imported = read(made.root / "content-pool")
    assert [item.id for item in imported.bank.items] == ["p1a"]


@pytest.mark.parametrize(
    ("path", "content", "reason"),
    [
        ("content-pool/p1/p1.json", "{", "not valid JSON"),
        ("content-pool/p1/p1.json", "[]", "not a record"),
        ("content-pool/p1/p1.json", '{"title": 5}', "wrong type: title is not text"),
        ("content-pool/p1/steps/p1a/p1a.json", "[" * 100_000, "not valid JSON"),
        ("content-pool/p1/steps/p1a/p1a.json", "1" * 5_000, "not valid JSON"),
        ("content-pool/p1/steps/p1a/p1a.json", '{"stepAnswer": "4"}', "wrong type: stepAnswer"),
        ("content-pool/p1/steps/p1a/p1a.json", "null", "not a record"),
        ("content-pool/p1/steps/p1a/p1a.json", '{"variabilization": {"a": 1}}', "wrong type: variabilization"),
        ("content-pool/p1/steps/p1a/p1a.json", "{}", "unknown problem type"),
    ],
)
def test_a_broken_file_leaves_its_step_out_with_the_reason(made: Folder, path: str, content: str, reason: str) -> None:
    made.write(path, content)
    imported = made.read()
    assert imported.bank.items == ()
    (step,) = (entry for entry in imported.entries if entry.kind == "step")
    assert step.outcome == "not taken"
    assert step.reason.startswith(reason)
    assert sum(entry.kind == "file" for entry in imported.entries) == 4


@pytest.mark.parametrize("bad", ["\ud800", "\x00"])
def test_characters_that_no_database_takes_are_refused(made: Folder, bad: str) -> None:
    made.write("skillModel.json", {"p1a": [f"sums{bad}"]})
    assert made.item().skill == "1-1-sums"
    made.step("p1a", stepAnswer=[f"{bad}x"])
    assert made.entry("step", "p1a").reason.startswith("broken text: stepAnswer")
    report_text(made.read()).encode()


def test_a_missing_file_leaves_its_step_out(made: Folder) -> None:
    (made.root / "content-pool/p1/p1.json").unlink()
    assert made.entry("problem", "p1").reason == "file missing"
    assert made.entry("step", "p1a").reason == "file missing"


def test_broken_hints_do_not_cost_the_step(made: Folder) -> None:
    made.write("content-pool/p1/steps/p1a/tutoring/p1aDefaultPathway.json", "{}")
    assert made.entry("step", "p1a").reason == "without its hints: not a list of hints"
    assert made.item().hints == ()


def test_a_broken_skill_model_is_reported(made: Folder) -> None:
    made.write("skillModel.json", "nothing")
    assert made.entry("file", "skillModel.json").reason.startswith("not valid JSON")
    assert made.item().skill == "1-1-sums"


def test_a_link_that_leads_out_of_the_folder_is_not_followed(made: Folder, tmp_path_factory: Any) -> None:
    secret = tmp_path_factory.mktemp("elsewhere") / "p1a.json"
    target = made.root / "content-pool/p1/steps/p1a/p1a.json"
    secret.write_text(target.read_text())
    target.unlink()
    target.symlink_to(secret)
    assert made.read().bank.items == ()
    assert made.entry("step", "p1a").reason == "a link: links are not followed"


def test_a_linked_folder_is_not_entered(made: Folder) -> None:
    (made.root / "content-pool" / "loop").symlink_to(made.root, target_is_directory=True)
    assert made.entry("file", "content-pool/loop").reason == "a link: links are not followed"
    assert len(made.read().bank.items) == 1


def test_a_pipe_in_the_folder_does_not_hang_the_reader(made: Folder) -> None:
    file = made.root / "content-pool/p1/steps/p1a/p1a.json"
    file.unlink()
    os.mkfifo(file)
    assert made.entry("step", "p1a").reason == "not an ordinary file"


def test_a_huge_file_is_not_read(made: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folder, "LARGEST_FILE", 10)
    assert made.entry("step", "p1a").reason.startswith("too large")


def test_a_listing_without_end_is_cut_with_a_word(made: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folder, "MOST_FILES", 2)
    assert made.entry("file", "...").reason.startswith("too many files")


def test_hints_nested_without_end_are_refused(made: Folder) -> None:
    nest: list[Any] = []
    for depth in range(records.DEEPEST_HINT + 2):
        nest = [hint(f"h{depth}", subHints=nest)]
    made.step("p1a", hints=nest)
    assert len(made.read().bank.items) == 1
    assert any("nested too deeply" in entry.reason for entry in made.read().entries)


@pytest.mark.parametrize("name", ["missing", "file.txt"])
def test_what_is_no_folder_gives_an_empty_bank_and_says_why(tmp_path: Path, name: str) -> None:
    (tmp_path / "file.txt").write_text("")
    imported = read(tmp_path / name)
    assert imported.bank.items == ()
    assert [(entry.outcome, entry.reason) for entry in imported.entries] == [("not taken", "not a folder")]


def test_an_empty_folder_gives_an_empty_bank(tmp_path: Path) -> None:
    assert read(tmp_path).entries == ()


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20) | st.sampled_from(["$$", "$$1$$", "p1a", "hint"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
_fields = ["id", "stepAnswer", "problemType", "stepTitle", "stepBody", "choices", "variabilization", "subHints", "text"]


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(st.sampled_from(_fields), _json, max_size=6), _json, st.text(max_size=60))
def test_no_content_whatever_raises(tmp_path_factory: Any, step: dict[str, object], hints: object, text: str) -> None:
    made = Folder(tmp_path_factory.mktemp("any"))
    made.problem(body=text)
    made.step("p1a", hints=hints if isinstance(hints, list) else [hints], **step)
    made.write("content-pool/p1/steps/p1b/p1b.json", json.dumps(hints))
    imported = made.read()
    kinds = [entry.kind for entry in imported.entries]
    assert kinds.count("step") == 2
    assert kinds.count("file") == 5
