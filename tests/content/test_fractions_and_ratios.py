"""The bank "Fractions and ratios": every item is solved again from what it shows, and its words fit its readers."""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from content import answers
from content.check import examine
from content.generators import SEEDS, realise
from content.schema import (
    Bank,
    Choice,
    Gaps,
    Generator,
    Item,
    Ordering,
    Plot,
    Several,
    Table,
    mistakes_of,
    options_of,
)
from content.settings import KINDS
from tests.content.fractions_and_ratios import SOLVERS
from tests.content.parts_of_fractions_and_ratios import PARTS
from tests.content.solver import Solution, ask, evaluate

BANK = Path(__file__).resolve().parents[2] / "content" / "banks" / "fractions-and-ratios.md"
PARSED = examine(BANK.read_text(encoding="utf-8"), BANK.stem)
ITEMS = {item.id: item for item in PARSED.bank.items}
SKILLS = {
    "4.NF.A.1": (),
    "4.NF.A.2": ("4.NF.A.1",),
    "4.NF.B.3": ("4.NF.A.1",),
    "4.NF.B.4": (),
    "5.NF.A.1": ("4.NF.A.1", "4.NF.B.3"),
    "5.NF.A.2": ("5.NF.A.1", "4.NF.A.2"),
    "5.NF.B.3": (),
    "5.NF.B.4": ("4.NF.B.4",),
    "5.NF.B.5": ("4.NF.A.1", "5.NF.B.4"),
    "5.NF.B.6": ("5.NF.B.4",),
    "5.NF.B.7": ("4.NF.B.4",),
    "6.NS.A.1": ("5.NF.B.7",),
    "6.RP.A.1": ("5.NF.B.5",),
    "6.RP.A.2": ("6.RP.A.1", "5.NF.B.3", "5.NF.B.7"),
    "6.RP.A.3a": ("6.RP.A.1",),
    "6.RP.A.3b": ("6.RP.A.2", "6.RP.A.3a"),
}
MISCONCEPTIONS = {
    "add-tops-and-bottoms",
    "keep-the-larger-denominator",
    "bigger-denominator-is-bigger",
    "add-tops-only",
    "additive-ratio",
    "part-part-for-part-whole",
}
LONGEST_SENTENCE = 8
CLASS_SIZE = 26


def bank() -> Bank:
    return PARSED.bank


def servings(name: str) -> Iterator[tuple[int, Item]]:
    """Give an item as every seed serves it: once when written, `SEEDS` times when generated."""
    item = ITEMS[name]
    seeds = SEEDS if isinstance(item, Generator) else 1
    return ((seed, realise(item, seed)) for seed in range(seeds))


def typed(item: Item, solution: Fraction | str) -> dict[str, str]:
    kind = item.answer.kind
    field = {"fraction": "text", "line": "point"}.get(kind, kind)
    return {field: str(solution)}


def accepted(choice: Choice, solution: Solution) -> list[str]:
    """List the options that a solution says are right."""
    holds = solution if callable(solution) else lambda option: evaluate(option) == solution
    return [option.text for option in choice.options if holds(option.text)]


def mistaken_nudges(item: Item) -> list[tuple[str | None, str | None]]:
    """List misconception and nudge of every slip that the author expects."""
    slips = [(option.misconception, option.nudge) for option in options_of(item.answer) if not option.correct]
    return slips + [(mistake.misconception, mistake.nudge) for mistake in mistakes_of(item.answer)]


def agrees(item: Item, solve: Callable[..., Any]) -> bool:
    """Whether an answer of several parts is what its solver says, part by part."""
    answer = item.answer
    if isinstance(answer, Several):
        return all(solve(item.stem, option.text) == option.correct for option in answer.options)
    if isinstance(answer, Ordering):
        worth = [solve(item.stem, thing) for thing in answer.things]
        return worth == sorted(set(worth))
    if isinstance(answer, Gaps) and answer.kind == "cloze":
        return solve(item.stem) == [gap.options[gap.right] for gap in answer.gaps]
    if isinstance(answer, Gaps):
        return all(solve(item.stem, gap.before, gap.options) == gap.options[gap.right] for gap in answer.gaps)
    if isinstance(answer, Plot):
        return solve(item.stem) == set(answer.points)
    assert isinstance(answer, Table)
    given = [[evaluate(cell) if isinstance(cell, str) else None for cell in row] for row in answer.rows[1:]]
    asked = [[cell for cell in row if not isinstance(cell, str)] for row in answer.rows[1:]]
    return [solve(row, given[0]) for row in given if None in row] == [row for row in asked if row]


def test_the_check_finds_nothing_at_all():
    assert PARSED.findings == ()


def test_every_item_has_a_solver_and_every_solver_an_item():
    assert SOLVERS.keys() | PARTS.keys() == ITEMS.keys()
    assert not SOLVERS.keys() & PARTS.keys()


@pytest.mark.parametrize("name", PARTS)
def test_every_part_is_what_the_question_says(name):
    for seed, item in servings(name):
        assert answers.parts(item.answer) > 1
        assert agrees(item, PARTS[name]), (seed, item.stem, item.answer)


def test_every_answer_type_is_asked_for_by_three_items():
    kinds = Counter(item.answer.kind for item in bank().items)
    assert {kind: count for kind, count in kinds.items() if count < 3} == {}
    assert set(kinds) == set(KINDS)


