"""refine_with_memory(): a refinement that repeats. It remembers what it scored, and looks where that points.

The paper's refinement rests on a dozen networks a round, narrows every hyperparameter at once, and never looks
back; which corner it ends in depends on the seed. Here the best architectures of all rounds decide, each by its
scores and by those of architectures like it, and every round is drawn around them and wherever in the original
space the trend of all scores is highest.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from netlore.analysis.interval_overlap import overlap
from netlore.data import Task
from netlore.errors import BudgetUnreachable
from netlore.refinement.elites import ELITES, ranges
from netlore.refinement.loop import Search, checked_course, replayed, searched
from netlore.refinement.paper_refinement import Progress
from netlore.refinement.result import ROUND_LIMIT, Refinement
from netlore.refinement.surrogate import Trend, fit_trend, shrunken
from netlore.scoring.predictor import Predictor
from netlore.space.architecture import Architecture
from netlore.space.design_space import DesignSpace
from netlore.space.distribution import Interval
from netlore.space.sampling import Values, candidates, grid_places, neighbours, sample, values_of
from netlore.storage.score_store import Store
from netlore.storage.score_table import ScoreTable

NETWORKS = 60
MOST_DRAWS = 3
PATIENCE = 5


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

    Every scored network is remembered, on the predictor's scale. A quadratic *trend* in the places on the grids is
    fitted to all scores (`analysis.trend.fit_trend`), and an architecture is *worth* what its own scores, under at
    most three initialisations, and the trend say together, each as far as it can be believed
    (`analysis.trend.shrunken`); so the luckiest of many does not win. The *elites* are the 12 architectures that
    are worth most; the interval of a hyperparameter is their range.

    The first round draws from the space. Of each further one half is where the trend is highest, among random
    architectures of the original space and up to six grid steps from the elites; a quarter is drawn from the box
    of the intervals, and a quarter one to three grid steps from the elites, anywhere within the original space and
    its budget. Elites with fewer than three initialisations are scored again besides.

    It ends once for five rounds the elites' mean worth has not risen by more than twice its standard error, and
    their intervals still overlap by 90 % (`analysis.agreement.overlap`) with what they were before.

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
        elites; its space is the box of the round before.

    Raises:
        InvalidInput: Something asked for does not exist or does not fit, or no network of the first round has a
            score.
    """
    search = RefinementWithMemory(checked_course(space, predictor, task, seed, networks, round_limit))
    return searched(search, task, store, workers, dtype, device, progress)


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
    search = RefinementWithMemory(checked_course(space, predictor, task, seed, networks, round_limit))
    return replayed(search, task, store)


@dataclass(frozen=True)
class Habits:
    """What a refinement with memory goes by; other values than the usual ones serve to find out what each is for.

    Attributes:
        elites: Architectures that decide.
        most_draws: Initialisations of an architecture, at most.
        by_trend: Share of a round that is drawn where the trend is highest.
        by_neighbours: Share of a round that is drawn near the elites.
        farthest: Grid steps from an elite to its farthest neighbour.
        patience: Rounds without a change after which it ends.
        doubt: Standard errors by which the elites must rise for a change.
        alike: Overlap of intervals below which they have changed.
    """

    elites: int = ELITES
    most_draws: int = MOST_DRAWS
    by_trend: float = 0.5
    by_neighbours: float = 0.25
    farthest: int = 3
    patience: int = PATIENCE
    doubt: float = 2.0
    alike: float = 0.9


