"""The OATutor reader on the real folder: everything is accounted for, and what is taken is right."""

import json
import re
from collections import Counter
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from content import serial
from content.answers import fields, key, mark, wrong
from content.check import check
from content.formats.oatutor import Import, read, report_json, report_text
from content.formats.oatutor.results import KINDS, OUTCOMES
from content.parse import parse
from content.render import to_html
from content.schema import Choice, FractionAnswer, Item, Number
from content.write import write
from tests.shared_data import shared


@pytest.fixture(scope="module")
def folder() -> Path:
    return shared("banks/oatutor")


@pytest.fixture(scope="module")
def imported(folder: Path) -> Import:
    return read(folder)


@pytest.fixture(scope="module")
def items(imported: Import) -> dict[str, Item]:
    return {item.id: item for item in imported.bank.items if isinstance(item, Item)}


def _hint_ids(hints: list[dict]) -> list[str]:
    return [id_ for hint in hints for id_ in (hint["id"], *_hint_ids(hint.get("subHints", [])))]


def _in_folder(folder: Path) -> Counter[tuple[str, str]]:
    """Find everything in the folder without the reader's help: by globbing and the ids in the files."""
    pool = folder / "content-pool"
    found: Counter[tuple[str, str]] = Counter()
    for file in folder.rglob("*"):
        if file.is_file():
            found["file", file.relative_to(folder).as_posix()] += 1
    for file in pool.glob("*/*.json"):
        found["problem", json.loads(file.read_text())["id"]] += 1
    for file in pool.glob("*/steps/*/*.json"):
        found["step", json.loads(file.read_text())["id"]] += 1
    for file in pool.glob("*/steps/*/tutoring/*.json"):
        for id_ in _hint_ids(json.loads(file.read_text())):
            found["hint", id_] += 1
    return found


def test_every_problem_step_hint_and_file_of_the_folder_is_reported_exactly_once(
    folder: Path, imported: Import
) -> None:
    reported = Counter((entry.kind, entry.id) for entry in imported.entries)
    assert reported == _in_folder(folder)
    assert set(reported.values()) == {1}
    assert Counter(kind for kind, _ in reported) == {"problem": 230, "step": 282, "hint": 1134, "file": 797}


def test_every_entry_gives_a_reason(imported: Import) -> None:
    assert all(entry.reason.strip() for entry in imported.entries)
    bare = {"taken": 0, "changed": 0, "not taken": 0}
    for entry in imported.entries:
        bare[entry.outcome] += entry.reason == "as it is"
    assert bare["changed"] == bare["not taken"] == 0


def test_at_least_180_steps_are_taken_and_each_is_an_item(imported: Import, items: dict[str, Item]) -> None:
    taken = [entry.id for entry in imported.entries if entry.kind == "step" and entry.outcome != "not taken"]
    left = [entry.id for entry in imported.entries if entry.kind == "step" and entry.outcome == "not taken"]
    families = {item.family for item in items.values()}
    assert len(taken) >= 180
    assert families == set(taken)
    assert not families & set(left)
    assert len(items) == len(imported.bank.items)


def test_the_key_of_every_item_is_marked_right_and_another_answer_is_not(items: dict[str, Item]) -> None:
    for item in items.values():
        for seed in (0, 1, 99):
            assert mark(item, key(item, seed=seed), seed=seed).status == "right", item.id
            other = wrong(item, seed=seed)
            assert other is not None
            assert mark(item, other, seed=seed).status == "wrong", item.id


def test_the_key_is_the_answer_that_the_source_gives(folder: Path, items: dict[str, Item]) -> None:
    """Read the source by another way than the reader does: numbers by a simple rule, choices by their letters."""
    for file in (folder / "content-pool").glob("*/steps/*/*.json"):
        step = json.loads(file.read_text())
        if step["id"] not in items:
            continue
        answer = items[step["id"]].answer
        source = (
            step["stepAnswer"][0]
            .replace("$$", "")
            .split("=")[-1 if isinstance(answer, Number | FractionAnswer) else 0 :]
        )
        if isinstance(answer, Choice):
            (right,) = (option.text for option in answer.options if option.correct)
            assert _letters(right) == _letters(step["stepAnswer"][0]), step["id"]
        else:
            ratio = re.fullmatch(r"\\frac\{(-?\d+)\}\{(\d+)\}", source[0])
            expected = Fraction(int(ratio[1]), int(ratio[2])) if ratio else Fraction(source[0])
            assert answer.value == expected, step["id"]


