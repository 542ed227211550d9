"""Find out what each part of the refinement with memory is for: run it without that part, on real networks.

    python -m paper.ablate_memory results/ablations/synflow-cifar10.csv --predictor synflow --seeds 5

A row for each variant and seed; what the file already holds is not computed again. After each run its twelve
elites are scored three times again, under initialisations that the run has not seen: its own scores of them were
selected, so they are biased. Columns low_*, middle_* and high_* are the range of the elites.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import product
from typing import Any, NamedTuple

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
from paper.pages import parser

ENDS = ("low", "middle", "high")
FRESH = 3
FRESH_SEED = 10_000
"""Beyond any seed of a run, so that weights are fresh."""


@dataclass
class ByMeans(EliteRefinement):
    """An architecture's estimate is the mean of its own scores; the surrogate has no say in that."""

    def estimate(
        self, means: NDArray[np.float64], draws: NDArray[np.intp], predicted: NDArray[np.float64], noise: float
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


class Variant(NamedTuple):
    """How to search, with which constants, and networks in a round."""

    kind: type[EliteRefinement] = EliteRefinement
    constants: Mapping[str, Any] = {}
    networks: int = NETWORKS

    def search(self, settings: SearchSettings) -> EliteRefinement:
        """A search of this kind."""
        return self.kind(replace(settings, options={"constants": EliteSettings(**self.constants)}))


BOX = {"surrogate_share": 0.0, "neighbour_share": 0.0}
NO_TREND = {"surrogate_share": 0.0, "neighbour_share": 0.5}
VARIANTS = {
    "as it is": Variant(),
    "worth: own mean alone": Variant(ByMeans),
    "worth: one score alone": Variant(ByMeans, {"max_draws": 1}),
    "no draws by the trend": Variant(constants=NO_TREND),
    "no trend at all": Variant(ByMeans, NO_TREND),
    "no neighbours": Variant(constants={"neighbour_share": 0.0}),
    "no box": Variant(constants={"neighbour_share": 0.5}),
    "box alone, own means": Variant(ByMeans, BOX),
    "box alone, edges widened": Variant(Widened, BOX),
    "box alone, no memory": Variant(Forgetful, BOX),
    "box keeps pairs (w, g)": Variant(Paired),
    "6 elites": Variant(constants={"elites": 6}),
    "24 elites": Variant(constants={"elites": 24}),
    "neighbours 1 step away": Variant(constants={"max_steps": 1}),
    "30 networks a round": Variant(networks=30),
    "125 networks a round": Variant(networks=125),
    "patience 3": Variant(constants={"patience": 3}),
    "patience 8": Variant(constants={"patience": 8}),
}
"""By the name that the rows have."""


def main() -> None:
    """Run what is missing."""
    line = parser(__doc__, "out")
    usual = {"predictor": "synflow", "data": "cifar10", "batch-size": 64, "seeds": 5, "workers": 1}
    for name, value in usual.items():
        line.add_argument(f"--{name}", type=type(value), default=value)
    options = line.parse_args()
    options.out.parent.mkdir(parents=True, exist_ok=True)
    rows: list[Mapping[Any, Any]] = [*pd.read_csv(options.out).to_dict("records")] if options.out.is_file() else []
    done = {(row["seed"], row["variant"]) for row in rows}
    task = nl.task(options.data, options.batch_size)
    space = nl.anynet(num_classes=task.num_classes, resolution=task.resolution, flops=(10e6, 50e6))
    for seed, name in product(range(options.seeds), VARIANTS):
        if (seed, name) in done:
            continue
        settings = SearchSettings(space, one_predictor(options.predictor), seed, VARIANTS[name].networks)
        found = result(VARIANTS[name].search(settings), task, options.workers)
        rows.append({"variant": name, "seed": seed, **found})
        write_whole(options.out, pd.DataFrame(rows).to_csv(index=False).encode())
        print(name, seed, found["networks"], found["fresh"], flush=True)


def result(search: EliteRefinement, task: Task, workers: int) -> dict[str, object]:
    """Search to the end, and score the elites again; a row of the file."""
    settings = search.settings
    found = run_method(replace(MEMORY, search=lambda _: search), settings, task, workers=workers)
    best, again = search.elites()[:ELITE], Memory()
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
        **{f"{end}_{name}": one[at] for at, end in enumerate(ENDS) for name, one in estimates.items()},
    }


if __name__ == "__main__":
    main()
