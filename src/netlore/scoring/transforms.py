"""Transforms: from raw scores to the scale on which they are analysed and drawn. Applied visibly, never stored.

The paper takes the natural logarithm of every predictor. That is undefined for jacov, which is at most -N, and
for grasp, which has either sign; so the transform is a named property of the predictor. All are increasing,
map NaN to NaN, and give NaN where they are undefined.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from netlore.plugins import Registry

Scores = NDArray[np.float64]


class Transform(NamedTuple):
    """A transform, and what it implies about the sign of raw scores.

    Attributes:
        apply: From raw scores to the scale.
        label: The axis label of what it gives.
        positive: From raw scores to values that are never negative: what a test for the exponential distribution
            looks at.
        positive_label: What these values are.
    """

    apply: Callable[[Scores], Scores]
    label: str
    positive: Callable[[Scores], Scores]
    positive_label: str


def identity(scores: Scores) -> Scores:
    """The raw scores."""
    return np.asarray(scores, dtype=np.float64)


def log(scores: Scores) -> Scores:
    """ln S, for predictors whose scores are positive; NaN where they are not."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(scores > 0, np.log(scores), np.nan)


def minus_log_minus(scores: Scores) -> Scores:
    """-ln(-S), for predictors whose scores are negative; NaN where they are not."""
    return -log(-identity(scores))


def signed_log(scores: Scores) -> Scores:
    """arcsinh S = sign(S) ln(|S| + sqrt(S^2 + 1)), for predictors of either sign."""
    return np.arcsinh(identity(scores))


def _positive(scores: Scores) -> Scores:
    """S where it is positive, and NaN elsewhere."""
    return np.where(identity(scores) > 0, identity(scores), np.nan)


def _negated(scores: Scores) -> Scores:
    """-S where S is negative, and NaN elsewhere."""
    return _positive(-identity(scores))


def _size(scores: Scores) -> Scores:
    """|S|."""
    return np.abs(identity(scores))


IDENTITY = Transform(identity, "S", _size, "|S|")
LOG = Transform(log, "ln S", _positive, "S")
MINUS_LOG_MINUS = Transform(minus_log_minus, "-ln(-S)", _negated, "-S")
SIGNED_LOG = Transform(signed_log, "arcsinh S", _size, "|S|")

TRANSFORMS: Registry[Transform] = Registry(
    "transform",
    "netlore.transforms",
    {name.lower(): f"{__name__}:{name}" for name in ("IDENTITY", "LOG", "MINUS_LOG_MINUS", "SIGNED_LOG")},
    fits=lambda entry: isinstance(entry, Transform),
)
"""By name; other packages add theirs through the entry-point group `netlore.transforms`."""
