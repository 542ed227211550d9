"""A design space whose scores come from a formula, so that searches of it are fast and their ends are known."""

from __future__ import annotations

import numpy as np

import netlore as nl
from netlore.refinement.loop import Scored, Search, SearchSettings, run
from netlore.refinement.result import Refinement
from netlore.scoring.draws import Network
from netlore.scoring.predictor import PREDICTORS
from netlore.storage.score_table import Score, ScoreRow, ScoreTable

SYNFLOW = PREDICTORS.get("synflow")
WIDE = nl.anynet(flops=(10e6, 50e6))


class Landscape:
    """Scores by a formula: ln S is a weighted sum of grid places, plus noise of its own for each draw.

    Stage 3 weighs most, so that under the budget few architectures are best.
    """

    def __init__(self, noise: float = 0.0, seed: int = 0, failing: bool = False) -> None:
        self._noise = noise
        self._rng = np.random.default_rng(seed)
        self._failing = failing
        self.seen: list[list[Network]] = []

    def height(self, one: nl.Architecture) -> float:
        places = {name: WIDE.grids[name].index(value) for name, value in one.values.items()}
        return sum(int(name[1]) ** 2 * place for name, place in places.items())

    def __call__(self, number: int, drawn: list[Network]) -> ScoreTable:
        self.seen.append(drawn)
        rows: list[ScoreRow] = []
        for one in drawn:
            value = self.height(one.architecture) + self._noise * float(self._rng.normal())
            missing = self._failing and len(rows) % 2 == 0
            score = Score(None, "degenerate", "unlucky") if missing else Score(float(np.exp(value)))
            rows.append(ScoreRow(one.architecture, 0, one.draw, "synflow", score))
        return ScoreTable(rows, 10, 32)


class TwoPeaks(Landscape):
    """A landscape that no quadratic fits: a broad peak, a higher and narrower one, and depths that interact.

    With places x in [0, 1] on each grid, ln S = 5 max(6 - 6 |x - A|, 10 - k |x - B|) + 2 s, where |.| is the mean
    distance, and s = +-1 is the product of the sides of 1/2 on which the three depths lie: a term of third order
    without any main effect or product of two.
    """

    BROAD = np.asarray([1, 1, 0, 0.3, 0.3, 0.3, 0, 0, 0, 1, 1, 1])
    NARROW = np.asarray([0, 0, 1, 0.6, 0.6, 0.6, 0.6, 0.6, 0.6, 0, 0, 0])

    def __init__(self, noise: float = 0.0, seed: int = 0, slope: float = 20.0) -> None:
        super().__init__(noise, seed)
        self._slope = slope

    def peaks(self, one: nl.Architecture) -> tuple[float, float]:
        """What either peak gives an architecture."""
        x = np.asarray([WIDE.grids[name].index(value) for name, value in one.values.items()]) / _LAST
        broad, narrow = (float(np.mean(np.abs(x - peak))) for peak in (self.BROAD, self.NARROW))
        return 5 * (6 - 6 * broad), 5 * (10 - self._slope * narrow)

    def height(self, one: nl.Architecture) -> float:
        depths = np.asarray([WIDE.grids[f"d{i}"].index(one.values[f"d{i}"]) for i in (1, 2, 3)])
        return max(self.peaks(one)) + 2 * float(np.prod(np.where(depths > 7, 1, -1)))


_LAST = np.asarray([len(grid) - 1 for grid in WIDE.grids.values()])


def settings(
    space: nl.DesignSpace = WIDE, seed: int = 0, networks: int = 60, limit: int = 60, **options: object
) -> SearchSettings:
    """What a search of a landscape is asked for."""
    return SearchSettings(space, SYNFLOW, seed, networks, limit, options)


def finished(search: Search, scored: Scored) -> Refinement:
    """The search, run to its end."""
    found = run(search, scored)
    assert found is not None
    return found
