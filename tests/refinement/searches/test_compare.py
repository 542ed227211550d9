"""Searches by stored scores: picks, oracles, ends, and that the same comes out again."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from netlore.errors import InvalidInput
from netlore.refinement.methods import EVOLUTION, MEMORY, PAPER, RANDOM
from netlore.refinement.searches.compare import METHODS, ORACLE, SearchComparison, compare_searches, search
from netlore.refinement.searches.known_space import KnownSpace, known_space, space_of
from netlore.validation.accuracies import sampled
from tests.refinement.searches.cases import BENCHMARK, FAILED, cells, known, scores


@pytest.fixture(scope="module")
def space() -> KnownSpace:
    return known()


@pytest.fixture(scope="module")
def found(space: KnownSpace) -> SearchComparison:
    return compare_searches(space, networks=12, seeds=2, most=60, with_tpe=False)


def test_no_pick_is_better_than_the_oracle_of_the_same_networks_nor_than_the_best(found: SearchComparison) -> None:
    oracle, best = found.line(ORACLE), found.known.accuracies.values.max()
    for name in (RANDOM.name, "params", "layers"):
        for one, other in zip(found.line(name).courses, oracle.courses, strict=True):
            assert len(one) == len(other) and not (one > other).any()
    assert found.best == best
    for line in found.lines:
        assert all(np.nanmax(course) <= best for course in line.courses)
    assert all((np.diff(course) >= 0).all() for course in oracle.courses)


def test_methods_that_look_at_everything_end_at_the_same_pick_and_then_end(space: KnownSpace) -> None:
    best = min(np.flatnonzero(scores_of(space) == np.nanmax(scores_of(space))))
    ends = []
    for method in (PAPER, RANDOM, EVOLUTION, MEMORY):
        looked_at, _ = search(method, space, networks=64, seed=1, most=500)
        assert (
            set(looked_at[:64].tolist()) == set(range(64)) and len(looked_at) == 64
        )  # nothing is left to look at
        ends.append(looked_at)
    compared = compare_searches(space, networks=64, seeds=2, most=500, with_tpe=False)
    for line in compared.lines:
        if line.name in {one.name for one in METHODS}:
            assert line.picked == (best, best)  # of tied scores the smaller id, whatever came first
    assert compared.whole["x"] == pytest.approx(
        space.accuracies.values[scores_of(space) == np.nanmax(scores_of(space))].mean()
    )


def scores_of(space: KnownSpace) -> np.ndarray:
    return np.asarray(space.scores)


def test_failures_are_drawn_and_never_picked(found: SearchComparison) -> None:
    missing = set(np.flatnonzero(np.isnan(found.known.scores)).tolist())
    assert len(missing) == FAILED
    looked_at, _ = search(RANDOM, found.known, 12, 0, 60)
    assert missing & set(looked_at.tolist())
    for line in found.lines:
        if line.name in {one.name for one in METHODS}:
            assert not missing & set(line.picked)


def test_the_same_comes_out_again_and_other_seeds_differ(space: KnownSpace, found: SearchComparison) -> None:
    again = compare_searches(space, networks=12, seeds=2, most=60, with_tpe=False)
    for one, other in zip(found.lines, again.lines, strict=True):
        assert all(map(np.array_equal, one.courses, other.courses))
    assert found.drawn.networks.tolist() == again.drawn.networks.tolist()
    first, second = (search(RANDOM, space, 12, seed, 60)[0].tolist() for seed in (0, 1))
    assert first != second and first == search(RANDOM, space, 12, 0, 60)[0].tolist()


def test_no_search_looks_at_more_than_it_may_and_all_begin_with_the_same_round(found: SearchComparison) -> None:
    assert all(len(course) <= 60 for line in found.lines for course in line.courses)
    for seed in range(2):
        firsts = [search(method, found.known, 12, seed, 60)[0][:12].tolist() for method in METHODS]
        assert firsts[1:] == firsts[:-1]
    above = found.above_random(found.line(PAPER.name), 12)
    assert (above.value, above.low, above.high) == (0, 0, 0)


def test_the_paper_draws_25_of_its_final_space_in_the_end(found: SearchComparison) -> None:
    for seed in range(2):
        looked_at, final = search(PAPER, found.known, 12, seed, 60)
        assert found.drawn.networks[seed] == len({*looked_at, *final}) and 1 <= len(final) <= 25
        best = max(final, key=lambda place: (np.nan_to_num(found.known.scores[place], nan=-1), -place))
        assert found.drawn.accuracies[seed] == found.known.accuracies.values[best]


def test_a_space_with_constraints_holds_exactly_the_networks_that_are_known() -> None:
    whole, some = space_of(cells()), space_of(cells()[:50])
    assert len(whole.distributions) == 6 and whole.cardinality == 64
    assert len(some.distributions) == 1 and some.cardinality == 50
    assert all(map(some.contains, cells()[:50])) and not any(map(some.contains, cells()[50:]))
    part = sampled(replace(BENCHMARK, table=lambda: BENCHMARK.table()[:50]), "noise")
    compared = compare_searches(
        known_space(part, dict(zip(cells(), scores(), strict=True)), "x", ""), 8, 1, 40, with_tpe=False
    )
    assert len(compared.known) == 50 and all(len(one.courses[0]) >= 8 for one in compared.lines)


def test_what_does_not_fit_is_refused(space: KnownSpace) -> None:
    accuracies = sampled(BENCHMARK, "noise")
    with pytest.raises(InvalidInput, match="none of the 0 networks with a x score is among the 64 of Three Edges"):
        known_space(accuracies, {}, "x", "")
    with pytest.raises(InvalidInput, match="predictor name 'two words' is not free"):
        known_space(accuracies, dict(zip(cells(), scores(), strict=True)), "two words", "")
    with pytest.raises(InvalidInput, match="networks = 65"):
        compare_searches(space, networks=65, with_tpe=False)
    with pytest.raises(InvalidInput, match="seeds = 0"):
        compare_searches(space, networks=8, seeds=0, with_tpe=False)
