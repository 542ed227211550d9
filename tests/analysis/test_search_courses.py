"""Courses of picks, against the slow definition."""

from __future__ import annotations

import numpy as np
import pytest

from netlore.analysis.elite_scores import best_first
from netlore.analysis.search_courses import at, mean_difference, over_seeds, picks, true_course
from netlore.errors import InvalidInput


def test_picks_are_the_best_of_what_was_looked_at_by_the_rule_of_all_methods() -> None:
    rng = np.random.default_rng(0)
    quantity = rng.integers(0, 6, 30).astype(float)
    quantity[rng.random(30) < 0.3] = np.nan
    looked_at = rng.integers(0, 30, 80)
    names = [f"{number:02}" for number in range(30)]
    for n, pick in enumerate(picks(quantity, looked_at), start=1):
        known = sorted({int(one) for one in looked_at[:n] if np.isfinite(quantity[one])})
        expected = best_first([quantity[one] for one in known], [names[one] for one in known])
        assert pick == (known[expected[0]] if known else -1)


def test_nothing_is_known_before_the_first_score() -> None:
    course = true_course(np.asarray([np.nan, 1.0]), np.asarray([50.0, 60.0]), np.asarray([0, 0, 1]))
    assert np.isnan(course[:2]).all() and course[2] == 60
    assert np.isnan(over_seeds(course[:, np.newaxis][:2]).middle).all()
    assert over_seeds(np.asarray([[np.nan, 3.0]])).middle.tolist() == [3.0]


def test_a_search_that_has_ended_keeps_its_pick() -> None:
    assert at([np.asarray([1.0, 2.0])], [1, 2, 99]).tolist() == [[1.0], [2.0], [2.0]]
    for courses, networks in (([], [1]), ([np.asarray([])], [1]), ([np.asarray([1.0])], [0])):
        with pytest.raises(InvalidInput, match="have no picks"):
            at(courses, networks)


def test_differences_are_of_the_same_seeds() -> None:
    one, other = np.asarray([1.0, 2.0, 3.0, np.nan]), np.asarray([0.0, 1.0, 2.0, 9.0])
    found = mean_difference(one, other)
    assert (found.value, found.low, found.high, found.n) == (1.0, 1.0, 1.0, 3)
    assert mean_difference(one[3:], other[3:]).value is None
    wide = mean_difference(np.asarray([0.0, 4.0]), np.zeros(2))
    assert wide.low is not None and wide.low < wide.value == 2 < wide.high
