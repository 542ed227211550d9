"""A smooth trend of scores over a design space, and what an architecture is worth by it and by its own scores."""

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
"""Architectures below which there is no trend but their mean."""
_LEAST_DOUBT = 0.02
"""Of the noise's variance: no trend is believed to be exact."""


@dataclass(frozen=True, eq=False)
class Trend:
    """A quadratic in the places on the grids, fitted to scores.

    Attributes:
        level: The mean score, which is all there is to the trend of fewer than three architectures.
        model: The fitted quadratic; None for those.
    """

    level: float
    model: Pipeline | None

    def at(self, places: Floats) -> Floats:
        """Predicted scores at places, shape (n, k) in, (n,) out."""
        if self.model is None:
            return np.full(len(places), self.level)
        return np.asarray(self.model.predict(places), dtype=np.float64)


def fit_trend(places: Floats, means: Floats, draws: NDArray[np.intp]) -> Trend:
    """Fit a ridge regression with all squares and products of two places.

    An architecture weighs as many times as it was scored, times exp(-2 r / n) with r = 0 for the best of n: the
    trend matters where scores are high. Of 13 penalties from 0.001 to 1,000 the one with the least error on
    architectures that were left out one by one is taken.

    Args:
        places: Where each architecture lies on each grid, from -1 for the lowest value to 1, shape (n, k).
        means: The mean score of each, shape (n,).
        draws: How many scores it is the mean of, shape (n,).
    """
    level = float(np.average(means, weights=draws))
    if len(means) < _FEWEST:
        return Trend(level, None)
    model = make_pipeline(PolynomialFeatures(2, include_bias=False), RidgeCV(_PENALTIES))
    weights = draws * _weights(means)
    model.fit(places, means, ridgecv__sample_weight=weights / weights.mean())
    return Trend(level, model)


def shrunken(means: Floats, draws: NDArray[np.intp], trend: Floats, noise: float) -> Floats:
    """What architectures are worth: between their own mean scores and the trend, as far as either can be believed.

    With n scores of an architecture, their mean m, the trend p and the noise s (the standard deviation of the
    scores of one architecture):

        worth = (n m / s^2 + p / t^2) / (n / s^2 + 1 / t^2)

    t^2 is the variance of true scores around the trend: the weighted mean of (m - p)^2 - s^2 / n over the better
    half, and at least 0.02 s^2. This is the best linear unbiased prediction of a model with random effects
    (Henderson 1975). Without noise an architecture is worth its mean.

    Args:
        means: Shape (n,).
        draws: Shape (n,).
        trend: Shape (n,).
        noise: In the unit of the scores; 0 if there is none, or it is not known.
    """
    if noise == 0:
        return means
    better = means >= np.median(means)
    weights = (draws * _weights(means))[better]
    excess = (means - trend)[better] ** 2 - noise**2 / draws[better]
    doubt = max(float(np.average(excess, weights=weights)), _LEAST_DOUBT * noise**2)
    own, other = draws / noise**2, 1 / doubt
    return np.asarray((own * means + other * trend) / (own + other), dtype=np.float64)


def _weights(means: Floats) -> Floats:
    """exp(-2 r / n) with the rank r of each, 0 for the highest."""
    ranks = np.empty(len(means))
    ranks[np.argsort(-means, kind="stable")] = np.arange(len(means))
    return np.exp(-2 * ranks / len(means))
