"""The front of score against cost, its hypervolume, and the best within a budget, against slow definitions."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from netlore.analysis.pareto import best_within, hypervolume, pareto_front
from netlore.errors import InvalidInput

points = st.lists(st.tuples(st.integers(0, 8), st.integers(0, 8)), min_size=1, max_size=12)


@given(points)
def test_the_front_is_what_nothing_dominates(found: list[tuple[int, int]]) -> None:
    scores, costs = map(np.asarray, zip(*found, strict=True))
    front = pareto_front(scores, costs).tolist()
    for place, (score, cost) in enumerate(found):
        dominated = any((s >= score and c <= cost) and (s, c) != (score, cost) for s, c in found)
        first = found.index((score, cost)) == place
        assert (place in front) == (not dominated and first)
    assert costs[front].tolist() == sorted(set(costs[front].tolist()))


@given(points)
def test_the_hypervolume_is_the_number_of_unit_squares_under_the_front(found: list[tuple[int, int]]) -> None:
    scores, costs = map(np.asarray, zip(*found, strict=True))
    squares = sum(
        any(score >= up + 1 and cost <= right for score, cost in found)
        for up in range(1, 9)
        for right in range(0, 7)
    )
    assert hypervolume(scores, costs, lowest=1, highest=7) == squares


def test_what_has_no_score_is_on_no_front() -> None:
    assert pareto_front([np.nan, 1, -np.inf, 2], [0, 1, 0, 2]).tolist() == [1, 3]
    assert pareto_front([np.nan], [1]).tolist() == []
    assert hypervolume([np.nan, 2], [0, 1], 0, 3) == 4


def test_the_best_within_a_budget() -> None:
    scores, costs = [5, 9, 7, np.nan, 7], [10, 40, 20, 1, 30]
    assert best_within(scores, costs, 30, 2).tolist() == [2, 4]
    assert best_within(scores, costs, 40, 9).tolist() == [1, 2, 4, 0]
    assert best_within(scores, costs, 9, 9).tolist() == []


def test_scores_and_costs_are_of_the_same_networks() -> None:
    with pytest.raises(InvalidInput, match="give as many of both"):
        pareto_front([1, 2], [1])
