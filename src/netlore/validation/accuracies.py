"""Accuracies: which networks were trained, and how accurate they became; of a benchmark, or from a file."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Hashable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from netlore.analysis import Floats
from netlore.errors import InvalidInput
from netlore.space import families
from netlore.space.architecture import Architecture
from netlore.space.families.transnas import TRANSNAS_MACRO, transnas_architecture
from netlore.space.named import named, parse
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


def read_accuracies(
    path: Path,
    architecture_column: str,
    accuracy_column: str,
    family: str = "",
    errors: bool = False,
    known: Mapping[str, Architecture] | None = None,
) -> Accuracies:
    """Read accuracies of one's own networks.

    Args:
        path: A CSV or Parquet file with a row for each trained network.
        architecture_column: Holds an architecture's JSON, a name, or its benchmark's string; or netlore's id, if
            it is one of `known`.
        accuracy_column: Holds the accuracy, in percent.
        family: Of architectures that are written as a benchmark's string, or as JSON without a family.
        errors: The column holds errors in percent instead: accuracy is 100 less error.
        known: Architectures by their ids.

    Several rows of one architecture, such as seeds, count as one with the mean of their accuracies; rows without a
    finite accuracy are left out.

    Raises:
        InvalidInput: The file cannot be read, lacks a column, or has an architecture that cannot be understood.
    """
    table = _table(path, (architecture_column, accuracy_column))
    values = pd.to_numeric(table[accuracy_column], errors="coerce").to_numpy(dtype=np.float64)
    finite = np.isfinite(values)
    architectures: dict[Architecture, list[float]] = {}
    read: dict[str, Architecture] = {}
    for text, value in zip(table[architecture_column][finite].astype(str), values[finite].tolist(), strict=True):
        if text not in read:
            read[text] = _understood(text, family, known or {}, path)
        architectures.setdefault(read[text], []).append(100 - value if errors else value)
    if not architectures:
        raise InvalidInput(f"{path} has no finite value in {accuracy_column}; name another column.")
    notes = []
    if not finite.all():
        notes.append(f"{int((~finite).sum()):,} rows without a finite value are left out.")
    if len(architectures) < int(finite.sum()):
        notes.append("Several rows of one architecture count as one, with the mean of their accuracies.")
    what = f"column {accuracy_column} of {path.name}" + (", 100 less error" if errors else "")
    means = np.asarray([np.mean(found) for found in architectures.values()], dtype=np.float64)
    most, trainings = max(map(len, architectures.values())), None
    if most > 1:
        trainings = np.asarray([[*one, *[np.nan] * (most - len(one))] for one in architectures.values()])
    target, kept = Target(accuracy_column, what), tuple(architectures)
    return Accuracies(path.name, target, kept, means, notes=tuple(notes), trainings=trainings)


def digest(path: Path) -> str:
    """Of a file's content, so that a run knows whether it is the same."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise InvalidInput(f"{path} cannot be read ({error}); name a CSV or Parquet file.") from None


def _table(path: Path, columns: tuple[str, ...]) -> pd.DataFrame:
    try:
        # As text: a benchmark's string may look like a number with leading zeros.
        read = pd.read_parquet(path) if path.suffix == ".parquet" else pd.read_csv(path, dtype=str)
    except (OSError, ValueError, pd.errors.ParserError) as error:
        reason = " ".join(str(error).split())[:200]
        raise InvalidInput(f"{path} is no readable table ({reason}); name a CSV or Parquet file.") from None
    for name in columns:
        if name not in read:
            has = ", ".join(map(str, read.columns))[:300]
            raise InvalidInput(f"{path} has no column {name!r}, but {has}; name one of them.")
    return read


def _understood(text: str, family: str, known: Mapping[str, Architecture], path: Path) -> Architecture:
    """An architecture from what stands in a table."""
    if text in known:
        return known[text]
    try:
        if text.lstrip().startswith("{"):
            return _from_json(text, family)
        return from_string(text, family) if family else named(text)
    except InvalidInput as error:
        raise InvalidInput(f"{path}: {error}") from None


def _from_json(text: str, family: str) -> Architecture:
    """An architecture, or with a family its bare values."""
    with suppress(ValueError):  # what is no JSON is refused below
        document = json.loads(text)
        if family and isinstance(document, dict) and "family" not in document:
            return families.architecture(family, document.get("values", document))
    return parse(text)


def from_string(text: str, family: str) -> Architecture:
    """The architecture that a family's benchmark writes as that string.

    Raises:
        InvalidInput: No such family, no such string, or the family's benchmark has none.
    """
    families.get(family)
    parsers = {one.family: one.parse for one in map(BENCHMARKS.get, BENCHMARKS)}
    if family == TRANSNAS_MACRO.name:
        parsers[family] = transnas_architecture
    if family not in parsers:
        raise InvalidInput(
            f"family {family} has no strings that can be read, but has {text!r:.100}; write its architectures as "
            "JSON."
        )
    return parsers[family](text)
