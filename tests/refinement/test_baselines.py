"""Random search and evolution: what they draw, against their definitions; nothing but the seed decides."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import netlore as nl
from netlore.errors import InvalidInput
from netlore.refinement.baselines import NETWORKS, POPULATION, TOURNAMENT, Evolution, RandomSearch
from netlore.refinement.fronts import nsga2
from netlore.refinement.loop import SearchSettings
from netlore.refinement.methods import EVOLUTION, NSGA2, RANDOM, Method
from netlore.refinement.refine import random_search, regularised_evolution, replay
from netlore.refinement.result import Refinement, Round
from netlore.scoring.scorer import Settings
from netlore.space.sampling import neighbours
from netlore.storage.score_store import Store
from tests.refinement.cases import SPACE, fixed, frames, hopeless
from tests.refinement.landscape import SYNFLOW, WIDE, Landscape, finished, settings

Public = Callable[..., Refinement]
BOTH = pytest.mark.parametrize("method", [random_search, regularised_evolution])


def steps(one: nl.Architecture, other: nl.Architecture) -> int:
    """Steps on the grids between two architectures."""
    places = [
        [grid.index(architecture.values[name]) for name, grid in WIDE.grids.items()]
        for architecture in (one, other)
    ]
    return int(np.abs(np.subtract(*places)).sum())


def drawn(one: Round) -> list[nl.Architecture]:
    return [row.architecture for row in one.table.rows]


def population(rounds: tuple[Round, ...], size: int = POPULATION) -> list[tuple[nl.Architecture, float]]:
    """Those that were scored last in these rounds, the oldest first; the definition, from the tables alone."""
    rows = [row for one in rounds for row in one.table.rows if row.score.value is not None]
    return [(row.architecture, float(np.log(row.score.value))) for row in rows][-size:]


def evolved(landscape: Landscape, **given: int) -> Refinement:
    return finished(Evolution(settings(**given)), landscape)


def test_a_random_search_draws_what_the_space_gives_whatever_the_scores() -> None:
    found = [finished(RandomSearch(settings(seed=4, limit=3)), one) for one in (Landscape(), Landscape(50.0, 1))]
    for one in found:
        expected = [nl.sample(WIDE, 60, seed=(4, number)) for number in (1, 2, 3)]
        assert [drawn(entry) for entry in one.rounds] == expected
    assert found[0].principles != found[1].principles


@pytest.mark.parametrize(("networks", "random_rounds"), [(50, 2), (40, 3), (60, 2), (120, 1)])
def test_evolution_begins_at_random_until_the_population_is_full(networks: int, random_rounds: int) -> None:
    found = evolved(Landscape(0.5), networks=networks, limit=5)
    for one in found.rounds:
        blind = nl.sample(WIDE, networks, seed=(0, one.number))
        assert (drawn(one) == blind) == (one.number <= random_rounds)


@pytest.mark.parametrize(("networks", "failing"), [(50, False), (120, False), (50, True)])
def test_children_are_those_of_the_winners_of_tournaments_among_the_last_that_were_scored(
    networks: int, failing: bool
) -> None:
    found = evolved(Landscape(0.5, failing=failing), networks=networks, limit=7)
    size = max(POPULATION, networks)
    for number in range(4, 8):
        members = population(found.rounds[: number - 1], size)
        assert len(members) <= size
        rng = np.random.default_rng((0, number, 1))
        for child in drawn(found.rounds[number - 1]):
            places = rng.choice(len(members), TOURNAMENT, replace=False)
            parent = members[max(places, key=lambda place: members[place][1])][0]
            assert steps(parent, child) == 1 and WIDE.contains(child)
            assert WIDE.architectures(neighbours(WIDE, [parent], 1, 1, rng)) == [child]


def test_the_population_holds_the_youngest_that_have_a_score() -> None:
    search = Evolution(settings(networks=50, limit=8))
    found = finished(search, Landscape(0.5, failing=True))
    members, expected = list(search.population), population(found.rounds)
    assert [one for one, _ in members] == [one for one, _ in expected]
    assert [score for _, score in members] == pytest.approx([score for _, score in expected])
    assert len(search.population) == POPULATION
    small = Evolution(settings(networks=50, limit=1))
    finished(small, Landscape(0.5, failing=True))
    assert len(small.population) == 25


def test_estimates_are_ranges_of_the_twelve_best_by_their_means() -> None:
    landscape = Landscape(0.5)
    found = evolved(landscape, networks=50, limit=6)
    for number, one in enumerate(found.rounds, 1):
        scores: dict[nl.Architecture, list[float]] = {}
        for architecture, value in population(found.rounds[:number], size=10_000):
            scores.setdefault(architecture, []).append(value)
        best = sorted(scores, key=lambda a: (-np.mean(scores[a]), a.id))[:12]
        for name in WIDE.hyperparameters:
            values = sorted(a.values[name] for a in best)
            assert one.estimates[name] == (values[0], values[5], values[11])
        if number > 1:
            assert one.space == WIDE.restrict(found.rounds[number - 2].intervals)


def test_evolution_climbs_above_random_search_on_a_landscape() -> None:
    ends: dict[type, list[float]] = {RandomSearch: [], Evolution: []}
    for kind, heights in ends.items():
        for seed in range(3):
            search = kind(settings(seed=seed, networks=NETWORKS, limit=15))
            found = finished(search, Landscape(0.5, seed))
            assert found.stopped_because == "round limit" and found.networks_scored == 15 * NETWORKS
            heights.append(float(np.mean([Landscape().height(one) for one in search.elites()])))
    assert min(ends[Evolution]) > max(ends[RandomSearch])


def test_where_nothing_differs_by_a_step_evolution_is_exhausted_and_random_search_goes_on() -> None:
    alone = fixed()
    assert alone.cardinality == 1
    grown = finished(Evolution(settings(alone, networks=50, limit=5)), Landscape())
    assert (len(grown.rounds), grown.stopped_because) == (2, "exhausted")
    chance = finished(RandomSearch(settings(alone, networks=50, limit=5)), Landscape())
    assert (len(chance.rounds), chance.stopped_because) == (5, "round limit")
    assert all(one.exhausted for one in chance.rounds)
    assert [row.draw for one in chance.rounds for row in one.table.rows] == [0, 1, 2, 3, 4]


@pytest.fixture(scope="module")
def task() -> nl.Task:
    return nl.task("noise", batch_size=8)


@pytest.mark.parametrize(
    ("method", "entry"), [(random_search, RANDOM), (regularised_evolution, EVOLUTION), (nsga2, NSGA2)]
)
def test_workers_stores_and_interruptions_change_nothing(
    task: nl.Task, tmp_path: Path, method: Public, entry: Method
) -> None:
    given = {"space": SPACE, "predictor": "synflow", "task": task, "networks": 60, "seed": 2}
    asked_for = SearchSettings(SPACE, SYNFLOW, 2, 60, 4).drawing(task, common_draws=False)
    whole = method(**given, round_limit=4)
    with Store(tmp_path, Settings(task, (SYNFLOW,), 2).describe()) as store:
        assert replay(entry, asked_for, task, store) is None
        first = method(**given, store=store, round_limit=2)
        part = replay(entry, asked_for, task, store)
        assert part is not None and (part.stopped_because, len(part.rounds)) == ("unfinished", 2)
        both = method(**given, store=store, workers=2, round_limit=4)
        again = replay(entry, asked_for, task, store)
    assert again is not None and again.stopped_because == whole.stopped_because == "round limit"
    for found in (both, again):
        assert all(one.equals(other) for one, other in zip(frames(found), frames(whole), strict=True))
        assert found.principles == whole.principles and found.cardinalities == whole.cardinalities
    assert all(one.equals(other) for one, other in zip(frames(first), frames(whole), strict=False))


@BOTH
def test_another_seed_draws_other_networks(task: nl.Task, method: Public) -> None:
    one, other = (method(SPACE, "synflow", task, networks=10, seed=seed, round_limit=1) for seed in (0, 1))
    assert not frames(one)[0]["architecture"].equals(frames(other)[0]["architecture"])


@BOTH
def test_a_predictor_that_scores_nothing_is_refused(task: nl.Task, method: Public) -> None:
    with pytest.raises(InvalidInput, match="none of the 8 networks of round 1 has a hopeless score"):
        method(SPACE, hopeless, task, networks=8)


@BOTH
@pytest.mark.parametrize("bad", [{"networks": 0}, {"round_limit": 0}])
def test_numbers_must_be_positive(task: nl.Task, method: Public, bad: dict[str, int]) -> None:
    with pytest.raises(InvalidInput, match="= 0 is not positive"):
        method(SPACE, "synflow", task, **bad)
