from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netlore.data import task
from netlore.errors import InvalidArchitecture, InvalidInput
from netlore.networks import build
from netlore.scoring.scorer import score
from netlore.space import families
from netlore.space.architecture import Architecture
from netlore.space.complexity import (
    BUILT_IN,
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
        assert {measure: int(together[measure][index]) for measure in BUILT_IN} == alone


def test_an_invalid_architecture_has_no_complexity():
    values = named("paper/cifar10/synflow").values | {"g1": 3}
    with pytest.raises(InvalidArchitecture, match="w1 = 8 is not divisible by g1 = 3"):
        complexity(Architecture("anynet", tuple(values.items())), num_classes=10)


def test_equal_complexities_have_equal_hashes():
    assert Complexity(1, 2, 3) == Complexity(1, 2, 3) != Complexity(1, 2, 4)
    assert len({Complexity(1, 2, 3), Complexity(1, 2, 3), Complexity(3, 2, 1)}) == 2
    assert Complexity(1, 2, 3) != (1, 2, 3)


SLIPS = {
    "depth": ({"d1": 10**20}, "the network has 9.0e+20 layers; build one of 1.0e+05 or fewer."),
    "depth of a million": ({"d3": 10**6}, "the network has 9.0e+06 layers; build one of 1.0e+05 or fewer."),
    "ratio": ({"b1": 10**7}, r"the network has 9.0e+17 FLOPs; build one of 1.0e+13 or fewer."),
    "width": ({"w1": 10**400}, "the network has more than 1e300 FLOPs; build one of 1.0e+13 or fewer."),
}


@pytest.mark.parametrize(("values", "message"), SLIPS.values(), ids=SLIPS)
def test_a_slip_of_the_keyboard_is_measured_and_neither_built_nor_scored(values, message):
    small = {"d": 1, "w": 8, "g": 1, "b": 1}
    all_values = {f"{letter}{i}": small[letter] for letter in "dwgb" for i in (1, 2, 3)} | values
    architecture = families.architecture("anynet", all_values)
    assert complexity(architecture, 10).flops > 0
    for work in (lambda: build(architecture, 10), lambda: score([architecture], "snip", task("digits", 10))):
        with pytest.raises(InvalidInput) as caught:
            work()
        found, wanted = str(caught.value), message
        # Building knows no images, so it counts parameters where scoring counts FLOPs.
        assert found == wanted or ("FLOPs" in wanted and "parameters" in found)
