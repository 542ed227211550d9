"""Benchmark: a table of trained networks of one family, and what each of its accuracies is."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from importlib.resources import as_file, files

import pandas as pd

from netlore.errors import UnknownName
from netlore.plugins import Registry
from netlore.space.architecture import Architecture

ARCHITECTURE = "architecture"
"""The column of a table that holds a benchmark's own string of each architecture."""


@dataclass(frozen=True)
class Target:
    """One accuracy of a table; higher is better.

    Attributes:
        column: Its column in the table.
        what: Which it is: of what images, after how many epochs, of how many seeds.
        unit: What it is given in.
        point: How much of it is called a point, as regret is given in; one of a hundred of a percentage is 1.
    """

    column: str
    what: str
    unit: str = "%"
    point: float = 1.0


@dataclass(frozen=True)
class BenchmarkData:
    """What the networks of a benchmark were trained on, once or for several accuracies.

    Attributes:
        targets: By short name, such as "test"; the first is the usual one.
        images: The data set of netlore whose images are shown to the networks.
        stand_in: Why these are other images than the networks were trained on, as a sentence; empty if they are
            not.
    """

    targets: Mapping[str, Target]
    images: str
    stand_in: str = ""


@dataclass(frozen=True)
class Benchmark:
    """A table of trained networks.

    Attributes:
        name: What it is registered under.
        title: What it is called in sentences.
        family: The family of its networks.
        table: Reads it: a row for each network, `architecture` with the benchmark's string, and a column for each
            target.
        data: By name, what the networks were trained on.
        parse: From the benchmark's string to the architecture.
        source: Who made it, to be cited, and under which licence it is here, in sentences.
        hardware: Reads measured latencies and energies: `architecture`, and columns that begin with a name of
            `data` and a hyphen. None: there are none.
        connected: Whether all operations of an architecture lie on a way from its input to its output. None: the
            benchmark does not say.
        same_function: Equal for architectures that compute the same function. None: the benchmark does not say.
    """

    name: str
    title: str
    family: str
    table: Callable[[], pd.DataFrame]
    data: Mapping[str, BenchmarkData]
    parse: Callable[[str], Architecture]
    source: str
    hardware: Callable[[], pd.DataFrame] | None = None
    connected: Callable[[Architecture], bool] | None = None
    same_function: Callable[[Architecture], Hashable] | None = None

    def of(self, data: str, target: str = "") -> tuple[BenchmarkData, Target]:
        """The data of that name and an accuracy on it, the usual one if none is named.

        Raises:
            UnknownName: There are no such data, or no such accuracy.
        """
        if data not in self.data:
            raise UnknownName(f"data set of {self.name}", data, list(self.data))
        found = self.data[data]
        if target and target not in found.targets:
            raise UnknownName(f"accuracy of {self.name} on {data}", target, list(found.targets))
        return found, found.targets[target or next(iter(found.targets))]


@dataclass(frozen=True)
class Bundled:
    """Reads a table that comes with netlore."""

    name: str
    _known: dict[str, pd.DataFrame] = field(default_factory=dict, compare=False, repr=False)

    def __call__(self) -> pd.DataFrame:
        """The table, read once."""
        if not self._known:
            with as_file(files("netlore.validation") / "bundled" / f"{self.name}.parquet") as path:
                self._known["table"] = pd.read_parquet(path)
        return self._known["table"].copy()


BENCHMARKS: Registry[Benchmark] = Registry(
    "benchmark",
    "netlore.benchmarks",
    {
        "nas-bench-201": "netlore.validation.nas_bench_201:NAS_BENCH_201",
        "transnas-bench-101-micro": "netlore.validation.transnas_bench_101:MICRO",
    },
    lambda entry: isinstance(entry, Benchmark),
)
"""By name; other packages add theirs through the entry-point group `netlore.benchmarks`."""
