"""Score against cost: which networks no other one beats in both, and what is best as a budget grows."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from netlore.analysis import Column
from netlore.arguments import validated


@validated
def pareto_front(scores: Column, costs: Column) -> NDArray[np.intp]:
    """The places of networks on the front, the cheapest first: no other one costs as little and scores higher, or
    costs less and scores as high.

    Args:
        scores: Shape (n,), higher is better; those that are not finite are on no front.
        costs: Shape (n,), lower is better. Of equals in both, the first counts.

    >>> pareto_front([3, 1, 4, 4], [20, 10, 30, 40]).tolist()
    [1, 0, 2]
    """
    order = np.lexsort((-scores, costs))  # of equal costs the highest score first
    order = order[np.isfinite(scores[order])]
    best = np.maximum.accumulate(np.concatenate(([-np.inf], scores[order])))[:-1]
    return order[scores[order] > best]


@validated
def hypervolume(scores: Column, costs: Column, lowest: float, highest: float) -> float:
    """The area between the front and a corner (Zitzler and Thiele 1998).

    It is the sum of (highest - c_i) (s_i - s_(i-1)) over the front, from its cheapest network on; s_0 = lowest.

    Args:
        scores: Shape (n,), higher is better.
        costs: Shape (n,), lower is better.
        lowest: The corner's score. What scores lower adds nothing.
        highest: The corner's cost. What costs more adds nothing.

    >>> hypervolume([3, 1, 4], [20, 10, 30], lowest=0, highest=40)
    80.0
    """
    inside = np.flatnonzero((scores > lowest) & (costs < highest))
    front = inside[pareto_front(scores[inside], costs[inside])]
    rises = np.diff(scores[front], prepend=lowest)
    return float(np.sum((highest - costs[front]) * rises))


@validated
def best_within(scores: Column, costs: Column, budget: float, count: int) -> NDArray[np.intp]:
    """The places of the highest finite scores that cost no more than a budget, the best first, at most `count`; of
    equal ones the first."""
    inside = np.flatnonzero((costs <= budget) & np.isfinite(scores))
    return inside[np.argsort(-scores[inside], kind="stable")][:count]