@pytest.mark.parametrize("name", SOLVERS)
def test_the_key_is_what_the_question_says(name):
    for seed, item in servings(name):
        solution = SOLVERS[name](ask(item))
        if isinstance(item.answer, Choice):
            right = [option.text for option in item.answer.options if option.correct]
            assert accepted(item.answer, solution) == right, (seed, item.stem)
            assert answers.mark(item, answers.key(item, seed=seed), seed=seed).status == "right"
        else:
            assert not callable(solution)
            mark = answers.mark(item, typed(item, solution), seed=seed)
            assert mark.status == "right", (seed, item.stem, item.answer, solution, mark)


@pytest.mark.parametrize("name", ITEMS)
def test_an_expected_slip_is_marked_as_that_slip(name):
    for seed, item in servings(name):
        for mistake in mistakes_of(item.answer):
            mark = answers.mark(item, typed(item, mistake.value), seed=seed)
            assert (mark.status, mark.misconception) == ("wrong", mistake.misconception), (seed, item.stem, mistake)


@pytest.mark.parametrize("name", [name for name, item in ITEMS.items() if isinstance(item, Generator)])
def test_a_whole_class_can_get_different_numbers(name):
    assert len({(item.stem, item.answer) for _, item in servings(name)}) >= CLASS_SIZE


def test_no_two_options_are_worth_the_same():
    for name in ITEMS:
        for seed, item in servings(name):
            texts = ask(item).options
            assert len(set(texts)) == len(texts), (name, seed, texts)
            if all(re.fullmatch(r"\$[^<>=]*\d[^<>=]*\$|[\d :]+", text) for text in texts):
                values = [evaluate(text) for text in texts]
                repeated = {value for value, times in Counter(values).items() if times > 1}
                assert not repeated, (name, seed, texts)


def test_the_skills_and_prerequisites_are_those_of_the_demo():
    assert {skill.code: skill.prerequisites for skill in bank().skills} == SKILLS
    assert all(skill.example for skill in bank().skills)


@pytest.mark.parametrize("code", SKILLS)
def test_a_skill_has_written_and_generated_items_of_both_kinds_from_easy_to_hard(code):
    items = [item for item in bank().items if item.skill == code]
    kinds = Counter(type(item) for item in items)
    assert (kinds[Item], kinds[Generator]) == (6, 4)
    answer_kinds = {item.answer.kind for item in items}
    assert "choice" in answer_kinds
    assert answer_kinds & {"number", "fraction"}
    levels = [item.difficulty for item in items if item.difficulty is not None]
    assert len(levels) == len(items)
    assert max(levels) - min(levels) >= 2.5


def test_later_grades_are_harder_on_average():
    means = []
    for grade in "456":
        levels = [item.difficulty for item in bank().items if item.skill[0] == grade and item.difficulty is not None]
        means.append(sum(levels) / len(levels))
    assert means == sorted(means)
    assert -1 < means[0] < 0 < means[2] < 1


def test_a_written_item_has_a_generated_sibling_or_stands_alone():
    generated = {item.id: item.skill for item in bank().items if isinstance(item, Generator)}
    for item in bank().items:
        assert item.family == item.id or generated[item.family] == item.skill, item.id


def test_no_two_items_ask_the_same():
    stems = Counter((item.stem, str(item.answer)) for _, item in (next(servings(name)) for name in ITEMS))
    assert max(stems.values()) == 1


@pytest.mark.parametrize("name", ITEMS)
def test_hints_end_in_a_worked_step_and_a_solution_follows(name):
    for _, item in servings(name):
        assert len(item.hints) == 3
        assert re.search(r"\d", item.hints[-1]), item.hints
        assert item.solution


def test_each_misconception_is_offered_by_several_items():
    assert {misconception.id for misconception in bank().misconceptions} == MISCONCEPTIONS
    firsts = (next(servings(name))[1] for name in ITEMS)
    offers = Counter(misconception for item in firsts for misconception in {tag for tag, _ in mistaken_nudges(item)})
    assert min(offers[misconception] for misconception in MISCONCEPTIONS) >= 6, offers


def sentences(text: str) -> list[list[str]]:
    return [words for part in re.split(r"[.?!:]", text) if (words := re.findall(r"[\w'-]+", part))]


def test_nudges_are_short_and_kind():
    nudges = {misconception.nudge for misconception in bank().misconceptions}
    for name in ITEMS:
        for _, item in servings(name):
            nudges |= {nudge for _, nudge in mistaken_nudges(item) if nudge}
    for nudge in nudges:
        assert max(map(len, sentences(nudge))) <= LONGEST_SENTENCE, nudge


def test_every_expected_slip_has_something_to_say():
    for name in ITEMS:
        for misconception, nudge in mistaken_nudges(next(servings(name))[1]):
            assert misconception or nudge, name


def test_no_word_for_students_is_unkind():
    text = BANK.read_text(encoding="utf-8").casefold()
    assert not re.findall(r"\b(wrong|fail\w*|incorrect|mistake|error|stupid|bad)\b", text)


def test_sentences_of_questions_are_short():
    for name in ITEMS:
        _, item = next(servings(name))
        prose = re.sub(r"\$[^$]*\$", "0", re.sub(r"^\|.*$", "", item.stem, flags=re.MULTILINE))
        for words in sentences(prose):
            assert len(words) <= 24, (name, words)
