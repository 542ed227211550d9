"""refine_with_memory(): what is remembered, where it draws, when it ends, and that it finds the same each time."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

import netlore as nl
from netlore.analysis.bootstrap import Estimate
from netlore.analysis.elite_scores import ELITE
from netlore.analysis.interval_overlap import overlap, stability
from netlore.errors import InvalidInput
from netlore.refinement.baselines import Evolution, RandomSearch
from netlore.refinement.elite_refinement import EliteRefinement, EliteSettings
from netlore.refinement.elites import Memory
from netlore.refinement.loop import SearchSettings
from netlore.refinement.methods import MEMORY
from netlore.refinement.paper_refinement import PaperRefinement
from netlore.refinement.refine import refine, refine_with_memory, replay
from netlore.refinement.result import Refinement
from netlore.scoring.scorer import Settings
from netlore.storage.score_store import Store
from netlore.storage.score_table import Score, ScoreRow, ScoreTable
from tests.refinement.cases import SPACE, frames, hopeless
from tests.refinement.landscape import SYNFLOW, WIDE, Landscape, TwoPeaks, finished, settings

NEAR = EliteSettings(surrogate_share=0.0, neighbour_share=1.0, max_steps=2)
PROMISING = EliteSettings(surrogate_share=1.0, neighbour_share=0.0)
BOX = EliteSettings(surrogate_share=0.0, neighbour_share=0.0)


@dataclass
class Watched(EliteRefinement):
    """Records the estimates of what it asks for, round by round."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.rounds: list[list[nl.Architecture]] = []
        self.known: list[list[nl.Architecture]] = []

    def ask(self, number: int) -> list[nl.Architecture]:
        asked = super().ask(number)
        self.rounds.append(asked)
        return asked

    def tell(self, table: ScoreTable) -> dict[str, Estimate]:
        estimates = super().tell(table)
        self.known.append(list(self.elites()))
        return estimates


def refined(landscape: Landscape, constants: EliteSettings | None = None, **given: int) -> Refinement:
    options = {"constants": constants} if constants else {}
    return finished(EliteRefinement(settings(**given, **options)), landscape)


def test_it_climbs_higher_than_the_papers_method_and_repeats_better() -> None:
    seeds = range(3)
    ours = [refined(Landscape(0.5, seed), seed=seed) for seed in seeds]
    papers = [
        finished(PaperRefinement(settings(seed=seed, networks=250, limit=30)), Landscape(0.5, seed))
        for seed in seeds
    ]
    assert {one.stopped_because for one in ours} == {"plateau"}
    assert min(map(best_of, ours)) > max(map(best_of, papers))
    assert containment(ours) > containment(papers)
    assert sum(one.networks_scored for one in ours) < sum(one.networks_scored for one in papers)


def containment(found: list[Refinement]) -> float:
    """How often an interval holds the median of another seed."""
    ends = [{name: tuple(one.rounds[-1].estimates[name]) for name in WIDE.hyperparameters} for one in found]
    return float(np.mean(stability(ends, WIDE.grids).containment))


def best_of(found: Refinement) -> float:
    """The height of the best architecture by the mean of its scores."""
    return Landscape().height(remembered(found).elites()[0])


def remembered(found: Refinement) -> Memory:
    memory = Memory()
    for one in found.rounds:
        memory.remember(one.table, SYNFLOW)
    return memory


def test_under_heavy_noise_the_trend_finds_higher_elites_than_means_alone() -> None:
    class ByMeans(EliteRefinement):
        def estimate(self, means, draws, predicted, noise):  # type: ignore[no-untyped-def]
            return means

    heights = []
    for kind in (EliteRefinement, ByMeans):
        ends = []
        for seed in range(3):
            search = kind(settings(seed=seed, limit=12))
            finished(search, Landscape(15.0, seed))
            ends += [Landscape().height(one) for one in search.elites()]
        heights.append(np.mean(ends))
    assert heights[0] > heights[1]


