"""The rank of a number among others that stay as they are, without ties beyond them."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from netlore.analysis import Column, Floats
from netlore.arguments import validated


@validated
def population_rank(value: float, population: Column, scale: Callable[[Floats], Floats] = np.asarray) -> float:
    """The rank of a score in a population of R, divided by R + 1: within (0, 1), and it grows with the score.

    At a score of the population it is (number below + half of the number of equal ones + 1/2) / (R + 1). Between
    two of them it is interpolated linearly, on the scale. Beyond the highest, at a distance h from the
    median, 1 - rank falls exponentially, to 1 / e of what it is there within h / ln((R + 1) / 2); below the
    lowest the rank itself does.

    >>> population = np.array([1.0, 2.0, 3.0])
    >>> [round(population_rank(value, population), 3) for value in (0.0, 1.0, 2.0, 2.5, 3.0, 9.0)]
    [0.125, 0.25, 0.5, 0.625, 0.75, 0.996]
    """
    known, counts = np.unique(np.sort(population), return_counts=True)
    below = np.cumsum(counts) - counts
    ranks = (below + counts / 2 + 0.5) / (len(population) + 1)
    finite = np.isfinite(known)
    known, ranks = known[finite], ranks[finite]
    scaled, at = scale(known), float(scale(np.array([value]))[0])
    if np.isfinite([at, *scaled]).all():
        known = scaled
    else:  # of zero, say, there is no logarithm
        at = value
    middle = float(np.interp(0.5, ranks, known))
    if known[0] <= at <= known[-1]:
        return float(np.interp(at, known, ranks))
    above = at > known[-1]
    end, edge = (known[-1], 1 - ranks[-1]) if above else (known[0], ranks[0])
    width = abs(end - middle) / math.log(max(2.0, (len(population) + 1) / 2)) or 1.0
    rest = max(edge * math.exp(-abs(at - end) / width), 1e-300)
    return float(1 - rest if above else rest)
