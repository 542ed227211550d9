"""What refinements are measured against, in the same currency, networks scored: random search and evolution."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

import numpy as np

from netlore.refinement.elites import EliteSearch, scaled
from netlore.space.architecture import Architecture
from netlore.space.sampling import neighbours, sample
from netlore.storage.score_table import ScoreTable

NETWORKS = 50
POPULATION = 100
TOURNAMENT = 25
"""Both as in Real et al. 2019."""


@dataclass
class RandomSearch(EliteSearch):
    """A random search at work."""

    def ask(self, number: int) -> list[Architecture]:
        """Random architectures of the space."""
        return sample(self.settings.space, self.settings.networks, seed=(self.settings.seed, number))


@dataclass
class Evolution(EliteSearch):
    """A regularised evolution at work.

    Attributes:
        population: The architectures that were scored last, each with its score, the oldest first.
    """

    population: deque[tuple[Architecture, float]] = field(init=False, default_factory=deque)

    def ask(self, number: int) -> list[Architecture]:
        """Random architectures until the population is full, then children."""
        settings = self.settings
        if (number - 1) * settings.networks < POPULATION or not self.population:
            return sample(settings.space, settings.networks, seed=(settings.seed, number))
        rng = np.random.default_rng((settings.seed, number, 1))
        children = (self._child(rng) for _ in range(settings.networks))
        return [child for child in children if child is not None]

    def learn(self, table: ScoreTable) -> None:
        """Add the newborn, and let the oldest die; what has no score never joins."""
        self.population.extend(scaled(table, self.settings.predictor))
        while len(self.population) > max(POPULATION, self.settings.networks):
            self.population.popleft()

    def _child(self, rng: np.random.Generator) -> Architecture | None:
        """The best of a tournament, one grid step further; None where no step leads to a network of the space."""
        size = min(TOURNAMENT, len(self.population))
        members = [self.population[place] for place in rng.choice(len(self.population), size, replace=False)]
        parent, _ = max(members, key=lambda member: member[1])
        found = self.settings.space.architectures(neighbours(self.settings.space, [parent], 1, 1, rng))
        return found[0] if found else None
