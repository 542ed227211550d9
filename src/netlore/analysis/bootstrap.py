"""The empirical bootstrap of the best network's hyperparameters, exact and by resampling (the paper, section V-C).

The paper resamples a quarter of the networks with replacement, notes the hyperparameters of the best one, repeats
that 10,000 times and takes the percentiles. The distribution that this approaches has a closed form, so the exact
interval needs no resampling and no seed. Names of a category have no order, hence no percentiles but shares of the
same distribution: a name is kept if the best network has it with a probability of 2.5 % or more.

Rules, the same for both: higher scores are better; of equal scores the one that comes first ranks first;
percentiles are values of the sample (inverted distribution function), never interpolated, so intervals of
hyperparameters lie on their grid.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from netlore.analysis import AnyColumn, Column, Floats
from netlore.arguments import validated
from netlore.errors import InvalidInput

SHARE = 0.25  # networks resampled, of those that were asked for
LEVEL = 0.95
RESAMPLES = 10_000


class Estimate(NamedTuple):
    """Percentiles of the best network's value of one quantity: both ends of the interval, and the median."""

    low: Any
    median: Any
    high: Any

    @property
    def kept(self) -> tuple[Any, ...]:
        """The interval, (low, high)."""
        return self.low, self.high


@dataclass(frozen=True)
class Shares:
    """How probable it is that the best network has each name of a category.

    Attributes:
        shares: Probabilities by name, the names of the networks only; they add up to 1.
        tail: A name is kept if its share is at least that much, 2.5 % as for intervals.
    """

    shares: Mapping[str, float]
    tail: float = (1 - LEVEL) / 2

    @property
    def kept(self) -> tuple[str, ...]:
        """The names that are probable enough, the most probable one among them in any case."""
        least = min(self.tail - 1e-12, max(self.shares.values()))
        return tuple(name for name, share in self.shares.items() if share >= least)

    @property
    def mode(self) -> str:
        """The most probable name; of equal ones the first."""
        return max(self.shares, key=self.shares.__getitem__)


Networks = Annotated[int, Field(le=10**8)]

Estimates = dict[str, Any]
"""Of each quantity: of numbers an `Estimate`, of names `Shares`."""


@validated
def rank_probabilities(n: Networks, m: Networks) -> Floats:
    """P(the best of m draws with replacement out of n is the one of rank r) = ((n-r+1)/n)^m - ((n-r)/n)^m.

    Shape (n,), rank 1 first; adds up to 1. For n = 500 and m = 125 the first is 0.221, and the first 15 are the
    fewest that add up to 0.975 or more.
    """
    if n < 1 or m < 1:
        raise InvalidInput(f"n = {n} and m = {m} are not both positive; give 1 or more networks and draws.")
    survival = (np.arange(n, -1, -1, dtype=np.float64) / n) ** m
    return survival[:-1] - survival[1:]


@validated
def exact_bootstrap(
    scores: Column, columns: Mapping[str, AnyColumn], draws: int | None = None, level: float = LEVEL
) -> Estimates:
    """The limit of the paper's bootstrap for infinitely many resamples.

    Args:
        scores: Finite scores of n networks, shape (n,); higher is better.
        columns: Quantities of the same networks, shape (n,) each: hyperparameters, complexities; numbers, or the
            names of a category.
        draws: Networks in a resample, m; a quarter of n, rounded up, if not given. It may exceed n: a sample of
            500 networks that consists of few architectures many times over, each with one score, has the same
            distribution of the best as those few with m = 125.
        level: Probability that the interval holds.

    >>> scores = np.array([3.0, 1.0, 2.0, 0.0])
    >>> exact_bootstrap(scores, {"d1": np.array([16, 2, 15, 1])}, draws=4)
    {'d1': Estimate(low=2, median=16, high=16)}
    """
    n, m = _checked(scores, columns, draws, level)
    order = np.argsort(-scores, kind="stable")
    probabilities = rank_probabilities(n, m)
    return {name: _estimate(column[order], probabilities, level) for name, column in columns.items()}


@validated
def monte_carlo_bootstrap(
    scores: Column,
    columns: Mapping[str, AnyColumn],
    draws: int | None = None,
    level: float = LEVEL,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> Estimates:
    """The paper's bootstrap as printed: resample, note the best, repeat, take percentiles.

    Arguments as in `exact_bootstrap`; `resamples` is the number of repetitions, `seed` decides them.
    """
    n, m = _checked(scores, columns, draws, level)
    if resamples < 1:
        raise InvalidInput(f"resamples = {resamples} is not positive; choose 1 or more.")
    order = np.argsort(-scores, kind="stable")
    rng = np.random.default_rng(seed)
    # Networks are drawn by rank, so the best of a resample is the smallest number drawn.
    size = max(1, 2**22 // m)  # a part of the resamples at a time
    parts = [min(size, resamples - start) for start in range(0, resamples, size)]
    best = np.concatenate([rng.integers(n, size=(part, m)).min(axis=1) for part in parts])
    probabilities = np.bincount(best, minlength=n) / resamples
    return {name: _estimate(column[order], probabilities, level) for name, column in columns.items()}


def _checked(
    scores: Floats, columns: Mapping[str, NDArray[Any]], draws: int | None, level: float
) -> tuple[int, int]:
    n = len(scores)
    if n == 0 or not np.isfinite(scores).all():
        raise InvalidInput(
            f"{n} scores, {int(np.isfinite(scores).sum())} of them finite; give one or more finite scores."
        )
    if not 0 < level < 1:
        raise InvalidInput(f"level = {level:g} is no probability; choose a value between 0 and 1.")
    m = quarter(n) if draws is None else draws
    if m < 1:
        raise InvalidInput(f"draws m = {m} is not positive; choose 1 or more.")
    return n, m


def quarter(n: int) -> int:
    """The paper's size of a resample: a quarter of n networks, rounded up."""
    return math.ceil(SHARE * n)


def _estimate(ranked: NDArray[Any], probabilities: Floats, level: float) -> Estimate | Shares:
    """Percentiles of values, or shares of names, best network first, under probabilities of the ranks."""
    values, inverse = np.unique(ranked, return_inverse=True)
    weights, tail = np.bincount(inverse, weights=probabilities), (1 - level) / 2
    if values.dtype.kind in "UO":
        return Shares(dict(zip(values.tolist(), weights.tolist(), strict=True)), tail)
    cumulative = np.cumsum(weights)
    # A sum that is a percentile up to rounding counts as having reached it.
    targets = np.asarray([tail, 0.5, 1 - tail]) - 1e-12
    low, median, high = values[np.minimum(np.searchsorted(cumulative, targets), len(values) - 1)].tolist()
    return Estimate(low, median, high)
