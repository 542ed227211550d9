"""Refinements made up by hand: a strict predictor, an undecided one, replicates and edge cases."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass, field
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

import netlore as nl
from netlore.analysis.bootstrap import Estimate
from netlore.experiments.config import RefineConfiguration
from netlore.refinement.result import Refinement
from netlore.report.data import RefinementData
from netlore.scoring.transforms import TRANSFORMS
from netlore.space.distribution import Interval as Found
from netlore.storage.score_table import Score, ScoreRow

DEPTHS = tuple(range(1, 17))
WIDTHS = tuple(2**k for k in range(10))
GROUP_WIDTHS = tuple(2**k for k in range(6))
RATIOS = (1, 2, 4)
Interval = tuple[int, int]


def anynet_grids(stages: int = 3) -> dict[str, tuple[int, ...]]:
    """The paper's grids, d1 d2 ... b3."""
    grids = {"d": DEPTHS, "w": WIDTHS, "g": GROUP_WIDTHS, "b": RATIOS}
    return {f"{key}{stage}": grid for key, grid in grids.items() for stage in range(1, stages + 1)}


def narrowing(grid: tuple[int, ...], end: Interval, rounds: int, pace: float) -> list[tuple[int, int, int]]:
    """Intervals on the grid that shrink from all of it to the end, ever more slowly."""
    low, high = grid.index(end[0]), grid.index(end[1])
    found = []
    for step in range(1, rounds + 1):
        left = 0.0 if step == rounds else math.exp(-pace * step)
        a, b = math.floor(low * (1 - left)), math.ceil(high + (len(grid) - 1 - high) * left)
        found.append((grid[a], grid[min(b, round((a + b) / 2 + 0.3 * (b - a) * left))], grid[b]))
    return found


BEST = nl.anynet_architecture(
    depths=(15, 16, 16), widths=(8, 16, 64), group_widths=(8, 16, 16), bottleneck_ratios=(1, 1, 1)
)
"""The network of synflow on CIFAR-10 in the paper's Table II."""


class Budget(str):
    """A budget in words."""

    def limits(self) -> dict[str, tuple[float, float]]:
        return {} if self.startswith("no ") else {"flops": (1e7, 5e7)}

    binding = limits


@dataclass(frozen=True)
class Space:
    """What reports read of a design space."""

    grids: dict[str, tuple[int, ...]]
    budget: Budget
    family: str = "anynet"

    @property
    def hyperparameters(self) -> tuple[str, ...]:
        return tuple(self.grids)


@dataclass(frozen=True, eq=False)
class Made:
    """What reports read of a round."""

    number: int
    frame: pd.DataFrame
    estimates: dict[str, Estimate]
    table: SimpleNamespace
    exhausted: bool = False


@dataclass(frozen=True, eq=False)
class MadeRefinement:
    """What reports read of a refinement, its sizes given by hand."""

    predictor: str
    space: Space
    seed: int
    rounds: tuple[Made, ...]
    stopped_because: str
    cardinalities: tuple[int, ...]
    cardinalities_within_budget: tuple[int, ...]
    networks_scored: int
    elites: tuple[object, ...] = field(default=())

    scoring_seconds = Refinement.scoring_seconds
    best_architecture = Refinement.best_architecture

    @property
    def counts_within_budget(self) -> list[SimpleNamespace]:
        return [SimpleNamespace(value=size, exact=True) for size in self.cardinalities_within_budget]

    @property
    def principles(self) -> dict[str, Found]:
        last = self.rounds[-1].estimates
        return {name: Found(last[name].low, last[name].high) for name in self.space.grids}


