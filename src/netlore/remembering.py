"""refine_with_memory(): a refinement that repeats. It remembers what it scored, and looks around the best of it.

The paper's refinement rests on a dozen networks a round, narrows every hyperparameter at once, and never looks
back; which corner it ends in depends on the seed. Here the best architectures of all rounds decide, each by the
mean of its scores, and half of every round is drawn one to three grid steps around them, anywhere in the original
space.
"""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from netlore.analysis.bootstrap import Estimate
from netlore.data import Task
from netlore.errors import BudgetUnreachable
from netlore.refinement import (
    NothingStoredError,
    Progress,
    Scored,
    check_fits,
    one_predictor,
    scoring,
    with_scores,
)
from netlore.rounds import ROUND_LIMIT, Refinement, Round
from netlore.sampling import sample
from netlore.scores import ScoreTable
from netlore.scoring.predictor import Predictor
from netlore.scoring.scorer import Settings, numbered, stored_scores
from netlore.scoring.transforms import TRANSFORMS
from netlore.space.architecture import Architecture
from netlore.space.complexity import MEASURES, complexity
from netlore.space.design_space import DesignSpace
from netlore.store import Store

NETWORKS = 125
ELITES = 12
MOST_DRAWS = 3
PATIENCE = 3
FARTHEST = 3
"""Grid steps from an elite to its farthest neighbour."""


