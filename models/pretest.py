"""Whether a newly calibrated item may be served on its own numbers, and if not, why not, in words."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite


@dataclass(frozen=True, slots=True)
class Trial:
    """What a pretest found out about one item.

    Parameters
    ----------
    a, b : float
        Discrimination per logit and difficulty in logits; may be NaN where the fit failed.
    b_se : float
        Standard error of b in logits.
    answers : int
        First answers it was fitted on.
    right : int
        How many of them were right.
    infit : float
        Weighted mean square of residuals; 1 where the item behaves as the model says.
    """

    a: float
    b: float
    b_se: float
    answers: int
    right: int
    infit: float


@dataclass(frozen=True, slots=True)
class Gate:
    """Bounds that a pretested item has to keep.

    Parameters
    ----------
    least_answers : int
    least_of_each : int
        Right answers, and wrong ones, there must be.
    a : (low, high)
        Per logit; below, the item hardly tells able students from others.
    reach : float
        Largest size of b in logits.
    largest_se : float
        Of b, in logits.
    infit : (low, high)
        After Wright & Linacre (1994), Reasonable mean-square fit values, Rasch Measurement
        Transactions 8(3), for ordinary multiple choice.
    """

    least_answers: int = 100
    least_of_each: int = 10
    a: tuple[float, float] = (0.3, 4.0)
    reach: float = 4.0
    largest_se: float = 0.35
    infit: tuple[float, float] = (0.7, 1.3)


def reasons_against(trial: Trial, gate: Gate | None = None) -> tuple[str, ...]:
    """Why the item cannot be accepted yet; empty if it can.

    Examples
    --------
    >>> reasons_against(Trial(a=1.1, b=0.3, b_se=0.2, answers=240, right=130, infit=1.02))
    ()
    >>> reasons_against(Trial(a=1.1, b=0.3, b_se=0.5, answers=60, right=30, infit=1.02))
    ('60 answers are too few, 100 are needed', 'the standard error of its difficulty is 0.50, at most 0.35 is accepted')
    """
    bounds = gate or Gate()
    found = _too_few(trial, bounds)
    if not all(map(isfinite, (trial.a, trial.b, trial.b_se, trial.infit))):
        return (*found, "its parameters could not be estimated")
    return (*found, *_out_of_bounds(trial, bounds))


def _too_few(trial: Trial, gate: Gate) -> list[str]:
    found = []
    if trial.answers < gate.least_answers:
        found.append(f"{trial.answers} answers are too few, {gate.least_answers} are needed")
    if trial.right < gate.least_of_each:
        found.append(f"only {trial.right} answers were right, {gate.least_of_each} are needed")
    wrong = trial.answers - trial.right
    if wrong < gate.least_of_each:
        found.append(f"only {wrong} answers were wrong, {gate.least_of_each} are needed")
    return found


def _out_of_bounds(trial: Trial, gate: Gate) -> list[str]:
    found = []
    if trial.a <= 0.0:
        found.append("able students do worse on it than others; check its key")
    elif not gate.a[0] <= trial.a <= gate.a[1]:
        found.append(f"its discrimination is {trial.a:.2f}, outside {gate.a[0]} to {gate.a[1]}")
    if abs(trial.b) > gate.reach:
        found.append(f"its difficulty is {trial.b:.2f}, beyond {gate.reach} logits")
    if not 0.0 < trial.b_se <= gate.largest_se:
        found.append(f"the standard error of its difficulty is {trial.b_se:.2f}, at most {gate.largest_se} is accepted")
    if not gate.infit[0] <= trial.infit <= gate.infit[1]:
        found.append(f"its fit (infit) is {trial.infit:.2f}, outside {gate.infit[0]} to {gate.infit[1]}")
    return found
