"""Stories that look like finished refinements: a strict predictor, an undecided one, replicates and edge cases."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable

import numpy as np
import pytest

from netlore.report.story import RefinementStory, ReportStory, RoundStory

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


def build(
    ends: dict[str, Interval],
    rounds: int = 12,
    seed: int = 0,
    failed: int = 0,
    grids: dict[str, tuple[int, ...]] | None = None,
    pace: float = 0.45,
    centre: tuple[float, float] = (40.0, 270.0),
    **changes: object,
) -> RefinementStory:
    """Make a story that ends at given intervals; scores move from one centre to another and grow alike."""
    grids = grids or anynet_grids()
    rng = np.random.default_rng(seed)
    paths = {name: narrowing(grid, ends[name], rounds, pace) for name, grid in grids.items()}
    entries = []
    for index in range(rounds):
        progress = 1 - math.exp(-0.4 * index)
        middle = centre[0] + (centre[1] - centre[0]) * progress
        width = abs(centre[1] - centre[0]) * (0.28 * (1 - progress) + 0.02)
        near = 1 + 0.9 * (1 - progress)
        entries.append(
            RoundStory(
                number=index + 1,
                scores=rng.normal(middle, width, 500 - failed),
                failed=failed,
                intervals={name: path[index] for name, path in paths.items()},
                complexities={
                    "flops": (41e6 / near**1.4, 43e6, min(50e6, 45e6 * near)),
                    "params": (320e3 / near**3, 350e3, 380e3 * near**2),
                    "activations": (850e3 / near, 880e3 * (1 + 0.2 * (1 - progress)), 900e3 * near),
                },
            )
        )
    sizes = [math.prod(len(grid) for grid in grids.values())]
    for index in range(rounds):
        sizes.append(
            math.prod(
                sum(path[index][0] <= value <= path[index][2] for value in grids[name])
                for name, path in paths.items()
            )
        )
    story = RefinementStory(
        predictor="synflow",
        data="cifar10",
        family="anynet",
        seed=seed,
        networks=500,
        scale="ln S",
        budget="10-50 MFLOPs",
        grids=grids,
        rounds=tuple(entries),
        cardinalities=tuple(sizes),
        cardinalities_within_budget=tuple(max(1, math.ceil(size * 0.09)) for size in sizes),
        principles={name: (path[-1][0], path[-1][2]) for name, path in paths.items()},
        stopped_because="A single architecture is left.",
        networks_scored=500 * rounds,
        seconds=312.4,
        command=f"netlore refine --predictor synflow --data cifar10 --seed {seed} --out runs/synflow",
        versions={"netlore": "0.1.0", "torch": "2.6.0", "numpy": "2.1.0", "Python": "3.11.2"},
        best=(
            ("a3f09c21", "d 15,16,16; w 8,16,64; g 8,16,16; b 1,1,1", 272.41),
            ("0b77e1d4", "d 15,16,16; w 8,16,32; g 8,16,16; b 1,1,1", 271.9),
            ("5cc81e90", "d 15,16,16; w 8,32,32; g 8,16,16; b 1,1,1", 270.052),
        ),
    )
    return dataclasses.replace(story, **changes)  # type: ignore[arg-type]


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
def build_story() -> Callable[..., RefinementStory]:
    """The builder itself."""
    return build


@pytest.fixture(scope="session")
def synflow() -> RefinementStory:
    """Twelve rounds that end at a single architecture."""
    return build(SYNFLOW_ENDS)


@pytest.fixture(scope="session")
def jacov() -> RefinementStory:
    """Ten rounds that end at wide intervals, with failed networks."""
    return build(
        JACOV_ENDS,
        rounds=10,
        failed=3,
        centre=(-9.0, -4.8),
        predictor="jacov",
        scale="-ln(-S)",
        stopped_because="The intervals did not change from round 9 to round 10.",
    )


@pytest.fixture(scope="session")
def single(synflow: RefinementStory) -> ReportStory:
    """A report of one run."""
    return ReportStory("Design principles of synflow", (synflow,))


@pytest.fixture(scope="session")
def replicated() -> ReportStory:
    """Three replicates that agree on all but d1."""
    ends = [{**SYNFLOW_ENDS, **other} for other in ({}, {"d1": (7, 7), "w2": (16, 32)}, {"d1": (8, 8)})]
    stories = tuple(
        build(end, rounds=rounds, seed=seed, failed=seed, pace=pace)
        for seed, (end, rounds, pace) in enumerate(zip(ends, (15, 10, 11), (0.4, 0.55, 0.7), strict=True))
    )
    repeats = {
        name: (
            min(story.principles[name][0] for story in stories),
            max(story.principles[name][1] for story in stories),
            0.0 if name == "d1" else 1.0,
        )
        for name in stories[0].grids
    }
    return ReportStory("Design principles of synflow, three seeds", stories, repeats)
