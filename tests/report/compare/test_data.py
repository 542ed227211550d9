from __future__ import annotations

import dataclasses

import pytest

from netlore.report.compare.data import method_label, method_order
from tests.report.compare.methods import comparison, group, memory, method, paper, replicate


def test_a_method_is_the_median_of_its_replicates() -> None:
    one = paper(12, 17, 13)
    assert one.elite_scores == (12, 17, 13)
    assert one.networks == (1000, 1001, 1002)
    assert one.reached == () and memory(18, 19).reached == (300, 310)


def test_widths_are_means_over_replicates_and_hyperparameters() -> None:
    one = paper(12, 13)
    # d1 is 1 to 8 and 2 to 9 of 16 values; every other interval is a single value.
    assert one.widths["d1"] == 0.5 and one.widths["d2"] == 1 / 16 and one.widths["w1"] == 1 / 10
    assert one.width == pytest.approx((0.5 + 2 / 16 + 3 / 10 + 3 / 6 + 3 / 3) / 12)


def test_distances_are_in_units_of_noise_if_there_is_any() -> None:
    assert group(paper(1)).in_noise(3.0) == 6.0
    assert group(paper(1), noise=0.0).in_noise(3.0) is group(paper(1), noise=None).in_noise(3.0) is None


def test_selection_bias_is_of_the_architectures_that_were_rescored() -> None:
    # The twelve best means of the seeds are 12, 14 and 20, those of their elites 11, 12 and 13, new ones 10.
    found = paper(12, 14, 20)
    own = [dataclasses.replace(one, own=11.0 + at, rescored=10.0) for at, one in enumerate(found.replicates)]
    assert dataclasses.replace(found, replicates=tuple(own)).selection_bias == 2.0
    assert found.selection_bias is None


def test_methods_have_one_order_whatever_groups_have_them() -> None:
    own = method("own", replicate("own", 0, 1.0, 10, None))
    random = method("random", replicate("random", 0, 1.0, 10, None))
    found = comparison(group(own, memory(2)), group(random, paper(1), memory(2)))
    assert found.labels == (*map(method_label, ("paper", "memory", "random")), "own")
    assert [method_order(name) for name in ("paper", "memory", "random", "evolution", "nsga2", "own")] == [
        *range(6)
    ]
