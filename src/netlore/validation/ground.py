"""Ground: networks with accuracies and costs, and their resamples, by which all quantities are judged alike."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from netlore.analysis import Floats
from netlore.analysis.rank_agreement import Codes, bands_of
from netlore.analysis.resampling import RESAMPLES, Counts, resampled_counts

BANDS, IN_A_BAND = 10, 10
"""Bands of FLOPs, and the networks that each has at least where there are enough for two; fewer networks make
fewer bands."""
TOP_SHARE = 0.1
"""Of the networks, which are called the best: as many by score as by accuracy."""
GIVEN = ("params", "depth")
"""Costs that a partial correlation accounts for."""


@dataclass(frozen=True, eq=False)
class Ground:
    """What quantities are judged by, the same for all of them: n networks and their resamples.

    Attributes:
        accuracies: Finite, shape (n,), higher is better.
        costs: Finite, shape (n,): flops, params, depth, layers, as far as they are known.
        point: How much accuracy is a point.
        counts: Of resamples.
    """

    accuracies: Floats
    costs: Mapping[str, Floats]
    point: float
    counts: Counts

    @property
    def n(self) -> int:
        """How many networks."""
        return len(self.accuracies)

    @property
    def best(self) -> int:
        """How many of them are called the best."""
        return max(1, round(TOP_SHARE * self.n))

    @property
    def bands(self) -> int:
        """How many bands of equal FLOPs are asked for."""
        return min(BANDS, max(2, self.n // IN_A_BAND))

    @property
    def flops_bands(self) -> Codes | None:
        """Bands of equal FLOPs; None: FLOPs are not known."""
        return bands_of(self.costs["flops"], self.bands) if "flops" in self.costs else None

    def given(self, name: str) -> dict[str, Floats]:
        """The costs that a partial correlation of that quantity accounts for: all but itself."""
        return {cost: self.costs[cost] for cost in GIVEN if cost in self.costs and cost != name}


def ground(
    accuracies: Floats,
    costs: Mapping[str, Floats],
    point: float = 1.0,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> Ground:
    """Networks to judge quantities by, with resamples that all of these share."""
    values = np.asarray(accuracies, dtype=np.float64)
    return Ground(values, dict(costs), point, resampled_counts(len(values), resamples, seed))
