"""Mean synaptic flow against networks whose weights are their means, means over many draws, and stored scores."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

import netlore as nl
from netlore.closed_forms.mean_weights import RULES
from netlore.closed_forms.synaptic_flow import (
    block_gain,
    log_gain,
    log_mean_of_values,
    log_mean_synflow,
    synflow_form,
)
from netlore.errors import InvalidArchitecture, InvalidInput, WrongArgument
from netlore.networks.build import build_plan
from netlore.scoring.planned.synaptic_flow import log_synaptic_flow_of_plan
from netlore.space.architecture import Architecture
from netlore.space.families.anynet import bottleneck_block
from netlore.space.family import plan_of
from tests.space.small import FAMILIES, small_architectures

A = math.sqrt(2 / math.pi)


def mean_weights(network: nn.Module, rule: str) -> None:
    """Give every weight the mean absolute value that the rule's textbook form has."""
    for module in network.modules():
        if isinstance(module, nn.Conv2d | nn.Linear):
            fan_in = module.weight[0].numel()
            if rule == "kaiming":
                value = A * math.sqrt(2 / fan_in)
            elif rule == "uniform":
                value = 0.5 / math.sqrt(fan_in)
            elif isinstance(module, nn.Linear):
                value = 0.01 * A
            else:
                value = A * math.sqrt(2 / (module.kernel_size[0] ** 2 * module.out_channels))
            nn.init.constant_(module.weight, value)


def scored(architecture: Architecture, rule: str, resolution: int) -> float:
    """ln S of the torch network with mean weights, by the predictor as it scores modules."""
    network = build_plan(plan_of(architecture.family, architecture.values, 10, 3))
    mean_weights(network, rule)
    images, labels = torch.zeros(2, 3, resolution, resolution), torch.zeros(2, dtype=torch.long)
    return float(nl.probe(network, images, labels, predictors=("log_synflow",))["log_synflow"])


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("family", FAMILIES)
@settings(deadline=None, max_examples=6)
@given(data=st.data())
def test_it_is_the_flow_of_the_network_of_mean_weights(family: str, rule: str, data: st.DataObject) -> None:
    one = data.draw(small_architectures(family))
    (found,) = log_mean_synflow([one], 10, resolution=8, initialisation=rule)  # type: ignore[arg-type]
    assert found == pytest.approx(scored(one, rule, 8), rel=1e-6)


CELL = "|nor_conv_3x3~0|+|avg_pool_3x3~0|none~1|+|skip_connect~0|nor_conv_1x1~1|nor_conv_3x3~2|"
FURTHER = {
    "regnet-x": nl.regnet_architecture(13, 24, 36.44, 2.49, 8),
    "four stages": nl.anynet_imagenet_architecture(
        (1, 2, 1, 2), (16, 32, 32, 48), (4, 16, 8, 16), (1, 0.5, 0.25, 1)
    ),
    "cell": nl.nats_topology_architecture(CELL),
}


@pytest.mark.parametrize("name", FURTHER)
def test_four_stages_and_cells_have_it_too(name: str) -> None:
    (found,) = log_mean_synflow([FURTHER[name]], 10, resolution=32)
    # Cells are those of a benchmark, which has torch's own initial weights.
    rule = "uniform" if name == "cell" else "normal"
    assert found == pytest.approx(scored(FURTHER[name], rule, 32), rel=1e-6)


def test_networks_of_several_families_come_in_their_order_and_many_cost_no_accuracy() -> None:
    sample = nl.sample(nl.anynet(), 300, seed=0)
    mixed = [*sample[:150], nl.named("baseline/resnet-20"), *sample[150:]]
    together = log_mean_synflow(mixed, 10, resolution=4)
    for place in (0, 149, 150, 151, 300):
        assert together[place] == pytest.approx(log_mean_synflow([mixed[place]], 10, resolution=4)[0], rel=1e-12)


def test_a_cell_through_which_nothing_flows_has_no_flow() -> None:
    nothing = nl.nats_topology_architecture("|none~0|+|none~0|none~1|+|none~0|none~1|none~2|")
    # Cells that stand in a row end; what shrinks images in between has shortcuts, which see nothing.
    assert log_mean_synflow([nothing], 10)[0] < -1e5


