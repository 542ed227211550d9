"""check_benchmark: does a table of trained networks say what its accuracies are, and of which networks?"""

from __future__ import annotations

import numpy as np
import pandas as pd

from netlore.data import DATA
from netlore.errors import InvalidInput
from netlore.space import families
from netlore.testing.conformance import Checked
from netlore.validation.benchmark import ARCHITECTURE, Benchmark

_LOOKED_AT = 50  # networks that are parsed


def check_benchmark(benchmark: Benchmark) -> None:
    """Check a benchmark of the group `netlore.benchmarks`.

    - Its table names each network once, the same at each reading, and has a column of numbers for each target.
    - Strings are parsed to architectures of its family; different strings to different ones. Where the family
    writes
      strings, they are those of the table.
    - Every target says what it is; its point is positive. Images are of a data set that is registered.
    - It says who made it.
    - Latencies, where there are any, are of networks of the table and of its data.
    - What it says of connected operations and equal functions, it says of every architecture.

    Raises:
        ConformanceError: A rule is broken.
    """
    checked = Checked(f"benchmark {benchmark.name!r}")
    table = _table(benchmark, checked)
    for name, data in benchmark.data.items():
        known = data.images in DATA or ":" in data.images
        checked.require(known, "images are of a data set of netlore", f"{name} shows {data.images!r}")
        checked.require(data.targets, "all data have an accuracy", f"{name} has none")
        for target in data.targets.values():
            where = f"{name}, {target.column}"
            checked.require(target.what.strip(), "an accuracy says what it is", f"{where} says nothing")
            checked.require(target.point > 0, "a point is positive", f"of {where} it is {target.point:g}")
            values = table[target.column].to_numpy() if target.column in table else np.asarray(["none"])
            numbers = np.issubdtype(values.dtype, np.number) and np.isfinite(values.astype(np.float64)).any()
            checked.require(numbers, "an accuracy has a column of numbers", f"{where} has none")
    checked.require(benchmark.source.strip(), "a benchmark says who made it", "its source is empty")
    _check_architectures(benchmark, table, checked)
    if benchmark.hardware is not None:
        measured = benchmark.hardware()
        strange = [str(name) for name in measured if name != ARCHITECTURE and not _is_of(str(name), benchmark)]
        checked.require(not strange, "latencies are named after their data", f"there is {', '.join(strange)}")
        same = ARCHITECTURE in measured and set(measured[ARCHITECTURE]) <= set(table[ARCHITECTURE])
        checked.require(same, "latencies are of networks of the table", "there are others")


def _is_of(column: str, benchmark: Benchmark) -> bool:
    return any(column.startswith(f"{name}-") for name in benchmark.data)


def _table(benchmark: Benchmark, checked: Checked) -> pd.DataFrame:
    table = benchmark.table()
    checked.require(ARCHITECTURE in table, f"its table has a column {ARCHITECTURE}", "there is none")
    checked.require(len(table), "its table has networks", "it has none")
    twice = table.loc[table[ARCHITECTURE].duplicated(), ARCHITECTURE].tolist()
    checked.require(not twice, "its table names each network once", f"{twice[:1]} is there again")
    checked.require(table.equals(benchmark.table()), "every reading gives the same", "two differ")
    return table


def _check_architectures(benchmark: Benchmark, table: pd.DataFrame, checked: Checked) -> None:
    places = np.random.default_rng(0).permutation(len(table))[:_LOOKED_AT]
    strings = [str(one) for one in table[ARCHITECTURE].iloc[places]]
    with checked.rule("its strings are architectures", InvalidInput, found=str):
        found = [benchmark.parse(one) for one in strings]
        for one in found:
            families.check(one)
    others = [one.family for one in found if one.family != benchmark.family]
    checked.require(not others, "its networks are of its family", f"one is of {others[:1]}")
    different = len({one.id for one in found}) == len(found)
    checked.require(different, "different strings are different architectures", "two are the same")
    back = [(one.string, text) for one, text in zip(found, strings, strict=True) if one.string not in ("", text)]
    checked.require(not back, "an architecture's string is the table's", f"{back[:1]}")
    for one in found:
        if benchmark.connected is not None:
            says = isinstance(benchmark.connected(one), bool)
            checked.require(says, "operations are connected or not", f"of {one.id} it does not say")
        if benchmark.same_function is not None:
            hash(benchmark.same_function(one))
