"""Intraclass correlations against a table from the literature, slow definitions, and simulated noise."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import rankdata, spearmanr

from netlore.analysis.reliability import (
    agreement_samples,
    ceiling,
    joined,
    repeated_samples,
    shared_samples,
    variance_components,
)
from netlore.analysis.resampling import resampled_counts, statistic_of
from netlore.errors import InvalidInput

# Table 2 of Shrout and Fleiss 1979: six targets, four judges.
JUDGED = np.array(
    [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]], dtype=float
)


def noisy(networks: int, conditions: int, noise: float, seed: int = 0) -> np.ndarray:
    """Normal scores whose intraclass correlation is 1 / (1 + noise^2)."""
    rng = np.random.default_rng(seed)
    return rng.normal(size=(networks, 1)) + noise * rng.normal(size=(networks, conditions))


def test_values_agree_as_in_the_table_of_shrout_and_fleiss() -> None:
    counts = resampled_counts(6, 10)
    assert agreement_samples(JUDGED, counts)[0] == pytest.approx(0.2898, abs=5e-5)  # their ICC(2,1) = .29
    between, within = variance_components(JUDGED, np.ones((1, 6)))
    assert between[0] / (between[0] + within[0]) == pytest.approx(0.1657, abs=5e-5)  # their ICC(1,1) = .17


def test_the_consistency_of_ranks_is_the_mean_of_spearmans_correlations() -> None:
    scores = noisy(40, 3, 0.7)
    pairs = [spearmanr(scores[:, i], scores[:, j]).statistic for i, j in ((0, 1), (0, 2), (1, 2))]
    assert shared_samples(scores, resampled_counts(40, 3))[0] == pytest.approx(np.mean(pairs), abs=1e-12)


def test_a_resample_is_a_table_in_which_networks_stand_as_often_as_they_are_drawn() -> None:
    scores, counts = noisy(30, 3, 1.0), resampled_counts(30, 20, seed=4)
    found = agreement_samples(scores, counts)
    assert found.shape == (21,)
    for drawn, value in zip(counts, found[1:], strict=True):
        written = np.repeat(scores, drawn.astype(int), axis=0)
        assert agreement_samples(written, resampled_counts(30, 1))[0] == pytest.approx(value, abs=1e-9)


def test_a_resample_keeps_the_ranks_among_all_networks() -> None:
    scores, counts = noisy(30, 2, 1.0), resampled_counts(30, 5, seed=1)
    ranks = rankdata(scores).reshape(scores.shape)
    for drawn, value in zip(counts, repeated_samples(scores, counts)[1:], strict=True):
        written = np.repeat(ranks, drawn.astype(int), axis=0)
        square = 2 * ((written.mean(axis=1) - written.mean()) ** 2).sum() / 29
        rest = ((written - written.mean(axis=1, keepdims=True)) ** 2).sum() / 30
        assert value == pytest.approx(max(0, square - rest) / (square + rest))


@pytest.mark.parametrize("samples", [repeated_samples, shared_samples])
def test_an_interval_holds_the_value_also_of_scores_with_little_noise(samples) -> None:
    found = statistic_of(samples(noisy(100, 3, 0.02), resampled_counts(100)), 100)
    assert 0.99 < found.low < found.value < found.high


@pytest.mark.parametrize("samples", [repeated_samples, shared_samples])
@pytest.mark.parametrize("noise", [0.3, 1.0, 3.0])
def test_the_share_of_known_noise_is_found(samples, noise: float) -> None:
    found = samples(noisy(3_000, 3, noise), resampled_counts(3_000, 2))[0]
    normal = 1 / (1 + noise**2)
    # Of normal scores Spearman's rho is (6 / pi) asin(r / 2).
    assert found == pytest.approx(6 / math.pi * math.asin(normal / 2), abs=0.03)


def test_no_ground_truth_correlates_above_the_ceiling_and_the_best_one_reaches_it() -> None:
    rng = np.random.default_rng(3)
    truth = rng.normal(size=4_000)
    scores = truth[:, np.newaxis] + 1.5 * rng.normal(size=(4_000, 3))
    top = float(ceiling(repeated_samples(scores, resampled_counts(4_000, 1)))[0])
    assert spearmanr(scores[:, 0], truth).statistic == pytest.approx(top, abs=0.03)
    assert spearmanr(scores[:, 0], truth + rng.normal(size=4_000)).statistic < top - 0.1


def test_a_shift_of_a_condition_changes_numbers_and_not_ranks() -> None:
    scores = noisy(50, 3, 0.2)
    shifted, counts = scores + np.array([0.0, 5.0, 10.0]), resampled_counts(50, 5)
    assert np.array_equal(shared_samples(shifted, counts), shared_samples(scores, counts))
    assert agreement_samples(shifted, counts)[0] < 0.1 < 0.9 < agreement_samples(scores, counts)[0]


def test_large_scores_do_not_overflow() -> None:
    scores = noisy(20, 3, 0.5) * 1e300
    assert agreement_samples(scores, resampled_counts(20, 5))[0] == pytest.approx(
        agreement_samples(noisy(20, 3, 0.5), resampled_counts(20, 5))[0]
    )


def test_sources_of_noise_add_up() -> None:
    rng = np.random.default_rng(5)
    networks, n = rng.normal(size=(20_000, 1)), 20_000
    one, other = (networks + 0.8 * rng.normal(size=(n, 2)) for _ in range(2))
    both = networks + 0.8 * rng.normal(size=(n, 2)) + 0.8 * rng.normal(size=(n, 2))
    counts = resampled_counts(n, 1)
    found = joined(repeated_samples(one, counts)[:1], repeated_samples(other, counts)[:1])
    assert found[0] == pytest.approx(repeated_samples(both, counts)[0], abs=0.02)
    assert joined(np.array([0.0]))[0] == 0 and joined(np.array([1.0]), np.array([1.0]))[0] == 1


def test_scores_without_a_spread_have_none() -> None:
    counts = resampled_counts(4, 3)
    for samples in (repeated_samples, shared_samples, agreement_samples):
        assert np.isnan(samples(np.ones((4, 2)), counts)).all()
    assert repeated_samples(np.repeat(np.arange(4.0)[:, np.newaxis], 2, axis=1), counts)[0] == 1


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(InvalidInput, match="scores are of 1 condition; give those of two or more"):
        shared_samples(np.ones((4, 1)), resampled_counts(4, 2))
    with pytest.raises(InvalidInput, match="counts"):
        shared_samples(np.ones((3, 2)), resampled_counts(4, 2))
