"""How much each hyperparameter matters for a score."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Importance:
    """Permutation importance of hyperparameters for the ranks of a score.

    Attributes:
        names: The k hyperparameters.
        values: Mean loss of R^2 on networks held out when a hyperparameter is shuffled, shape (k,).
        spread: Standard deviation of that over the folds, shape (k,).
        r2: R^2 on networks held out with nothing shuffled.
        n: Networks with a finite score.
    """

    names: tuple[str, ...]
    values: NDArray[np.float64]
    spread: NDArray[np.float64]
    r2: float
    n: int


def importance(
    columns: Mapping[str, NDArray[np.int64]], scores: NDArray[np.float64], folds: int = 5, seed: int = 0
) -> Importance:
    """Fit a forest to the ranks of a score and see what shuffling each hyperparameter costs."""
    raise NotImplementedError
