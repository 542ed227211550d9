"""Lilliefors' test against its definition, published critical values, and samples of known origin."""

from __future__ import annotations

import math

import numpy as np
import pytest

from netlore.analysis.distribution import ExponentialTest, exponential_test
from netlore.errors import InvalidInput


def largest_distance(values: np.ndarray) -> float:
    """Between the EDF and the exponential distribution function, just before and at every step."""
    mean = sum(values) / len(values)
    distances = []
    for value in values:
        expected = 1 - math.exp(-value / mean)
        distances.append(abs(sum(other <= value for other in values) / len(values) - expected))
        distances.append(abs(sum(other < value for other in values) / len(values) - expected))
    return max(distances)


def test_a_statistic_by_hand() -> None:
    # No value is below 0.9, where the exponential distribution of mean 1 has reached 1 - exp(-0.9).
    assert exponential_test(np.array([0.9, 1.0, 1.0, 1.1])).statistic == pytest.approx(1 - math.exp(-0.9))


@pytest.mark.parametrize("seed", range(5))
def test_the_statistic_is_the_largest_distance(seed) -> None:
    values = np.random.default_rng(seed).gamma(1 + seed / 4, size=40).round(2) + 0.01
    found = exponential_test(values)
    assert found.statistic == pytest.approx(largest_distance(values))
    assert found.n == 40


@pytest.mark.parametrize("n", [10, 20, 100, 1600, 5000])
@pytest.mark.parametrize(("level", "critical"), [(0.10, 0.990), (0.05, 1.094), (0.01, 1.308)])
def test_p_values_are_those_of_stephens(n, level, critical) -> None:
    """Stephens 1974, "EDF statistics for goodness of fit": one law for all n, of D so modified."""
    distance = critical / (math.sqrt(n) + 0.26 + 0.5 / math.sqrt(n)) + 0.2 / n
    assert p_of_distance(n, 0.97 * distance) > level > p_of_distance(n, 1.03 * distance)


def p_of_distance(n: int, distance: float) -> float:
    """The p-value of some n values with that D: exponential quantiles, to a power above 1."""
    quantiles = -np.log(1 - (np.arange(n) + 0.5) / n)
    low, high = 1.0, 8.0
    for _ in range(30):
        middle = (low + high) / 2
        found = exponential_test(quantiles**middle)
        low, high = (middle, high) if found.statistic < distance else (low, middle)
    assert found.statistic == pytest.approx(distance, rel=1e-3)
    return found.p_value


def test_exponential_samples_are_kept_and_others_rejected() -> None:
    rng = np.random.default_rng(0)
    assert not exponential_test(rng.exponential(3.0, 500)).rejected
    assert exponential_test(rng.lognormal(0, 2, 500)).rejected
    assert exponential_test(rng.uniform(0, 1, 500)).rejected


def test_one_exponential_sample_in_twenty_is_rejected() -> None:
    rng = np.random.default_rng(1)
    rejected = sum(exponential_test(rng.exponential(size=100)).rejected for _ in range(1000))
    assert 30 <= rejected <= 70  # 50 expected, standard deviation 7


def test_the_unit_does_not_matter_however_large() -> None:
    values = np.random.default_rng(2).exponential(size=60)
    found, huge = exponential_test(values), exponential_test(values / values.max() * 1e308)
    assert huge.statistic == pytest.approx(found.statistic)
    assert huge.p_value == pytest.approx(found.p_value)


def test_values_that_are_not_finite_are_left_out() -> None:
    values = np.array([0.3, 1.0, 0.2, 2.5, 0.7])
    with_gaps = np.array([0.3, np.nan, 1.0, np.inf, 0.2, 2.5, -np.inf, 0.7])
    assert exponential_test(with_gaps) == exponential_test(values)


def test_the_level_decides_what_is_rejected() -> None:
    assert ExponentialTest(0.1, 0.03, 100).rejected
    assert not ExponentialTest(0.1, 0.03, 100, level=0.01).rejected


@pytest.mark.parametrize(
    ("values", "level", "message"),
    [
        ([1.0, 2.0, 3.0, np.nan], 0.05, "3 finite values are too few"),
        ([1.0, 2.0, 3.0, -4.0], 0.05, "-4 is not positive"),
        ([1.0, 2.0, 3.0, 0.0], 0.05, "0 is not positive"),
        ([1.0, 2.0, 3.0, 4.0], 0.00005, "level = 5e-05 is beyond all p-values"),
    ],
)
def test_what_cannot_be_tested_is_refused(values, level, message) -> None:
    with pytest.raises(InvalidInput, match=message):
        exponential_test(np.array(values), level)
