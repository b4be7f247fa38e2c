"""Calibration: item parameters by marginal maximum likelihood from sparse answers.

Students are a sample from a normal population (one for each group), so their abilities are
integrated out on an even grid and only items are estimated: Bock-Aitkin EM, accelerated, with
priors that keep items few have answered in bounds. `fixed` items keep their parameters and carry
the scale; without them the first group is N(0, 1).
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from math import inf

import numpy as np

from models import em_priors
from models.em_errors import Errors, standard_errors
from models.em_kernels import Floats, Integers
from models.em_layout import GRID_EDGE, POLYTOMOUS, Fitted, Kind, Layout, row_of, shards, start_values, tally
from models.em_loop import Fit, Problem, fit
from models.em_priors import Priors
from models.em_update import STEEPEST, State
from models.executors import InThisProcess, Mapper
from models.irt import ItemParams
from models.polytomous import PolyParams
from models.responses import Responses

POINTS = 48
"""Spacing .26 logits. A whole number of processor vectors; the sum over an even grid is exact to four digits
for posteriors as narrow as .2 logits."""
MANY_ANSWERS = 150_000
"""From here on tables are kept in single precision: rounding moves no parameter's fourth decimal."""
FLAT = 0.2
"""Slopes below tell so little about ability that the item deserves a look."""
FEW_ANSWERS = 30
"""Answers below which an estimate leans on its prior."""


@dataclass(frozen=True, slots=True)
class Item:
    """What calibration found out about one item.

    Parameters
    ----------
    params : ItemParams, PolyParams or None
        None where the slope is not positive: such an item ranks students backwards. b_sd is the standard error
        of b where errors were asked for.
    slope : float
        a, whatever its sign.
    intercepts : tuple of float
        -a b of each threshold; they stay finite where a is near 0 and b means nothing.
    a_se, c_se : float or None
    intercept_se, b_se : tuple of float or None
        Standard errors; None where not asked for or the item was fixed.
    answers : int
    settled : bool
        Whether the last cycle moved none of its parameters by as much as the tolerance.
    flags : tuple of str
        Any of "fixed", "all right", "all wrong", "few answers", "flat", "backwards", "at bound", "unsettled".
    """

    params: Fitted | None
    slope: float
    intercepts: tuple[float, ...]
    a_se: float | None
    intercept_se: tuple[float, ...] | None
    b_se: tuple[float, ...] | None
    c_se: float | None
    answers: int
    settled: bool
    flags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """Latent distribution of a group on the common scale: mean and standard deviation in logits."""

    mean: float
    sd: float


@dataclass(frozen=True, slots=True)
class Report:
    """How the fit went.

    Parameters
    ----------
    converged : bool
        Whether the fit has settled as a whole: the groups have, and all items but a few (`MOST_UNSETTLED`).
    unsettled : tuple
        Items that have not.
    cycles : int
        E-steps taken.
    change : float
        Largest change of a parameter in the last cycle.
    parameters : int
        Number of free parameters.
    flagged : tuple
        Items with a flag other than "fixed".
    """

    converged: bool
    unsettled: tuple[Hashable, ...]
    cycles: int
    change: float
    parameters: int
    flagged: tuple[Hashable, ...]


@dataclass(frozen=True, slots=True)
class Calibration:
    """Items and groups by id, log-likelihood (without priors) and report."""

    items: Mapping[Hashable, Item]
    groups: Mapping[Hashable, Group]
    log_likelihood: float
    report: Report


