"""A benchmark of 64 cells of NAS-Bench-201's space, three edges of four operations, with made-up numbers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd

import netlore as nl
from netlore.refinement.searches.known_space import KnownSpace, known_space
from netlore.space import families
from netlore.space.families.nats_topology import nats_topology_architecture
from netlore.validation.accuracies import sampled
from netlore.validation.benchmark import BENCHMARKS, Benchmark, BenchmarkData, Target

NAME = "three-edges"
OPERATIONS = ("none", "skip_connect", "nor_conv_1x1", "nor_conv_3x3")
FAILED = 9
"""Cells without a score."""


@cache
def cells() -> list[nl.Architecture]:
    """All of them."""
    fixed = dict.fromkeys(("o4", "o5", "o6"), "skip_connect")
    rows = product(OPERATIONS, repeat=3)
    return [
        families.architecture("nats-topology", {**dict(zip(("o1", "o2", "o3"), row, strict=True)), **fixed})
        for row in rows
    ]


def accuracies() -> np.ndarray:
    """In percent, all different: better operations, and noise."""
    places = [sum(OPERATIONS.index(one.values[name]) for name in ("o1", "o2", "o3")) for one in cells()]
    return 80 + np.asarray(places) + np.random.default_rng(0).normal(0, 1, 64)


def scores() -> np.ndarray:
    """The accuracies, and noise; the first ones have none, some are tied."""
    found = (accuracies() + np.random.default_rng(1).normal(0, 2, 64)).round(0)
    found[:FAILED] = np.nan
    return found


def table() -> pd.DataFrame:
    """The benchmark's table."""
    return pd.DataFrame({"architecture": [one.string for one in cells()], "top1": accuracies()})


BENCHMARK = Benchmark(
    name=NAME,
    title="Three Edges",
    family="nats-topology",
    table=table,
    data={"noise": BenchmarkData({"test": Target("top1", "made-up accuracy")}, "noise")},
    parse=nats_topology_architecture,
    source="Nobody 2026, no licence.",
)


@contextmanager
def registered() -> Iterator[None]:
    """Inside, the benchmark has its name."""
    BENCHMARKS.add(NAME, BENCHMARK)
    try:
        yield
    finally:
        BENCHMARKS.remove(NAME)


def written(path: Path, strings: bool = True) -> Path:
    """A file of the scores, by the benchmark's strings or by netlore's ids."""
    names = [one.string if strings else one.id for one in cells()]
    frame = pd.DataFrame({"architecture": names, "synflow": scores(), "other": -scores()})
    frame.to_parquet(path) if path.suffix == ".parquet" else frame.to_csv(path, index=False)
    return path


def known() -> KnownSpace:
    """Scores and accuracies."""
    return known_space(
        sampled(BENCHMARK, "noise", networks=100), dict(zip(cells(), scores(), strict=True)), "x", "Made up."
    )
