"""Priors on item parameters, as penalties of the M-step."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite

import numpy as np
from scipy.special import expit, log_expit

from models.em_kernels import GUESSING, Floats
from models.em_layout import Layout


@dataclass(frozen=True, slots=True)
class Priors:
    """What is believed of items before any answer; None leaves a parameter to the data alone.

    Parameters
    ----------
    slope : (mean, sd) of log a, or None
    difficulty : (mean, sd) of each b in logits, or None; needs a prior on the slope
    guessing : (alpha, beta) of the beta density of c, or None

    Raises
    ------
    ValueError
        If a spread is not positive, or b has a prior and a none: b has no meaning where a may be 0.

    References
    ----------
    Mislevy (1986), Bayes modal estimation in item response models, Psychometrika 51(2).
    """

    slope: tuple[float, float] | None = (0.0, 0.5)
    difficulty: tuple[float, float] | None = (0.0, 2.0)
    guessing: tuple[float, float] | None = (5.0, 17.0)

    def __post_init__(self) -> None:
        for name in ("slope", "difficulty"):
            prior = getattr(self, name)
            if prior and not (isfinite(prior[0]) and isfinite(prior[1]) and prior[1] > 0.0):
                raise ValueError(f"the prior of {name} needs a finite mean and a positive sd, not {prior}")
        if self.guessing and not (min(self.guessing) > 1.0 and isfinite(sum(self.guessing))):
            raise ValueError(f"the beta prior of guessing needs two finite numbers over 1, not {self.guessing}")
        if self.difficulty and not self.slope:
            raise ValueError("a prior on difficulty needs one on the slope")


NONE = Priors(slope=None, difficulty=None, guessing=None)


def slope_share(layout: Layout) -> Floats:
    """How much of the slope's prior falls to each item: a common slope has it once among all."""
    return np.where(layout.held, 0.0, np.where(layout.common, 1.0 / max(1, layout.common.sum()), 1.0))


def log_density(priors: Priors, layout: Layout, params: Floats) -> float:
    """Log of the prior density of the free items, but for constants."""
    total = 0.0
    if priors.slope:
        mean, sd = priors.slope
        total -= float(slope_share(layout) @ (np.log(params[:, 0]) - mean) ** 2) / (2.0 * sd * sd)
    if priors.difficulty:
        mean, sd = priors.difficulty
        b = -params / params[:, :1]
        total -= float(((b - mean) ** 2)[layout.steps & ~layout.held[:, None]].sum()) / (2.0 * sd * sd)
    rows = (layout.codes == GUESSING) & ~layout.held
    if priors.guessing and rows.any():
        alpha, beta = priors.guessing
        logit = params[rows, 2]
        total += float(((alpha - 1.0) * log_expit(logit) + (beta - 1.0) * log_expit(-logit)).sum())
    return total


def add(priors: Priors, layout: Layout, params: Floats, gradient: Floats, information: Floats) -> None:
    """Add the priors' part to the gradient and (Gauss-Newton) information, in place."""
    a = params[:, 0]
    if priors.slope:
        mean, sd = priors.slope
        share = slope_share(layout) / (sd * sd)
        gradient[:, 0] -= share * (np.log(a) - mean) / a
        information[:, 0, 0] += share / (a * a)
    if priors.difficulty:
        mean, sd = priors.difficulty
        for k in range(1, params.shape[1]):
            has = layout.steps[:, k] & ~layout.held
            b = -params[:, k] / a
            pull = np.where(has, (b - mean) / (sd * sd), 0.0)
            stiff = np.where(has, 1.0 / (sd * sd * a * a), 0.0)
            gradient[:, 0] += pull * b / a
            gradient[:, k] += pull / a
            information[:, 0, 0] += stiff * b * b
            information[:, 0, k] += stiff * b
            information[:, k, 0] += stiff * b
            information[:, k, k] += stiff
    rows = (layout.codes == GUESSING) & ~layout.held
    if priors.guessing and rows.any():
        alpha, beta = priors.guessing
        c = expit(params[rows, 2])
        gradient[rows, 2] += (alpha - 1.0) * (1.0 - c) - (beta - 1.0) * c
        information[rows, 2, 2] += (alpha + beta - 2.0) * c * (1.0 - c)


def rescaled(priors: Priors, layout: Layout, params: Floats) -> tuple[float, float, float, float]:
    """Gradient and curvature of the penalty as the scale moves by m and stretches by e^t: (g_m, g_t, h_m, h_t)."""
    g_m = g_t = h_m = h_t = 0.0
    if priors.slope:
        mean, sd = priors.slope
        share = slope_share(layout) / (sd * sd)
        g_t -= float(share @ (np.log(params[:, 0]) - mean))
        h_t += float(share.sum())
    if priors.difficulty:
        mean, sd = priors.difficulty
        b = (-params / params[:, :1])[layout.steps & ~layout.held[:, None]]
        pull = (b - mean) / (sd * sd)
        g_m += float(pull.sum())
        g_t += float(pull @ b)
        h_m += b.size / (sd * sd)
        h_t += float(b @ b) / (sd * sd)
    return g_m, g_t, h_m, h_t
