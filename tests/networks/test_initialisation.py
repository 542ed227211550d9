from __future__ import annotations

import math

import pytest
import torch
from torch import nn

from netlore.networks import build
from netlore.networks.initialisation import initial_weights, initialise
from netlore.space import families
from netlore.space.families.nats_topology import nats_topology_architecture
from netlore.space.named import named

ARCHITECTURE = named("paper/cifar10/synflow")
PLAN = families.get("anynet").plan(ARCHITECTURE.values, 10, 3)


def weighted(network: nn.Module) -> list[nn.Conv2d | nn.Linear]:
    return [module for module in network.modules() if isinstance(module, nn.Conv2d | nn.Linear)]


def same(first: nn.Module, second: nn.Module) -> bool:
    states = first.state_dict(), second.state_dict()
    return states[0].keys() == states[1].keys() and all(torch.equal(states[0][k], states[1][k]) for k in states[0])


def test_each_layer_s_weights_have_the_stated_deviation():
    layers = weighted(build(ARCHITECTURE, 10, seed=0))
    assert len(layers) == 1 + 3 * (15 + 16 + 16) + 3 + 1
    ratios = []
    for layer in layers:
        if isinstance(layer, nn.Linear):
            deviation = 0.01
        else:
            # Not divided by the groups.
            deviation = math.sqrt(2 / (layer.kernel_size[0] ** 2 * layer.out_channels))
        n = layer.weight.numel()
        found = layer.weight.double().square().mean().sqrt().item()
        # The root mean square of n normals deviates by 1 / sqrt(2 n) of itself.
        ratios.append((found / deviation - 1) * math.sqrt(2 * n))
        assert abs(layer.weight.double().mean().item()) < 5 * deviation / math.sqrt(n)
    assert max(map(abs, ratios)) < 4.5
    # A factor that is wrong by a hundredth everywhere would show in the mean.
    assert abs(sum(ratios)) < 4 * math.sqrt(len(ratios))


def test_batch_norm_and_biases_start_neutral():
    network = build(ARCHITECTURE, 10, seed=0)
    norms = [module for module in network.modules() if isinstance(module, nn.BatchNorm2d)]
    assert len(norms) == len(weighted(network)) - 1
    for norm in norms:
        assert (norm.weight == 1).all() and (norm.bias == 0).all()
        assert (norm.running_mean == 0).all() and (norm.running_var == 1).all() and norm.num_batches_tracked == 0
        assert norm.eps == 1e-5
    assert (weighted(network)[-1].bias == 0).all()
    assert all(layer.bias is None for layer in weighted(network)[:-1])


def test_the_seed_alone_decides_the_weights():
    network = build(ARCHITECTURE, 10, seed=5)
    torch.manual_seed(99)
    assert same(build(ARCHITECTURE, 10, seed=5), network)
    assert not same(build(ARCHITECTURE, 10, seed=6), network)


def test_the_global_generator_is_left_alone():
    torch.manual_seed(1)
    before = torch.get_rng_state()
    build(ARCHITECTURE, 10, seed=0)
    assert torch.equal(torch.get_rng_state(), before)


@pytest.mark.parametrize("seed", [0, -1, 2**63 - 1, 2**70])
def test_networks_are_built_with_the_initial_weights_of_their_plan(seed):
    layers = weighted(build(ARCHITECTURE, 10, seed=seed))
    drawn = initial_weights(PLAN, seed)
    assert len(layers) == len(drawn)
    for layer, (described, weight) in zip(layers, drawn, strict=True):
        assert layer.weight.shape[:1] == (described.w_out,) and torch.equal(layer.weight, weight)


def test_initialising_again_makes_a_network_as_new():
    network = build(ARCHITECTURE, 10, seed=2)
    with torch.no_grad():
        for tensor in network.state_dict().values():
            tensor.add_(3)
    initialise(network, PLAN, seed=2)
    assert same(network, build(ARCHITECTURE, 10, seed=2))


def test_layers_have_weights_of_their_own():
    drawn = [weight for layer, weight in initial_weights(PLAN, 0) if layer.kernel == 3]
    assert not torch.equal(drawn[1], drawn[2]), "repeated blocks are drawn one by one"


def test_a_plan_may_ask_for_torchs_own_rule():
    cell = "|nor_conv_3x3~0|+|none~0|skip_connect~1|+|skip_connect~0|nor_conv_1x1~1|avg_pool_3x3~2|"
    one = families.get("nats-topology")
    assert one.plan(dict.fromkeys(one.hyperparameters, 0), 10, 3).initialisation == "uniform"
    layers = weighted(build(nats_topology_architecture(cell), 10, seed=1))
    drawn = [layer.weight.detach().clone() for layer in layers]
    for layer in layers:
        type(layer).__mro__[1].reset_parameters(layer)  # torch's, which ours does without
    for ours, layer in zip(drawn, layers, strict=True):
        end = 1 / math.sqrt(ours[0].numel())
        assert 0.8 * end < ours.abs().max() <= end
        assert ours.std().item() == pytest.approx(layer.weight.std().item(), rel=0.2)
