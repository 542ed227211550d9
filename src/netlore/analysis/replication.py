"""What repeats when a refinement is run again with another seed."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import NamedTuple

from netlore.errors import InvalidInput


class Repetition(NamedTuple):
    """How one hyperparameter came out in several refinements.

    Attributes:
        low: Lowest value that any refinement ended with.
        high: Highest value.
        agreement: Share of the pairs of refinements whose final intervals have a value in common, 0 to 1.
    """

    low: int
    high: int
    agreement: float


def repetition(intervals: Sequence[tuple[int, int]]) -> Repetition:
    """Compare one hyperparameter's final intervals over two or more refinements.

    Args:
        intervals: A closed interval (low, high) per refinement.

    >>> repetition([(15, 15), (7, 8), (8, 9)])
    Repetition(low=7, high=15, agreement=0.3333333333333333)
    """
    if len(intervals) < 2:
        raise InvalidInput(f"{len(intervals)} refinement cannot repeat itself; compare two or more.")
    pairs = list(combinations(intervals, 2))
    agreeing = sum(max(one[0], other[0]) <= min(one[1], other[1]) for one, other in pairs)
    return Repetition(min(low for low, _ in intervals), max(high for _, high in intervals), agreeing / len(pairs))
