"""How much of a score is the luck of initial weights, and how well a score so noisy can rank at most."""

from __future__ import annotations

import math
from typing import Annotated, NamedTuple

import numpy as np

from netlore.analysis import Floats
from netlore.arguments import Shape, validated


class InitialisationNoise(NamedTuple):
    """Of the ranks of repeated scores, what is due to initial weights, and what follows.

    Attributes:
        share: Share of the variance that is between initialisations of one architecture: 0 if all are alike, 1 if
            the architecture makes no difference.
        rho_ceiling: The Spearman correlation with accuracy of a score that ranks perfectly but for this noise.
        tau_ceiling: Likewise of Kendall's tau.
        architectures: Those with two scores or more.
    """

    share: float
    rho_ceiling: float
    tau_ceiling: float
    architectures: int


@validated
def initialisation_noise(scores: Annotated[Floats, Shape("n", "draws")]) -> InitialisationNoise | None:
    """Split the variance of ranks into architectures and initialisations (one-way random effects).

    All N scores are ranked together, r_ad is the rank of architecture a's draw d, of k_a, A architectures:

        MSB = sum_a k_a (r_a. - r..)^2 / (A - 1),        MSW = sum_ad (r_ad - r_a.)^2 / (N - A)
        s_w = MSW,        s_a = max(0, (MSB - MSW) / k),        k = (N - sum_a k_a^2 / N) / (A - 1)

    The share is s_w / (s_a + s_w). What is ranked is the mean of k scores, of reliability
    q = s_a / (s_a + s_w / k), and noise that is independent of accuracy lowers a correlation by the factor
    sqrt(q): so rho's ceiling is sqrt(q), and tau's (2 / pi) asin(sqrt(q)), exact for normal scores. Noise of the
    accuracies themselves, which come of training with few seeds, is not in it.

    Sources: Searle, Casella and McCulloch 1992, "Variance components" (unequal k_a); Spearman 1904 (attenuation);
    Kruskal 1958 (rho and tau).

    Args:
        scores: Shape (architectures, draws), NaN for a draw without a score.

    Returns:
        None without two architectures, or where none has two scores or all scores are equal.

    >>> found = initialisation_noise(np.array([[1.0, 2.0], [5.0, 6.0], [9.0, 8.0]]))
    >>> round(found.share, 3), round(found.rho_ceiling, 3)
    (0.118, 0.968)
    """
    from scipy.stats import rankdata  # slow to import

    known = np.isfinite(scores)
    draws = known.sum(axis=1)
    kept, total, groups = draws > 0, int(draws.sum()), int((draws > 0).sum())
    if groups < 2 or total == groups:
        return None
    ranks = np.full(scores.shape, np.nan)
    ranks[known] = rankdata(scores[known])
    ranks, draws = ranks[kept], draws[kept]
    means = np.nansum(ranks, axis=1) / draws
    within = float(np.nansum((ranks - means[:, np.newaxis]) ** 2)) / (total - groups)
    between = float(draws @ (means - (total + 1) / 2) ** 2) / (groups - 1)
    if within + between == 0:
        return None
    size = (total - float(draws @ draws) / total) / (groups - 1)
    own = max(0.0, (between - within) / size)
    reliability = own / (own + within / size) if own else 0.0
    rho = math.sqrt(reliability)
    tau = 2 / math.pi * math.asin(min(1.0, rho))
    return InitialisationNoise(within / (own + within), rho, tau, int((draws > 1).sum()))
