"""Parquet files that others may have made: what they hold is compared with their size before it is read.

Packed well, a file of a few kilobytes can stand for a billion rows, or for one text a million times. What people
and programs keep in tables cannot be packed like that: two bytes a row, and a hundredth of what pages hold, are
less than any archive or data set needs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import accumulate
from typing import IO, Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

FREE_ROWS = 10_000
"""Rows that any file may have; of more, each needs two bytes of the file."""

FREE_BYTES = 2**24
"""Bytes that any file's pages may hold, and the texts of any column. More may be there of a file that is larger: a
hundred times its own bytes in its pages, and `TEXT` bytes a row in a column."""

TEXT = 1_000

_FRONT_CODED = "DELTA_BYTE_ARRAY"
"""The encoding in which a text says how much it shares with the one before; it cannot be read as a dictionary."""


@contextmanager
def opened(stream: IO[bytes]) -> Iterator[Any]:
    """A `ParquetFile` whose texts are read as dictionaries, each different one once.

    Raises:
        ValueError: By its footer it holds more than a file of its size should, or what the footer says of its
            columns is damaged.
        pyarrow.ArrowException: It is no Parquet file.
    """
    size = stream.seek(0, 2)
    stream.seek(0)
    found = pq.read_metadata(stream)
    _check(found, size)
    stream.seek(0)
    _check_chunks(stream, found)
    columns = [found.schema.column(place) for place in range(found.num_columns)]
    coded = _front_coded(found)
    texts = [one.path for one in columns if one.physical_type == "BYTE_ARRAY" and one.path not in coded]
    stream.seek(0)
    # In this thread alone: pyarrow's own may still be there when the process ends, and abort it.
    with pq.ParquetFile(stream, metadata=found, read_dictionary=texts, pre_buffer=False) as parquet:
        yield parquet


def read_table(parquet: Any, columns: Sequence[str] | None = None) -> pa.Table:
    """All rows of a file that is `opened`, with texts as texts; columns that hold lists or structures are refused.

    Raises:
        ValueError: There is such a column, or its texts take more memory than so many rows should.
    """
    most = FREE_BYTES + TEXT * parquet.metadata.num_rows
    for name in _front_coded(parquet.metadata).intersection(columns or parquet.schema_arrow.names):
        # A few rows at a time: each may be as long as all before it together.
        batches = parquet.iter_batches(16, columns=[name], use_threads=False)
        _check_texts(name, (pc.sum(pc.binary_length(batch.column(0))).as_py() or 0 for batch in batches), most)
    table = parquet.read(columns=columns, use_threads=False)
    for place, field in enumerate(table.schema):
        kind = field.type.value_type if pa.types.is_dictionary(field.type) else field.type
        if pa.types.is_nested(kind):
            raise ValueError(f"its column {field.name} holds a {kind}, not texts or numbers")
        if kind is not field.type:
            _check_texts(field.name, map(_bytes_of, table.column(place).chunks), most)
            plain = table.column(place).cast(kind)
            table = table.set_column(place, field.with_type(kind), plain)
    return table


def _check(found: Any, size: int) -> None:
    groups = [found.row_group(number) for number in range(found.num_row_groups)]
    if found.num_rows > FREE_ROWS + size // 2:
        raise ValueError(f"it has {found.num_rows:,} rows in {size:,} bytes, and each needs 2 at least")
    held = sum(one.total_byte_size for one in groups)
    if held > FREE_BYTES + 100 * size:
        raise ValueError(f"it unpacks to {held:,} bytes, more than a hundred times its size of {size:,}")
    if sum(one.num_rows for one in groups) != found.num_rows:
        raise ValueError("its parts have other numbers of rows than it says")


def _check_chunks(stream: IO[bytes], found: Any) -> None:
    """Read a row of every part. What is damaged in the footer's description of a column ends the process when
    pyarrow is asked for that description; of reading it makes an error."""
    try:
        with pq.ParquetFile(stream, metadata=found, pre_buffer=False) as parquet:
            for number in range(found.num_row_groups):
                next(parquet.iter_batches(1, row_groups=[number], use_threads=False), None)
    except OSError as error:
        raise ValueError(f"its columns are damaged ({str(error).splitlines()[0]})") from None


def _front_coded(found: Any) -> set[str]:
    groups = (found.row_group(number) for number in range(found.num_row_groups))
    chunks = (one.column(place) for one in groups for place in range(one.num_columns))
    return {chunk.path_in_schema for chunk in chunks if _FRONT_CODED in chunk.encodings}


def _check_texts(name: str, sizes: Iterable[int], most: int) -> None:
    if any(held > most for held in accumulate(sizes)):
        raise ValueError(f"the texts of its column {name} take more than {most:,} bytes")


def _bytes_of(chunk: pa.DictionaryArray) -> int:
    """What the values of a dictionary's rows take without it."""
    lengths = pc.binary_length(chunk.dictionary)
    return pc.sum(pc.cast(lengths, pa.int64()).take(chunk.indices)).as_py() or 0
