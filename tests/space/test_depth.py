"""Depth and layers, counted by hand, of single networks and of many at once."""

from __future__ import annotations

import numpy as np

import netlore as nl
from netlore.space.depth import Depth, depth_of
from netlore.space.family import plan_of
from netlore.space.plan import Chain, Graph, Join, Layer, Product, Repeat, Sum, Switch, convolution

ONE = convolution(8, 8, 3)
ZERO = Layer("zero", 8, 8)


def test_parts_one_behind_the_other_add_up_and_side_by_side_the_deepest_counts() -> None:
    three = Repeat(ONE, 3)
    assert depth_of(Chain((ONE, three))) == Depth(4, 4)
    for node in (Sum(three, ONE), Product(ONE, three), Join((three, ONE))):
        assert depth_of(node) == Depth(3, 4), node
    assert depth_of(Switch(1, (ONE, three))) == Depth(3, 3)
    assert depth_of(Chain(())) == Depth(0, 0)


def test_what_passes_nothing_on_is_no_way() -> None:
    assert depth_of(Sum(Chain((ONE, ONE, ZERO)), ONE)) == Depth(1, 3)
    assert depth_of(Chain((ONE, ZERO, ONE))) == Depth(0, 2)
    diamond = Graph((((0, ONE),), ((0, ZERO), (1, ONE))))
    assert depth_of(diamond) == Depth(2, 2)
    assert depth_of(Graph((((0, ZERO),), ((0, Chain(())), (1, Repeat(ONE, 2)))))) == Depth(0, 2)


def test_many_networks_are_counted_at_once() -> None:
    drawn = nl.sample(nl.nats_topology(), 50, seed=0)
    together = depth_of(
        plan_of("nats-topology", {n: np.asarray([a.values[n] for a in drawn]) for n in drawn[0].values}, 10, 3)
    )
    alone = [depth_of(plan_of(one.family, one.values, 10, 3)) for one in drawn]
    assert together.depth.tolist() == [one.depth for one in alone]
    assert together.layers.tolist() == [one.layers for one in alone]
    assert all(isinstance(one.depth, int) for one in alone)


def test_depth_is_a_measure_that_budgets_limit() -> None:
    space = nl.anynet(flops=(0.0, 20e6), budget={"longest_path": (0, 14)})
    found = [
        nl.complexity(one, 10, measures=("longest_path",)).others["longest_path"]
        for one in nl.sample(space, 30, seed=0)
    ]
    # A stem, three layers in a block, a classifier.
    assert set(found) <= {11, 14} and 11 in found
    assert nl.complexity(nl.named("baseline/resnet-20"), 10, measures=("longest_path",)).others == {
        "longest_path": 20
    }
