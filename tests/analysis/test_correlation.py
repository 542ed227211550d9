"""Rank correlations against their definitions, pair by pair, and against textbook formulas."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import rankdata

from netlore.analysis.correlation import kendall_matrix, partial_rank_correlation
from netlore.errors import InvalidInput

NAN = float("nan")
COLUMN = st.lists(
    st.integers(0, 4).map(float) | st.sampled_from([NAN, math.inf, -math.inf]), min_size=7, max_size=7
)


def tau_b(one: list[float], other: list[float]) -> float:
    """Kendall's tau-b from all pairs of networks in which both values are finite."""
    rows = [(x, y) for x, y in zip(one, other, strict=True) if math.isfinite(x) and math.isfinite(y)]
    signs = [(np.sign(a[0] - b[0]), np.sign(a[1] - b[1])) for a, b in itertools.combinations(rows, 2)]
    untied = sum(x != 0 for x, _ in signs) * sum(y != 0 for _, y in signs)
    return float(sum(x * y for x, y in signs)) / math.sqrt(untied) if untied else NAN


def test_a_value_by_hand() -> None:
    # Of six pairs, five agree and one (the first two) does not: (5 - 1) / 6.
    found = kendall_matrix({"a": np.array([1.0, 2.0, 3.0, 4.0]), "b": np.array([2.0, 1.0, 3.0, 4.0])})
    assert found.names == ("a", "b")
    assert found.tau[0, 1] == pytest.approx(2 / 3)
    assert found.tau.diagonal().tolist() == [1.0, 1.0]


@settings(deadline=None)
@given(st.lists(COLUMN, min_size=1, max_size=3))
def test_it_equals_its_definition(columns: list[list[float]]) -> None:
    found = kendall_matrix({str(i): np.array(column) for i, column in enumerate(columns)})
    for (i, one), (j, other) in itertools.product(enumerate(columns), repeat=2):
        both = sum(math.isfinite(x) and math.isfinite(y) for x, y in zip(one, other, strict=True))
        assert found.n[i, j] == both
        assert found.dropped[i, j] == 7 - both
        assert found.tau[i, j] == pytest.approx(tau_b(one, other), nan_ok=True)


def test_a_pair_keeps_networks_that_another_pair_drops() -> None:
    columns = {
        "a": np.array([1.0, 2.0, 3.0, 4.0]),
        "b": np.array([1.0, NAN, 3.0, 4.0]),
        "c": np.array([NAN, NAN, NAN, 1.0]),
        "constant": np.ones(4),
    }
    found = kendall_matrix(columns)
    assert found.n.tolist() == [[4, 3, 1, 4], [3, 3, 1, 3], [1, 1, 1, 1], [4, 3, 1, 4]]
    assert np.isnan(found.tau).tolist() == [[False, False, True, True]] * 2 + [[True] * 4] * 2


def test_columns_of_different_lengths_are_refused() -> None:
    with pytest.raises(InvalidInput, match="has 4 values"):
        kendall_matrix({"a": np.ones(3), "b": np.ones(4)})


def test_for_two_measures_partial_is_the_textbook_formula() -> None:
    rng = np.random.default_rng(0)
    flops = rng.permutation(50).astype(float)
    params = flops + rng.normal(0, 10, 50)
    scores = np.exp((flops - params + rng.normal(0, 5, 50)) / 10)

    # Without ties, rho = 1 - 6 sum d^2 / (n^3 - n).
    ranks = {name: np.argsort(np.argsort(x)) for name, x in (("s", scores), ("f", flops), ("p", params))}
    rho = {
        (a, b): 1 - 6 * float(((ranks[a] - ranks[b]) ** 2).sum()) / (50**3 - 50)
        for a, b in itertools.combinations(ranks, 2)
    }
    sf, sp, fp = rho["s", "f"], rho["s", "p"], rho["f", "p"]
    found = partial_rank_correlation(scores, {"flops": flops, "params": params})
    assert found.names == ("flops", "params")
    assert found.n == 50
    np.testing.assert_allclose(found.plain, [sf, sp])
    np.testing.assert_allclose(
        found.partial,
        [(x - y * fp) / math.sqrt((1 - y**2) * (1 - fp**2)) for x, y in ((sf, sp), (sp, sf))],
    )
    assert found.explained == pytest.approx((sf**2 + sp**2 - 2 * sf * sp * fp) / (1 - fp**2))


