"""Do principles repeat over seeds, and do predictors agree?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Found = tuple[int, int, int]  # low, median, high
Grids = Mapping[str, Sequence[int]]


@dataclass(frozen=True, eq=False)
class Stability:
    """How principles repeat over replicated refinements.

    Attributes:
        names: The k hyperparameters.
        containment: Per hyperparameter, the share of ordered pairs of replicates in which the interval of the one
            contains the median of the other, shape (k,).
        jaccard: Per hyperparameter, the mean over pairs of values in both intervals over values in either, on the
            grid, shape (k,).
        replicates: How many refinements were compared, 2 or more.
    """

    names: tuple[str, ...]
    containment: NDArray[np.float64]
    jaccard: NDArray[np.float64]
    replicates: int


@dataclass(frozen=True, eq=False)
class Agreement:
    """How far the principles of several predictors overlap.

    Attributes:
        names: The p predictors.
        jaccard: Mean over hyperparameters of values in both intervals over values in either, on the grid, (p, p).
    """

    names: tuple[str, ...]
    jaccard: NDArray[np.float64]


def stability(found: Sequence[Mapping[str, Found]], grids: Grids) -> Stability:
    """Compare the final intervals and medians of two or more refinements of one predictor."""
    raise NotImplementedError


def agreement(principles: Mapping[str, Mapping[str, tuple[int, int]]], grids: Grids) -> Agreement:
    """Compare the principles of predictors on one design space."""
    raise NotImplementedError
