from __future__ import annotations

from itertools import product

import netlore as nl
from netlore.space import families
from netlore.space.complexity import complexity


def test_resnet_20_is_counted_by_hand():
    resnet = families.architecture("resnet", {"d1": 3, "d2": 3, "d3": 3, "w1": 16, "w2": 32, "w3": 64})
    # The 3x3 convolutions are the stem, 6 in the first stage and 1 + 5 in each wider one.
    convolutions = 9 * (3 * 16 + 6 * 16 * 16 + 16 * 32 + 5 * 32 * 32 + 32 * 64 + 5 * 64 * 64)
    projections = 16 * 32 + 32 * 64
    norms = 2 * (7 * 16 + 7 * 32 + 7 * 64)
    assert complexity(resnet, 10).params == convolutions + projections + norms + 64 * 10 + 10 == 272_474


def test_the_stem_has_the_first_width_so_that_the_first_stage_needs_no_projection():
    values = {"d1": 1, "d2": 1, "d3": 1, "w1": 5, "w2": 1, "w3": 1}
    narrow = complexity(families.architecture("resnet", values), 1)
    stem, first = 9 * 3 * 5, 2 * 9 * 5 * 5
    second, third = 9 * (5 * 1 + 1 * 1) + 5, 9 * (1 * 1 + 1 * 1) + 1
    assert narrow.params == stem + first + second + third + 2 * (15 + 3 + 3) + 2


def test_the_space_has_the_published_networks_and_counts_those_within_a_budget():
    space = nl.resnet()
    for blocks in (3, 5, 7, 9):  # ResNet-20, 32, 44, 56
        assert space.restrict({f"d{i}": (blocks, blocks) for i in (1, 2, 3)}).cardinality == 21**3
    assert {16, 32, 64} <= {*space.grids["w2"]} and space.cardinality == (9 * 21) ** 3
    part = {"d1": (1, 3), "d2": (2, 4), "d3": (1, 2), "w1": (8, 14), "w2": (20, 40), "w3": (64, 112)}
    small = nl.resnet(num_classes=7, resolution=20, flops=(5e6, 10e6), params=(0, 400e3)).restrict(part)
    grids = [dict(zip(small.grids, values, strict=True)) for values in product(*small.grids.values())]
    found = [nl.complexity(nl.architecture("resnet", one), 7, 20) for one in grids]
    within = sum(5e6 <= one.flops <= 10e6 and one.params <= 400e3 for one in found)
    assert 100 < within < len(grids) and small.cardinality_within_budget == within
    assert len(nl.sample(small, 10**4, seed=0)) == within
