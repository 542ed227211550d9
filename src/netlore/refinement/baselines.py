"""What refinements are measured against, in the same currency, networks scored: random search and evolution."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from netlore.data import Task
from netlore.refinement.elites import scaled
from netlore.refinement.loop import Search, checked_course, replayed, searched
from netlore.refinement.paper_refinement import Progress
from netlore.refinement.result import ROUND_LIMIT, Refinement
from netlore.scoring.predictor import Predictor
from netlore.space.architecture import Architecture
from netlore.space.design_space import DesignSpace
from netlore.space.sampling import neighbours, sample
from netlore.storage.score_store import Store
from netlore.storage.score_table import ScoreTable

NETWORKS = 50
POPULATION = 100
TOURNAMENT = 25
"""Both as in Real et al. 2019."""


def random_search(
    space: DesignSpace,
    predictor: str | Predictor,
    task: Task,
    networks: int = NETWORKS,
    seed: int = 0,
    store: Store | Path | str | None = None,
    workers: int = 1,
    dtype: str = "float32",
    device: str = "cpu",
    round_limit: int = ROUND_LIMIT,
    progress: Progress | None = None,
) -> Refinement:
    """Score random architectures of a design space, and look at the best of them.

    Every round draws `networks` distinct architectures from the space's distributions within its budget; there are
    `round_limit` rounds. One that an earlier round drew is initialised anew.

    Arguments and errors are those of `refine_with_memory`.

    Returns:
        A refinement as `refine` gives it. A round's estimates are the lowest, middle and highest values among the
        12 architectures with the highest mean scores so far; its space is their box after the round before, though
        nothing is drawn from it.
    """
    search = RandomSearch(checked_course(space, predictor, task, seed, networks, round_limit))
    return searched(search, task, store, workers, dtype, device, progress)


def replay_random_search(
    space: DesignSpace,
    predictor: str | Predictor,
    task: Task,
    store: Store,
    networks: int = NETWORKS,
    seed: int = 0,
    round_limit: int = ROUND_LIMIT,
) -> Refinement | None:
    """The random search that a store holds, without scoring anything; see `refinement.replay`."""
    return replayed(RandomSearch(checked_course(space, predictor, task, seed, networks, round_limit)), task, store)


def regularised_evolution(
    space: DesignSpace,
    predictor: str | Predictor,
    task: Task,
    networks: int = NETWORKS,
    seed: int = 0,
    store: Store | Path | str | None = None,
    workers: int = 1,
    dtype: str = "float32",
    device: str = "cpu",
    round_limit: int = ROUND_LIMIT,
    progress: Progress | None = None,
) -> Refinement:
    """Let a population age: the best of a tournament has a child one grid step away, and the oldest die.

    The population are the 100 architectures that were scored last (as many as a round has, if that is more),
    random ones at first. In every further round each of `networks` children has a parent of its own, the best of
    25 random members of the population before the round; it differs from the parent by one step on the grid of one
    hyperparameter, within the space and its budget. A member counts by the one score it was given, as in the
    source; there are `round_limit` rounds. Children of one round are scored side by side, as workers did in the
    source.

    Arguments, result and errors are those of `random_search`.

    Source: Real, Aggarwal, Huang, Le, Regularized Evolution for Image Classifier Architecture Search, AAAI 2019.
    """
    search = Evolution(checked_course(space, predictor, task, seed, networks, round_limit))
    return searched(search, task, store, workers, dtype, device, progress)


def replay_evolution(
    space: DesignSpace,
    predictor: str | Predictor,
    task: Task,
    store: Store,
    networks: int = NETWORKS,
    seed: int = 0,
    round_limit: int = ROUND_LIMIT,
) -> Refinement | None:
    """The evolution that a store holds, without scoring anything; see `refinement.replay`."""
    return replayed(Evolution(checked_course(space, predictor, task, seed, networks, round_limit)), task, store)


@dataclass
class RandomSearch(Search):
    """A random search under way."""

    def ask(self, number: int) -> list[Architecture]:
        """Random architectures of the space."""
        return sample(self.course.space, self.course.networks, seed=(self.course.seed, number))


@dataclass
class Evolution(Search):
    """A regularised evolution under way.

    Attributes:
        population: The architectures that were scored last, each with its score, the oldest first.
    """

    population: deque[tuple[Architecture, float]] = field(default_factory=deque)

    def ask(self, number: int) -> list[Architecture]:
        """Random architectures until the population is full, then children."""
        course = self.course
        if (number - 1) * course.networks < POPULATION or not self.population:
            return sample(course.space, course.networks, seed=(course.seed, number))
        rng = np.random.default_rng((course.seed, number, 1))
        children = (self._child(rng) for _ in range(course.networks))
        return [child for child in children if child is not None]

    def tell(self, table: ScoreTable) -> None:
        """Add the newborn, and let the oldest die; what has no score never joins."""
        super().tell(table)
        self.population.extend(scaled(table, self.course.predictor))
        while len(self.population) > max(POPULATION, self.course.networks):
            self.population.popleft()

    def _child(self, rng: np.random.Generator) -> Architecture | None:
        size = min(TOURNAMENT, len(self.population))
        members = [self.population[place] for place in rng.choice(len(self.population), size, replace=False)]
        parent, _ = max(members, key=lambda member: member[1])
        found = self.course.space.architectures(neighbours(self.course.space, [parent], 1, 1, rng))
        return found[0] if found else None
