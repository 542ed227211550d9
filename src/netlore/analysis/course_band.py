"""Methods of refinement side by side: what replicates reach after as many networks, and how narrow they end."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from netlore.analysis import Floats
from netlore.errors import InvalidInput


@dataclass(frozen=True, eq=False)
class Band:
    """The courses of replicates as one: what the lowest, the median and the highest of them have reached.

    Attributes:
        networks: Numbers of networks scored, ascending, shape (p,).
        low: The lowest value of a replicate at each of them, shape (p,); NaN before the first score of all.
        middle: The median over the replicates, shape (p,).
        high: The highest value, shape (p,).
    """

    networks: Floats
    low: Floats
    middle: Floats
    high: Floats


def band(courses: Sequence[Floats], points: int = 200) -> Band:
    """Lay the courses of one or more replicates over each other.

    A course holds its value until its next row. A replicate that stopped keeps its last value: it has found what
    it has found. Before its first score it does not count.

    Args:
        courses: Per replicate, a row (networks scored, value so far) for ascending numbers of networks, as
            `elite_course` gives it; NaN where there is no value yet. Shape (q, 2) each.
        points: About how many numbers of networks the band has, evenly spaced from 1 to the end of the longest
            course.

    Raises:
        InvalidInput: No course, one without a row, or fewer than two points.

    The first replicate stops after 2 networks; at 3 it still has 5, and the median of 5 and 9 is 7:

    >>> one = band([np.array([[1.0, 4.0], [2.0, 5.0]]), np.array([[1.0, math.nan], [3.0, 9.0]])])
    >>> one.networks.tolist(), one.low.tolist(), one.middle.tolist(), one.high.tolist()
    ([1.0, 2.0, 3.0], [4.0, 5.0, 5.0], [4.0, 5.0, 7.0], [4.0, 5.0, 9.0])
    """
    if not courses or any(len(one) == 0 for one in courses):
        rows = [len(one) for one in courses]
        raise InvalidInput(f"A band needs courses of 1 row or more, and has {rows}; leave empty ones out.")
    if points < 2:
        raise InvalidInput(f"points = {points} is too few for a beginning and an end; choose 2 or more.")
    longest = int(max(one[-1, 0] for one in courses))
    networks = np.unique(np.linspace(1, longest, min(points, longest)).round())
    values = np.column_stack([_held(one, networks) for one in courses])
    low, middle, high = np.full((3, len(networks)), math.nan)
    begun = np.isfinite(values).any(axis=1)  # without a value, numpy warns
    low[begun], high[begun] = np.nanmin(values[begun], axis=1), np.nanmax(values[begun], axis=1)
    middle[begun] = np.nanmedian(values[begun], axis=1)
    return Band(networks, low, middle, high)


def _held(course: Floats, networks: Floats) -> Floats:
    """The value of a course at each number of networks: that of its last row up to there; NaN before its first."""
    rows = np.searchsorted(course[:, 0], networks, side="right") - 1
    return np.where(rows >= 0, course[np.maximum(rows, 0), 1], math.nan)
