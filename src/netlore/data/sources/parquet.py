"""Data sets as Parquet files in the layouts of Hugging Face.

An image column `img` or `image`, of whole image files: a struct whose field is `bytes`, or bytes alone; and a
column `label` or `fine_label` of whole numbers or texts. Class names stand in the schema's metadata under the key
`huggingface`, or are the texts in alphabetical order.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from netlore.arguments import validated
from netlore.data.image_set import Channels, ImageSet, Indices, check_labels
from netlore.data.reading import AS_IT_IS, Reading
from netlore.data.sources.columns import (
    IMAGE_COLUMNS,
    LABEL_COLUMNS,
    Texts,
    check_images,
    class_names,
    classes_of,
    column,
    labels_of,
)
from netlore.data.sources.encoded import opened as opened_images
from netlore.data.sources.pictures import Unusable
from netlore.data.statistics import channel_statistics
from netlore.errors import UnreadableData
from netlore.parquet import opened
from netlore.reading import opened_file


@dataclass(frozen=True)
class RowGroup:
    """The part of a file that Parquet reads at once: which one of the file, the row at which it begins, how many
    rows it has, and the file's image column. The file may lie inside an installed package."""

    file: Traversable
    number: int
    start: int
    rows: int
    column: str

    def encoded(self, rows: Indices) -> Iterator[bytes | None]:
        """The image files in these rows, counted from the start of the row group, one after the other; None: there
        is none.

        Raises:
            UnreadableData: The file is damaged.
        """
        with _opened(self.file) as parquet:
            is_struct = pa.types.is_struct(parquet.schema_arrow.field(self.column).type)
            wanted = f"{self.column}.bytes" if is_struct else self.column
            table = parquet.read_row_group(self.number, columns=[wanted])
        # Rows may share their bytes, which together would fill the memory.
        for found in table.column(0).take(pa.array(rows)):
            yield (found["bytes"] if is_struct and found.is_valid else found).as_py()

    def place(self, row: int) -> str:
        """The words for a row, counted from the start of the row group, in an error message."""
        return f"row {self.start + row} of {self.file.name}"


@dataclass(frozen=True)
class ParquetFiles:
    """Images in Parquet files, numbered by the rows of all row groups; only those that are asked for are read."""

    groups: tuple[RowGroup, ...]

    @cached_property
    def _ends(self) -> npt.NDArray[np.int64]:
        return np.cumsum([group.rows for group in self.groups])

    @property
    def where(self) -> str:
        """The files."""
        names = [*dict.fromkeys(group.file.name for group in self.groups)]
        return names[0] if len(names) == 1 else f"{len(names)} files from {names[0]} on"

    def __len__(self) -> int:
        return int(self._ends[-1])

    def place(self, index: int) -> str:
        """A row of a file."""
        owner = int(np.searchsorted(self._ends, index, side="right"))
        group = self.groups[owner]
        return group.place(index - int(self._ends[owner] - group.rows))

    def encoded(self, indices: Indices) -> Iterator[tuple[int, bytes | Unusable]]:
        """The rows, one row group after the other."""
        owners = np.searchsorted(self._ends, indices, side="right")
        for owner in np.unique(owners):
            group = self.groups[owner]
            positions = np.flatnonzero(owners == owner)
            rows = indices[positions] - (self._ends[owner] - group.rows)
            for position, data in zip(positions.tolist(), group.encoded(rows), strict=True):
                yield (
                    position,
                    Unusable("no bytes: write the table with its images embedded") if data is None else data,
                )

    def headers(self, reading: Reading) -> None:
        """Unknown: all of the column would have to be read."""

    def state(self) -> Hashable:
        """Sizes and times of change of the files."""
        files = {group.file for group in self.groups}
        if not all(isinstance(file, Path) for file in files):
            return None
        found = {str(file): file.stat() for file in files if isinstance(file, Path)}
        return tuple((name, one.st_size, one.st_mtime_ns) for name, one in sorted(found.items()))


