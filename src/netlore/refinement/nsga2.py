"""NSGA-II, by Optuna: a search for the whole front of score against cost, not for one best network."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from netlore.analysis.bootstrap import Estimates
from netlore.analysis.pareto import hypervolume, pareto_front
from netlore.errors import InvalidInput
from netlore.refinement.elites import Memory, costs_of, ranges, scaled
from netlore.refinement.loop import Search, no_scores
from netlore.refinement.optuna_study import (
    architecture_at,
    check_installed,
    distributions,
    places_of,
    quiet_study,
)
from netlore.refinement.result import StopReason
from netlore.space.architecture import Architecture
from netlore.space.sampling import sample
from netlore.storage.score_table import ScoreTable

NETWORKS = 50
COST = "flops"
_TRIALS_EACH = 50
"""Trials for a network, at most: what is no network of the space, or was scored before, is a trial, too."""
_PATIENCE = 5
_LEAST_GAIN = 0.001
"""Share by which the hypervolume must rise for a change."""


@dataclass
class Nsga2(Search):
    """A search for the front at work.

    Option `cost`: the measure that is the second objective; FLOPs if it is not given.

    What `tell` is given without having been asked for, as when an interrupted search goes on, is asked for first:
    Optuna's random numbers are then those of the search that was not interrupted.

    Attributes:
        memory: All scores so far.
    """

    memory: Memory = field(init=False, default_factory=Memory)
    _study: Any = field(init=False)
    _asked: list[list[tuple[Any, Architecture]]] = field(init=False, default_factory=list)
    _told: int = field(init=False, default=0)
    _corner: tuple[float, float] = field(init=False)
    _volume: float = field(init=False, default=0.0)
    _unchanged: int = field(init=False, default=0)
    _costs: dict[Architecture, float] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        super().__post_init__()
        check_installed("the method nsga2", "choose another method")
        import optuna

        population = max(self.settings.networks, 2)  # fewer are no population
        self._study = quiet_study(
            lambda: optuna.samplers.NSGAIISampler(seed=self.settings.seed % 2**32, population_size=population),
            ("maximize", "minimize"),
        )

    @property
    def cost(self) -> str:
        """The measure that is the second objective."""
        found: str = self.settings.options.get("cost", COST)
        return found

    def ask(self, number: int) -> list[Architecture]:
        """At first random architectures of the space; then children of the generation before, each new."""
        return self._draw(number)

    def _draw(self, number: int) -> list[Architecture]:
        space, settings, asked = self.settings.space, self.settings, distributions(self.settings.space)
        found: list[tuple[Any, Architecture]] = []
        if number == 1:
            for one in sample(space, settings.networks, seed=(settings.seed, number)):
                self._study.enqueue_trial(places_of(space, one))
                found.append((self._study.ask(asked), one))
        else:
            known = {one for round_ in self._asked for _, one in round_}
            for _ in range(_TRIALS_EACH * settings.networks):
                if len(found) == settings.networks:
                    break
                trial = self._study.ask(asked)
                child = architecture_at(space, trial.params)
                if child is None or child in known:
                    self._fail(trial)
                    continue
                known.add(child)
                found.append((trial, child))
        self._asked.append(found)
        return [one for _, one in found]

    def tell(self, table: ScoreTable) -> Estimates:
        """Let the population learn the scores; the lowest, middle and highest values along the front."""
        self._told += 1
        if len(self._asked) < self._told:
            self._draw(self._told)
        self._check_asked(table)
        scores = dict(scaled(table, self.settings.predictor))
        for trial, one in self._asked[self._told - 1]:
            if one in scores:
                self._study.tell(trial, (scores[one], self._cost_of(one)))
            else:
                self._fail(trial)
        self.memory.remember(table, self.settings.predictor)
        if not self.memory.scores:
            raise no_scores(table, self.settings.predictor)
        self._look_for_change()
        return ranges(self.elites(), self.settings.space)

    def elites(self) -> list[Architecture]:
        """The front: what no other network beats in both score and cost, the highest score first."""
        known = list(self.memory.scores)
        return [known[place] for place in reversed(pareto_front(*self._objectives()).tolist())]

    def over(self) -> str | None:
        """A plateau, once the front has not moved for long enough."""
        return StopReason.PLATEAU if self._unchanged >= _PATIENCE else None

    def _objectives(self) -> tuple[Any, Any]:
        known = list(self.memory.scores)
        scores = np.asarray([self.memory.mean(one) for one in known])
        return scores, np.asarray([self._cost_of(one) for one in known], dtype=np.float64)

    def _look_for_change(self) -> None:
        """Count rounds in which the front hardly moved; the corner is the worst of the first round in both."""
        scores, costs = self._objectives()
        if self._told == 1:
            self._corner = float(scores.min()), float(costs.max())
        volume = hypervolume(scores, costs, *self._corner)
        if volume > self._volume * (1 + _LEAST_GAIN):
            self._volume, self._unchanged = volume, 0
        else:
            self._unchanged += 1

    def _cost_of(self, one: Architecture) -> float:
        if one not in self._costs:
            found = costs_of([one], self.settings.space)
            if self.cost not in found:
                raise InvalidInput(
                    f"the family {one.family} has no measure {self.cost!r}; choose one of {', '.join(found)}."
                )
            self._costs[one] = float(np.ravel(found[self.cost])[0])
        return self._costs[one]

    def _check_asked(self, table: ScoreTable) -> None:
        """Refuse rounds that other random numbers led to."""
        asked = [one.id for _, one in self._asked[self._told - 1]]
        if sorted(asked) != sorted({row.architecture.id for row in table.rows}):
            raise InvalidInput(
                f"round {self._told} of this search holds other networks than this version of Optuna asks for; "
                "go on with the version that began it, or begin in another folder."
            )

    def _fail(self, trial: Any) -> None:
        import optuna

        self._study.tell(trial, state=optuna.trial.TrialState.FAIL)
