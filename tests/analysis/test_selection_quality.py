"""What predictors put first, against every order of tied networks."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator

import numpy as np
import pytest

from netlore.analysis.selection_quality import expected_best, ndcg, precision_among_best
from netlore.errors import InvalidInput

SCORES = np.array([2.0, 1.0, 2.0, 0.0, 2.0, 1.0])
ACCURACIES = np.array([90.0, 93.0, 91.5, 60.0, 88.0, 91.5])


def orders(values: np.ndarray) -> Iterator[tuple[int, ...]]:
    """Every order of networks, the best first, that the values allow."""
    for order in itertools.permutations(range(len(values))):
        if all(values[a] >= values[b] for a, b in itertools.pairwise(order)):
            yield order


def test_ndcg_is_the_mean_over_orders_of_ties() -> None:
    def dcg(order: tuple[int, ...]) -> float:
        return sum(2 ** (ACCURACIES[i] - 93) / math.log2(1 + place) for place, i in enumerate(order, 1))

    expected = np.mean([dcg(order) for order in orders(SCORES)]) / dcg(next(orders(ACCURACIES)))
    assert ndcg(SCORES, ACCURACIES) == pytest.approx(expected, abs=1e-12)
    assert ndcg(ACCURACIES, ACCURACIES) == pytest.approx(1)
    assert ndcg(-ACCURACIES, ACCURACIES) < ndcg(SCORES, ACCURACIES) < 1


def test_a_point_is_what_halves_the_gain() -> None:
    shares = ACCURACIES / 100
    assert ndcg(SCORES, shares, point=0.01) == pytest.approx(ndcg(SCORES, ACCURACIES))


@pytest.mark.parametrize("best", range(1, 7))
def test_the_best_are_the_mean_over_orders_of_ties(best: int) -> None:
    found = [max(ACCURACIES[i] for i in order[:best]) for order in orders(SCORES)]
    assert expected_best(SCORES, ACCURACIES, best) == pytest.approx(np.mean(found), abs=1e-12)
    true = list(orders(ACCURACIES))
    shares = [len({*order[:best]} & {*other[:best]}) / best for order in orders(SCORES) for other in true]
    assert precision_among_best(SCORES, ACCURACIES, best) == pytest.approx(np.mean(shares), abs=1e-12)


def test_scores_that_are_all_equal_choose_by_chance() -> None:
    equal = np.zeros(6)
    assert precision_among_best(equal, ACCURACIES, 2) == pytest.approx(2 / 6)
    assert expected_best(equal, ACCURACIES, 1) == pytest.approx(ACCURACIES.mean())


def test_ties_never_promise_more_than_the_best_of_all() -> None:
    for seed in range(20):
        random = np.random.default_rng(seed)
        accuracies, scores = random.uniform(84, 94, 326), random.integers(0, 3, 326).astype(float)
        assert expected_best(scores, accuracies, 296) <= accuracies.max()


@pytest.mark.parametrize("best", [0, 7])
def test_a_number_of_best_that_cannot_be_is_refused(best: int) -> None:
    with pytest.raises(InvalidInput, match=f"no best {best}"):
        expected_best(SCORES, ACCURACIES, best)


def test_a_point_must_be_positive() -> None:
    with pytest.raises(InvalidInput, match="point = 0"):
        ndcg(SCORES, ACCURACIES, point=0.0)