def _letters(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9]", "", re.sub(r"\*\*|inf|neq", "", text))


def test_no_choice_has_two_options_that_read_the_same(items: dict[str, Item]) -> None:
    for item in items.values():
        if isinstance(item.answer, Choice):
            texts = [option.text for option in item.answer.options]
            assert len(set(texts)) == len(texts) >= 2
            assert sum(option.correct for option in item.answer.options) == 1


def _texts(item: Item) -> list[str]:
    options = [option.text for option in item.answer.options] if isinstance(item.answer, Choice) else []
    return [item.stem, *options, *item.hints, item.solution]


def test_every_formula_is_typeset_and_nothing_else_is(items: dict[str, Item]) -> None:
    formulas = 0
    for item in items.values():
        for text in _texts(item):
            html = to_html(text)
            written = len(re.findall(r"(?<!\\)\$", text)) // 2
            assert html.count("<math") == written, (item.id, text)
            assert not re.search(r"<code|<h\d|<li|<blockquote", html), (item.id, html)
            formulas += written
    assert formulas > 3000


def test_the_bank_can_be_published(imported: Import) -> None:
    assert [finding for finding in check(imported.bank) if finding.severity == "error"] == []


def test_the_bank_survives_being_written_as_an_author_would_and_being_stored(imported: Import) -> None:
    again = parse(write(imported.bank)).bank
    assert again.skills == imported.bank.skills
    assert [replace(item, line=0) for item in again.items] == list(imported.bank.items)
    assert [serial.load(json.loads(json.dumps(serial.dump(item)))) for item in imported.bank.items] == list(
        imported.bank.items
    )


def test_nothing_of_the_source_notation_reaches_a_student(items: dict[str, Item]) -> None:
    for item in items.values():
        for text in _texts(item):
            assert not re.search(r"\$\$|##|@\{|\.gif|\\n\b|variable=answer", text), (item.id, text)
            unbolded = re.sub(r"^\*\*(.+?)\*\*", r"\1", text, flags=re.MULTILINE)
            assert "**" not in unbolded, (item.id, text)


def test_a_student_gets_at_most_three_hints_and_all_of_them_are_in_the_solution(items: dict[str, Item]) -> None:
    for item in items.values():
        assert len(item.hints) <= 3
        for hint in item.hints:
            for paragraph in hint.split("\n\n"):
                plain = re.sub(r"^\*\*.+?\*\* ?", "", paragraph)
                assert plain in item.solution, item.id


def test_items_without_known_difficulty_say_so(items: dict[str, Item]) -> None:
    assert {item.difficulty for item in items.values()} == {None}


def test_every_item_names_its_source_and_licence_and_a_skill_of_the_bank(
    imported: Import, items: dict[str, Item]
) -> None:
    codes = [skill.code for skill in imported.bank.skills]
    assert len(codes) == len(set(codes)) > 100
    for item in items.values():
        assert item.source
        assert item.licence.startswith("CC BY 4.0")
        assert item.skill in codes


def test_the_skill_is_the_first_that_the_skill_model_names(folder: Path, items: dict[str, Item]) -> None:
    model = json.loads((folder / "skillModel.json").read_text())
    for item in items.values():
        first = re.sub(r"[^a-z0-9]+", "-", model[item.family][0])
        assert item.skill[:70].startswith(first.strip("-")[:70]), item.id


def test_skills_have_names_for_people(imported: Import) -> None:
    titles = {skill.code: skill.title for skill in imported.bank.skills}
    assert titles["simplify-expressions-using-the-order-of-operations"] == (
        "Simplify expressions using the order of operations"
    )
    assert titles["use-the-distance-rate-and-time-formula"] == "Use the distance, rate, and time formula"
    assert not any("_" in title or "**" in title for title in titles.values())


def test_a_question_whose_picture_is_missing_is_left_out_unless_its_text_says_it_all(
    imported: Import, items: dict[str, Item]
) -> None:
    outcomes = {entry.id: entry for entry in imported.entries if entry.kind == "step"}
    assert outcomes["a18a5a6slope10a"].reason.startswith("needs a picture that the folder does not hold")
    assert outcomes["acff542gra24a"].outcome == "not taken"
    assert outcomes["ac879b3graph2a"].outcome == "changed"
    assert "(No picture is needed.)" in items["ac879b3graph2a"].stem


