from __future__ import annotations

import numpy as np
import pytest

import netlore as nl
from netlore.networks.build import build_plan
from netlore.space.complexity import complexity_of_plan
from netlore.space.family import plan_of
from netlore.space.plan import Chain, Join, Layer, Repeat, Sum, convolution, excitation, relu
from netlore.space.sampling import values_of
from netlore.space.steps import CLASSES, CONVOLUTIONS, features

SPACES = (nl.anynet, nl.nats_topology, nl.transnas_micro, nl.mnasnet, nl.nas_bench_macro, nl.autoformer)


def test_features_of_a_block_are_counted_by_hand():
    found = features(Chain((convolution(3, 4, 3), Sum(Repeat(convolution(4, 4, 1), 2), Chain(())), relu(4))), 4)
    assert found["convolution"] == {"count": 1, "flops": 108 * 16, "traffic": 7 * 16, "weights": 108, "groups": 1}
    pointwise = found["convolution 1x1"]
    assert pointwise == {"count": 2, "flops": 2 * 256, "traffic": 2 * 128, "weights": 32, "groups": 2}
    # Three batch norms, a sum of two tensors to a third, a ReLU.
    assert found["entry by entry"]["count"] == 5 and found["entry by entry"]["traffic"] == (3 * 8 + 12 + 8) * 16


def test_a_join_copies_and_a_gate_reads_one_number_of_each_channel():
    half = Layer("convolution", 4, 2)
    assert features(Join((half, half)), 2)["copy"]["traffic"] == 2 * 4 * 4
    # Of the product: 2 x 4 channels on 4 positions and 4 means; of ReLU and sigmoid: 2 x (1 + 4).
    assert features(Chain((relu(4), excitation(4, 1))), 2)["entry by entry"]["traffic"] == 32 + 36 + 2 + 8


@pytest.mark.parametrize(("groups", "name"), [(1, "convolution"), (16, "1"), (8, "2"), (4, "4"), (2, "8")])
def test_convolutions_are_of_a_class_for_each_width_of_their_groups(groups: int, name: str):
    found = features(convolution(16, 16, 3, groups=groups), 4)
    assert [one for one in CONVOLUTIONS if found[one]["count"]] == [
        name if groups == 1 else f"convolution, group width {name}"
    ]
    wide = features(convolution(96, 96, 3, groups=2), 4)
    assert wide["convolution, group width 32"]["groups"] == 2


@pytest.mark.parametrize("make", SPACES)
def test_they_add_up_to_the_complexity_and_arrays_give_what_each_network_gives(make):
    space = make(resolution=32)
    drawn = nl.sample(space, 8, seed=2)
    plans = [plan_of(one.family, one.values, 10, 3) for one in drawn]
    alone = [features(plan, 32) for plan in plans]
    together = features(plan_of(space.family, values_of(space, drawn), 10, 3), 32)
    for number, (plan, found) in enumerate(zip(plans, alone, strict=True)):
        known = complexity_of_plan(plan, 32)
        assert sum(one["flops"] for one in found.values()) == known.flops
        assert sum(one["weights"] for one in found.values()) == known.params
        for name in CLASSES:
            for feature, value in together.get(name, {}).items():
                mine = np.broadcast_to(value, len(drawn))[number]
                assert mine == found.get(name, {}).get(feature, 0), (name, feature)


def test_steps_are_as_many_as_the_modules_that_run():
    one = nl.sample(nl.nats_topology(), 1)[0]
    plan = plan_of(one.family, one.values, 10, 3)
    modules = [module for module in build_plan(plan).modules() if not [*module.children()]]
    empty = sum(type(module).__name__ == "Sequential" for module in modules)
    counts = {name: int(found["count"]) for name, found in features(plan, 32).items()}
    # Beside layers there are sums: 1 + 2 more in each of 15 cells, and 2 blocks.
    assert sum(counts.values()) == len(modules) - empty + 15 * 3 + 2