@dataclass
class RefinementWithMemory(Search):
    """A refinement with memory under way.

    Attributes:
        habits: What it goes by.
    """

    habits: Habits = field(default_factory=Habits)
    _elites: list[Architecture] = field(default_factory=list)
    _trend: Trend = field(default_factory=lambda: Trend(0.0, None))
    _best: float = -math.inf
    _since: int = 0
    _before: dict[str, Interval] = field(default_factory=dict)

    def ask(self, number: int) -> list[Architecture]:
        """Each once: where the trend is highest, from the box, near the elites, and elites to be scored again."""
        course, habits = self.course, self.habits
        promised = round(habits.by_trend * course.networks) if self._elites else 0
        near = round(habits.by_neighbours * course.networks) if self._elites else 0
        found = self._in_the_box(number, course.networks - promised - near)
        rng = np.random.default_rng((course.seed, number, 1))
        if near:
            values = neighbours(course.space, self._elites, near, habits.farthest, rng)
            found += course.space.architectures(values)
        if promised:
            found += self._promising(promised, rng)
        fresh = (one for one in (*found, *self._elites) if self.draws[one.id] < habits.most_draws)
        return list(dict.fromkeys(fresh))

    def tell(self, table: ScoreTable) -> None:
        """Remember the scores; find the trend, the elites, and whether anything has changed."""
        super().tell(table)
        known = list(self.memory.scores)
        means = np.asarray([self.memory.mean(one) for one in known])
        draws = np.asarray([len(self.memory.scores[one]) for one in known])
        places = self._places(values_of(self.course.space, known))
        noise = self.memory.noise()
        self._trend = fit_trend(places, means, draws)
        worth = self.worth(means, draws, self._trend.at(places), noise)
        order = sorted(range(len(known)), key=lambda place: (-worth[place], known[place].id))[: self.habits.elites]
        self._elites = [known[place] for place in order]
        error = noise * math.sqrt(float(np.sum(1 / draws[order]))) / len(order)
        self._look_for_change(float(np.mean(worth[order])), error)

    def worth(
        self, means: NDArray[np.float64], draws: NDArray[np.intp], trend: NDArray[np.float64], noise: float
    ) -> NDArray[np.float64]:
        """What architectures are worth by their own scores and the trend; see `shrunken`."""
        return shrunken(means, draws, trend, noise)

    def elites(self) -> list[Architecture]:
        """The architectures that are worth most, the best first."""
        return self._elites

    def over(self) -> str | None:
        """A plateau, once nothing has changed for long enough."""
        return "plateau" if self._since >= self.habits.patience else None

    def _look_for_change(self, mean: float, error: float) -> None:
        """Count rounds in which the elites neither rose nor moved."""
        estimates = ranges(self._elites, self.course.space)
        now = {name: Interval(estimates[name].low, estimates[name].high) for name in self.course.space.grids}
        risen = mean > self._best + self.habits.doubt * error
        moved = not self._before or overlap(self._before, now, self.course.space.grids) < self.habits.alike
        if risen:
            self._best = mean
        if risen or moved:
            self._before, self._since = now, 0
        else:
            self._since += 1

    def _in_the_box(self, number: int, count: int) -> list[Architecture]:
        if count < 1:
            return []
        try:
            return sample(self.box, count, seed=(self.course.seed, number))
        except BudgetUnreachable:
            if number == 1:
                raise
            return []  # a box of marginal ranges need not hold anything within the budget

    def _promising(self, count: int, rng: np.random.Generator) -> list[Architecture]:
        """Architectures without a score where the trend is highest, of many random and many near the elites."""
        space = self.course.space
        drawn, admitted = candidates(space, rng, _CANDIDATES)
        near = neighbours(space, self._elites, _WIDE_NEIGHBOURS, _WIDE, rng)
        values = {name: np.concatenate((drawn[name][admitted], near[name])) for name in drawn}
        order = np.argsort(-self._trend.at(self._places(values)), kind="stable")
        found: dict[Architecture, None] = {}
        for start in range(0, len(order), count):
            part = order[start : start + count]
            fresh = space.architectures({name: column[part] for name, column in values.items()})
            found.update(dict.fromkeys(one for one in fresh if not self.draws[one.id]))
            if len(found) >= count:
                break
        return list(found)[:count]

    def _places(self, values: Values) -> NDArray[np.float64]:
        """Where architectures lie on each grid, from -1 for the lowest value to 1."""
        space = self.course.space
        last = np.asarray([max(len(grid) - 1, 1) for grid in space.grids.values()])
        return np.asarray(2 * grid_places(space, values) / last - 1, dtype=np.float64)


_CANDIDATES = 1 << 15
_WIDE_NEIGHBOURS = 2_000
_WIDE = 6
"""Grid steps from an elite to the farthest architecture whose trend is looked at."""
