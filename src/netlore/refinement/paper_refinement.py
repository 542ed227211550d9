"""The paper's method: sample, score, bootstrap, restrict, again and again. Source: section V-C of the paper."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from netlore.analysis.bootstrap import Estimates, exact_bootstrap, quarter
from netlore.refinement.loop import Search, no_scores
from netlore.refinement.result import Intervals, StopReason, intervals_of
from netlore.space.architecture import Architecture
from netlore.space.complexity import MEASURES
from netlore.space.distribution import is_single
from netlore.space.sampling import sample
from netlore.storage.score_table import ScoreTable

NETWORKS = 500
"""As in the paper."""

Bootstrap = Callable[[NDArray[np.float64], Mapping[str, NDArray[Any]], int], Estimates]
"""From scores, columns and the size of a resample to estimates."""


@dataclass
class PaperRefinement(Search):
    """Each round samples the space that the round before left, and keeps of it the intervals of the best network.

    Option `bootstrap`: `exact_bootstrap`, the default, or another `Bootstrap`.

    Attributes:
        history: The intervals that each round found.
    """

    history: list[Intervals] = field(init=False, default_factory=list)

    def ask(self, number: int) -> list[Architecture]:
        """Sample: distinct architectures of the present space, or all of it if it holds fewer."""
        return sample(self.space, self.settings.networks, seed=(self.settings.seed, number))

    def tell(self, table: ScoreTable) -> Estimates:
        """Bootstrap: the hyperparameters of the best network of a quarter of them, resampled."""
        predictor, grids = self.settings.predictor, self.settings.space.grids
        frame = table.wide
        scored = frame[np.isfinite(frame[predictor.name])]
        if scored.empty:
            raise no_scores(table, predictor, len(self.history) + 1)
        columns = {name: np.asarray(scored[name].tolist()) for name in (*grids, *MEASURES) if name in scored}
        bootstrap: Bootstrap = self.settings.options.get("bootstrap", exact_bootstrap)
        scores = scored[predictor.name].to_numpy(dtype=np.float64)
        estimates = bootstrap(scores, columns, quarter(self.settings.networks))
        self.history.append(intervals_of(estimates, grids))
        return estimates

    def over(self) -> str | None:
        """The intervals are single values, or those of an earlier round."""
        return stop_reason(self.history)


def stop_reason(history: list[Intervals]) -> StopReason | None:
    """Why a refinement that found these intervals, round after round, is over; None if it goes on."""
    last = history[-1]
    if all(map(is_single, last.values())):
        return StopReason.SINGLE_POINT
    if len(history) > 1 and history[-2] == last:
        return StopReason.FIXED_POINT
    return StopReason.CYCLE if last in history[:-1] else None
