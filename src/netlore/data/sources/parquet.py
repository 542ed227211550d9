"""Data sets as Parquet files in the layout of Hugging Face.

An image column `img` or `image`, a struct whose field `bytes` is one whole image file a row, and an integer column
`label` or `fine_label`. Class names stand in the schema's metadata under the key `huggingface`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from netlore.data.image_set import Channels, ImageSet, Indices, check_labels, numbered
from netlore.data.sources.pictures import decode_picture, decode_sized_picture
from netlore.data.statistics import channel_statistics
from netlore.errors import UnreadableData

IMAGE_COLUMNS = ("img", "image")
LABEL_COLUMNS = ("label", "fine_label")
# Labels without names that are larger than this are identifiers, not classes.
MOST_UNNAMED_CLASSES = 100_000


@dataclass(frozen=True)
class RowGroup:
    """The part of a file that Parquet reads at once.

    Attributes:
        file: The file, or a file inside an installed package.
        number: Which row group of the file.
        start: The row of the file at which it begins.
        rows: How many rows it has.
        column: The image column of the file.
    """

    file: Traversable
    number: int
    start: int
    rows: int
    column: str

    def encoded(self, rows: Indices) -> list[bytes | None]:
        """The image files in these rows, counted from the start of the row group; None where there is none."""
        with _opened(self.file) as parquet:
            table = parquet.read_row_group(self.number, columns=[f"{self.column}.bytes"])
            values = table.column(0).take(pa.array(rows)).to_pylist()
        return [value["bytes"] if value else None for value in values]

    def place(self, row: int) -> str:
        """The words for a row, counted from the start of the row group, in an error message."""
        return f"row {self.start + row} of {self.file.name}"


@dataclass(frozen=True)
class ParquetImages:
    """Images in Parquet files; only the row groups and pictures that are asked for are read and decoded.

    Attributes:
        groups: All row groups of all files; their rows, one after the other, number the images.
        resolution: Height and width of the first image, in pixels, which all others must share.
    """

    groups: tuple[RowGroup, ...]
    resolution: int

    def read(self, indices: Indices) -> npt.NDArray[np.uint8]:
        """The images of these numbers, shape (n, R, R, 3), uint8."""
        pixels = np.empty((len(indices), self.resolution, self.resolution, 3), dtype=np.uint8)
        ends = np.cumsum([group.rows for group in self.groups])
        owners = np.searchsorted(ends, indices, side="right")
        for owner in np.unique(owners):
            group = self.groups[owner]
            positions = np.flatnonzero(owners == owner)
            rows = indices[positions] - (ends[owner] - group.rows)
            for position, row, data in zip(positions, rows, group.encoded(rows), strict=True):
                place = group.place(int(row))
                pixels[position] = decode_sized_picture(_present(data, place), place, self.resolution)
        return pixels


def read_parquet(path: Path) -> ImageSet:
    """Open a Parquet file, or all Parquet files of a folder in alphabetical order as one data set.

    Normalised by the set's own channel statistics (`channel_statistics`: from at most 2,000 images), also if the
    images are those of a well-known data set. Only drawn images are ever decoded.

    Raises:
        UnreadableData: A file is no Parquet file, lacks a column, has labels outside the classes or rows without
            a readable image, or the files do not belong together.
    """
    files = [path]
    if path.is_dir():
        files = sorted(file for file in path.glob("*.parquet") if not file.name.startswith("."))
    return read_parquet_files(files)


def read_parquet_files(files: Sequence[Traversable]) -> ImageSet:
    """Open Parquet files, in this order, as one data set; statistics and errors as of `read_parquet`."""
    images, labels, names = _open(files)
    mean, std = channel_statistics(images, len(labels))
    return ImageSet(images, labels, names, mean, std)


def read_parquet_with_statistics(file: Traversable, mean: Channels, std: Channels) -> ImageSet:
    """Open one Parquet file of a data set whose channel statistics are known.

    Raises:
        UnreadableData: As `read_parquet`.
    """
    images, labels, names = _open([file])
    return ImageSet(images, labels, names, mean, std)


def _open(files: Sequence[Traversable]) -> tuple[ParquetImages, Indices, tuple[str, ...]]:
    """Images, labels (M,) and class names of files that belong to one data set."""
    contents = [_Contents.of(file) for file in files]
    first = contents[0]
    for other in contents[1:]:
        if other.names != first.names:
            raise UnreadableData(
                f"the .parquet files of a folder must share their classes, but {other.file.name} and "
                f"{first.file.name} do not; give the path of one file or a folder of one data set."
            )
    labels = np.concatenate([part.labels for part in contents])
    if not labels.size:
        raise UnreadableData(f"a data set must hold images, but {first.file.name} has no rows; give another file.")
    names = first.names or numbered(min(max(int(labels.max()) + 1, 1), MOST_UNNAMED_CLASSES))
    for part in contents:
        check_labels(part.labels, len(names), part.file.name)
    groups = tuple(group for part in contents for group in part.groups)
    origin = next(group for group in groups if group.rows)
    place = origin.place(0)
    data = _present(origin.encoded(np.zeros(1, dtype=np.int64))[0], place)
    return ParquetImages(groups, len(decode_picture(data, place))), labels, names


@dataclass(frozen=True, eq=False)
class _Contents:
    """What one file holds, images unread: row groups, labels (M,) and, if it says so, class names."""

    file: Traversable
    groups: tuple[RowGroup, ...]
    labels: Indices
    names: tuple[str, ...]

    @classmethod
    def of(cls, file: Traversable) -> _Contents:
        with _opened(file) as parquet:
            schema = parquet.schema_arrow
            image = _column(schema, IMAGE_COLUMNS, "image", file.name)
            label = _column(schema, LABEL_COLUMNS, "label", file.name)
            _check_types(schema, image, label, file.name)
            values = parquet.read(columns=[label]).column(0)
            sizes = [parquet.metadata.row_group(n).num_rows for n in range(parquet.metadata.num_row_groups)]
        if values.null_count:
            row = int(np.flatnonzero(values.is_null().to_numpy())[0])
            raise UnreadableData(
                f"every row must have a label, but row {row} of {file.name} has none; remove or label it."
            )
        starts = np.cumsum([0, *sizes])
        groups = tuple(RowGroup(file, n, int(starts[n]), rows, image) for n, rows in enumerate(sizes))
        return cls(
            file, groups, values.cast(pa.int64(), safe=False).to_numpy(), class_names(schema.metadata, label)
        )


def class_names(metadata: dict[bytes, bytes] | None, label: str) -> tuple[str, ...]:
    """The names of the classes that a schema's metadata give for a label column; empty if they give none."""
    try:
        features = json.loads((metadata or {})[b"huggingface"])["info"]["features"]
        return tuple(str(name) for name in features[label]["names"])
    except (KeyError, TypeError, ValueError):
        return ()