def calibrate(
    responses: Responses,
    models: Kind | Mapping[Hashable, Kind] = "2PL",
    *,
    priors: Priors | None = Priors(),  # noqa: B008 - frozen, so one default for all is safe
    fixed: Mapping[Hashable, Fitted] | None = None,
    errors: bool = False,
    executor: Mapper | None = None,
    shard_count: int = 1,
    points: int = POINTS,
    tolerance: float = 1e-4,
    most_cycles: int = 500,
) -> Calibration:
    """Estimate the items of a bank from answers.

    Parameters
    ----------
    responses : Responses
        With groups, each has its own mean and sd; the first is N(0, 1) unless items are fixed.
    models : str or mapping by item
        1PL, 2PL, 3PL, GRM, GPCM or PCM. 1PL and PCM items share one slope, which takes the place of the free
        variance of a Rasch model: b here is the Rasch difficulty divided by a.
    priors : Priors or None
        None is maximum likelihood.
    fixed : mapping by item, optional
        Items that keep their parameters; all groups' latent distributions are then estimated.
    errors : bool
        Whether to work out standard errors from the observed information.
    executor, shard_count
        Where the E-step runs and in how many parts.
    points : int
        Of the grid to +-6 logits, 41 or more.
    tolerance : float
        A parameter has settled when an EM cycle changes it by less.
    most_cycles : int

    Raises
    ------
    ValueError
        If an item has no answers, no model or a score it cannot have; if a polytomous item lacks answers at a
        score; or if without priors an item has only right or only wrong answers.

    References
    ----------
    Bock & Aitkin (1981), Psychometrika 46(4); Muraki (1992), Appl. Psychol. Meas. 16(2); for fixed items
    Kim (2006), J. Educ. Meas. 43(4).

    Examples
    --------
    >>> answers = Responses.from_table([[1, 1], [1, 0], [1, 0], [0, 0]] * 50)
    >>> easy, hard = calibrate(answers).items.values()
    >>> easy.params.b < hard.params.b
    True
    """
    if points < 41:
        raise ValueError(f"the grid needs 41 points at least, not {points}")
    priors = priors or em_priors.NONE
    fixed = dict(fixed or {})
    counts = tally(responses, int(responses.score.max()) + 1)
    layout = _layout(responses, models, fixed, counts)
    _check(responses, layout, priors, counts)
    executor = executor or InThisProcess()
    placed = executor.place(shards(responses, layout, shard_count))
    precision = np.float32 if len(responses) >= MANY_ANSWERS else np.float64
    theta = np.linspace(-GRID_EDGE, GRID_EDGE, points)
    problem = Problem(layout, priors, theta, precision, executor, placed)
    start = _start(responses, layout, fixed, counts)
    found = fit(problem, start, tolerance=tolerance, most_cycles=most_cycles)
    return _result(responses, layout, counts, found, standard_errors(problem, found) if errors else None, fixed)


def _layout(
    responses: Responses,
    models: Kind | Mapping[Hashable, Kind],
    fixed: Mapping[Hashable, Fitted],
    counts: Integers,
) -> Layout:
    strangers = (set(fixed) | (set() if isinstance(models, str) else set(models))) - set(responses.items)
    if strangers:
        raise ValueError(f"there are no answers to {len(strangers)} items, for example {next(iter(strangers))!r}")
    by_item = dict.fromkeys(responses.items, models) if isinstance(models, str) else models
    kinds: list[Kind] = []
    scores = np.empty(len(responses.items), dtype=np.int64)
    for i, name in enumerate(responses.items):
        if name in fixed:
            kinds.append(fixed[name].model)
            scores[i] = 1 + np.size(fixed[name].b)
            continue
        if name not in by_item:
            raise ValueError(f"item {name!r} has no model")
        kinds.append(by_item[name])
        scores[i] = max(2, int(np.flatnonzero(counts[i]).max(initial=0)) + 1) if kinds[-1] in POLYTOMOUS else 2
    held = np.array([name in fixed for name in responses.items])
    return Layout.build(kinds, scores, len(responses.groups), held)


