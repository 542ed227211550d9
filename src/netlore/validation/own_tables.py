"""Accuracies of one's own networks, from a file."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa

from netlore import parquet
from netlore.arguments import validated
from netlore.errors import InvalidInput
from netlore.reading import parse_json, read_file
from netlore.space import families
from netlore.space.architecture import Architecture
from netlore.space.families.transnas import TRANSNAS_MACRO, transnas_architecture
from netlore.space.named import named, parse
from netlore.validation.accuracies import Accuracies
from netlore.validation.benchmark import BENCHMARKS, Target

LARGEST = 2**28
"""Bytes of the largest file of accuracies that is read."""

MOST_ROWS = 5_000_000
"""Rows of it, at most."""


@validated
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
        accuracy_column: Holds the accuracy, in percent, or as shares if all values lie between 0 and 1.
        family: Of architectures that are written as a benchmark's string, or as JSON without a family.
        errors: The column holds errors instead: accuracy is 100 less error, or 1 less error.
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
        architectures.setdefault(read[text], []).append(value)
    if not architectures:
        raise InvalidInput(f"{path} has no finite value in {accuracy_column}; name another column.")
    notes = []
    if not finite.all():
        notes.append(f"{int((~finite).sum()):,} rows without a finite value are left out.")
    if len(architectures) < int(finite.sum()):
        notes.append("Several rows of one architecture count as one, with the mean of their accuracies.")
    shares = all(0 <= value <= 1 for value in values[finite])
    whole, unit, point = (1.0, "share", 0.01) if shares else (100.0, "%", 1.0)
    most = max(map(len, architectures.values()))
    trainings = np.asarray([[*one, *[np.nan] * (most - len(one))] for one in architectures.values()])
    trainings = whole - trainings if errors else trainings
    what = f"column {accuracy_column} of {path.name}" + (f", {whole:g} less error" if errors else "")
    return Accuracies(
        title=path.name,
        target=Target(accuracy_column, what, unit, point),
        architectures=tuple(architectures),
        values=np.nanmean(trainings, axis=1),
        notes=tuple(notes),
        trainings=trainings if most > 1 else None,
    )


def digest(path: Path) -> str:
    """Of a file's content, so that a run knows whether it is the same."""
    try:
        return hashlib.sha256(read_file(path, LARGEST)).hexdigest()
    except OSError as error:
        reason = error.strerror or error
        raise InvalidInput(f"{path} cannot be read ({reason}); name a CSV or Parquet file.") from None


def _table(path: Path, columns: tuple[str, ...]) -> pd.DataFrame:
    """These columns of a file."""
    try:
        content = io.BytesIO(read_file(path, LARGEST))
        return _from_parquet(path, content, columns) if path.suffix == ".parquet" else _csv(path, content, columns)
    except InvalidInput:
        raise
    except (OSError, ValueError, pd.errors.ParserError, pa.ArrowException) as error:
        reason = " ".join(str(getattr(error, "strerror", None) or error).split())[:200]
        raise InvalidInput(f"{path} is no readable table ({reason}); name a CSV or Parquet file.") from None


def _from_parquet(path: Path, content: io.BytesIO, columns: tuple[str, ...]) -> pd.DataFrame:
    with parquet.opened(content) as file:
        _check_there(path, columns, file.schema_arrow.names)
        found = parquet.read_table(file, list(dict.fromkeys(columns)))
    frame: pd.DataFrame = found.to_pandas(ignore_metadata=True)
    return frame


def _csv(path: Path, content: io.BytesIO, columns: tuple[str, ...]) -> pd.DataFrame:
    """As text: a benchmark's string may look like a number with leading zeros."""
    _check_there(path, columns, pd.read_csv(content, dtype=str, nrows=0).columns)
    content.seek(0)
    found = pd.read_csv(content, dtype=str, usecols=list(columns), nrows=MOST_ROWS + 1)
    if len(found) > MOST_ROWS:
        raise ValueError(f"it has more than {MOST_ROWS:,} rows")
    return found


def _check_there(path: Path, columns: tuple[str, ...], there: Iterable[object]) -> None:
    has = list(map(str, there))
    for name in columns:
        if name not in has:
            raise InvalidInput(f"{path} has no column {name!r}, but {', '.join(has)[:300]}; name one of them.")


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
        document = parse_json(text)
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
