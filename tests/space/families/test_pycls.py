"""Complexities of networks of pycls, as its own tests state them (dev/model_complexity.json, MIT licence)."""

from __future__ import annotations

import pytest

import netlore as nl
from netlore.errors import InvalidArchitecture, InvalidInput
from netlore.space import families
from netlore.space.architecture import Architecture
from netlore.space.conventions import as_pycls
from netlore.space.families.regnet import linear_widths
from netlore.space.totals import Complexity, total
from tests.space.families.tables import table

# Depth, w_0, w_a, w_m, group width; FLOPs, parameters, activations.
REGNETS = {
    "RegNetX-1.6GF": ((18, 80, 34.01, 2.25, 24), (1602850792, 9190136, 7933512)),
    "RegNetX-12GF": ((19, 168, 73.36, 2.37, 112), (12086679016, 46106056, 21366568)),
    "RegNetX-16GF": ((22, 216, 55.59, 2.1, 128), (15940756456, 54278536, 25515496)),
    "RegNetX-200MF": ((13, 24, 36.44, 2.49, 8), (199040872, 2684792, 2164056)),
    "RegNetX-3.2GF": ((25, 88, 26.31, 2.25, 48), (3176622952, 15296552, 11367432)),
    "RegNetX-32GF": ((23, 320, 69.86, 2.0, 168), (31735930792, 107811560, 36302160)),
    "RegNetX-4.0GF": ((23, 96, 38.65, 2.43, 40), (3964499816, 22118248, 12201608)),
    "RegNetX-400MF": ((22, 24, 24.48, 2.54, 16), (397678568, 5157512, 3143272)),
    "RegNetX-6.4GF": ((17, 184, 60.83, 2.07, 56), (6460292264, 26209256, 16369744)),
    "RegNetX-600MF": ((16, 48, 36.97, 2.24, 24), (600891112, 6196040, 3975096)),
    "RegNetX-8.0GF": ((23, 80, 49.56, 2.88, 120), (7995133416, 39572648, 14059688)),
    "RegNetX-800MF": ((16, 56, 35.73, 2.28, 16), (799700712, 7259656, 5148744)),
    "RegNetY-1.6GF": ((27, 48, 20.71, 2.65, 24), (1612087326, 11202430, 8044814)),
    "RegNetY-12GF": ((19, 168, 73.36, 2.37, 112), (12092395504, 51822544, 21384496)),
    "RegNetY-16GF": ((18, 200, 106.23, 2.48, 112), (15911534044, 83590140, 23041228)),
    "RegNetY-200MF": ((13, 24, 36.44, 2.49, 8), (199519076, 3162996, 2168052)),
    "RegNetY-3.2GF": ((21, 80, 42.63, 2.66, 24), (3176496162, 19436338, 11263418)),
    "RegNetY-32GF": ((20, 232, 115.89, 2.53, 232), (32279583362, 145046770, 30261570)),
    "RegNetY-4.0GF": ((22, 96, 31.41, 2.24, 64), (3973301344, 20646656, 12287200)),
    "RegNetY-400MF": ((16, 48, 27.89, 2.09, 8), (401849056, 4344144, 3892496)),
    "RegNetY-6.4GF": ((25, 112, 33.22, 2.27, 72), (6355221876, 30583252, 16407188)),
    "RegNetY-600MF": ((15, 48, 32.54, 2.32, 16), (601227608, 6055160, 4334296)),
    "RegNetY-8.0GF": ((17, 192, 76.82, 2.19, 56), (7963074196, 39180068, 17968916)),
    "RegNetY-800MF": ((14, 56, 38.84, 2.4, 16), (797183328, 6263168, 5249888)),
}
RESNETS = {
    "R-50": ((3, 4, 6, 3), 64, 0.25, (4089185256, 25557032, 11315688)),
    "X-50-32x4d": ((3, 4, 6, 3), 4, 0.5, (4230480872, 25028904, 14602216)),
    "R-101": ((3, 4, 23, 3), 64, 0.25, (7801406440, 44549160, 16433640)),
    "X-101-32x4d": ((3, 4, 23, 3), 4, 0.5, (7969997800, 44177704, 21426152)),
    "R-152": ((3, 8, 36, 3), 64, 0.25, (11513627624, 60192808, 22755816)),
    "X-152-32x4d": ((3, 8, 36, 3), 4, 0.5, (11709514728, 59951400, 29855720)),
}
WIDTHS = (256, 512, 1024, 2048)


