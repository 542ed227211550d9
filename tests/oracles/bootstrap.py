"""The best of a resample: its exact distribution by counting, and intervals by brute force.

A resample is m draws with replacement out of n networks; its best is the drawn network with the highest score.
"""

import itertools
import math
from collections.abc import Sequence
from fractions import Fraction

import numpy as np

PROBABILITIES = (Fraction(25, 1000), Fraction(50, 100), Fraction(975, 1000))


def best_of_resample_distribution(n: int, m: int) -> list[Fraction]:
    """Returns the exact probability that the best of m draws out of n is the one of rank 1, 2, ..., n.

    Counts sequences of draws, one draw at a time: the best so far stays at rank r if the draw is one of the
    n - r + 1 that are not better, and becomes r if it was worse and the draw is r itself.
    """
    if n < 1 or m < 1:
        raise ValueError("at least one network and one draw")
    sequences = [1] * n
    for _ in range(m - 1):
        longer = [0] * n
        worse = 0
        for rank in range(n, 0, -1):
            longer[rank - 1] = sequences[rank - 1] * (n - rank + 1) + worse
            worse += sequences[rank - 1]
        sequences = longer
    return [Fraction(count, n**m) for count in sequences]


def best_of_resample_by_enumeration(n: int, m: int) -> list[Fraction]:
    """Returns the same probabilities by looking at all n^m sequences of draws. For tiny n and m only."""
    counts = [0] * n
    for draws in itertools.product(range(n), repeat=m):
        counts[min(draws)] += 1
    return [Fraction(count, n**m) for count in counts]


def ranking(scores: Sequence[float]) -> list[int]:
    """Returns the indices from the best to the worst score; of equal scores the earlier index is the better."""
    remaining, order = list(range(len(scores))), []
    while remaining:
        best = remaining[0]
        for index in remaining[1:]:
            if scores[index] > scores[best]:
                best = index
        order.append(best)
        remaining.remove(best)
    return order


def inverted_cdf(values: Sequence[float], weights: Sequence[Fraction], probability: Fraction) -> float:
    """Returns the smallest of the values at or below which lies at least the given share of the weight."""
    total = sum(weights, Fraction(0))
    for candidate in sorted(values):
        below = sum(
            (weight for value, weight in zip(values, weights, strict=True) if value <= candidate), Fraction(0)
        )
        if below >= probability * total:
            return candidate
    raise AssertionError("the largest value carries the whole weight below it")


def exact_interval(values: Sequence[float], scores: Sequence[float], m: int) -> tuple[float, float, float]:
    """Returns the 2.5 %, 50 % and 97.5 % points of the value of the best of m draws, without any sampling.

    Args:
        values: What is asked about the best network, one value a network.
        scores: What makes a network the best: the higher, the better, the earlier of two equal ones the better.
        m: The number of draws, with replacement.
    """
    weights = best_of_resample_distribution(len(values), m)
    ranked = [values[index] for index in ranking(scores)]
    low, middle, high = (inverted_cdf(ranked, weights, probability) for probability in PROBABILITIES)
    return low, middle, high


def monte_carlo_interval(
    values: Sequence[float], scores: Sequence[float], m: int, resamples: int, rng: np.random.Generator
) -> tuple[float, float, float]:
    """Returns the 2.5 %, 50 % and 97.5 % points of the value of the best of m draws, by resampling.

    The points are those of the inverted distribution function: always one of the values, nothing interpolated.

    Args:
        values: What is asked about the best network, one value a network.
        scores: What makes a network the best: the higher, the better, the earlier of two equal ones the better.
        m: The number of draws, with replacement, in a resample.
        resamples: How often to resample.
        rng: Where the draws come from.
    """
    bests = []
    for _ in range(resamples):
        best = None
        for draw in rng.integers(len(values), size=m).tolist():
            if best is None or scores[draw] > scores[best] or (scores[draw] == scores[best] and draw < best):
                best = draw
        assert best is not None
        bests.append(values[best])
    bests.sort()
    low, middle, high = (bests[math.ceil(probability * resamples) - 1] for probability in PROBABILITIES)
    return low, middle, high
