"""How much of a score is the luck of initial weights, and how well a score so noisy can rank at most."""

from __future__ import annotations

import math
from typing import Annotated, NamedTuple

import numpy as np

from netlore.analysis import Floats
from netlore.analysis.reliability import variance_components
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

    All N scores are ranked together; s_a is the variance of ranks between architectures and s_w that within (see
    `reliability.variance_components`), k the mean number of draws.

    The share is s_w / (s_a + s_w), 1 less the intraclass correlation. What is ranked is the mean of k scores, of
    reliability q = s_a / (s_a + s_w / k), and noise that is independent of accuracy lowers a correlation by the
    factor sqrt(q) (see `reliability.ceiling`): so rho's ceiling is sqrt(q), and tau's (2 / pi) asin(sqrt(q)),
    exact for normal scores. Noise of the accuracies themselves, which come of training with few seeds, is not in
    it.

    Source: Kruskal 1958 (rho and tau).

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
    total, groups = int(draws.sum()), int((draws > 0).sum())
    if groups < 2 or total == groups:
        return None
    ranks = np.full(scores.shape, np.nan)
    ranks[known] = rankdata(scores[known])
    between, within = (float(one[0]) for one in variance_components(ranks, np.ones((1, len(ranks)))))
    if within + between == 0:
        return None
    size = (total - float(draws @ draws) / total) / (groups - 1)
    reliability = between / (between + within / size) if between else 0.0
    rho = math.sqrt(reliability)
    return InitialisationNoise(within / (between + within), rho, tau_of(rho), int((draws > 1).sum()))


def tau_of(rho: float) -> float:
    """About Kendall's tau of normal scores with a Spearman correlation: (2 / pi) asin(rho); Kruskal 1958."""
    return 2 / math.pi * math.asin(min(1.0, rho))