def build(
    ends: dict[str, Interval],
    rounds: int = 12,
    seed: int = 0,
    failed: int = 0,
    grids: dict[str, tuple[int, ...]] | None = None,
    pace: float = 0.45,
    centre: tuple[float, float] = (40.0, 270.0),
    scale: str = "ln S",
    budget: str = "10M to 50M FLOPs",
    flops: tuple[int, int] = (10_000_000, 45_000_000),
    family: str = "anynet",
    changes: dict[str, object] | None = None,
    **given: object,
) -> RefinementData:
    """A refinement that ends at given intervals; its scores move from one centre to another and grow alike.

    Scores are on their scale already. `changes` are of the refinement, `given` of its configuration.
    """
    grids = grids or anynet_grids()
    rng = np.random.default_rng(seed)
    paths = {name: narrowing(grid, ends[name], rounds, pace) for name, grid in grids.items()}
    given = {"predictor": "synflow", "data": "cifar10", "networks": 500, "seed": seed, **given}
    predictor = str(given["predictor"])
    entries = []
    for index in range(rounds):
        progress = 1 - math.exp(-0.4 * index)
        middle = centre[0] + (centre[1] - centre[0]) * progress
        width = abs(centre[1] - centre[0]) * (0.28 * (1 - progress) + 0.02)
        near = 1 + 0.9 * (1 - progress)
        scores = rng.normal(middle, width, 500)
        scores[:failed] = np.nan
        estimates = {
            **{name: Estimate(*path[index]) for name, path in paths.items()},
            "flops": Estimate(int(41e6 / near**1.4), 43_000_000, int(min(50e6, 45e6 * near))),
            "params": Estimate(int(320e3 / near**3), 350_000, int(380e3 * near**2)),
            "activations": Estimate(int(850e3 / near), int(880e3 * (1 + 0.2 * (1 - progress))), int(900e3 * near)),
        }
        frame = pd.DataFrame(
            {
                "architecture": [f"drawn-{i % 2}" for i in range(500)],
                "seed": seed,
                "draw": range(500),
                "flops": [flops[i % 2] for i in range(500)],
                predictor: scores,
            }
        )
        row = ScoreRow(BEST, seed, index, predictor, Score(float(index), seconds=312.4 / rounds))
        table = SimpleNamespace(rows=[row], failures=[row] * failed)
        entries.append(Made(index + 1, frame, estimates, table))
    sizes = [math.prod(len(grid) for grid in grids.values())]
    for index in range(rounds):
        sizes.append(
            math.prod(
                sum(path[index][0] <= value <= path[index][2] for value in grids[name])
                for name, path in paths.items()
            )
        )
    found = MadeRefinement(
        predictor=predictor,
        space=Space(grids, Budget(budget), family),
        seed=seed,
        rounds=tuple(entries),
        stopped_because="single point",
        cardinalities=tuple(sizes),
        cardinalities_within_budget=tuple(max(1, math.ceil(size * 0.09)) for size in sizes),
        networks_scored=500 * rounds,
    )
    found = dataclasses.replace(found, **(changes or {}))  # type: ignore[arg-type]
    transform = TRANSFORMS.get("identity")._replace(label=scale)
    return RefinementData(
        RefineConfiguration.model_construct(**{**RefineConfiguration().model_dump(), **given}), (found,), transform
    )


def configured(one: RefinementData, **changes: object) -> RefinementData:
    """The same, with another configuration."""
    return dataclasses.replace(one, configuration=one.configuration.model_copy(update=changes))


def altered(one: RefinementData, **changes: object) -> RefinementData:
    """The same, its first refinement alone and changed."""
    return dataclasses.replace(
        one,
        refinements=(dataclasses.replace(one.first, **changes),),  # type: ignore[arg-type, type-var]
        stability=None,
        repeatability=None,
        courses=(),
    )


def ends_of(d: list[Interval], w: list[Interval], g: list[Interval], b: list[Interval]) -> dict[str, Interval]:
    """Name the ends of every stage."""
    rows = zip("dwgb", (d, w, g, b), strict=True)
    return {f"{key}{i + 1}": end for key, row in rows for i, end in enumerate(row)}


SYNFLOW_ENDS = ends_of(
    [(15, 15), (16, 16), (16, 16)],
    [(8, 8), (16, 16), (32, 32)],
    [(8, 8), (16, 16), (16, 16)],
    [(1, 1), (1, 1), (1, 1)],
)
JACOV_ENDS = ends_of(
    [(2, 3), (2, 3), (1, 1)],
    [(32, 64), (8, 64), (16, 128)],
    [(2, 8), (2, 8), (1, 16)],
    [(1, 4), (1, 4), (1, 4)],
)


@pytest.fixture(scope="session")
def synflow() -> RefinementData:
    """Twelve rounds that end at a single architecture."""
    return build(SYNFLOW_ENDS)


@pytest.fixture(scope="session")
def jacov() -> RefinementData:
    """Ten rounds that end at wide intervals, with failed networks."""
    return build(
        JACOV_ENDS,
        rounds=10,
        failed=3,
        centre=(-9.0, -4.8),
        predictor="jacov",
        scale="-ln(-S)",
        changes={"stopped_because": "fixed point"},
    )
