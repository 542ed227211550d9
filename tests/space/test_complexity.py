from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netlore.errors import InvalidArchitecture
from netlore.space.architecture import Architecture
from netlore.space.complexity import (
    MEASURES,
    Complexity,
    complexity,
    complexity_of_plan,
    complexity_of_values,
)
from netlore.space.named import named
from netlore.space.plan import Chain, Repeat, Sum, convolution, head, relu
from tests.golden.table2 import TABLE2
from tests.space.small import FAMILIES, small_architectures


@pytest.mark.parametrize("row", TABLE2, ids=str)
def test_the_complexities_are_those_of_table_2(row):
    found = complexity(named(row.name), row.num_classes)
    assert found == Complexity(row.flops, row.params, row.activations)
    assert [type(value) for value in found.as_dict().values()] == [int, int, int]


def test_a_plan_of_few_layers_is_counted_by_hand():
    block = Sum(convolution(4, 4, kernel=3, groups=2), Chain(()))
    plan = Chain((convolution(3, 4, kernel=3, stride=2), relu(4), Repeat(block, 2), head(4, 5)))
    # Resolution 5 becomes 3: 9 positions. Weights: stem 27 * 4 = 108, block 9 * 4 * 4 / 2 = 72, head 4 * 5 + 5.
    assert complexity_of_plan(plan, resolution=5) == Complexity(
        flops=9 * 108 + 2 * 9 * 72 + 25, params=108 + 8 + 2 * (72 + 8) + 25, activations=3 * 9 * 4 + 5
    )


@pytest.mark.parametrize("family", FAMILIES)
@settings(deadline=None, max_examples=25)
@given(data=st.data(), resolution=st.integers(1, 40), num_classes=st.integers(1, 200), channels=st.integers(1, 4))
def test_arrays_of_networks_give_what_each_network_gives(family, data, resolution, num_classes, channels):
    architectures = data.draw(st.lists(small_architectures(family), min_size=1, max_size=4))
    arrays = {name: np.asarray([a.values[name] for a in architectures]) for name in architectures[0].values}
    together = complexity_of_values(family, arrays, num_classes, resolution, channels).as_dict()
    for index, architecture in enumerate(architectures):
        alone = complexity(architecture, num_classes, resolution, channels).as_dict()
        assert {measure: int(together[measure][index]) for measure in MEASURES} == alone


def test_an_invalid_architecture_has_no_complexity():
    values = named("paper/cifar10/synflow").values | {"g1": 3}
    with pytest.raises(InvalidArchitecture, match="w1 = 8 is not divisible by g1 = 3"):
        complexity(Architecture("anynet", tuple(values.items())), num_classes=10)


def test_equal_complexities_have_equal_hashes():
    assert Complexity(1, 2, 3) == Complexity(1, 2, 3) != Complexity(1, 2, 4)
    assert len({Complexity(1, 2, 3), Complexity(1, 2, 3), Complexity(3, 2, 1)}) == 2
    assert Complexity(1, 2, 3) != (1, 2, 3)
