"""Judgements at their thresholds."""

from __future__ import annotations

import numpy as np
import pytest

from netlore.analysis.correlation import PartialCorrelation, accuracy_correlation
from netlore.analysis.interval_overlap import Stability
from netlore.analysis.judgements import (
    MOSTLY_COST,
    Order,
    Pair,
    extreme_pairs,
    holm,
    is_mostly_cost,
    is_near_upper_end,
    order_of,
    rejected_orders,
    repeated,
)


@pytest.mark.parametrize(
    ("explained", "mostly"), [(MOSTLY_COST, True), (np.nextafter(MOSTLY_COST, 0), False), (np.nan, False)]
)
def test_cost_explains_three_quarters_or_more(explained: float, mostly: bool) -> None:
    assert is_mostly_cost(PartialCorrelation(("flops",), np.ones(1), np.ones(1), explained, 9)) is mostly


def test_the_upper_end_is_the_last_tenth_and_beyond() -> None:
    assert [is_near_upper_end(value, 10, 20) for value in (18.9, 19, 25)] == [False, True, True]


@pytest.mark.parametrize(
    ("lower", "higher", "order"),
    [
        ([5.0, 6.0], [7.0, 8.0], Order.SETTLED),
        ([5.0, 7.5], [7.0, 8.0], Order.OPEN),
        ([5.0, 7.0], [7.0, 8.0], Order.OPEN),
        ([5.0], [7.0, 8.0], Order.UNKNOWN),
    ],
)
def test_an_order_is_settled_by_all_seeds(lower: list[float], higher: list[float], order: Order) -> None:
    assert order_of(lower, higher) is order


def test_the_level_is_shared_by_all_predictors_with_a_tau() -> None:
    upwards = np.arange(5.0)
    perfect = accuracy_correlation(upwards, -upwards)  # p = 2 / 5! = 0.017
    constant = accuracy_correlation(np.zeros(5), upwards)
    assert rejected_orders({"a": perfect, "flat": constant}) == ["a"]
    assert rejected_orders(dict.fromkeys("ab", perfect)) == ["a", "b"]  # 0.025 each
    assert rejected_orders(dict.fromkeys("abc", perfect)) == []  # 0.0167 < 2 / 120
    assert rejected_orders({}) == []


def test_holm_s_correction_by_hand() -> None:
    # 5 x .01, 4 x .011 but no less than before, 3 x .03, 2 x .04 likewise, 1 x .9.
    found = holm([0.03, 0.01, 0.9, 0.04, 0.011])
    assert found == pytest.approx([0.09, 0.05, 0.9, 0.09, 0.05])
    assert holm([]) == [] and holm([0.7, 0.6]) == [1.0, 1.0]


def test_extremes_leave_out_what_is_undefined() -> None:
    values = np.asarray([[1.0, 0.9, -0.25], [0.9, 1.0, np.nan], [-0.25, np.nan, 1.0]])
    assert extreme_pairs("abc", values) == (Pair("a", "b", 0.9), Pair("a", "c", -0.25))
    assert extreme_pairs("ab", np.full((2, 2), np.nan)) is extreme_pairs("a", np.ones((1, 1))) is None


def test_a_hyperparameter_repeats_if_every_pair_of_seeds_agrees() -> None:
    assert repeated(Stability(("d1", "w1"), np.asarray([0.99, 1.0]), np.ones(2), 3)) == ["w1"]
