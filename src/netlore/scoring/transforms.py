"""Transforms: from raw scores to the scale on which they are analysed and drawn. Applied visibly, never stored.

The paper takes the natural logarithm of every predictor. That is undefined for jacov, which is at most -N, and
for grasp, which has either sign; so the transform is a named property of the predictor. All are increasing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Scores = NDArray[np.float64]


class Transform(NamedTuple):
    """A transform and the axis label of what it gives."""

    apply: Callable[[Scores], Scores]
    label: str


def identity(scores: Scores) -> Scores:
    """The raw scores."""
    return np.asarray(scores, dtype=np.float64)


def log(scores: Scores) -> Scores:
    """ln S, for predictors whose scores are positive; NaN where they are not."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(scores > 0, np.log(scores), np.nan)


def minus_log_minus(scores: Scores) -> Scores:
    """-ln(-S), for predictors whose scores are negative; NaN where they are not."""
    return -log(-np.asarray(scores, dtype=np.float64))


def signed_log(scores: Scores) -> Scores:
    """arcsinh S = sign(S) ln(|S| + sqrt(S^2 + 1)), for predictors of either sign."""
    return np.arcsinh(np.asarray(scores, dtype=np.float64))


TRANSFORMS: dict[str, Transform] = {
    "identity": Transform(identity, "S"),
    "log": Transform(log, "ln S"),
    "minus_log_minus": Transform(minus_log_minus, "-ln(-S)"),
    "signed_log": Transform(signed_log, "arcsinh S"),
}
