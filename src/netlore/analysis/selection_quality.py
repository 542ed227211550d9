"""What a predictor is used for: how good the networks are that it puts first.

Scores and accuracies are finite, of n >= 1 networks, shape (n,), higher is better. Where scores are tied, their
networks are taken in random order, and what is given is the exact expectation over these orders.
"""

from __future__ import annotations

import numpy as np

from netlore.analysis import Column, Floats
from netlore.arguments import validated
from netlore.errors import InvalidInput


@validated
def ndcg(scores: Column, accuracies: Column, point: float = 1.0) -> float:
    """Normalised discounted cumulative gain of networks ordered by score: 1 for the order of accuracies.

        DCG = sum_j g_j / log2(1 + j),    g = 2^((accuracy - highest accuracy) / point),    nDCG = DCG / ideal DCG

    with j = 1, 2, ... the places by score. A network that is a point less accurate has half the gain, so that the
    best ones decide. Gains and discounts: Järvelin and Kekäläinen 2002, Burges et al. 2005; ties share their gains
    (McSherry and Najork 2008).

    Args:
        scores: What orders the networks.
        accuracies: What they reach.
        point: How much accuracy halves the gain: 1 for accuracies in percent.

    >>> round(ndcg(np.array([3.0, 2.0, 1.0]), np.array([90.0, 92.0, 91.0])), 3)
    0.785
    """
    _check(scores, accuracies)
    if not point > 0:
        raise InvalidInput(f"point = {point:g} is not positive; give the accuracy that halves a gain.")
    gains = np.exp2((accuracies - accuracies.max()) / point)
    discounts = 1 / np.log2(np.arange(2, len(gains) + 2))
    ideal = float(np.sort(gains)[::-1] @ discounts)
    _, codes, sizes = np.unique(-np.asarray(scores), return_inverse=True, return_counts=True)
    mean_gains = np.bincount(codes, gains) / sizes
    return float(np.repeat(mean_gains, sizes) @ discounts) / ideal


@validated
def precision_among_best(scores: Column, accuracies: Column, best: int) -> float:
    """The share of the `best` networks by score that are also among the `best` by accuracy.

    Chance alone gives best / n. Equal accuracies at the end of the best are taken in random order, too.

    >>> precision_among_best(np.array([4.0, 3.0, 2.0, 1.0]), np.array([90.0, 80.0, 85.0, 70.0]), best=2)
    0.5
    """
    _check(scores, accuracies, best)
    return float(_chosen(scores, best) @ _chosen(accuracies, best)) / best


@validated
def expected_best(scores: Column, accuracies: Column, best: int) -> float:
    """The highest accuracy among the `best` networks by score: what training that many of them would find.

    The regret is the highest accuracy of all less this, in points of accuracy.

    >>> expected_best(np.array([4.0, 3.0, 2.0, 1.0]), np.array([90.0, 93.0, 95.0, 70.0]), best=2)
    93.0
    """
    _check(scores, accuracies, best)
    last = np.sort(scores)[::-1][best - 1]
    sure = np.asarray(accuracies)[scores > last]
    tied = np.sort(np.asarray(accuracies)[scores == last])[::-1]
    free, floor = best - len(sure), sure.max(initial=-np.inf)
    # The best of `free` out of t tied ones is the one of rank i if the i - 1 above it are not drawn, and it is.
    expected, untouched, count = 0.0, 1.0, len(tied)
    for i, accuracy in enumerate(tied):
        hit = min(1.0, free / (count - i))
        expected += untouched * hit * max(float(accuracy), float(floor))
        untouched *= 1 - hit
    return min(expected, float(np.max(accuracies)))  # rounding of many ties must not promise more than there is


def _chosen(values: Floats, best: int) -> Floats:
    """The probability of each to be among the best."""
    last = np.sort(values)[::-1][best - 1]
    sure, tied = values > last, values == last
    return np.asarray(sure + tied * ((best - sure.sum()) / tied.sum()), dtype=np.float64)


def _check(scores: Floats, accuracies: Floats, best: int = 1) -> None:
    if len(scores) != len(accuracies) or not 1 <= best <= len(scores):
        raise InvalidInput(
            f"{len(scores)} scores and {len(accuracies)} accuracies have no best {best}; give as many of both, "
            "and one or more, but at most all, as the best."
        )
