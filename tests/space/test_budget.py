from __future__ import annotations

import math

import numpy as np
import pytest

from netlore.errors import InvalidInput
from netlore.space.budget import NO_BUDGET, Budget
from netlore.space.complexity import Complexity
from netlore.space.device_table import DeviceTable, forget, use


def test_limits_are_closed():
    complexity = Complexity(np.array([9, 10, 50, 51]), np.array([1, 1, 1, 1]), np.array([1, 1, 1, 1]))
    assert Budget(flops=(10, 50)).admits(complexity).tolist() == [False, True, True, False]


def test_real_limits_are_not_rounded():
    complexity = Complexity(np.array([9, 10, 11]), np.array([1, 1, 1]), np.array([1, 1, 1]))
    assert Budget(flops=(9.5, 10.5)).admits(complexity).tolist() == [False, True, False]


def test_every_limit_must_be_met():
    complexity = Complexity(np.array([1, 1, 9]), np.array([2, 9, 2]), np.array([3, 3, 3]))
    budget = Budget(flops=(1, 1), params=(2, 2), activations=(3, 3))
    assert budget.admits(complexity).tolist() == [True, False, False]


def test_no_limits_admit_everything():
    assert NO_BUDGET.admits(Complexity(np.arange(3), np.arange(3), np.arange(3))).all()
    assert NO_BUDGET.limits() == {} and str(NO_BUDGET) == "no budget"


def test_a_single_network_is_admitted_or_not():
    assert Budget(params=(0, 5)).admits(Complexity(1, 5, 1))
    assert not Budget(params=(0, 5)).admits(Complexity(1, 6, 1))


@pytest.mark.parametrize("limits", [(2, 1), (-1, 1), (math.nan, 1), (1, math.nan), (math.inf, 1)])
def test_empty_limits_are_refused(limits):
    with pytest.raises(InvalidInput, match=r"the budget params = .* is empty; give 0 <= low <= high\."):
        Budget(params=limits)


def test_text_is_short():
    assert str(Budget(flops=(10e6, 50e6), activations=(0, 1500))) == "10M to 50M FLOPs, 0 to 1.5k activations"
    assert str(Budget(params=(1e9, math.inf))) == "1G to infinity parameters"


@pytest.mark.parametrize("limits", [3, (1, 2, 3), (1,), "12"])
def test_what_is_no_pair_is_refused(limits):
    with pytest.raises(InvalidInput, match=r"the budget flops = .* is not an interval; give \(low, high\)"):
        Budget.of({"flops": limits})


@pytest.mark.parametrize("limits", [(0.29, 0.57), (0.1, 0.3), (0, 1e308), (1e300, float("inf")), (0, 2.3456789)])
def test_limits_in_steps_admit_the_same_values_as_in_the_unit(limits: tuple[float, float]):
    table = DeviceTable("latency", "ms", coefficients={"linear": {"count": 1.0}})
    use(table)
    try:
        (found,) = Budget.of({"latency": limits}).in_steps()
    finally:
        forget("latency")
    for step in (
        0,
        1,
        99_999,
        100_000,
        289_999,
        290_000,
        300_000,
        300_001,
        570_000,
        570_001,
        2_345_678,
        2_345_679,
    ):
        assert (found[0] <= step <= found[1]) == (limits[0] <= step / 1e6 <= limits[1])
