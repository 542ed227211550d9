"""A run's scores as one small Parquet file, from which everything but the scores can be made again.

An archive is a folder with `run.json` and `archive.parquet`. It is read wherever a run's folder is, so figures and
tables can be drawn again from files that are small enough to be kept under version control.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd

from netlore.errors import InvalidInput
from netlore.experiments.config import FILE_NAME as RUN
from netlore.space import families
from netlore.space.architecture import Architecture
from netlore.storage.atomic import make_folder, write_whole
from netlore.storage.score_store import FILE_NAME as SCORES
from netlore.storage.score_store import Store
from netlore.storage.score_table import Score, ScoreRow

FILE_NAME = "archive.parquet"
_FACTS = b"netlore"
_KEPT = ("family", "seed", "draw", "predictor", "score", "status", "reason", "seconds")


def archive(folder: Path, target: Path) -> list[Path]:
    """Write a run's scores and its configuration into another folder; the files written.

    Raises:
        InvalidInput: The folder holds no scores.
        Unwritable: The target cannot be written.
    """
    with opened(folder) as store:
        rows, facts = list(store.rows()), store.configuration
    if not rows:
        raise InvalidInput(f"{folder} holds no scores yet; let its command run first.")
    make_folder(target)
    files = [write_whole(target / FILE_NAME, _encoded(rows, facts))]
    if (folder / RUN).resolve() != (target / RUN).resolve():
        files.append(write_whole(target / RUN, (folder / RUN).read_bytes()))
    return files


@contextmanager
def opened(folder: Path) -> Iterator[Store]:
    """The scores of a run's folder, to be read: its store, or what its archive holds.

    Raises:
        InvalidInput: The folder holds neither, or its archive cannot be read.
    """
    if (folder / SCORES).is_file() or not (folder / FILE_NAME).is_file():
        with Store(folder, None) as store:
            yield store
        return
    rows, facts = _decoded(folder / FILE_NAME)
    unpacked = Path(tempfile.mkdtemp(prefix="netlore-"))
    try:
        with Store(unpacked, facts) as store:
            store.add(rows)
            yield store
    finally:
        shutil.rmtree(unpacked, ignore_errors=True)


def _encoded(rows: Sequence[ScoreRow], facts: dict[str, Any]) -> bytes:
    """A row per score, a column per hyperparameter; what all scores depend on stands in the file's metadata."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    scores = [row.score for row in rows]
    kept = {
        "family": pd.Categorical([row.architecture.family for row in rows]),
        **_hyperparameters([row.architecture for row in rows]),
        "seed": [row.seed for row in rows],
        "draw": [row.draw for row in rows],
        "predictor": pd.Categorical([row.predictor for row in rows]),
        "score": pd.Series([score.value for score in scores], dtype="float64"),
        "status": pd.Categorical([score.status for score in scores]),
        "reason": pd.Categorical([score.reason for score in scores]),
        "seconds": [score.seconds for score in scores],
    }
    table = pa.Table.from_pandas(pd.DataFrame(kept), preserve_index=False)
    table = table.replace_schema_metadata({_FACTS: json.dumps(facts).encode()})
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, compression="zstd", compression_level=19)
    written: bytes = sink.getvalue().to_pybytes()
    return written


def _hyperparameters(architectures: Sequence[Architecture]) -> dict[str, pd.Series[Any]]:
    """A column of integers per hyperparameter, missing where a family has no such hyperparameter."""
    values = {one.id: one.values for one in architectures}
    names = list(dict.fromkeys(name for found in values.values() for name in found))
    return {name: pd.Series([values[one.id].get(name) for one in architectures], dtype="Int32") for name in names}


def _decoded(path: Path) -> tuple[list[ScoreRow], dict[str, Any]]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        table = pq.read_table(path)
        facts = json.loads(table.schema.metadata[_FACTS])
        kept = {name: table[name].to_pylist() for name in _KEPT}
    except (OSError, ValueError, LookupError, TypeError, pa.ArrowException) as error:
        raise InvalidInput(
            f"{path} is no archive of scores ({error}); restore it or name another folder."
        ) from None
    columns = {name: table[name].to_pylist() for name in table.column_names if name not in _KEPT}
    found: dict[tuple[Any, ...], Architecture] = {}
    rows = []
    for family, seed, draw, predictor, value, status, reason, seconds, *values in zip(
        *kept.values(), *columns.values(), strict=True
    ):
        key = (family, *values)
        if key not in found:
            named = {name: one for name, one in zip(columns, values, strict=True) if one is not None}
            found[key] = families.architecture(family, named)
        rows.append(ScoreRow(found[key], seed, draw, predictor, Score(value, status, reason, seconds)))
    return rows, facts
