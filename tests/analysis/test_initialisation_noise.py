"""The share of initialisation and the noise ceiling, against sums written out and against simulated scores."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import kendalltau, rankdata, spearmanr

from netlore.analysis.initialisation_noise import initialisation_noise


def test_variance_components_are_those_of_an_analysis_of_variance() -> None:
    rng = np.random.default_rng(0)
    scores = rng.normal(size=(12, 1)) + 0.7 * rng.normal(size=(12, 4))
    scores[2, 1] = scores[5, 0] = scores[5, 3] = math.nan
    scores[7] = math.nan
    ranks = np.full(scores.shape, math.nan)
    ranks[np.isfinite(scores)] = rankdata(scores[np.isfinite(scores)])
    groups = [[r for r in row if not math.isnan(r)] for row in ranks]
    groups = [row for row in groups if row]
    total, mean = sum(map(len, groups)), float(np.nanmean(ranks))
    between = sum(len(row) * (np.mean(row) - mean) ** 2 for row in groups) / (len(groups) - 1)
    within = sum((r - np.mean(row)) ** 2 for row in groups for r in row) / (total - len(groups))
    size = (total - sum(len(row) ** 2 for row in groups) / total) / (len(groups) - 1)
    own = (between - within) / size
    found = initialisation_noise(scores)
    assert found is not None and found.architectures == 11
    assert found.share == pytest.approx(within / (own + within))
    assert found.rho_ceiling == pytest.approx(math.sqrt(own / (own + within / size)))


@pytest.mark.parametrize(("noise", "draws"), [(0.5, 2), (1.0, 3)])
def test_a_perfect_but_noisy_score_reaches_the_ceiling(noise: float, draws: int) -> None:
    rng = np.random.default_rng(1)
    accuracies = rng.normal(size=4_000)
    scores = accuracies[:, np.newaxis] + noise * rng.normal(size=(4_000, draws))
    found = initialisation_noise(scores)
    assert found is not None
    assert found.share == pytest.approx(noise**2 / (1 + noise**2), abs=0.03)
    mean = scores.mean(axis=1)
    assert found.rho_ceiling == pytest.approx(spearmanr(mean, accuracies).statistic, abs=0.02)
    assert found.tau_ceiling == pytest.approx(kendalltau(mean, accuracies).statistic, abs=0.02)


def test_scores_without_noise_have_no_share_and_no_ceiling_below_one() -> None:
    found = initialisation_noise(np.repeat(np.arange(5.0)[:, np.newaxis], 3, axis=1))
    assert found == (0.0, 1.0, pytest.approx(1.0), 5)


def test_scores_that_are_noise_alone_rank_nothing() -> None:
    found = initialisation_noise(np.array([[0.0, 9.0], [1.0, 8.0], [2.0, 7.0]]))
    assert found is not None and (found.share, found.rho_ceiling) == (1.0, 0.0)


@pytest.mark.parametrize(
    "scores", [np.array([[1.0], [2.0]]), np.array([[1.0, 2.0]]), np.full((3, 2), 4.0), np.full((3, 2), math.nan)]
)
def test_too_few_scores_say_nothing(scores: np.ndarray) -> None:
    assert initialisation_noise(scores) is None
