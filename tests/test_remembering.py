"""refine_with_memory(): what is remembered, where it draws, when it ends, and that it finds the same each time."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

import netlore as nl
from netlore.analysis.agreement import stability
from netlore.analysis.bootstrap import exact_bootstrap
from netlore.errors import InvalidInput
from netlore.refinement import Course, refine
from netlore.refinement import _refine as papers_loop
from netlore.remembering import ELITES, MOST_DRAWS, Memory, _refine, refine_with_memory, replay_with_memory
from netlore.remembering import Course as MemoryCourse
from netlore.rounds import Refinement
from netlore.scores import Score, ScoreRow, ScoreTable
from netlore.scoring.predictor import PREDICTORS
from netlore.scoring.scorer import Network, Settings
from netlore.store import Store
from tests.test_refinement import SPACE, frames, hopeless

SYNFLOW = PREDICTORS.get("synflow")
WIDE = nl.anynet(flops=(10e6, 50e6))


class Landscape:
    """Scores by a formula: ln S is a weighted sum of grid places, plus noise of its own for each draw.

    Stage 3 weighs most, so that under the budget few architectures are best.
    """

    def __init__(self, noise: float = 0.0, seed: int = 0, failing: bool = False) -> None:
        self._noise = noise
        self._rng = np.random.default_rng(seed)
        self._failing = failing
        self.seen: list[list[Network]] = []

    def height(self, one: nl.Architecture) -> float:
        places = {name: WIDE.grids[name].index(value) for name, value in one.values.items()}
        return sum(int(name[1]) ** 2 * place for name, place in places.items())

    def __call__(self, number: int, drawn: list[Network]) -> ScoreTable:
        self.seen.append(drawn)
        rows = []
        for one in drawn:
            value = self.height(one.architecture) + self._noise * float(self._rng.normal())
            missing = self._failing and len(rows) % 2 == 0
            score = Score(None, "degenerate", "unlucky") if missing else Score(float(np.exp(value)))
            rows.append(ScoreRow(one.architecture, 0, one.draw, "synflow", score))
        return ScoreTable(rows, 10, 32)


def course(space: nl.DesignSpace = WIDE, seed: int = 0, networks: int = 60, limit: int = 60) -> MemoryCourse:
    return MemoryCourse(space, SYNFLOW, seed, networks, limit)


def test_it_climbs_higher_than_the_papers_method_and_repeats_better() -> None:
    seeds = range(3)
    ours = [_refine(course(seed=seed), Landscape(0.5, seed)) for seed in seeds]
    papers = [
        papers_loop(Course(WIDE, "synflow", seed, 250, exact_bootstrap, 30), Landscape(0.5, seed))
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
    """The height of the best of the last elites, by the mean of its scores."""
    memory = Memory()
    for one in found.rounds:
        memory.remember(one.table, SYNFLOW)
    return Landscape().height(memory.elites()[0])


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
    drawn = Landscape(0.5)
    _refine(course(networks=40), drawn)
    times = Counter(network.architecture.id for drawn_once in drawn.seen for network in drawn_once)
    assert max(times.values()) == MOST_DRAWS


def test_half_of_a_round_lies_within_three_steps_of_the_elites() -> None:
    drawn = Landscape()
    found = _refine(course(networks=40, limit=6), drawn)
    memory = Memory()
    for before, after in zip(found.rounds, found.rounds[1:], strict=False):
        memory.remember(before.table, SYNFLOW)
        elites = memory.elites()
        fresh = [row.architecture for row in after.table.rows]
        assert len(set(fresh)) == len(fresh) <= 40 + ELITES
        assert all(WIDE.contains(one) for one in fresh)
        outside = [one for one in fresh if not after.space.contains(one)]
        assert all(min(steps(one, elite) for elite in elites) <= 3 for one in outside)
        near = [one for one in fresh if min(steps(one, elite) for elite in elites) <= 3]
        assert len(near) >= 20 - 3  # a neighbour may have been scored three times, or be drawn twice


def steps(one: nl.Architecture, other: nl.Architecture) -> int:
    """Steps on the grids between two architectures."""
    return sum(
        abs(WIDE.grids[name].index(value) - WIDE.grids[name].index(other.values[name]))
        for name, value in one.values.items()
    )


def test_a_flat_landscape_is_left_after_three_rounds_without_a_rise() -> None:
    flat = Landscape()
    flat.height = lambda one: 1.0  # type: ignore[method-assign]
    found = _refine(course(networks=10), flat)
    assert (len(found.rounds), found.stopped_because) == (4, "plateau")


def test_intervals_are_the_range_of_the_elites_and_the_next_box() -> None:
    found = _refine(course(networks=40, limit=4), Landscape(0.5))
    memory = Memory()
    for number, one in enumerate(found.rounds):
        memory.remember(one.table, SYNFLOW)
        for name in WIDE.hyperparameters:
            values = sorted(elite.values[name] for elite in memory.elites())
            assert one.estimates[name] == (values[0], values[(len(values) - 1) // 2], values[-1])
        assert set(one.estimates) == {*WIDE.hyperparameters, "flops", "params", "activations"}
        assert 10e6 <= one.estimates["flops"].low <= one.estimates["flops"].high <= 50e6
        if number:
            assert one.space == WIDE.restrict(found.rounds[number - 1].intervals)
    assert found.final_space == WIDE.restrict(found.principles)
    assert found.stopped_because == "round limit"


def test_networks_without_a_score_are_not_remembered() -> None:
    found = _refine(course(networks=20, limit=3), Landscape(failing=True))
    memory = Memory()
    for one in found.rounds:
        memory.remember(one.table, SYNFLOW)
    scored = {row.architecture for one in found.rounds for row in one.table.rows if row.score.value is not None}
    assert set(memory.scores) == scored


def test_a_small_space_ends_when_all_of_it_was_scored_three_times() -> None:
    small = nl.anynet().restrict({name: (grid[0], grid[0]) for name, grid in list(WIDE.grids.items())[1:]})
    small = small.restrict({"d1": (1, 3)})
    found = _refine(course(small, networks=10), Landscape(0.5))
    times = Counter(row.architecture.id for one in found.rounds for row in one.table.rows)
    assert len(times) == 3 and set(times.values()) <= {1, 2, 3}
    assert found.stopped_because == "plateau" and found.principles["d1"] == (1, 3)


@pytest.fixture(scope="module")
def task() -> nl.Task:
    return nl.task("noise", batch_size=8)


@pytest.fixture(scope="module")
def whole(task: nl.Task) -> Refinement:
    """What every other way to the same refinement must agree with."""
    return refine_with_memory(SPACE, "synflow", task, networks=16, seed=2, round_limit=4)


def test_workers_and_stores_change_nothing(task: nl.Task, whole: Refinement, tmp_path: Path) -> None:
    given = {"networks": 16, "seed": 2}
    with Store(tmp_path, Settings(task, (SYNFLOW,), 2).describe()) as store:
        first = refine_with_memory(SPACE, "synflow", task, store=store, round_limit=2, **given)  # type: ignore[arg-type]
        assert (
            replay_with_memory(SPACE, "synflow", task, store, round_limit=4, **given).stopped_because
            == "unfinished"
        )  # type: ignore[union-attr, arg-type]
        both = refine_with_memory(SPACE, "synflow", task, store=store, workers=2, round_limit=4, **given)  # type: ignore[arg-type]
        again = replay_with_memory(SPACE, "synflow", task, store, round_limit=4, **given)  # type: ignore[arg-type]
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
