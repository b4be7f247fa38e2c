"""Calibration of a domain: item parameters of all its skills, and how much of ability is general.

theta_k = g + s_k: a general ability that all skills of the domain share, and a part of each skill's own. Items belong
to one skill each, so answers to other skills tell about an item's students through g alone. That matters where items
are chosen by what students did elsewhere: a calibration of one skill by itself would take the able students of a hard
item for average ones.

The scale is the one that practice uses: over all students, a skill's ability has variance 1 on average.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from math import ceil, log, sqrt

import numpy as np

from models import em_priors
from models.ability import Prior
from models.domain_kernels import cross_products, expect_domain, log_slopes
from models.em_kernels import Floats, Integers, tabulate
from models.em_layout import Kind, Layout, start_values, tally
from models.em_loop import Acceleration, steady
from models.em_priors import Priors
from models.em_update import bounded, feasible, improved_items
from models.irt import ItemParams, Model
from models.responses import Responses

STEP = 0.25
"""Logits between two nodes."""
EDGE = 6.0
"""Logits of g to either side."""
REACH_SD = 4.5
"""Standard deviations of a skill's own part to either side."""
LEAST_VARIANCE = 0.02
"""Of a part; less cannot be told from none on this grid."""
START = Prior(general_variance=0.6, skill_variance=0.4)
LEAP = 0.7
"""Most that the log of a variance may change in an accelerated cycle."""
NOISE = 1e-11
"""Relative rounding error of a log-likelihood."""
LEAST_INFORMATION = 1e-6
"""Keeps the covariance of an item that nobody answered finite where it has no prior."""
TOLERANCE = 1e-4
MOST_CYCLES = 500
_GUESS_ONLY = Priors(slope=None, difficulty=None)
"""Keeps a guessing chance near where it is, which the answers alone hardly tell."""


@dataclass(frozen=True, eq=False, slots=True)
class DomainCalibration:
    """What was found.

    Parameters
    ----------
    items : mapping
        Parameters by item; ability in logits, variance 1 on average over skills. Their `b_sd` is the standard error
        of b, from the cross-product of the students' scores and the priors, each item by itself.
    slope_errors : mapping
        Standard error of each a.
    prior : Prior
        Variances of the general ability and, over skills on average, of a skill's own part.
    skill_variances : mapping
        Variance of each skill's own part, logits**2.
    log_posterior : float
        Log-likelihood plus the log density of the items' priors, but for constants.
    cycles : int
    converged : bool
        Whether the fit has settled as a whole: the variances have, and all items but a few (`MOST_UNSETTLED`).
    unsettled : frozenset
        Items of which the last cycle changed a parameter by more than the tolerance.
    """

    items: Mapping[Hashable, ItemParams]
    slope_errors: Mapping[Hashable, float]
    prior: Prior
    skill_variances: Mapping[Hashable, float]
    log_posterior: float
    cycles: int
    converged: bool
    unsettled: frozenset[Hashable]


@dataclass(frozen=True, eq=False, slots=True)
class _Answers:
    """A student's answers ordered by skill, as the kernel reads them."""

    start: Integers
    cells: Integers
    skills: Integers
    weights: Floats


@dataclass(frozen=True, eq=False, slots=True)
class _State:
    """Item parameters, variance of g, variance of each skill's own part."""

    params: Floats
    general: float
    own: Floats

    def flat(self) -> Floats:
        """All numbers in a row, variances as logs."""
        return np.concatenate([self.params.ravel(), [np.log(self.general)], np.log(self.own)])

    def like(self, flat: Floats) -> _State:
        """Undo `flat`."""
        size = self.params.size
        own = np.exp(flat[size + 1 :])
        return _State(flat[:size].reshape(self.params.shape), float(np.exp(flat[size])), own)


