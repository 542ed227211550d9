"""fit_surrogate() against a ridge regression by hand, and blup() at its limits."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from netlore.refinement.surrogate import blup, fit_surrogate

Floats = NDArray[np.float64]


def quadratic(places: Floats) -> Floats:
    """A saddle with a mixed term, so that every kind of term matters."""
    x, y, z = places.T
    return np.asarray(3 + 2 * x - y + 1.5 * x**2 - 2 * y**2 + 4 * x * z - z)


def somewhere(count: int, seed: int = 0, columns: int = 3) -> Floats:
    return np.random.default_rng(seed).uniform(-1, 1, (count, columns))


def once(count: int) -> NDArray[np.intp]:
    return np.ones(count, dtype=np.intp)


def terms(places: Floats) -> Floats:
    """All places, their squares, and the products of two."""
    pairs = itertools.combinations_with_replacement(range(places.shape[1]), 2)
    return np.column_stack([places, *(places[:, i] * places[:, j] for i, j in pairs)])


def ridge(design: Floats, values: Floats, weights: Floats, penalty: float, new: Floats) -> Floats:
    """Predictions by the normal equations; the level is not penalised."""
    full = np.column_stack([np.ones(len(design)), design])
    punished = np.diag([0.0] + [penalty] * design.shape[1])
    found = np.linalg.solve(full.T @ (weights[:, None] * full) + punished, full.T @ (weights * values))
    return np.asarray(np.column_stack([np.ones(len(new)), new]) @ found)


def test_an_exact_quadratic_is_recovered_also_where_nothing_was_scored() -> None:
    places, new = somewhere(200), somewhere(50, seed=1)
    trend = fit_surrogate(places, quadratic(places), once(200))
    assert trend.at(new) == pytest.approx(quadratic(new), abs=1e-3)
    assert trend.level == pytest.approx(quadratic(places).mean())


@pytest.mark.parametrize("noise", [0.0, 0.3, 3.0, 100.0])
def test_it_is_the_ridge_regression_that_errs_least_on_what_is_left_out(noise: float) -> None:
    """With weights by hand: draws times exp(-2 r / n), the mean 1; errors weigh as much as the fit's."""
    count = 30
    rng = np.random.default_rng(3)
    places, draws = somewhere(count, columns=2), rng.integers(1, 4, count)
    means = 2 * places[:, 0] - places[:, 1] ** 2 + rng.normal(0, noise, count) if noise else places[:, 0]
    ranks = np.asarray([sum(other > one for other in means) for one in means])
    weights = draws * np.exp(-2 * ranks / count)
    weights = weights / weights.mean()
    design = terms(places)
    errors = {}
    for penalty in 10.0 ** np.linspace(-3, 3, 13):
        left_out = [
            ridge(design[kept], means[kept], weights[kept], penalty, design[[i]])[0]
            for i in range(count)
            for kept in [np.arange(count) != i]
        ]
        errors[penalty] = float(np.sum(weights * (means - left_out) ** 2))
    best = min(errors, key=lambda penalty: errors[penalty])
    new = somewhere(20, seed=5, columns=2)
    expected = ridge(design, means, weights, best, terms(new))
    assert fit_surrogate(places, means, draws).at(new) == pytest.approx(expected, rel=1e-6, abs=1e-9)
    assert {0.0: 1e-3, 100.0: 1e3}.get(noise, best) == pytest.approx(best)


def test_it_fits_best_where_scores_are_high() -> None:
    # With equal weights, a quadratic misses a cubic by as much on either side.
    places = np.linspace(-1, 1, 201)[:, None]
    for sign in (1, -1):
        means = sign * places[:, 0] ** 3
        missed = np.abs(fit_surrogate(places, means, once(201)).at(places) - means)[::sign]
        assert missed[151:].mean() < 0.8 * missed[:50].mean()


