"""How scores are distributed: their empirical distribution function (EDF), and whether they are exponential.

The paper draws one EDF per round of a refinement (section VI-B); a round whose curve lies further to the right
yields better networks when one is picked blindly. Lilliefors' test is of its section VI-A.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike

from netlore.analysis import Column, Floats
from netlore.arguments import validated
from netlore.errors import InvalidInput

FEWEST = 4  # values without which nothing can be said
SAMPLES = 9_999  # of exponential values, which the p-value counts
SMALLEST_P = 1 / (SAMPLES + 1)
_LARGEST_SAMPLE = 1_000


@dataclass(frozen=True)
class ExponentialTest:
    """Lilliefors' Kolmogorov-Smirnov test of n values for the exponential distribution with unknown mean.

    Attributes:
        statistic: Largest distance between the EDF and the exponential distribution of the same mean.
        p_value: Probability of so large a distance if the values were exponential, 0.0001 or more.
    """

    statistic: float
    p_value: float
    n: int
    level: float = 0.05

    @property
    def rejected(self) -> bool:
        """Whether the values are not exponentially distributed, at that level."""
        return self.p_value < self.level


@validated
def edf(scores: ArrayLike) -> tuple[Floats, Floats]:
    """Give the points at which the empirical distribution function of the scores steps up.

    F(x) = |{i : s_i <= x}| / n. Equal scores make one, higher step, so the x are strictly increasing and the
    last fraction is exactly 1.

    Differs from the paper, which prints F(x) = P(S < x): both agree everywhere but at the steps themselves.

    Returns:
        The distinct scores in increasing order and F at each of them; both of shape (k,), k <= n.

    Raises:
        InvalidInput: There is no score, the scores are not one-dimensional, or one of them is NaN.

    >>> x, fraction = edf([3.0, 1.0, 3.0, 7.0])
    >>> x.tolist(), fraction.tolist()
    ([1.0, 3.0, 7.0], [0.25, 0.75, 1.0])
    """
    values = np.asarray(scores, dtype=np.float64)
    if values.ndim != 1 or values.size == 0:
        raise InvalidInput(f"An EDF needs scores of shape (n,), n >= 1, not {values.shape}; pass a flat array.")
    missing = int(np.isnan(values).sum())
    if missing:
        raise InvalidInput(f"An EDF has no place for NaN, but {missing} scores are NaN; leave them out.")
    x, counts = np.unique(values, return_counts=True)
    return x, np.cumsum(counts) / values.size


@validated
def exponential_test(values: Column, level: float = 0.05) -> ExponentialTest:
    """Test positive values; those that are not finite are left out.

    D = max_x |F_n(x) - (1 - exp(-x / mean))|, F_n the EDF of the n values. Estimating the mean makes D smaller
    than the plain Kolmogorov-Smirnov test allows for, so p = (1 + k) / 10,000 counts the k of 9,999 samples of n
    exponential values, always the same ones, whose D is as large. Beyond n = 1,000 the samples have 1,000 values,
    and D (sqrt(n) + 0.26 + 0.5 / sqrt(n)) of D - 0.2 / n is compared, whose law hardly depends on n (Stephens).
    Multiplying all values by a number changes nothing. Not rejecting is no proof: a small sample says little.

    Source: Lilliefors 1969, "On the Kolmogorov-Smirnov test for the exponential distribution with mean unknown";
    Stephens 1974, "EDF statistics for goodness of fit and some comparisons".

    Raises:
        InvalidInput: Fewer than four values are finite; one of these is not positive, as exponential ones are; or
            no p-value can lie on either side of the level.

    No value is below 0.9, where the exponential distribution of mean 1 has reached 1 - exp(-0.9) = 0.593:

    >>> round(exponential_test(np.array([0.9, 1.0, 1.0, 1.1])).statistic, 3)
    0.593
    """
    found = np.asarray(values, dtype=np.float64)
    found = found[np.isfinite(found)]
    if not SMALLEST_P < level < 1:
        raise InvalidInput(f"level = {level:g} is beyond all p-values, 0.0001 to 1; choose 0.05 or 0.01.")
    if len(found) < FEWEST:
        raise InvalidInput(f"{len(found)} finite values are too few for Lilliefors' test; give {FEWEST} or more.")
    if found.min() <= 0:
        raise InvalidInput(f"{found.min():g} is not positive, as exponential values are; test -S or |S| instead.")
    # The test knows no unit, and the sum of huge values, such as those of synflow, would overflow.
    statistic = float(_distances(found[np.newaxis] / found.max())[0])
    # Not scipy.stats.goodness_of_fit, which keeps all 9,999 samples in memory: 80 MB for each 1,000 values.
    beyond = _null_law(min(len(found), _LARGEST_SAMPLE)) >= _modified(statistic, len(found)) - 1e-12
    return ExponentialTest(statistic, (1 + int(beyond.sum())) / (SAMPLES + 1), len(found), level)


def _distances(samples: Floats) -> Floats:
    """D of each sample, shape (samples, n): the EDF is farthest from the distribution just before or at a step."""
    ascending, n = np.sort(samples, axis=1), samples.shape[1]
    expected = -np.expm1(-ascending / samples.mean(axis=1, keepdims=True))
    steps = np.arange(n + 1) / n
    largest: Floats = np.maximum(steps[1:] - expected, expected - steps[:-1]).max(axis=1)
    return largest


def _modified(distance: float | Floats, n: int) -> Floats:
    return np.asarray((distance - 0.2 / n) * (math.sqrt(n) + 0.26 + 0.5 / math.sqrt(n)))


@lru_cache(maxsize=32)
def _null_law(n: int) -> Floats:
    """Modified D of 9,999 samples of n exponential values."""
    rng, rows = np.random.default_rng(0), 1 + 1_000_000 // n
    sizes = [min(rows, SAMPLES - start) for start in range(0, SAMPLES, rows)]
    return _modified(np.concatenate([_distances(rng.standard_exponential((size, n))) for size in sizes]), n)
