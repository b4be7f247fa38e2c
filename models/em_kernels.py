"""Inner loops of calibration: expected counts, item tables, scores.

All of them speak of cells. A cell is a row of one table of log-probabilities over the grid: first
one cell for each group (its latent distribution), then one for each score of each item. A student
is a list of cells - the group, then one for each answer - so that the log-posterior is a plain sum
of rows whatever the item models are, and the expected counts are the same rows filled backwards.

An item's parameters are a slope a, steps e_1 .. e_{K-1} (e = -a b) and, for 3PL, the logit of c.
"""

from __future__ import annotations

from math import exp
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from models.jit import compiled

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Table: TypeAlias = NDArray[Any]
"""Log-probabilities, cells x points; float32 is enough for millions of answers, float64 for the last digit."""

LOGISTIC, GUESSING, GRADED, PARTIAL = 0, 1, 2, 3
"""How an item's parameters become chances: 1PL and 2PL, 3PL, GRM, GPCM."""

BLOCK = 512
"""Students whose posteriors are kept together; in single precision they fit a core's second cache."""
CUT = 40.0
"""A point this far below the posterior's peak (in log) weighs less than 5e-18 and is left out."""
LONGEST_PRODUCT = 160
"""Answers of a student beyond which the product of chances would seldom stay in single precision."""
HEADROOM, SAFE_PRODUCT = 1e30, 1e-20
"""Products start at the first and are good to the last digit above the second (single precision ends at 1e-38)."""
TINY = 1e-300


@compiled
def by_cell(start: Integers, cells: NDArray[Any], n_cells: int) -> tuple[NDArray[Any], Integers]:
    """Each block's students ordered by cell, so that counts are gathered instead of scattered.

    Returns
    -------
    order : ndarray of uint16, shape (cells.size,)
        Place of a student in the block.
    bounds : ndarray of int64, shape (n_blocks, n_cells + 1)
        Where each cell's students begin in `order`.
    """
    students = start.size - 1
    n_blocks = (students + BLOCK - 1) // BLOCK
    order = np.empty(cells.size, np.uint16)
    bounds = np.zeros((n_blocks, n_cells + 1), np.int64)
    for block in range(n_blocks):
        first, after = block * BLOCK, min(students, block * BLOCK + BLOCK)
        bound = bounds[block]
        for i in range(start[first], start[after]):
            bound[cells[i] + 1] += 1
        bound[0] = start[first]
        for cell in range(n_cells):
            bound[cell + 1] += bound[cell]
        place = bound[:-1].copy()
        for student in range(first, after):
            for i in range(start[student], start[student + 1]):
                order[place[cells[i]]] = student - first
                place[cells[i]] += 1
    return order, bounds


@compiled
def expect(
    start: Integers, cells: NDArray[Any], weights: Floats, order: NDArray[Any], bounds: Integers, table: Table
) -> tuple[Floats, float]:
    """Expected counts (cells x points) and log-likelihood of one shard of students.

    Parameters
    ----------
    start : ndarray of shape (n_students + 1,)
        Where each student's cells begin.
    cells : ndarray of unsigned int
    weights : ndarray of shape (n_students,)
    order, bounds
        From `by_cell`.
    table : ndarray of shape (n_cells, n_points)
    """
    counts = np.zeros(table.shape)
    chances = np.exp(table)
    posts = np.empty((BLOCK, table.shape[1]), table.dtype)
    part = np.empty_like(table[0])
    total = 0.0
    for block in range(bounds.shape[0]):
        first = block * BLOCK
        for student in range(first, min(weights.size, first + BLOCK)):
            post = posts[student - first]
            mass, unit = posterior(cells[start[student] : start[student + 1]], table, chances, post)
            total += weights[student] * (unit + np.log(mass))
            share = table.dtype.type(weights[student] / mass)
            for q in range(post.size):
                post[q] *= share
        for cell in range(table.shape[0]):
            members = order[bounds[block, cell] : bounds[block, cell + 1]]
            if members.size:
                _collect(members, posts, part)
                counts[cell] += part
    return counts, total


@compiled
def _collect(members: NDArray[Any], posts: Table, part: Table) -> None:
    """Sum the posteriors of a block's students who are in a cell, four at a time."""
    part[:] = 0.0
    i = 0
    while i + 3 < members.size:
        r0, r1, r2, r3 = posts[members[i]], posts[members[i + 1]], posts[members[i + 2]], posts[members[i + 3]]
        for q in range(part.size):
            part[q] += (r0[q] + r1[q]) + (r2[q] + r3[q])
        i += 4
    while i < members.size:
        row = posts[members[i]]
        for q in range(part.size):
            part[q] += row[q]
        i += 1