def calibrate_domain(
    responses: Responses,
    skill_of: Mapping[Hashable, Hashable],
    kinds: Kind | Mapping[Hashable, Kind] = "2PL",
    *,
    priors: Priors | None = None,
    start: Prior = START,
    tolerance: float = TOLERANCE,
    most_cycles: int = MOST_CYCLES,
) -> DomainCalibration:
    """Fit dichotomous items of several skills together.

    Parameters
    ----------
    responses : Responses
        Scores 0 and 1; one group.
    skill_of : mapping
        The skill of every item.
    kinds : {"1PL", "2PL", "3PL"}, or a mapping of item to it
        Model of every item, or of each.
    priors : Priors, optional
        Of the item parameters.
    start : Prior
        Variances to begin with.
    tolerance, most_cycles
        EM ends when no number changes by more in a cycle, or after so many.

    Raises
    ------
    ValueError
        If an item has no skill, a score is above 1, there are several groups, or all items are of one skill.

    References
    ----------
    Gibbons & Hedeker (1992), Full-information item bi-factor analysis, Psychometrika 57(3);
    Bock & Aitkin (1981), Psychometrika 46(4).
    """
    skills, place = _skills(responses, skill_of)
    believed = priors or Priors()
    n_items = len(responses.items)
    models = [kinds if isinstance(kinds, str) else kinds[item] for item in responses.items]
    layout = Layout.build(models, np.full(n_items, 2), 0, np.zeros(n_items, dtype=np.bool_))
    answers = _by_skill(responses, layout, place)
    state = _State(
        bounded(layout, start_values(layout, tally(responses, 2))),
        start.general_variance,
        np.full(len(skills), start.skill_variance),
    )
    state, total, cycles, moved = _climb(layout, believed, answers, state, tolerance, most_cycles)
    items_moved, others_moved = np.split(moved, [state.params.size])
    settled, converged = steady(items_moved.reshape(state.params.shape), others_moved, tolerance)
    covariances = _covariances(layout, believed, answers, state)
    return DomainCalibration(
        {item: _item(*each) for item, *each in zip(responses.items, models, state.params, covariances, strict=True)},
        {item: sqrt(each[0, 0]) for item, each in zip(responses.items, covariances, strict=True)},
        Prior(state.general, float(state.own.mean())),
        dict(zip(skills, state.own.tolist(), strict=True)),
        total,
        cycles,
        converged,
        frozenset(item for item, still in zip(responses.items, settled, strict=True) if not still),
    )


def errors_at(
    responses: Responses, skill_of: Mapping[Hashable, Hashable], items: Mapping[Hashable, ItemParams], prior: Prior
) -> dict[Hashable, tuple[float, float]]:
    """Standard errors of (a, b) at parameters that another method found.

    Parameters
    ----------
    responses, skill_of
        As in `calibrate_domain`.
    items : mapping
        Parameters of every item that was answered.
    prior : Prior
        Variances of the general ability and of a skill's own part; where the other method took skills one by one,
        nearly all of it is the skill's own.

    Raises
    ------
    ValueError
        As in `calibrate_domain`.

    References
    ----------
    Berndt, Hall, Hall & Hausman (1974), Annals of Economic and Social Measurement 3(4), for the cross-product.
    """
    skills, place = _skills(responses, skill_of)
    n_items = len(responses.items)
    given = [items[item] for item in responses.items]
    layout = Layout.build([item.model for item in given], np.full(n_items, 2), 0, np.zeros(n_items, dtype=np.bool_))
    guesses = [log(item.c / (1.0 - item.c)) if item.c else 0.0 for item in given]
    rows = [(item.a, -item.a * item.b, guess) for item, guess in zip(given, guesses, strict=True)]
    state = _State(
        np.array(rows)[:, : layout.used.shape[1]], prior.general_variance, np.full(len(skills), prior.skill_variance)
    )
    found = _covariances(layout, _GUESS_ONLY, _by_skill(responses, layout, place), state)
    fitted = [_item(each.model, *parts) for each, *parts in zip(given, state.params, found, strict=True)]
    return {
        item: (sqrt(covariance[0, 0]), each.b_sd)
        for item, each, covariance in zip(responses.items, fitted, found, strict=True)
    }


def _climb(
    layout: Layout, priors: Priors, answers: _Answers, state: _State, tolerance: float, most_cycles: int
) -> tuple[_State, float, int, Floats]:
    """EM with acceleration; a guess that lowers the posterior is dropped for the plain step it was made from.

    Last comes what the last cycle changed, in the order of `_State.flat`.
    """
    best, plain, ahead = -np.inf, state, Acceleration()
    kept, moved, cycle = state, np.full(state.flat().size, np.inf), 0
    while cycle < most_cycles:
        cycle += 1
        after, value = _cycle(layout, priors, answers, state)
        if value < best - NOISE * abs(best) and state is not plain:
            ahead.forget()
            state = plain
            continue
        best, kept, plain = max(best, value), state, after
        moved = after.flat() - state.flat()
        if np.abs(moved).max() < tolerance:
            return after, value, cycle, moved
        state = _guess(layout, priors, state, moved, ahead, plain)
    return kept, best, cycle, moved


def _guess(layout: Layout, priors: Priors, state: _State, moved: Floats, ahead: Acceleration, plain: _State) -> _State:
    """Where the acceleration would go next, if items can be there and variances do not leap; else the plain step."""
    flat = ahead.next(state.flat(), moved)
    size = state.params.size
    if not np.all(np.abs(flat[size:] - state.flat()[size:]) < LEAP):
        return plain
    guess = state.like(flat)
    guess = _rescaled(layout, _State(bounded(layout, guess.params), guess.general, guess.own))
    return guess if feasible(layout, priors, guess.params).all() else plain


