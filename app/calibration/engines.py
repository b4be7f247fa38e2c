"""Two engines behind one interface: our own fit of a whole domain, and pyirt, one skill at a time.

pyirt is there to check the own engine against. It knows one ability at a time, so each skill is fitted by itself, in a
process of its own; it has no standard errors, so they are worked out at its parameters, and it keeps the chance of a
right guess as it is served now.
"""

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from app.bank.queries import ServedItem
from app.base.errors import InvalidError
from models.ability import Prior
from models.domain import calibrate_domain, errors_at
from models.em_layout import Kind
from models.irt import ItemParams
from models.pyirt_backend import PyirtUnavailableError, Settings, calibrate_with_pyirt
from models.responses import Responses

Name = Literal["own", "pyirt"]
Served = Mapping[Hashable, ServedItem]
"""Items that are served now, by version."""

TOLERANCE = 1e-3
"""Of every parameter when the own fit has settled: a twentieth of the smallest standard error."""
PATIENCE_S = 900.0
"""Of one skill; pyirt takes a minute for some thousand answers."""
PYIRT = Settings(tolerance=1e-5)
"""Its last rounds then move no difficulty by more than a few hundredths of a logit."""
APART = Prior(general_variance=0.02, skill_variance=0.98)
"""Skills that were fitted one by one, as nearly as the tree can say it."""


@dataclass(frozen=True, slots=True)
class Fitted:
    """What an engine found.

    Parameters
    ----------
    items : mapping of version to ItemParams
        Ability has variance 1; `b_sd` is the standard error of b.
    slope_errors : mapping of version to float
    scales : mapping of version to int
        Items of one number were fitted together, so the same shift brings them to the bank's scale.
    prior : Prior or None
        How much of ability is shared by the skills; None from an engine that cannot tell.
    unsettled : frozenset of version
        Items that were still moving when the engine stopped; none from an engine that cannot tell.
    """

    items: Mapping[Hashable, ItemParams]
    slope_errors: Mapping[Hashable, float]
    scales: Mapping[Hashable, int]
    prior: Prior | None
    cycles: int
    converged: bool
    unsettled: frozenset[Hashable] = frozenset()


Engine = Callable[[Responses, Served], Fitted]


def by_parts(responses: Responses, served: Served) -> Responses:
    """Let each part of an item of several parts be an answer to it, right or not.

    How many of m like parts are right is binomial, and that is what so many single answers to one item say together
    (see `models.irt.ItemParams`).
    """
    parts = np.array([served[version].parameters.parts for version in responses.items])[responses.item]
    if parts.max(initial=1) == 1:
        return responses
    number = np.arange(parts.sum()) - np.repeat(np.cumsum(parts) - parts, parts)
    score = (number < np.repeat(responses.score, parts)).astype(np.uint8)
    start = np.concatenate([[0], np.cumsum(parts)])[responses.start]
    return replace(responses, start=start, item=np.repeat(responses.item, parts), score=score)


def fit_own(responses: Responses, served: Served) -> Fitted:
    """Fit the whole domain by `models.domain`."""
    kinds: dict[Hashable, Kind] = {}
    for version in responses.items:
        kinds[version] = "3PL" if served[version].parameters.model == "3PL" else "2PL"
    skill_of = {version: served[version].skill_id for version in responses.items}
    found = calibrate_domain(by_parts(responses, served), skill_of, kinds, tolerance=TOLERANCE)
    return Fitted(
        found.items,
        found.slope_errors,
        dict.fromkeys(responses.items, 0),
        found.prior,
        found.cycles,
        found.converged,
        found.unsettled,
    )


def fit_pyirt(responses: Responses, served: Served, guesses: Mapping[Hashable, float] | None = None) -> Fitted:
    """Fit each skill by itself with pyirt, which knows no items of several parts: those stay as they are.

    Parameters
    ----------
    guesses : mapping of version to float, optional
        Chances of a right guess, which pyirt does not fit; by default those that items are served with.

    Raises
    ------
    InvalidError
        pyirt cannot be had on this machine, failed or took too long; says what to do.
    """
    versions = responses.items
    scales = {version: served[version].skill_id for version in versions}
    start = {one: served[one].parameters for one in versions}
    if guesses is not None:
        start = {one: replace(item, c=guesses[one]) for one, item in start.items()}
    items: dict[Hashable, ItemParams] = {}
    rounds, settled = 0, True
    for skill in dict.fromkeys(scales.values()):
        own = [place for place, one in enumerate(versions) if scales[one] == skill and start[one].parts == 1]
        if not own:
            continue
        of_skill, used, converged = _skill_by_pyirt(responses, own, start)
        items |= of_skill
        rounds, settled = max(rounds, used), settled and converged
    answered = {one: items.get(one, start[one]) for one in versions}
    errors = errors_at(by_parts(responses, served), scales, answered, APART)
    sure = {one: replace(item, b_sd=errors[one][1]) for one, item in items.items()}
    return Fitted(sure, {one: errors[one][0] for one in sure}, scales, None, rounds, settled)


ENGINES: Mapping[Name, Engine] = {"own": fit_own, "pyirt": fit_pyirt}


def _skill_by_pyirt(
    responses: Responses, own: Sequence[int], start: Mapping[Hashable, ItemParams]
) -> tuple[dict[Hashable, ItemParams], int, bool]:
    """Parameters of a skill's items, rounds taken, and whether it ended because nothing got better any more."""
    student = np.repeat(np.arange(len(responses.students)), np.diff(responses.start))
    of_skill = np.isin(responses.item, own)
    place = np.searchsorted(own, responses.item[of_skill])
    given = [start[responses.items[item]] for item in own]
    try:
        found = calibrate_with_pyirt(
            student[of_skill],
            place,
            responses.score[of_skill],
            timeout_s=PATIENCE_S,
            n_items=len(own),
            guesses={number: item.c for number, item in enumerate(given) if item.c},
            settings=PYIRT,
        )
    except PyirtUnavailableError as error:
        raise InvalidError(str(error)) from error
    fitted = {
        responses.items[item]: ItemParams(known.model, float(a), float(b), known.c)
        for item, known, a, b in zip(own, given, found.a, found.b, strict=True)
        if np.isfinite(a) and np.isfinite(b)
    }
    return fitted, found.report.rounds, found.report.stopped != "out of rounds"
