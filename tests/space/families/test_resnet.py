from __future__ import annotations

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
