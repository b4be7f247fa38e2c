"""The M-step: one scoring step of every item, and the latent distributions.

Without fixed items the scale is free until the first group is put at N(0, 1). Plain EM creeps
along that direction; here the first group's mean and variance are estimated too and then taken
into the items (parameter-expanded EM), which leaves the fixed points where they are.

References
----------
Liu, Rubin & Wu (1998), Parameter expansion to accelerate EM: the PX-EM algorithm, Biometrika 85(4).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from models import em_priors
from models.em_kernels import GRADED, GUESSING, Floats, score_items
from models.em_layout import Layout, Mask
from models.em_priors import Priors

LONGEST_STEP = 1.0
"""Of any parameter in one cycle; scoring steps from poor start values overshoot."""
STEEPEST = 12.0
"""Bound of |a|: with steeper items the data are separable and the slope has no end."""
FURTHEST = 40.0
"""Bound of the steps e = -a b."""
GUESS_BOUNDS = (-7.0, 0.5)
"""Bounds of the logit of c, about .001 and .62."""
_APART = 1e-3
"""Least distance of graded steps."""
_RIDGE = 1e-9


@dataclass(frozen=True, eq=False, slots=True)
class State:
    """Item parameters (n_items, n_parameters), and mean and log sd of each group (n_groups, 2)."""

    params: Floats
    latent: Floats

    def flat(self) -> Floats:
        """All numbers in a row."""
        return np.concatenate([self.params.ravel(), self.latent.ravel()])

    def like(self, flat: Floats) -> State:
        """Undo `flat`."""
        size = self.params.size
        return State(flat[:size].reshape(self.params.shape), flat[size:].reshape(self.latent.shape))


def improve(layout: Layout, priors: Priors, theta: Floats, state: State, counts: Floats) -> State:
    """Parameters after one M-step from the expected counts at `state`."""
    params = improved_items(layout, priors, theta, state.params, counts)
    latent = moments(theta, counts[: layout.groups])
    if layout.held.any():
        return State(params, latent)
    return _standardised(layout, priors, State(params, latent), counts[0].sum())


def improved_items(layout: Layout, priors: Priors, theta: Floats, params: Floats, counts: Floats) -> Floats:
    """Item parameters after one scoring step from the expected counts at `params`."""
    gradient, information = score_items(layout.codes, layout.scores, layout.offsets, params, theta, counts)
    em_priors.add(priors, layout, params, gradient, information)
    step = np.clip(_steps(layout, gradient, information), -LONGEST_STEP, LONGEST_STEP)
    return bounded(layout, _feasible_step(layout, priors, params, step))


def _steps(layout: Layout, gradient: Floats, information: Floats) -> Floats:
    """Scoring steps; items of the common slope share the step of the slope."""
    free = layout.used & ~layout.held[:, None]
    own = free.copy()
    own[layout.common, 0] = False
    inner = information * (own[:, :, None] & own[:, None, :])
    diagonal = np.einsum("ijj->ij", inner)
    diagonal += np.where(own, _RIDGE * (1.0 + diagonal), 1.0)
    cross = information[:, :, 0] * own
    solved = np.linalg.solve(inner, np.stack([gradient * own, cross], axis=2))
    step, along = solved[:, :, 0], solved[:, :, 1]
    if layout.common.any():
        rest = gradient[:, 0] - np.sum(cross * step, axis=1)
        stiff = information[:, 0, 0] - np.sum(cross * along, axis=1)
        slope = rest[layout.common].sum() / stiff[layout.common].sum()
        step = np.where(layout.common[:, None], step - slope * along, step)
        step[layout.common, 0] = slope
    return np.asarray(step)


def feasible(layout: Layout, priors: Priors, params: Floats) -> Mask:
    """Items whose parameters have a likelihood and a prior density."""
    fine = (params[:, 0] > _APART) if priors.slope else np.ones(len(params), dtype=np.bool_)
    graded = layout.codes == GRADED
    if graded.any():
        falling = params[:, 1:-1] - params[:, 2:] > _APART
        fine &= ~graded | (falling | ~layout.steps[:, 2:]).all(axis=1)
    return np.asarray(fine | layout.held)


def _feasible_step(layout: Layout, priors: Priors, params: Floats, step: Floats) -> Floats:
    """Halve the step of an item until it ends where it may; the common slope's for all its items."""
    for _ in range(30):
        bad = ~feasible(layout, priors, params + step)
        if not bad.any():
            return params + step
        if (bad & layout.common).any():
            bad |= layout.common
        step = np.where(bad[:, None], 0.5 * step, step)
    return params


def bounded(layout: Layout, params: Floats) -> Floats:
    """Parameters kept within the bounds; those of held items as they are."""
    kept = np.clip(params, -FURTHEST, FURTHEST)
    kept[:, 0] = np.clip(params[:, 0], -STEEPEST, STEEPEST)
    guessing = layout.codes == GUESSING
    if guessing.any():
        kept[guessing, 2] = np.clip(params[guessing, 2], *GUESS_BOUNDS)
    return np.where(layout.held[:, None], params, kept)


def moments(theta: Floats, counts: Floats) -> Floats:
    """Mean and log sd of each group from its expected counts over the grid."""
    total = np.maximum(counts.sum(axis=1), np.finfo(np.float64).tiny)
    mean = counts @ theta / total
    variance = counts @ theta**2 / total - mean**2
    return np.stack([mean, 0.5 * np.log(np.maximum(variance, 1e-4))], axis=1)


def _standardised(layout: Layout, priors: Priors, state: State, students: float) -> State:
    """Put the first group at N(0, 1) again and take its mean and sd into the items and other groups."""
    mean, log_sd = state.latent[0]
    g_m, g_t, h_m, h_t = em_priors.rescaled(priors, layout, state.params)
    second = np.exp(2.0 * log_sd) + mean * mean
    if h_m == h_t == 0.0:
        shift, stretch = mean, log_sd
    else:
        shift = (students * mean + g_m) / (students + h_m)
        stretch = (0.5 * students * (second - 1.0) + 0.5 * g_t) / (students + 0.5 * h_t)
    shift, stretch = np.clip(shift, -1.0, 1.0), np.clip(stretch, -0.5, 0.5)
    params = state.params.copy()
    params += np.where(layout.steps, params[:, :1] * shift, 0.0)
    params[:, 0] *= np.exp(stretch)
    latent = state.latent - [[0.0, stretch]]
    latent[:, 0] = (latent[:, 0] - shift) / np.exp(stretch)
    latent[0] = 0.0
    return State(bounded(layout, params), latent)
