"""Writing an archive a piece of the rows at a time, so that memory holds the file and a piece."""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from itertools import islice
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from netlore.errors import InvalidInput
from netlore.space.architecture import Architecture
from netlore.space.module import ModuleArchitecture
from netlore.storage.documents import to_json
from netlore.storage.origin import Origin
from netlore.storage.rounds import Key, RefinementRecord, ScoreReader, to_document
from netlore.storage.score_table import ScoreRow, ScoreTable

SCHEMA = 3
"""Version of the file. Version 1, which does not say so, had no records and no check; version 2 did not say what
computed a score, and its check could not be found in pieces."""

PIECE = 100_000
"""Rows that are written at a time, as a group of the file."""

FACTS, VERSION, RECORDS, CHECK = b"netlore", b"netlore.schema", b"netlore.records", b"netlore.check"
ORIGIN = "origin"


def key_of(row: ScoreRow) -> Key:
    """What a row's score is found by."""
    return row.architecture.id, row.seed, row.draw, row.predictor


def encoded(reader: ScoreReader) -> bytes:
    """A row per score, a column per hyperparameter; what is about several rows stands in the file's metadata.

    The rows are read twice: to know the columns, and to write them.
    """
    places: dict[Key, int] = {}
    first: list[tuple[Architecture, Key]] = []
    documents = [_document(one, places, first) for one in reader.refinements()]
    shape = Shape()
    shape.look_at(_ordered(reader, places, first))
    if not shape.rows:
        raise InvalidInput(
            "nothing is scored yet, so there is nothing to archive; let the run's command run first."
        )
    known = {name: to_document(found) for name, found in reader.predictors().items()}
    facts = to_json(reader.configuration).encode()
    said = {"predictors": known, "refinements": documents, "origins": [asdict(one) for one in shape.origins]}
    records = zlib.compress(to_json(said).encode(), 9)
    sink, digest, schema, writer = pa.BufferOutputStream(), Digest(facts, records), None, None
    options = {"compression": "zstd", "compression_level": 19, "store_schema": False}
    rows = _ordered(reader, places, first)
    while piece := list(islice(rows, PIECE)):
        frame = shape.completed(_frame(piece), piece)
        table = pa.Table.from_pandas(frame, schema, preserve_index=False, nthreads=1)
        digest.add(table)
        if writer is None or schema is None:
            schema = table.schema
            writer = pq.ParquetWriter(sink, schema, **options)
        writer.write_table(table)
    assert writer is not None
    more = {VERSION: str(SCHEMA), RECORDS: records, CHECK: digest.value()}
    writer.add_key_value_metadata({FACTS: facts, **more})
    writer.close()
    written: bytes = sink.getvalue().to_pybytes()
    return written


def _ordered(
    reader: ScoreReader, places: dict[Key, int], first: Sequence[tuple[Architecture, Key]]
) -> Iterator[ScoreRow]:
    """The rows of the refinements, round after round, then all others by their keys."""
    for start in range(0, len(first), PIECE):
        piece = first[start : start + PIECE]
        found = reader.find(key for _, key in piece)
        for architecture, key in piece:
            if key not in found:
                raise InvalidInput("scores of the run's rounds are missing; run its command again.")
            yield ScoreRow(architecture, *key[1:], found[key])
    yield from (row for row in reader.rows() if key_of(row) not in places)


def _document(
    refinement: RefinementRecord, places: dict[Key, int], first: list[tuple[Architecture, Key]]
) -> dict[str, Any]:
    """A refinement as JSON-able values, its networks by the runs of rows [first, behind the last] that they take;
    `places` has the place of each row, and gets those that come first here, as does `first`."""
    document = to_document(refinement)
    for found, one in zip(document["rounds"], refinement.rounds, strict=True):
        runs: list[list[int]] = []
        for architecture, draw in one.networks:
            key = (architecture.id, refinement.seed, draw, refinement.predictor)
            place = places.setdefault(key, len(places))
            if place == len(first):
                first.append((architecture, key))
            if runs and runs[-1][1] == place:
                runs[-1][1] += 1
            else:
                runs.append([place, place + 1])
        found["networks"] = runs
    return document