def posterior(scores: list[float], prior: float, variance: float, noise: float) -> float:
    """The mean of a true score, Gaussian about `prior`, given noisy scores; by the covariance of all of them."""
    ones = np.ones(len(scores))
    covariance = variance * np.outer(ones, ones) + noise**2 * np.eye(len(scores))
    return prior + variance * float(ones @ np.linalg.solve(covariance, np.asarray(scores) - prior))


def test_elites_have_the_highest_posterior_means() -> None:
    """With the surrogate as the prior mean, and the variance about it that explains the better half."""
    search = EliteRefinement(settings(networks=40, limit=4))
    memory = remembered(finished(search, Landscape(2.0)))
    known, noise = list(memory.scores), memory.noise()
    means = np.asarray([np.mean(memory.scores[one]) for one in known])
    draws = np.asarray([len(memory.scores[one]) for one in known])
    places = np.asarray([[grid.index(one.values[name]) for name, grid in WIDE.grids.items()] for one in known])
    prior = search._surrogate.at(2 * places / [len(grid) - 1 for grid in WIDE.grids.values()] - 1)
    ranks = np.asarray([sum(other > one for other in means) for one in means])
    weights = draws * np.exp(-2 * ranks / len(means)) * (means >= np.median(means))
    excess = float(np.average((means - prior) ** 2 - noise**2 / draws, weights=weights))
    variance = max(excess, 0.02 * noise**2)
    expected = [posterior(memory.scores[one], p, variance, noise) for one, p in zip(known, prior, strict=True)]
    best = sorted(zip(expected, [one.id for one in known], strict=True), reverse=True)[:ELITE]
    assert [one.id for one in search.elites()] == [name for _, name in best]
    assert [one.id for one in search.elites()] != [one.id for one in memory.elites()], "or the test says nothing"


# Where the surrogate is wrong: an interaction of three, and two peaks


SEEDS = (0, 1)


def elite_height(found: Refinement) -> float:
    return float(np.mean([TwoPeaks().height(one) for one in found.elites]))


@pytest.fixture(scope="module")
def hostile() -> list[Refinement]:
    """Of a landscape with two peaks and much noise."""
    return [finished(EliteRefinement(settings(seed=seed, limit=15)), TwoPeaks(5.0, seed)) for seed in SEEDS]


def test_where_no_quadratic_fits_elites_are_still_better_than_those_of_the_baselines(
    hostile: list[Refinement],
) -> None:
    for kind in (RandomSearch, Evolution):
        for seed, ours in zip(SEEDS, hostile, strict=True):
            theirs = finished(kind(settings(seed=seed, networks=60, limit=15)), TwoPeaks(5.0, seed))
            assert theirs.networks_scored <= ours.networks_scored <= 1.25 * theirs.networks_scored
            assert elite_height(ours) > elite_height(theirs)


def test_it_ends_on_the_higher_peak_where_that_can_be_seen(hostile: list[Refinement]) -> None:
    for found in hostile:
        assert all(narrow > broad for broad, narrow in map(TwoPeaks().peaks, found.elites))


def test_a_peak_too_narrow_to_be_seen_is_missed() -> None:
    """Elites and surrogate look where scores are high: nothing leads to a peak of which no network was drawn."""
    landscape = TwoPeaks(0.5, slope=80.0)
    found = finished(EliteRefinement(settings(limit=12)), landscape)
    assert all(narrow < broad for broad, narrow in map(landscape.peaks, found.elites))


def test_the_mean_of_at_most_three_scores_counts() -> None:
    one, other = (architecture for architecture in nl.sample(SPACE, 2))
    memory = Memory()
    for draw, (first, second) in enumerate([(1.0, 2.5), (5.0, 3.5), (3.0, 3.0)]):
        rows = [
            ScoreRow(found, 0, draw, "synflow", Score(float(np.exp(value))))
            for found, value in ((one, first), (other, second))
        ]
        memory.remember(ScoreTable(rows, 10, 32), SYNFLOW)
    assert (memory.mean(one), memory.mean(other)) == pytest.approx((3.0, 3.0))
    assert memory.elites(1)[0].id == min(one.id, other.id)
    # Squares are 8 and 0.5, and each architecture has two degrees of freedom.
    assert memory.noise() == pytest.approx((8.5 / 4) ** 0.5)
    landscape = Landscape(0.5)
    refined(landscape, networks=40)
    times = Counter(network.architecture.id for drawn_once in landscape.seen for network in drawn_once)
    assert max(times.values()) == EliteSettings().max_draws


