"""neighbours(): a few steps on the grids from a parent, within the space; and places on grids and back."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import pairwise, product

import numpy as np
import pytest
from scipy.stats import chisquare

from netlore.space.architecture import Architecture
from netlore.space.budget import Budget
from netlore.space.design_space import DesignSpace
from netlore.space.families.anynet import anynet, anynet_printed
from netlore.space.sampling import grid_indices_of, neighbours, sample, values_of
from tests.space.small import anynet_of_512, anynet_of_four

PAPER = anynet(flops=(10e6, 50e6))
SPACES = {"paper": PAPER, "printed": anynet_printed(flops=(10e6, 50e6)), "small": anynet_of_512()}


def near(
    space: DesignSpace, parents: list[Architecture], count: int, farthest: int, seed: int = 0
) -> list[Architecture]:
    return space.architectures(neighbours(space, parents, count, farthest, np.random.default_rng(seed)))


def steps(space: DesignSpace, one: Architecture, other: Architecture) -> int:
    """Steps on the grids between two architectures, by their places in a list."""
    return sum(
        abs(grid.index(one.values[name]) - grid.index(other.values[name])) for name, grid in space.grids.items()
    )


@pytest.mark.parametrize("name", SPACES)
@pytest.mark.parametrize("farthest", [1, 3])
def test_neighbours_are_other_architectures_of_the_space_within_the_steps(name: str, farthest: int) -> None:
    space = SPACES[name]
    parents = sample(space, 5, seed=1)
    found = near(space, parents, 200, farthest)
    distances = [[steps(space, parent, one) for parent in parents] for one in found]
    assert all(space.contains(one) for one in found)
    assert all(any(1 <= distance <= farthest for distance in each) for each in distances)
    assert {min(each) for each in distances} <= set(range(farthest + 1))
    if name != "small":  # where pairs of values leave little to step on
        assert len(found) == 200 and max(min(each) for each in distances) == farthest


def test_every_neighbour_one_step_away_is_found_equally_often() -> None:
    (parent,) = sample(PAPER, 1, seed=3)
    grids = PAPER.grids
    around = []
    for name, by in product(grids, (-1, 1)):
        place = grids[name].index(parent.values[name]) + by
        if 0 <= place < len(grids[name]):
            one = Architecture("anynet", tuple({**parent.values, name: grids[name][place]}.items()))
            around += [one] if PAPER.contains(one) else []
    counts = Counter(near(PAPER, [parent], 4_000, 1))
    assert set(counts) == set(around) and len(around) > 5
    assert chisquare(list(counts.values())).pvalue > 1e-3


def test_parents_are_equally_likely() -> None:
    # Far from each other and from the ends of the budget, so that all their neighbours count.
    space = replace(anynet(), budget=Budget())
    parents = [
        one
        for one in sample(space, 400, seed=5)
        if all(0 < space.grids[name].index(one.values[name]) < len(space.grids[name]) - 1 for name in ("d1", "d2"))
    ][:4]
    found = near(space, parents, 4_000, 1)
    owners = Counter(min(range(4), key=lambda place: steps(space, parents[place], one)) for one in found)
    admitted = [
        sum(
            space.contains(Architecture("anynet", tuple({**parent.values, name: grid[place + by]}.items())))
            for name, grid in space.grids.items()
            for place in [grid.index(parent.values[name])]
            for by in (-1, 1)
            if 0 <= place + by < len(grid)
        )
        for parent in parents
    ]
    expected = np.asarray(admitted) / sum(admitted) * len(found)
    assert chisquare([owners[place] for place in range(4)], expected).pvalue > 1e-3


def test_the_generator_alone_decides() -> None:
    parents = sample(PAPER, 3)
    assert near(PAPER, parents, 50, 3) == near(PAPER, parents, 50, 3) != near(PAPER, parents, 50, 3, seed=1)


def test_there_may_be_fewer_than_asked_for_and_none_at_all() -> None:
    four = anynet_of_four()  # depths 1 to 4 of one stage, all else fixed
    ordered = sorted(sample(four, 4), key=lambda one: one.values["d1"])
    for one, other in pairwise(ordered):
        assert other in near(four, [one], 20, 1)
    assert set(near(four, ordered[:1], 20, 1)) == {ordered[1]}
    alone = four.restrict({"d1": (2, 2)})
    assert near(alone, ordered[1:2], 20, 3) == []


def test_values_and_places_by_hand() -> None:
    parents = [
        Architecture(
            "anynet", tuple(zip(PAPER.hyperparameters, (d, 1, 16, 8, 16, 512, 1, 4, 32, 1, 2, 4), strict=True))
        )
        for d in (1, 5)
    ]
    values = values_of(PAPER, parents)
    assert list(values) == list(PAPER.hyperparameters) and values["d1"].tolist() == [1, 5]
    assert PAPER.architectures(values) == parents
    assert grid_indices_of(PAPER, values).tolist() == [
        [0, 0, 15, 3, 4, 9, 0, 2, 5, 0, 1, 2],
        [4, 0, 15, 3, 4, 9, 0, 2, 5, 0, 1, 2],
    ]
    assert {len(column) for column in values_of(PAPER, []).values()} == {0}


@pytest.mark.parametrize("name", SPACES)
def test_places_are_those_in_the_grids_and_lead_back(name: str) -> None:
    space = SPACES[name]
    found = sample(space, 100, seed=2)
    places = grid_indices_of(space, values_of(space, found))
    grids = list(space.grids.values())
    for row, one in zip(places.tolist(), found, strict=True):
        assert [grid[place] for grid, place in zip(grids, row, strict=True)] == list(one.values.values())
