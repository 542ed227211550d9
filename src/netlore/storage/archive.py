"""A run's scores and records as one small Parquet file, `archive.parquet`.

It is read wherever a run's store is, so figures and tables can be drawn again from files that are small enough for
version control. The first rows are those of the refinements, round after round, as their networks were asked for;
so a round needs to say little more than where its rows begin and end.
"""

from __future__ import annotations

import hashlib
import io
import json
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from netlore import parquet
from netlore.arguments import validated
from netlore.errors import InvalidInput
from netlore.reading import LARGEST, parse_json, read_file
from netlore.space import families
from netlore.space.architecture import Architecture
from netlore.space.module import ModuleArchitecture
from netlore.storage.atomic import make_folder, write_whole
from netlore.storage.documents import to_json
from netlore.storage.origin import Origin, origin_of
from netlore.storage.rounds import Key, PredictorRecord, RefinementRecord, ScoreReader, from_document, to_document
from netlore.storage.schema import FILE_NAME as SCORES
from netlore.storage.score_store import Store
from netlore.storage.score_table import Score, ScoreRow, ScoreTable, checked_score, checked_seed

FILE_NAME = "archive.parquet"
SCHEMA = 3
"""Version of the file. Version 1, which does not say so, had no records and no check; version 2 did not say what
computed a score."""

_FACTS, _SCHEMA, _RECORDS, _CHECK = b"netlore", b"netlore.schema", b"netlore.records", b"netlore.check"
_KEPT = ("family", "seed", "draw", "predictor", "score", "status", "reason", "seconds")
_ORIGIN = "origin"
_LARGEST = 2**30  # bytes of an archive that is read: some 50 million scores


@validated
def archive(reader: ScoreReader, target: Path) -> Path:
    """Write the scores and records of a run into a folder; rounds whose scores are missing are refused."""
    return write_whole(make_folder(target) / FILE_NAME, _encoded(reader))


@validated
@contextmanager
def opened(folder: Path) -> Iterator[ScoreReader]:
    """The scores of a run's folder, to be read: its store, or its archive."""
    if (folder / SCORES).is_file() or not (folder / FILE_NAME).is_file():
        with Store(folder, None) as store:
            yield store
    else:
        path = (folder / FILE_NAME).resolve()
        found = path.stat()
        yield _read(path, (found.st_ino, found.st_mtime_ns, found.st_size))


@dataclass(frozen=True)
class Archive:
    """What an archive holds, in memory; its methods are those of `ScoreReader`."""

    _configuration: dict[str, Any]
    _rows: Sequence[ScoreRow]
    _refinements: Sequence[RefinementRecord]
    _predictors: Mapping[str, PredictorRecord]

    @property
    def configuration(self) -> dict[str, Any]:
        return dict(self._configuration)

    @cached_property
    def _by_key(self) -> dict[Key, ScoreRow]:
        return {_key(row): row for row in sorted(self._rows, key=_key)}

    def find(self, keys: Iterable[Key]) -> dict[Key, Score]:
        return {key: self._by_key[key].score for key in keys if key in self._by_key}

    def count(self) -> int:
        return len(self._rows)

    def rows(self) -> Iterator[ScoreRow]:
        return iter(self._by_key.values())

    def refinements(self) -> list[RefinementRecord]:
        return list(self._refinements)

    def predictors(self) -> dict[str, PredictorRecord]:
        return dict(self._predictors)


def _key(row: ScoreRow) -> Key:
    return row.architecture.id, row.seed, row.draw, row.predictor


def _encoded(reader: ScoreReader) -> bytes:
    """A row per score, a column per hyperparameter; what is about several rows stands in the file's metadata."""
    rows = {_key(row): row for row in reader.rows()}
    if not rows:
        raise InvalidInput(
            "nothing is scored yet, so there is nothing to archive; let the run's command run first."
        )
    places: dict[Key, int] = {}
    documents = [_document(one, places) for one in reader.refinements()]
    if not places.keys() <= rows.keys():
        raise InvalidInput("scores of the run's rounds are missing; run its command again.")
    ordered = [rows[key] for key in (*places, *(key for key in rows if key not in places))]
    table = pa.Table.from_pandas(_frame(ordered), preserve_index=False, nthreads=1)
    known = {name: to_document(found) for name, found in reader.predictors().items()}
    facts = to_json(reader.configuration).encode()
    origins = ScoreTable(ordered, 1).origins.drop(columns=_ORIGIN).to_dict(orient="records")
    said = {"predictors": known, "refinements": documents, "origins": origins}
    records = zlib.compress(to_json(said).encode(), 9)
    more = {_SCHEMA: str(SCHEMA), _RECORDS: records, _CHECK: _digest(table, facts, records)}
    sink = pa.BufferOutputStream()
    options = {"compression": "zstd", "compression_level": 19, "store_schema": False}
    with pq.ParquetWriter(sink, table.schema, **options) as writer:
        writer.write_table(table)
        writer.add_key_value_metadata({_FACTS: facts, **more})
    written: bytes = sink.getvalue().to_pybytes()
    return written


