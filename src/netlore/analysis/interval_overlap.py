"""Intervals against intervals: do a refinement's principles repeat with other seeds, do predictors agree?

Four questions are asked of refinements that were run again with other seeds; each word has one meaning here.

- *Repetition* (this module), for one hyperparameter: the share of pairs of replicates whose final intervals have
  a value in common.
- *Stability* (this module), per hyperparameter: how often the interval of one replicate contains the median of
  another, and the Jaccard overlap of their intervals.
- *Repeatability* (`replicate_comparison`): how far apart the scores of the best architectures end, in units of the
  noise of initialisation.
- *Rescoring* (`replicate_comparison`): the same by new scores, which nothing was selected by.

*Agreement* is between predictors: the Jaccard overlap of their intervals.

Ends (low, high) belong to an interval. Grids are the values of each hyperparameter in the original design space.
Jaccard is values of a grid in both intervals over values in either.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, permutations
from typing import NamedTuple

import numpy as np

from netlore.analysis import Floats
from netlore.errors import InvalidInput

Found = tuple[int, int, int]  # low, median, high
Grids = Mapping[str, Sequence[int]]


@dataclass(frozen=True, eq=False)
class Stability:
    """How the principles of k hyperparameters repeat over replicated refinements.

    Attributes:
        containment: Per hyperparameter, the share of ordered pairs of replicates in which the interval of the one
            contains the median of the other, shape (k,).
        jaccard: Per hyperparameter, the mean over pairs, shape (k,).
    """

    names: tuple[str, ...]
    containment: Floats
    jaccard: Floats
    replicates: int


@dataclass(frozen=True, eq=False)
class Agreement:
    """How far the principles of p predictors overlap: Jaccard, the mean over hyperparameters, shape (p, p),
    symmetric, 1 on the diagonal."""

    names: tuple[str, ...]
    jaccard: Floats


class Repetition(NamedTuple):
    """The lowest and highest value that any of several refinements ended with for one hyperparameter, and the
    share of the pairs of refinements whose final intervals have a value in common, 0 to 1."""

    low: int
    high: int
    agreement: float


def stability(found: Sequence[Mapping[str, Found]], grids: Grids) -> Stability:
    """Compare the final intervals and medians, (low, median, high), of two or more refinements of one predictor.

    Containment of two refinements is asymmetric, so both orders of a pair count; with itself none is compared.

    Raises:
        InvalidInput: Fewer than two refinements, a hyperparameter without an interval, or an interval without a
            value of its grid.

    >>> found = [{"d1": (1, 2, 4)}, {"d1": (3, 4, 8)}]
    >>> one = stability(found, {"d1": range(1, 9)})
    >>> one.containment.tolist(), one.jaccard.tolist()
    ([0.5], [0.25])
    """
    _check(len(found), "refinements", {f"refinement {i}": one for i, one in enumerate(found, 1)}, grids)
    containment = [
        np.mean([one[name][0] <= other[name][1] <= one[name][2] for one, other in permutations(found, 2)])
        for name in grids
    ]
    jaccard = [
        np.mean([_jaccard(one[name][::2], other[name][::2], grid) for one, other in combinations(found, 2)])
        for name, grid in grids.items()
    ]
    return Stability(tuple(grids), np.asarray(containment), np.asarray(jaccard), len(found))


def agreement(principles: Mapping[str, Mapping[str, tuple[int, int]]], grids: Grids) -> Agreement:
    """Compare the principles of two or more predictors on one design space, each hyperparameter's (low, high).

    0 means that two predictors share no value of any hyperparameter.

    Raises:
        InvalidInput: Fewer than two predictors, a hyperparameter without an interval, or an interval without a
            value of its grid.
    """
    _check(len(principles), "predictors", principles, grids)
    jaccard = [[overlap(one, other, grids) for other in principles.values()] for one in principles.values()]
    return Agreement(tuple(principles), np.asarray(jaccard))


def overlap(one: Mapping[str, tuple[int, int]], other: Mapping[str, tuple[int, int]], grids: Grids) -> float:
    """How alike two sets of intervals are: Jaccard, the mean over grids. Every interval holds a value of its grid.

    >>> overlap({"d1": (1, 4)}, {"d1": (3, 6)}, {"d1": range(1, 9)})
    0.3333333333333333
    """
    return float(np.mean([_jaccard(one[name], other[name], grid) for name, grid in grids.items()]))


def repetition(intervals: Sequence[tuple[int, int]]) -> Repetition:
    """Compare one hyperparameter's final intervals over two or more refinements.

    >>> repetition([(15, 15), (7, 8), (8, 9)])
    Repetition(low=7, high=15, agreement=0.3333333333333333)
    """
    if len(intervals) < 2:
        raise InvalidInput(f"{len(intervals)} refinement cannot repeat itself; compare two or more.")
    pairs = list(combinations(intervals, 2))
    agreeing = sum(max(one[0], other[0]) <= min(one[1], other[1]) for one, other in pairs)
    return Repetition(min(low for low, _ in intervals), max(high for _, high in intervals), agreeing / len(pairs))


def interval_widths(intervals: Mapping[str, tuple[int, int]], grids: Grids) -> dict[str, float]:
    """Give the share of each hyperparameter's grid that its interval covers.

    width = values of the grid in the interval / values of the grid

    Intervals that nothing narrowed have the width 1, and agree with each other whatever was found: agreement
    means the more, the narrower they are. If medians were drawn at random from the grid, an interval would hold
    one with a probability that equals its width.

    Raises:
        InvalidInput: A hyperparameter has no interval, or its grid no value.

    >>> interval_widths({"d1": (3, 4)}, {"d1": range(1, 9)})
    {'d1': 0.25}
    """
    for name, grid in grids.items():
        if name not in intervals or len(grid) == 0:
            lacking = "an interval" if len(grid) else "a grid of values"
            raise InvalidInput(f"{name} lacks {lacking}; give one for each hyperparameter.")
    return {
        name: sum(intervals[name][0] <= value <= intervals[name][1] for value in grid) / len(grid)
        for name, grid in grids.items()
    }


def _check(count: int, what: str, intervals: Mapping[str, Mapping[str, tuple[int, ...]]], grids: Grids) -> None:
    if count < 2:
        raise InvalidInput(f"A comparison needs two or more {what}, and has {count}; give more.")
    if not grids:
        raise InvalidInput("0 hyperparameters have a grid, so nothing can be compared; give one or more.")
    for owner, entry in intervals.items():
        for name, grid in grids.items():
            if name not in entry:
                raise InvalidInput(
                    f"{owner} has no interval for {name}; give (low, high) for each hyperparameter."
                )
            low, high = entry[name][0], entry[name][-1]
            if not any(low <= value <= high for value in grid):
                raise InvalidInput(f"{owner}: [{low}, {high}] holds no value of {name}'s grid; give two of them.")


def _jaccard(one: tuple[int, ...], other: tuple[int, ...], grid: Sequence[int]) -> float:
    first, second = ({value for value in grid if low <= value <= high} for low, high in (one, other))
    return len(first & second) / len(first | second)
