"""Accuracies: which networks were trained, and how accurate they became; and samples of a benchmark."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from netlore.analysis import Floats
from netlore.errors import InvalidInput
from netlore.space.architecture import Architecture
from netlore.validation.benchmark import ARCHITECTURE, BENCHMARKS, Benchmark, Target


@dataclass(frozen=True, eq=False)
class Accuracies:
    """Trained networks of one table.

    Attributes:
        title: What the table is called in sentences.
        target: Which accuracy is meant, and its unit.
        architectures: All different.
        values: Finite, shape (n,).
        source: Who made the table, in sentences; empty if that is not known.
        stand_in: Which images stand in for those that the networks were trained on, as a sentence; empty: none do.
        notes: What was left out or joined, as sentences.
        hardware: Latencies and energies of the same networks, by name; empty where they are not known.
        trainings: The accuracy of each training of a network, shape (n, trainings), NaN where there are fewer;
            None: each has one value.
    """

    title: str
    target: Target
    architectures: tuple[Architecture, ...]
    values: Floats
    source: str = ""
    stand_in: str = ""
    notes: tuple[str, ...] = ()
    hardware: Mapping[str, Floats] | None = None
    trainings: Floats | None = None

    def __len__(self) -> int:
        return len(self.architectures)

    def chosen(self, places: list[int]) -> Accuracies:
        """Those of some places, in that order."""
        hardware = {name: column[places] for name, column in (self.hardware or {}).items()}
        kept = tuple(self.architectures[place] for place in places)
        trainings = None if self.trainings is None else self.trainings[places]
        return replace(
            self, architectures=kept, values=self.values[places], hardware=hardware, trainings=trainings
        )


def sampled(
    benchmark: str | Benchmark,
    data: str,
    target: str = "",
    networks: int = 500,
    seed: int = 0,
    connected: bool = False,
    distinct: bool = False,
) -> Accuracies:
    """Draw networks of a benchmark, each at most once and all with equal chances, and look their accuracies up.

    Args:
        benchmark: Its name, or itself.
        data: What its networks were trained on.
        target: Which accuracy; the usual one if none is named.
        networks: How many; all if there are not as many.
        seed: Decides which. The first 100 of 500 are those that 100 would be.
        connected: Leave out networks with an operation that lies on no way from input to output.
        distinct: Of networks that compute the same function, take the first that is drawn.

    Raises:
        InvalidInput: No such benchmark, data or accuracy; it does not say what is to be left out.
    """
    found = BENCHMARKS.get(benchmark) if isinstance(benchmark, str) else benchmark
    about, meant = found.of(data, target)
    table = found.table()
    table = table[np.isfinite(table[meant.column].to_numpy(dtype=np.float64))].reset_index(drop=True)
    places: list[int] = []
    architectures: list[Architecture] = []
    for place, one in _drawn(found, table, seed, connected, distinct):
        if len(places) == networks:
            break
        places.append(place)
        architectures.append(one)
    kept = table.iloc[places]
    left_out = ["networks with operations on no way from input to output"] if connected else []
    left_out += ["all but one of networks that compute the same function"] if distinct else []
    return Accuracies(
        title=f"{found.title}, {data}",
        target=meant,
        architectures=tuple(architectures),
        values=kept[meant.column].to_numpy(dtype=np.float64),
        source=found.source,
        stand_in=about.stand_in,
        notes=(f"Left out: {' and '.join(left_out)}.",) if left_out else (),
        hardware=_hardware(found, data, kept[ARCHITECTURE]),
    )


def _drawn(
    benchmark: Benchmark, table: pd.DataFrame, seed: int, connected: bool, distinct: bool
) -> Iterator[tuple[int, Architecture]]:
    """Rows of a table in random order with their architectures, without what is to be left out."""
    for wanted, function, what in (
        (connected, benchmark.connected, "operations are connected"),
        (distinct, benchmark.same_function, "networks compute the same function"),
    ):
        if wanted and function is None:
            raise InvalidInput(f"benchmark {benchmark.name} does not say which {what}; leave that option out.")
    seen: set[Hashable] = set()
    strings = table[ARCHITECTURE].astype(str).tolist()
    for place in np.random.default_rng(seed).permutation(len(table)).tolist():
        one = benchmark.parse(strings[place])
        if connected and benchmark.connected is not None and not benchmark.connected(one):
            continue
        if distinct and benchmark.same_function is not None:
            key = benchmark.same_function(one)
            if key in seen:
                continue
            seen.add(key)
        yield place, one


def _hardware(benchmark: Benchmark, data: str, strings: pd.Series[str]) -> dict[str, Floats]:
    if benchmark.hardware is None:
        return {}
    table = benchmark.hardware().set_index(ARCHITECTURE).reindex(strings)
    own = [name for name in table if str(name).startswith(f"{data}-")]
    return {str(name).removeprefix(f"{data}-"): table[name].to_numpy(dtype=np.float64) for name in own}
