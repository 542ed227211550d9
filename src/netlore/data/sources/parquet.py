"""Data sets as Parquet files in the layout of Hugging Face.

An image column `img` or `image`, a struct whose field `bytes` is one whole image file a row, and an integer column
`label` or `fine_label`. Class names stand in the schema's metadata under the key `huggingface`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from netlore.arguments import validated
from netlore.data.image_set import Channels, ImageSet, Indices, check_labels, numbered
from netlore.data.sources.pictures import decode_picture
from netlore.data.statistics import channel_statistics
from netlore.errors import UnreadableData
from netlore.parquet import opened
from netlore.reading import opened_file, parse_json

IMAGE_COLUMNS = ("img", "image")
LABEL_COLUMNS = ("label", "fine_label")
# Labels without names that are larger than this are identifiers, not classes.
MOST_UNNAMED_CLASSES = 100_000


@dataclass(frozen=True)
class RowGroup:
    """The part of a file that Parquet reads at once: which one of the file, the row at which it begins, how many
    rows it has, and the file's image column. The file may lie inside an installed package."""

    file: Traversable
    number: int
    start: int
    rows: int
    column: str

    def encoded(self, rows: Indices) -> Iterator[bytes]:
        """The image files in these rows, counted from the start of the row group, one after the other.

        Raises:
            UnreadableData: The file is damaged, or a row has no image.
        """
        with _opened(self.file) as parquet:
            table = parquet.read_row_group(self.number, columns=[f"{self.column}.bytes"])
        # Rows may share their bytes, which together would fill the memory.
        for row, found in zip(rows, table.column(0).take(pa.array(rows)), strict=True):
            value: bytes | None = found["bytes"].as_py() if found.is_valid else None
            if value is None:
                raise UnreadableData(
                    f"every row must hold the bytes of its image, but {self.place(int(row))} has none; save the "
                    "data set with its images embedded."
                )
            yield value

    def place(self, row: int) -> str:
        """The words for a row, counted from the start of the row group, in an error message."""
        return f"row {self.start + row} of {self.file.name}"


@dataclass(frozen=True)
class ParquetImages:
    """Images in Parquet files, numbered by the rows of all row groups; all must have the resolution of the first.

    Only the row groups and pictures that are asked for are read and decoded.
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
                pixels[position] = decode_picture(data, group.place(int(row)), self.resolution)
        return pixels


@validated
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


def read_parquet_files(
    files: Sequence[Traversable], statistics: tuple[Channels, Channels] | None = None
) -> ImageSet:
    """Open Parquet files, in this order, as one data set, whose means and standard deviations may be known; errors
    as of `read_parquet`."""
    contents = [_contents(file) for file in files]
    names = contents[0][2]
    for file, (_, _, others) in zip(files, contents, strict=True):
        if others != names:
            raise UnreadableData(
                f"the .parquet files of a folder must share their classes, but {file.name} and "
                f"{files[0].name} do not; give the path of one file or a folder of one data set."
            )
    labels = np.concatenate([part for _, part, _ in contents])
    if not labels.size:
        raise UnreadableData(f"a data set must hold images, but {files[0].name} has no rows; give another file.")
    names = names or numbered(min(max(int(labels.max()) + 1, 1), MOST_UNNAMED_CLASSES))
    for file, (_, part, _) in zip(files, contents, strict=True):
        check_labels(part, len(names), file.name)
    groups = tuple(group for part, _, _ in contents for group in part)
    first = next(group for group in groups if group.rows)
    (data,) = first.encoded(np.zeros(1, dtype=np.int64))
    images = ParquetImages(groups, len(decode_picture(data, first.place(0))))
    return ImageSet(images, labels, names, *(statistics or channel_statistics(images, len(labels))))


def _contents(file: Traversable) -> tuple[list[RowGroup], Indices, tuple[str, ...]]:
    """What one file holds, images unread: row groups, labels (M,) and, if it says so, class names."""
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
    starts = np.cumsum([0, *sizes]).tolist()
    groups = [RowGroup(file, n, starts[n], rows, image) for n, rows in enumerate(sizes)]
    return groups, values.cast(pa.int64(), safe=False).to_numpy(), class_names(schema.metadata, label)


def class_names(metadata: dict[bytes, bytes] | None, label: str) -> tuple[str, ...]:
    """The names of the classes that a schema's metadata give for a label column; empty if they give none."""
    try:
        features = parse_json((metadata or {})[b"huggingface"])["info"]["features"]
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
    kind = kind.value_type if pa.types.is_dictionary(kind) else kind
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