def refine_with_memory(
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
    """Narrow a design space to the best architectures of all rounds.

    Every scored network is remembered. An architecture counts by the mean of its scores, on the predictor's scale,
    under at most three initialisations, so that the luckiest of many does not win. The *elites* are the 12
    remembered architectures with the highest means; the interval of a hyperparameter is their range. The first
    round draws from the space; each further one draws half of its networks from the box of the intervals, and half
    around the elites: one to three steps of plus or minus one on the grid of a random hyperparameter, within the
    original space and its budget. Elites with fewer than three initialisations are scored again besides.

    It ends once the mean of the elites has not risen by more than the *noise* for three rounds: the pooled
    standard deviation of the scores of one architecture.

    Args:
        space: Where to begin; nothing outside it is ever drawn.
        predictor: Name, or the predictor itself.
        task: The batch, the same for every network.
        networks: Networks to draw in a round, at least 1, besides elites that are scored again.
        seed: The run's seed; decides architectures and initial weights.
        store: A store, or a folder for one. What it holds is not computed again, so the same call resumes.
        workers: Processes to use; results do not depend on it.
        dtype: Precision, `float32` or `float64`; synflow always has float64.
        device: A torch device, `cpu` or `cuda`.
        round_limit: Give up after so many rounds.
        progress: Told about every network.

    Returns:
        A refinement as `refine` gives it. A round's estimates are the lowest, middle and highest values among the
        elites; its space is the box that half of its networks were drawn from.

    Raises:
        InvalidInput: Something asked for does not exist or does not fit, or no network of the first round has a
            score.
    """
    found = one_predictor(predictor)
    check_fits(space, task, networks, round_limit)
    course = Course(space, found, seed, networks, round_limit)
    with scoring(Settings(task, (found,), seed, dtype, device), store, workers, progress) as scored:
        return _refine(course, scored)


def replay_with_memory(
    space: DesignSpace,
    predictor: str | Predictor,
    task: Task,
    store: Store,
    networks: int = NETWORKS,
    seed: int = 0,
    round_limit: int = ROUND_LIMIT,
) -> Refinement | None:
    """The refinement with memory that a store holds, without scoring anything; see `refinement.replay`."""
    found = one_predictor(predictor)
    check_fits(space, task, networks, round_limit)
    settings = Settings(task, (found,), seed)
    course = Course(space, found, seed, networks, round_limit)
    try:
        return _refine(course, lambda number, drawn: stored_scores(drawn, settings, store))
    except NothingStoredError:
        return None


@dataclass(frozen=True)
class Course:
    """What a refinement's course depends on, besides the scores."""

    space: DesignSpace
    predictor: Predictor
    seed: int
    networks: int
    round_limit: int


@dataclass
class Memory:
    """Every score of every architecture so far, on the predictor's scale.

    Attributes:
        scores: By architecture, in the order in which they were scored; those without a finite score are missing.
    """

    scores: dict[Architecture, list[float]] = field(default_factory=lambda: defaultdict(list))

    def remember(self, table: ScoreTable, predictor: Predictor) -> None:
        """Add a round's scores."""
        scale = TRANSFORMS[predictor.transform].apply
        for row in table.rows:
            if row.score.value is not None:
                value = float(scale(np.asarray([row.score.value]))[0])
                if np.isfinite(value):
                    self.scores[row.architecture].append(value)

    def elites(self, count: int = ELITES) -> list[Architecture]:
        """The architectures with the highest means, the best first; of equal ones the smaller id."""
        return sorted(self.scores, key=lambda one: (-self.mean(one), one.id))[:count]

    def mean(self, architecture: Architecture) -> float:
        """The mean of an architecture's scores."""
        return float(np.mean(self.scores[architecture]))

    def noise(self) -> float:
        """Pooled standard deviation of the scores of one architecture; 0 if none has two."""
        squares = sum(float(np.sum((np.asarray(one) - np.mean(one)) ** 2)) for one in self.scores.values())
        freedom = sum(len(one) - 1 for one in self.scores.values())
        return float(np.sqrt(squares / freedom)) if freedom else 0.0


def _refine(course: Course, scored: Scored) -> Refinement:
    """The loop. It ends early where `scored` has no table for a round."""
    start = time.perf_counter()
    memory, draws, rounds = Memory(), Counter[str](), list[Round]()
    box, elites = course.space, list[Architecture]()
    best, since, stopped = -np.inf, 0, None
    while stopped is None:
        number = len(rounds) + 1
        drawn = _drawn(course, number, box, elites, draws)
        if not drawn:  # everything near the elites was scored three times
            stopped = "plateau"
            break
        table = scored(number, numbered(drawn, draws))
        if table is None:
            stopped = "unfinished"
            break
        if number == 1:
            with_scores(table, course.predictor.name, number)
        memory.remember(table, course.predictor)
        elites = memory.elites()
        mean = float(np.mean([memory.mean(one) for one in elites]))
        best, since = (mean, 0) if mean > best + memory.noise() else (best, since + 1)
        rounds.append(Round(number, box, table, _estimates(elites, course.space), len(drawn) < course.networks))
        box = course.space.restrict(rounds[-1].intervals)
        if since >= PATIENCE:
            stopped = "plateau"
        elif number >= course.round_limit:
            stopped = "round limit"
    if not rounds:
        raise NothingStoredError
    seconds = time.perf_counter() - start
    return Refinement(course.predictor.name, course.space, course.seed, tuple(rounds), stopped, seconds)


def _drawn(
    course: Course, number: int, box: DesignSpace, elites: list[Architecture], draws: Counter[str]
) -> list[Architecture]:
    """A round's architectures, each once: from the box, around the elites, and elites to be scored again."""
    around = course.networks // 2 if elites else 0
    try:
        found = sample(box, course.networks - around, seed=(course.seed, number))
    except BudgetUnreachable:
        if not elites:
            raise
        found = []  # a box of marginal ranges need not hold anything within the budget
    rng = np.random.default_rng((course.seed, number, 1))
    found += [one for one, _ in zip(_neighbours(elites, course.space, rng), range(around), strict=False)]
    fresh = [one for one in (*found, *elites) if draws[one.id] < MOST_DRAWS]
    return list(dict.fromkeys(fresh))


def _neighbours(
    elites: list[Architecture], space: DesignSpace, rng: np.random.Generator
) -> Iterator[Architecture]:
    """Architectures a few grid steps from a random elite, within the space and its budget; it may end early."""
    grids = space.grids
    for _ in range(_TRIALS * len(elites)):
        values = elites[rng.integers(len(elites))].values
        for _ in range(rng.integers(1, FARTHEST + 1)):
            name = space.hyperparameters[rng.integers(len(space.hyperparameters))]
            place = grids[name].index(values[name]) + (1 if rng.integers(2) else -1)
            values[name] = grids[name][min(max(place, 0), len(grids[name]) - 1)]
        found = Architecture(space.family, tuple(values.items()))
        if space.contains(found):
            yield found


_TRIALS = 1_000


def _estimates(elites: list[Architecture], space: DesignSpace) -> dict[str, Estimate]:
    """Lowest, middle and highest value of every hyperparameter and complexity among the elites."""
    costs = [complexity(one, space.num_classes, space.resolution).as_dict() for one in elites]
    columns = {name: [one.values[name] for one in elites] for name in space.hyperparameters}
    columns |= {name: [int(one[name]) for one in costs] for name in MEASURES}
    ordered = {name: sorted(values) for name, values in columns.items()}
    return {name: Estimate(one[0], one[(len(one) - 1) // 2], one[-1]) for name, one in ordered.items()}
