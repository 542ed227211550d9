"""What a search for the best architectures remembers: every score of every architecture, and the best of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from netlore.analysis import Floats
from netlore.analysis.bootstrap import Estimate, Estimates, Shares
from netlore.analysis.elite_scores import ELITE, best_first, mean
from netlore.refinement.loop import Search, no_scores
from netlore.refinement.result import Refinement
from netlore.scoring.predictor import Predictor
from netlore.scoring.transforms import TRANSFORMS
from netlore.space.architecture import Architecture
from netlore.space.complexity import columns, complexity_of_values
from netlore.space.design_space import DesignSpace, Values
from netlore.space.distribution import is_category
from netlore.space.sampling import grid_indices_of, values_of
from netlore.space.totals import Value
from netlore.storage.score_table import ScoreTable


@dataclass
class Memory:
    """Every score of every architecture so far, on the predictor's scale.

    Attributes:
        scores: By architecture, in the order in which they were scored; those without a finite score are missing.
    """

    scores: dict[Architecture, list[float]] = field(default_factory=lambda: defaultdict(list))

    def remember(self, table: ScoreTable, predictor: Predictor) -> None:
        """Add a round's scores."""
        for architecture, value in scaled(table, predictor):
            self.scores[architecture].append(value)

    def elites(self, count: int = ELITE) -> list[Architecture]:
        """The architectures with the highest means, the best first; of equal ones the smaller id."""
        known = list(self.scores)
        means = map(mean, self.scores.values())
        return [known[i] for i in best_first(means, [one.id for one in known])[:count]]

    def mean(self, architecture: Architecture) -> float:
        """The mean of an architecture's scores."""
        return mean(self.scores[architecture])

    def noise(self) -> float:
        """Pooled standard deviation of the scores of one architecture; 0 if none has two."""
        repeated = [np.asarray(one) for one in self.scores.values() if len(one) > 1]
        squares = sum(float(np.sum((one - np.mean(one)) ** 2)) for one in repeated)
        freedom = sum(len(one) - 1 for one in repeated)
        return float(np.sqrt(squares / freedom)) if freedom else 0.0


@dataclass
class EliteSearch(Search):
    """A search whose intervals are the ranges of its elites, the best architectures of all rounds.

    Attributes:
        memory: All scores so far.
    """

    memory: Memory = field(init=False, default_factory=Memory)

    def tell(self, table: ScoreTable) -> Estimates:
        """Remember the scores; the lowest, middle and highest values among the elites."""
        self.memory.remember(table, self.settings.predictor)
        if not self.memory.scores:
            raise no_scores(table, self.settings.predictor)
        self.learn(table)
        return ranges(self.elites(), self.settings.space)

    def learn(self, table: ScoreTable) -> None:
        """Learn from a round that is remembered already; nothing by default."""

    def elites(self) -> list[Architecture]:
        """The architectures with the highest mean scores."""
        return self.memory.elites()


def scaled(table: ScoreTable, predictor: Predictor) -> list[tuple[Architecture, float]]:
    """Architectures and their scores on the predictor's scale, in the table's order; only finite ones."""
    rows = [(row.architecture, row.score.value) for row in table.rows if row.score.value is not None]
    values = TRANSFORMS.get(predictor.transform).apply(np.asarray([value for _, value in rows], dtype=np.float64))
    found = ((one, float(value)) for (one, _), value in zip(rows, values, strict=True))
    return [(one, value) for one, value in found if np.isfinite(value)]


def points_of(space: DesignSpace, values: Values) -> Floats:
    """Where architectures lie on each grid, from -1 for the lowest value to 1; of a category a coordinate for each
    name but the first, 1 where an architecture has it and else -1; shape (n, k)."""
    columns: list[Floats] = []
    for grid, column in zip(space.grids.values(), grid_indices_of(space, values).T, strict=True):
        if is_category(grid):
            columns += [2.0 * (column == place) - 1 for place in range(1, len(grid))]
        else:
            columns.append(2 * column / max(len(grid) - 1, 1) - 1)
    return np.stack(columns, axis=1)


def ranges(architectures: Sequence[Architecture], space: DesignSpace) -> Estimates:
    """Lowest, middle and highest value of every hyperparameter and complexity among architectures, and the share
    of each name of a category."""
    columns = {name: [one.values[name] for one in architectures] for name in space.hyperparameters}
    costs = costs_of(architectures, space).items()
    columns |= {name: np.broadcast_to(column, len(architectures)).tolist() for name, column in costs}
    return {name: _range(values, space.grids.get(name, ())) for name, values in columns.items()}


def remembered(refinement: Refinement, predictor: Predictor) -> Memory:
    """The scores of all rounds of a refinement.

    Raises:
        InvalidInput: There is none.
    """
    memory = Memory()
    for one in refinement.rounds:
        memory.remember(one.table, predictor)
    if not memory.scores:
        raise no_scores(refinement.rounds[-1].table, predictor, refinement.rounds[-1].number)
    return memory


def costs_of(architectures: Sequence[Architecture], space: DesignSpace) -> dict[str, Value]:
    """Complexities of architectures, of all at once."""
    values = values_of(space, architectures)
    sizes = (space.num_classes, space.resolution, space.channels, columns(space.budget.limits()))
    return complexity_of_values(space.family, values, *sizes).as_dict()


def _range(values: list[Any], grid: Sequence[Any]) -> Estimate | Shares:
    if is_category(grid):
        return Shares({name: values.count(name) / len(values) for name in grid if name in values}, tail=0.0)
    ordered = sorted(values)
    return Estimate(ordered[0], ordered[(len(ordered) - 1) // 2], ordered[-1])
