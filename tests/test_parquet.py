"""A Parquet file is refused by its size before it is read, if it would unpack to far more."""

from __future__ import annotations

import io
import subprocess
import sys
from collections.abc import Callable

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from netlore.parquet import FREE_BYTES, FREE_ROWS, opened, read_table


def written(table: pa.Table) -> io.BytesIO:
    stream = io.BytesIO()
    pq.write_table(table, stream, compression="zstd")
    return stream


def front_coded(texts: list[str]) -> io.BytesIO:
    stream = io.BytesIO()
    coding = {"a": "DELTA_BYTE_ARRAY"}
    pq.write_table(
        pa.table({"a": texts}), stream, compression="zstd", use_dictionary=False, column_encoding=coding
    )
    return stream


def read(stream: io.BytesIO) -> pa.Table:
    with opened(stream) as parquet:
        return read_table(parquet)


def repeated(text: str, rows: int) -> pa.Array:
    return pa.DictionaryArray.from_arrays(np.zeros(rows, dtype=np.int32), [text])


def test_a_table_is_read_as_pyarrow_reads_it() -> None:
    columns = {"a": ["x", None, "y"], "b": [1, 2, None], "c": [0.5, float("nan"), 1.0], "d": [b"x", b"", None]}
    table = pa.table(columns)
    found = read(written(table))
    assert found.schema == table.schema
    assert found.drop_columns("c").equals(table.drop_columns("c"))
    frame = pd.DataFrame({"a": ["x", "y"] * 6_000, "b": np.arange(12_000)})
    assert read(written(pa.Table.from_pandas(frame))).to_pandas().equals(frame)


def test_texts_that_say_what_they_share_with_the_one_before_are_read_within_limits() -> None:
    texts = [f"|nor_conv_3x3~{number}|" for number in range(1_000)]
    assert read(front_coded(texts)).column("a").to_pylist() == texts
    with pytest.raises(ValueError, match="texts of its column a take more than"):
        read(front_coded(["x" * 100_000] * 2_000))


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (lambda: pa.table({"a": np.zeros(1_000_000)}), r"1,000,000 rows in .* bytes, and each needs 2"),
        (lambda: pa.table({"a": np.zeros(20 * FREE_ROWS), "b": repeated("x", 20 * FREE_ROWS)}), "200,000 rows"),
        (lambda: pa.table({"a": repeated("x" * 100_000, FREE_ROWS)}), "texts of its column a take more than"),
        (lambda: pa.table({"a": ["x" * FREE_BYTES, "y" * 1_000_000]}), r"unpacks to [\d,]+ bytes, more than a"),
        (lambda: pa.table({"a": [[1, 2], [3]]}), "its column a holds a list<"),
        (lambda: pa.table({"a": [{"b": 1}]}), "its column a holds a struct<"),
    ],
)  # fmt: skip
def test_what_would_fill_the_memory_is_refused(table: Callable[[], pa.Table], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        read(written(table()))


def test_what_is_no_parquet_is_said_by_pyarrow() -> None:
    for content in (b"", b"PAR1", b"PAR1 not really PAR1", b"x" * 1_000):
        with pytest.raises(pa.ArrowException), opened(io.BytesIO(content)):
            pass


_DAMAGED = """
import io
import pyarrow as pa
import pyarrow.parquet as pq
from netlore.parquet import opened

stream = io.BytesIO()
pq.write_table(pa.table({"a": ["x", None, "y"], "b": [1, 2, None]}), stream)
whole, found = stream.getvalue(), []
footer = len(whole) - 8 - int.from_bytes(whole[-8:-4], "little")
for place in range(footer, len(whole) - 8):
    if whole[place] != 2:
        continue
    # What was optional may be required now, while statistics still speak of values that may be missing.
    damaged = whole[:place] + bytes(1) + whole[place + 1 :]
    try:
        with opened(io.BytesIO(damaged)):
            pass
    except (ValueError, pa.ArrowException) as error:
        found.append(str(error))
assert any("histogram size mismatch" in one for one in found), found
"""


def test_a_damaged_description_of_a_column_is_an_error_and_not_the_end_of_the_process() -> None:
    done = subprocess.run([sys.executable, "-c", _DAMAGED], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
