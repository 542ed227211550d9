"""How sure a statistic of networks is: the same of resampled networks, and what to say if there is none."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from netlore.analysis import Column
from netlore.arguments import Level, Seed, validated
from netlore.errors import InvalidInput

RESAMPLES = 1_000
MOST_COUNTS = 10**9
"""Which take 4 GB."""
LEVEL = 0.95

Counts = NDArray[np.float32]
"""How often each of n networks is in each of r resamples, shape (r, n); rows add up to n. Of a part of the
networks, its columns."""


class Statistic(NamedTuple):
    """A value with the ends of its interval, or the reason why there is none.

    Attributes:
        value: The statistic of the networks as they are; None: it is undefined.
        low, high: Ends of its 95 % bootstrap interval; None: undefined in most resamples, or not computed.
        n: Networks that it is of.
        reason: Why there is no value, as a part of a sentence; empty if there is one.
    """

    value: float | None
    low: float | None = None
    high: float | None = None
    n: int = 0
    reason: str = ""


@validated
def resampled_counts(n: int, resamples: int = RESAMPLES, seed: Seed = 0) -> Counts:
    """Draw n networks with replacement out of n, again and again: how often each is drawn, shape (resamples, n).

    Raises:
        InvalidInput: No network, or no resample.

    >>> resampled_counts(4, resamples=2).sum(axis=1).tolist()
    [4.0, 4.0]
    """
    if n < 1 or resamples < 1:
        raise InvalidInput(f"n = {n} and resamples = {resamples} must both be positive; give 1 or more of each.")
    if n * resamples > MOST_COUNTS:
        raise InvalidInput(
            f"{resamples:,} resamples of {n:,} networks are {resamples * n:.2g} numbers; give fewer, "
            f"{max(MOST_COUNTS // n, 1):,} for example."
        )
    drawn = np.random.default_rng(seed).integers(n, size=(resamples, n))
    drawn += np.arange(resamples)[:, np.newaxis] * n
    return np.bincount(drawn.ravel(), minlength=resamples * n).reshape(resamples, n).astype(np.float32)


@validated
def statistic_of(samples: Column, n: int, reason: str = "it is undefined", level: Level = LEVEL) -> Statistic:
    """Make a statistic of its value, the first of the samples, and of those of the resamples, all the others.

    The interval reaches from the (1 - level) / 2 quantile of the resamples to that of (1 + level) / 2, linearly
    interpolated (Efron 1979, the percentile method). Resamples without a value are left out; if they are more than
    half, there is no interval. The reason is of a value that is NaN.

    >>> statistic_of(np.array([0.5, 0.25, 0.5, 0.75, 1.0, 0.0]), 9, level=0.5)
    Statistic(value=0.5, low=0.25, high=0.75, n=9, reason='')
    """
    if not len(samples):
        raise InvalidInput("0 samples have no value; give one or more, the value first.")
    value, others = float(samples[0]), samples[1:]
    if not np.isfinite(value):
        return Statistic(None, n=n, reason=reason)
    known = others[np.isfinite(others)]
    if 2 * len(known) < max(1, len(others)):
        return Statistic(value, n=n)
    low, high = np.quantile(known, [(1 - level) / 2, (1 + level) / 2]).tolist()
    return Statistic(value, low, high, n)