def test_an_answer_with_a_letter_asks_for_the_number_only(items: dict[str, Item]) -> None:
    item = items["a4a0f7dradicalroot22a"]
    assert item.answer == Number(Fraction(17))
    assert item.stem == "Solve $\\sqrt{6v-2}=10$\n\n$v=$ ?"


def test_a_question_that_refers_back_tells_the_earlier_question_but_not_its_answer(items: dict[str, Item]) -> None:
    item = items["ace4be0A1-diag-P21b"]
    before, now = item.stem.split("Now:")
    assert "Earlier in this problem:" in before
    assert r"\frac{x-4}{x^2+3}=\frac{2x\left(x-4\right)}" in before
    assert now.strip() == "Find the value of $x$ that makes this possible"
    assert r"\frac{2x}{4x^2+\frac{1}{4}}=1" not in item.stem


def test_choices_that_were_run_together_are_parted(items: dict[str, Item]) -> None:
    answer = items["aafbadeintercepts6a"].answer
    assert isinstance(answer, Choice)
    assert [option.text for option in answer.options] == ["$(8,0)$", "$(4,0)$", "$(-6,0)$", "$(0,-3)$"]


def test_variables_give_one_item_for_each_set_of_values(items: dict[str, Item]) -> None:
    family = [item for item in items.values() if item.family == "a666a84A213-exploginverse-P04a"]
    assert [str(key(item, seed=0)["number"]) for item in family] == ["4", "4", "3", "3"]
    assert r"\log_{1/3}\left(\frac{1}{{3}^{4}}\right)" in family[1].stem


def test_a_question_to_simplify_wants_lowest_terms(items: dict[str, Item]) -> None:
    item = items["a171b3arationals28a"]
    assert mark(item, {"text": "8/9"}, seed=0).status == "right"
    assert mark(item, {"text": "56/63"}, seed=0).status == "reform"


def test_known_wrong_keys_of_the_source_are_left_out(imported: Import, items: dict[str, Item]) -> None:
    entries = {entry.id: entry for entry in imported.entries if entry.kind == "step"}
    for step in ("a60a373solverat28a", "a4a0f7dradicalroot4a", "a7b6395A141-algprac-P11c"):
        assert entries[step].outcome == "not taken"
        assert entries[step].reason.startswith("wrong key in the source")
        assert step not in items


def test_no_answer_stands_in_what_a_browser_may_see_of_the_answer(items: dict[str, Item]) -> None:
    for item in items.values():
        seen = fields(item, seed=3)
        assert not hasattr(seen, "value")
        if not isinstance(item.answer, Choice):
            assert seen.options == ()


def test_the_text_report_gives_totals_first_and_then_every_entry(imported: Import) -> None:
    report = report_text(imported)
    head, _, tail = report.partition("Item by item\n")
    assert re.search(r"steps +\d+ +\d+ +\d+ +282\n", head)
    assert "step not taken: needs answer type expression (comes later)" in head
    assert len(tail.splitlines()) == len(imported.entries) == 2443


def test_the_record_report_adds_up(imported: Import) -> None:
    record = json.loads(report_json(imported))
    for kind, count in {"problem": 230, "step": 282, "hint": 1134, "file": 797}.items():
        assert sum(record["totals"][kind].values()) == count
        assert sum(row["count"] for row in record["reasons"] if row["kind"] == kind) == count
    assert len(record["entries"]) == 2443


def test_reading_twice_gives_the_same(folder: Path, imported: Import) -> None:
    assert read(folder) == imported


def test_the_page_for_authors_gives_the_present_figures(imported: Import) -> None:
    page = (Path(__file__).parents[2] / "docs" / "authors" / "import-oatutor.md").read_text()
    for kind in KINDS:
        counts = [imported.count(kind, outcome) for outcome in OUTCOMES]
        assert f"| {kind}s | {' | '.join(map(str, [*counts, sum(counts)]))} |" in page
    steps = imported.count("step", "taken") + imported.count("step", "changed")
    assert f"The {steps} steps make {len(imported.bank.items)} items of {len(imported.bank.skills)} skills" in page
