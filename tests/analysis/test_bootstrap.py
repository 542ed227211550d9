"""The exact bootstrap against counting, and against resampling: each the other's oracle."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netlore.analysis.bootstrap import (
    Estimate,
    exact_bootstrap,
    monte_carlo_bootstrap,
    quarter,
    rank_probabilities,
)
from netlore.errors import InvalidInput
from tests.oracles import bootstrap as oracle

SIZES = [(1, 1), (1, 7), (2, 1), (2, 9), (3, 2), (5, 5), (8, 2), (10, 3), (12, 40), (40, 10), (100, 25), (7, 125)]


@pytest.mark.parametrize(("n", "m"), [*SIZES, (500, 125), (500, 1), (20, 500)])
def test_rank_probabilities_are_the_exact_fractions(n: int, m: int) -> None:
    found = rank_probabilities(n, m)
    exact = oracle.best_of_resample_distribution(n, m)
    assert found.tolist() == pytest.approx([float(p) for p in exact], rel=1e-12, abs=1e-15)
    assert float(found.sum()) == pytest.approx(1, abs=1e-15)


def test_the_papers_size_worked_by_hand() -> None:
    # 500 networks, 125 draws: the best is drawn with 1 - (499/500)^125.
    found = rank_probabilities(500, 125)
    assert found[0] == pytest.approx(1 - (499 / 500) ** 125, rel=1e-12)
    assert round(100 * found[0], 1) == 22.1
    assert found[:14].sum() < 0.975 <= found[:15].sum()


@st.composite
def samples(draw: st.DrawFn) -> tuple[list[float], list[int], int]:
    """Scores with ties, values on a small grid, and a number of draws that may exceed the networks."""
    n = draw(st.integers(1, 12))
    scores = draw(st.lists(st.integers(-3, 3).map(float), min_size=n, max_size=n))
    values = draw(st.lists(st.sampled_from([1, 2, 4, 8, 16]), min_size=n, max_size=n))
    return scores, values, draw(st.integers(1, 30))


@settings(deadline=None)
@given(samples())
def test_the_exact_interval_is_the_oracles(sample: tuple[list[float], list[int], int]) -> None:
    scores, values, m = sample
    found = exact_bootstrap(np.array(scores), {"w1": np.array(values)}, draws=m)["w1"]
    assert tuple(found) == oracle.exact_interval(values, scores, m)


@settings(deadline=None)
@given(samples(), st.floats(0.01, 0.99))
def test_estimates_lie_on_the_grid_and_in_order(sample: tuple[list[float], list[int], int], level: float) -> None:
    scores, values, m = sample
    columns = {"d1": np.array(values), "w1": np.array(values[::-1])}
    for found in (
        exact_bootstrap(np.array(scores), columns, m, level),
        monte_carlo_bootstrap(np.array(scores), columns, m, level, resamples=20),
    ):
        for estimate in found.values():
            assert set(estimate) <= set(values)
            assert estimate.low <= estimate.median <= estimate.high
            assert all(type(value) is int for value in estimate)


@given(samples())
def test_a_wider_level_gives_a_wider_interval(sample: tuple[list[float], list[int], int]) -> None:
    scores, values, m = sample
    narrow, wide = (
        exact_bootstrap(np.array(scores), {"w": np.array(values)}, m, level)["w"] for level in (0.5, 0.95)
    )
    assert wide.low <= narrow.low <= narrow.high <= wide.high
    assert wide.median == narrow.median


@given(samples(), st.randoms(use_true_random=False))
def test_without_ties_the_order_of_the_networks_does_not_matter(
    sample: tuple[list[float], list[int], int], source: object
) -> None:
    _, values, m = sample
    scores = np.arange(len(values), dtype=np.float64)
    order = list(range(len(values)))
    source.shuffle(order)  # type: ignore[attr-defined]
    columns = {"w": np.array(values)}
    turned = {"w": np.array(values)[order]}
    assert exact_bootstrap(scores, columns, m) == exact_bootstrap(scores[order], turned, m)


def test_of_equal_scores_the_first_ranks_first() -> None:
    scores, values = np.array([1.0, 1.0]), {"w": np.array([5, 7])}
    assert exact_bootstrap(scores, values, draws=50)["w"] == Estimate(5, 5, 5)
    assert monte_carlo_bootstrap(scores, values, draws=50)["w"] == Estimate(5, 5, 5)
    backwards = {"w": np.array([7, 5])}
    assert exact_bootstrap(scores, backwards, draws=50)["w"] == Estimate(7, 7, 7)


def test_a_percentile_that_is_reached_exactly_counts() -> None:
    # One draw out of two: each value has a probability of one half, so the median is the smaller one.
    assert exact_bootstrap(np.array([1.0, 2.0]), {"w": np.array([8, 2])}, draws=1)["w"] == Estimate(2, 2, 8)
    # 40 networks, one draw: exactly 2.5 % lie at the smallest value, and 97.5 % at or below the 39th.
    scores, values = np.arange(40.0), {"w": np.arange(1, 41)}
    assert exact_bootstrap(scores, values, draws=1)["w"] == Estimate(1, 20, 39)


def test_a_quarter_is_rounded_up_and_the_default() -> None:
    assert [quarter(n) for n in (1, 4, 5, 500)] == [1, 1, 2, 125]
    rng = np.random.default_rng(0)
    scores, columns = rng.normal(size=50), {"d": rng.integers(1, 17, 50)}
    assert exact_bootstrap(scores, columns) == exact_bootstrap(scores, columns, draws=13)


@pytest.mark.parametrize(("n", "m"), [(500, 125), (60, 15), (9, 40)])
def test_resampling_estimates_the_exact_distribution(n: int, m: int) -> None:
    # With R = 10,000 resamples the estimated distribution function is off by more than e somewhere with a
    # probability of at most 2 exp(-2 R e^2) (Dvoretzky, Kiefer, Wolfowitz; Massart 1990): 1e-6 for this e. What is
    # compared is the function at every percentage, through the upper end of an interval of that level.
    resamples = 10_000
    bound = math.sqrt(math.log(2 / 1e-6) / (2 * resamples))
    scores, columns = -np.arange(float(n)), {"rank": np.arange(1, n + 1)}
    cumulative = np.cumsum([float(p) for p in oracle.best_of_resample_distribution(n, m)])
    for level in np.linspace(0.02, 0.98, 13):
        found = monte_carlo_bootstrap(scores, columns, m, float(level), resamples, seed=4)["rank"]
        for rank, share in ((found.low, (1 - level) / 2), (found.median, 0.5), (found.high, (1 + level) / 2)):
            below = cumulative[rank - 2] if rank > 1 else 0.0
            assert below - bound <= share <= cumulative[rank - 1] + bound


def test_resampled_and_exact_intervals_are_equal_or_next_to_each_other() -> None:
    rng = np.random.default_rng(1)
    grid = [1, 2, 4, 8, 16, 32, 64, 128]
    scores = rng.normal(size=500)
    columns = {f"w{i}": rng.choice(grid, 500) for i in range(12)}
    exact, resampled = exact_bootstrap(scores, columns), monte_carlo_bootstrap(scores, columns, seed=2)
    for name in columns:
        for ours, theirs in zip(exact[name], resampled[name], strict=True):
            assert abs(grid.index(ours) - grid.index(theirs)) <= 1
    assert sum(exact[name] == resampled[name] for name in columns) >= 10


def test_resampling_agrees_with_the_plain_loop() -> None:
    rng = np.random.default_rng(3)
    values, scores = rng.integers(1, 9, size=40), rng.integers(0, 15, size=40).astype(float)
    plain = oracle.monte_carlo_interval(values.tolist(), scores.tolist(), 10, 3000, rng)
    assert tuple(monte_carlo_bootstrap(scores, {"w": values}, 10, resamples=3000)["w"]) == plain


def test_the_seed_decides_what_is_resampled() -> None:
    rng = np.random.default_rng(5)
    scores, columns = rng.normal(size=300), {"flops": rng.integers(10**6, 5 * 10**7, 300)}
    first, again, other = (monte_carlo_bootstrap(scores, columns, resamples=50, seed=seed) for seed in (0, 0, 1))
    assert first == again != other


def test_large_resamples_are_drawn_in_parts() -> None:
    scores, columns = np.arange(5.0), {"w": np.array([1, 2, 3, 4, 5])}
    found = monte_carlo_bootstrap(scores, columns, draws=2**21, resamples=5)["w"]
    assert found == Estimate(5, 5, 5)


def test_more_draws_stand_for_copies_of_every_network() -> None:
    # Four architectures drawn as if each stood 125 times in a sample of 500.
    scores, values = np.array([1.0, 4.0, 2.0, 3.0]), np.array([1, 8, 2, 4])
    copies = exact_bootstrap(np.repeat(scores, 125), {"w": np.repeat(values, 125)}, draws=125)
    assert exact_bootstrap(scores, {"w": values}, draws=125) == copies


@pytest.mark.parametrize("bootstrap", [exact_bootstrap, monte_carlo_bootstrap])
@pytest.mark.parametrize(
    ("scores", "column", "draws", "level", "message"),
    [
        ([], [], None, 0.95, "0 scores, 0 of them finite"),
        ([1.0, math.nan], [1, 2], None, 0.95, "2 scores, 1 of them finite"),
        ([1.0, math.inf], [1, 2], None, 0.95, "2 scores, 1 of them finite"),
        ([1.0, 2.0], [1, 2], 0, 0.95, "m = 0"),
        ([1.0, 2.0], [1, 2], -3, 0.95, "m = -3"),
        ([1.0, 2.0], [1, 2], None, 0.0, "level = 0 is no probability"),
        ([1.0, 2.0], [1, 2], None, 1.0, "level = 1 is no probability"),
        ([1.0, 2.0], [1, 2, 3], None, 0.95, "has 3 values, scores 2"),
        ([1.0, 2.0], [1], None, 0.95, "has 1 values, scores 2"),
    ],
)
def test_what_cannot_be_resampled_is_refused(
    bootstrap: object, scores: list[float], column: list[int], draws: int | None, level: float, message: str
) -> None:
    assert callable(bootstrap)
    with pytest.raises(InvalidInput, match=message):
        bootstrap(np.array(scores), {"w": np.array(column)}, draws, level)


def test_resamples_must_be_positive() -> None:
    with pytest.raises(InvalidInput, match="resamples = 0 is not positive"):
        monte_carlo_bootstrap(np.array([1.0]), {}, resamples=0)


@pytest.mark.parametrize(("n", "m"), [(0, 1), (1, 0), (-1, 3)])
def test_rank_probabilities_need_networks_and_draws(n: int, m: int) -> None:
    with pytest.raises(InvalidInput, match=f"n = {n} and m = {m} are not both positive"):
        rank_probabilities(n, m)


def test_an_exact_share_of_the_weight_is_a_fraction() -> None:
    assert sum(oracle.best_of_resample_distribution(6, 4)) == Fraction(1)