@pytest.mark.parametrize(
    ("d", "w", "g", "b"),
    [((2, 1, 1), (16, 16, 32), (4, 8, 8), (1, 2, 1)), ((1, 3, 2), (8, 32, 16), (8, 4, 16), (4, 1, 1))],
)
def test_the_mean_of_scores_over_initial_weights_is_it(d, w, g, b) -> None:
    one = nl.anynet_architecture(d, w, g, b)
    plan = plan_of(one.family, one.values, 10, 3)
    scores = np.array([float(log_synaptic_flow_of_plan(plan, seed, (3, 16, 16))) for seed in range(200)])
    (expected,) = log_mean_synflow([one], 10, resolution=16)
    ratio = np.exp(scores - expected)
    assert abs(ratio.mean() - 1) < 4 * ratio.std() / math.sqrt(len(ratio)) < 0.15
    # ln S is below ln E[S] by about half its variance.
    assert scores.mean() - expected == pytest.approx(-scores.var() / 2, abs=4 * scores.std() / math.sqrt(200))
    # Not so by another rule of initial weights.
    (other,) = log_mean_synflow([one], 10, resolution=16, initialisation="kaiming")
    assert abs(other - scores.mean()) > 20 * scores.std()


@given(st.integers(0, 9), st.integers(0, 5), st.sampled_from((1, 2, 4)))
def test_a_block_s_gain_is_the_formula_of_its_rule(w: int, g: int, b: int) -> None:
    width, group = 2.0 ** max(w, g), 2.0**g
    assert block_gain(width, group, b) == pytest.approx(3 * 2 * math.sqrt(2) * A**3 * group * math.sqrt(width))
    kaiming, uniform = (block_gain(width, group, b, rule) for rule in ("kaiming", "uniform"))
    assert kaiming == pytest.approx(6 * math.sqrt(2) * A**3 * width * math.sqrt(group * b))
    assert uniform == pytest.approx(3 / 8 * width * math.sqrt(group * b))


@pytest.mark.parametrize("rule", RULES)
def test_gains_of_a_network_s_parts_add_up_to_the_logits_of_a_torus(rule) -> None:
    block = bottleneck_block(8, 8, inner=16, groups=4, stride=1)
    assert np.expm1(log_gain(block, rule)[0]) == pytest.approx(float(block_gain(8.0, 4.0, 2.0, rule)))
    one = nl.anynet_architecture((3, 2, 4), (8, 16, 8), (4, 8, 2), (1, 2, 4))
    plan = plan_of("anynet", one.values, 10, 3)
    # On images so large that borders hardly count, R alone is S by the number of layers on a path.
    (logits,), (whole,) = log_gain(plan, rule), log_mean_synflow([one], 10, resolution=256, initialisation=rule)
    layers = whole - logits - math.log(10)
    assert math.log(2 + 3) < layers < math.log(2 + 3 * 9)


def test_the_closed_form_is_its_sum_and_the_ratio_does_not_count() -> None:
    d, w, g = np.array([[1, 2, 16]]), np.array([[1, 4, 64]]), np.array([[1, 2, 32]])
    by_hand = sum(
        n * math.log(1 + 6 * math.sqrt(2) * A**3 * h * v**0.5) for n, v, h in ((1, 1, 1), (2, 4, 2), (16, 64, 32))
    )
    assert synflow_form(d, w, g)[0] == pytest.approx(by_hand, rel=1e-12)
    values = {
        f"{x}{i}": np.array([v, v])
        for x, row in zip("dwg", (d, w, g), strict=True)
        for i, v in enumerate(row[0], 1)
    }
    values |= {f"b{i}": np.array([1, 4]) for i in (1, 2, 3)}
    narrow, wide = log_mean_of_values("anynet", values, 10)
    assert narrow == pytest.approx(wide, rel=1e-12)


def test_what_is_not_linear_or_no_network_is_refused_in_one_line() -> None:
    gated = nl.regnet_architecture(13, 24, 36.44, 2.49, 8, se=True)
    with pytest.raises(InvalidInput, match="a network with a product has no mean flow in closed form; choose"):
        log_mean_synflow([gated], 10)
    sizes = (1, 1, 1, 1), (8, 8, 8, 8), (8, 8, 8, 8), (1, 1, 1, 1)
    pooled = nl.anynet_imagenet_architecture(*sizes, family="resnet-imagenet")
    with pytest.raises(InvalidInput, match="a layer of the kind max_pool has no mean flow in closed form"):
        log_mean_synflow([pooled], 10)
    wrong = Architecture("anynet", (("d1", 0), *nl.named("paper/cifar10/synflow").items[1:]))
    with pytest.raises(InvalidArchitecture, match="d1 = 0 is not positive"):
        log_mean_synflow([wrong], 10)
    with pytest.raises(WrongArgument, match="num_classes"):
        log_mean_synflow([], 0)
    with pytest.raises(WrongArgument, match="initialisation"):
        block_gain(1.0, 1.0, 1.0, "xavier")  # type: ignore[arg-type]