def _check(responses: Responses, layout: Layout, priors: Priors, counts: Integers) -> None:
    for name, kind, scores, seen, held in zip(
        responses.items, layout.kinds, layout.scores.tolist(), counts.tolist(), layout.held.tolist(), strict=True
    ):
        if not any(seen):
            raise ValueError(f"item {name!r} has no answers; leave it out of the bank")
        if any(seen[scores:]):
            raise ValueError(f"item {name!r} is {kind} with scores to {scores - 1}, but an answer scored more")
        if held:
            continue
        if kind in POLYTOMOUS and not all(seen[:scores]):
            raise ValueError(f"nobody scored {seen.index(0)} on item {name!r}; merge its scores")
        if not priors.difficulty and not all(seen[:scores]):
            raise ValueError(f"all answers to item {name!r} are the same; without a prior it has no estimate")


def _start(responses: Responses, layout: Layout, fixed: Mapping[Hashable, Fitted], counts: Integers) -> State:
    params = start_values(layout, counts)
    for i, name in enumerate(responses.items):
        if name in fixed:
            params[i] = row_of(fixed[name], params.shape[1])
    return State(params, np.zeros((layout.groups, 2)))


def _result(
    responses: Responses,
    layout: Layout,
    counts: Integers,
    found: Fit,
    errors: Errors | None,
    fixed: Mapping[Hashable, Fitted],
) -> Calibration:
    items = {
        name: _item(layout, i, found, seen, errors, fixed.get(name))
        for i, (name, seen) in enumerate(zip(responses.items, counts.tolist(), strict=True))
    }
    groups = {
        name: Group(float(mean), float(np.exp(log_sd)))
        for name, (mean, log_sd) in zip(responses.groups, found.state.latent, strict=True)
    }
    flagged = tuple(name for name, item in items.items() if set(item.flags) - {"fixed"})
    free = int(layout.used[~layout.held].sum() - max(0, layout.common.sum() - 1))
    free += 2 * (layout.groups - (0 if layout.held.any() else 1))
    unsettled = tuple(name for name, item in items.items() if not item.settled)
    report = Report(found.converged, unsettled, found.cycles, found.change, free, flagged)
    return Calibration(items, groups, found.log_likelihood, report)


def _item(layout: Layout, i: int, found: Fit, seen: list[int], errors: Errors | None, fixed: Fitted | None) -> Item:
    row, kind, scores, settled = found.state.params[i], layout.kinds[i], int(layout.scores[i]), bool(found.settled[i])
    slope, intercepts = float(row[0]), tuple(row[1:scores].tolist())
    known = None if errors is None or fixed else errors.of(i, scores, kind)
    a_se, intercept_se, b_se, c_se = known or (None, None, None, None)
    params = fixed or _params(kind, row, scores, b_se)
    flags = _flags(row, seen, fixed is not None, settled)
    return Item(params, slope, intercepts, a_se, intercept_se, b_se, c_se, sum(seen), settled, flags)


def _params(kind: Kind, row: Floats, scores: int, b_se: tuple[float, ...] | None) -> Fitted | None:
    if row[0] <= 0.0:
        return None
    b = tuple((-row[1:scores] / row[0]).tolist())
    if kind == "GRM":
        return PolyParams("GRM", float(row[0]), b)
    if kind == "GPCM" or kind == "PCM":
        return PolyParams("GPCM", float(row[0]), b)
    c = 1.0 / (1.0 + np.exp(-row[2])) if kind == "3PL" else 0.0
    return ItemParams(kind, float(row[0]), b[0], c=float(c), b_sd=b_se[0] if b_se and b_se[0] < inf else 0.0)


def _flags(row: Floats, seen: list[int], fixed: bool, settled: bool) -> tuple[str, ...]:
    slope, scores = float(row[0]), [score for score, answers in enumerate(seen) if answers]
    found = {
        "fixed": fixed,
        "all right": len(scores) == 1 and scores[0] > 0,
        "all wrong": scores == [0],
        "few answers": sum(seen) < FEW_ANSWERS,
        "flat": 0.0 < slope < FLAT,
        "backwards": slope <= 0.0,
        "at bound": abs(slope) >= STEEPEST,
        "unsettled": not settled,
    }
    return tuple(flag for flag, holds in found.items() if holds)
