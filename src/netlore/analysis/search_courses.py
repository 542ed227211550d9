"""What a search would have picked after each network that it looked at, and how good that is, over many seeds.

Architectures are numbered from 0 in the order of their ids; a search is the numbers that it looked at, in order.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, NamedTuple

import numpy as np

from netlore.analysis import Column, Floats
from netlore.analysis.elite_scores import Codes
from netlore.analysis.resampling import RESAMPLES, Statistic, resampled_counts, statistic_of
from netlore.arguments import Seed, Shape, validated
from netlore.errors import InvalidInput

TAIL = 2.5
"""Percent of the seeds on either side of the interval: 2.5 and 97.5."""


class OverSeeds(NamedTuple):
    """The median of the seeds and the ends of their 95 % interval, shape (p,); NaN where none has a pick."""

    middle: Floats
    low: Floats
    high: Floats


@validated
def picks(quantity: Column, looked_at: Codes) -> Codes:
    """The pick after each network: the highest quantity so far, of equal ones the smaller id.

    This is the rule of `elite_scores.best_first`, for every method alike.

    Args:
        quantity: Of each architecture, such as its score; NaN: it has none and is never picked. Shape (m,).
        looked_at: Numbers of architectures, in the order in which a search looked at them, shape (n,).

    Returns:
        Numbers of the picks, shape (n,); -1 before the first architecture with a value.

    >>> picks(np.array([2.0, 5.0, 5.0, np.nan]), np.array([3, 0, 2, 1, 0])).tolist()
    [-1, 0, 2, 1, 1]
    """
    if not np.all((looked_at >= 0) & (looked_at < len(quantity))):
        raise InvalidInput(f"looked_at has numbers beyond those of {len(quantity)} architectures; count from 0.")
    known = np.isfinite(quantity)
    order = np.lexsort((-np.arange(len(quantity)), np.where(known, quantity, -np.inf)))
    places = np.empty(len(quantity), dtype=np.intp)
    places[order] = np.arange(len(quantity))
    places[~known] = -1
    best = np.maximum.accumulate(places[looked_at])
    return np.where(best < 0, -1, order[best])


@validated
def true_course(quantity: Column, accuracies: Column, looked_at: Codes) -> Floats:
    """The accuracy of the pick after each network, shape (n,); NaN before the first pick.

    >>> true_course(np.array([1.0, 2.0]), np.array([90.0, 80.0]), np.array([0, 1])).tolist()
    [90.0, 80.0]
    """
    found = picks(quantity, looked_at)
    return np.where(found < 0, np.nan, accuracies[found])


@validated
def at(courses: Sequence[Floats], networks: Sequence[int]) -> Floats:
    """Courses at some numbers of networks, shape (p, seeds); a search that has ended keeps its pick.

    >>> at([np.array([1.0, 2.0]), np.array([3.0])], [1, 2]).tolist()
    [[1.0, 3.0], [2.0, 3.0]]
    """
    if not courses or min(map(len, courses)) == 0 or min(networks, default=0) < 1:
        raise InvalidInput(
            f"{len(courses)} searches at {list(networks)} networks have no picks; give one search or more, each "
            "of one network or more, and numbers from 1."
        )
    wanted = np.asarray(networks) - 1
    return np.stack([one[np.minimum(wanted, len(one) - 1)] for one in courses], axis=1)


@validated
def over_seeds(values: Annotated[Floats, Shape("p", "seeds")]) -> OverSeeds:
    """The median and the 2.5 and 97.5 percentiles of the seeds, linearly interpolated; shape (p, seeds) in.

    Seeds without a pick yet are left out.

    >>> [end.tolist() for end in over_seeds(np.array([[90.0, 94.0, 92.0]]))]
    [[92.0], [90.1], [93.9]]
    """
    found = np.full((3, len(values)), np.nan)
    begun = np.isfinite(values).any(axis=1)  # without a value, numpy warns
    if begun.any():
        found[:, begun] = np.nanpercentile(values[begun], [50, TAIL, 100 - TAIL], axis=1)
    return OverSeeds(*found)


@validated
def mean_difference(one: Column, other: Column, resamples: int = RESAMPLES, seed: Seed = 0) -> Statistic:
    """How much higher one is than the other in the mean over seeds, shape (seeds,), with a bootstrap interval.

    Of each seed the difference is taken first, as methods draw the same first round under one seed. Seeds in which
    either has no pick are left out.

    >>> mean_difference(np.array([3.0, 3.0]), np.array([1.0, 2.0])).value
    1.5
    """
    differences = (one - other)[np.isfinite(one - other)]
    n = len(differences)
    if n == 0:
        return Statistic(None, n=0, reason="no seed has a pick of both")
    samples = resampled_counts(n, resamples, seed).astype(np.float64) @ differences / n
    return statistic_of(np.concatenate([[differences.mean()], samples]), n)
