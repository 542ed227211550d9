"""check_benchmark: every registered benchmark passes, and what it catches."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pandas as pd
import pytest

import netlore as nl
from netlore.testing import ConformanceError, check_benchmark
from netlore.validation.benchmark import BENCHMARKS, Benchmark, BenchmarkData, Target
from tests.validation.tables import TINY, architectures, hardware, table


@pytest.mark.parametrize("name", list(BENCHMARKS))
def test_every_registered_benchmark_conforms(name: str) -> None:
    check_benchmark(BENCHMARKS.get(name))


def test_one_of_ones_own_conforms() -> None:
    check_benchmark(TINY)
    check_benchmark(replace(TINY, hardware=None, connected=None, same_function=None))


def shown(images: str = "noise", **values: Any) -> dict[str, BenchmarkData]:
    """Data of one accuracy with such values."""
    return {"noise": BenchmarkData({"test": replace(Target("long", "test accuracy"), **values)}, images)}


FAULTS: dict[str, Benchmark] = {
    "its table has a column architecture; there is none": replace(TINY, table=lambda: pd.DataFrame({"long": [1]})),
    "its table has networks; it has none": replace(TINY, table=lambda: table()[:0]),
    "its table names each network once": replace(TINY, table=lambda: pd.concat([table(), table()])),
    "every reading gives the same": replace(TINY, table=lambda: table().sample(frac=1)),
    "images are of a data set of netlore; noise shows 'photos'": replace(TINY, data=shown("photos")),
    "an accuracy says what it is": replace(TINY, data=shown(what=" ")),
    "a point is positive": replace(TINY, data=shown(point=0.0)),
    "an accuracy has a column of numbers; noise, none has none": replace(TINY, data=shown(column="none")),
    "an accuracy has a column of numbers; noise, architecture": replace(TINY, data=shown(column="architecture")),
    "a benchmark says who made it": replace(TINY, source=""),
    "its strings are architectures": replace(TINY, parse=nl.nats_topology_architecture),
    "its networks are of its family; one is of ['anynet']": replace(TINY, family="resnet"),
    "different strings are different architectures": replace(TINY, parse=lambda text: architectures()[0]),
    "latencies are named after their data; there is other-phone": replace(
        TINY, hardware=lambda: hardware().rename(columns={"noise-phone-latency": "other-phone"})
    ),
    "latencies are of networks of the table": replace(TINY, hardware=lambda: hardware().assign(architecture="x")),
    "operations are connected or not": replace(TINY, connected=lambda one: None),
}


@pytest.mark.parametrize("message", FAULTS)
def test_a_fault_is_named(message: str) -> None:
    with pytest.raises(ConformanceError) as caught:
        check_benchmark(FAULTS[message])
    assert str(caught.value).startswith("benchmark 'tiny-bench': ") and message in str(caught.value)