@validated
def read_parquet(path: Path, reading: Reading = AS_IT_IS) -> ImageSet:
    """Open a Parquet file, or all Parquet files of a folder in alphabetical order as one data set.

    Normalised by the set's own channel statistics (`channel_statistics`: from at most 2,000 images), also if the
    images are those of a well-known data set. Only drawn images are ever decoded, unless bad ones are left out.

    Raises:
        UnreadableData: A file is no Parquet file, lacks a column, has labels outside the classes or rows without
            a readable image, or the files do not belong together.
    """
    return read_parquet_files(parquet_files(path) if path.is_dir() else [path], None, reading)


def parquet_files(folder: Path) -> list[Path]:
    """The Parquet files of a folder in alphabetical order; hidden ones are none."""
    return sorted(file for file in folder.glob("*.parquet") if not file.name.startswith("."))


def read_parquet_files(
    files: Sequence[Traversable],
    statistics: tuple[Channels, Channels] | None = None,
    reading: Reading = AS_IT_IS,
) -> ImageSet:
    """Open Parquet files, in this order, as one data set, whose means and standard deviations may be known; errors
    as of `read_parquet`."""
    contents = [_contents(file, reading) for file in files]
    names = contents[0].names
    for file, one in zip(files, contents, strict=True):
        if one.names != names or isinstance(one.labels, Texts) != isinstance(contents[0].labels, Texts):
            raise UnreadableData(
                f"the .parquet files of a folder must share their classes, but {file.name} and "
                f"{files[0].name} do not; give the path of one file or a folder of one data set."
            )
    if not sum(group.rows for one in contents for group in one.groups):
        raise UnreadableData(f"a data set must hold images, but {files[0].name} has no rows; give another file.")
    names, parts = classes_of([one.labels for one in contents], names)
    for file, part in zip(files, parts, strict=True):
        check_labels(part, len(names), file.name)
    images, kept, left_out = opened_images(
        ParquetFiles(tuple(group for one in contents for group in one.groups)), reading
    )
    statistics = statistics or channel_statistics(images, len(kept))
    return ImageSet(images, np.concatenate(parts)[kept], names, *statistics, left_out)


class Contents(NamedTuple):
    """What one file holds, images unread: row groups, a label for each row, and class names if it has any."""

    groups: list[RowGroup]
    labels: Indices | Texts
    names: tuple[str, ...]


def _contents(file: Traversable, reading: Reading) -> Contents:
    with _opened(file) as parquet:
        schema = parquet.schema_arrow
        image = column(schema.names, IMAGE_COLUMNS, "image", file.name, reading.image_column)
        label = column(schema.names, LABEL_COLUMNS, "label", file.name, reading.label_column)
        check_images(schema.field(image).type, f"{image} of {file.name}")
        values = parquet.read(columns=[label]).column(0)
        sizes = [parquet.metadata.row_group(n).num_rows for n in range(parquet.metadata.num_row_groups)]
    if values.null_count:
        row = int(np.flatnonzero(values.is_null().to_numpy())[0])
        raise UnreadableData(
            f"every row must have a label, but row {row} of {file.name} has none; remove or label it."
        )
    starts = np.cumsum([0, *sizes]).tolist()
    groups = [RowGroup(file, n, starts[n], rows, image) for n, rows in enumerate(sizes)]
    return Contents(groups, labels_of(values, f"{label} of {file.name}"), class_names(schema.metadata, label))


@contextmanager
def _opened(file: Traversable) -> Iterator[Any]:
    """A Parquet file, closed afterwards; whatever goes wrong inside is one line."""
    try:
        with opened_file(file) if isinstance(file, Path) else file.open("rb") as stream, opened(stream) as parquet:
            yield parquet
    except UnreadableData:
        raise
    except (pa.ArrowException, OSError, ValueError) as error:
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise UnreadableData(
            f"{file.name} must be a whole Parquet file, but cannot be read ({reason}); fetch or write it again."
        ) from error