@dataclass
class Shape:
    """What all pieces of a file have in common: its columns, and its origins in the order of their numbers."""

    rows: int = 0
    names: dict[str, None] = field(default_factory=dict)
    texts: set[str] = field(default_factory=set)
    origins: dict[Origin, None] = field(default_factory=dict)

    def look_at(self, rows: Iterable[ScoreRow]) -> None:
        """Learn what there is in rows."""
        last = None
        for row in rows:
            self.rows += 1
            if row.score.origin is not None:
                self.origins.setdefault(row.score.origin)
            if row.architecture is not last:
                last = row.architecture
                self.names |= dict.fromkeys(last.values)
                self.texts |= {name for name, value in last.items if not isinstance(value, int)}

    def completed(self, frame: pd.DataFrame, rows: Sequence[ScoreRow]) -> pd.DataFrame:
        """The frame of a piece with the columns of all; they are of one kind in every piece."""
        for name in self.names:
            if name not in frame or (name in self.texts and frame[name].dtype != "string"):
                values = [row.architecture.values.get(name) for row in rows]
                frame[name] = _texts(values) if name in self.texts else _numbers(values)
        numbers = {one: number for number, one in enumerate(self.origins, 1)}
        if ORIGIN in frame:
            frame[ORIGIN] = _numbers([row.score.origin and numbers[row.score.origin] for row in rows])
        return frame


def _frame(rows: Sequence[ScoreRow]) -> pd.DataFrame:
    """A row per score; a hyperparameter is missing where a family has no such one.

    Whole numbers are integers; a column with names or real numbers holds the JSON of each value, so that 36 and
    36.0 stay apart.
    """
    values = [row.architecture.values for row in rows]
    names = dict.fromkeys(name for one in values for name in one)
    columns = {name: _column([one.get(name) for one in values]) for name in names}
    # A module has no hyperparameters: in place of its family stands all that is known of it.
    families_of = [
        one.to_json() if isinstance(one, ModuleArchitecture) else one.family
        for one in (row.architecture for row in rows)
    ]
    return ScoreTable(rows, 1).frame.drop(columns="architecture").assign(family=families_of, **columns)


def _column(values: list[Any]) -> pd.api.extensions.ExtensionArray:
    return _numbers(values) if all(one is None or isinstance(one, int) for one in values) else _texts(values)


def _numbers(values: list[Any]) -> pd.api.extensions.ExtensionArray:
    return pd.array(values, dtype="Int32")


def _texts(values: list[Any]) -> pd.api.extensions.ExtensionArray:
    return pd.array([None if one is None else json.dumps(one) for one in values], dtype="string")


class Digest:
    """The SHA-256 of everything that is read: of the facts, and of the SHA-256 of every column."""

    def __init__(self, facts: bytes, records: bytes) -> None:
        self._found = hashlib.sha256(repr((facts, records)).encode())
        self._columns: dict[str, Any] = {}

    def add(self, table: pa.Table) -> None:
        """Add the next rows."""
        for name in table.column_names:
            column = self._columns.setdefault(name, hashlib.sha256())
            column.update("".join(f"{value!r}," for value in table[name].to_pylist()).encode())

    def value(self) -> str:
        """What it is of all rows that were added, in hexadecimal."""
        found = self._found.copy()
        for name, column in self._columns.items():
            found.update(repr((name, column.hexdigest())).encode())
        return found.hexdigest()


class DigestOfColumns:
    """The same in version 2 of the file: the SHA-256 of the facts and of one column after the other."""

    def __init__(self, facts: bytes, records: bytes) -> None:
        self._found = hashlib.sha256(repr((facts, records)).encode())

    def add(self, table: pa.Table) -> None:
        """Add all rows."""
        for name in table.column_names:
            self._found.update(repr((name, table[name].to_pylist())).encode())

    def value(self) -> str:
        """What it is, in hexadecimal."""
        return self._found.hexdigest()
