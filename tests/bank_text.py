"""A small bank for tests: two skills that need a third, written items and generators of every answer type."""

SKILLS = ("A.1", "A.2", "B.1")


def _items(skill: str, low: float) -> str:
    slug = skill.lower().replace(".", "")
    written = "\n".join(
        f"""
## {slug}-choice-{n}
answer: choice
difficulty: {low + 0.25 * n:.2f}

Item {n} of {skill}: which is ${n}+{n}$?

### Answer
- [x] {2 * n}
- [ ] {n}{n} {{glued}}
- [ ] {n * n + 7} Count again.

### Hints
1. Think of {n} twice.
2. Count on from {n}.

### Solution
${n}+{n}={2 * n}$.
"""
        for n in range(1, 9)
    )
    generated = "\n".join(
        f"""
## {slug}-gen-{n}
answer: {kind}
difficulty: {low + 0.3 * n:.2f}
param a: 1..9
param b: 2..9
where: gcd(a, b) == 1

Generator {n} of {skill}: work out $[[a]]\\cdot{n} / [[b]]$.

### Answer
= a * {n} / b
! a / b * {n} + 1 {{glued}}

### Hints
1. First multiply.

### Solution
It is $[[a * {n} / b]]$.
"""
        for n, kind in ((2, "number"), (3, "fraction"), (5, "fraction"), (7, "number"))
    )
    return written + generated


def bank_text(bank_id: str = "small") -> str:
    """Text of the small bank."""
    head = f"""---
id: {bank_id}
title: Small bank
grade: 4-6
language: en
licence: CC BY 4.0
source: Tests
skills:
  - code: A.1
    title: Doubling
  - code: A.2
    title: Adding
  - code: B.1
    title: Mixing
    prerequisites: [A.1, A.2]
misconceptions:
  - id: glued
    title: Glues digits together
    nudge: Are you writing the digits side by side?
---
"""
    parts = []
    for skill, low in zip(SKILLS, (-1.5, -1.0, -0.5), strict=True):
        parts.append(f"# {skill}\nWorked example of {skill}: $2+2=4$.\n{_items(skill, low)}")
    return head + "\n".join(parts)
