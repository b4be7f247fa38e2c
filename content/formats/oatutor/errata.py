"""Faults of CAHLR/OATutor-Content that no rule can find: each was worked out by hand.

An entry names the step and the answer it has in the source; once the source mends the answer, the step is taken.
"""

ERRATA: dict[tuple[str, str], str] = {
    ("a10b60arealnumbers29a", "$$-2$$"): "the fourth root of -16 is no real number",
    ("a2ef97dGrphingQuads8b", "$$-1$$"): "it asks for the axis of symmetry, the key is the height of the vertex",
    ("a4a0f7dradicalroot4a", "$$7$$"): "the root of m + 9 equals m + 3 for m = 0, not for m = 7",
    ("a60a373solverat28a", "$$r=-6$$"): "-6 does not solve the equation",
    ("a7b6395A141-algprac-P11c", "$$\\frac{22}{9}$$"): "at x = 1/2 the fraction is 8/3, not 22/9",
    (
        "aeb975brationaldenom1a",
        "$$\\frac{6a-45}{\\left(a+9\\right) \\left(a+5\\right) \\left(a-9\\right)}$$, (5a**2 + 25a)/((a+9)(a+5)(a-9))",
    ): "six times a - 9 is 6a - 54, not 6a - 45",
}
"""Why the key is wrong, by step id and answer."""


def erratum(step: str, answers: tuple[str, ...]) -> str:
    """Say what is wrong with this step's key; empty when nothing is known."""
    return ERRATA.get((step, answers[0]), "") if answers else ""
