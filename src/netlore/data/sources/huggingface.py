"""Data sets of Hugging Face's package `datasets`, an extra that is imported only here.

By a name on its hub or in its cache, or a folder that `save_to_disk` wrote. Nothing that a data set brings is run.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from netlore.data.image_set import ImageSet, Indices, int64
from netlore.data.sources.parquet import IMAGE_COLUMNS, LABEL_COLUMNS
from netlore.data.sources.pictures import decode_picture
from netlore.data.statistics import channel_statistics
from netlore.errors import UnreadableData, shown
from netlore.reading import parse_json, read_file

PREFIX = "huggingface/"
"""Of names: `huggingface/OWNER/NAME`."""
_PARTS, _TABLE, _STATE = "dataset_dict.json", "dataset_info.json", "state.json"
_VALIDATION = ("validation", "val", "valid", "test")
"""Parts to judge by; test images come last, as everywhere."""


@dataclass(frozen=True)
class HubImages:
    """Pictures of a table of `datasets`, which reads them from a disk, one at a time."""

    rows: Any
    column: str
    place: str
    resolution: int

    def read(self, indices: Indices) -> npt.NDArray[np.uint8]:
        """The images of these numbers, shape (n, R, R, 3), uint8."""
        pixels = np.empty((len(indices), self.resolution, self.resolution, 3), dtype=np.uint8)
        for position, row in enumerate(indices.tolist()):
            pixels[position] = _picture(self.rows, self.column, row, self.place, self.resolution)
        return pixels


def is_saved(path: Path) -> bool:
    """Whether `save_to_disk` of `datasets` wrote this folder."""
    return any((path / name).is_file() for name in (_PARTS, _STATE))


def read_saved(path: Path, validation: bool = True) -> tuple[ImageSet, ImageSet | None]:
    """The images for training of such a folder, and those that it sets apart for validation, if any and if wanted.

    Raises:
        UnreadableData: The folder is damaged, has no images with classes, or `datasets` is not installed.
    """
    remedy = "write it again by save_to_disk"
    try:
        _check_files(path)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise _unusable(str(path), error, remedy) from error
    found = _loaded(str(path), remedy, lambda library: library.load_from_disk(str(path)))
    return _parts(found, str(path), validation)


def read_named(name: str, validation: bool = True) -> tuple[ImageSet, ImageSet | None]:
    """The same of `huggingface/NAME`, from the cache of `datasets`, or downloaded into it.

    Raises:
        UnreadableData: It is in no cache and cannot be downloaded, or errors as of `read_saved`.
    """
    remedy = "check the name, connect to a network, or give a folder that save_to_disk wrote"
    found = _loaded(name, remedy, lambda library: library.load_dataset(name.removeprefix(PREFIX)))
    return _parts(found, name, validation)


def _loaded(place: str, remedy: str, load: Callable[[Any], Any]) -> Mapping[str, Any]:
    """Tables by the names of their parts."""
    try:
        import datasets
    except ImportError:
        raise UnreadableData(
            f"data set {shown(place)} is read by the package datasets, which is not installed; install "
            "netlore[huggingface]."
        ) from None
    try:
        found = load(datasets)
    # Whatever is wrong with a file, a name or the network: the package has no class of its own for all of that.
    except Exception as error:
        raise _unusable(place, error, remedy) from error
    return found if isinstance(found, Mapping) else {"train": found}


def _parts(found: Mapping[str, Any], place: str, validation: bool) -> tuple[ImageSet, ImageSet | None]:
    if "train" not in found:
        raise UnreadableData(
            f"a data set must have the part train, but {place} has {', '.join(found) or 'none'}; rename one, or "
            "give its folder."
        )
    apart = next((found[name] for name in _VALIDATION if validation and name in found), None)
    return _image_set(found["train"], place), None if apart is None else _image_set(apart, place)


def _check_files(folder: Path) -> None:
    """Read the documents of a folder within our limits, and see that they point to files in it alone."""
    if (folder / _PARTS).is_file():
        for name in parse_json(read_file(folder / _PARTS))["splits"]:
            _check_files(folder / _inside(name))
        return
    parse_json(read_file(folder / _TABLE))
    for one in parse_json(read_file(folder / _STATE))["_data_files"]:
        file = folder / _inside(one["filename"])
        if not file.is_file():
            raise FileNotFoundError(f"{file.name} is no file of the folder")


def _inside(name: str) -> str:
    if Path(name).name != name:
        raise ValueError(f"{shown(name)} is no name of a file in the folder")
    return name


def _image_set(table: Any, place: str) -> ImageSet:
    """One part; its pictures stay as they are until they are drawn."""
    import datasets

    image = _column(table.features, datasets.Image, IMAGE_COLUMNS, "Image", place)
    label = _column(table.features, datasets.ClassLabel, LABEL_COLUMNS, "ClassLabel", place)
    names = tuple(map(str, table.features[label].names or ()))
    labels = table.with_format("arrow").select_columns(label)[:].column(0)
    if labels.null_count or not len(labels):
        raise UnreadableData(
            f"every row must have a label, but of {len(labels)} rows of {place} {labels.null_count} have none; "
            "remove them, or give another data set."
        )
    # Not decoded by the package, which would take every format that Pillow knows.
    rows = table.cast_column(image, datasets.Image(decode=False)).select_columns(image)
    images = HubImages(rows, image, place, len(_picture(rows, image, 0, place)))
    return ImageSet(images, int64(labels.to_numpy()), names, *channel_statistics(images, len(labels)))


def _column(features: Mapping[str, Any], kind: type, usual: tuple[str, ...], what: str, place: str) -> str:
    """The one column of a kind; of several the one with a usual name."""
    found = [name for name, feature in features.items() if isinstance(feature, kind)]
    chosen = found if len(found) == 1 else [name for name in usual if name in found][:1]
    if not chosen:
        columns = ", ".join(f"{name} ({type(feature).__name__})" for name, feature in features.items())
        raise UnreadableData(
            f"a data set needs one column of the type {what}, or one of several named {' or '.join(usual)}, but "
            f"{place} has {columns}; cast or rename one."
        )
    return chosen[0]


def _picture(rows: Any, column: str, row: int, place: str, resolution: int | None = None) -> npt.NDArray[np.uint8]:
    data = (rows[row][column] or {}).get("bytes")
    if data is None:
        raise UnreadableData(
            f"every row must hold the bytes of its image, but row {row} of {place} has none; save the data set by "
            "save_to_disk, which embeds them."
        )
    return decode_picture(data, f"row {row} of {place}", resolution)


def _unusable(place: str, error: Exception, remedy: str) -> UnreadableData:
    reason = (str(error).splitlines() or [type(error).__name__])[0]
    return UnreadableData(f"data set {shown(place)} cannot be read by datasets ({reason:.300}); {remedy}.")