def counted(architecture: Architecture, num_classes: int, resolution: int) -> Complexity:
    """As pycls counts."""
    plan = families.plan_of(architecture.family, architecture.values, num_classes, 3)
    return total(plan, resolution, as_pycls)


@pytest.mark.parametrize("name", REGNETS)
def test_regnets_have_their_complexities(name):
    linear, expected = REGNETS[name]
    architecture = nl.regnet_architecture(*linear, se=name.startswith("RegNetY"))
    assert nl.complexity(architecture, 1000, 224) == counted(architecture, 1000, 224) == Complexity(*expected)


@pytest.mark.parametrize("name", RESNETS)
def test_resnets_have_their_complexities(name):
    depths, group_width, ratio, expected = RESNETS[name]
    groups = [group_width * 2**i for i in range(4)]
    architecture = nl.anynet_imagenet_architecture(depths, WIDTHS, groups, [ratio] * 4, "resnet-imagenet")
    # The outputs of the stem's pool are activations there, and none here.
    here = nl.complexity(architecture, 1000, 224)
    assert counted(architecture, 1000, 224) == Complexity(*expected) == here + Complexity(0, 0, 64 * 56**2)


def test_every_row_of_the_table_is_equal():
    for row in table("pycls_models.csv").itertuples():
        architecture = _of_row(row)
        found = counted(architecture, row.num_classes, row.im_size)
        assert found == Complexity(row.flops, row.params, row.acts), row.name


def _of_row(row: object) -> Architecture:
    """The architecture of a row; rows of the type `resnet` are those of the type `anynet` once more."""
    if row.name == "R-56":
        return nl.architecture("resnet", {"d1": 9, "d2": 9, "d3": 9, "w1": 16, "w2": 32, "w3": 64})
    if row.type == "resnet":
        depths, group_width, ratio, _ = RESNETS["R-50" if row.name.startswith("R") else "X-50-32x4d"]
        groups = [group_width * 2**i for i in range(4)]
        return nl.anynet_imagenet_architecture(depths, WIDTHS, groups, [ratio] * 4, "resnet-imagenet")
    columns = (row.stage_depths, row.stage_widths, row.group_widths)
    depths, widths, groups = ([int(one) for one in column.split()] for column in columns)
    ratios = [float(one) for one in row.bot_muls.split()]
    family = "anynet-imagenet" if row.type == "regnet" else "resnet-imagenet"
    return nl.anynet_imagenet_architecture(depths, widths, groups, ratios, family)


def test_the_linear_rule_by_hand():
    # Widths 24, 60, 97, ... in steps of factors of 2.49: 24, 56 (59.8), 152 (148.8), 368 (370.5).
    depths, widths, stages = linear_widths(13, 24, 36.44, 2.49)
    assert (depths, widths, int(stages)) == ([1, 1, 4, 7], [24, 56, 152, 368], 4)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"w_0": 20}, "w0 = 20 is out of range; choose a multiple of 8"),
        ({"w_m": 1.0}, "wm = 1.0 is out of range; choose more than 1"),
        ({"depth": 10**9}, "d = 1000000000 is out of range; choose 1 to 200"),
        ({"w_a": 1.0}, "wa = 1 and wm = 2.49 give 1 stages, not 4; change the slope or the multiplier"),
        ({"w_a": float("nan")}, "w_a = nan is not a number"),
    ],
)
def test_what_is_no_regnet_is_refused(change, message):
    with pytest.raises(InvalidInput, match=message):
        nl.regnet_architecture(**{"depth": 13, "w_0": 24, "w_a": 36.44, "w_m": 2.49, "group_width": 8} | change)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"depths": (1, 1, 1)}, "depths has 3 values; give 4, one for each stage"),
        ({"bottleneck_ratios": (0.3, 1, 1, 1)}, r"b1 = 0.3 times w1 = 8 is no width"),
        ({"group_widths": (1, 3, 1, 1)}, r"w2 \* b2 = 16 is not divisible by g2 = 3"),
    ],
)
def test_what_is_no_anynet_is_refused(change, message):
    given = {"depths": (1,) * 4, "widths": (8, 16, 8, 8), "group_widths": (1,) * 4, "bottleneck_ratios": (1,) * 4}
    with pytest.raises(InvalidArchitecture, match=message):
        nl.anynet_imagenet_architecture(**given | change)
