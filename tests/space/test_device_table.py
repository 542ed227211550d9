from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

import netlore as nl
from netlore.errors import InvalidInput, UnknownName
from netlore.space import device_table
from netlore.space.complexity import MEASURES, complexity, complexity_of_values
from netlore.space.device_table import DeviceTable, forget, use
from netlore.space.sampling import values_of
from netlore.testing import check_measure
from tests.space.small import anynet_of_512

STEPS = DeviceTable(
    "latency",
    "ms",
    coefficients={
        "convolution": {"count": 0.01, "flops": 3e-8},
        "convolution 1x1": {"traffic": 1e-6},
        "convolution, group width 2": {"groups": 0.003},
        "linear": {"count": 0.2},
    },
)


@pytest.fixture
def steps() -> Iterator[DeviceTable]:
    """A table of steps in use."""
    use(STEPS)
    yield STEPS
    forget("latency")


def cells(value: float = 2.0, resolution: int = 0) -> DeviceTable:
    """A table of all cells of NAS-Bench-201, each of which takes a little longer than the one before."""
    drawn = nl.sample(nl.nats_topology(), 20_000)
    values = {tuple(one.values.values()): value + number / 1000 for number, one in enumerate(drawn)}
    return DeviceTable("energy", "mJ", values=values, family="nats-topology", resolution=resolution)


def test_a_sum_over_steps_is_predicted_in_real_units(steps: DeviceTable):
    one = nl.anynet_architecture((1, 1, 1), (8, 8, 8), (8, 8, 2), (1, 1, 1))
    found = complexity(one, 10, measures=("latency",)).others["latency"]
    # Stem 27 x 64 weights on 1,024 positions, blocks of 9 x 64 on 1,024 and 256; two more 1x1 and a shortcut in
    # each block; the last block's 3x3 has four groups of width 2.
    first = 0.01 + 3e-8 * 27 * 64 * 1024
    dense = 2 * 0.01 + 3e-8 * 9 * 64 * (1024 + 256)
    pointwise = 1e-6 * ((72 + 16 + 72) * 1024 + (8 * (1024 + 1024) + 16 * 256 + 8 * (1024 + 256)))
    pointwise += 1e-6 * (8 * (256 + 256) + 16 * 64 + 8 * (256 + 64))
    assert found == pytest.approx(first + dense + pointwise + 4 * 0.003 + 0.2, abs=2e-5)
    assert isinstance(found, float) and round(found * 1e6) == pytest.approx(found * 1e6, abs=1e-6)


def test_its_measure_conforms(steps: DeviceTable):
    check_measure(MEASURES.get("latency"))


def test_a_budget_limits_it_and_counting_stage_by_stage_gives_what_looking_at_each_gives(steps: DeviceTable):
    space = anynet_of_512()
    sizes = (space.num_classes, space.resolution, space.channels)
    drawn = values_of(space, nl.sample(space, 512))
    values = np.asarray(complexity_of_values(space.family, drawn, *sizes, ("latency",)).others["latency"])
    # The limits are values themselves, so that rounding would show.
    low, high = np.sort(values)[[100, 400]]
    limited = space.within({"latency": (low, high)})
    inside = np.count_nonzero((low <= values) & (values <= high))
    assert 0 < inside < 512 and limited.cardinality_within_budget == inside == len(nl.sample(limited, 512))
    assert limited.count_within_budget.exact
    both = space.within({"latency": (low, high), "flops": (0, 3e6)})
    assert both.cardinality_within_budget == len(nl.sample(both, 512))
    assert str(limited.within({"latency": (0, 5)}).budget) == "0 to 5 ms of latency"


def test_billions_are_counted_within_milliseconds(steps: DeviceTable):
    assert nl.anynet(budget={"latency": (0, 0.5)}).count_within_budget.exact


def test_a_table_of_architectures_is_looked_up_and_enumerated():
    table = cells()
    use(table)
    try:
        space = nl.nats_topology(budget={"energy": (2, 3)})
        assert space.cardinality_within_budget == 1001
        for one in nl.sample(space, 20):
            assert 2 <= complexity(one, 10, measures=("energy",)).others["energy"] <= 3
        with pytest.raises(InvalidInput, match=r"of nats-topology, at any pixels, not of anynet at 32"):
            nl.sample(nl.anynet(budget={"energy": (2, 3)}), 1)
    finally:
        forget("energy")


def test_what_a_table_does_not_have_is_refused():
    table = cells(resolution=16)
    del table.values[next(iter(table.values))]  # type: ignore[attr-defined]
    use(table)
    try:
        with pytest.raises(InvalidInput, match="at 16 pixels, not of nats-topology at 32"):
            nl.sample(nl.nats_topology(budget={"energy": (2, 3)}), 1)
        with pytest.raises(InvalidInput, match=r"has no value of .*; give one that has all networks of the space"):
            nl.sample(nl.nats_topology(resolution=16, budget={"energy": (2, 3)}), 1)
    finally:
        forget("energy")


def test_one_table_of_a_measure_is_in_use_at_a_time(steps: DeviceTable):
    use(replace(STEPS, device={"said": "otherwise"}))  # whose values are the same
    other = replace(STEPS, coefficients={"linear": {"count": 1.0}})
    assert other.digest != STEPS.digest
    with pytest.raises(InvalidInput, match="'latency' is that of another table in use; use one table of each"):
        use(other)
    with pytest.raises(InvalidInput, match="'flops' is a measure already"):
        use(replace(other, measure="flops"))
    with pytest.raises(UnknownName):
        forget("energy")
    assert [*device_table.IN_USE] == ["latency"]


@pytest.mark.parametrize(
    ("coefficients", "message"),
    [
        ({"convolutions": {"count": 1.0}}, "has the step 'convolutions'"),
        ({"linear": {"counts": 1.0}}, "their features count, flops"),
        ({"linear": {"count": -1.0}}, "not from 0 to 1e"),
        ({"linear": {"count": float("nan")}}, "not from 0 to 1e"),
        ({}, "has no values"),
    ],
)
def test_a_table_that_no_device_has_is_refused(coefficients, message: str):
    with pytest.raises(InvalidInput, match=message):
        DeviceTable("latency", "ms", coefficients=coefficients)
