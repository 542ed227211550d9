"""A benchmark of 24 small networks whose accuracy grows with depth, and tables of one's own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd

import netlore as nl
from netlore.space.named import parse
from netlore.validation.benchmark import BENCHMARKS, Benchmark, BenchmarkData, Target

NAME = "tiny-bench"


@cache
def architectures() -> list[nl.Architecture]:
    """The networks."""
    return list(dict.fromkeys(nl.sample(nl.anynet(flops=(1e6, 5e6)), 24, seed=3)))


def accuracies() -> np.ndarray:
    """Their accuracies in percent: depth, and noise."""
    depths = [sum(one.values[name] for name in ("d1", "d2", "d3")) for one in architectures()]
    return 50 + np.asarray(depths) + np.random.default_rng(0).normal(0, 2, len(depths)).round(2)


def table() -> pd.DataFrame:
    """The benchmark's table; one network has no accuracy of the second kind."""
    short = accuracies() / 2
    short[0] = np.nan
    strings = [one.to_json() for one in architectures()]
    return pd.DataFrame({"architecture": strings, "long": accuracies(), "short": short})


def hardware() -> pd.DataFrame:
    """Latencies in an order of their own."""
    strings = [one.to_json() for one in architectures()][::-1]
    return pd.DataFrame(
        {"architecture": strings, "noise-phone-latency": np.arange(24.0), "more-noise-latency": 1.0}
    )


TINY = Benchmark(
    name=NAME,
    title="Tiny-Bench",
    family="anynet",
    table=table,
    data={
        "noise": BenchmarkData(
            {"test": Target("long", "test accuracy after 9 epochs"), "short": Target("short", "half of it")},
            "noise",
            "Noise stands in for photographs.",
        ),
        "more-noise": BenchmarkData({"test": Target("long", "the same")}, "noise"),
    },
    parse=parse,
    source="Nobody 2026, no licence.",
    hardware=hardware,
    connected=lambda one: one.values["d1"] < 12,
    same_function=lambda one: one.values["d2"] // 2,
)


@contextmanager
def registered() -> Iterator[None]:
    """Inside, the benchmark has its name."""
    BENCHMARKS.add(NAME, TINY)
    try:
        yield
    finally:
        BENCHMARKS.remove(NAME)


def written(path: Path, **columns: object) -> Path:
    """A table of one's own with JSON of the networks and their accuracies, and further columns."""
    frame = pd.DataFrame({"net": [one.to_json() for one in architectures()], "acc": accuracies(), **columns})
    frame.to_parquet(path) if path.suffix == ".parquet" else frame.to_csv(path, index=False)
    return path
