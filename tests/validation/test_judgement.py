"""What is said of a quantity: failures by both conventions, several draws, costs, and what is undefined."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import kendalltau, rankdata, spearmanr

from netlore.analysis.rank_agreement import bands_of, kendall_samples
from netlore.validation.ground import Ground, ground
from netlore.validation.judgement import difference, judge
from netlore.validation.result import INTERVALS

N = 60


@pytest.fixture
def base() -> Ground:
    """Networks with costs; accuracy grows with FLOPs."""
    rng = np.random.default_rng(2)
    flops = rng.integers(1, 9, N).astype(float)
    costs = {"flops": flops, "params": flops * 3, "depth": rng.integers(1, 4, N).astype(float)}
    accuracies = 80 + flops + rng.normal(size=N).round(2)
    return ground(accuracies, costs | {"layers": costs["depth"] + 1}, resamples=50)


def scores_of(base: Ground, seed: int = 0) -> np.ndarray:
    """Scores that know something of accuracy."""
    return base.accuracies + np.random.default_rng(seed).normal(size=N)


def test_failures_rank_last_or_are_dropped(base: Ground) -> None:
    scores = scores_of(base)
    scores[:7] = np.nan
    found = judge("synflow", scores[:, np.newaxis], base)
    last = np.where(np.isnan(scores), -1e9, scores)
    assert found.failed == 7
    assert found.kendall.value == pytest.approx(kendalltau(last, base.accuracies).statistic)
    assert found.spearman.value == pytest.approx(spearmanr(last, base.accuracies).statistic)
    assert found.kendall_dropped.value == pytest.approx(kendalltau(scores[7:], base.accuracies[7:]).statistic)
    assert found.spearman_dropped.value == pytest.approx(spearmanr(scores[7:], base.accuracies[7:]).statistic)
    assert (found.kendall.n, found.kendall_dropped.n) == (N, N - 7)
    for name in INTERVALS:
        statistic = getattr(found, name)
        assert statistic.low <= statistic.value <= statistic.high, name


def test_without_failures_both_conventions_are_one(base: Ground) -> None:
    found = judge("synflow", scores_of(base)[:, np.newaxis], base)
    assert found.kendall_dropped is found.kendall and found.spearman_dropped is found.spearman


def test_costs_are_held_equal(base: Ground) -> None:
    scores = scores_of(base)
    found = judge("synflow", scores[:, np.newaxis], base)
    bands, counts = bands_of(base.costs["flops"], 6), base.counts[:1]
    assert base.bands == 6
    assert found.within_flops.value == kendall_samples(scores, base.accuracies, counts, bands)[0]
    layers = base.costs["layers"].astype(int)
    assert found.within_layers.value == kendall_samples(scores, base.accuracies, counts, layers)[0]
    assert found.within_flops.value < found.kendall.value
    assert found.given == ("params", "depth")
    assert judge("params", base.costs["params"][:, np.newaxis], base).given == ("depth",)


def test_what_would_be_chosen(base: Ground) -> None:
    scores = scores_of(base)
    found = judge("synflow", scores[:, np.newaxis], base)
    order = np.argsort(-scores)
    highest = base.accuracies.max()
    assert found.best == 6
    assert found.precision == len({*order[:6]} & {*np.argsort(-base.accuracies)[:6]}) / 6
    assert found.regret == pytest.approx(highest - base.accuracies[order[0]])
    assert found.regret_of_ten == pytest.approx(highest - base.accuracies[order[:10]].max())
    assert found.course is not None and found.course.regret[[0, 9]].tolist() == [found.regret, found.regret_of_ten]
    assert (np.diff(found.course.regret) <= 0).all() and len(found.course.networks) == 50


def test_several_draws_rank_by_their_mean_rank_and_show_their_noise(base: Ground) -> None:
    draws = np.stack([scores_of(base, seed) for seed in range(3)], axis=1)
    draws[0, 1] = draws[1] = np.nan
    found = judge("synflow", draws, base)
    ranks = np.full(draws.shape, np.nan)
    ranks[np.isfinite(draws)] = rankdata(draws[np.isfinite(draws)])
    assert found.failed == 1
    np.testing.assert_allclose(found.scores[2:], ranks[2:].mean(axis=1))
    assert found.scores[0] == pytest.approx((ranks[0, 0] + ranks[0, 2]) / 2)
    assert found.noise is not None and 0 < found.noise.share < 1
    # Any increasing transform of the scores leaves all as it is.
    again = judge("synflow", np.exp(draws / 10), base)
    np.testing.assert_array_equal(again.samples, found.samples)


def test_a_difference_is_of_the_same_networks(base: Ground) -> None:
    one = judge("synflow", scores_of(base)[:, np.newaxis], base)
    other = judge("flops", base.costs["flops"][:, np.newaxis], base)
    found = difference(one, other)
    assert found.value == pytest.approx(one.kendall.value - other.kendall.value)
    # Both go up and down with the networks that are drawn.
    assert found.high - found.low < (one.kendall.high - one.kendall.low) + (other.kendall.high - other.kendall.low)
    assert difference(one, one)[:3] == (0, 0, 0)


UNDEFINED = {
    "no network has a score": (np.full(9, np.nan), np.arange(9.0)),
    "all scores are equal": (np.full(9, 4.0), np.arange(9.0)),
    "all accuracies are equal": (np.arange(9.0), np.full(9, 50.0)),
    "2 networks are too few": (np.arange(2.0), np.arange(2.0)),
}


@pytest.mark.parametrize("reason", UNDEFINED)
def test_what_is_undefined_says_why(reason: str) -> None:
    scores, accuracies = UNDEFINED[reason]
    base = ground(accuracies, {"flops": np.arange(float(len(scores)))}, resamples=5)
    found = judge("synflow", scores[:, np.newaxis], base)
    for name in ("kendall", "spearman", "partial", "within_flops", "kendall_dropped"):
        statistic = getattr(found, name)
        assert (statistic.value, statistic.low, statistic.high) == (None, None, None), name
    assert found.kendall.reason.startswith(reason)
    assert found.ndcg is found.precision is found.regret is found.course is None


def test_one_score_left_is_dropped_to_too_few() -> None:
    base = ground(np.arange(9.0), {}, resamples=5)
    scores = np.full((9, 1), np.nan)
    scores[4] = 1.0
    found = judge("synflow", scores, base)
    assert found.kendall.value is not None and math.isfinite(found.kendall.value)
    assert found.kendall_dropped.reason == "1 networks are too few; 3 are needed"
    assert found.within_flops.reason == "FLOPs are not known" and found.partial.reason == "no costs are known"
