"""Whole sittings under all rules at once: families, enemies, ceilings, new items and mixed skills."""

from collections import Counter

import numpy as np
import pytest

from models.ability import Prior, prior_general, prior_skill, update
from models.balance import Enemies, due, interleaved, next_pretest, without_families
from models.exposure import within_ceiling
from models.irt import ItemParams, p_correct
from models.marginals import marginals
from models.selection import Pool, choose

SKILLS, FAMILIES, ITEMS, STUDENTS, LENGTH = 4, 80, 240, 150, 12
NEW = np.arange(ITEMS) % 5 == 4
SEEDED, CEILING = 0.2, 0.25
PRIOR = Prior(0.6, 0.4)
ENEMIES = Enemies.build(ITEMS, [(i, (i + 40) % ITEMS) for i in range(40)])


class Lesson:
    """A class that sits down one after the other, and what each was served."""

    def __init__(self, seed):
        self.rng = np.random.default_rng(seed)
        items = [ItemParams("2PL", 1.0, float(b)) for b in self.rng.normal(-0.3, 0.8, ITEMS)]
        family = np.arange(ITEMS) % FAMILIES
        self.pool = Pool.build(items, (family % SKILLS).tolist(), family.tolist(), range(ITEMS))
        self.items, self.served = items, np.zeros(ITEMS, dtype=np.int64)
        self.sittings = [self.sit(student) for student in range(1, STUDENTS + 1)]

    def sit(self, student):
        theta = self.rng.normal(0.0, 0.6**0.5) + self.rng.normal(0.0, 0.4**0.5, SKILLS)
        general, beliefs, taken = prior_general(PRIOR), [prior_skill(PRIOR)] * SKILLS, []
        for skill in interleaved(0, [1, 2, 3], LENGTH, self.rng):
            item = self.next(skill, taken, marginals(general, beliefs), student)
            taken.append(item)
            self.served[item] += 1
            if not NEW[item]:
                score = float(self.rng.random() < p_correct(theta[skill], self.items[item]))
                general, beliefs[skill] = update(general, beliefs[skill], self.items[item], score)
        return taken

    def next(self, skill, taken, normals, student):
        fits = self.pool.mask(skills=[skill]) & without_families(self.pool.family, taken) & ENEMIES.mask(taken)
        seeds = fits & NEW
        if seeds.any() and due(int(NEW[taken].sum()), len(taken), SEEDED, self.rng):
            return next_pretest(self.served, seeds, self.rng)
        allowed = within_ceiling(self.served, student, CEILING, fits & ~NEW)
        return choose(self.pool, *normals, allowed=allowed, target=0.75, rng=self.rng)


@pytest.fixture(scope="module")
def lesson():
    return Lesson(11)


def test_no_two_siblings_and_no_enemies_meet_in_a_sitting(lesson):
    for taken in lesson.sittings:
        assert len(set(lesson.pool.family[taken])) == LENGTH
        assert not any(enemy in taken for item in taken for enemy in ENEMIES.of[item])


def test_no_item_is_seen_by_more_than_its_share(lesson):
    assert lesson.served[~NEW].max() <= CEILING * STUDENTS


def test_new_items_are_a_fifth_of_what_is_served_and_each_gets_about_the_same(lesson):
    seeded = [int(NEW[taken].sum()) for taken in lesson.sittings]
    assert sum(seeded) / (STUDENTS * LENGTH) == pytest.approx(SEEDED, abs=0.02)
    for skill in range(SKILLS):
        answers = lesson.served[NEW & (lesson.pool.skill == skill)]
        assert answers.max() - answers.min() <= 3


def test_the_order_of_skills_is_kept_whatever_else_has_to_be(lesson):
    skills = [lesson.pool.skill[taken].tolist() for taken in lesson.sittings]
    assert all(order[:3] == [0, 0, 0] and order[3] != 0 for order in skills)
    assert 0.2 < np.mean([skill != 0 for order in skills for skill in order[3:]]) < 0.45
    assert all(max(Counter(order).values()) < LENGTH for order in skills)
