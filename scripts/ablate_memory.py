"""Find out what each part of the refinement with memory is for: run it without that part, on real networks.

    python scripts/ablate_memory.py results/ablations/synflow-cifar10.csv --predictor synflow --seeds 5

A row for each variant and seed; what the file already holds is not computed again. After each run its twelve
elites are scored three times anew, under initialisations that the run has not seen: its own scores of them are
partly luck. Columns low_*, middle_* and high_* are the range of the elites.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

import netlore as nl
from netlore.analysis.bootstrap import Estimate
from netlore.analysis.elite_scores import ELITE
from netlore.data import Task
from netlore.refinement.elite_refinement import NETWORKS, EliteRefinement, EliteSettings
from netlore.refinement.elites import Memory
from netlore.refinement.loop import SearchSettings, one_predictor
from netlore.refinement.methods import MEMORY
from netlore.refinement.refine import run_method
from netlore.scoring.scorer import score
from netlore.space.architecture import Architecture
from netlore.storage.atomic import write_whole
from netlore.storage.score_table import ScoreTable

FRESH = 3
FRESH_SEED = 10_000
"""Beyond any seed of a run, so that weights are fresh."""


@dataclass
class ByMeans(EliteRefinement):
    """An architecture's estimate is the mean of its own scores; the surrogate has no say in that."""

    def estimate(
        self,
        means: NDArray[np.float64],
        draws: NDArray[np.intp],
        predicted: NDArray[np.float64],
        noise: float,
    ) -> NDArray[np.float64]:
        """The means."""
        return means


@dataclass
class Forgetful(ByMeans):
    """Only the last round is remembered."""

    def tell(self, table: ScoreTable) -> dict[str, Estimate]:
        """Forget what was before, then learn."""
        self.memory = Memory()
        return super().tell(table)


@dataclass
class Widened(ByMeans):
    """The box is one grid step wider on a side where more than a quarter of the elites sit on the edge."""

    def ask(self, number: int) -> list[Architecture]:
        """Widen the box, then ask."""
        space = self.settings.space
        if self.elites():
            ends = {}
            for name, grid in space.grids.items():
                places = np.asarray([grid.index(one.values[name]) for one in self.elites()])
                low, high = int(places.min()), int(places.max())
                low -= int(low > 0 and np.mean(places == low) > 0.25)
                high += int(high < len(grid) - 1 and np.mean(places == high) > 0.25)
                ends[name] = (grid[low], grid[high])
            self.space = space.restrict(ends)
        return super().ask(number)


@dataclass
class Paired(EliteRefinement):
    """From the box only what has each elite's pair of width and group width, stage by stage."""

    def _in_the_box(self, number: int, count: int) -> list[Architecture]:
        found = super()._in_the_box(number, count if number == 1 else 20 * count)
        names = [(f"w{stage}", f"g{stage}") for stage in range(1, 10) if f"w{stage}" in self.settings.space.grids]
        if number > 1:
            kept = {pair: {tuple(one.values[name] for name in pair) for one in self.elites()} for pair in names}
            found = [one for one in found if all(tuple(one.values[n] for n in p) in kept[p] for p in names)]
        return found[:count]


Variant = Callable[[SearchSettings], EliteRefinement]


def _with(kind: type[EliteRefinement] = EliteRefinement, **constants: float) -> Variant:
    return lambda settings: kind(
        replace(settings, options={"constants": EliteSettings(**constants)})  # type: ignore[arg-type]
    )


VARIANTS: Mapping[str, tuple[Variant, int]] = {
    "as it is": (_with(), NETWORKS),
    "worth: own mean alone": (_with(ByMeans), NETWORKS),
    "worth: one score alone": (_with(ByMeans, max_draws=1), NETWORKS),
    "no draws by the trend": (_with(surrogate_share=0.0, neighbour_share=0.5), NETWORKS),
    "no trend at all": (_with(ByMeans, surrogate_share=0.0, neighbour_share=0.5), NETWORKS),
    "no neighbours": (_with(neighbour_share=0.0), NETWORKS),
    "no box": (_with(neighbour_share=0.5), NETWORKS),
    "box alone, own means": (_with(ByMeans, surrogate_share=0.0, neighbour_share=0.0), NETWORKS),
    "box alone, edges widened": (_with(Widened, surrogate_share=0.0, neighbour_share=0.0), NETWORKS),
    "box alone, no memory": (_with(Forgetful, surrogate_share=0.0, neighbour_share=0.0), NETWORKS),
    "box keeps pairs (w, g)": (_with(Paired), NETWORKS),
    "6 elites": (_with(elites=6), NETWORKS),
    "24 elites": (_with(elites=24), NETWORKS),
    "neighbours 1 step away": (_with(max_steps=1), NETWORKS),
    "30 networks a round": (_with(), 30),
    "125 networks a round": (_with(), 125),
    "patience 3": (_with(patience=3), NETWORKS),
    "patience 8": (_with(patience=8), NETWORKS),
}
"""By name: how to search, and networks in a round."""


def main() -> None:
    """Run what is missing."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("--predictor", default="synflow")
    parser.add_argument("--data", default="cifar10")
    parser.add_argument("--batch-size", type=int, default=64)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--round-limit", type=int, default=100)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--variants", nargs="+", default=list(VARIANTS), choices=list(VARIANTS), metavar="VARIANT")
    options = parser.parse_args()
    options.out.parent.mkdir(parents=True, exist_ok=True)
    rows: list[Mapping[Any, Any]] = []
    if options.out.is_file():
        rows = list(pd.read_csv(options.out).to_dict("records"))
    done = {(row["variant"], row["seed"]) for row in rows}
    task = nl.task(options.data, options.batch_size)
    space = nl.anynet(num_classes=task.num_classes, resolution=task.resolution, flops=(10e6, 50e6))
    for seed in range(options.seeds):
        for variant in options.variants:
            if (variant, seed) in done:
                continue
            make, networks = VARIANTS[variant]
            settings = SearchSettings(space, one_predictor(options.predictor), seed, networks, options.round_limit)
            rows.append({"variant": variant, "seed": seed, **result(make(settings), task, options.workers)})
            write_whole(options.out, pd.DataFrame(rows).to_csv(index=False).encode())
            print(variant, seed, rows[-1]["networks"], rows[-1]["fresh"], flush=True)


def result(search: EliteRefinement, task: Task, workers: int) -> dict[str, object]:
    """Search to the end, score the elites anew, and say what came of it."""
    settings = search.settings
    found = run_method(replace(MEMORY, search=lambda _: search), settings, task, workers=workers)
    best = search.elites()[:ELITE]
    again = Memory()
    for draw in range(FRESH):
        table = score(best, settings.predictor, task, seed=FRESH_SEED + draw, workers=workers)
        again.remember(table, settings.predictor)
    fresh = [again.mean(one) for one in best if one in again.scores]
    estimates = {name: found.rounds[-1].estimates[name] for name in settings.space.hyperparameters}
    return {
        "networks": found.networks_scored,
        "rounds": len(found.rounds),
        "stopped": found.stopped_because,
        "own": float(np.mean([search.memory.mean(one) for one in best])),
        "fresh": float(np.mean(fresh)) if fresh else None,
        "noise": again.noise(),
        **{f"low_{name}": one.low for name, one in estimates.items()},
        **{f"middle_{name}": one.median for name, one in estimates.items()},
        **{f"high_{name}": one.high for name, one in estimates.items()},
    }


if __name__ == "__main__":
    main()
