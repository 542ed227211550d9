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

Ends (low, high) belong to an interval; of a category there are names instead. Grids are the values of each
hyperparameter in the original design space. Jaccard is values of a grid in both intervals over values in either.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, permutations
from typing import Any, NamedTuple

import numpy as np

from netlore.analysis import Floats
from netlore.arguments import validated
from netlore.errors import InvalidInput

Kept = Collection[Any]
"""An interval (low, high), or names of a category."""
Grids = Mapping[str, Sequence[Any]]


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
    """The lowest and highest value that any of several refinements ended with for one hyperparameter, or the names
    that any of them kept, and the share of the pairs of refinements whose final intervals have a value in common.
    """

    kept: tuple[Any, ...]
    agreement: float

    def as_dict(self) -> dict[str, Any]:
        """JSON-able values: `low` and `high`, or `names`, and `agreement`."""
        names = any(isinstance(one, str) for one in self.kept)
        ends = {"names": list(self.kept)} if names else dict(zip(("low", "high"), self.kept, strict=True))
        return {**ends, "agreement": self.agreement}


@validated
def stability(found: Sequence[Mapping[str, Any]], grids: Grids) -> Stability:
    """Compare the final intervals and medians of two or more refinements of one predictor: of each hyperparameter
    (low, median, high), an `Estimate`, or the `Shares` of a category, whose most probable name counts.

    Containment of two refinements is asymmetric, so both orders of a pair count; with itself none is compared.

    Raises:
        InvalidInput: Fewer than two refinements, a hyperparameter without an interval, or an interval without a
            value of its grid.

    >>> found = [{"d1": (1, 2, 4)}, {"d1": (3, 4, 8)}]
    >>> one = stability(found, {"d1": range(1, 9)})
    >>> one.containment.tolist(), one.jaccard.tolist()
    ([0.5], [0.25])
    """
    kept = [{name: _kept(entry) for name, entry in one.items()} for one in found]
    middles = [{name: getattr(entry, "mode", None) or entry[1] for name, entry in one.items()} for one in found]
    _check(len(found), "refinements", {f"refinement {i}": one for i, one in enumerate(kept, 1)}, grids)
    containment = [
        np.mean([holds(kept[i][name], middles[j][name]) for i, j in permutations(range(len(found)), 2)])
        for name in grids
    ]
    jaccard = [
        np.mean([_jaccard(one[name], other[name], grid) for one, other in combinations(kept, 2)])
        for name, grid in grids.items()
    ]
    return Stability(tuple(grids), np.asarray(containment), np.asarray(jaccard), len(found))


@validated
def agreement(principles: Mapping[str, Mapping[str, Kept]], grids: Grids) -> Agreement:
    """Compare the principles of two or more predictors on one design space: what each keeps of a hyperparameter.

    0 means that two predictors share no value of any hyperparameter.

    Raises:
        InvalidInput: Fewer than two predictors, a hyperparameter without an interval, or an interval without a
            value of its grid.
    """
    _check(len(principles), "predictors", principles, grids)
    jaccard = [[_mean_jaccard(one, other, grids) for other in principles.values()] for one in principles.values()]
    return Agreement(tuple(principles), np.asarray(jaccard))


@validated
def overlap(one: Mapping[str, Kept], other: Mapping[str, Kept], grids: Grids) -> float:
    """How alike two sets of intervals are: Jaccard, the mean over grids. Every interval holds a value of its grid.

    Raises:
        InvalidInput: A hyperparameter has no interval, or an interval no value of its grid.

    >>> overlap({"d1": (1, 4)}, {"d1": (3, 6)}, {"d1": range(1, 9)})
    0.3333333333333333
    """
    _check(2, "sets", {"one": one, "the other": other}, grids)
    return _mean_jaccard(one, other, grids)


def _mean_jaccard(one: Mapping[str, Kept], other: Mapping[str, Kept], grids: Grids) -> float:
    return float(np.mean([_jaccard(one[name], other[name], grid) for name, grid in grids.items()]))


def repetition(intervals: Sequence[Kept]) -> Repetition:
    """Compare one hyperparameter's final intervals over two or more refinements.

    >>> repetition([(15, 15), (7, 8), (8, 9)])
    Repetition(kept=(7, 15), agreement=0.3333333333333333)
    >>> repetition([("relu",), ("relu", "silu")])
    Repetition(kept=('relu', 'silu'), agreement=1.0)
    """
    if len(intervals) < 2:
        raise InvalidInput(f"{len(intervals)} refinement cannot repeat itself; compare two or more.")
    pairs = list(combinations(intervals, 2))
    if any(isinstance(one, str) for kept in intervals for one in kept):
        agreeing = sum(bool(set(one) & set(other)) for one, other in pairs)
        return Repetition(tuple(dict.fromkeys(one for kept in intervals for one in kept)), agreeing / len(pairs))
    agreeing = sum(max(min(one), min(other)) <= min(max(one), max(other)) for one, other in pairs)
    return Repetition((min(map(min, intervals)), max(map(max, intervals))), agreeing / len(pairs))


@validated
def interval_widths(intervals: Mapping[str, Kept], grids: Grids) -> dict[str, float]:
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
    return {name: sum(holds(intervals[name], value) for value in grid) / len(grid) for name, grid in grids.items()}


def _check(count: int, what: str, intervals: Mapping[str, Mapping[str, Kept]], grids: Grids) -> None:
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
            if not any(holds(entry[name], value) for value in grid):
                text = f"[{', '.join(map(str, entry[name]))}]"
                raise InvalidInput(f"{owner}: {text} holds no value of {name}'s grid; give two of them.")


def _kept(entry: Any) -> Kept:
    found: Kept = entry.kept if hasattr(entry, "kept") else (entry[0], entry[-1])
    return found


def holds(kept: Kept, value: Any) -> bool:
    """Whether a number is in a closed interval (low, high), or a name among names."""
    if isinstance(value, str):
        return value in kept
    low, high = kept
    return bool(low <= value <= high)


def _jaccard(one: Kept, other: Kept, grid: Sequence[Any]) -> float:
    first, second = ({value for value in grid if holds(kept, value)} for kept in (one, other))
    return len(first & second) / len(first | second)