@compiled
def posterior(own: NDArray[Any], table: Table, chances: Table, post: Table) -> tuple[float, float]:
    """Fill `post` with a student's posterior, not yet divided by its sum; the sum, and the log of its unit.

    A product of chances needs no exponential. Only where it would leave the range of its precision
    are the logs summed instead.
    """
    if own.size <= LONGEST_PRODUCT:
        _multiply(own, chances, post)
        mass = _total(post)
        if mass > SAFE_PRODUCT:
            return mass, -np.log(HEADROOM)
    _gather(own, table, post)
    top = post.max()
    for q in range(post.size):
        post[q] = np.exp(post[q] - top) if post[q] > top - CUT else 0.0
    return _total(post), top


@compiled
def _multiply(own: NDArray[Any], chances: Table, post: Table) -> None:
    """Product of a student's rows, four at a time, times HEADROOM."""
    lead = chances[own[0]]
    room = post.dtype.type(HEADROOM)
    for q in range(post.size):
        post[q] = lead[q] * room
    i = 1
    while i + 3 < own.size:
        r0, r1, r2, r3 = chances[own[i]], chances[own[i + 1]], chances[own[i + 2]], chances[own[i + 3]]
        for q in range(post.size):
            post[q] *= (r0[q] * r1[q]) * (r2[q] * r3[q])
        i += 4
    while i < own.size:
        row = chances[own[i]]
        for q in range(post.size):
            post[q] *= row[q]
        i += 1


@compiled
def _gather(own: NDArray[Any], table: Table, post: Table) -> None:
    """Sum of a student's rows, four at a time."""
    post[:] = 0.0
    i = 0
    while i + 3 < own.size:
        r0, r1, r2, r3 = table[own[i]], table[own[i + 1]], table[own[i + 2]], table[own[i + 3]]
        for q in range(post.size):
            post[q] += (r0[q] + r1[q]) + (r2[q] + r3[q])
        i += 4
    while i < own.size:
        row = table[own[i]]
        for q in range(post.size):
            post[q] += row[q]
        i += 1


@compiled
def _total(post: Table) -> float:
    """Sum in four strands, which a processor adds at the same time."""
    s0 = s1 = s2 = s3 = 0.0
    whole = post.size - post.size % 4
    for q in range(0, whole, 4):
        s0 += post[q]
        s1 += post[q + 1]
        s2 += post[q + 2]
        s3 += post[q + 3]
    for q in range(whole, post.size):
        s0 += post[q]
    return (s0 + s1) + (s2 + s3)


@compiled
def respond(code: int, p: Floats, scores: int, theta: float, chance: Floats, slope: Floats) -> None:
    """Chance of each score and its derivatives by each parameter, at one ability.

    Parameters
    ----------
    code : int
        LOGISTIC, GUESSING, GRADED or PARTIAL.
    p : ndarray of shape (n_parameters,)
    scores : int
        K.
    theta : float
    chance : ndarray of shape (K,)
        Filled.
    slope : ndarray of shape (K, n_parameters)
        Filled.
    """
    if code == PARTIAL:
        _partial(p, scores, theta, chance, slope)
    elif code == GRADED:
        _graded(p, scores, theta, chance, slope)
    else:
        _binary(code, p, theta, chance, slope)


@compiled
def _expit(z: float) -> float:
    if z >= 0.0:
        return 1.0 / (1.0 + exp(-z))
    up = exp(z)
    return up / (1.0 + up)


@compiled
def _binary(code: int, p: Floats, theta: float, chance: Floats, slope: Floats) -> None:
    z = p[0] * theta + p[1]
    right, wrong = _expit(z), _expit(-z)
    guess = _expit(p[2]) if code == GUESSING else 0.0
    steep = (1.0 - guess) * right * wrong
    chance[0], chance[1] = (1.0 - guess) * wrong, guess + (1.0 - guess) * right
    slope[1, 0], slope[1, 1] = theta * steep, steep
    if code == GUESSING:
        slope[1, 2] = wrong * guess * (1.0 - guess)
    for j in range(p.size):
        slope[0, j] = -slope[1, j]