def test_ties_have_their_average_rank() -> None:
    # Ranks 1.5, 1.5, 3, 4 and 1, 2, 3, 4, less their mean 2.5: 4.5 / sqrt(4.5 * 5).
    found = partial_rank_correlation(np.array([7.0, 7.0, 8.0, 9.0]), {"params": np.array([1, 2, 3, 4])})
    assert found.plain[0] == pytest.approx(math.sqrt(0.9))
    assert found.partial[0] == pytest.approx(math.sqrt(0.9))
    assert found.explained == pytest.approx(0.9)


def test_a_parameter_count_in_disguise_is_found_out() -> None:
    rng = np.random.default_rng(1)
    params, depth = rng.permutation(200) + 1.0, rng.permutation(200) + 1.0
    found = partial_rank_correlation(np.log(params), {"params": params, "depth": depth})
    assert found.explained == pytest.approx(1)
    assert found.partial[0] == pytest.approx(1)
    assert np.isnan(found.partial[1])  # nothing of the score is left for depth to share
    aloof = partial_rank_correlation(rng.normal(size=200), {"params": params, "depth": depth})
    assert aloof.explained < 0.05


def test_what_is_no_cost_stands_apart_from_what_costs_explain() -> None:
    rng = np.random.default_rng(3)
    flops, depth = rng.normal(size=(2, 300))
    scores = depth + 0.5 * flops + 0.1 * rng.normal(size=300)
    alone, both = (partial_rank_correlation(scores, {"flops": flops}, apart) for apart in ({}, {"depth": depth}))
    assert both.names == ("flops", "depth") and both.explained == alone.explained == alone.with_apart
    # One cost, one measure apart: given the one, the other's is the textbook formula; the cost's is its plain rho.
    rows = np.corrcoef([rankdata(one) for one in (scores, flops, depth)])
    sf, sd, fd = rows[0, 1], rows[0, 2], rows[1, 2]
    expected = [sf, (sd - sf * fd) / math.sqrt((1 - sf**2) * (1 - fd**2))]
    np.testing.assert_allclose(both.partial, expected)
    assert both.explained == pytest.approx(sf**2) and both.explained < 0.3
    assert both.with_apart == pytest.approx((sf**2 + sd**2 - 2 * sf * sd * fd) / (1 - fd**2))
    with pytest.raises(InvalidInput, match="flops is a cost and stands apart"):
        partial_rank_correlation(scores, {"flops": flops}, {"flops": depth})


def test_what_others_determine_has_no_partial_correlation() -> None:
    rng = np.random.default_rng(2)
    a = rng.permutation(30).astype(float)
    scores = a + rng.normal(0, 5, 30)
    measures = {"a": a, "twice": 2 * a, "constant": np.ones(30), "other": rng.normal(size=30)}
    found = partial_rank_correlation(scores, measures)
    assert np.isnan(found.partial).tolist() == [True, True, True, False]
    assert np.isnan(found.plain).tolist() == [False, False, True, False]
    alone = partial_rank_correlation(scores, {"a": a, "other": measures["other"]})
    assert found.partial[3] == pytest.approx(alone.partial[1])
    assert found.explained == pytest.approx(alone.explained)


def test_scores_that_are_not_finite_are_left_out_and_a_constant_one_has_no_correlation() -> None:
    params = np.arange(1.0, 8.0)
    found = partial_rank_correlation(np.array([1.0, NAN, 3.0, 4.0, math.inf, 6.0, 7.0]), {"params": params})
    assert (found.n, found.plain[0]) == (5, pytest.approx(1))
    constant = partial_rank_correlation(np.ones(7), {"params": params})
    assert np.isnan([constant.plain[0], constant.partial[0], constant.explained]).all()


def test_too_few_scores_are_refused() -> None:
    with pytest.raises(InvalidInput, match="give 5 or more"):
        partial_rank_correlation(np.array([1.0, 2.0, 3.0, 4.0]), {"a": np.arange(4), "b": np.arange(4)})
