from __future__ import annotations

import numpy as np
import pytest

import netlore as nl
from netlore.errors import InvalidInput
from netlore.space.conventions import as_thop
from netlore.space.families.mnasnet import MNASNET, STAGES
from netlore.space.totals import total
from tests.space.families.tables import table

B0 = ((1, 6, 6, 6, 6, 6, 6), (3, 3, 5, 3, 5, 5, 3), (1, 2, 2, 3, 3, 4, 1))


def test_efficientnet_b0_has_its_published_size():
    found = nl.complexity(nl.mnasnet_architecture(*B0, se=(1,) * 7), 1000, 224)
    assert found.params == 5_288_548  # torchvision's
    assert 0.385e9 < found.flops < 0.40e9  # 0.39 billion in the paper


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"kernels": (3,) * 6}, "kernels has 6 values; a MnasNet has 7 stages, give one each"),
        ({"kernels": (4, *B0[1][1:])}, "k1 = 4 is even; choose 3 or 5"),
        ({"se": (2,) * 7}, "se1 = 2; choose 0 or 1"),
        ({"expansions": (0, *B0[0][1:])}, "e1 = 0; choose 1 or more"),
        ({"layers": (1.5, *B0[2][1:])}, r"layers\[0\] = 1.5 is not a whole number"),
    ],
)
def test_what_is_no_network_is_refused(change, message):
    given = {"expansions": B0[0], "kernels": B0[1], "layers": B0[2], "se": (0,) * 7}
    with pytest.raises(InvalidInput, match=message):
        nl.mnasnet_architecture(**given | change)


def test_complexities_are_those_of_every_row_by_its_convention():
    rows = table("accel_nasbench_mnasnet_imagenet.csv")
    values = {}
    for letter in ("e", "k", "l", "se"):
        grid = np.asarray([[int(one) for one in row.split()] for row in rows[letter]])
        values |= {f"{letter}{i + 1}": grid[:, i] for i in range(STAGES)}
    found = total(MNASNET.plan(values, 1000, 3), 224, as_thop)
    assert np.abs(rows.params_m * 1e6 - found.params).max() <= 5  # five digits behind the point
    assert np.abs(rows.macs_m * 1e6 - found.flops).max() <= 51  # four
