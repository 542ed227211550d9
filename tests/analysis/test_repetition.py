from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netlore.analysis.interval_overlap import Repetition, repetition
from netlore.errors import InvalidInput

INTERVALS = st.tuples(st.integers(1, 16), st.integers(1, 16)).map(lambda pair: (min(pair), max(pair)))


@pytest.mark.parametrize(
    ("intervals", "low", "high", "agreement"),
    [
        ([(15, 15), (15, 15)], 15, 15, 1.0),
        ([(15, 15), (7, 7)], 7, 15, 0.0),
        # Closed intervals: those that touch have a value in common.
        ([(1, 4), (4, 8)], 1, 8, 1.0),
        ([(1, 16), (3, 4), (7, 8)], 1, 16, 2 / 3),
        ([(15, 15), (7, 8), (8, 9)], 7, 15, 1 / 3),
    ],
)
def test_agreement_is_the_share_of_pairs_with_a_value_in_common(intervals, low, high, agreement) -> None:
    assert repetition(intervals) == Repetition((low, high), agreement)


@given(st.lists(INTERVALS, min_size=2, max_size=6))
def test_it_agrees_with_sets_of_values_and_the_order_does_not_matter(intervals) -> None:
    values = [set(range(low, high + 1)) for low, high in intervals]
    pairs = list(itertools.combinations(values, 2))
    found = repetition(intervals)
    assert found.agreement == sum(bool(one & other) for one, other in pairs) / len(pairs)
    assert {*found.kept} == {min(set.union(*values)), max(set.union(*values))}
    assert repetition(intervals[::-1]) == found


@pytest.mark.parametrize("intervals", [[], [(1, 2)]])
def test_fewer_than_two_refinements_repeat_nothing(intervals) -> None:
    with pytest.raises(InvalidInput, match="compare two or more"):
        repetition(intervals)
