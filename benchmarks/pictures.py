"""Draw the pictures of docs/measurement.md from the measurement's own functions: ``python -m benchmarks.pictures``.

Everything comes from fixed seeds, so the same code makes the same pictures, and a test finds one that is out of date.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from math import log, sqrt
from pathlib import Path

import numpy as np

from benchmarks.svg import GOLD, INK, LINE, MINUS, PLUM, RUST, SOFT, TEAL, Axis, Chart
from models.ability import moment_match
from models.irt import AUTHOR_SD, ItemParams, information, p_correct

FOLDER = Path(__file__).resolve().parents[1] / "docs" / "pictures"
ABILITY = Axis("ability, logits", -4.0, 4.0, range(-4, 5))
THETA = np.linspace(-4.0, 4.0, 161)
STUDENTS, ANSWERS, ITEMS = 1000, 30, 60
SHOWN = (1, 2, 5, 10, 20, 30)
SCATTERED, AFTER = 300, 15
AIM = 0.75
Z90 = 1.6448536269514722

EASY = ItemParams("2PL", a=1.0, b=-1.0)
SHARP = ItemParams("2PL", a=2.0, b=0.5)
GUESSED = ItemParams("3PL", a=1.3, b=1.0, c=0.25)
RATED = ItemParams("2PL", a=2.0, b=0.5, b_sd=AUTHOR_SD)


def response_curves() -> str:
    """What the parameters of an item mean."""
    chart = Chart(
        "The chance of a right answer rises with ability: by a steep curve, a flat one, one that starts at the chance "
        "of guessing, and one that is flatter because nobody has answered the item yet.",
        ABILITY,
        Axis("chance of a right answer", 0.0, 1.0, (0.0, 0.25, 0.5, 0.75, 1.0), "{:.0%}"),
    )
    chart.line(THETA, p_correct(THETA, GUESSED), RUST)
    chart.line(THETA, p_correct(THETA, EASY), TEAL)
    chart.line(THETA, p_correct(THETA, RATED), PLUM, dash="6 5")
    chart.line(THETA, p_correct(THETA, SHARP), PLUM)
    chart.name(0.98, f"a = 1, b = {MINUS}1", TEAL, dash="")
    chart.name(0.84, "a = 2, b = 0.5", PLUM, dash="")
    chart.name(0.70, "the same, as rated\nby its author", PLUM, dash="6 5")
    chart.name(0.50, "a = 1.3, b = 1,\nc = 0.25", RUST, dash="")
    return chart.svg()


def item_information() -> str:
    """Where an answer says most."""
    chart = Chart(
        "An answer says most about students near the item's difficulty: much from a steep item, less when its "
        "difficulty is only rated or it can be guessed.",
        ABILITY,
        Axis("information, 1/logit²", 0.0, 1.1, (0.0, 0.25, 0.5, 0.75, 1.0)),
    )
    chart.line(THETA, information(THETA, GUESSED), RUST)
    chart.line(THETA, information(THETA, EASY), TEAL)
    chart.line(THETA, information(THETA, RATED), PLUM, dash="6 5")
    chart.line(THETA, information(THETA, SHARP), PLUM)
    chart.name(1.0, "a = 2, b = 0.5", PLUM, dash="")
    chart.name(0.86, "the same, as rated\nby its author", PLUM, dash="6 5")
    chart.name(0.60, "a = 1.3, b = 1,\nc = 0.25", RUST, dash="")
    chart.name(0.35, f"a = 1, b = {MINUS}1", TEAL, dash="")
    return chart.svg()


def belief() -> str:
    """How what we believe about one student narrows."""
    truth, steps = 0.8, {0: LINE, 1: GOLD, 4: RUST, 10: PLUM, 30: TEAL}
    told = practise(truth, bank(), random.Random(4))
    chart = Chart(
        "What is believed about one simulated student of ability 0.8, before any answer and after 1, 4, 10 and 30: "
        "the curve grows narrower and moves to the truth.",
        ABILITY,
        Axis("density", 0.0, 1.4, (0.0, 0.5, 1.0)),
    )
    chart.line([truth, truth], [0.0, 1.4], SOFT, dash="3 4", width=1.5)
    for row, (number, colour) in enumerate(steps.items()):
        mean, variance = told[number]
        density = np.exp(-((THETA - mean) ** 2) / (2.0 * variance)) / sqrt(2.0 * np.pi * variance)
        chart.line(THETA, density, SOFT if number == 0 else colour)
        sure = f"{mean:.1f} ± {sqrt(variance):.1f}".replace("-", MINUS)
        words = "before any answer" if number == 0 else f"{number} answer{'s' if number > 1 else ''}: {sure}"
        chart.name(1.3 - 0.13 * row, words, SOFT if number == 0 else colour, dash="")
    chart.note(truth + 0.1, 1.3, "truth", anchor="start")
    return chart.svg()


def abilities() -> str:
    """Truth and estimate of many students."""
    found = simulated()
    truth, mean = found.truth[:SCATTERED], found.means[:SCATTERED, AFTER]
    rmse, agree = sqrt(np.mean((mean - truth) ** 2)), np.corrcoef(truth, mean)[0, 1]
    chart = Chart(
        f"True against estimated ability of {SCATTERED} simulated students after {AFTER} answers: the dots lie along "
        f"the line on which both are equal, with a correlation of {agree:.2f}.",
        Axis("true ability, logits", -3.5, 3.5, range(-3, 4)),
        Axis("estimate, logits", -3.5, 3.5, (-3, -2, -1, 0, 1, 2, 3), "{:g}"),
    )
    chart.line([-3.5, 3.5], [-3.5, 3.5], SOFT, width=1.5)
    chart.dots(truth, mean, TEAL, opacity=0.55)
    chart.name(2.9, f"{AFTER} answers each", INK)
    chart.name(2.2, f"correlation {agree:.2f}", INK)
    chart.name(1.5, f"typical error {rmse:.2f}", INK)
    return chart.svg()


def honesty() -> str:
    """Whether intervals hold the truth as often as they say, and how reliable estimates become."""
    found = simulated()
    numbers = range(1, ANSWERS + 1)
    chart = Chart(
        f"By number of answers, 1 to {ANSWERS}: the share of 90% intervals that hold the truth stays near 90%, while "
        f"the reliability of the estimates rises from {found.reliability(1):.2f} to {found.reliability(ANSWERS):.2f}.",
        Axis("answers of each student", 0.0, ANSWERS, (0, 5, 10, 15, 20, 25, 30)),
        Axis("share", 0.0, 1.0, (0.0, 0.25, 0.5, 0.75, 1.0), "{:.0%}"),
    )
    chart.line([0, ANSWERS], [0.9, 0.9], SOFT, dash="3 4", width=1.5)
    chart.line(numbers, [found.coverage(n) for n in numbers], RUST)
    chart.line(numbers, [found.reliability(n) for n in numbers], TEAL)
    chart.name(0.98, "90% intervals that\nhold the truth", RUST, dash="")
    chart.name(found.reliability(ANSWERS) - 0.05, "reliability", TEAL, dash="")
    return chart.svg()


PICTURES: Mapping[str, Callable[[], str]] = {
    "curves": response_curves,
    "information": item_information,
    "belief": belief,
    "abilities": abilities,
    "honesty": honesty,
}


@dataclass(frozen=True)
class Simulated:
    """Students of known ability, and what is believed of each before any answer and after each.

    Parameters
    ----------
    truth : ndarray of shape (n_students,)
    means, variances : ndarray of shape (n_students, ANSWERS + 1)
    """

    truth: np.ndarray
    means: np.ndarray
    variances: np.ndarray

    def error(self, answers: int) -> float:
        """Root mean square error of the estimates, logits."""
        return float(sqrt(np.mean((self.means[:, answers] - self.truth) ** 2)))

    def stated(self, answers: int) -> float:
        """Root mean square of the standard deviations that we state, logits."""
        return float(sqrt(self.variances[:, answers].mean()))

    def coverage(self, answers: int) -> float:
        """Share of 90% intervals that hold the truth."""
        off = np.abs(self.means[:, answers] - self.truth) / np.sqrt(self.variances[:, answers])
        return float(np.mean(off <= Z90))

    def reliability(self, answers: int) -> float:
        """Squared correlation of estimate and truth."""
        return float(np.corrcoef(self.means[:, answers], self.truth)[0, 1] ** 2)


@cache
def simulated() -> Simulated:
    """Let students with abilities N(0, 1) practise, each alone, on one skill."""
    truth = np.random.default_rng(20).normal(size=STUDENTS)
    items = bank()
    told = np.array([practise(theta, items, random.Random(n)) for n, theta in enumerate(truth.tolist())])
    return Simulated(truth, told[:, :, 0], told[:, :, 1])


@cache
def bank() -> tuple[ItemParams, ...]:
    """Calibrated items of all difficulties."""
    rng = np.random.default_rng(21)
    slopes, difficulties = rng.lognormal(0.0, 0.25, ITEMS), np.linspace(-3.0, 2.5, ITEMS)
    return tuple(ItemParams("2PL", a, b) for a, b in zip(slopes.tolist(), difficulties.tolist(), strict=True))


def practise(theta: float, items: tuple[ItemParams, ...], draws: random.Random) -> list[tuple[float, float]]:
    """Mean and variance of the belief after 0, 1, 2, ... answers to the items nearest to the aim."""
    mean, variance = 0.0, 1.0
    told, left = [(mean, variance)], list(items)
    for _ in range(ANSWERS):
        item = min(left, key=lambda one: abs(one.a * (mean - one.b) - log(AIM / (1.0 - AIM))))
        left.remove(item)
        right = draws.random() < float(p_correct(theta, item))
        mean, variance = moment_match(mean, variance, item, float(right))
        told.append((mean, variance))
    return told


def table() -> list[str]:
    """The figures behind `abilities` and `honesty`, as rows of a document."""
    found = simulated()
    head = [
        "| answers | typical error | error we state | 90% intervals that hold the truth | reliability |",
        "|---|---|---|---|---|",
    ]
    rows = [
        f"| {n} | {found.error(n):.2f} | {found.stated(n):.2f} | {found.coverage(n):.0%} | {found.reliability(n):.2f} |"
        for n in SHOWN
    ]
    return head + rows


def main() -> None:
    """Write every picture, and print the table."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, draw in PICTURES.items():
        path = FOLDER / f"{name}.svg"
        path.write_text(draw(), encoding="utf-8")
        print(f"{path.relative_to(FOLDER.parents[1])}  {path.stat().st_size // 1024 + 1} KB")
    print("\n".join(["", *table()]))


if __name__ == "__main__":
    main()
