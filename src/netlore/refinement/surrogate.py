"""A surrogate of the scores over a design space, and what it and an architecture's own scores say together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import RidgeCV
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import PolynomialFeatures

Floats = NDArray[np.float64]

_PENALTIES = np.logspace(-3, 3, 13)
_FEWEST = 3
"""Architectures below which the surrogate is their mean."""
_LEAST_VARIANCE = 0.02
"""Of the noise's variance: no surrogate is taken to be exact."""


@dataclass(frozen=True, eq=False)
class Surrogate:
    """A quadratic in the grid indices, fitted to scores.

    Attributes:
        level: The mean score, which is all there is to the surrogate of fewer than three architectures.
        model: The fitted quadratic; None for those.
    """

    level: float
    model: Pipeline | None

    def at(self, points: Floats) -> Floats:
        """Predicted scores at points, shape (n, k) in, (n,) out."""
        if self.model is None:
            return np.full(len(points), self.level)
        return np.asarray(self.model.predict(points), dtype=np.float64)


def fit_surrogate(points: Floats, means: Floats, draws: NDArray[np.intp]) -> Surrogate:
    """Fit a ridge regression with all squares and products of two coordinates.

    An architecture weighs as many times as it was scored, times exp(-2 r / n) with r = 0 for the best of n: the
    surrogate matters where scores are high. Of 13 penalties from 0.001 to 1,000 the one with the least error on
    architectures that were left out one by one is taken.

    Args:
        points: Where each architecture lies on each grid, from -1 for the lowest value to 1, shape (n, k).
        means: The mean score of each, shape (n,).
        draws: How many scores it is the mean of, shape (n,).
    """
    level = float(np.average(means, weights=draws))
    if len(means) < _FEWEST:
        return Surrogate(level, None)
    model = make_pipeline(PolynomialFeatures(2, include_bias=False), RidgeCV(_PENALTIES))
    weights = draws * _weights(means)
    model.fit(points, means, ridgecv__sample_weight=weights / weights.mean())
    return Surrogate(level, model)


def blup(means: Floats, draws: NDArray[np.intp], predicted: Floats, noise: float) -> Floats:
    """The best linear unbiased prediction of true scores, between own means and the surrogate.

    With n scores of an architecture, their mean m, the surrogate p and the noise s (the standard deviation of the
    scores of one architecture):

        estimate = (n m / s^2 + p / t^2) / (n / s^2 + 1 / t^2)

    t^2 is the variance of true scores around the surrogate: the weighted mean of (m - p)^2 - s^2 / n over the
    better half, and at least 0.02 s^2. Without noise the estimate is the mean. Source: Henderson 1975.

    Arrays have the shape (n,); `noise` is in the unit of the scores, 0 if there is none, or it is not known.
    """
    if noise == 0:
        return means
    better = means >= np.median(means)
    weights = (draws * _weights(means))[better]
    excess = (means - predicted)[better] ** 2 - noise**2 / draws[better]
    variance = max(float(np.average(excess, weights=weights)), _LEAST_VARIANCE * noise**2)
    own, other = draws / noise**2, 1 / variance
    return np.asarray((own * means + other * predicted) / (own + other), dtype=np.float64)


def _weights(means: Floats) -> Floats:
    """exp(-2 r / n) with the rank r of each, 0 for the highest."""
    ranks = np.empty(len(means))
    ranks[np.argsort(-means, kind="stable")] = np.arange(len(means))
    return np.exp(-2 * ranks / len(means))
