"""What a refinement finds: rounds, the intervals of each, and why there is no further one."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from netlore.analysis.bootstrap import Estimate
from netlore.space.architecture import Architecture
from netlore.space.design_space import DesignSpace
from netlore.space.distribution import Interval
from netlore.storage.score_table import ScoreTable

Intervals = dict[str, Interval]

ROUND_LIMIT = 100


@dataclass(frozen=True)
class Round:
    """One pass of the loop.

    Attributes:
        number: 1 for the first.
        space: The design space that was sampled; of a search with elites, the box of their ranges before the
            round, to which its networks are not confined.
        table: The round's networks and their scores.
        estimates: Percentiles of the best network's hyperparameters and complexities; of a search with elites, the
            lowest, middle and highest values among them.
        exhausted: There were fewer architectures to score than were asked for, as a rule all that the space held;
            each of them was scored once.
    """

    number: int
    space: DesignSpace
    table: ScoreTable
    estimates: dict[str, Estimate]
    exhausted: bool

    @property
    def intervals(self) -> Intervals:
        """The interval of each hyperparameter that this round found."""
        return {
            name: Interval(self.estimates[name].low, self.estimates[name].high)
            for name in self.space.hyperparameters
        }

    @property
    def frame(self) -> pd.DataFrame:
        """A row per network: hyperparameters, complexities, and the raw score."""
        return self.table.wide


@dataclass(frozen=True)
class Refinement:
    """A finished refinement.

    Attributes:
        predictor: Whose principles these are.
        space: The design space it began with.
        seed: The run's seed.
        rounds: Every round, in order.
        stopped_because: `single point`, `fixed point`, `cycle` or `round limit`; with memory `plateau`, `round
            limit`, or `exhausted` if nothing was left to score; of a baseline as a rule `round limit`;
            `unfinished` if replayed from a store that ends before the refinement does.
        seconds: Time that this call took; what was found in a store took none.
        elites: The architectures whose ranges are the last intervals, the best first; the paper's method has none.
    """

    predictor: str
    space: DesignSpace
    seed: int
    rounds: tuple[Round, ...]
    stopped_because: str
    seconds: float
    elites: tuple[Architecture, ...] = ()

    @property
    def principles(self) -> Intervals:
        """The final interval of each hyperparameter: the design principles."""
        return self.rounds[-1].intervals

    @property
    def final_space(self) -> DesignSpace:
        """The design space restricted to the principles."""
        return self.space.restrict(self.principles)

    @property
    def cardinalities(self) -> list[int]:
        """|Omega_0|, |Omega_1|, ...: of the first space, and after each round; the budget aside."""
        return [space.cardinality for space in self._spaces()]

    @property
    def cardinalities_within_budget(self) -> list[int]:
        """The same, counting only what meets the budget."""
        return [space.cardinality_within_budget for space in self._spaces()]

    @property
    def networks_scored(self) -> int:
        """Networks in all rounds, repeated architectures each time."""
        return sum(len(found.table.rows) for found in self.rounds)

    def _spaces(self) -> list[DesignSpace]:
        return [*(found.space for found in self.rounds), self.final_space]


def stop_reason(history: list[Intervals], round_limit: int = ROUND_LIMIT) -> str | None:
    """Why a refinement that found these intervals, round after round, is over; None if it goes on."""
    last = history[-1]
    if all(low == high for low, high in last.values()):
        return "single point"
    if len(history) > 1 and history[-2] == last:
        return "fixed point"
    if last in history[:-1]:
        return "cycle"
    return "round limit" if len(history) >= round_limit else None
