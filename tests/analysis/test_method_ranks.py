"""Paired tests, average ranks and intervals of medians, against definitions and scipy."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from scipy.stats import friedmanchisquare, rankdata

from netlore.analysis.method_ranks import average_ranks, median_interval, paired_tests
from netlore.errors import InvalidInput


def test_wilcoxons_p_is_the_share_of_signs_that_are_as_extreme() -> None:
    differences = np.asarray([0.3, -0.1, 0.7, 1.1, 0.2, -0.4, 0.9, 1.3])
    values = np.stack([differences, np.zeros(8), differences + 5])
    ranks = rankdata(np.abs(differences))
    observed = abs(float(np.sum(np.sign(differences) * ranks)))
    sums = [abs(float(np.dot(signs, ranks))) for signs in product((-1, 1), repeat=8)]
    exact = float(np.mean([one >= observed - 1e-9 for one in sums]))
    first, second, third = paired_tests(values, ["a", "b", "c"])
    assert (first.one, first.other, first.difference) == ("a", "b", pytest.approx(np.median(differences)))
    assert first.p == pytest.approx(exact)
    assert second.difference == -5 and second.p == pytest.approx(2 / 256) and third.difference < -5
    assert first.adjusted == pytest.approx(max(exact, 3 * 2 / 256))


def test_equal_methods_never_differ_and_equal_seeds_say_nothing() -> None:
    [one] = paired_tests(np.ones((2, 20)), ["a", "b"])
    assert (one.difference, one.p, one.adjusted) == (0, 1, 1)
    few = np.zeros((2, 20))
    few[0, :3] = 1, 2, 3
    assert paired_tests(few, ["a", "b"])[0].p == pytest.approx(0.25)  # 2 / 2^3


def test_average_ranks_and_friedmans_p_are_scipys_and_the_critical_difference_demsars() -> None:
    values = np.random.default_rng(1).random((14, 5)).round(1)  # ties
    found = average_ranks(values, list("abcde"))
    assert found.average == pytest.approx(rankdata(values, axis=1).mean(axis=0).tolist())
    assert found.p == pytest.approx(friedmanchisquare(*values.T).pvalue) and found.blocks == 14
    # Demsar 2006, section 3.2.2: four methods on 14 data sets, CD = 2.569 sqrt(4 5 / (6 14)) = 1.25.
    assert average_ranks(values[:, :4], list("abcd")).critical == pytest.approx(1.25, abs=0.005)
    assert average_ranks(np.ones((3, 2)), ["a", "b"]).p == 1


def test_the_interval_of_a_median_holds_it_as_often_as_it_says() -> None:
    rng = np.random.default_rng(2)
    for n in (6, 20, 25):
        samples = rng.exponential(size=(4000, n))
        found = [median_interval(one) for one in samples]
        held = np.mean([one.low <= np.log(2) <= one.high for one in found])  # type: ignore[operator]
        assert 0.945 < held < 0.99
    assert median_interval(np.asarray([3.0, 1.0, np.nan, 2.0]))[:4] == (2.0, None, None, 3)
    assert median_interval(np.asarray([np.nan])).value is None


def test_what_is_no_comparison_is_refused() -> None:
    with pytest.raises(InvalidInput, match=r"values of shape \(1, 3\) are no comparison of 1 methods"):
        paired_tests(np.ones((1, 3)), ["a"])
    with pytest.raises(InvalidInput, match="are no comparison of 3 methods; give finite values"):
        paired_tests(np.ones((2, 3)), ["a", "b", "c"])
    with pytest.raises(InvalidInput, match="give finite values"):
        average_ranks(np.asarray([[1.0, np.nan], [1.0, 2.0]]), ["a", "b"])
    with pytest.raises(InvalidInput, match="1 block has no average rank; give 2 or more"):
        average_ranks(np.ones((1, 2)), ["a", "b"])
