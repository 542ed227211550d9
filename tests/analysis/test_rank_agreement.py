"""Rank correlations and their resamples, against scipy on networks that are really drawn and repeated."""

from __future__ import annotations

import itertools
import math
import time

import numpy as np
import pytest
from scipy.stats import kendalltau, rankdata, spearmanr

from netlore.analysis.correlation import partial_rank_correlation
from netlore.analysis.rank_agreement import bands_of, kendall_samples, partial_samples, spearman_samples
from netlore.analysis.resampling import resampled_counts, statistic_of
from netlore.errors import InvalidInput


@pytest.fixture
def networks() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Scores, accuracies and two costs of 60 networks, all related, with ties in each."""
    rng = np.random.default_rng(1)
    cost = rng.integers(6, size=60).astype(float)
    depth = cost + rng.integers(4, size=60)
    accuracies = np.round(cost + rng.normal(size=60), 1)
    return np.round(accuracies + depth + rng.normal(size=60)), accuracies, cost, depth


def drawn(counts: np.ndarray, *columns: np.ndarray) -> list[list[np.ndarray]]:
    """The columns as they are, and those of each resample."""
    repeats = [np.ones(len(columns[0]), dtype=int), *counts.astype(int)]
    return [[np.repeat(column, times) for column in columns] for times in repeats]


def test_kendall_and_spearman_are_scipy_s_of_each_resample(networks: tuple[np.ndarray, ...]) -> None:
    scores, accuracies, *_ = networks
    counts = resampled_counts(60, 20, seed=3)
    taus = [kendalltau(*both).statistic for both in drawn(counts, scores, accuracies)]
    rhos = [spearmanr(*both).statistic for both in drawn(counts, scores, accuracies)]
    np.testing.assert_allclose(kendall_samples(scores, accuracies, counts), taus, atol=1e-12)
    np.testing.assert_allclose(spearman_samples(scores, accuracies, counts), rhos, atol=1e-12)


def slow_tau(scores: np.ndarray, accuracies: np.ndarray, strata: np.ndarray) -> float:
    """Pair by pair, within strata."""
    excess = by_score = by_accuracy = 0
    for i, j in itertools.combinations(range(len(scores)), 2):
        if strata[i] == strata[j]:
            excess += int(np.sign(scores[i] - scores[j]) * np.sign(accuracies[i] - accuracies[j]))
            by_score += scores[i] != scores[j]
            by_accuracy += accuracies[i] != accuracies[j]
    return excess / math.sqrt(by_score * by_accuracy)


def test_tau_within_strata_counts_pairs_of_one_stratum(networks: tuple[np.ndarray, ...]) -> None:
    scores, accuracies, cost, _ = networks
    counts = resampled_counts(60, 5, seed=4)
    found = kendall_samples(scores, accuracies, counts, cost.astype(int))
    expected = [slow_tau(*one) for one in drawn(counts, scores, accuracies, cost)]
    np.testing.assert_allclose(found, expected, atol=1e-12)
    assert found[0] < kendall_samples(scores, accuracies, counts)[0], "cost helps where it varies"


def test_counts_of_all_serve_a_part_of_the_networks(networks: tuple[np.ndarray, ...]) -> None:
    scores, accuracies, *_ = (one[:40] for one in networks)
    counts = resampled_counts(60, 10, seed=6)[:, :40]
    both = drawn(counts, scores, accuracies)
    np.testing.assert_allclose(
        spearman_samples(scores, accuracies, counts), [spearmanr(*one).statistic for one in both], atol=1e-12
    )
    np.testing.assert_allclose(
        kendall_samples(scores, accuracies, counts), [kendalltau(*one).statistic for one in both], atol=1e-12
    )


def test_many_networks_are_compared_in_parts_and_within_seconds() -> None:
    rng = np.random.default_rng(0)
    accuracies = np.round(rng.normal(size=3_000), 2)
    scores = accuracies + rng.normal(size=3_000)
    counts = resampled_counts(3_000)
    start = time.process_time()
    found = statistic_of(kendall_samples(scores, accuracies, counts), 3_000)
    assert time.process_time() - start < 20
    assert found.value == pytest.approx(kendalltau(scores, accuracies).statistic, abs=1e-12)
    # The standard error of tau over 3,000 normal pairs is about 0.009.
    assert found.low < found.value < found.high < found.low + 0.05


def test_partial_correlation_is_that_of_residuals_of_ranks(networks: tuple[np.ndarray, ...]) -> None:
    scores, accuracies, cost, depth = networks
    counts = resampled_counts(60, 4, seed=5)
    found = partial_samples(scores, accuracies, (cost, depth), counts)
    expected = [
        partial_rank_correlation(b, {"score": a, "cost": c, "depth": d}).partial[0]
        for a, b, c, d in drawn(counts, scores, accuracies, cost, depth)
    ]
    np.testing.assert_allclose(found, expected, atol=1e-9)


def test_columns_that_say_nothing_new_change_no_partial_correlation(networks: tuple[np.ndarray, ...]) -> None:
    scores, accuracies, cost, depth = networks
    counts = resampled_counts(60, 2)
    plain = partial_samples(scores, accuracies, (cost, depth), counts)
    more = partial_samples(scores, accuracies, (cost, depth, depth**3, np.full(60, 7.0)), counts)
    np.testing.assert_allclose(more, plain, atol=1e-6)


@pytest.mark.parametrize("what", ["constant scores", "constant accuracies", "scores that the costs determine"])
def test_what_is_undefined_has_no_value_and_no_warning(what: str, networks: tuple[np.ndarray, ...]) -> None:
    scores, accuracies, cost, _ = networks
    counts = resampled_counts(60, 3)
    one = {"constant scores": scores * 0, "scores that the costs determine": cost * 2 + 1}.get(what, scores)
    other = accuracies * 0 if what == "constant accuracies" else accuracies
    assert np.isnan(partial_samples(one, other, (cost,), counts)).all()
    if what.startswith("constant"):
        assert np.isnan(kendall_samples(one, other, counts)).all()
        found = statistic_of(spearman_samples(one, other, counts), 60, "all are equal")
        assert found == (None, None, None, 60, "all are equal")


def test_an_interval_needs_half_of_the_resamples() -> None:
    nan = float("nan")
    assert statistic_of(np.array([0.3, nan, nan, 0.4]), 5) == (0.3, None, None, 5, "")
    assert statistic_of(np.array([0.3, nan, 0.4, 0.4]), 5) == (0.3, 0.4, 0.4, 5, "")


def test_intervals_hold_the_truth_about_as_often_as_they_say() -> None:
    rng, held = np.random.default_rng(7), 0
    # Kendall's tau of normal pairs of correlation r is (2 / pi) asin r.
    truth = 2 / math.pi * math.asin(0.6)
    for trial in range(120):
        x = rng.normal(size=80)
        y = 0.6 * x + 0.8 * rng.normal(size=80)
        found = statistic_of(kendall_samples(x, y, resampled_counts(80, 300, seed=trial)), 80)
        assert found.low is not None and found.high is not None
        held += found.low <= truth <= found.high
    assert 0.88 <= held / 120 <= 1.0


def test_bands_hold_about_equally_many_and_never_part_equal_costs() -> None:
    costs = np.repeat(np.arange(28.0), [3, 40, 8, 12] * 7)
    codes = bands_of(costs, 5)
    assert all(len(set(codes[costs == one])) == 1 for one in np.unique(costs))
    assert (np.diff(codes[np.argsort(costs)]) >= 0).all()
    sizes = np.bincount(codes)
    assert len(sizes) == 5 and np.abs(sizes - len(costs) / 5).max() <= 40, "as many as cost the same"
    assert bands_of(np.full(9, 3.0), 10).tolist() == [0] * 9
    distinct = rankdata(np.random.default_rng(0).normal(size=500))
    assert np.bincount(bands_of(distinct, 10)).tolist() == [50] * 10


def test_lengths_that_differ_are_refused() -> None:
    with pytest.raises(InvalidInput, match="accuracies has 4 values, scores 3"):
        kendall_samples(np.arange(3.0), np.arange(4.0), resampled_counts(3, 1))
    with pytest.raises(InvalidInput, match="bands = 0"):
        bands_of(np.arange(3.0), 0)
    with pytest.raises(InvalidInput, match="must both be positive"):
        resampled_counts(0)
