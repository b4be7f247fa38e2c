"""Inner loop of a domain's calibration: one integral over the general ability, one over each skill inside it.

theta_k = g + s_k. Given g the skills are independent, so a student with answers in K skills costs K inner sums, never a
sum over K dimensions (the dimension reduction of a bifactor model: Gibbons & Hedeker 1992). Both grids have the same
step, so that theta = g + s falls on a node, and the inner sum runs over the few steps that s can be away from 0.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from models.em_kernels import TINY, respond
from models.jit import compiled

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

FLOOR = 1e-280


@compiled
def expect_domain(
    start: Integers,
    cells: Integers,
    skills: Integers,
    weights: Floats,
    table: Floats,
    general: Floats,
    own: Floats,
    step: float,
) -> tuple[Floats, Floats, Floats, Floats, float]:
    """Expected counts of every cell, and of what the variances are made of.

    Parameters
    ----------
    start : ndarray of shape (n_students + 1,)
        Where each student's answers begin; a student's answers are ordered by skill.
    cells : ndarray of shape (n_answers,)
        Row of the table that belongs to each answer: its item and score.
    skills : ndarray of shape (n_answers,)
        Skill of each answer's item.
    weights : ndarray of shape (n_students,)
    table : ndarray of shape (n_cells, n_points)
        Log-probability of every item and score along theta.
    general : ndarray of shape (n_general,)
        Probability of each node of g; node i is node ``i + reach`` of theta.
    own : ndarray of shape (n_skills, 2 * reach + 1)
        Probability of each step of s, by skill.
    step : float
        Distance of two nodes, logits.

    Returns
    -------
    counts : ndarray of shape (n_cells, n_points)
    mass : ndarray of shape (n_general,)
        Expected students at each node of g.
    squares, seen : ndarray of shape (n_skills,)
        Expected sum of s**2, and the weight of the students behind it.
    total : float
        Log-likelihood.
    """
    n_points, n_general = table.shape[1], general.size
    counts, mass = np.zeros(table.shape), np.zeros(n_general)
    squares, seen = np.zeros(own.shape[0]), np.zeros(own.shape[0])
    most = _most_skills(start, skills)
    like, inner = np.empty((most, n_points)), np.empty((most, n_general))
    share = np.empty(n_general)
    total = 0.0
    for student in range(start.size - 1):
        first, last = start[student], start[student + 1]
        outer = np.log(general)
        place, at, peaks = 0, first, 0.0
        while at < last:
            upto = _segment(skills, at, last)
            peaks += _likelihood(cells, at, upto, table, like[place])
            _over_own(own[skills[at]], like[place], inner[place])
            outer += np.log(inner[place])
            place, at = place + 1, upto
        peak = outer.max()
        norm = np.exp(outer - peak).sum()
        weight = weights[student]
        total += weight * (peaks + peak + np.log(norm))
        for g in range(n_general):
            share[g] = weight * np.exp(outer[g] - peak) / norm
            mass[g] += share[g]
        place, at = 0, first
        while at < last:
            skill, upto = skills[at], _segment(skills, at, last)
            post = np.zeros(n_points)
            squares[skill] += step * step * _joint(share, inner[place], own[skill], like[place], post)
            seen[skill] += weight
            for i in range(at, upto):
                counts[cells[i]] += post
            place, at = place + 1, upto
    return counts, mass, squares, seen, total


@compiled
def cross_products(
    start: Integers,
    cells: Integers,
    skills: Integers,
    item_of: Integers,
    weights: Floats,
    table: Floats,
    slopes: Floats,
    general: Floats,
    own: Floats,
) -> Floats:
    """Sum over students of the outer product of their score vector, each item by itself.

    Parameters
    ----------
    item_of : ndarray of shape (n_cells,)
        Item of each cell.
    slopes : ndarray of shape (n_cells, n_points, n_parameters)
        Derivative of the cell's log-probability by the item's parameters.
    others
        As in `expect_domain`.

    Returns
    -------
    ndarray of shape (n_items, n_parameters, n_parameters)
    """
    n_points, n_general, n_params = table.shape[1], general.size, slopes.shape[2]
    found = np.zeros((item_of.max() + 1, n_params, n_params))
    most = _most_skills(start, skills)
    like, inner = np.empty((most, n_points)), np.empty((most, n_general))
    score = np.empty(n_params)
    for student in range(start.size - 1):
        first, last = start[student], start[student + 1]
        outer = np.log(general)
        place, at = 0, first
        while at < last:
            upto = _segment(skills, at, last)
            _likelihood(cells, at, upto, table, like[place])
            _over_own(own[skills[at]], like[place], inner[place])
            outer += np.log(inner[place])
            place, at = place + 1, upto
        share = np.exp(outer - outer.max())
        share /= share.sum()
        place, at = 0, first
        while at < last:
            upto = _segment(skills, at, last)
            post = np.zeros(n_points)
            _joint(share, inner[place], own[skills[at]], like[place], post)
            for i in range(at, upto):
                score[:] = 0.0
                for q in range(n_points):
                    for p in range(n_params):
                        score[p] += post[q] * slopes[cells[i], q, p]
                for p in range(n_params):
                    for r in range(n_params):
                        found[item_of[cells[i]], p, r] += weights[student] * score[p] * score[r]
            place, at = place + 1, upto
    return found


@compiled
def log_slopes(codes: Integers, scores: Integers, offsets: Integers, params: Floats, theta: Floats) -> Floats:
    """Slope of every cell's log-probability by its item's parameters, of shape (n_cells, n_points, n_parameters)."""
    n_params = params.shape[1]
    found = np.zeros((scores.sum(), theta.size, n_params))
    chance, slope = np.empty(scores.max()), np.empty((scores.max(), n_params))
    for item in range(codes.size):
        for q in range(theta.size):
            slope[:] = 0.0
            respond(codes[item], params[item], scores[item], theta[q], chance, slope)
            for k in range(scores[item]):
                for p in range(n_params):
                    found[offsets[item] + k, q, p] = slope[k, p] / max(chance[k], TINY)
    return found


@compiled
def _segment(skills: Integers, at: int, last: int) -> int:
    """Where the answers of the skill that begins at `at` end."""
    upto = at + 1
    while upto < last and skills[upto] == skills[at]:
        upto += 1
    return upto


@compiled
def _over_own(own: Floats, like: Floats, inner: Floats) -> None:
    """Likelihood of a skill's answers given each g: the average over the skill's own part."""
    for g in range(inner.size):
        chance = 0.0
        for j in range(own.size):
            chance += own[j] * like[g + j]
        inner[g] = max(chance, FLOOR)


@compiled
def _joint(share: Floats, inner: Floats, own: Floats, like: Floats, post: Floats) -> float:
    """Add a skill's posterior along theta to `post`; the expected square of s, in steps."""
    reach = own.size // 2
    square = 0.0
    for g in range(share.size):
        each = share[g] / inner[g]
        if each == 0.0:
            continue
        for j in range(own.size):
            joint = each * own[j] * like[g + j]
            post[g + j] += joint
            square += joint * (j - reach) * (j - reach)
    return square


@compiled
def _most_skills(start: Integers, skills: Integers) -> int:
    most = 1
    for student in range(start.size - 1):
        number = 0
        for at in range(start[student], start[student + 1]):
            if at == start[student] or skills[at] != skills[at - 1]:
                number += 1
        most = max(most, number)
    return most


@compiled
def _likelihood(cells: Integers, first: int, last: int, table: Floats, like: Floats) -> float:
    """Likelihood along theta of a student's answers in one skill, its largest value being 1; the log of what it was."""
    like[:] = table[cells[first]]
    for at in range(first + 1, last):
        like += table[cells[at]]
    peak: float = like.max()
    for q in range(like.size):
        like[q] = np.exp(like[q] - peak)
    return peak
