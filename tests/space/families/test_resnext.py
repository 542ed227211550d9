from __future__ import annotations

import pytest

from netlore.errors import InvalidArchitecture
from netlore.space import families
from netlore.space.complexity import complexity

VALUES = {"d1": 3, "d2": 3, "d3": 3, "w1": 16, "w2": 32, "w3": 64, "b": 2, "c": 8}


def test_a_resnext_is_an_anynet_with_the_same_number_of_groups_everywhere():
    # Inner widths 32, 64, 128 in 8 groups are group widths 4, 8, 16.
    anynet = {k: v for k, v in VALUES.items() if k not in "bc"} | {"g1": 4, "g2": 8, "g3": 16}
    anynet |= {"b1": 2, "b2": 2, "b3": 2}
    found = complexity(families.architecture("resnext", VALUES), 10)
    assert found == complexity(families.architecture("anynet", anynet), 10)


def test_groups_must_divide_every_inner_width():
    with pytest.raises(InvalidArchitecture) as caught:
        families.architecture("resnext", VALUES | {"w2": 30, "c": 16})
    assert str(caught.value) == (
        "the inner width w2 * b = 60 is not divisible by c = 16; lower c or choose w2 so that it is."
    )
