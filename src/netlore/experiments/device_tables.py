"""Tables of devices that a run names, files or published ones of benchmarks; what its folder keeps of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from netlore.arguments import validated
from netlore.errors import InvalidInput, UnknownName
from netlore.reading import is_there, read_file
from netlore.space.device_table import DeviceTable, use
from netlore.storage.atomic import write_whole
from netlore.storage.device_tables import read_device_table
from netlore.validation.benchmark import ARCHITECTURE, BENCHMARKS

UNITS = {"latency": "ms", "energy": "mJ"}
"""Of the quantities of benchmarks' hardware."""


@validated
def use_device_table(given: str | Path) -> DeviceTable:
    """Make the values of a device's table a measure, which budgets can limit in this process.

    Args:
        given: A file, or of the published latencies and energies of a benchmark BENCHMARK/DATA-DEVICE-QUANTITY,
            such as `nas-bench-201/cifar10-pixel3-latency`.

    Returns:
        The table; its `measure` is what it is called in budgets.

    Raises:
        InvalidInput: There is no such table, or another one of that measure is in use.
    """
    table = device_table(str(given))
    use(table)
    return table


def device_table(given: str) -> DeviceTable:
    """The table that is named so; arguments and errors as of `use_device_table`."""
    if is_there(Path(given)):
        return read_device_table(Path(given))
    benchmark, _, column = given.partition("/")
    if benchmark not in BENCHMARKS or not column:
        raise InvalidInput(
            f"there is no table of a device at {given}; give a file that `netlore latency --table` wrote, or "
            "BENCHMARK/DATA-DEVICE-QUANTITY, such as nas-bench-201/cifar10-pixel3-latency."
        )
    return _published(benchmark, column)


@cache
def _published(benchmark: str, column: str) -> DeviceTable:
    found = BENCHMARKS.get(benchmark)
    table = None if found.hardware is None else found.hardware()
    data, _, rest = column.partition("-")
    if table is None or column not in table or rest.rpartition("-")[2] not in UNITS:
        there = [] if table is None else [one for one in map(str, table) if one.rpartition("-")[2] in UNITS]
        raise UnknownName(f"table of {benchmark}", column, there)
    device, _, quantity = rest.rpartition("-")
    measured = zip(_rows(benchmark), table[column].astype(np.float64), strict=True)
    return DeviceTable(
        measure=quantity,
        unit=UNITS[quantity],
        device={"device": device, "data": data, "benchmark": found.title},
        values={row: value for row, value in measured if np.isfinite(value)},
        family=found.family,
    )


@cache
def _rows(benchmark: str) -> list[tuple[Any, ...]]:
    """The hyperparameters of the networks of a benchmark's hardware, in its order."""
    found = BENCHMARKS.get(benchmark)
    strings: Iterable[str] = [] if found.hardware is None else found.hardware()[ARCHITECTURE].astype(str)
    return [tuple(found.parse(one).values.values()) for one in strings]


def keep_tables(folder: Path, tables: Sequence[str]) -> list[str]:
    """Copy the files among tables into a run's folder; what its record calls them."""
    kept = []
    for given in tables:
        name, path = given, Path(given)
        if is_there(path):
            name = f"device-table-{read_device_table(path).measure}.json"
            content = read_file(path)
            if (folder / name).resolve() != path.resolve():
                write_whole(folder / name, content)
        kept.append(name)
    return kept


def kept_tables(folder: Path, names: Sequence[str]) -> tuple[str, ...]:
    """Where the tables are that a record names, each of them in use from here on."""
    found = tuple(str(folder / Path(name).name) if name.endswith(".json") else name for name in names)
    for one in found:
        use_device_table(one)
    return found
