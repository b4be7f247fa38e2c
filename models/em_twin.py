"""The E-step written for reading: the oracle that the fast kernel is tested against."""

from __future__ import annotations

import numpy as np
from scipy.special import logsumexp

from models.em_kernels import Floats, Integers


def expect(start: Integers, cells: Integers, weights: Floats, table: Floats) -> tuple[Floats, float]:
    """As `models.em_kernels.expect`: expected counts and log-likelihood of one shard.

    References
    ----------
    Bock & Aitkin (1981), Marginal maximum likelihood estimation of item parameters: application of an
    EM algorithm, Psychometrika 46(4).

    Examples
    --------
    One student of two equally likely abilities, who is as likely to do this at either:

    >>> table = np.log([[0.5, 0.5], [0.2, 0.2]])
    >>> counts, fit = expect(np.array([0, 2]), np.array([0, 1]), np.ones(1), table)
    >>> counts.round(4).tolist(), round(float(np.exp(fit)), 4)
    ([[0.5, 0.5], [0.5, 0.5]], 0.2)
    """
    counts, total = np.zeros_like(table), 0.0
    for first, last, weight in zip(start[:-1], start[1:], weights, strict=True):
        own = cells[first:last]
        joint = table[own].sum(axis=0)
        fit = logsumexp(joint)
        np.add.at(counts, own, weight * np.exp(joint - fit))
        total += weight * float(fit)
    return counts, total