def _document(refinement: RefinementRecord, places: dict[Key, int]) -> dict[str, Any]:
    """A refinement as JSON-able values, its networks by the runs of rows [first, behind the last] that they take;
    `places` has the place of each row, and gets those that come first here."""
    document = to_document(refinement)
    for found, one in zip(document["rounds"], refinement.rounds, strict=True):
        runs: list[list[int]] = []
        for architecture, draw in one.networks:
            place = places.setdefault((architecture.id, refinement.seed, draw, refinement.predictor), len(places))
            if runs and runs[-1][1] == place:
                runs[-1][1] += 1
            else:
                runs.append([place, place + 1])
        found["networks"] = runs
    return document


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
    if all(value is None or isinstance(value, int) for value in values):
        return pd.array(values, dtype="Int32")
    return pd.array([None if value is None else json.dumps(value) for value in values], dtype="string")


def _digest(table: pa.Table, facts: bytes, records: bytes) -> str:
    """The SHA-256 of everything that is read."""
    found = hashlib.sha256(repr((facts, records)).encode())
    for name in table.column_names:
        found.update(repr((name, table[name].to_pylist())).encode())
    return found.hexdigest()


@lru_cache(maxsize=4)  # who compares runs opens the same few archives again and again
def _read(path: Path, _version: tuple[int, int, int]) -> Archive:
    """The archive in a file of that inode, time and size, checked."""
    try:
        with parquet.opened(io.BytesIO(read_file(path, _LARGEST))) as file:
            return _decoded(parquet.read_table(file), file.metadata.metadata or {})
    except InvalidInput as error:
        raise InvalidInput(f"{path} cannot be used: {error}") from None
    except (OSError, ValueError, LookupError, TypeError, MemoryError, RecursionError, ArithmeticError,
            zlib.error, pa.ArrowException) as error:  # fmt: skip
        reason = " ".join(str(error).split())[:200]
        raise InvalidInput(
            f"{path} is no archive of scores ({reason}); restore it or name another folder."
        ) from None


def _decoded(table: pa.Table, facts: Mapping[bytes, bytes]) -> Archive:
    records, schema = b"", 1
    if any(name.startswith(b"netlore.") for name in facts):
        schema = int(facts[_SCHEMA])
        if schema > SCHEMA:
            raise InvalidInput(f"it has schema {schema}, and this version reads up to {SCHEMA}; update netlore.")
        if _digest(table, facts[_FACTS], facts[_RECORDS]) != facts[_CHECK].decode():
            raise ValueError("something in it is changed")
        records = zlib.decompressobj().decompress(facts[_RECORDS], LARGEST)
    if len(set(table.column_names)) != table.num_columns or not {*_KEPT} <= {*table.column_names}:
        raise ValueError(f"its columns are {', '.join(table.column_names)}")
    configuration = parse_json(facts[_FACTS])
    known = {"refinements": [], "predictors": {}, "origins": []} | parse_json(records or "{}")
    origins = {number: origin_of(one) for number, one in enumerate(known["origins"], 1)}
    rows = _rows(table, origins if schema > 2 else None)
    if not isinstance(configuration, dict) or len({_key(row) for row in rows}) != len(rows):
        raise ValueError("its configuration is no JSON object, or a score is there twice")
    return Archive(
        configuration,
        rows,
        [_refinement(document, rows) for document in known["refinements"]],
        {name: from_document(PredictorRecord, document) for name, document in dict(known["predictors"]).items()},
    )


def _rows(table: pa.Table, origins: Mapping[int, Origin] | None) -> list[ScoreRow]:
    """The rows, whose numbers of origins stand for those; None: in earlier versions nothing is said of them."""
    numbers = [None] * table.num_rows if origins is None else table[_ORIGIN].to_pylist()
    kept = _KEPT if origins is None else (*_KEPT, _ORIGIN)
    names = [name for name in table.column_names if name not in kept]
    columns = [table[name].to_pylist() for name in (*_KEPT, *names)]
    made: dict[tuple[Any, ...], Architecture] = {}
    rows = []
    for number, row in zip(numbers, zip(*columns, strict=True), strict=True):
        family, seed, draw, predictor, value, status, reason, seconds, *values = row
        if not (isinstance(family, str) and isinstance(predictor, str) and type(seed) is type(draw) is int):
            raise ValueError(f"{(family, seed, draw, predictor)!r:.100} is no network and predictor")
        key = (family, *values)
        if key not in made:
            given = {name: _value(one) for name, one in zip(names, values, strict=True) if one is not None}
            if family.startswith("{"):
                document = parse_json(family)
                family, given = document["family"], document["values"]
            made[key] = families.architecture(family, given)
        origin = None if origins is None or number is None else origins[number]
        score = checked_score(value, status, reason, seconds, origin)
        rows.append(ScoreRow(made[key], checked_seed(seed), draw, predictor, score))
    return rows


def _value(written: Any) -> Any:
    """A hyperparameter's value from its column; what is no JSON is left to the family to refuse."""
    try:
        return parse_json(written) if isinstance(written, str) else written
    except ValueError:
        return written


def _refinement(document: Any, rows: Sequence[ScoreRow]) -> RefinementRecord:
    for found in document["rounds"]:
        runs = [range(len(rows))[first:behind] for first, behind in found["networks"]]
        found["networks"] = [(rows[i].architecture.id, rows[i].draw) for run in runs for i in run]
    return from_document(RefinementRecord, document, {row.architecture.id: row.architecture for row in rows})
