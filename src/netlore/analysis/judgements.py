"""What findings amount to: judgements and their thresholds as typed values, so that reports decide nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import Enum
from itertools import combinations
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from netlore.analysis.correlation import AccuracyCorrelation, PartialCorrelation
from netlore.analysis.interval_overlap import Grids, Kept, Stability, holds

MOSTLY_COST = 0.75
"""Share of the variance of a predictor's ranks from which on it is called mostly a matter of cost."""

UPPER_END = 0.9
"""From where on, between the least and the most complex network of a sample, is its upper end."""

LEVEL = 0.05
"""Of significance, for all predictors together."""


class Pair(NamedTuple):
    """Two names and what a symmetric matrix says of them."""

    one: str
    other: str
    value: float


class Order(Enum):
    """How far the order of two architectures, each trained with some seeds, can be trusted."""

    UNKNOWN = "one of them has a single seed"
    SETTLED = "every seed of the one is ahead of every seed of the other"
    OPEN = "their seeds overlap"


def is_mostly_cost(found: PartialCorrelation) -> bool:
    """Whether complexities explain 75 % or more of the variance of a predictor's ranks."""
    return bool(found.explained >= MOSTLY_COST)


def is_near_upper_end(value: float, low: float, high: float) -> bool:
    """Whether a value lies in the upper tenth of an interval, or above it.

    >>> is_near_upper_end(46e6, 10e6, 50e6), is_near_upper_end(45e6, 10e6, 50e6)
    (True, False)
    """
    return value >= low + UPPER_END * (high - low)


def extreme_pairs(names: Sequence[str], values: NDArray[np.float64]) -> tuple[Pair, Pair] | None:
    """The pairs with the highest and the lowest finite value of a symmetric matrix, (p, p); None without any.

    >>> highest, lowest = extreme_pairs(["a", "b", "c"], np.array([[1, 0.2, 0.9], [0.2, 1, 0.5], [0.9, 0.5, 1]]))
    >>> highest, lowest
    (Pair(one='a', other='c', value=0.9), Pair(one='a', other='b', value=0.2))
    """
    indices = combinations(range(len(names)), 2)
    pairs = [Pair(names[i], names[j], float(values[i, j])) for i, j in indices if np.isfinite(values[i, j])]
    return (max(pairs, key=lambda pair: pair.value), min(pairs, key=lambda pair: pair.value)) if pairs else None


def order_of(lower: Sequence[float], higher: Sequence[float]) -> Order:
    """How far it is settled that the errors of the first are lower than those of the second, seed by seed.

    >>> order_of([7.0, 7.2], [7.3, 8.0]).name, order_of([7.0, 7.4], [7.3, 8.0]).name, order_of([7.0], [8.0]).name
    ('SETTLED', 'OPEN', 'UNKNOWN')
    """
    if len(lower) < 2 or len(higher) < 2:
        return Order.UNKNOWN
    return Order.SETTLED if max(lower) < min(higher) else Order.OPEN


def rejected_orders(found: Mapping[str, AccuracyCorrelation]) -> list[str]:
    """Predictors whose order of trained networks is hardly random.

    Bonferroni's correction: the best of several predictors looks good by chance, so each is tested at 5 % divided
    by how many have a tau.
    """
    defined = {name: one for name, one in found.items() if one.tau is not None}
    level = LEVEL / max(1, len(defined))
    return [name for name, one in defined.items() if one.p_value is not None and one.p_value < level]


def holm(p_values: Sequence[float]) -> list[float]:
    """Adjust p-values for being several: those up to a level are rejected, at most at that level for all together.

    The i-th smallest of m is multiplied by m - i + 1, is no less than those before it, and at most 1.

    Source: Holm 1979, "A simple sequentially rejective multiple test procedure".

    >>> [round(p, 3) for p in holm([0.02, 0.01, 0.04])]
    [0.04, 0.03, 0.04]
    """
    adjusted, least = [0.0] * len(p_values), 0.0
    for place, i in enumerate(sorted(range(len(p_values)), key=p_values.__getitem__)):
        least = max(least, min(1.0, (len(p_values) - place) * p_values[i]))
        adjusted[i] = least
    return adjusted


def repeated(found: Stability) -> list[str]:
    """Hyperparameters for which the interval of every seed holds the median of every other."""
    return [name for name, share in zip(found.names, found.containment, strict=True) if share >= 1]


def moved(one: Mapping[str, Kept], other: Mapping[str, Kept], grids: Grids) -> list[str]:
    """Hyperparameters whose intervals, or names that are kept, have no value of the grid in common.

    >>> grids = {"d1": (1, 2, 4), "d2": (1, 2, 4), "a": ("relu", "silu")}
    >>> moved({"d1": (1, 1), "d2": (1, 2), "a": ("relu",)}, {"d1": (2, 4), "d2": (2, 4), "a": ("silu",)}, grids)
    ['d1', 'a']
    """
    return [
        name
        for name, grid in grids.items()
        if not any(holds(one[name], value) and holds(other[name], value) for value in grid)
    ]
