"""Baselines that ask for one network after the other: what each finds, and what none of them may do."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import partial

import numpy as np
import pytest

import netlore as nl
from netlore.refinement.searches.baselines import (
    PICKED,
    TRAINED_ON,
    Steps,
    climb,
    estimate_distributions,
    evolve,
    one_shot,
)
from netlore.refinement.searches.formulas import NOISE, formula
from netlore.refinement.searches.landscape import Landscape
from netlore.refinement.searches.ledger import Ledger, SpentError
from netlore.space.sampling import everything
from tests.refinement.searches.cases import known

Search = Callable[[Ledger], object]
ALL = {"evolve": evolve, "climb": climb, "umda": estimate_distributions, "one-shot": one_shot}
EACH = pytest.mark.parametrize("search", ALL.values(), ids=[*ALL])

KEPT = {"d1": (1, 4), "d2": (2, 2), "d3": (3, 3), "b1": (1, 1), "b2": (1, 1), "b3": (1, 1)}
KEPT |= dict.fromkeys(("w1", "w2", "w3"), (8, 64)) | dict.fromkeys(("g1", "g2", "g3"), (8, 8))


def easy(noise: float = 0.0) -> Landscape:
    """256 networks, of which a budget leaves some; the closed form, so that one step leads to the next."""
    space = nl.anynet(flops=(5e6, 12e6)).restrict(KEPT)
    whole = formula("closed_form", noise=noise)
    inside = space.architectures(everything(space))
    assert 60 < len(inside) < space.cardinality
    highest = float(whole.heights(inside).max())
    return Landscape("easy", "an easy one", space, whole.heights, highest, noise, len(inside))


def ledger_of(search: Search, landscape: Landscape, seed: int = 0, most: int = 1000) -> Ledger:
    ledger = Ledger(landscape, seed, most)
    with suppress(SpentError):
        search(ledger)
    return ledger


@EACH
def test_each_finds_the_optimum_of_an_easy_landscape_and_never_leaves_its_budget(search: Search) -> None:
    landscape = easy()
    smaller = partial(one_shot, trained_on=40) if search is one_shot else search
    for seed in range(3):
        ledger = ledger_of(smaller, landscape, seed, 120)
        assert ledger.heights.max() == pytest.approx(landscape.optimum)
        assert all(map(landscape.space.contains, ledger.architectures))
        assert len(set(ledger.architectures)) == len(ledger.architectures)


@EACH
def test_equal_seeds_give_equal_courses_and_begin_with_the_same_networks(search: Search) -> None:
    landscape = formula("closed_form", noise=NOISE)
    one, other, third = (ledger_of(search, landscape, seed, 230) for seed in (0, 0, 1))
    assert one.architectures == other.architectures and one.scores == other.scores
    assert one.architectures != third.architectures
    assert all(map(landscape.space.contains, one.architectures))
    first = {evolve: 50, climb: 1, estimate_distributions: 50, one_shot: 200}[search]
    assert one.architectures[:first] == nl.sample(landscape.space, first, seed=(0, 1))


@EACH
def test_each_is_far_above_random_search_on_the_closed_form(search: Search) -> None:
    landscape = formula("closed_form", noise=NOISE)
    found = ledger_of(search, landscape, 0, 400).heights.max()
    assert found > landscape.heights(nl.sample(landscape.space, 400, seed=1)).max() + 20


@EACH
def test_categories_and_failures_are_no_obstacle(search: Search) -> None:
    landscape = known().landscape
    smaller = partial(one_shot, trained_on=40) if search is one_shot else search
    ledger = ledger_of(smaller, landscape, 2, 64)
    assert np.nanmax(ledger.scores) >= landscape.optimum - 1 and len(ledger.scores) > 20


def test_steps_are_one_place_on_a_grid_or_any_other_name() -> None:
    space = nl.anynet(flops=(10e6, 50e6))
    one = nl.anynet_architecture((15, 16, 16), (8, 16, 64), (8, 16, 16), (1, 1, 1))
    steps = Steps(space)
    near, further = steps.single(one), steps.paired(one)
    places = {n: grid.index for n, grid in space.grids.items()}
    for found, length in ((near, 1), (further, 2)):
        assert found and len(set(found)) == len(found) and all(map(space.contains, found))
        for other in found:
            moved = [places[n](v) - places[n](one.values[n]) for n, v in other.values.items()]
            assert sum(map(abs, moved)) == length and (length == 1 or sum(moved) == 0)
    by_hand = [
        {**one.values, name: grid[place]}
        for name, grid in space.grids.items()
        for place in (grid.index(one.values[name]) - 1, grid.index(one.values[name]) + 1)
        if 0 <= place < len(grid)
    ]
    others = [nl.Architecture("anynet", tuple(values.items())) for values in by_hand]
    assert set(near) == set(filter(space.contains, others))
    cells = known().space
    cell = nl.sample(cells, 1)[0]
    assert len(Steps(cells).single(cell)) == 9 and Steps(cells).paired(cell) == []


def test_a_child_is_a_step_from_the_best_of_a_tournament_of_the_youngest() -> None:
    landscape = formula("closed_form")
    ledger = Ledger(landscape, 0, 90)
    with suppress(SpentError):
        evolve(ledger, population=20, tournament=20)  # the best of all living
    steps = Steps(landscape.space)
    # Children that were known already cost nothing and are not in the ledger: parents are among all before.
    for number in range(20, 90):
        before = ledger.architectures[:number]
        assert any(ledger.architectures[number] in steps.single(one) for one in before)
    assert np.maximum.accumulate(ledger.scores)[-1] > np.max(ledger.scores[:20])


def test_one_shot_scores_twelve_behind_its_sample() -> None:
    ledger = ledger_of(one_shot, formula("closed_form"))
    assert len(ledger.scores) == TRAINED_ON + PICKED
    assert min(ledger.scores[TRAINED_ON:]) > max(ledger.scores[:TRAINED_ON])
