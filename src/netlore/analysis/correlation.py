"""Rank correlations between predictors, and of predictors with what a network costs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Correlation:
    """Kendall's tau-b of every pair of columns.

    Attributes:
        names: The k columns.
        tau: Shape (k, k), symmetric, 1 on the diagonal; NaN where it is undefined.
        n: Networks in which both columns are finite, shape (k, k).
        dropped: Networks left out of a pair because either column is not finite, shape (k, k).
    """

    names: tuple[str, ...]
    tau: Floats
    n: NDArray[np.int64]
    dropped: NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class PartialCorrelation:
    """How much of a predictor's ranking the cost of a network explains.

    Attributes:
        names: The k measures, such as flops, params, activations and depth.
        plain: Spearman's rho of the score with each, shape (k,).
        partial: The same given all other measures, shape (k,).
        explained: Share of the variance of the score's ranks that a linear model of all measures' ranks explains.
        n: Networks with a finite score.
    """

    names: tuple[str, ...]
    plain: Floats
    partial: Floats
    explained: float
    n: int


def kendall_matrix(columns: Mapping[str, Floats]) -> Correlation:
    """Kendall's tau-b between all pairs of columns, over the networks in which both are finite."""
    raise NotImplementedError


def partial_rank_correlation(scores: Floats, measures: Mapping[str, Floats]) -> PartialCorrelation:
    """Rank correlation of scores with each measure, plain and given all others."""
    raise NotImplementedError
