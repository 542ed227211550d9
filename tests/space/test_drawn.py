"""Architectures as places on grids: those of the list, made when they are asked for."""

from __future__ import annotations

import numpy as np
import pytest

from netlore.space.drawn import Distinct
from netlore.space.families.anynet import anynet
from netlore.space.sampling import drawn, sample
from tests.space.small import anynet_of_512

SPACES = {"drawn": anynet(flops=(10e6, 50e6)), "listed": anynet_of_512()}


@pytest.mark.parametrize("space", SPACES.values(), ids=SPACES)
def test_what_is_drawn_is_the_sample(space):
    found, listed = drawn(space, 300, seed=3), sample(space, 300, seed=3)
    assert len(found) == 300 and [*found] == listed
    assert found[7] == listed[7] and found[-1] == listed[-1] and [*found[10:20:3]] == listed[10:20:3]
    with pytest.raises(IndexError):
        found[300]


def test_a_drawn_architecture_takes_a_few_bytes():
    assert drawn(SPACES["drawn"], 1_000).places.nbytes < 20_000


@pytest.mark.parametrize("sizes", [(3, 4), (300, 7), (100_000, 2)])
def test_rows_are_kept_once_in_the_order_in_which_they_came(sizes):
    rng, found, expected = np.random.default_rng(0), Distinct(sizes), {}
    for length in (5, 40, 1, 0, 300, 20):
        rows = np.stack([rng.integers(size, size=length) for size in sizes], axis=1)
        found.add(rows)
        expected |= dict.fromkeys(map(tuple, rows.tolist()))
        assert len(found) == len(expected)
    assert [*map(tuple, found.rows(10**6).tolist())] == [*expected]
    assert [*map(tuple, found.rows(3).tolist())] == [*expected][:3]


def test_no_rows_are_none():
    assert Distinct((2, 3)).rows(5).shape == (0, 2)
