"""A run's scores and records as one small Parquet file, `archive.parquet`.

It is read wherever a run's store is, so figures and tables can be drawn again from files that are small enough for
version control. The first rows are those of the refinements, round after round, as their networks were asked for;
so a round needs to say little more than where its rows begin and end.
"""

from __future__ import annotations

import io
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import pyarrow as pa

from netlore import parquet
from netlore.arguments import validated
from netlore.errors import InvalidInput
from netlore.reading import LARGEST, parse_json, read_file
from netlore.space import families
from netlore.space.architecture import Architecture
from netlore.storage.archive_writing import (
    CHECK,
    FACTS,
    ORIGIN,
    RECORDS,
    SCHEMA,
    VERSION,
    Digest,
    DigestOfColumns,
    encoded,
    key_of,
)
from netlore.storage.atomic import make_folder, write_whole
from netlore.storage.origin import Origin, origin_of
from netlore.storage.rounds import Key, PredictorRecord, RefinementRecord, ScoreReader, from_document
from netlore.storage.schema import FILE_NAME as SCORES
from netlore.storage.score_store import Store
from netlore.storage.score_table import Score, ScoreRow, checked_score, checked_seed

FILE_NAME = "archive.parquet"
_KEPT = ("family", "seed", "draw", "predictor", "score", "status", "reason", "seconds")
_LARGEST = 2**30  # bytes of an archive that is read: some 50 million scores


@validated
def archive(reader: ScoreReader, target: Path) -> Path:
    """Write the scores and records of a run into a folder; rounds whose scores are missing are refused."""
    return write_whole(make_folder(target) / FILE_NAME, encoded(reader))


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
        return {key_of(row): row for row in sorted(self._rows, key=key_of)}

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
        schema = int(facts[VERSION])
        if schema > SCHEMA:
            raise InvalidInput(f"it has schema {schema}, and this version reads up to {SCHEMA}; update netlore.")
        digest = (
            Digest(facts[FACTS], facts[RECORDS]) if schema > 2 else DigestOfColumns(facts[FACTS], facts[RECORDS])
        )
        digest.add(table)
        if digest.value() != facts[CHECK].decode():
            raise ValueError("something in it is changed")
        records = zlib.decompressobj().decompress(facts[RECORDS], LARGEST)
    if len(set(table.column_names)) != table.num_columns or not {*_KEPT} <= {*table.column_names}:
        raise ValueError(f"its columns are {', '.join(table.column_names)}")
    configuration = parse_json(facts[FACTS])
    known = {"refinements": [], "predictors": {}, "origins": []} | parse_json(records or "{}")
    origins = {number: origin_of(one) for number, one in enumerate(known["origins"], 1)}
    rows = _rows(table, origins if schema > 2 else None)
    if not isinstance(configuration, dict) or len({key_of(row) for row in rows}) != len(rows):
        raise ValueError("its configuration is no JSON object, or a score is there twice")
    return Archive(
        configuration,
        rows,
        [_refinement(document, rows) for document in known["refinements"]],
        {name: from_document(PredictorRecord, document) for name, document in dict(known["predictors"]).items()},
    )


def _rows(table: pa.Table, origins: Mapping[int, Origin] | None) -> list[ScoreRow]:
    """The rows, whose numbers of origins stand for those; None: in earlier versions nothing is said of them."""
    numbers = [None] * table.num_rows if origins is None else table[ORIGIN].to_pylist()
    kept = _KEPT if origins is None else (*_KEPT, ORIGIN)
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
