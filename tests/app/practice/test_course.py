"""What comes next, as a pure function: properties that hold for any sitting, whatever a student answers."""

import json
import random
from copy import deepcopy
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import lru_cache
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.bank.catalogue import Catalogue
from app.bank.queries import ServedItem, SkillInfo
from app.base.policy import Policy
from app.practice.course import Course, Outlook, Pick, SkillView, choose, note
from content.schema import AnswerTemplate, Generator, Item, Number
from models.irt import ItemParams
from models.selection import Pool

POLICY = Policy()
A, B, C = 1, 2, 3
WRITTEN, GENERATED = 8, 4


@lru_cache
def catalogue(written: int = WRITTEN, generated: int = GENERATED) -> Catalogue:
    """Three skills, C built upon A and B, each with items from easy to hard."""
    items = []
    for skill in (A, B, C):
        for n in range(written + generated):
            version = skill * 100 + n
            made = Item("i", "s", "?", Number(Fraction(1))) if n < written else _generator()
            difficulty = -2.0 + skill * 0.3 + 3.0 * n / (written + generated)
            items.append(
                ServedItem(version, version + 1000, f"i{version}", skill, f"f{version}", made, _parameters(difficulty))
            )
    skills = {s: SkillInfo(s, f"S{s}", f"S{s}", "Example", 0.0, (A, B) if s == C else ()) for s in (A, B, C)}
    places = {skill: place for place, skill in enumerate(skills)}
    pool = Pool.build(
        [one.parameters for one in items],
        [places[one.skill_id] for one in items],
        list(range(len(items))),
        [one.version_id for one in items],
    )
    return Catalogue(
        1,
        1,
        1,
        tuple(items),
        {one.version_id: n for n, one in enumerate(items)},
        skills,
        places,
        {},
        pool,
        np.array([isinstance(one.content, Generator) for one in items]),
        {one.item_id: n for n, one in enumerate(items)},
    )


def _parameters(b: float) -> ItemParams:
    return ItemParams("2PL", 1.2, b, 0.0, 0.3)


def _generator() -> Generator:
    return Generator("g", "s", "?", AnswerTemplate("number", "1"), ())


@dataclass
class Student:
    """Someone who practises: what we believe grows and falls with the answers, crudely."""

    assigned: tuple[int, ...]
    course: Course = field(default_factory=Course)
    views: dict[int, SkillView] = field(default_factory=dict)
    means: dict[int, float] = field(default_factory=lambda: dict.fromkeys((A, B, C), 0.0))
    queued: list[dict[str, object]] = field(default_factory=list)
    picks: list[Pick] = field(default_factory=list)
    seed: int = 0
    known: Catalogue = field(default_factory=catalogue)

    def outlook(self) -> Outlook:
        means = np.array([self.means[skill] for skill in (A, B, C)])
        return Outlook(self.known, self.assigned, self.queued, self.views, means, np.full(3, 0.5), POLICY)

    def choose(self) -> Pick | None:
        return choose(self.course, self.outlook(), random.Random(f"{self.seed}:{len(self.course.items)}"))

    def serve(self) -> Pick | None:
        pick = self.choose()
        if pick is None:
            return None
        note(self.course, self.outlook(), pick)
        self.picks.append(pick)
        if pick.wish.queued is not None:
            del self.queued[pick.wish.queued]
        if self.course.example:  # it is shown before the item
            self.course.examples.append(self.course.example["skill"])
            self.course.example = {}
        return pick

    def answer(self, pick: Pick, *, right: bool) -> None:
        item = self.known.items[pick.place]
        view = self.views.get(item.skill_id, SkillView(0.5, 0, False))
        self.views[item.skill_id] = replace(view, scored=view.scored + 1)
        self.means[item.skill_id] += 0.15 if right else -0.15
        self.course.record(item.skill_id, missed=not right, policy=POLICY)
        if not right:
            self.course.ask_sibling(item.family, POLICY)

    def practise(self, answers: list[bool]) -> list[int]:
        """Skills served for these answers."""
        for right in answers:
            pick = self.serve()
            if pick is None:
                break
            self.answer(pick, right=right)
        return self.course.skills


some_answers = st.lists(st.booleans(), max_size=24)
assignments = st.permutations([A, B, C]).flatmap(lambda all_: st.integers(1, 3).map(lambda n: tuple(all_[:n])))
seeds = st.integers(0, 10_000)
quick = settings(max_examples=60, deadline=None)


@quick
@given(some_answers, assignments.filter(lambda one: len(one) > 1), seeds)
def test_no_skill_comes_more_than_three_times_in_a_row_while_there_are_others(
    answers: list[bool], assigned: tuple[int, ...], seed: int
) -> None:
    student = Student(assigned, seed=seed)
    student.practise(answers)
    for place in range(3, len(student.course.skills)):
        four = student.course.skills[place - 3 : place + 1]
        if len(set(four)) == 1:
            before = student.course.skills[:place]
            others = [s for s in assigned if s != four[0] and s not in student.course.stopped]
            assert all(before.count(other) >= POLICY.practice.most_per_skill for other in others)