def _column(schema: Any, wanted: tuple[str, ...], meaning: str, file: str) -> str:
    for name in wanted:
        count = schema.names.count(name)
        if count > 1:
            raise UnreadableData(
                f"a column of {meaning}s must be the only one of its name, but {file} has {count} called {name}; "
                "rename or drop the others."
            )
        if name in schema.names:
            return name
    raise UnreadableData(
        f"a data set needs a column of {meaning}s named {' or '.join(wanted)}, but {file} has "
        f"{', '.join(schema.names) or 'none'}; rename one."
    )


def _check_types(schema: Any, image: str, label: str, file: str) -> None:
    kind = schema.field(image).type
    if not (pa.types.is_struct(kind) and kind.get_field_index("bytes") >= 0):
        raise UnreadableData(
            f"images must be a struct with the field bytes, but {image} of {file} has the type {kind}; "
            "save the data set with its images embedded."
        )
    if not pa.types.is_integer(schema.field(label).type):
        raise UnreadableData(
            f"labels must be integers, but {label} of {file} has the type {schema.field(label).type}; number the "
            "classes 0, 1, ..."
        )


def _present(data: bytes | None, place: str) -> bytes:
    if data is None:
        raise UnreadableData(
            f"every row must hold the bytes of its image, but {place} has none; save the data set with its images "
            "embedded."
        )
    return data


@contextmanager
def _opened(file: Traversable) -> Iterator[Any]:
    """A Parquet file, closed afterwards; whatever goes wrong inside is one line."""
    try:
        with file.open("rb") as stream:
            yield pq.ParquetFile(stream)
    except (pa.ArrowException, OSError) as error:
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise UnreadableData(
            f"{file.name} must be a whole Parquet file, but cannot be read ({reason}); fetch or write it again."
        ) from error
