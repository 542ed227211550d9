from __future__ import annotations

import numpy as np
import pytest

from netlore.errors import InvalidArchitecture, InvalidInput
from netlore.space import families
from netlore.space.complexity import complexity, complexity_of_plan
from netlore.space.families.anynet import ANYNET, ANYNET_PRINTED, anynet_architecture
from netlore.space.plan import Layer, Repeat, Sum

VALUES = {
    "d1": 2,
    "d2": 1,
    "d3": 1,
    "w1": 8,
    "w2": 16,
    "w3": 32,
    "g1": 4,
    "g2": 2,
    "g3": 8,
    "b1": 2,
    "b2": 1,
    "b3": 4,
}


def grouped_layers(plan) -> list[tuple[int, int, int]]:
    """Width in, width out and groups of every 3x3 convolution, repeated ones once."""
    match plan:
        case Layer():
            return [(plan.w_in, plan.w_out, plan.groups)] if plan.kernel == 3 else []
        case Sum(branch, shortcut):
            return grouped_layers(branch) + grouped_layers(shortcut)
        case Repeat(part, _):
            return grouped_layers(part)
    return [layer for part in plan.parts for layer in grouped_layers(part)]


def test_the_ratio_multiplies_the_width_and_g_is_a_group_width():
    # Stage 1: inner width 8 * 2 = 16 in groups of 4; stage 2: 16 in groups of 2; stage 3: 128 in groups of 8.
    layers = grouped_layers(ANYNET.plan(VALUES, 10, 3))
    assert layers == [
        (3, 64, 1),
        (16, 16, 4),
        (16, 16, 4),
        (16, 16, 8),
        (16, 16, 8),
        (128, 128, 16),
        (128, 128, 16),
    ]


def test_in_the_printed_convention_the_ratio_divides_the_width_and_g_counts_groups():
    printed = VALUES | {"g3": 4}
    layers = grouped_layers(ANYNET_PRINTED.plan(printed, 10, 3))
    assert layers == [(3, 64, 1), (4, 4, 4), (4, 4, 4), (16, 16, 2), (16, 16, 2), (8, 8, 4), (8, 8, 4)]


def test_the_conventions_are_two_families():
    ones = {**VALUES, **{f"{letter}{i}": 1 for letter in "gb" for i in (1, 2, 3)}}
    same = families.architecture("anynet", ones), families.architecture("anynet-printed", ones)
    assert same[0] != same[1]
    # With g = 1 one has as many groups as channels, the other a single group.
    assert complexity(same[0], 10).params < complexity(same[1], 10).params


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"b1": 3}, "w1 = 8 is not divisible by b1 = 3; choose w1 from {3, 6, ...} or lower b1."),
        ({"b1": 4}, "w1 / b1 = 2 is not divisible by g1 = 4; choose w1 / b1 from {4, 8, ...} or lower g1."),
    ],
)
def test_printed_widths_must_be_divisible(changes, message):
    with pytest.raises(InvalidArchitecture) as caught:
        families.architecture("anynet-printed", {**VALUES, **changes})
    assert str(caught.value) == message


def test_segments_add_up_to_the_whole():
    for family in (ANYNET, ANYNET_PRINTED):
        whole = complexity_of_plan(family.plan(VALUES, 10, 3), 33)
        parts = [
            complexity_of_plan(family.segment_plan(i, VALUES, 10, 3), family.segment_resolution(i, 33))
            for i in range(3)
        ]
        assert parts[0] + parts[1] + parts[2] == whole
        assert [family.interface(i) for i in range(3)] == ["w1", "w2", "w3"]


@pytest.mark.parametrize(("resolution", "halved"), [(32, [32, 32, 16]), (33, [33, 33, 17]), (1, [1, 1, 1])])
def test_resolution_is_halved_rounding_up(resolution, halved):
    assert [ANYNET.segment_resolution(i, resolution) for i in range(3)] == halved


def test_an_architecture_is_made_from_one_value_per_stage():
    made = anynet_architecture((2, 1, 1), (8, 16, 32), (4, 2, 8), (2, 1, 4))
    assert made.values == VALUES and made == families.architecture("anynet", VALUES)
    assert anynet_architecture(np.array([2, 1, 1]), [8, 16, 32], [4, 2, 8], [2, 1, 4]) == made


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (((1, 1), (1, 1, 1), (1, 1, 1), (1, 1, 1)), "depths has 2 values; an AnyNet has 3 stages, give one each."),
        (((1, 1, 1), (1, 1, 1), (1, 1, 1), (1,) * 4), "bottleneck_ratios has 4 values"),
        (((1, 1, 1.5), (1, 1, 1), (1, 1, 1), (1, 1, 1)), r"depths\[2\] = 1.5 is not a whole number"),
        (((1, 1, 1), (8, 24, 8), (1, 16, 1), (1, 1, 1)), "w2 = 24 is not divisible by g2 = 16"),
    ],
)
def test_values_that_make_no_anynet_are_refused(arguments, message):
    with pytest.raises(InvalidInput, match=message):
        anynet_architecture(*arguments)
