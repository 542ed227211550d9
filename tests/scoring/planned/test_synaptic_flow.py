"""Synaptic flow of a plan equals that of the module, and overflows at no depth."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import netlore as nl
from netlore.networks import build_plan
from netlore.networks.initialisation import initial_weights
from netlore.scoring.objective import Objective
from netlore.scoring.passes.synaptic_flow import log_synaptic_flow
from netlore.scoring.planned.synaptic_flow import is_linear, log_synaptic_flow_of_plan
from netlore.space import families
from netlore.space.plan import Chain, Layer, Plan, Repeat, Sum, convolution, head, relu
from tests.scoring.cases import ARCHITECTURES, plan_of


def both(plan: Plan, seed: int, height: int, channels: int = 3, width: int | None = None) -> tuple[float, float]:
    """ln S of the plan and of its module, on square images if no width is given."""
    image = torch.zeros(1, channels, height, height if width is None else width)
    planned = log_synaptic_flow_of_plan(plan, seed, image.shape[1:])
    return float(planned), float(log_synaptic_flow(build_plan(plan, seed), image, Objective())[0])


def assert_equal(plan: Plan, seed: int, height: int, channels: int = 3, width: int | None = None) -> None:
    """Both agree to 1e-12 of ln S."""
    planned, expected = both(plan, seed, height, channels, width)
    assert math.isfinite(planned)
    assert planned == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("resolution", [1, 2, 7, 31, 32, 33])
@pytest.mark.parametrize("architecture", ARCHITECTURES, ids=str)
def test_equal_to_the_module_at_every_resolution(architecture: nl.Architecture, resolution: int) -> None:
    assert_equal(plan_of(architecture), 3, resolution)


@pytest.mark.parametrize(("height", "width"), [(24, 48), (9, 7), (2, 15), (1, 4)])
def test_equal_to_the_module_on_images_that_are_not_square(height: int, width: int) -> None:
    for plan in [*map(plan_of, ARCHITECTURES), *ODD_PLANS.values()]:
        assert_equal(plan, 3, height, width=width)


@pytest.mark.parametrize("channels", [1, 2, 4])
def test_equal_to_the_module_for_other_numbers_of_channels(channels: int) -> None:
    for architecture in ARCHITECTURES:
        assert_equal(plan_of(architecture, channels=channels), 4, 8, channels)


@pytest.mark.parametrize("space", [nl.anynet, nl.anynet_printed], ids=lambda space: space.__name__)
def test_equal_to_the_module_on_sampled_architectures(space: object) -> None:
    assert callable(space)
    sampled = nl.sample(space(num_classes=10, flops=(0, 30e6)), 8, seed=5)
    for seed, architecture in enumerate(sampled):
        assert_equal(plan_of(architecture, classes=10), seed, 6)


@pytest.mark.parametrize(
    "space", [nl.nats_topology, nl.nats_size, nl.transnas_micro, nl.transnas_macro, nl.mnasnet]
)
def test_equal_to_the_module_in_spaces_of_benchmarks(space: object) -> None:
    assert callable(space)
    for seed, architecture in enumerate(nl.sample(space(num_classes=4), 6, seed=6)):
        plan = families.plan_of(architecture.family, architecture.values, 4, 3)
        if is_linear(plan):
            planned, expected = both(plan, seed, 32)
            assert planned == pytest.approx(expected, rel=1e-11) and planned < math.inf
        else:
            assert architecture.family == "mnasnet"  # with squeeze-and-excitation


def test_where_nothing_flows_its_logarithm_is_minus_infinity() -> None:
    cell = nl.architecture("nats-topology", {f"o{i}": "none" for i in range(1, 7)})
    assert both(families.plan_of(cell.family, cell.values, 4, 3), 0, 16) == (-math.inf, -math.inf)


def _convolution(w_in: int, w_out: int, kernel: int, stride: int = 1, groups: int = 1) -> Plan:
    return Layer("convolution", w_in, w_out, kernel, stride, groups)


ODD_PLANS: dict[str, Plan] = {
    "no batch norm": Chain((_convolution(3, 4, 3), relu(4), _convolution(4, 6, 1), head(6, 4))),
    "wide kernels": Chain(
        (convolution(3, 4, 5), convolution(4, 4, 7, 2, 2), relu(4), convolution(4, 4, 5, 2, 4), head(4, 4))
    ),
    "even kernel": Chain((convolution(3, 4, 2), relu(4), convolution(4, 4, 2, 2), head(4, 4))),
    "stride of three": Chain((convolution(3, 4, 3, 3), relu(4), convolution(4, 4, 1, 3), head(4, 4))),
    "grouped 1x1": Chain(
        (convolution(3, 8, 3), convolution(8, 8, 1, groups=4), convolution(8, 8, 1, 2, 2), head(8, 4))
    ),
    "sum in a sum": Chain(
        (convolution(3, 4, 3), Sum(Sum(convolution(4, 4, 3), Chain(())), convolution(4, 4, 1)), head(4, 4))
    ),
    "sum of identities": Chain((Sum(Chain(()), Chain(())), convolution(3, 4, 3), head(4, 4))),
    "two classifiers": Chain((convolution(3, 4, 3), head(4, 6), relu(6), Layer("linear", 6, 4))),
    "nothing repeated": Chain((convolution(3, 4, 3), Repeat(convolution(4, 4, 3), 0), head(4, 4))),
    "repeated": Chain(
        (convolution(3, 4, 3), Repeat(Chain((Sum(convolution(4, 4, 3), Chain(())),)), 3), head(4, 4))
    ),
}


@pytest.mark.parametrize("name", ODD_PLANS)
def test_equal_to_the_module_on_plans_of_every_shape(name: str) -> None:
    for resolution in (4, 7, 10):
        assert_equal(ODD_PLANS[name], 5, resolution)


def scaled_matrix_product(weights: list[np.ndarray], ones: np.ndarray) -> float:
    """ln of the sum of W_n ... W_1 x, rescaled after each factor."""
    scale, x = 0.0, ones
    for weight in weights:
        x = weight @ x
        scale += math.log(x.max())
        x = x / x.max()
    return scale + math.log(x.sum())


def test_a_plain_chain_of_300_wide_layers_does_not_overflow() -> None:
    # One pixel and 1x1 convolutions: R is a product of matrices, and S, which counts R once for each of the
    # n layers, is n R exactly.
    width, layers = 64, 300
    plan = Chain((_convolution(3, width, 1), Repeat(_convolution(width, width, 1), layers), head(width, 10)))
    weights = [w.double().abs().flatten(1).numpy() for _, w in initial_weights(plan, 9)]
    expected = math.log(len(weights)) + scaled_matrix_product(weights, np.ones(3))
    found = float(log_synaptic_flow_of_plan(plan, 9, (3, 1, 1)))
    assert expected > 600  # e^709 is the largest float64
    assert found == pytest.approx(expected, rel=1e-12)


def residual_flow(weights: list[np.ndarray]) -> float:
    """ln S of one pixel through a stem, residual pairs of 1x1 convolutions, and a classifier.

    S is the derivative of ln R along the weights times R: with x and its derivative along the weights d, a
    factor W gives (W x, W d + W x), a sum adds, and both are rescaled together.
    """
    stem, *pairs, classifier = weights
    x, d = stem @ np.ones(3), stem @ np.ones(3)
    scale = 0.0
    for first, second in zip(pairs[::2], pairs[1::2], strict=True):
        inside = first @ x, first @ d + first @ x
        x, d = x + second @ inside[0], d + second @ inside[1] + second @ inside[0]
        peak = max(x.max(), d.max())
        x, d, scale = x / peak, d / peak, scale + math.log(peak)
    return scale + math.log(float((classifier @ d + classifier @ x).sum()))


def test_300_residual_blocks_of_width_512_do_not_overflow() -> None:
    width, blocks = 512, 300
    block = Sum(Chain((convolution(width, width, 1, groups=8), convolution(width, width, 1, groups=8))), Chain(()))
    plan = Chain((convolution(3, width, 1), Repeat(block, blocks), head(width, 10)))
    found = float(log_synaptic_flow_of_plan(plan, 2, (3, 1, 1)))

    def dense(layer: Layer, weight: torch.Tensor) -> np.ndarray:
        groups, matrix = int(layer.groups), weight.double().abs().flatten(1)
        return torch.block_diag(*matrix.view(groups, -1, matrix.shape[1])).numpy()

    weights = [dense(layer, weight) for layer, weight in initial_weights(plan, 2)]
    assert found == pytest.approx(residual_flow(weights), rel=1e-12)
    assert found > 600


def test_deep_networks_of_3x3_convolutions_stay_finite_at_small_resolution() -> None:
    width = 512
    block = Sum(convolution(width, width, 3, groups=32), Chain(()))
    plan = Chain((convolution(3, width, 3), Repeat(Chain((block, relu(width))), 700), head(width, 10)))
    found = float(log_synaptic_flow_of_plan(plan, 0, (3, 4, 4)))
    assert math.isfinite(found)
    assert found > 709


def test_the_seed_decides() -> None:
    plan = plan_of(ARCHITECTURES[0])
    values = [float(log_synaptic_flow_of_plan(plan, seed, (3, 8, 8))) for seed in (0, 1, 0)]
    assert values[0] == values[2] != values[1]


@settings(max_examples=15, deadline=None)
@given(
    widths=st.lists(st.integers(1, 5), min_size=1, max_size=3),
    kernel=st.sampled_from([1, 3]),
    resolution=st.integers(1, 6),
    seed=st.integers(0, 2**63 - 1),
)
def test_the_flow_is_the_derivative_of_the_response_along_the_weights(
    widths: list[int], kernel: int, resolution: int, seed: int
) -> None:
    # S = d/de R((1 + e) W) at e = 0, by a central difference of the module's response to an image of ones.
    parts: list[Plan] = []
    w_in = 2
    for width in widths:
        parts += [convolution(w_in, width, kernel), relu(width), Sum(convolution(width, width, 3), Chain(()))]
        w_in = width
    plan = Chain((*parts, head(w_in, 3)))
    network = build_plan(plan, seed).double().eval()
    for module in network.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.forward = lambda x: x  # type: ignore[method-assign, assignment]
    weights = [p for p in network.parameters() if p.ndim > 1]
    start = [weight.detach().abs() for weight in weights]

    def response(factor: float) -> float:
        with torch.no_grad():
            for weight, value in zip(weights, start, strict=True):
                weight.copy_(factor * value)
            return float(network(torch.ones(1, 2, resolution, resolution, dtype=torch.float64)).sum())

    step = 1e-5
    derivative = (response(1 + step) - response(1 - step)) / (2 * step)
    found = float(log_synaptic_flow_of_plan(plan, seed, (2, resolution, resolution)).exp())
    assert found == pytest.approx(derivative, rel=1e-7)
