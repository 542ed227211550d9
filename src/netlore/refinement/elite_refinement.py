"""The method with memory: an elite-based search with a surrogate. A refinement that repeats.

The paper's refinement rests on a dozen networks a round, narrows every hyperparameter at once, and never looks
back; which corner it ends in depends on the seed. Here the best architectures of all rounds decide, each by its
scores and by those of architectures like it, and every round is drawn around them and wherever in the original
space a surrogate of all scores is highest.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from netlore.analysis.elite_scores import ELITE, best_first
from netlore.analysis.interval_overlap import overlap
from netlore.errors import BudgetUnreachable
from netlore.refinement.elites import EliteSearch, points_of, ranges
from netlore.refinement.result import Intervals, StopReason, intervals_of
from netlore.refinement.surrogate import Surrogate, blup, fit_surrogate
from netlore.space.architecture import Architecture
from netlore.space.design_space import Values
from netlore.space.sampling import candidates, everything, neighbours, sample, values_of
from netlore.storage.score_table import ScoreTable

NETWORKS = 60

_CANDIDATES = 1 << 15
_WIDE_NEIGHBOURS = 2_000
_WIDE = 6
"""Grid steps from an elite to the farthest architecture whose surrogate score is looked at."""


@dataclass(frozen=True)
class EliteSettings:
    """The constants of the method; other values than the usual ones serve to find out what each is for.

    Attributes:
        elites: Architectures that decide.
        max_draws: Initialisations of an architecture, at most.
        surrogate_share: Share of a round that is drawn where the surrogate is highest.
        neighbour_share: Share of a round that is drawn near the elites.
        max_steps: Grid steps from an elite to its farthest neighbour.
        patience: Rounds without a change after which it ends.
        min_gain_se: Standard errors by which the elites must rise for a change.
        min_overlap: Overlap of intervals below which they have changed.
    """

    elites: int = ELITE
    max_draws: int = 3
    surrogate_share: float = 0.5
    neighbour_share: float = 0.25
    max_steps: int = 3
    patience: int = 5
    min_gain_se: float = 2.0
    min_overlap: float = 0.9


@dataclass
class EliteRefinement(EliteSearch):
    """A refinement with memory at work.

    Option `constants`: other `EliteSettings`.
    """

    _elites: list[Architecture] = field(init=False, default_factory=list)
    _surrogate: Surrogate = field(init=False, default_factory=lambda: Surrogate(0.0, None))
    _best: float = field(init=False, default=-math.inf)
    _unchanged: int = field(init=False, default=0)
    _before: Intervals = field(init=False, default_factory=dict)

    @property
    def constants(self) -> EliteSettings:
        """The constants of the method."""
        found: EliteSettings = self.settings.options.get("constants", EliteSettings())
        return found

    def ask(self, number: int) -> list[Architecture]:
        """Each once: where the surrogate is highest, from the box, near the elites, and elites scored again."""
        settings, constants = self.settings, self.constants
        promising = round(constants.surrogate_share * settings.networks) if self._elites else 0
        near = round(constants.neighbour_share * settings.networks) if self._elites else 0
        found = self._in_the_box(number, settings.networks - promising - near)
        rng = np.random.default_rng((settings.seed, number, 1))
        if near:
            values = neighbours(settings.space, self._elites, near, constants.max_steps, rng)
            found += settings.space.architectures(values)
        if promising:
            found += self._promising(promising, rng)
        wanted = (one for one in (*found, *self._elites) if self.draws[one.id] < constants.max_draws)
        return list(dict.fromkeys(wanted))

    def learn(self, table: ScoreTable) -> None:
        """Fit the surrogate to all scores; find the elites, and whether anything has changed."""
        known = list(self.memory.scores)
        names = [one.id for one in known]
        means = np.asarray([self.memory.mean(one) for one in known])
        draws = np.asarray([len(self.memory.scores[one]) for one in known])
        points, noise = points_of(self.settings.space, values_of(self.settings.space, known)), self.memory.noise()
        self._surrogate = fit_surrogate(points, means, draws)
        estimates = self.estimate(means, draws, self._surrogate.at(points), noise)
        order = best_first(estimates.tolist(), names)[: self.constants.elites]
        self._elites = [known[i] for i in order]
        error = noise * math.sqrt(float(np.sum(1 / draws[order]))) / len(order)
        self._look_for_change(float(np.mean(estimates[order])), error)

    def estimate(
        self, means: NDArray[np.float64], draws: NDArray[np.intp], predicted: NDArray[np.float64], noise: float
    ) -> NDArray[np.float64]:
        """True scores of architectures by their own scores and the surrogate; see `blup`."""
        return blup(means, draws, predicted, noise)

    def elites(self) -> list[Architecture]:
        """The architectures with the highest estimates, the best first."""
        return self._elites

    def over(self) -> str | None:
        """A plateau, once nothing has changed for long enough."""
        return StopReason.PLATEAU if self._unchanged >= self.constants.patience else None

    def _look_for_change(self, mean: float, error: float) -> None:
        """Count rounds in which the elites neither rose nor moved."""
        grids, constants = self.settings.space.grids, self.constants
        now = intervals_of(ranges(self._elites, self.settings.space), grids)
        risen = mean > self._best + constants.min_gain_se * error
        moved = not self._before or overlap(self._before, now, grids) < constants.min_overlap
        if risen:
            self._best = mean
        if risen or moved:
            self._before, self._unchanged = now, 0
        else:
            self._unchanged += 1

    def _in_the_box(self, number: int, count: int) -> list[Architecture]:
        if count < 1:
            return []
        try:
            return sample(self.space, count, seed=(self.settings.seed, number))
        except BudgetUnreachable:
            if number == 1:
                raise
            return []  # a box of marginal ranges need not hold anything within the budget

    def _promising(self, count: int, rng: np.random.Generator) -> list[Architecture]:
        """Architectures without a score where the surrogate is highest."""
        space = self.settings.space
        small = space.is_planned and space.cardinality <= _CANDIDATES
        values = everything(space) if small else self._candidates(rng)
        order = np.argsort(-self._surrogate.at(points_of(space, values)), kind="stable")
        found: dict[Architecture, None] = {}
        for start in range(0, len(order), count):
            part = order[start : start + count]
            unscored = space.architectures({name: column[part] for name, column in values.items()})
            found.update(dict.fromkeys(one for one in unscored if not self.draws[one.id]))
            if len(found) >= count:
                break
        return list(found)[:count]

    def _candidates(self, rng: np.random.Generator) -> Values:
        """Random architectures, and some near the elites."""
        space = self.settings.space
        drawn, admitted = candidates(space, rng, _CANDIDATES)
        near = neighbours(space, self._elites, _WIDE_NEIGHBOURS, _WIDE, rng)
        return {name: np.concatenate((drawn[name][admitted], near[name])) for name in drawn}
