from __future__ import annotations

import numpy as np
import pytest

import netlore as nl
from netlore.networks.build import build_plan
from netlore.space.complexity import complexity_of_values
from netlore.space.families.anynet import bottleneck_block
from netlore.space.family import plan_of
from netlore.space.liveness import peak_activations
from netlore.space.plan import Chain, Graph, Join, Layer, Plan, Product, Repeat, Sum, convolution, excitation, relu
from netlore.space.sampling import values_of
from tests.oracles import liveness as oracle

SPACES = {
    "anynet": lambda: nl.anynet(flops=(0, 2e6), resolution=8),
    "anynet-printed": lambda: nl.anynet_printed(flops=(0, 2e6), resolution=8),
    "nats-topology": lambda: nl.nats_topology(resolution=8),
    "nats-size": lambda: nl.nats_size(resolution=8),
    "transnas-micro": lambda: nl.transnas_micro(resolution=32),
    "transnas-macro": lambda: nl.transnas_macro(resolution=32, flops=(0, 2e8)),
    "mnasnet": lambda: nl.mnasnet(resolution=32),
    "nas-bench-macro": lambda: nl.nas_bench_macro(resolution=16),
    "anynet-imagenet": lambda: nl.anynet_imagenet(resolution=32, flops=(0, 5e6)),
    "regnet": lambda: nl.regnet(resolution=32, flops=(0, 1e7)),
    "autoformer": lambda: nl.autoformer(resolution=32),
}


def conv(w_in: int, w_out: int, stride: int = 1) -> Layer:
    return Layer("convolution", w_in, w_out, kernel=3, stride=stride)


def test_a_bottleneck_block_peaks_in_its_inner_convolution():
    # The input waits for the sum, 16 x 64 numbers; the inner convolution reads 32 x 64 and gives as many.
    assert peak_activations(bottleneck_block(16, 16, inner=32, groups=1, stride=1), 8) == (16 + 32 + 32) * 64


@pytest.mark.parametrize(
    ("plan", "expected"),
    [
        # Of 2 channels on 4 x 4 positions, 32 numbers a tensor.
        (Chain(()), 0),
        (conv(2, 2), 64),
        (relu(2), 32),
        (Chain((convolution(2, 2, 3), relu(2))), 64),
        (Repeat(conv(2, 2), 0), 32),
        (Repeat(conv(2, 2), 5), 64),
        # The branch's input waits; the ReLU that begins it cannot overwrite it.
        (Sum(relu(2), Chain(())), 64),
        (Sum(conv(2, 2), conv(2, 2)), 96),
        (Chain((relu(2), Sum(Chain(()), Chain(())))), 32),
        # A quarter of the positions: input 32, branch 8, shortcut 8; then the sum.
        (Sum(conv(2, 2, 2), conv(2, 2, 2)), 48),
        (Join((conv(2, 2), conv(2, 4))), 32 + 64 + 96),
        (Chain((relu(2), Join((Chain(()), Chain(()))))), 32 + 64),
        # Two means, which one number of each channel is, and the product in place.
        (excitation(2, 1), 32 + 2 + 1),
        (Product(conv(2, 2), conv(2, 2)), 96),
        # Node 1 is the input itself, which node 2 still needs.
        (Graph((((0, Chain(())),), ((0, conv(2, 2)), (1, conv(2, 2))))), 96),
        (Graph((((0, relu(2)),), ((0, Chain(())), (1, Chain(()))))), 64),
    ],
)
def test_small_networks_peak_where_one_counts_them(plan: Plan, expected: int):
    assert peak_activations(plan, 4) == expected


@pytest.mark.parametrize("name", SPACES)
def test_networks_peak_as_their_modules_do_step_by_step(name: str):
    space = SPACES[name]()
    drawn = nl.sample(space, 3, seed=1)
    for one in drawn:
        plan = plan_of(one.family, one.values, 10, 3)
        assert peak_activations(plan, space.resolution) == oracle.peak_activations(
            build_plan(plan).eval(), space.resolution
        )


@pytest.mark.parametrize("name", SPACES)
def test_networks_together_peak_as_each_alone(name: str):
    space = SPACES[name]()
    drawn = nl.sample(space, 12)
    sizes = (10, space.resolution, 3, ("peak_memory", "peak_memory_int8"))
    together = complexity_of_values(drawn[0].family, values_of(space, drawn), *sizes).others
    for measure, values in together.items():
        alone = [nl.complexity(one, *sizes).others[measure] for one in drawn]
        assert np.broadcast_to(values, 12).tolist() == alone