@compiled
def _graded(p: Floats, scores: int, theta: float, chance: Floats, slope: Floats) -> None:
    slope[:] = 0.0
    for k in range(scores):
        chance[k] = 0.0
    chance[0] = 1.0
    for k in range(1, scores):
        at_least = _expit(p[0] * theta + p[k])
        steep = at_least * _expit(-p[0] * theta - p[k])
        chance[k] += at_least
        chance[k - 1] -= at_least
        slope[k, 0] += theta * steep
        slope[k - 1, 0] -= theta * steep
        slope[k, k] += steep
        slope[k - 1, k] -= steep
    for k in range(scores):
        chance[k] = max(chance[k], TINY)


@compiled
def _partial(p: Floats, scores: int, theta: float, chance: Floats, slope: Floats) -> None:
    peak = 0.0
    chance[0] = 0.0
    for k in range(1, scores):
        chance[k] = chance[k - 1] + p[0] * theta + p[k]
        peak = max(peak, chance[k])
    total = 0.0
    for k in range(scores):
        chance[k] = np.exp(chance[k] - peak)
        total += chance[k]
    mean = 0.0
    for k in range(scores):
        chance[k] = max(chance[k] / total, TINY)
        mean += k * chance[k]
    beyond = 0.0
    for step in range(scores - 1, 0, -1):
        beyond += chance[step]
        for k in range(scores):
            slope[k, step] = chance[k] * ((1.0 if k >= step else 0.0) - beyond)
    for k in range(scores):
        slope[k, 0] = chance[k] * theta * (k - mean)


@compiled
def tabulate(codes: Integers, scores: Integers, offsets: Integers, params: Floats, theta: Floats, table: Table) -> None:
    """Fill the items' rows of the table with the log of every score's chance."""
    width = scores.max()
    chance, slope = np.empty(width), np.empty((width, params.shape[1]))
    for item in range(codes.size):
        base = offsets[item]
        if codes[item] == LOGISTIC:
            for q in range(theta.size):
                z = params[item, 0] * theta[q] + params[item, 1]
                wrong = -np.log1p(np.exp(-abs(z))) - max(z, 0.0)
                table[base, q] = wrong
                table[base + 1, q] = wrong + z
            continue
        for q in range(theta.size):
            respond(codes[item], params[item], scores[item], theta[q], chance, slope)
            for k in range(scores[item]):
                table[base + k, q] = np.log(max(chance[k], TINY))


@compiled
def score_items(
    codes: Integers, scores: Integers, offsets: Integers, params: Floats, theta: Floats, counts: Floats
) -> tuple[Floats, Floats]:
    """Gradient and expected information of the expected log-likelihood, item by item.

    Returns
    -------
    gradient : ndarray of shape (n_items, n_parameters)
    information : ndarray of shape (n_items, n_parameters, n_parameters)
    """
    n_items, n_params = params.shape
    width = scores.max()
    chance, slope = np.empty(width), np.empty((width, n_params))
    gradient, information = np.zeros((n_items, n_params)), np.zeros((n_items, n_params, n_params))
    for item in range(n_items):
        if codes[item] == LOGISTIC:
            _score_logistic(params[item], theta, counts[offsets[item] :], gradient[item], information[item])
            continue
        size = 3 if codes[item] == GUESSING else scores[item]
        for q in range(theta.size):
            respond(codes[item], params[item], scores[item], theta[q], chance, slope)
            seen = 0.0
            for k in range(scores[item]):
                seen += counts[offsets[item] + k, q]
            for k in range(scores[item]):
                count, each = counts[offsets[item] + k, q], max(chance[k], TINY)
                for i in range(size):
                    relative = slope[k, i] / each
                    gradient[item, i] += count * relative
                    for j in range(size):
                        information[item, i, j] += seen * relative * slope[k, j]
    return gradient, information


@compiled
def _score_logistic(p: Floats, theta: Floats, counts: Floats, gradient: Floats, information: Floats) -> None:
    for q in range(theta.size):
        seen = counts[0, q] + counts[1, q]
        right = _expit(p[0] * theta[q] + p[1])
        residual, spread = counts[1, q] - seen * right, seen * right * (1.0 - right)
        gradient[0] += residual * theta[q]
        gradient[1] += residual
        information[0, 0] += spread * theta[q] * theta[q]
        information[0, 1] += spread * theta[q]
        information[1, 1] += spread
    information[1, 0] = information[0, 1]