@quick
@given(some_answers, assignments, seeds)
def test_no_skill_that_is_not_mastered_has_more_than_ten_items(
    answers: list[bool], assigned: tuple[int, ...], seed: int
) -> None:
    skills = Student(assigned, seed=seed).practise([*answers, *[False, True] * 20])
    assert max(map(skills.count, (A, B, C))) <= POLICY.practice.most_per_skill


@quick
@given(some_answers, assignments, seeds)
def test_probes_lie_four_items_apart_and_near_the_cut(
    answers: list[bool], assigned: tuple[int, ...], seed: int
) -> None:
    student = Student(assigned, seed=seed)
    student.practise(answers)
    probes = [n for n, pick in enumerate(student.picks) if pick.wish.purpose == "probe"]
    assert all(later - earlier >= POLICY.practice.probe_every for earlier, later in pairwise(probes))
    for place in probes:
        item = student.known.items[student.picks[place].place]
        assert item.parameters.b >= -POLICY.mastery.hard_margin


@quick
@given(assignments.filter(lambda one: len(one) > 1), seeds)
def test_a_student_who_does_well_gets_a_probe_every_fourth_item_or_so(assigned: tuple[int, ...], seed: int) -> None:
    student = Student(assigned, seed=seed)
    student.practise([True] * 16)
    probes = [pick for pick in student.picks if pick.wish.purpose == "probe"]
    assert len(probes) >= 2


@quick
@given(some_answers, assignments, seeds)
def test_a_new_skill_opens_with_core_items_in_a_row(answers: list[bool], assigned: tuple[int, ...], seed: int) -> None:
    student = Student(assigned, seed=seed)
    skills = student.practise([True, True, True, *answers])
    assert student.picks[0].wish.purpose == "core"
    assert skills[:3] == [assigned[0]] * 3
    for skill in set(skills):
        first = student.picks[skills.index(skill)]
        assert first.wish.purpose in ("core", "easier")  # easier: a step back to a prerequisite


@quick
@given(some_answers, assignments, seeds)
def test_choosing_changes_nothing_and_gives_the_same_again(
    answers: list[bool], assigned: tuple[int, ...], seed: int
) -> None:
    student = Student(assigned, seed=seed)
    student.practise(answers)
    before = deepcopy(student.course)
    assert student.choose() == student.choose()
    assert student.course == before


@quick
@given(some_answers, assignments, seeds)
def test_a_course_survives_storage_and_shares_nothing_with_what_is_stored(
    answers: list[bool], assigned: tuple[int, ...], seed: int
) -> None:
    student = Student(assigned, seed=seed)
    student.practise(answers)
    stored = json.loads(json.dumps(student.course.to_json()))
    again = Course.from_json(stored)
    assert again == student.course
    untouched = deepcopy(stored)
    student.course = again
    student.practise([True, False, True])
    assert stored == untouched


@quick
@given(some_answers, assignments, seeds)
def test_a_stored_sitting_goes_on_exactly_as_one_in_memory(
    answers: list[bool], assigned: tuple[int, ...], seed: int
) -> None:
    whole, stored = Student(assigned, seed=seed), Student(assigned, seed=seed)
    whole.practise(answers)
    for right in answers:
        stored.course = Course.from_json(json.loads(json.dumps(stored.course.to_json())))
        stored.practise([right])
    assert [(pick.place, pick.seed) for pick in whole.picks] == [(pick.place, pick.seed) for pick in stored.picks]


@quick
@given(some_answers, assignments, seeds)
def test_no_written_item_comes_twice_while_others_are_unseen_and_no_family_twice_in_a_row(
    answers: list[bool], assigned: tuple[int, ...], seed: int
) -> None:
    student = Student(assigned, seed=seed)
    student.practise(answers)
    items = student.course.items
    written = [one for one in items if not student.known.generators[student.known.by_item[one]]]
    assert len(written) == len(set(written))
    assert all(before != after for before, after in pairwise(items))


@quick
@given(st.lists(st.booleans(), min_size=8, max_size=20), seeds)
def test_a_missed_generator_comes_back_three_to_six_items_later_with_other_numbers(
    answers: list[bool], seed: int
) -> None:
    student = Student((A, B, C), seed=seed, known=catalogue(0, 8))
    asked: dict[str, int] = {}
    for right in answers:
        pick = student.serve()
        if pick is None:
            break
        item = student.known.items[pick.place]
        if pick.wish.family is not None:
            later = len(student.course.items) - asked.pop(item.family)
            assert POLICY.practice.sibling_after <= later <= POLICY.practice.sibling_before
        if not right and item.family not in student.course.asked:
            asked[item.family] = len(student.course.items)
        student.answer(pick, right=right)