def test_what_was_scored_more_often_counts_more() -> None:
    places = np.asarray([[-1.0], [-1.0], [0.0], [1.0]])
    means, draws = np.asarray([0.0, 4.0, 1.0, 2.0]), np.asarray([1, 1, 1, 1])
    often = np.asarray([30, 1, 1, 1])
    at = places[:1]
    assert fit_surrogate(places, means, often).at(at)[0] < fit_surrogate(places, means, draws).at(at)[0]


@pytest.mark.parametrize("count", [1, 2])
def test_fewer_than_three_architectures_have_no_trend_but_their_mean(count: int) -> None:
    draws = np.asarray([1, 3])[:count]
    trend = fit_surrogate(somewhere(count), np.asarray([2.0, 6.0])[:count], draws)
    assert trend.model is None and trend.level == {1: 2.0, 2: 5.0}[count]
    assert trend.at(somewhere(4)).tolist() == [trend.level] * 4


def test_shrunken_means_by_hand() -> None:
    # The better half are the means 4 and 2 (median 1.5); ranks 0 and 1 of four weigh 1 and exp(-1/2).
    means, draws = np.asarray([4.0, 2.0, 1.0, 0.0]), np.asarray([1, 3, 1, 2])
    trend, noise = np.asarray([2.0, 1.0, 1.0, 3.0]), 1.0
    weights = np.asarray([1 * 1.0, 3 * np.exp(-0.5)])
    excess = np.asarray([(4 - 2) ** 2 - 1 / 1, (2 - 1) ** 2 - 1 / 3])
    doubt = float((weights * excess).sum() / weights.sum())
    expected = [(n * m + p / doubt) / (n + 1 / doubt) for m, n, p in zip(means, draws, trend, strict=True)]
    assert blup(means, draws, trend, noise) == pytest.approx(expected)


def test_no_trend_is_believed_to_be_exact() -> None:
    # Means on the trend: the variance around it is less than nothing, so 0.02 s^2 is taken.
    trend = np.asarray([1.0, 2.0, 3.0])
    means = trend + np.asarray([1e-6, 0.0, -1e-6])
    own, other = 1 / 0.25, 1 / (0.02 * 0.25)
    found = blup(means, np.asarray([1, 1, 1]), trend, 0.5)
    assert found == pytest.approx((own * means + other * trend) / (own + other), rel=1e-12)


FINITE = st.floats(-1e3, 1e3)
KNOWN = st.lists(st.tuples(FINITE, FINITE, st.integers(1, 3)), min_size=1, max_size=12)


@given(KNOWN, st.floats(1e-3, 1e3))
def test_shrunken_means_lie_between_means_and_trend(known: list[tuple[float, float, int]], noise: float) -> None:
    means, trend, draws = (np.asarray(column) for column in zip(*known, strict=True))
    found = blup(means, draws, trend, noise)
    rounding = 1e-9 * (1 + np.abs(means) + np.abs(trend))
    assert (found >= np.minimum(means, trend) - rounding).all()
    assert (found <= np.maximum(means, trend) + rounding).all()


@given(KNOWN)
def test_without_noise_nothing_shrinks(known: list[tuple[float, float, int]]) -> None:
    means, trend, draws = (np.asarray(column) for column in zip(*known, strict=True))
    assert blup(means, draws, trend, 0.0).tolist() == means.tolist()


def test_less_noise_or_more_draws_shrink_less() -> None:
    means, trend, draws = np.asarray([4.0, 2.0, 1.0]), np.asarray([1.0, 1.0, 1.0]), np.asarray([1, 1, 1])
    by_noise = [float(np.abs(blup(means, draws, trend, s) - means).max()) for s in (3.0, 1.0, 0.3, 1e-3)]
    assert by_noise == sorted(by_noise, reverse=True) and by_noise[-1] < 1e-5
    by_draws = [float(np.abs(blup(means, n * draws, trend, 1.0) - means).max()) for n in (1, 3, 30, 10**6)]
    assert by_draws == sorted(by_draws, reverse=True) and by_draws[-1] < 1e-5
    assert blup(means, draws, trend, 1e6) == pytest.approx(trend, abs=0.1)