def _skills(responses: Responses, skill_of: Mapping[Hashable, Hashable]) -> tuple[tuple[Hashable, ...], Integers]:
    """The skills, and each item's."""
    missing = [item for item in responses.items if item not in skill_of]
    if missing:
        raise ValueError(f"{len(missing)} items have no skill, for example {missing[0]!r}")
    if len(responses.groups) > 1:
        raise ValueError("a domain is calibrated on one group of students")
    if responses.score.size and int(responses.score.max()) > 1:
        raise ValueError("a domain's items have the scores 0 and 1 here")
    skills = tuple(dict.fromkeys(skill_of[item] for item in responses.items))
    if len(skills) < 2:
        raise ValueError("a domain has two skills at least; calibrate one skill by itself")
    index = {skill: number for number, skill in enumerate(skills)}
    return skills, np.array([index[skill_of[item]] for item in responses.items], dtype=np.int64)


def _by_skill(responses: Responses, layout: Layout, place: Integers) -> _Answers:
    student = np.repeat(np.arange(len(responses.students)), np.diff(responses.start))
    skill = place[responses.item]
    order = np.lexsort((skill, student))
    cells = (layout.offsets[responses.item] + responses.score)[order].astype(np.int64)
    return _Answers(responses.start, cells, skill[order], responses.weight)


def _cycle(layout: Layout, priors: Priors, answers: _Answers, state: _State) -> tuple[_State, float]:
    """One EM cycle: counts at the present parameters, better parameters, and the scale put right again."""
    g, theta, general, own = _densities(state)
    table = _table(layout, state, theta)
    counts, mass, squares, seen, total = expect_domain(
        answers.start, answers.cells, answers.skills, answers.weights, table, general, own, STEP
    )
    params = improved_items(layout, priors, theta, state.params, counts)
    shared = max(LEAST_VARIANCE, float(mass @ g**2 / mass.sum()))
    parts = np.maximum(LEAST_VARIANCE, np.where(seen > 0.0, squares / np.maximum(seen, 1e-12), state.own))
    log_posterior = float(total) + em_priors.log_density(priors, layout, state.params)
    return _rescaled(layout, _State(params, shared, parts)), log_posterior


def _densities(state: _State) -> tuple[Floats, Floats, Floats, Floats]:
    """Nodes of g and of theta, and the probabilities of g's nodes and of each skill's own steps."""
    reach = ceil(REACH_SD * sqrt(float(state.own.max())) / STEP)
    nodes = round(EDGE / STEP)
    g, steps = _grid(nodes), _grid(reach)
    own = np.stack([_normal(steps, variance) for variance in state.own])
    return g, _grid(nodes + reach), _normal(g, state.general), own


def _table(layout: Layout, state: _State, theta: Floats) -> Floats:
    table = np.empty((layout.n_cells, theta.size))
    tabulate(layout.codes, layout.scores, layout.offsets, state.params, theta, table)
    return table


def _covariances(layout: Layout, priors: Priors, answers: _Answers, state: _State) -> Floats:
    """Covariance of each item's parameters, of shape (n_items, n_parameters, n_parameters)."""
    _, theta, general, own = _densities(state)
    slopes = log_slopes(layout.codes, layout.scores, layout.offsets, state.params, theta)
    item_of = np.repeat(np.arange(layout.codes.size), layout.scores)
    information = cross_products(
        answers.start, answers.cells, answers.skills, item_of, answers.weights, _table(layout, state, theta),
        slopes, general, own,
    )  # fmt: skip  # the answers' fields belong together
    em_priors.add(priors, layout, state.params, np.zeros(state.params.shape), information)
    unused = ~layout.used
    information[:, np.arange(unused.shape[1]), np.arange(unused.shape[1])] += np.where(unused, 1.0, LEAST_INFORMATION)
    return np.asarray(np.linalg.inv(information))


def _grid(nodes: int) -> Floats:
    """Nodes to either side of 0."""
    return np.arange(-nodes, nodes + 1, dtype=np.float64) * STEP


def _normal(nodes: Floats, variance: float) -> Floats:
    density = np.exp(-(nodes**2) / (2.0 * variance))
    return np.asarray(np.maximum(density / density.sum(), 1e-300))


def _rescaled(layout: Layout, state: _State) -> _State:
    """The same model in units in which a skill's ability has variance 1 on average."""
    variance = state.general + float(state.own.mean())
    params = state.params.copy()
    params[:, 0] *= sqrt(variance)
    return _State(bounded(layout, params), state.general / variance, state.own / variance)


def _item(kind: Kind, row: Floats, covariance: Floats) -> ItemParams:
    """The item; its uncertainty in b from those in a and e = -a b (delta method)."""
    a, e = float(row[0]), float(row[1])
    b = -e / a
    variance = (covariance[1, 1] + b * b * covariance[0, 0] + 2.0 * b * covariance[0, 1]) / (a * a)
    guess = float(1.0 / (1.0 + np.exp(-row[2]))) if kind == "3PL" else 0.0
    model: Model = "3PL" if kind == "3PL" else "1PL" if kind == "1PL" else "2PL"
    return ItemParams(model, a, b, guess, b_sd=sqrt(max(0.0, float(variance))))