@quick
@given(some_answers, st.lists(st.sampled_from([A, B, C, 99]), min_size=1, max_size=5), seeds)
def test_what_is_queued_is_served_first_and_each_entry_once(answers: list[bool], wanted: list[int], seed: int) -> None:
    student = Student((A, B), seed=seed)
    student.practise([True, True])
    student.queued = [{"skill": skill, "purpose": f"check-{n}", "target": 0.6} for n, skill in enumerate(wanted)]
    known = [n for n, skill in enumerate(wanted) if skill != 99]
    student.practise([True] * len(known))
    served = [pick.wish.purpose for pick in student.picks[2:]]
    assert sorted(served[: len(known)]) == sorted(f"check-{n}" for n in known) or _worn(wanted)
    assert [entry["skill"] for entry in student.queued] == [99] * wanted.count(99) or _worn(wanted)


def _worn(wanted: list[int]) -> bool:
    """Whether one skill is queued so often that serving it all at once would be too long a run."""
    return max(wanted.count(skill) for skill in (A, B, C)) + 2 > POLICY.practice.longest_run


@quick
@given(some_answers, seeds)
def test_a_skill_that_stopped_does_not_come_again(answers: list[bool], seed: int) -> None:
    student = Student((A, B), seed=seed, course=Course(stopped=[A]))
    assert A not in student.practise(answers)


@quick
@given(seeds)
def test_with_everything_stopped_or_used_up_there_is_nothing_to_do(seed: int) -> None:
    assert Student((A,), seed=seed, course=Course(stopped=[A])).choose() is None
    assert Student((), seed=seed).choose() is None
    assert Student((42,), seed=seed).choose() is None


@quick
@given(seeds, st.lists(st.booleans(), max_size=6))
def test_reviews_that_are_due_come_first_each_once(seed: int, answers: list[bool]) -> None:
    student = Student((C,), seed=seed, course=Course(reviews=[B, A]))
    student.views = {A: SkillView(0.95, 6, True), B: SkillView(0.95, 6, True)}
    student.practise([True, True, *answers])
    assert [pick.wish.purpose for pick in student.picks[:2]] == ["review", "review"]
    assert student.course.skills[:2] == [B, A]
    assert student.course.reviews == []


@quick
@given(seeds)
def test_three_misses_call_for_the_worked_example_and_three_more_stop_the_skill(seed: int) -> None:
    student = Student((A, B), seed=seed)
    shown = 0
    for _ in range(30):
        pick = student.serve()
        if pick is None:
            break
        skill = student.known.items[pick.place].skill_id
        shown += student.course.examples.count(A)
        student.answer(pick, right=skill != A)
    assert student.course.examples.count(A) == 2  # when it opened, and after three misses
    assert student.course.stopped == [A]
    assert student.course.skills.count(A) == 6


@quick
@given(st.floats(0.2, 1.2), assignments, seeds)
def test_core_items_aim_at_three_out_of_four_wherever_the_student_stands(
    mean: float, assigned: tuple[int, ...], seed: int
) -> None:
    student = Student(assigned, seed=seed, means=dict.fromkeys((A, B, C), mean))
    first = student.serve()
    assert first is not None
    assert first.expected == pytest.approx(POLICY.practice.target_success, abs=0.1)


def test_every_tenth_item_comes_from_those_that_are_not_calibrated_and_is_as_hard_as_due() -> None:
    """Half of the items are new: they get half of the other places, and nearly all of these."""
    large = catalogue(written=40)
    fresh = np.arange(len(large.items)) % 2 == 1
    practice = POLICY.practice
    served: dict[bool, list[Pick]] = {True: [], False: []}
    for seed in range(60):
        student = Student((A, B, C), seed=seed, known=replace(large, fresh=fresh))
        student.practise([True, False] * 12)
        for number, pick in enumerate(student.picks, start=1):
            if pick.wish.purpose == "core":
                served[number % practice.pretest_every == 0].append(pick)
    share = {due: np.mean([fresh[pick.place] for pick in picks]) for due, picks in served.items()}
    assert share[True] > 0.9
    assert share[False] < 0.65
    seeded = [pick.expected for pick in served[True] if fresh[pick.place]]
    assert np.mean([practice.lowest_success <= chance <= practice.highest_success for chance in seeded]) > 0.9


def test_a_bank_in_which_nothing_is_calibrated_is_served_as_ever() -> None:
    plain = Student((A, B), seed=3)
    told = Student((A, B), seed=3, known=replace(catalogue(), fresh=None))
    assert plain.practise([True, False] * 8) == told.practise([True, False] * 8)
    assert [pick.place for pick in plain.picks] == [pick.place for pick in told.picks]
