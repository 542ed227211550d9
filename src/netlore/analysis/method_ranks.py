"""Which of several methods is better, over the same seeds and over several landscapes.

Under one seed methods meet the same noise, so they are compared in pairs of equal seeds. Values are regrets or
errors: lower is better.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import combinations
from typing import Annotated, NamedTuple

import numpy as np

from netlore.analysis import Column, Floats
from netlore.analysis.judgements import holm
from netlore.analysis.resampling import LEVEL, Statistic
from netlore.arguments import Level, Shape, validated
from netlore.errors import InvalidInput

Table = Annotated[Floats, Shape("methods", "seeds")]


class PairedTest(NamedTuple):
    """Two methods over the same seeds.

    Attributes:
        one, other: Their names.
        difference: The median over seeds of the first less the second; below 0 the first is better.
        p: Two-sided, by Wilcoxon's signed-rank test.
        adjusted: The same after Holm's correction for all pairs.
    """

    one: str
    other: str
    difference: float
    p: float
    adjusted: float


class Ranks(NamedTuple):
    """Methods over several blocks, such as landscapes.

    Attributes:
        names: Of the k methods.
        average: Each one's rank, 1 for the lowest value, ties at their average, in the mean over blocks.
        critical: The difference of two average ranks from which on they differ at 5 % (Nemenyi).
        p: Of Friedman's test that all are alike.
        blocks: How many.
    """

    names: tuple[str, ...]
    average: tuple[float, ...]
    critical: float
    p: float
    blocks: int


@validated
def paired_tests(values: Table, names: Sequence[str]) -> list[PairedTest]:
    """Test every pair of methods by the differences of equal seeds, shape (methods, seeds), lower is better.

    Wilcoxon's signed-rank test, without seeds in which both are equal; where all are, p = 1.

    Raises:
        InvalidInput: Fewer than two methods, not as many names, or a value that is not finite.

    >>> [one] = paired_tests(np.array([[1.0, 2.0, 1.0, 3.0, 2.0], [3.0, 5.0, 5.0, 8.0, 8.0]]), ["a", "b"])
    >>> one.difference, one.p
    (-4.0, 0.0625)
    """
    from scipy.stats import wilcoxon  # slow to import

    _check(values, names)
    pairs = list(combinations(range(len(names)), 2))
    differences = [values[i] - values[j] for i, j in pairs]
    p = [float(wilcoxon(one[one != 0]).pvalue) if one.any() else 1.0 for one in differences]
    return [
        PairedTest(names[i], names[j], float(np.median(difference)), value, adjusted)
        for (i, j), difference, value, adjusted in zip(pairs, differences, p, holm(p), strict=True)
    ]


@validated
def average_ranks(values: Annotated[Floats, Shape("blocks", "methods")], names: Sequence[str]) -> Ranks:
    """Rank methods in each of several blocks and average, shape (blocks, methods), lower is better.

    With k methods and n blocks the critical difference is q sqrt(k (k + 1) / 6 n), q the 95 % point of the
    studentized range of k and infinitely many degrees of freedom, over sqrt 2. It supposes independent blocks.

    Source: Demsar 2006, "Statistical comparisons of classifiers over multiple data sets".

    Raises:
        InvalidInput: Fewer than two methods or blocks, not as many names, or a value that is not finite.

    >>> found = average_ranks(np.array([[1.0, 2.0, 3.0], [1.0, 3.0, 2.0]]), ["a", "b", "c"])
    >>> found.average, round(found.critical, 2)
    ((1.0, 2.5, 2.5), 2.34)
    """
    from scipy.stats import chi2, rankdata, studentized_range

    _check(values.T, names)
    blocks, methods = values.shape
    if blocks < 2:
        raise InvalidInput(f"{blocks} block has no average rank; give 2 or more.")
    ranks = rankdata(values, axis=1)
    average = ranks.mean(axis=0)
    # Friedman's statistic with ties: between methods, over the variance of the ranks that there are.
    between = blocks**2 * float(((average - (methods + 1) / 2) ** 2).sum())
    within = float(((ranks - (methods + 1) / 2) ** 2).sum()) / (methods - 1)
    p = float(chi2.sf(between / within, methods - 1)) if within else 1.0
    quantile = float(studentized_range.ppf(LEVEL, methods, np.inf)) / math.sqrt(2)
    critical = quantile * math.sqrt(methods * (methods + 1) / (6 * blocks))
    return Ranks(tuple(names), tuple(average.tolist()), critical, p, blocks)


@validated
def median_interval(values: Column, level: Level = LEVEL) -> Statistic:
    """The median of n seeds and its interval, whose ends are values: no distribution is supposed.

    Between the r-th lowest and the r-th highest value the true median lies with a probability of at least `level`:
    r - 1 is the highest count with P(B <= r - 1) <= (1 - level) / 2, B binomial of n and 1/2. There is no interval
    of fewer than six seeds at 95 %.

    >>> median_interval(np.arange(1.0, 21.0))
    Statistic(value=10.5, low=6.0, high=15.0, n=20, reason='')
    """
    from scipy.stats import binom

    known = np.sort(values[np.isfinite(values)])
    n = len(known)
    if not n:
        return Statistic(None, n=0, reason="no seed has a value")
    below = int(binom.ppf((1 - level) / 2, n, 0.5))  # the first count whose probability to be reached is enough
    if binom.cdf(below, n, 0.5) > (1 - level) / 2:
        below -= 1
    middle = float(np.median(known))
    if below < 0:
        return Statistic(middle, n=n)
    return Statistic(middle, float(known[below]), float(known[n - 1 - below]), n)


def _check(values: Floats, names: Sequence[str]) -> None:
    if len(values) < 2 or len(values) != len(names) or not values.size or not np.isfinite(values).all():
        raise InvalidInput(
            f"values of shape {values.shape} are no comparison of {len(names)} methods; give finite values, a row "
            "for each of two methods or more."
        )