def steps(one: nl.Architecture, other: nl.Architecture) -> int:
    """Steps on the grids between two architectures."""
    return sum(
        abs(WIDE.grids[name].index(value) - WIDE.grids[name].index(other.values[name]))
        for name, value in one.values.items()
    )


def test_without_box_and_trend_a_round_lies_within_the_farthest_steps_of_the_elites() -> None:
    search = Watched(settings(networks=40, limit=6, constants=NEAR))
    finished(search, Landscape(0.5))
    for elites, asked in zip(search.known, search.rounds[1:], strict=False):
        assert all(WIDE.contains(one) for one in asked) and len(set(asked)) == len(asked)
        assert all(min(steps(one, elite) for elite in elites) <= 2 for one in asked)
        assert any(min(steps(one, elite) for elite in elites) == 2 for one in asked)


def test_what_the_trend_promises_is_high_and_new() -> None:
    landscape = Landscape(0.5)
    search = Watched(settings(networks=60, limit=4, constants=PROMISING))
    finished(search, landscape)
    for number in (1, 2, 3):
        earlier = {one for asked in search.rounds[:number] for one in asked}
        fresh = [one for one in search.rounds[number] if one not in earlier]
        assert len(fresh) == 60  # all that are not elites to be scored again
        blind = [landscape.height(one) for one in nl.sample(WIDE, 60, seed=9)]
        assert np.mean([landscape.height(one) for one in fresh]) > np.quantile(blind, 0.95)


def test_the_box_alone_is_the_range_of_the_elites_before() -> None:
    search = Watched(settings(networks=40, limit=5, constants=BOX))
    found = finished(search, Landscape(0.5))
    for before, asked in zip(found.rounds, search.rounds[1:], strict=False):
        box = WIDE.restrict(before.intervals)
        assert all(box.contains(one) for one in asked)


def test_a_flat_landscape_ends_as_soon_as_its_intervals_hold_still() -> None:
    flat = Landscape()
    flat.height = lambda one: 1.0  # type: ignore[method-assign]
    found = refined(flat, networks=10)
    # All have the same estimate, and the smallest ids win: nothing rises, but better ids keep coming for a while.
    assert found.stopped_because == "plateau" and len(found.rounds) > EliteSettings().patience


def test_it_ends_after_five_rounds_in_which_elites_neither_rose_nor_moved() -> None:
    found = refined(Landscape(0.5))
    assert found.stopped_because == "plateau"
    last = [one.intervals for one in found.rounds[-EliteSettings().patience - 1 :]]
    assert all(overlap(last[0], one, WIDE.grids) >= 0.9 for one in last[1:])
    longer = refined(Landscape(0.5), EliteSettings(patience=EliteSettings().patience + 2))
    assert len(longer.rounds) >= len(found.rounds) + 2


def test_a_rise_counts_from_twice_the_standard_error() -> None:
    search = EliteRefinement(settings(networks=20, limit=2))
    finished(search, Landscape(0.5))
    search._best, search._unchanged = 100.0, 1
    search._look_for_change(101.0, 0.6)  # 1.0 is less than 1.2
    assert (search._best, search._unchanged) == (100.0, 2)
    search._look_for_change(101.0, 0.4)
    assert (search._best, search._unchanged) == (101.0, 0)


