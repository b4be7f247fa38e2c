"""What the rules of practice do to students whose ability is known: who reaches Got it, after how many items.

Simulated students so far above or below the mastery cut of a skill practise it for 20 items, on as many days as that
takes, just as the application has them do it: the same choice of the next item (`app.practice.course`), the same
beliefs and the same rule for Got it (`app.practice.progress`). Nobody learns, guesses or takes hints, so that every Got
it below the cut is a false one. Items are calibrated, a ~ lognormal(0, .3), b ~ N(m, 1) with m such that the average
student succeeds on the typical item as often as practice aims at; students are N(0, 1), their other skills as probable
as the tree of abilities makes them given this one.

Students come in two ways: after a week of practising three other skills, as nearly always in a school year, and as
newcomers of whom nothing is known. The last line gives the first; the table shows both.

Run ``python -m benchmarks.policy [--quick] [--drill]``.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from statistics import fmean

import numpy as np

from app.bank.catalogue import Catalogue
from app.bank.queries import ServedItem, SkillInfo
from app.base.draws import repeatable
from app.base.policy import Policy
from app.practice.course import Course, choose, note
from app.practice.progress import Evidence, Standing, learn, newcomer, settle, untouched
from app.practice.service.serving import outlook
from content.schema import Item, Number
from models.irt import ItemParams, p_correct
from models.selection import Pool
from models.sitting import Site

SKILL, OTHERS = 1, (2, 3, 4)
EACH = 60
"""Items of a skill."""
BANKS = 8
ITEMS, SITTING = 20, 15
LEVELS = {"minus_one": -1.0, "minus_half": -0.5, "at": 0.0, "plus_half": 0.5, "plus_one": 1.0}
"""Distance of the ability from the cut in standard deviations of the students, who are N(0, 1)."""
TARGETS = {
    "success_rate": "0.70 to 0.85",
    "false_got_it_minus_half": "<= 0.06",
    "false_got_it_minus_one": "<= 0.02",
    "got_it_plus_half": ">= 0.60",
    "got_it_plus_one": ">= 0.90",
    "items_to_got_it_plus_one": "<= 8",
}
MONDAY = datetime(2026, 9, 7, 9, tzinfo=UTC)
BETWEEN = timedelta(seconds=40)


@dataclass
class Practised:
    """What became of one student: every answer, those in the skill, and after how many of them Got it was reached."""

    right: list[bool] = field(default_factory=list)
    all: list[bool] = field(default_factory=list)
    got_it_after: int | None = None


@dataclass(frozen=True)
class Row:
    """What became of the students of one ability.

    Parameters
    ----------
    got_it : float
        Share who reached Got it within 20 items.
    items : float
        Mean number of items until then; 0 where nobody got there.
    success : float
        Mean share of right answers, over the students.
    """

    got_it: float
    items: float
    success: float

    @classmethod
    def of(cls, students: Sequence[Practised]) -> Row:
        """Summarise students."""
        after = [each.got_it_after for each in students if each.got_it_after is not None]
        success = fmean(fmean(each.all) for each in students)
        return cls(len(after) / len(students), fmean(after) if after else 0.0, success)


def catalogue(rng: np.random.Generator, policy: Policy) -> Catalogue:
    """Draw a bank of four skills, none the prerequisite of another."""
    items, b_of = [], {}
    for skill in (SKILL, *OTHERS):
        b_of[skill] = rng.normal(size=EACH) - _logit(policy.practice.target_success)
        for place, b in enumerate(b_of[skill]):
            version = skill * 1000 + place
            parameters = ItemParams("2PL", float(rng.lognormal(0.0, 0.3)), float(b))
            content = Item(f"i{version}", f"S{skill}", "?", Number(Fraction(1)))
            items.append(ServedItem(version, version, f"i{version}", skill, f"f{version}", content, parameters))
    above = _logit(policy.mastery.cut_chance)
    skills = {
        skill: SkillInfo(skill, f"S{skill}", f"S{skill}", "Example", float(b.mean()) + above, ())
        for skill, b in b_of.items()
    }
    places = {skill: place for place, skill in enumerate(skills)}
    pool = Pool.build(
        [one.parameters for one in items],
        [places[one.skill_id] for one in items],
        range(len(items)),
        [one.version_id for one in items],
    )
    return Catalogue(
        1,
        1,
        1,
        tuple(items),
        {one.version_id: place for place, one in enumerate(items)},
        skills,
        places,
        {},
        pool,
        np.zeros(len(items), dtype=np.bool_),
        {one.item_id: place for place, one in enumerate(items)},
    )


def _logit(chance: float) -> float:
    return float(np.log(chance / (1.0 - chance)))


@dataclass
class Student:
    """A student whose abilities are known to us and not to the application."""

    bank: Catalogue
    abilities: dict[int, float]
    rng: np.random.Generator
    policy: Policy
    number: int
    standing: Standing
    done: Practised = field(default_factory=Practised)
    seen: list[int] = field(default_factory=list)

    def practise(self, known: bool) -> Practised:
        """Practise other skills for a week if the student shall be known, then this one on as many days as it takes."""
        for day, skill in enumerate(OTHERS if known else ()):
            self.sit([skill], MONDAY + timedelta(days=day), f"{self.number}:before:{day}")
        day = 7
        while len(self.done.right) < ITEMS and day < 7 + ITEMS:
            self.sit([SKILL], MONDAY + timedelta(days=day), f"{self.number}:{day}")
            day += 1
        return self.done

    def sit(self, assigned: list[int], now: datetime, seed: str) -> None:
        """Practise until the sitting is over, its items are used up, or nothing is left to do."""
        course = Course(recent=list(self.seen))
        heard: list[tuple[int, Evidence]] = []
        said: list[Site] = []
        for place in range(SITTING):
            if len(self.done.right) >= ITEMS:
                break
            now += BETWEEN
            view = outlook(self.bank, self.standing, assigned, (), now, self.policy)
            pick = choose(course, view, repeatable(seed, place))
            if pick is None:
                break
            note(course, view, pick)
            item = self.bank.items[pick.place]
            right = bool(self.rng.random() < p_correct(self.abilities[item.skill_id], item.parameters))
            said.append(self.hear(course, item, right, now))
            heard.append((item.skill_id, Evidence(item.parameters, float(right), True, 0.0, now)))
        self.standing = settle(self.standing, heard, said)
        self.seen += course.items

    def hear(self, course: Course, item: ServedItem, right: bool, now: datetime) -> Site:
        """Let the application hear an answer."""
        skill = item.skill_id
        before = self.standing.skills.get(skill) or untouched(self.policy)
        evidence = Evidence(item.parameters, float(right), True, self.bank.skills[skill].cut, now)
        general, progress, site = learn(self.standing.general, before, evidence, self.policy)
        self.standing = Standing(general, {**self.standing.skills, skill: progress})
        course.record(skill, missed=not right, policy=self.policy)
        self.done.all.append(right)
        if skill == SKILL:
            self.done.right.append(right)
        if skill == SKILL and progress.got_it_at is not None and self.done.got_it_after is None:
            self.done.got_it_after = len(self.done.right)
        return site


def draw(bank: Catalogue, level: float, number: int, rng: np.random.Generator, policy: Policy) -> Student:
    """Draw a student so far from the cut in the skill; the other skills are as probable as that makes them."""
    common, own = policy.practice.general_variance, policy.practice.skill_variance
    theta = bank.skills[SKILL].cut + level * float(np.sqrt(common + own))
    share = common / (common + own)
    general = share * theta + float(rng.normal() * np.sqrt(common * (1.0 - share)))
    others = {skill: general + float(rng.normal() * np.sqrt(own)) for skill in OTHERS}
    return Student(bank, {SKILL: theta, **others}, rng, policy, number, newcomer(policy))


def measure(students: int, known: bool) -> dict[str, Row]:
    """Let so many students of each ability practise, the same number in each of several banks."""
    policy, rng = Policy(), np.random.default_rng(11)
    banks = [catalogue(rng, policy) for _ in range(BANKS)]
    return {
        name: Row.of(
            [
                draw(bank, level, place * students + each, rng, policy).practise(known)
                for place, bank in enumerate(banks)
                for each in range(students // BANKS)
            ]
        )
        for name, level in LEVELS.items()
    }


def figures(rows: dict[str, Row]) -> dict[str, float]:
    """Figures under the names of the targets."""
    found = {"success_rate": fmean(row.success for row in rows.values())}
    found |= {f"{'got_it' if LEVELS[name] >= 0 else 'false_got_it'}_{name}": row.got_it for name, row in rows.items()}
    found["items_to_got_it_plus_one"] = rows["plus_one"].items
    found |= {f"success_{name}": row.success for name, row in rows.items()}
    return {name: round(figure, 3) for name, figure in found.items()}


def main() -> None:
    """Print the tables and, as the last line, the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="fewer students")
    parser.add_argument("--drill", action="store_true", help="many students")
    asked = parser.parse_args()
    students = 80 if asked.quick else 2000 if asked.drill else 400
    found: dict[str, Row] = {}
    for known in (False, True):
        found = measure(students, known)
        print("After a week of other skills" if known else "Newcomers")
        print(f"{'SD from the cut':>16}{'got it':>9}{'items':>8}{'success':>9}")
        for name, row in found.items():
            print(f"{LEVELS[name]:>+16}{row.got_it:>9.3f}{row.items:>8.2f}{row.success:>9.3f}")
    print("targets: " + ", ".join(f"{name} {wanted}" for name, wanted in TARGETS.items()))
    print(json.dumps({"benchmark": "policy", "figures": figures(found), "peers": {}}))


if __name__ == "__main__":
    main()
