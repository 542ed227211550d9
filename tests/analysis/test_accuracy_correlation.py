"""The rank correlation with accuracy against its definition, and its p-value against all orders there are."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netlore.analysis.correlation import TESTABLE, AccuracyCorrelation, accuracy_correlation
from netlore.errors import InvalidInput

NAN = float("nan")
VALUE = st.integers(0, 5).map(float) | st.sampled_from([NAN, math.inf, -math.inf])
PAIRS = st.lists(st.tuples(VALUE, VALUE), max_size=8)


def correlation(values: list[float], errors: list[float]) -> AccuracyCorrelation:
    return accuracy_correlation(np.array(values), np.array(errors))


def tau_by_pairs(rows: list[tuple[float, float]]) -> float | None:
    """Kendall's tau-b of a value with minus the error, from all pairs of networks."""
    signs = [(np.sign(a[0] - b[0]), np.sign(b[1] - a[1])) for a, b in itertools.combinations(rows, 2)]
    untied = sum(x != 0 for x, _ in signs) * sum(y != 0 for _, y in signs)
    return float(sum(x * y for x, y in signs)) / math.sqrt(untied) if untied else None


def test_a_higher_score_with_a_lower_error_is_positive() -> None:
    assert correlation([1.0, 2.0, 3.0], [30.0, 20.0, 10.0]).tau == pytest.approx(1.0)
    assert correlation([1.0, 2.0, 3.0], [10.0, 20.0, 30.0]).tau == pytest.approx(-1.0)


@settings(deadline=None)
@given(PAIRS)
def test_it_equals_its_definition(pairs: list[tuple[float, float]]) -> None:
    found = correlation([value for value, _ in pairs], [error for _, error in pairs])
    rows = [(value, error) for value, error in pairs if math.isfinite(value) and math.isfinite(error)]
    assert (found.n, found.dropped) == (len(rows), len(pairs) - len(rows))
    expected = tau_by_pairs(rows) if len(rows) >= 3 else None
    assert found.tau == (None if expected is None else pytest.approx(expected))
    assert (found.p_value is None) == (expected is None or len(rows) < 5)


@pytest.mark.parametrize("n", [5, 6, 7])
def test_p_is_the_share_of_all_orders_with_a_tau_as_far_from_zero(n: int) -> None:
    rng = np.random.default_rng(n)
    values, errors = rng.permutation(n).astype(float), rng.permutation(n).astype(float)
    found = accuracy_correlation(values, errors)
    taus = [tau_by_pairs(list(zip(order, range(n), strict=True))) for order in itertools.permutations(range(n))]
    assert found.tau is not None
    share = np.mean([abs(tau or 0.0) >= abs(found.tau) - 1e-9 for tau in taus])
    assert found.p_value == pytest.approx(share)


def test_below_five_networks_even_the_perfect_order_is_no_evidence() -> None:
    # Of 24 orders of four, two are perfect, one each way: p = 2 / 24 > 0.05. Of five, it is 2 / 120 < 0.05.
    four = correlation([1.0, 2.0, 3.0, 4.0], [4.0, 3.0, 2.0, 1.0])
    assert (four.tau, four.p_value, four.too_few) == (pytest.approx(1.0), None, True)
    five = correlation([1.0, 2.0, 3.0, 4.0, 5.0], [5.0, 4.0, 3.0, 2.0, 1.0])
    assert (five.p_value, five.too_few) == (pytest.approx(2 / 120), False)
    assert 2 / math.factorial(TESTABLE) < 0.05 < 2 / math.factorial(TESTABLE - 1)


def test_where_there_is_no_order_there_is_no_tau() -> None:
    assert correlation([1.0, 2.0], [2.0, 1.0]) == AccuracyCorrelation(None, None, 2, 0)
    assert correlation([7.0] * 6, [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]) == AccuracyCorrelation(None, None, 6, 0)
    assert correlation([1.0, 2.0, 3.0, 4.0, 5.0, 6.0], [9.0] * 6) == AccuracyCorrelation(None, None, 6, 0)
    assert correlation([], []) == AccuracyCorrelation(None, None, 0, 0)


def test_no_increasing_transform_changes_it() -> None:
    rng = np.random.default_rng(0)
    values, errors = rng.normal(size=12), rng.normal(size=12)
    assert accuracy_correlation(values, errors) == accuracy_correlation(np.exp(values), 100 * errors + 7)


def test_one_error_belongs_to_each_value() -> None:
    with pytest.raises(InvalidInput, match="errors has 2 values, values 3"):
        correlation([1.0, 2.0, 3.0], [1.0, 2.0])