def test_intervals_are_the_range_of_the_elites_and_the_next_box() -> None:
    search = Watched(settings(networks=40, limit=4))
    found = finished(search, Landscape(0.5))
    for number, (one, elites) in enumerate(zip(found.rounds, search.known, strict=True)):
        assert len(elites) == ELITE
        for name in WIDE.hyperparameters:
            values = sorted(elite.values[name] for elite in elites)
            assert one.estimates[name] == (values[0], values[(len(values) - 1) // 2], values[-1])
        assert set(one.estimates) == {*WIDE.hyperparameters, "flops", "params", "activations"}
        assert 10e6 <= one.estimates["flops"].low <= one.estimates["flops"].high <= 50e6
        if number:
            assert one.space == WIDE.restrict(found.rounds[number - 1].intervals)
    assert found.final_space == WIDE.restrict(found.principles)
    assert found.stopped_because == "round limit" and list(found.elites) == search.known[-1]


def test_networks_without_a_score_are_not_remembered() -> None:
    search = EliteRefinement(settings(networks=20, limit=3))
    found = finished(search, Landscape(failing=True))
    scored = {row.architecture for one in found.rounds for row in one.table.rows if row.score.value is not None}
    assert set(search.memory.scores) == scored and scored
    assert any(row.score.value is None for one in found.rounds for row in one.table.rows)


def test_a_small_space_ends_when_all_of_it_was_scored_three_times() -> None:
    small = nl.anynet().restrict({name: (grid[0], grid[0]) for name, grid in list(WIDE.grids.items())[1:]})
    small = small.restrict({"d1": (1, 3)})
    found = refined(Landscape(0.5), space=small, networks=10)  # type: ignore[arg-type]
    times = Counter(row.architecture.id for one in found.rounds for row in one.table.rows)
    assert len(times) == 3 and set(times.values()) == {3}
    assert found.stopped_because == "exhausted" and found.principles["d1"] == (1, 3)


@pytest.fixture(scope="module")
def task() -> nl.Task:
    return nl.task("noise", batch_size=8)


@pytest.fixture(scope="module")
def whole(task: nl.Task) -> Refinement:
    """What every other way to the same refinement must agree with."""
    return refine_with_memory(SPACE, "synflow", task, networks=16, seed=2, round_limit=4)


def test_workers_and_stores_change_nothing(task: nl.Task, whole: Refinement, tmp_path: Path) -> None:
    given = {"networks": 16, "seed": 2}
    asked = SearchSettings(SPACE, SYNFLOW, 2, 16, 4).drawing(task, common_draws=False)  # type: ignore[arg-type]
    with Store(tmp_path, Settings(task, (SYNFLOW,), 2).describe()) as store:
        first = refine_with_memory(SPACE, "synflow", task, store=store, round_limit=2, **given)  # type: ignore[arg-type]
        part = replay(MEMORY, asked, task, store)
        assert part is not None and part.stopped_because == "unfinished"
        both = refine_with_memory(SPACE, "synflow", task, store=store, workers=2, round_limit=4, **given)  # type: ignore[arg-type]
        again = replay(MEMORY, asked, task, store)
    assert again is not None
    for found in (both, again):
        assert all(one.equals(other) for one, other in zip(frames(found), frames(whole), strict=True))
        assert found.principles == whole.principles
    assert frames(first)[1].equals(frames(whole)[1])


def test_another_seed_draws_other_networks(task: nl.Task, whole: Refinement) -> None:
    other = refine_with_memory(SPACE, "synflow", task, networks=16, seed=3, round_limit=1)
    assert not frames(other)[0].equals(frames(whole)[0])


def test_it_begins_with_the_networks_of_the_papers_method(task: nl.Task, whole: Refinement) -> None:
    paper = refine(SPACE, "synflow", task, 16, seed=2, round_limit=1)
    assert frames(paper)[0].equals(frames(whole)[0])


def test_a_predictor_that_scores_nothing_is_refused(task: nl.Task) -> None:
    with pytest.raises(InvalidInput, match="none of the 8 networks of round 1 has a hopeless score"):
        refine_with_memory(SPACE, hopeless, task, networks=8)


@pytest.mark.parametrize("bad", [{"networks": 0}, {"round_limit": 0}])
def test_numbers_must_be_positive(task: nl.Task, bad: dict[str, int]) -> None:
    with pytest.raises(InvalidInput, match="= 0 is not positive"):
        refine_with_memory(SPACE, "synflow", task, **bad)  # type: ignore[arg-type]
