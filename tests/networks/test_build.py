from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from netlore.errors import InvalidArchitecture, InvalidInput
from netlore.networks import Residual, build, build_plan
from netlore.networks.initialisation import initial_weights
from netlore.space import families
from netlore.space.architecture import Architecture
from netlore.space.complexity import Complexity, complexity
from netlore.space.families.anynet import anynet_architecture
from netlore.space.named import named
from netlore.space.plan import Chain, Repeat, convolution, head
from tests.golden.table2 import TABLE2
from tests.networks.measured import measured
from tests.space.small import FAMILIES, small_architectures

SMALL = anynet_architecture((2, 1, 2), (64, 8, 8), (8, 4, 8), (1, 2, 1))


@pytest.mark.parametrize("row", TABLE2, ids=str)
def test_networks_of_table_2_have_the_complexities_that_they_are_listed_with(row):
    network = build(named(row.name), row.num_classes)
    assert measured(network) == Complexity(row.flops, row.params, row.activations)
    with torch.no_grad():
        assert network(torch.zeros(2, 3, 32, 32)).shape == (2, row.num_classes)


@pytest.mark.parametrize("family", FAMILIES)
@settings(deadline=None, max_examples=25)
@given(data=st.data(), resolution=st.integers(1, 19), num_classes=st.integers(1, 12), channels=st.integers(1, 4))
def test_a_network_has_the_complexity_of_its_plan(family, data, resolution, num_classes, channels):
    architecture = data.draw(small_architectures(family))
    network = build(architecture, num_classes, channels=channels)
    assert measured(network, resolution, channels) == complexity(architecture, num_classes, resolution, channels)


def blocks_by_hand(images: Tensor, weights: Iterator[Tensor], architecture: Architecture) -> Tensor:
    """An AnyNet written as one function: what `build` must compute with these weights."""

    def layer(x: Tensor, stride: int = 1, groups: int = 1) -> Tensor:
        weight = next(weights).double()
        x = F.conv2d(x, weight, stride=stride, padding=weight.shape[-1] // 2, groups=groups)
        return F.batch_norm(x, None, None, training=True)

    values = architecture.values
    x = F.relu(layer(images))
    for i, first_stride in ((1, 1), (2, 2), (3, 2)):
        for block in range(values[f"d{i}"]):
            stride = first_stride if block == 0 else 1
            groups = values[f"w{i}"] * values[f"b{i}"] // values[f"g{i}"]
            inner = F.relu(layer(F.relu(layer(x)), stride, groups))
            branch = layer(inner)
            x = F.relu(branch + (x if branch.shape == x.shape else layer(x, stride)))
    return x.mean(dim=(2, 3)) @ next(weights).double().T


def test_a_network_computes_what_the_paper_s_figure_says():
    plan = families.get("anynet").plan(SMALL.values, 10, 3)
    images = torch.randn(4, 3, 9, 9, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    weights = iter([weight for _, weight in initial_weights(plan, seed=3)])
    expected = blocks_by_hand(images, weights, SMALL)
    assert next(weights, None) is None
    found = build(SMALL, 10, seed=3).double()(images)
    assert torch.allclose(found, expected, rtol=1e-10, atol=1e-14) and expected.abs().max() > 1e-3


def test_a_shortcut_is_the_identity_where_width_and_resolution_stay():
    # Width 64 is the stem's, so the first stage needs no projection at all; the others need one each.
    residuals = [module for module in build(SMALL, 10).modules() if isinstance(module, Residual)]
    assert [len(residual.shortcut) for residual in residuals] == [0, 0, 2, 2, 0]
    projected, _ = residuals[2].shortcut
    assert isinstance(projected, nn.Conv2d) and projected.kernel_size == (1, 1) and projected.stride == (2, 2)


def test_a_new_network_trains_in_float32_on_the_cpu():
    network = build(SMALL, 10)
    assert all(module.training for module in network.modules())
    assert {(p.dtype, p.device.type, p.requires_grad) for p in network.parameters()} == {
        (torch.float32, "cpu", True)
    }


def test_a_part_that_is_repeated_zero_times_is_the_identity():
    plan = Chain((convolution(3, 4, 3), Repeat(convolution(4, 4, 3), 0), head(4, 2)))
    assert [type(module).__name__ for module in build_plan(plan)] == [
        "Convolution",
        "BatchNorm2d",
        "GlobalPool",
        "Classifier",
    ]


@pytest.mark.parametrize("value", [0, -3])
@pytest.mark.parametrize("argument", ["num_classes", "channels"])
def test_a_network_needs_classes_and_channels(argument, value):
    with pytest.raises(InvalidInput, match=f"{argument} = {value} is not positive; choose 1 or more"):
        build(SMALL, **{"num_classes": 10, argument: value})


def test_an_architecture_that_is_no_network_is_not_built():
    with pytest.raises(InvalidArchitecture, match="w1 = 64 is not divisible by g1 = 5"):
        build(Architecture("anynet", tuple((SMALL.values | {"g1": 5}).items())), 10)


def test_a_plan_of_many_networks_is_not_built():
    values = {name: np.array([value, value]) for name, value in SMALL.values.items()}
    with pytest.raises(InvalidInput, match="describes many networks; build them one at a time"):
        build_plan(families.get("anynet").plan(values, 10, 3))
