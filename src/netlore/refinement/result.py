"""What a refinement finds: rounds, the intervals of each, and why there is no further one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import pandas as pd

from netlore.analysis.bootstrap import Estimates
from netlore.drawing import html_table
from netlore.space.architecture import Architecture
from netlore.space.counting import Count
from netlore.space.design_space import DesignSpace
from netlore.space.distribution import Interval, Subset, is_category
from netlore.storage.score_table import ScoreTable

Intervals = dict[str, Any]
"""Of each hyperparameter an `Interval`, of a category a `Subset`."""

ROUND_LIMIT = 100
"""Rounds after which a refinement ends, whatever it found."""


class StopReason(StrEnum):
    """Why a refinement of one of the built-in methods has no further round; other methods may have their own."""

    SINGLE_POINT = "single point"
    FIXED_POINT = "fixed point"
    CYCLE = "cycle"
    PLATEAU = "plateau"
    EXHAUSTED = "exhausted"
    ROUND_LIMIT = "round limit"
    UNFINISHED = "unfinished"


def intervals_of(estimates: Estimates, grids: Mapping[str, Sequence[Any]]) -> Intervals:
    """What estimates keep of each grid."""
    found: Intervals = {}
    for name, grid in grids.items():
        kept = estimates[name].kept
        found[name] = _subset(kept, grid) if is_category(grid) else Interval(*kept)
    return found


def _subset(kept: Sequence[str], grid: Sequence[str]) -> Subset:
    """What is kept, in the grid's order; elites are not confined to a box, so it may lack some of their names."""
    inside = [one for one in grid if one in kept]
    return Subset(inside if len(inside) == len(kept) else kept)


@dataclass(frozen=True)
class Round:
    """One pass of the loop.

    Attributes:
        number: 1 for the first.
        space: The design space that was sampled; of a search with elites, the box of their ranges before the
            round, to which its networks are not confined.
        table: The round's networks and their scores.
        estimates: Percentiles of the best network's hyperparameters and complexities, and shares of categories; of
            a search with elites, the lowest, middle and highest values among them.
        exhausted: There were fewer architectures to score than were asked for, as a rule all that the space held;
            each of them was scored once.
    """

    number: int
    space: DesignSpace
    table: ScoreTable
    estimates: Estimates
    exhausted: bool

    @property
    def intervals(self) -> Intervals:
        """The interval of each hyperparameter that this round found; of a category the names, in its order."""
        return intervals_of(self.estimates, self.space.grids)

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
        stopped_because: A `StopReason`, or a reason of the method's own: `single point`, `fixed point` or `cycle`
            by the paper's method, `plateau` with memory, `exhausted` if nothing was left to score, `round limit`;
            `unfinished` if it was interrupted.
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
        """The same, counting only what meets the budget; estimates where `counts_within_budget` says so."""
        return [found.value for found in self.counts_within_budget]

    @property
    def counts_within_budget(self) -> list[Count]:
        """The same with intervals: never fails, however large a space is."""
        return [space.count_within_budget for space in self._spaces()]

    @property
    def best_architecture(self) -> Architecture | None:
        """The network that scored highest in any round, of equal scores the smaller id's; None without a score."""
        rows = [row for found in self.rounds for row in found.table.rows if row.score.value is not None]
        return min(rows, key=lambda row: (-float(row.score), row.architecture.id)).architecture if rows else None

    @property
    def scoring_seconds(self) -> float:
        """Time spent on scoring, summed over the networks."""
        return sum(row.score.seconds for found in self.rounds for row in found.table.rows)

    @property
    def networks_scored(self) -> int:
        """Networks in all rounds, repeated architectures each time."""
        return sum(len(found.table.rows) for found in self.rounds)

    def _repr_html_(self) -> str:
        """For a notebook: why it ended, and the interval of each hyperparameter after each round."""
        sizes = self.cardinalities
        caption = (
            f"{self.predictor}: {self.stopped_because} after {len(self.rounds)} rounds and "
            f"{self.networks_scored:,} networks; {sizes[0]:,} architectures came down to {sizes[-1]:,}"
        )
        found = [
            {
                name: Subset(grid) if is_category(grid) else Interval(min(grid), max(grid))
                for name, grid in self.space.grids.items()
            }
        ]
        found += [entry.intervals for entry in self.rounds]
        columns = ["", "at first", *(f"round {entry.number}" for entry in self.rounds)]
        rows = ([name, *(one[name] for one in found)] for name in self.space.hyperparameters)
        return html_table(caption, columns, rows)

    def _spaces(self) -> list[DesignSpace]:
        return [*(found.space for found in self.rounds), self.final_space]
